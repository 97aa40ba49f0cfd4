"""How a formula and the steps that it is equal to are set out, as lines of text and in LaTeX."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from nn.notation import Formula


def equation_lines(name: Formula, steps: Iterable[Formula]) -> list[str]:
    """What `name` is equal to, step by step, as aligned lines of text. A step that begins with + goes on with a sum."""
    begin, lines = name.text, []
    for step in steps:
        lines.append(f"{begin} {_sign(step)}{step.text}")
        begin = " " * len(name.text)
    return lines


def equation_rows(name: Formula, steps: Iterable[Formula]) -> list[str]:
    """The same in LaTeX, as rows of an aligned environment."""
    begin, rows = name.latex, []
    for step in steps:
        rows.append(f"{begin} &{_sign(step) or ' '}{step.latex}")
        begin = ""
    return rows


def _sign(step: Formula) -> str:
    return "" if step.text.startswith("+ ") else "= "


def definition_lines(definitions: Sequence[tuple[Formula, Formula]]) -> list[str]:
    """Names and what they are, each on a line, the signs below one another."""
    width = max((len(name.text) for name, _ in definitions), default=0)
    return [f"{name.text:<{width}} = {formula.text}" for name, formula in definitions]


def definition_rows(definitions: Iterable[tuple[Formula, Formula]]) -> list[str]:
    """The same in LaTeX, as rows of an aligned environment."""
    return [f"{name.latex} &= {formula.latex}" for name, formula in definitions]


def aligned(rows: Iterable[str]) -> str:
    """The environment that aligns these rows."""
    return r"\begin{aligned}" + "\n" + " \\\\\n".join(rows) + "\n" + r"\end{aligned}"
