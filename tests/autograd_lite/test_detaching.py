"""Through `stop_gradient` and `detach` no derivative passes: eagerly, nested, in forward mode and in compiled code."""

from __future__ import annotations

import gc
import pickle
from collections.abc import Callable
from typing import Any

import pytest

from autograd_lite import (
    Value,
    check_grads,
    compile,
    detect_anomaly,
    grad,
    hessian,
    jacfwd,
    jvp,
    no_grad,
    sin,
    stop_gradient,
)
from autograd_lite.strategies import functions

WAYS = [stop_gradient, Value.detach, Value.stop_gradient]


@pytest.mark.parametrize("stop", WAYS)
def test_it_is_a_constant_in_every_derivative(stop: Callable[[Any], Any]) -> None:
    def f(x: Any) -> Any:
        return x * x * stop(x) + stop(sin(x))

    assert grad(f)(3.0) == jvp(f, (3.0,), (1.0,))[1] == jacfwd(f)(3.0) == 18.0
    assert hessian(f)(3.0) == grad(grad(f))(3.0) == 6.0
    x = Value(3.0)
    f(x).backward()
    assert x.grad == 18.0


@pytest.mark.parametrize("backend", ["python", "native"])
@pytest.mark.parametrize("stop", WAYS)
def test_compiled_it_is_the_number_of_the_day(stop: Callable[[Any], Any], backend: str) -> None:
    f = compile(lambda x: x * x * stop(x), backend=backend)
    assert [f(3.0), f.grad(3.0), f(5.0), f.grad(5.0)] == [27.0, 18.0, 125.0, 50.0]
    outer = compile(lambda x: x * f(x), backend=backend)
    assert outer.grad(3.0) == 27.0 + 3.0 * 18.0


def test_a_stopped_gradient_is_a_node_and_a_detached_value_forgets_its_graph() -> None:
    x = Value(2.0, "x")
    y = x * x
    assert stop_gradient(y).parents == (y,)
    detached = y.detach()
    assert (detached.data, detached.parents, detached.is_constant) == (4.0, (), True)
    assert detached is not y
    assert not [r for r in gc.get_referrers(y) if r is detached]
    with pytest.raises(RuntimeError, match="no graph to differentiate"):
        detached.backward()
    assert pickle.loads(pickle.dumps(detached)).data == 4.0


def test_in_a_loop_that_carries_a_state_nothing_is_kept() -> None:
    state, w = Value(1.0), Value(0.5)
    for _ in range(10):
        state = (state * w).detach()
    (state * w).backward()
    assert w.grad == state.data == 0.5**10


def test_it_is_what_it_should_be_inside_blocks() -> None:
    x = Value(3.0)
    with no_grad():
        assert x.detach().is_constant
    with detect_anomaly():
        (x * x.detach()).backward()
    assert x.grad == 3.0


def test_check_grads_names_it_and_the_strategies_leave_it_out() -> None:
    with pytest.raises(AssertionError, match="passes nothing on by intention, so numbers cannot tell: stop_gradient"):
        check_grads(lambda x: x * stop_gradient(x), (2.0,), order=1)
    with pytest.raises(ValueError, match="at least one operation that has a derivative or jumps, got"):
        functions(1, [stop_gradient])
