"""Statements of Python, and many of them as short functions: Python's compiler takes ever more for each line of a long one."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

BLOCK = 20_000  # characters of statements in a function
NAME = re.compile(r"[^\W\d]\w*")


class Statements:
    """Lines of Python, and for each the slot of the instruction that may fail there, if there is one."""

    def __init__(self, lines: Sequence[str] = (), slots: Sequence[int | None] = ()) -> None:
        self.lines = list(lines)
        self.slots = list(slots)

    def add(self, line: str, slot: int | None = None) -> None:
        """Append a line."""
        self.lines.append(line)
        self.slots.append(slot)

    def include(self, other: Statements, indentation: str = "    ") -> None:
        """Append the lines of others, indented."""
        for line, slot in zip(other.lines, other.slots, strict=True):
            self.add(indentation + line, slot)

    def blocks(self) -> list[Statements]:
        """The lines in pieces of about the same length."""
        piece, length = Statements(), 0
        pieces = [piece]
        for line, slot in zip(self.lines, self.slots, strict=True):
            piece.add(line, slot)
            length += len(line)
            if length > BLOCK:
                piece, length = Statements(), 0
                pieces.append(piece)
        return [piece for piece in pieces if piece.lines]

    def names(self) -> tuple[dict[str, None], dict[str, None]]:
        """The names that the lines take from elsewhere, and those to which they assign, in order."""
        reads: dict[str, None] = {}
        assigned: dict[str, None] = {}
        for line in self.lines:
            target, equals, expression = line.partition(" = ")
            if not equals:
                target, equals, _ = line.partition(" += ")
                expression = line
            reads.update((name, None) for name in NAME.findall(expression) if name not in assigned)
            if equals:
                assigned.update((name, None) for name in NAME.findall(target))
        return reads, assigned


class Functions:
    """Programs cut into functions of bounded length, which hand on in one list what others need.

    Attributes:
        texts: the functions.
        slots: for each function by name, and each of its lines from 0, the slot of the instruction that may fail there.
        calls: for each program the statements that call its functions.
        places: for each name that is handed on its place in the list.

    Arguments:
        programs: statements; one program runs after the other, each any number of times.
        given: for each program the names that its functions can get as parameters.
        kept: the name of the list.
        unique: makes a name of a function, from its number.
    """

    def __init__(
        self, programs: Sequence[Statements], given: Sequence[Sequence[str]], kept: str, unique: Callable[[int], str]
    ) -> None:
        self.texts: list[str] = []
        self.slots: dict[str, list[int | None]] = {}
        self.calls: list[Statements] = []
        self.places: dict[str, int] = {}
        blocks = [statements.blocks() for statements in programs]
        links: list[tuple[list[str], list[str]]] = []  # for each block, from the last one, what it takes and what it gives
        wanted: set[str] = set()
        for block in reversed([block for program in blocks for block in program]):
            reads, assigned = block.names()
            wanted.update(reads)
            links.append(([*reads], [name for name in assigned if name in wanted]))
        for program, parameters in zip(blocks, given, strict=True):
            calls = Statements()
            for block in program:
                takes, gives = links.pop()
                function = unique(len(self.texts) + 1)
                signature = f"{function}({', '.join([kept, *(name for name in parameters if name in takes)])})"
                whole = Statements()
                whole.add(f"def {signature}:")
                for name in takes:
                    if name in self.places:
                        whole.add(f"    {name} = {kept}[{self.places[name]}]")
                whole.include(block)
                for name in gives:
                    whole.add(f"    {kept}[{self.places.setdefault(name, len(self.places))}] = {name}")
                self.texts.append("\n".join(whole.lines) + "\n\n\n")
                self.slots[function] = whole.slots
                calls.add(signature)
            self.calls.append(calls)
