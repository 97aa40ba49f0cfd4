"""no_grad and detect_anomaly: what they change, for whom, and what they say."""

import math
import re
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack
from fractions import Fraction
from itertools import permutations
from typing import Any

import pytest

import autograd_lite as ag
from autograd_lite import Value, detect_anomaly, no_grad
from autograd_lite.errors import AnomalyError
from autograd_lite.graph.context import mode
from autograd_lite.modes import LineRecorder, entered, where_built
from autograd_lite.numerical.rounding import Disturbed


def test_nothing_is_recorded_under_no_grad() -> None:
    x = Value(2.0)
    with no_grad():
        results = [x * x, 3 - x, ag.tanh(x), ag.dot([x], [x]), ag.leaky_relu(x)]
    assert [(r.parents, r.is_constant) for r in results] == [((), True)] * 5
    assert results[0].data == 4.0
    assert (x * x).parents == (x, x)


def test_a_result_of_no_grad_is_a_constant_in_later_expressions() -> None:
    x = Value(2.0)
    with no_grad():
        frozen = x * x
    out = frozen * x
    out.backward()
    assert (x.grad, frozen.grad) == (4.0, 0)


def test_backward_under_no_grad_or_of_its_result_is_an_error_that_says_so() -> None:
    x = Value(2.0)
    with no_grad():
        frozen = x * x
        with pytest.raises(RuntimeError, match=r"backward\(\) of .*no_grad\(\)"):
            (Value(1.0)).backward()
    with pytest.raises(RuntimeError, match="computed under"):
        frozen.backward()


def test_modes_end_with_their_block_even_when_it_fails_and_nest() -> None:
    x = Value(2.0)
    with pytest.raises(KeyError), no_grad():
        raise KeyError
    with detect_anomaly(), no_grad(), pytest.raises(AnomalyError):
        x * math.inf
    with no_grad(), detect_anomaly():
        assert (x * x).parents == ()
    assert (x * x).parents == (x, x)


def test_a_mode_is_local_to_its_thread() -> None:
    seen = []
    with no_grad():
        thread = threading.Thread(target=lambda: seen.append((Value(2.0) * Value(3.0)).parents))
        thread.start()
        thread.join()
    assert len(seen[0]) == 2


@pytest.mark.parametrize(
    ("compute", "message"),
    [
        (lambda x, y: x * math.inf, r"mul\(x=0.0, inf\) = nan"),
        (lambda x, y: y * y, r"mul\(y=1e\+200, y=1e\+200\) = inf"),
        (lambda x, y: ag.dot([x, y], [x, y]), r"dot\(\[x=0.0, y=1e\+200\], \[x=0.0, y=1e\+200\]\) = inf"),
        (
            lambda x, y: ag.sqrt(x).backward(),
            r"backward through sqrt\(x=0.0\) = 0.0 gave x=0.0 the gradient inf .*local derivative inf",
        ),
        (lambda x, y: ag.grad(ag.sqrt)(0.0), r"backward through sqrt\(0.0\)"),
    ],
)
def test_the_first_nan_or_infinity_is_an_error_with_operation_operands_and_line(
    compute: Callable[[Value, Value], Any], message: str
) -> None:
    x, y = Value(0.0, label="x"), Value(1e200, label="y")
    with detect_anomaly(), pytest.raises(AnomalyError, match=rf"{message}.*, built at .*test_modes.py:\d+: "):
        compute(x, y)


def test_finite_numbers_pass_through_detect_anomaly_unchanged() -> None:
    for number in (3.0, 10**400, Fraction(10**400, 3)):  # an exact number may be too large for a float
        x, y = Value(2), Value(number)
        with detect_anomaly():
            (x * y).backward()
        assert (x.grad, y.grad) == (number, 2)


def test_under_a_line_recorder_each_node_knows_the_line_of_user_code_that_made_it() -> None:
    x = Value(2.0)
    with entered(LineRecorder):
        product = x * x
        activated = ag.tanh(product + 1)
    assert re.fullmatch(r"built at .*test_modes.py:\d+: product = x \* x", where_built(product))
    assert where_built(activated.parents[0]).endswith("activated = ag.tanh(product + 1)")
    assert where_built(x * x) == "built earlier, where no line was noted"
    assert not hasattr(product, "__dict__")


def test_a_backward_pass_that_fails_names_the_line_of_a_node_of_an_earlier_block() -> None:
    x = Value(0.0)
    with detect_anomaly():
        root = ag.sqrt(x)
    for node, built in ((root, r"built at .*root = ag.sqrt\(x\)"), (ag.sqrt(x), "built earlier, where no line was noted")):
        with detect_anomaly(), pytest.raises(AnomalyError, match=f"local derivative inf\\), {built}$"):
            node.backward()


MODES: dict[str, Callable[[], AbstractContextManager[Any]]] = {
    "no_grad": no_grad,
    "detect_anomaly": detect_anomaly,
    "lines": lambda: entered(LineRecorder),
    "disturbed": lambda: entered(lambda: Disturbed(0)),
}


@pytest.mark.parametrize("names", [order for n in (1, 2, 3, 4) for order in permutations(MODES, n)], ids="-".join)
def test_modes_nest_in_any_order(names: tuple[str, ...]) -> None:
    x = Value(2.0)
    with ExitStack() as blocks:
        for name in names:
            blocks.enter_context(MODES[name]())
        y = ag.where(x, x * 3, x)
        (z,) = ag.affine([[x, y]], [y, x], [x])
    if "no_grad" in names:
        assert y.is_constant
        assert z.is_constant
        return
    for node, operands in ((y, 3), (z, 3)):
        assert len(node.operands) == operands
        assert where_built(node).startswith("built at") == ("detect_anomaly" in names or "lines" in names)
    z.backward()
    assert (z.data, x.grad) == (pytest.approx(26), pytest.approx(25))  # 2·3x·x + x


@pytest.mark.parametrize("name", ["aaa", "autograd", "autograd_light", "zzz"])
def test_user_code_is_that_of_any_other_module(name: str) -> None:
    scope = {"__name__": f"{name}.inside", "x": Value(2.0)}
    with entered(LineRecorder):
        exec(compile("\ny = x * x", f"{name}.py", "exec"), scope)
    assert where_built(scope["y"]) == f"built at {name}.py:2"  # type: ignore[arg-type]


def in_block(block: Callable[[], Any]) -> Iterator[Value]:
    with block():
        while True:
            yield Value(2.0) * 3


@pytest.mark.parametrize("names", [*permutations(["no_grad", "detect_anomaly", "lines"]), ("no_grad", "no_grad")], ids="-".join)
@pytest.mark.parametrize("reversed_order", [False, True])
def test_blocks_of_suspended_generators_end_in_any_order(names: tuple[str, ...], reversed_order: bool) -> None:
    generators = [in_block(MODES[name]) for name in names]
    for generator in generators:
        next(generator)
    for generator in generators[:: -1 if reversed_order else 1]:
        generator.close()  # type: ignore[attr-defined]
    assert mode.get() is None
    with no_grad():
        assert (Value(1.0) * 2).is_constant
    assert not (Value(1.0) * 2).is_constant


def test_a_block_that_ends_in_another_thread_is_over() -> None:
    generator = in_block(no_grad)
    next(generator)
    with ThreadPoolExecutor(1) as pool:
        pool.submit(generator.close).result()  # type: ignore[attr-defined]
    with no_grad():
        pass
    assert mode.get() is None


def test_a_decorated_function_runs_in_the_block_at_every_call() -> None:
    @no_grad()
    def doubled(x: Value, depth: int = 3) -> Value:
        return doubled(x, depth - 1) if depth else x * 2

    with ThreadPoolExecutor(4) as pool:
        assert all(y.is_constant for y in pool.map(doubled, [Value(1.0)] * 50))
    assert doubled.__name__ == "doubled"
    assert not (Value(1.0) * 2).is_constant


def test_what_runs_later_cannot_be_decorated() -> None:
    def generator() -> Iterator[int]:
        yield 1

    async def coroutine() -> None: ...

    async def both() -> Any:
        yield 1

    for function in (generator, coroutine, both):
        for block in (no_grad(), detect_anomaly()):
            with pytest.raises(TypeError, match=f"before the body of {function.__name__} runs, which is a generator or async"):
                block(function)


def test_a_block_is_entered_once() -> None:
    block = no_grad()
    with block, pytest.raises(RuntimeError, match="this block was entered already"), block:
        pass
    assert mode.get() is None
