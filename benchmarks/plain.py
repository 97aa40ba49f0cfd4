"""A plain scalar engine to compare with: one node per + and ×, stored local gradients, a recursive topological sort.

This is the well-known minimal design with `__slots__`, as its own users write it: nothing in it is slowed down on purpose.
"""

from __future__ import annotations

import math
from typing import Any


class PlainValue:
    __slots__ = ("children", "data", "grad", "local_grads")

    def __init__(self, data: float, children: tuple[PlainValue, ...] = (), local_grads: tuple[float, ...] = ()) -> None:
        self.data = data
        self.grad = 0.0
        self.children = children
        self.local_grads = local_grads

    def __add__(self, other: Any) -> PlainValue:
        other = other if isinstance(other, PlainValue) else PlainValue(other)
        return PlainValue(self.data + other.data, (self, other), (1.0, 1.0))

    def __mul__(self, other: Any) -> PlainValue:
        other = other if isinstance(other, PlainValue) else PlainValue(other)
        return PlainValue(self.data * other.data, (self, other), (other.data, self.data))

    def __pow__(self, exponent: float) -> PlainValue:
        return PlainValue(self.data**exponent, (self,), (exponent * self.data ** (exponent - 1),))

    def log(self) -> PlainValue:
        return PlainValue(math.log(self.data), (self,), (1 / self.data,))

    def exp(self) -> PlainValue:
        result = math.exp(self.data)
        return PlainValue(result, (self,), (result,))

    def relu(self) -> PlainValue:
        return PlainValue(max(0.0, self.data), (self,), (float(self.data > 0),))

    def __neg__(self) -> PlainValue:
        return self * -1.0

    def __radd__(self, other: float) -> PlainValue:
        return self + other

    def __sub__(self, other: Any) -> PlainValue:
        return self + (-other)

    def __rmul__(self, other: float) -> PlainValue:
        return self * other

    def __truediv__(self, other: Any) -> PlainValue:
        return self * other**-1

    def backward(self) -> None:
        order: list[PlainValue] = []
        seen: set[PlainValue] = set()

        def visit(node: PlainValue) -> None:
            if node not in seen:
                seen.add(node)
                for child in node.children:
                    visit(child)
                order.append(node)

        visit(self)
        self.grad = 1.0
        for node in reversed(order):
            for child, local in zip(node.children, node.local_grads, strict=True):
                child.grad += local * node.grad
