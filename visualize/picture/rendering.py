"""Pictures in the DOT language, which Graphviz lays out in seconds or not at all."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import graphviz  # type: ignore[import-untyped]

from autograd_lite.checks import one_of
from autograd_lite.files import write_whole
from visualize.picture.engines import engine
from visualize.picture.themes import THEMES, Theme
from visualize.shown import following_theme, svg_of

QUICK = {"splines": "line", "nslimit": "0.01", "nslimit1": "0.01", "mclimit": "0.01", "ordering": ""}  # less polish
PATIENCE = (3, 60)  # seconds for Graphviz to lay out a picture: with polish, and quickly


class Picture(graphviz.Digraph):  # type: ignore[misc]  # graphviz ships no types
    """A `graphviz.Digraph` that is rendered, and shows itself in Jupyter, on machines without a `dot` program too.

    Attributes:
        on_dark: the same picture for notebooks of a dark theme, if it is to follow the theme.
    """

    on_dark: Picture | None = None

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None, **_: Any) -> dict[str, Any]:
        shown: dict[str, Any] = {"text/plain": repr(self), "image/svg+xml": self.pipe("svg", encoding="utf-8")}
        if self.on_dark is not None:
            dark = self.on_dark.pipe("svg", encoding="utf-8")
            shown["text/html"] = following_theme(svg_of(shown["image/svg+xml"]), svg_of(dark))
        return shown

    def __repr__(self) -> str:
        return "<a picture: .render('graph', format='svg', view=True) writes and opens it; in a notebook it shows itself>"

    def pipe(self, format: str | None = None, *, encoding: str | None = None) -> Any:
        """The picture in a format such as "svg" or "png": bytes, or text if an encoding is given."""
        rendered = render(self.source, format or self.format, quickly=QUICK.items() <= self.graph_attr.items())
        return rendered.decode(encoding) if encoding else rendered

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


def in_theme(theme: str, drawn: Callable[[Theme], Picture]) -> Picture:
    """A picture in the theme of that name; "auto": in a notebook's own, and light elsewhere."""
    if one_of("theme", theme, ["auto", *THEMES]) != "auto":
        return drawn(THEMES[theme])
    picture = drawn(THEMES["light"])
    picture.on_dark = drawn(THEMES["dark"])
    return picture


def render(source: str, format: str, *, quickly: bool = False) -> bytes:
    """A picture in the DOT language, drawn by the Graphviz that is there.

    Arguments:
        source: the picture.
        format: such as "svg" or "png".
        quickly: without an attempt with polish: the picture asks for little itself.

    Raises:
        RuntimeError: there is no Graphviz; it failed, with its message; or it took too long.
    """
    draw = engine()
    if format == "png":
        source = with_attributes(source, {"dpi": "144" if len(source) < 50_000 else "72"})
    attempts = list(zip((source, with_attributes(source, QUICK)), PATIENCE, strict=True))
    for attempt, patience in attempts[quickly:]:
        try:
            return draw(attempt, format, patience)
        except TimeoutError:
            continue
        except ValueError as error:
            raise RuntimeError(f"Graphviz could not draw the graph as {format!r}: {error}") from None
    raise RuntimeError(
        f"Graphviz has not laid out the graph after {sum(PATIENCE)} s: draw fewer boxes with a lower limit, or save it as .dot"
    )


def with_attributes(source: str, attributes: Mapping[str, str]) -> str:
    """The picture with these attributes of the graph in the place of its own: what is said last holds."""
    said = " ".join(f'{name}="{value}"' for name, value in attributes.items())
    body, brace, end = source.rpartition("}")
    return f"{body}{said}{brace}{end}"
