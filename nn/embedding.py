"""An embedding: a vector of its own for each of several things, such as words, which are given by their numbers."""

from __future__ import annotations

from typing import Any

from autograd_lite import Value, dot, equal, sum
from autograd_lite.basics.arraylike import is_ordered, plain
from autograd_lite.basics.checks import whole_number, wrong_type, wrong_value
from autograd_lite.basics.elsewhere import answers_calls
from autograd_lite.compiler.training import Traced
from autograd_lite.graph.bundles import Bundle
from autograd_lite.operands import data_of
from nn.matrices import as_matrix, checked_matrix, read_only
from nn.memory import check_memory
from nn.module import Module, Parameter
from nn.notation import numbered
from nn.randomness import Seed, generator


@answers_calls
class Embedding(Module):
    """The row of a table of weights that a number names: a vector for each word of a vocabulary, as in PyTorch.

    Eagerly it is the row itself. In compiled code, where the number may be another at each call, it is the product of the table
    with a vector that is 1 at this row and 0 elsewhere: each row costs a multiplication for each sample.

    Arguments:
        num_embeddings: how many rows there are.
        embedding_dim: how many weights a row has; they begin normally distributed, with the variance 1.
        seed: a seed or a `random.Random`, for the same weights again; Python's `random.seed` governs them if none is given.

    Attributes:
        weight: the table as an array, to be read and assigned as that of a `Layer`.

    Raises:
        ValueError: a size is not a positive whole number; there is no row of that number.
        TypeError: what is to name a row is no whole number.

    Example:
        >>> from nn import Embedding
        >>> table = Embedding(3, 2)
        >>> table.weight = [[0.0, 1.0], [2.0, 3.0], [4.0, 5.0]]
        >>> [w.data for w in table(2)]
        [4.0, 5.0]
        >>> [[w.data for w in row] for row in table([0, 1])]
        [[0.0, 1.0], [2.0, 3.0]]
    """

    matrices = ("weight",)

    def __init__(self, num_embeddings: int, embedding_dim: int, seed: Seed = None) -> None:
        self.num_embeddings = whole_number("num_embeddings", num_embeddings)
        self.embedding_dim = whole_number("embedding_dim", embedding_dim)
        check_memory(f"Embedding({num_embeddings}, {embedding_dim})", num_embeddings * embedding_dim)
        random = generator(seed)
        self.rows = [
            Bundle(Parameter(random.gauss(0.0, 1.0), label) for label in numbered("e", k, count=embedding_dim))
            for k in range(num_embeddings)
        ]

    @property
    def weight(self) -> Any:
        """The table, one row for each number."""
        return read_only(as_matrix([[w.data for w in row] for row in self.rows]))

    @weight.setter
    def weight(self, matrix: Any) -> None:
        shape = self.num_embeddings, self.embedding_dim
        for row, numbers in zip(self.rows, checked_matrix(f"the weight of {self!r}", matrix, shape), strict=True):
            for parameter, number in zip(row, numbers, strict=True):
                parameter.data = number

    def forward(self, x: Any) -> list[Any]:
        """The row of a number; or, of several numbers in a list, the row of each."""
        x = plain(x)
        if is_ordered(x):
            return [self.forward(each) for each in x]
        return self.chosen(x) if isinstance(x, Traced) else list(self.rows[self.place(x)])

    def place(self, x: Any) -> int:
        """The number of a row as an index."""
        number = data_of(x)
        try:
            place = int(number)
        except (TypeError, ValueError, OverflowError):
            place = -1
        if place != number:
            raise wrong_type(f"the number of a row of {self!r}", "a whole number", number)
        if not 0 <= place < self.num_embeddings:
            raise wrong_value(f"the number of a row of {self!r}", f"from 0 to {self.num_embeddings - 1}", place)
        return place

    def chosen(self, number: Value) -> list[Any]:
        """The row of a number that is known only when recorded code runs; where there is no such row, a division by 0."""
        at = [equal(number, k) for k in range(self.num_embeddings)]
        one = 1 / sum(at)
        return [dot(at, column) * one for column in zip(*self.rows, strict=True)]

    def extra_repr(self) -> str:
        """Its sizes."""
        return f"{self.num_embeddings}, {self.embedding_dim}"
