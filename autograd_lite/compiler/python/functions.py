"""Many statements as short functions, which hand on what others need in a list.

An optimization: Python's compiler takes the longer for each line, the more lines a function has. `benchmarks/gpt.py` pays for
it, whose programs are long.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from autograd_lite.compiler.python.statements import Statements

SECTION = 20_000  # characters of statements in a function
NAME = re.compile(r"[^\W\d]\w*")


class Functions:
    """The parts of a function as functions of bounded length.

    Attributes:
        texts: the functions.
        slots: for each function by name, and each of its lines from 0, the slot of the instruction that may fail there.
        calls: for each part the statements that call its functions.
        places: for each name that is handed on its place in the list.

    Arguments:
        parts: statements; one part runs after the other, each any number of times.
        given: for each part the names that its functions can get as parameters.
        kept: the name of the list.
        unique: makes a name of a function, from how many there are with it.
    """

    def __init__(
        self, parts: Sequence[Statements], given: Sequence[Sequence[str]], kept: str, unique: Callable[[int], str]
    ) -> None:
        self.texts: list[str] = []
        self.slots: dict[str, list[int | None]] = {}
        self.calls: list[Statements] = []
        self.places: dict[str, int] = {}
        self._kept, self._unique = kept, unique
        sections = [sections_of(statements) for statements in parts]
        links = iter(links_between([section for part in sections for section in part]))
        for part, parameters in zip(sections, given, strict=True):
            calls = Statements()
            for section in part:
                calls.add(self._function(section, parameters, *next(links)))
            self.calls.append(calls)

    def _function(self, section: Statements, parameters: Sequence[str], takes: list[str], gives: list[str]) -> str:
        """Make a section a function; gives the call of it."""
        name = self._unique(len(self.texts) + 1)
        call = f"{name}({', '.join([self._kept, *(parameter for parameter in parameters if parameter in takes)])})"
        whole = Statements()
        whole.add(f"def {call}:")
        for taken in takes:
            if taken in self.places:
                whole.add(f"    {taken} = {self._kept}[{self.places[taken]}]")
        whole.include(section)
        for given in gives:
            whole.add(f"    {self._kept}[{self.places.setdefault(given, len(self.places))}] = {given}")
        self.texts.append("\n".join(whole.lines) + "\n\n\n")
        self.slots[name] = whole.slots
        return call


def sections_of(statements: Statements) -> list[Statements]:
    """The lines in sections of about the same length."""
    section, length = Statements(), 0
    sections = [section]
    for line, slot in zip(statements.lines, statements.slots, strict=True):
        section.add(line, slot)
        length += len(line)
        if length > SECTION:
            section, length = Statements(), 0
            sections.append(section)
    return [section for section in sections if section.lines]


def links_between(sections: Sequence[Statements]) -> list[tuple[list[str], list[str]]]:
    """For each section the names that it takes from elsewhere, and those that it hands on.

    It hands on what it assigns to and a later one reads, or it reads itself: a sum over samples goes on at the next sample.
    """
    links = []
    wanted: set[str] = set()
    for section in reversed(sections):
        reads, assigned = names_in(section.lines)
        wanted.update(reads)
        links.append(([*reads], [name for name in assigned if name in wanted]))
    return links[::-1]


def names_in(lines: Sequence[str]) -> tuple[dict[str, None], dict[str, None]]:
    """The names that lines take from elsewhere, and those to which they assign, each in order."""
    reads: dict[str, None] = {}
    assigned: dict[str, None] = {}
    for line in lines:
        target, equals, expression = line.partition(" = ")
        if not equals:
            target, equals, _ = line.partition(" += ")
            expression = line
        reads.update((name, None) for name in NAME.findall(expression) if name not in assigned)
        if equals:
            assigned.update((name, None) for name in NAME.findall(target))
    return reads, assigned
