"""Vectors and matrices with their numbers on a page: as blocks of text, and in LaTeX."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from nn.documents.layout import chosen, gaps
from nn.documents.matrices import Matrix, Vector
from nn.notation import Formula, number

WIDEST: Final = 120  # characters in a line of matrices; what is longer goes on below the sign
COLUMNS: Final = 8  # of a matrix that are shown, at most

ACROSS, DOWN, DIAGONAL = Formula("⋯", r"\cdots"), Formula("⋮", r"\vdots"), Formula("⋱", r"\ddots")

Cell: TypeAlias = Any  # a number, or a formula


@dataclass(frozen=True)
class Grid:
    """A part of a formula that takes several lines of text.

    Attributes:
        lines: of one width.
        latex: the same in LaTeX.
        axis: the line that signs stand on.
    """

    lines: tuple[str, ...]
    latex: str
    axis: int = 0

    @property
    def width(self) -> int:
        """Characters in a line."""
        return len(self.lines[0])


def grid(formula: Formula | str) -> Grid:
    """A formula, or a sign, as a part of one line."""
    part = Formula(formula, SIGNS.get(formula, formula)) if isinstance(formula, str) else formula
    return Grid((part.text,), part.latex)


SIGNS: Final = {"⊙": r"\odot", "·": r"\cdot"}


def matrix(rows: Matrix, limit: int | None) -> Grid:
    """A matrix in brackets; of a large one the first rows and columns, and the last ones."""
    height, width = len(rows), len(rows[0])
    across = chosen(width, None if limit is None else min(limit, COLUMNS))
    down = chosen(height, limit)
    left_out_rows, left_out_columns = gaps(down), gaps(across)
    cells: list[list[Formula]] = []
    for i in down:
        shown: list[Formula] = []
        for k in across:
            shown += [ACROSS] * (k in left_out_columns) + [_cell(rows[i][k])]
        if i in left_out_rows:
            cells.append([DOWN if formula is not ACROSS else DIAGONAL for formula in shown])
        cells.append(shown)
    return _bracketed(cells)


def column(vector: Vector, limit: int | None) -> Grid:
    """A vector that stands upright."""
    return matrix([[x] for x in vector], limit)


def row(vector: Vector, limit: int | None) -> Grid:
    """A vector that lies."""
    return matrix([vector], limit)


def shown_of(height: int, width: int, limit: int | None) -> str:
    """How much of a matrix is shown, in words; nothing if it is all."""
    if limit is None:
        return ""
    parts = [("rows", height, limit), ("columns", width, min(limit, COLUMNS))]
    return " and ".join(f"{most} of {count:,} {what}" for what, count, most in parts if count > most)


def _cell(content: Cell) -> Formula:
    return content if isinstance(content, Formula) else number(content)


def _bracketed(cells: list[list[Formula]]) -> Grid:
    widths = [max(len(row[k].text) for row in cells) for k in range(len(cells[0]))]
    inside = ["  ".join(f"{cell.text:>{width}}" for cell, width in zip(row, widths, strict=True)) for row in cells]
    if len(cells) == 1:
        left, right = ["["], ["]"]
    else:
        middle = len(cells) - 2
        left, right = ["⎡", *"⎢" * middle, "⎣"], ["⎤", *"⎥" * middle, "⎦"]
    lines = tuple(a + text + b for a, text, b in zip(left, inside, right, strict=True))
    latex = r" \\ ".join(" & ".join(cell.latex for cell in row) for row in cells)
    return Grid(lines, rf"\begin{{bmatrix}} {latex} \end{{bmatrix}}", (len(lines) - 1) // 2)


def in_a_row(parts: Iterable[Grid | Formula | str], between: str = " ") -> Grid:
    """The parts one beside the other, the lines that signs stand on at one height."""
    grids = [part if isinstance(part, Grid) else grid(part) for part in parts]
    axis = max(g.axis for g in grids)
    below = max(len(g.lines) - g.axis for g in grids)
    columns = []
    for g in grids:
        empty = " " * g.width
        columns.append([empty] * (axis - g.axis) + list(g.lines) + [empty] * (below - len(g.lines) + g.axis))
    lines = tuple(between.join(line) for line in zip(*columns, strict=True))
    return Grid(lines, " ".join(g.latex for g in grids), axis)


def matrix_equation(name: Formula, sides: Sequence[Sequence[Grid | Formula | str]]) -> Formula:
    """What `name` is equal to, on one line as far as there is room, and else on several, the signs below one another."""
    rows: list[Grid] = []
    begin = grid(name)
    current: list[Grid] = [begin]
    latex = [f"{name.latex} &= "]
    for side in sides:
        part, *below = _folded(["=", *side], WIDEST - begin.width - 1)
        if len(current) > 1 and sum(g.width + 1 for g in current) + part.width > WIDEST:
            rows.append(in_a_row(current))
            current = [Grid((" " * begin.width,), "")]
            latex.append("\\\\\n&= ")
        elif len(current) > 1:
            latex.append(" = ")
        current.append(part)
        for more in below:
            rows.append(in_a_row(current))
            current = [Grid((" " * begin.width,), ""), more]
        latex.append(in_a_row(side).latex)
    rows.append(in_a_row(current))
    return Formula("\n".join(line.rstrip() for row in rows for line in row.lines), "".join(latex))


def _folded(side: Sequence[Grid | Formula | str], width: int) -> list[Grid]:
    """A side, before each + that would lead too far on a line of its own."""
    lines: list[list[Grid | Formula | str]] = [[]]
    terms: list[list[Grid | Formula | str]] = [[]]
    for part in side:
        terms = [*terms, [part]] if part == "+" else [*terms[:-1], [*terms[-1], part]]
    for term in terms:
        if lines[-1] and in_a_row([*lines[-1], *term]).width > width:
            lines.append([])
        lines[-1] += term
    return [in_a_row(line) for line in lines]


def boxed(formulas: Sequence[Formula]) -> Formula:
    """Formulas in a frame, one below the other."""
    width = max(len(f.text) for f in formulas)
    lines = [f"│ {f.text:<{width}} │" for f in formulas]
    text = "\n".join([f"┌{'─' * (width + 2)}┐", *lines, f"└{'─' * (width + 2)}┘"])
    inside = r" \\ ".join(f.latex for f in formulas)
    return Formula(text, rf"& \boxed{{\begin{{gathered}} {inside} \end{{gathered}}}}")
