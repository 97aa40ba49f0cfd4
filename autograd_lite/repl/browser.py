"""The prompt of a page in a browser: a program runs as it would if it were typed, and what it shows goes to the page."""

from __future__ import annotations

import ast
import builtins
import io
import sys
import traceback
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from typing import Any, Final

from autograd_lite.repl import console
from autograd_lite.repl.session import names
from autograd_lite.repl.tracebacks import without_library
from autograd_lite.value import Value

# Of the ways in which a thing shows itself, the first that it has, and what a page calls it.
SHOWN_AS: Final = {"text/html": "html", "image/svg+xml": "svg"}


class Session:
    """What runs in a page, with the names of a session.

    Arguments:
        show: is called with each piece that a program shows: its kind, "text", "error", "html" or "svg", and the piece itself.
    """

    def __init__(self, show: Callable[[str, str], Any]) -> None:
        self.show = show
        self.variables = names()
        self.count = 0

    def run(self, program: str) -> bool:
        """Run a program up to its end or its first error; whether it came to the end. What an expression gives is shown."""
        self.count += 1
        name = f"<input {self.count}>"
        console.keep_lines(name, program)
        displayed, sys.displayhook = sys.displayhook, self.display
        try:
            with redirect_stdout(Pieces(self.show, "text")), redirect_stderr(Pieces(self.show, "text")):
                for statement in ast.parse(program, name).body:
                    exec(compile(ast.Interactive([statement]), name, "single"), self.variables)
        except BaseException as error:  # SystemExit, too: a page has no end
            self.show("error", "".join(traceback.format_exception(without_library(error))))
            return False
        finally:
            sys.displayhook = displayed
        return True

    def display(self, result: Any) -> None:
        """Show what an expression gives, as a notebook does."""
        if result is None:
            return
        builtins._ = result  # type: ignore[attr-defined]
        ways = bundle(result)
        for way, kind in SHOWN_AS.items():
            if ways.get(way):
                self.show(kind, ways[way])
                return
        self.show("text", f"{result!r}\n")


def bundle(result: Any) -> dict[str, str]:
    """The ways in which a thing shows itself in a notebook. A Value is one line, as at a prompt."""
    if isinstance(result, Value):
        return {}
    if isinstance(result, Value):
        return {}
    if hasattr(result, "_repr_mimebundle_"):
        return dict(result._repr_mimebundle_())
    methods = {"text/html": "_repr_html_", "image/svg+xml": "_repr_svg_"}
    return {way: getattr(result, method)() for way, method in methods.items() if hasattr(result, method)}


class Pieces(io.TextIOBase):
    """A stream that hands on what is written."""

    def __init__(self, show: Callable[[str, str], Any], kind: str) -> None:
        self.show, self.kind = show, kind

    def write(self, text: str) -> int:
        """Hand a piece on."""
        self.show(self.kind, text)
        return len(text)
