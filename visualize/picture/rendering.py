"""Pictures in the DOT language, which Graphviz lays out in seconds or not at all."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import graphviz  # type: ignore[import-untyped]

from autograd_lite.basics.checks import one_of, whole_number, wrong_value
from autograd_lite.basics.files import write_whole
from visualize.picture.engines import engine
from visualize.picture.svg import dark_rules, finished, with_style
from visualize.picture.themes import THEMES, Theme
from visualize.shown import on_dark_pages, svg_of, where_trusted

QUICK = {"nslimit": "0.01", "mclimit": "0.01", "ordering": ""}  # less polish; with a low nslimit1 Graphviz crashes on frames
STRAIGHT = {**QUICK, "splines": "line"}  # less still: edges that go through boxes
SMALLEST = 50  # pixels of a page of a given size
MARGIN = 0.03  # of a page of a given size, on each side
PATIENCE = (10, 20, 60)  # seconds for Graphviz to lay out a picture: with polish, quickly, with straight edges


class Picture(graphviz.Digraph):  # type: ignore[misc]  # graphviz ships no types
    """A `graphviz.Digraph` that is rendered, and shows itself in Jupyter, on machines without a `dot` program too.

    Attributes:
        on_dark: the same picture in dark colours, if it is to follow its reader's theme.
        size: its width and height in pixels, if they are given: the graph is as large as fits in.
    """

    on_dark: Picture | None = None
    size: tuple[int, int] | None = None

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None, **_: Any) -> dict[str, Any]:
        svg = self._finished()
        file = self._following_reader(svg)
        shown: dict[str, Any] = {"text/plain": repr(self), "image/svg+xml": file}
        if self.on_dark is not None:
            style = " ".join(on_dark_pages(*rule) for rule in self._dark_rules().items())
            shown["text/html"] = where_trusted(with_style(svg_of(svg), style), file)
        with suppress(RuntimeError):  # in a browser Graphviz draws no PNG
            (shown["image/png"],) = self._rendered("png")  # where nothing else can be shown
        return shown

    def __repr__(self) -> str:
        return "<a picture: .render('graph', format='svg', view=True) writes and opens it; in a notebook it shows itself>"

    def pipe(self, format: str | None = None, *, encoding: str | None = None) -> Any:
        """The picture in a format such as "svg" or "png": bytes, or text if an encoding is given."""
        if (format or self.format) == "svg":
            svg = self._following_reader(self._finished())
            return svg if encoding else svg.encode()
        (rendered,) = self._rendered(format or self.format)
        return rendered.decode(encoding) if encoding else rendered

    def _rendered(self, *formats: str) -> list[bytes]:
        source = self.source if self.size is None else fitted([self.source], self.size)[0]
        return render(source, *formats, quickly=is_quick(self))

    def _finished(self) -> str:
        svg, layout = self._rendered("svg", "json")
        return finished(svg.decode(), json.loads(layout))

    def _following_reader(self, svg: str) -> str:
        """The picture as a file: dark where its reader's pages are, if it is to follow."""
        if self.on_dark is None:
            return svg
        rules = " ".join(f"{selector} {{ {rule} }}" for selector, rule in self._dark_rules().items())
        return with_style(svg, f"@media (prefers-color-scheme: dark) {{ {rules} }}")

    def _dark_rules(self) -> dict[str, str]:
        return dark_rules(self.source, self.on_dark.source) if self.on_dark is not None else {}

    def render(
        self,
        filename: str | os.PathLike[str] | None = None,
        directory: str | os.PathLike[str] | None = None,
        view: bool = False,
        cleanup: bool = True,
        format: str | None = None,
        *,
        quiet: bool = False,
        quiet_view: bool = False,
    ) -> str:
        """Write the picture to `filename` plus the format's suffix, and give the path.

        Arguments:
            filename: the path without its suffix.
            directory: where to write it; made if it is not there.
            view: open the picture too.
            cleanup: False to write the DOT text too, to `filename`.
            format: such as "svg" or "png"; that of the picture if not given.
            quiet, quiet_view: keep the program that opens the picture from writing to the error stream.
        """
        shown_as = format or self.format
        base = Path(directory or "", filename or self.filename)
        path = base.with_name(f"{base.name}.{shown_as}")
        content = self.pipe(shown_as)
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, content)
        if not cleanup:
            write_whole(base, self.source.encode())
        if view or quiet_view:
            self._view(str(path), format=shown_as, quiet=quiet or quiet_view)
        return str(path)


def is_quick(picture: Picture) -> bool:
    """Whether a picture asks for little polish."""
    return bool(QUICK.items() <= picture.graph_attr.items())


def check_size(size: Any) -> tuple[int, int] | None:
    """A width and a height in pixels, or none.

    Raises:
        ValueError: it is something else.
    """
    if size is None:
        return None
    if not isinstance(size, tuple | list) or len(size) != 2:
        raise wrong_value("size", "a width and a height in pixels, such as (1600, 900)", size)
    return whole_number("the width", size[0], SMALLEST), whole_number("the height", size[1], SMALLEST)


def draw_all(pictures: Sequence[Picture], format: str, dpi: int = 96) -> list[bytes]:
    """Pictures that have one size, in one format, drawn by Graphviz in one go; `dpi`: the pixels of an inch."""
    sources = [picture.source for picture in pictures]
    if pictures[0].size:
        sources = fitted(sources, pictures[0].size)
    elif format == "png":
        sources = [with_attributes(source, {"dpi": str(dpi)}) for source in sources]
    if format != "svg":
        return render_each(sources, [format])
    drawn = render_each(sources, ["svg", "json"])
    return [finished(svg.decode(), json.loads(layout)).encode() for svg, layout in zip(drawn[::2], drawn[1::2], strict=True)]


def fitted(sources: Sequence[str], size: tuple[int, int]) -> list[str]:
    """Pictures, all as large as the first of them, each in the middle of a page of this width and height in pixels."""
    (layout,) = render(sources[0], "json")
    left, bottom, right, top = map(float, json.loads(layout)["bb"].split(","))
    room = [side * (1 - 2 * MARGIN) for side in size]
    zoom = min(room[0] / (right - left), room[1] / (top - bottom))
    page = {"viewport": f"{size[0]},{size[1]},{zoom:.4f}", "dpi": "72"}
    return [with_attributes(source, page) for source in sources]


def drawn_together(pictures: Sequence[Picture]) -> list[str]:
    """The SVG of several pictures, laid out quickly and in one go; their texts are not fitted to their boxes."""
    drawn = render_each([picture.source for picture in pictures], ("svg",), quickly=True)
    return [finished(svg.decode(), None) for svg in drawn]


def in_theme(theme: str, drawn: Callable[[Theme], Picture]) -> Picture:
    """A picture in the theme of that name; "auto": in a notebook's own, and light elsewhere."""
    if one_of("theme", theme, ["auto", *THEMES]) != "auto":
        return drawn(THEMES[theme])
    picture = drawn(THEMES["light"])
    picture.on_dark = drawn(THEMES["dark"])
    return picture


def render(source: str, *formats: str, quickly: bool = False) -> list[bytes]:
    """A picture in the DOT language, in each of these formats: see `render_each`."""
    return render_each([source], formats, quickly=quickly)


def render_each(sources: Sequence[str], formats: Sequence[str], *, quickly: bool = False) -> list[bytes]:
    """Pictures in the DOT language, each in each of these formats, drawn by the Graphviz that is there.

    Arguments:
        sources: the pictures.
        formats: such as "svg" or "png".
        quickly: without an attempt with polish: the pictures ask for little themselves.

    Raises:
        RuntimeError: there is no Graphviz; it failed, with its message; or it took too long.
    """
    draw = engine()
    if tuple(formats) == ("png",):
        sources = [source if "dpi=" in source else with_attributes(source, {"dpi": dots(source)}) for source in sources]
    for polish, patience in list(zip(({}, QUICK, STRAIGHT), PATIENCE, strict=True))[quickly:]:
        try:
            return draw([with_attributes(source, polish) for source in sources], formats, patience)
        except TimeoutError:
            continue
        except ValueError as error:
            raise RuntimeError(f"Graphviz could not draw the graph as {formats[0]!r}: {error}") from None
    raise RuntimeError(
        f"Graphviz has not laid out the graph after {sum(PATIENCE)} s: draw fewer boxes with a lower limit, or save it as .dot"
    )


def dots(source: str) -> str:
    """The pixels of an inch in a PNG: fewer of a picture that is large."""
    return "144" if len(source) < 50_000 else "72"


def with_attributes(source: str, attributes: Mapping[str, str]) -> str:
    """The picture with these attributes of the graph in the place of its own: what is said last holds."""
    if not attributes:
        return source
    said = " ".join(f'{name}="{value}"' for name, value in attributes.items())
    body, brace, end = source.rpartition("}")
    return f"{body}{said}{brace}{end}"
