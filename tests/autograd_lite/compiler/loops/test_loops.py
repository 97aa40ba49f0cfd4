"""`scan` and `fori`: what a compiled loop computes is what the loop in Python does, and so are its derivatives."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd_lite as ag
from autograd_lite import Value, compile, fori, scan
from autograd_lite.errors import DomainError, TracingError

pytest.importorskip("numba")
backends = pytest.mark.parametrize("backend", ["python", "native"])

numbers = st.floats(-2, 2).map(lambda x: round(x, 3))
steps_of_two = {  # the next carry, and what is kept, from the carry, an x and weights
    "mixed": lambda c, x, w: ([ag.tanh(w[0] * c[0] + x), ag.sin(c[1]) * w[1] + c[0]], c[0] * c[1] + x),
    "choice": lambda c, x, w: ([ag.where(ag.greater(c[0], x), c[0] * w[0], x), ag.relu(c[1] - w[1])], ag.maximum(c[0], c[1])),
    "swap": lambda c, x, w: ([c[1], c[0]], None),
    "unused": lambda c, x, w: ([w[0], 1.0], c[0]),
    "constant": lambda c, x, w: ([c[0] + 1, c[1]], 2.0),
    "shared": lambda c, x, w: ([c[0] + ag.exp(w[0] * w[1]), ag.dot([c[0], c[1], w[0]], [w[1], x, 0.5], 0.1)], [c[1], {"x": x}]),
    "inner": lambda c, x, w: ([fori(2, lambda i, d: ag.sin(d * w[0]) + x * i, c[1]), c[0]], None),
}


def total(tree: Any) -> Any:
    """A number in which all numbers of a structure have different weights."""
    if isinstance(tree, dict):
        tree = list(tree.values())
    if isinstance(tree, list | tuple):
        return ag.sum([0.7**k * total(item) for k, item in enumerate(tree)]) if len(tree) else 0.0
    return tree


def through(step: Any) -> Any:
    """A function of weights, the first carry and the rows, with such a loop in it."""

    def f(w: Any, carry: Any, xs: Any) -> Any:
        last, kept = scan(lambda c, x: step(c, x, w), carry, xs)
        return total([last, kept]) + w[1] * 0.1

    return f


def close(found: Any, wanted: Any) -> bool:
    return ag.trees.flatten(found)[0] == pytest.approx(ag.trees.flatten(wanted)[0], rel=1e-11, abs=1e-11)


@pytest.mark.parametrize("name", steps_of_two)
@given(st.lists(numbers, min_size=2, max_size=2), st.lists(numbers, min_size=2, max_size=2), st.lists(numbers, max_size=4))
def test_a_compiled_loop_and_its_gradient_are_those_of_the_loop_in_python(
    name: str, w: list[float], carry: list[float], xs: list[float]
) -> None:
    f = through(steps_of_two[name])
    compiled = compile(f, argnums=(0, 1, 2), backend="python")
    assert compiled(w, carry, xs) == f(w, carry, xs)
    assert close(compiled.grad(w, carry, xs), ag.grad(f, (0, 1, 2))(w, carry, xs))


def test_machine_code_gives_the_same() -> None:
    def step(carry: Any, x: Any, w: Any) -> Any:
        """All of them at once, each with a carry of its own: to compile one large loop takes less than seven small ones."""
        carries, kept = zip(*[step(c, x, w) for step, c in zip(steps_of_two.values(), carry, strict=True)], strict=True)
        return list(carries), [y for y in kept if y is not None]

    f = through(step)
    carries = [[0.5 + 0.1 * k, 0.2 - 0.1 * k] for k in range(len(steps_of_two))]
    arguments = [0.3, -0.7], carries, [0.1, -1.2, 0.4]
    compiled = compile(f, argnums=(0, 1, 2), backend="native")
    assert close(compiled.value_and_grad(*arguments), ag.value_and_grad(f, (0, 1, 2))(*arguments))


@pytest.mark.parametrize(
    ("name", "backend", "count"),
    [("mixed", "python", 3), ("shared", "python", 3), ("inner", "python", 3), ("inner", "native", 1)],
)
def test_higher_derivatives_are_loops_too(name: str, backend: str, count: int) -> None:
    f = through(steps_of_two[name])
    point, fixed = [0.3, -0.7], ([0.5, 0.2], [0.1, -1.2, 0.4])

    def g(w: Any) -> Any:
        return f(w, *fixed)

    transforms = [
        lambda w: ag.hvp(g, (w,), ([1.0, 2.0],)),
        ag.hessian(g),
        ag.grad(lambda w: total(ag.hvp(g, (w,), ([1.0, 2.0],)))),
    ]
    for transformed in transforms[:count]:
        compiled = compile(transformed, backend=backend)
        assert close(compiled(point), transformed(point))
        assert compiled.tape.count < 200


@backends
def test_a_batch_runs_the_loop_for_each_sample(backend: str) -> None:
    f = through(steps_of_two["mixed"])
    compiled = compile(f, in_axes=(None, 0, 0), backend=backend)
    w, carries, rows = [0.3, -0.7], [[0.5, 0.2], [0.1, 0.9], [-1.0, 0.0]], [[0.1, 0.4], [1.0, 2.0], [0.0, -0.5]]
    value, gradient = compiled.value_and_grad(w, carries, rows)
    each = [ag.value_and_grad(f)(w, carry, xs) for carry, xs in zip(carries, rows, strict=True)]
    assert value == pytest.approx(sum(v for v, _ in each) / 3)
    assert gradient == pytest.approx([sum(g[k] for _, g in each) / 3 for k in range(2)])
    assert compiled.per_sample(w, carries, rows) == pytest.approx([v for v, _ in each])


def test_the_recording_does_not_grow_with_the_steps() -> None:
    counts = []
    for steps in (5, 500):
        f = compile(lambda x, steps=steps: fori(steps, lambda i, c: ag.sin(c) * x + 0.001 * i, x), backend="python")
        f.value_and_grad(0.5)
        counts.append((f.tape.count, len(f.source)))
    assert counts[0][0] == counts[1][0]
    assert counts[1][1] - counts[0][1] < 10


@pytest.mark.parametrize(("kept", "count"), [(1 << 20, 7), (1, 7 + 7)])  # of segments the sweep runs each once more
def test_a_sweep_back_finds_the_carries_that_the_loop_has_left(kept: int, count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("autograd_lite.compiler.loops.loop.KEPT", kept)
    compiled = compile(lambda x: fori(7, lambda i, c: ag.sin(c) * kept, x), backend="python")
    expected = compiled.value_and_grad(0.5)
    (sweep,) = {p.result_of[0] for p in compiled.tape.primitives if p and p.result_of and p.result_of[0].name == "sweep_back"}
    steps = []
    for loop in (sweep.forward, sweep):
        scope = loop.sharing.function.__globals__
        monkeypatch.setitem(scope, "step", lambda *c, step=scope["step"]: steps.append(c) or step(*c))
    assert compiled.value_and_grad(0.5) == expected
    assert len(steps) == count


@pytest.mark.parametrize(("steps", "backend"), [*[(steps, "python") for steps in (1, 2, 49, 50, 51)], (50, "native")])
def test_a_sweep_back_may_keep_the_first_carry_of_each_segment_alone(
    steps: int, backend: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("autograd_lite.compiler.loops.loop.KEPT", 1)

    def f(x: Any) -> Any:
        a, b = fori(steps, lambda i, c: (ag.sin(c[0]) + c[1] * x, ag.cos(c[1] * 0.9)), (x, 0.3))
        return a * b

    compiled = compile(f, backend=backend)
    assert compiled.grad(0.5) == pytest.approx(ag.grad(f)(0.5), rel=1e-12)
    (sweep,) = {p.result_of[0] for p in compiled.tape.primitives if p and p.result_of and p.result_of[0].name == "sweep_back"}
    assert sweep.segment == -(-(steps**0.5) // 1)
    assert sweep.room <= 2 * (2 * sweep.segment + 1)


@backends
def test_an_error_in_a_step_names_the_operation_and_its_operands(backend: str) -> None:
    def f(x: Any) -> Any:
        return fori(4, lambda i, c: ag.log(c), x)

    compiled = compile(f, backend=backend)
    for _ in range(2):  # while it is recorded, and when it is
        with pytest.raises(DomainError, match=r"log\(carry=-2.36.*x > 0"):
            compiled(3.0)
        assert compiled.value_and_grad(1e10) == pytest.approx(ag.value_and_grad(f)(1e10))


@backends
def test_values_from_outside_are_read_anew(backend: str) -> None:
    scale = Value(2.0)
    f = compile(lambda x: fori(3, lambda i, c: c * scale, x), backend=backend)
    assert f.value_and_grad(1.0) == (8.0, 8.0)
    scale.data = 3.0
    assert f.value_and_grad(1.0) == (27.0, 27.0)


def test_no_gradient_arrives_behind_what_is_switched_off() -> None:
    def f(x: Any) -> Any:
        return ag.where(ag.greater(x, 1.0), fori(2, lambda i, c: ag.sqrt(c), x), 2 * x)

    for backend in ("python", "native"):
        assert compile(f, backend=backend).value_and_grad(0.0) == (0.0, 2.0) == ag.value_and_grad(f)(0.0)


def test_eager_loops_take_any_structure() -> None:
    assert scan(lambda c, x: (c + x, None), 1, [1, 2]) == (4, [])
    assert scan(lambda c, x: (c, x[0] * x[1]), 0, ([1, 2], [3, 4])) == (0, [3, 8])
    assert scan(lambda c, x: (c, x["a"]), 0, {"a": [1, 2], "b": [[3], [4]]}) == (0, [1, 2])
    assert scan(lambda c, x: (c + 1, c), 0, length=3) == (3, [0, 1, 2])
    assert scan(lambda c, x: (c, x), 0, []) == (0, [])
    assert fori(0, lambda i, c: c + 1, 5) == 5
    x = Value(2.0)
    fori(3, lambda i, c: c * x, 1.0).backward()
    assert x.grad == 12.0


@backends
def test_structures_go_through_a_compiled_loop(backend: str) -> None:
    def f(x: Any) -> Any:
        last, kept = scan(
            lambda c, r: ({"a": c["a"] * x, "b": (r["u"], c["b"][0])}, [r["v"][1]]), {"a": x, "b": (0.0, 1.0)}, rows
        )
        return last, kept

    rows = [{"u": 1.0, "v": [2.0, 3.0]}, {"u": 4.0, "v": [5.0, 6.0]}]
    assert compile(f, backend=backend)(2.0) == ({"a": 8.0, "b": (4.0, 1.0)}, [[3.0], [6.0]])


@pytest.mark.parametrize(
    ("call", "kind", "message"),
    [
        (lambda: scan(3, 0.0, [1.0]), TypeError, "f must be a function, got 3"),
        (lambda: scan(lambda c, x: c, 0.0, [1.0]), TypeError, r"what f gives must be a pair \(carry, y\), got 0.0"),
        (lambda: scan(lambda c, x: (c, x), 0.0), ValueError, "scan needs xs or length"),
        (lambda: scan(lambda c, x: (c, x), 0.0, [1.0], length=2), ValueError, "length must be that of xs, 1, got 2"),
        (
            lambda: scan(lambda c, x: (c, x), 0.0, ([1.0], [1.0, 2.0])),
            ValueError,
            "as many steps as each other, got 1 step, 2 steps",
        ),
        (lambda: scan(lambda c, x: (c, x), 0.0, "abc"), TypeError, "xs must be a list or array"),
        (lambda: fori(-1, lambda i, c: c, 0.0), ValueError, "n must be a whole number of at least 0, got -1"),
        (lambda: fori(2, None, 0.0), TypeError, "f must be a function, got None"),
        (
            lambda: compile(lambda x: fori(2, lambda i, c: [c, c], x), backend="python")(1.0),
            TypeError,
            "a step of fori got a carry that is a number, and gave one that is list of",
        ),
        (
            lambda: compile(lambda x: scan(lambda c, r: (c, None), x, [1.0, [2.0]])[0], backend="python")(1.0),
            ValueError,
            "step 1 of xs of scan is list of .*, and step 0 is a number",
        ),
        (
            lambda: compile(lambda x: fori(2, lambda i, c: c if i == 0 else c * 2, x), backend="python")(1.0),
            TracingError,
            r"compared \(==\)",
        ),
    ],
)
def test_what_is_no_loop_is_refused(call: Any, kind: type[Exception], message: str) -> None:
    with pytest.raises(kind, match=message):
        call()
