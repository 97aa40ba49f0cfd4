"""How equations and words are set out on a page, as lines of text and in LaTeX, and what of a long list is shown."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, islice
from typing import Final, TypeAlias

from nn.notation import Formula, equals, number, words

WIDEST: Final = 120  # characters in a line of a sum
DOTS: Final = Formula("…", r"\cdots")  # for what is left out
AND_SO_ON: Final = Formula("⋯", r"\cdots")  # for what lies between the first and the last of any number


@dataclass(frozen=True)
class Equation:
    """A name and what it is equal to.

    Attributes:
        name: the left side.
        steps: what stands right of the signs. One that begins with + goes on with the sum of the step before.
        together: whether the steps stand on one line.
    """

    name: Formula
    steps: Sequence[Formula]
    together: bool = False

    def lines(self, width: int = 0) -> list[str]:
        """As text, the signs below one another; the name takes at least this width."""
        begin, lines = f"{self.name.text:<{width}}", []
        for step in [equals(self.steps)] if self.together else self.steps:
            lines += _folded(f"{begin} {_sign(step)}{step.text}".rstrip(), len(begin) + 3)
            begin = " " * len(begin)
        return lines

    def rows(self) -> list[str]:
        """In LaTeX, as rows of an aligned environment."""
        begin, rows = self.name.latex, []
        for step in [equals(self.steps)] if self.together else self.steps:
            rows.append(f"{begin} &{_sign(step) or ' '}{step.latex}")
            begin = ""
        return rows


Block: TypeAlias = Sequence[Equation | str | Formula]  # equations, words, and formulas that are set already


def _folded(line: str, indent: int) -> list[str]:
    """A line of a sum, of which what is too long goes on below."""
    lines = []
    while len(line) > WIDEST and (end := line.rfind(" + ", indent + 1, WIDEST)) > 0:
        lines.append(line[:end])
        line = " " * indent + line[end + 1 :]
    return [*lines, line]


def _sign(step: Formula) -> str:
    return "" if step.text.startswith("+ ") else "= "


def page_text(blocks: Iterable[Block]) -> str:
    """The blocks as text, parted by empty lines. Of equations that stand on one line each, the signs are below one another."""
    return "\n\n".join("\n".join(_block_lines(block)) for block in blocks if block)


def _block_lines(block: Block) -> Iterator[str]:
    for is_definition, parts in groupby(block, lambda part: isinstance(part, Equation) and part.together):
        group = list(parts)
        width = max(len(part.name.text) for part in group if isinstance(part, Equation)) if is_definition else 0
        for part in group:
            if isinstance(part, Equation):
                yield from part.lines(width)
            else:
                yield part if isinstance(part, str) else part.text


def page_latex(blocks: Iterable[Block]) -> str:
    """The blocks in LaTeX, as one aligned environment."""
    return aligned(" \\\\\n".join(_block_rows(block)) for block in blocks if block)


def _block_rows(block: Block) -> Iterator[str]:
    for part in block:
        if isinstance(part, Equation):
            yield from part.rows()
        else:
            yield f"& {words(part).latex}" if isinstance(part, str) else part.latex


class Printed(ABC):
    """What shows itself as a page: as text where it is printed, and typeset in a notebook."""

    @abstractmethod
    def blocks(self) -> list[Block]:
        """The page, block by block."""

    def __str__(self) -> str:
        return page_text(self.blocks())

    def latex(self) -> str:
        """The page in LaTeX, for a notebook or an article."""
        return page_latex(self.blocks())

    def _repr_latex_(self) -> str | None:
        return f"$${self.latex()}$$"


def aligned(blocks: Iterable[str]) -> str:
    """The environment that aligns the rows of these blocks."""
    return r"\begin{aligned}" + "\n" + " \\\\[6pt]\n".join(blocks) + "\n" + r"\end{aligned}"


def chosen(count: int, limit: int | None, keep: int | None = None) -> list[int]:
    """Which of so many terms are written: all, or as many as the limit: the first ones, the last, and one that has to be."""
    if limit is None or count <= limit:
        return list(range(count))
    shown = {count - 1, count - 1 if keep is None else keep}
    first = (i for i in range(count) if i not in shown)
    return sorted({*islice(first, limit - len(shown)), *shown})


def left_out_note(blocks: Iterable[Block], where: str = "") -> Block:
    """What is to be said at the end of a page on which dots stand for what is left out."""
    if DOTS.text not in page_text(blocks):
        return []
    said = f"what is left out ({DOTS.text})"
    return [f"{said} is in {where}; limit=None prints it" if where else f"limit=None prints {said}"]


def gaps(indices: Sequence[int]) -> dict[int, int]:
    """How many terms are left out before each of the written ones, where there are any."""
    before = [-1, *indices]
    return {index: index - previous - 1 for previous, index in zip(before, indices, strict=False) if index - previous > 1}


def written(term: Callable[[int], Formula], indices: Sequence[int]) -> list[Formula]:
    """Those of the terms that are written, with dots for those between that are not."""
    left_out = gaps(indices)
    return [part for i in indices for part in ([DOTS] if i in left_out else []) + [term(i)]]


def written_numbers(term: Callable[[int], Formula], values: Sequence[float], indices: Sequence[int]) -> list[Formula]:
    """The same of the terms of a sum of numbers, and what those that are not written come to."""
    left_out = gaps(indices)
    parts = []
    for i in indices:
        if i in left_out:
            parts.append(_together(values[i - left_out[i] : i]))
        parts.append(term(i))
    return parts


def _together(values: Sequence[float]) -> Formula:
    rest = number(sum(values))
    return Formula(
        f"({DOTS.text} {len(values):,} more: {rest.text})",
        rf"\underbrace{{\cdots}}_{{{len(values)}\text{{ more: }}{rest.latex}}}",
    )
