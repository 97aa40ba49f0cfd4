"""Pictures of one shape: they differ in names and numbers alone, as those of neurons do. One layout serves all."""

from __future__ import annotations

import html
import re

LABEL = re.compile(r"^\t+(n\d+) \[label=<(.*)> id=\1")  # a box in the DOT language
WORDS = re.compile("(?<=>)[^<>]+(?=<)")  # between two tags of a label
DIGITS = str.maketrans("123456789₁₂₃₄₅₆₇₈₉¹²³⁴⁵⁶⁷⁸⁹", "000000000₀₀₀₀₀₀₀₀₀⁰⁰⁰⁰⁰⁰⁰⁰⁰")  # which are all as wide


def shape_of(source: str, width: int) -> str:
    """A picture in the DOT language, written so that two of one shape are the same.

    Arguments:
        source: the picture, without tooltips.
        width: that of the numbers, in points, which have room for any other.
    """
    changing = re.compile(f'(?<= width="{width}">)[^<>]+')
    lines = []
    for line in source.splitlines():
        label = LABEL.match(line)
        if label:
            start, end = label.span(2)
            written = WORDS.sub(lambda found: found[0].translate(DIGITS), changing.sub("0", label[2]))
            line = f"{line[:start]}{written}{line[end:]}"
        lines.append(line)
    return "\n".join(lines)


def words_of(source: str) -> dict[str, list[str]]:
    """What is written in each box of a picture in the DOT language, word by word as its SVG has them."""
    words = {}
    for label in filter(None, map(LABEL.match, source.splitlines())):
        found = (_plain(html.unescape(written).replace("\\\\", "\\")) for written in WORDS.findall(label[2]))
        words[label[1]] = [*filter(None, found)]
    return words


def _plain(text: str) -> str:
    return text.replace("\xa0", " ").strip()
