"""Gradient clipping: what may be done to gradients between `backward()` and the optimizer's `step()`."""

from __future__ import annotations

import math
from collections.abc import Iterable

from autograd_lite import Value
from autograd_lite.basics.checks import check_range
from autograd_lite.basics.elsewhere import answers_calls
from autograd_lite.errors import check_gradients
from nn.module import is_trained


@answers_calls
def clip_grad_norm(parameters: Iterable[Value], max_norm: float) -> float:
    """Scale all gradients so that their Euclidean norm is at most `max_norm`; returns the norm before. As PyTorch's.

    Example:
        >>> from autograd_lite import Value
        >>> from nn import clip_grad_norm
        >>> a, b = Value(1.0), Value(2.0)
        >>> (3 * a + 4 * b).backward()
        >>> clip_grad_norm([a, b], 1.0), round(a.grad, 3), round(b.grad, 3)
        (5.0, 0.6, 0.8)
    """
    check_range("max_norm", max_norm, 0)
    chosen = with_gradient(parameters)
    norm, scale = norm_and_scale([parameter.grad for parameter in chosen], max_norm)
    if scale != 1:
        for parameter in chosen:
            parameter.grad *= scale
    return norm


def norm_and_scale(gradient: Iterable[float], max_norm: float) -> tuple[float, float]:
    """The Euclidean norm of a gradient, and what to multiply it by so that it is at most `max_norm`."""
    norm = math.hypot(*gradient)
    scale = max_norm / (norm + 1e-6)
    return norm, 1.0 if scale >= 1 else scale  # a NaN is passed on to all, as in PyTorch


def with_gradient(parameters: Iterable[Value]) -> list[Value]:
    """Those that have a gradient, and are not frozen: one of None is none yet.

    Raises:
        TypeError: a gradient is no number.
    """
    chosen = [parameter for parameter in parameters if parameter.grad is not None and is_trained(parameter)]
    check_gradients(chosen)
    return chosen


@answers_calls
def clip_grad_value(parameters: Iterable[Value], max_value: float) -> None:
    """Bring every gradient into the range from −`max_value` to `max_value`.

    Example:
        >>> from autograd_lite import Value
        >>> from nn import clip_grad_value
        >>> a = Value(1.0)
        >>> (3 * a).backward()
        >>> clip_grad_value([a], 0.5)
        >>> a.grad
        0.5
    """
    check_range("max_value", max_value, 0)
    for parameter in with_gradient(parameters):
        parameter.grad = min(max(parameter.grad, -max_value), max_value)
