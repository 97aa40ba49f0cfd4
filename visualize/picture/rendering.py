"""Pictures in the DOT language, laid out by Graphviz: by its `dot` program, or by the Graphviz in pygraphviz."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import graphviz  # type: ignore[import-untyped]

from autograd_lite.checks import one_of
from autograd_lite.files import write_whole
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


WITHOUT_DOT = """
import sys, pygraphviz
graph = pygraphviz.AGraph(string=sys.stdin.buffer.read().decode())
for attribute in sys.argv[2:]:
    name, _, value = attribute.removeprefix("-G").partition("=")
    graph.graph_attr[name] = value
sys.stdout.buffer.write(graph.draw(prog="dot", format=sys.argv[1].removeprefix("-T")))
"""


def render(source: str, format: str, *, quickly: bool = False) -> bytes:
    """A picture in the DOT language, rendered by the `dot` program, or where there is none by the Graphviz in pygraphviz.

    Either runs as a process of its own: Graphviz is not safe in threads, cannot be stopped, and speaks to the error stream.

    Arguments:
        source: the picture.
        format: such as "svg" or "png".
        quickly: without an attempt with polish: the picture asks for little itself.

    Raises:
        RuntimeError: Graphviz failed, with its message; or it took too long.
    """
    program = shutil.which("dot")
    command = [*([program] if program else [sys.executable, "-c", WITHOUT_DOT]), f"-T{format}"]
    if format == "png":
        command.append(f"-Gdpi={144 if len(source) < 50_000 else 72}")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(part for part in sys.path if part)}
    attempts = list(zip(([], [f"-G{name}={value}" for name, value in QUICK.items()]), PATIENCE, strict=True))
    for options, patience in attempts[quickly:]:
        try:
            done = subprocess.run(
                command + options, input=source.encode(), capture_output=True, env=environment, timeout=patience
            )
        except subprocess.TimeoutExpired:
            continue
        if done.returncode or not done.stdout:
            raise RuntimeError(
                f"Graphviz could not draw the graph as {format!r}: {done.stderr.decode(errors='replace').strip()}"
            )
        return done.stdout
    raise RuntimeError(
        f"Graphviz has not laid out the graph after {sum(PATIENCE)} s: draw fewer boxes with a lower limit, or save it as .dot"
    )
