"""Vectors and matrices, plainly: row times column, column times row, and ⊙ (D15)."""

from __future__ import annotations

from operator import mul
from typing import Any, TypeAlias

from autograd_lite.basics.checks import wrong_length

Vector: TypeAlias = list[Any]
Matrix: TypeAlias = list[list[Any]]


def dot_product(row: Vector, column: Vector) -> Any:
    """Row times column: one number."""
    if len(row) != len(column):
        raise wrong_length("the column", len(row), "number", "number of the row", len(column))
    return sum(map(mul, row, column))


def transform(matrix: Matrix, column: Vector) -> Vector:
    """Matrix times column: each row times the column."""
    return [dot_product(row, column) for row in matrix]


def outer_product(column: Vector, row: Vector) -> Matrix:
    """Column times row: all pairwise products."""
    return [[c * r for r in row] for c in column]


def multiply(left: Vector, right: Vector) -> Vector:
    """⊙: the products entry by entry."""
    return [x * y for x, y in zip(left, right, strict=True)]


def transpose(matrix: Matrix) -> Matrix:
    """The matrix with rows and columns exchanged."""
    return [list(column) for column in zip(*matrix, strict=True)]


def mean(vectors: list[Vector]) -> Vector:
    """The mean of vectors, entry by entry."""
    return [sum(entries) / len(vectors) for entries in zip(*vectors, strict=True)]


def mean_outer_product(columns: list[Vector], rows: list[Vector]) -> Matrix:
    """The mean of the outer products of columns with rows; of one pair, its outer product."""
    across = transpose(rows)
    return [[dot_product(c, r) / len(columns) for r in across] for c in transpose(columns)]
