"""Means over samples, written out: (1/n) Σᵢ of the loss (D16) and of every derivative (D8, D11)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from nn.documents.layout import Equation, chosen, written, written_numbers
from nn.documents.letters import Style
from nn.notation import Formula, factor, number, parenthesized, plus, total


def average(
    name: Formula, of_sample: Callable[[int | str], Formula], values: Sequence[float], style: Style, first: int = 0
) -> Equation:
    """The mean of what each sample has: as a sum, as its terms, in numbers.

    Arguments:
        name: of the mean.
        of_sample: what the sample with an index has, as a symbol; the index may be the letter i.
        values: the numbers, one for each sample.
        style: how it is written.
        first: the index of the first sample.
    """
    count = len(values)
    shown = chosen(count, style.limit)
    mean = total("i", count if first else None, of_sample("i"), first)
    of_n = Formula(f"(1/n) {mean.text}", rf"\frac{{1}}{{n}} {mean.latex}")
    if not style.numbers:
        return Equation(name, [of_n])
    with_count = Formula(f"{of_n.text},  n = {count:,}", rf"{of_n.latex}, \quad n = {count}")
    terms = _shared(plus(written(lambda i: of_sample(first + i), shown)), count)
    numbers = _shared(plus(written_numbers(lambda i: factor(values[i]), values, shown)), count)
    return Equation(name, [with_count, terms, numbers, number(sum(values) / count)])


def _shared(terms: Formula, count: int) -> Formula:
    inside = parenthesized(terms)
    return Formula(f"(1/{count}) {inside.text}", rf"\frac{{1}}{{{count}}} {inside.latex}")
