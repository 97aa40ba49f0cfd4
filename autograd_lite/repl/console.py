"""The standard prompt, in which variables label their values, and an error shows the user's lines."""

from __future__ import annotations

import code
import linecache
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from types import CodeType
from typing import Any

from autograd_lite.repl.completion import Completer
from autograd_lite.repl.labels import label_variables
from autograd_lite.repl.tracebacks import without_library
from autograd_lite.value import Value

HISTORY = ".autograd_lite_history"  # in the home directory
MOST_LINES = 10_000  # that are kept of it


class Console(code.InteractiveConsole):
    """The prompt of Python's `code`. Each statement is kept as if it were a file, so that an error shows its line."""

    def __init__(self, namespace: dict[str, Any]) -> None:
        super().__init__(namespace)
        self.variables = namespace
        self.given: dict[str, Value] = {}
        self.count = 1

    def runsource(self, source: str, filename: str = "", symbol: str = "single") -> bool:
        """Run a statement if it is whole; whether more lines are needed. A bare `exit` ends the session."""
        word = source.strip()
        if word in ("exit", "quit") and word not in self.variables:
            raise SystemExit
        name = f"<input {self.count}>"
        keep_lines(name, source)
        more = super().runsource(source, name, symbol)
        self.count += not more
        return more

    def runcode(self, code: CodeType) -> None:
        """Run a statement, then label what it assigned."""
        super().runcode(code)
        label_variables(self.variables, self.given)

    def showtraceback(self) -> None:
        """Show the error that is being handled, without the frames of the library."""
        sys.last_type, error, _ = sys.exc_info()
        assert error is not None
        sys.last_value = without_library(error)
        sys.last_traceback = error.__traceback__
        self.write("".join(traceback.format_exception(error)))


def keep_lines(name: str, source: str) -> None:
    """Keep the lines of what was typed, where a traceback looks for those of a file."""
    linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)


def interact(namespace: dict[str, Any], banner: str) -> None:
    """A session at the standard prompt; in a terminal with Tab, and with the lines of earlier sessions."""
    console = Console(namespace)
    with kept_history(console) if sys.stdin.isatty() else nullcontext():
        console.interact(banner=banner, exitmsg="")


@contextmanager
def kept_history(console: Console) -> Iterator[None]:
    """The session in this block has what `readline` offers, where Python has it: Tab, and a history that lasts."""
    try:
        import readline
    except ImportError:
        yield
        return

    def typed() -> str:
        return "\n".join([*console.buffer, readline.get_line_buffer()[: readline.get_endidx()]])

    readline.set_completer(Completer(console.variables, typed).complete)
    readline.parse_and_bind("bind ^I rl_complete" if "libedit" in (readline.__doc__ or "") else "tab: complete")
    file = Path.home() / HISTORY
    with suppress(FileNotFoundError):  # the first session
        readline.read_history_file(file)
    try:
        yield
    finally:
        readline.set_history_length(MOST_LINES)
        try:
            readline.write_history_file(file)
        except OSError as error:
            print(f"the history of this session is not kept: {error}", file=sys.stderr)
