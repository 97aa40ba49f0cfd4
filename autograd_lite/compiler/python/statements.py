"""Lines of Python, and the order in which a function has them."""

from __future__ import annotations

from collections.abc import Sequence


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


class FunctionBody:
    """The statements of a function; in a batch there is a loop over the samples.

    Attributes:
        before: what comes first; in a batch it is the same for all samples.
        inside: what is done for each sample.
        after: what comes after the loop.
        batched: whether there is a batch.
    """

    def __init__(self, batched: bool) -> None:
        self.before, self.inside, self.after = Statements(), Statements(), Statements()
        self.batched = batched

    def add(self, line: str, varying: int | bool, slot: int | None = None) -> None:
        """Append a line, inside of the loop if it varies from sample to sample."""
        (self.inside if varying and self.batched else self.before).add(line, slot)
