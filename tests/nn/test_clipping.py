"""Gradient clipping."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd_lite import Value
from nn import clip_grad_norm, clip_grad_value


@given(st.lists(st.floats(-100, 100), min_size=1, max_size=6), st.floats(0.01, 10))
def test_a_clipped_gradient_points_the_same_way_and_is_no_longer_than_asked(gradients, limit):
    values = [Value(0.0) for _ in gradients]
    for value, gradient in zip(values, gradients, strict=True):
        value.grad = gradient
    norm = clip_grad_norm(values, limit)
    assert norm == math.hypot(*gradients)
    assert math.hypot(*(value.grad for value in values)) <= min(limit, norm) * (1 + 1e-12)
    for value, gradient in zip(values, gradients, strict=True):
        assert value.grad * norm == pytest.approx(gradient * min(norm, limit * norm / (norm + 1e-6)), rel=1e-9, abs=1e-9)


@given(st.lists(st.sampled_from([0.0, 3.0, -1e5, math.nan]), min_size=2, max_size=4), st.floats(0.01, 10))
def test_a_gradient_that_is_no_number_is_clipped_as_in_pytorch(gradients, limit):
    torch = pytest.importorskip("torch")
    values, theirs = [Value(0.0) for _ in gradients], [torch.zeros((), dtype=torch.float64) for _ in gradients]
    for value, tensor, gradient in zip(values, theirs, gradients, strict=True):
        value.grad, tensor.grad = gradient, torch.tensor(gradient, dtype=torch.float64)
    clip_grad_norm(values, limit)
    torch.nn.utils.clip_grad_norm_(theirs, limit)
    assert [value.grad for value in values] == pytest.approx([tensor.grad.item() for tensor in theirs], nan_ok=True)


def test_clipping_by_value_keeps_what_is_in_range():
    values = [Value(0.0) for _ in range(3)]
    for value, gradient in zip(values, (-5.0, 0.5, 2.0), strict=True):
        value.grad = gradient
    clip_grad_value(values, 1.0)
    assert [value.grad for value in values] == [-1.0, 0.5, 1.0]
    with pytest.raises(ValueError, match="max_value must be at least 0 and below inf, got -1"):
        clip_grad_value(values, -1)
