"""What Tab completes: names and attributes, as Python's own prompt does; in a call its keywords, in a text names of files."""

from __future__ import annotations

import inspect
import os
import re
import rlcompleter
from collections.abc import Callable, Iterator
from glob import escape, glob
from typing import Any, get_overloads

CLOSED_TEXT = re.compile(r"""('''|\"\"\"|'|")(?:\\.|(?!\1).)*\1""", re.DOTALL)
QUOTE = re.compile(r"""'''|\"\"\"|'|\"""")
CALLED = re.compile(r"[^\W\d][\w.]*$")
BRACKETS = re.compile(r"\([^()]*\)|\[[^][]*\]|\{[^{}]*\}")  # with nothing open in them


class Completer(rlcompleter.Completer):
    """The completer of Python's own prompt, which here knows of keywords and files as well.

    Arguments:
        namespace: the variables of the session.
        typed: gives what was typed of the statement so far, up to the cursor.
    """

    def __init__(self, namespace: dict[str, Any], typed: Callable[[], str]) -> None:
        super().__init__(namespace)
        self.variables, self.typed = namespace, typed
        self.found: list[str] = []

    def complete(self, text: str, state: int) -> str | None:
        """What `text` may become, number `state`; None if there are no more."""
        if state == 0:
            self.found = list(self._completions(text))
        return self.found[state] if state < len(self.found) else None

    def _completions(self, text: str) -> Iterator[str]:
        typed = self.typed()
        if quote := QUOTE.search(without_texts(typed)):
            yield from files(typed[quote.end() :], text)
            return
        found = [keyword for keyword in keywords(typed, self.variables) if keyword.startswith(text)]
        yield from found
        if text or not found:
            number = 0
            while (completion := super().complete(text, number)) is not None:
                yield completion
                number += 1


def without_texts(code: str) -> str:
    """The code with its texts blotted out, since brackets and quotes in them mean nothing; one that is still open stays."""
    return CLOSED_TEXT.sub(lambda text: "_" * len(text[0]), code)


def keywords(typed: str, variables: dict[str, Any]) -> list[str]:
    """The keywords, each with its `=`, that the call at the end of what was typed can still be given."""
    code = without_texts(typed)
    while code != (flat := BRACKETS.sub(lambda brackets: "_" * len(brackets[0]), code)):
        code = flat
    called, opening, arguments = code.rpartition("(")
    name = CALLED.search(called)
    if not opening or name is None or re.search(r"[\[{]", arguments) or QUOTE.search(code):
        return []
    try:
        function = eval(typed[name.start() : name.end()], variables)
        signatures = [inspect.signature(f) for f in (function, *get_overloads(function))]
    except Exception:  # it is not there yet, or does not tell its arguments
        return []
    *given, _ = arguments.split(",")
    by_position = sum("=" not in argument for argument in given)
    found = []
    for signature in signatures:
        for place, parameter in enumerate(signature.parameters.values()):
            open_by_name = parameter.kind is parameter.POSITIONAL_OR_KEYWORD and place >= by_position
            if open_by_name or parameter.kind is parameter.KEYWORD_ONLY:
                found.append(f"{parameter.name}=")
    return [keyword for keyword in dict.fromkeys(found) if not re.search(rf"(^|,)\s*{keyword}", arguments)]


def files(path: str, text: str) -> list[str]:
    """The files and folders whose path begins with `path`, written from where `text`, its end, begins."""
    start = os.path.expanduser(path)
    paths = [name + os.sep * os.path.isdir(name) for name in sorted(glob(escape(start) + "*"))]
    return [text + name[len(start) :] for name in paths]
