"""What Graphviz's SVG still lacks: texts as wide as they were measured, tooltips in words, and colours for a dark page."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

SVG, LINK = "http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"
GROUP, TEXT, TITLE, ANCHOR = (f"{{{SVG}}}{tag}" for tag in ("g", "text", "title", "a"))
FOLLOWING = "ag-follows"  # the class of a picture that is dark on a dark page
COLOR = re.compile("#[0-9a-f]{6}")


def finished(svg: str, layout: dict[str, Any] | None) -> str:
    """Graphviz's SVG, made ready for any reader: see `fit_texts` and `name_parts`.

    Arguments:
        svg: the picture.
        layout: the same as Graphviz's JSON, which knows how wide each text was measured; None to leave them so.
    """
    ElementTree.register_namespace("", SVG)
    ElementTree.register_namespace("xlink", LINK)
    root = ElementTree.fromstring(svg)
    if layout is not None:
        fit_texts(root, layout)
    name_parts(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"


def fit_texts(root: ElementTree.Element, layout: dict[str, Any]) -> None:
    """Give each text the width for which its box was made: in a wider font it is set closer, and overflows nothing."""
    widths: dict[str, list[float]] = defaultdict(list)
    for part in (layout, *layout.get("objects", ())):
        for drawn in ("_draw_", "_ldraw_"):
            widths[part["name"]] += [one["width"] for one in part.get(drawn, ()) if one["op"] == "T"]
    for group in root.iter(GROUP):
        name = layout["name"] if group.get("class") == "graph" else group.findtext(TITLE)
        texts = list(_own_texts(group))
        if name is not None and len(texts) == len(widths[name]):
            for text, width in zip(texts, widths[name], strict=True):
                if (text.text or "").strip():
                    text.set("textLength", f"{width:.2f}")
                    text.set("lengthAdjust", "spacingAndGlyphs")


def unfitted(text: ElementTree.Element) -> None:
    """Let a text be as wide as it becomes: others will stand in its place."""
    for name in ("textLength", "lengthAdjust"):
        text.attrib.pop(name, None)


def _own_texts(group: ElementTree.Element) -> Iterator[ElementTree.Element]:
    """The texts of a part of the picture, without those of the parts in it."""
    for child in group:
        if child.tag == TEXT:
            yield child
        elif child.tag in (ANCHOR, GROUP) and child.find(TITLE) is None:
            yield from _own_texts(child)


def name_parts(root: ElementTree.Element) -> None:
    """Where the pointer rests, the tooltip in words, not Graphviz's name of the part; of an edge its ends are kept as data."""
    for group in list(root.iter(GROUP)):
        title = group.find(TITLE)
        if title is None:
            continue
        tail, arrow, head = (title.text or "").partition("->")
        if group.get("class") == "edge" and arrow:
            group.set("data-tail", tail)
            group.set("data-head", head)
        told = [one.get(f"{{{LINK}}}title", "").strip() for one in group.iter(ANCHOR)] if group.get("class") != "graph" else []
        if any(told):
            title.text = next(filter(None, told))
        else:
            group.remove(title)
    for parent in list(root.iter()):
        for place, wrapper in reversed(list(enumerate(parent))):
            if wrapper.tag == GROUP and len(wrapper) == 1 and wrapper[0].tag == ANCHOR:
                parent[place : place + 1] = list(wrapper[0])


def dark_rules(light: str, dark: str) -> dict[str, str]:
    """What turns a light picture dark, by the selector of CSS; from the texts of both in DOT, which differ in colours alone."""
    pairs = dict(zip(COLOR.findall(light), COLOR.findall(dark), strict=True))
    return {
        f'.{FOLLOWING} [{side}="{color}"]': f"{side}: {other}"
        for color, other in pairs.items()
        if color != other
        for side in ("fill", "stroke")
    }


def with_style(svg: str, style: str) -> str:
    """The picture with a style of its own."""
    return re.sub("<svg ([^>]*)>", lambda found: f'<svg class="{FOLLOWING}" {found[1]}><style>{style}</style>', svg, count=1)
