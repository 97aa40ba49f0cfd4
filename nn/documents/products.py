"""A row times a column, and a column times a row (D15): the forward pass uses the one, the weight gradient the other."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Real
from typing import Any

from autograd_lite.basics.arraylike import is_sequence, plain
from autograd_lite.basics.checks import wrong_type, wrong_value
from autograd_lite.basics.elsewhere import answers_calls
from autograd_lite.operands import data_of
from nn.documents import matrices
from nn.documents.grids import Grid, column, in_a_row, matrix, row
from nn.documents.layout import chosen, written_numbers
from nn.documents.letters import checked_style
from nn.notation import factor, number, plus, product


class Product:
    """A product of two vectors, with how it comes about; made by `dot_product` and `outer_product`.

    Attributes:
        value: the number, or the matrix as a list of rows.
    """

    def __init__(self, value: Any, written: Grid) -> None:
        self.value = value
        self._written = written

    def beside(self, other: Product) -> Product:
        """Both, printed side by side; the value is the pair of theirs."""
        return Product((self.value, other.value), in_a_row([self._written, other._written], between="        "))

    def __str__(self) -> str:
        return "\n".join(line.rstrip() for line in self._written.lines)

    def latex(self) -> str:
        """The same in LaTeX, for a notebook or an article."""
        return self._written.latex

    def _repr_latex_(self) -> str:
        return f"$${self.latex()}$$"

    def __repr__(self) -> str:
        return f"<product with the value {self.value!r}: print() shows it>"


@answers_calls
def dot_product(row_vector: Sequence[Any], column_vector: Sequence[Any], *, limit: int | None = 10) -> Product:
    """A row times a column: one number, as each node of the forward pass computes it (D15).

    Arguments:
        row_vector: the numbers of the row, such as the weights of a node, as they are or as Values.
        column_vector: those of the column, as many, such as the activations before it.
        limit: the most terms that are printed, at least 3; None for all.

    Raises:
        TypeError: something is no sequence of numbers; an entry is no number.
        ValueError: the lengths differ; there is nothing to multiply.

    Example:
        >>> from nn import dot_product
        >>> print(dot_product([1, 2, 3], [4, 5, 6]))
                  ⎡4⎤
        [1  2  3] ⎢5⎥ = 1 · 4 + 2 · 5 + 3 · 6 = 32
                  ⎣6⎦
        >>> dot_product([1, 2, 3], [4, 5, 6]).value
        32
    """
    left, right = _vector("row_vector", row_vector), _vector("column_vector", column_vector)
    value, most = matrices.dot_product(left, right), checked_style(limit=limit).limit
    products = [x * y for x, y in zip(left, right, strict=True)]
    terms = written_numbers(lambda k: product([factor(left[k]), factor(right[k])]), products, chosen(len(left), most))
    return Product(value, in_a_row([row(left, most), column(right, most), "=", plus(terms), "=", number(value)]))


@answers_calls
def outer_product(column_vector: Sequence[Any], row_vector: Sequence[Any], *, limit: int | None = 10) -> Product:
    """A column times a row: all pairwise products, as the gradient of a layer's weights is made (D13, D15).

    Arguments:
        column_vector: the numbers of the column, such as the errors of a layer.
        row_vector: those of the row, such as the activations before it.
        limit: the most rows that are printed, at least 3; None for all. Of columns it is at most 8.

    Raises:
        TypeError: something is no sequence of numbers; an entry is no number.
        ValueError: there is nothing to multiply.

    Example:
        >>> from nn import outer_product
        >>> print(outer_product([1, 2], [3, 4, 5]))
        ⎡1⎤ [3  4  5] = ⎡1 · 3  1 · 4  1 · 5⎤ = ⎡3  4   5⎤
        ⎣2⎦             ⎣2 · 3  2 · 4  2 · 5⎦   ⎣6  8  10⎦
        >>> outer_product([1, 2], [3, 4, 5]).value
        [[3, 4, 5], [6, 8, 10]]
    """
    left, right = _vector("column_vector", column_vector), _vector("row_vector", row_vector)
    value, most = matrices.outer_product(left, right), checked_style(limit=limit).limit
    pairs = [[product([factor(c), factor(r)]) for r in right] for c in left]
    return Product(value, in_a_row([column(left, most), row(right, most), "=", matrix(pairs, most), "=", matrix(value, most)]))


def _vector(name: str, given: Any) -> list[Any]:
    entries = plain(given)
    if isinstance(entries, str) or not is_sequence(entries):
        raise wrong_type(name, "a sequence of numbers", given)
    if not len(entries):
        raise wrong_value(name, "a sequence of at least one number", given)
    numbers = [*map(data_of, entries)]
    for i, entry in enumerate(numbers):
        if not isinstance(entry, Real):
            raise wrong_type(f"entry {i} of {name}", "a number", entry)
    return numbers
