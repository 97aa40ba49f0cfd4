"""What a leaf may be made of and may be given, and what a function may give."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import Value


def test_a_derived_class_may_take_other_arguments() -> None:
    class Weight(Value):
        def __init__(self, name: str, *, start: float) -> None:
            super().__init__(start, name)
            self.name = name

    weight = Weight("w", start=2.0)
    (weight * 3).backward()
    assert (weight.name, weight.label, weight.data, weight.grad) == ("w", "w", 2.0, 3.0)


def test_a_gradient_of_none_is_none_yet() -> None:
    w, b = Value(2.0), Value(1.0)
    for _ in range(2):
        w.grad = b.grad = None
        ag.dot([w, w], [3.0, w], b).backward()
        assert (w.grad, b.grad) == (7.0, 1.0)


@pytest.mark.parametrize(
    "wrong",
    [lambda: Value(1.0, None), lambda: Value(1.0, 0), lambda: Value(1.0, _op="+"), lambda: Value(1.0, "a", "+")],  # type: ignore[arg-type]
)
def test_an_unusual_label_or_an_operation_without_operands_is_refused(wrong: Any) -> None:
    with pytest.raises(TypeError):
        wrong()


@pytest.mark.parametrize("array", [np.array(1.5), np.array(3), np.array([1.0, 2.0])[0]])
def test_an_array_without_dimensions_is_a_number(array: Any) -> None:
    assert Value(array).data == array.item()


def test_a_result_may_be_an_array_of_one_number() -> None:
    def f(x: Any) -> Any:
        return np.array([[x * x]], dtype=object)

    assert ag.grad(f)(3.0) == 6.0
    assert ag.value_and_grad(f)(3.0) == (9.0, 6.0)
    assert ag.compile(f).value_and_grad(3.0)[1] == 6.0
    with pytest.raises(TypeError, match="needs one number as its result"):
        ag.grad(lambda x: np.array([x, x], dtype=object))(3.0)
