"""Custom primitives: what makes one, what it can do, and what a wrong one is told."""

import math
from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

import pytest

import autograd_lite as ag
from autograd_lite import Value, grad, primitive
from autograd_lite.errors import DomainError
from autograd_lite.operation import primitive_of


@primitive(derivatives=[lambda out, x: 3 * x * x])
def cube(x: Any) -> Any:
    """x³."""
    return x**3


def test_a_custom_primitive_works_on_numbers_and_values_and_to_any_order() -> None:
    v = Value(2.0)
    out = cube(v)
    out.backward()
    assert (cube(2.0), out.data, out.op, v.grad) == (8.0, 8.0, "cube", 12.0)
    assert (grad(grad(cube))(2.0), grad(grad(grad(cube)))(2.0)) == (12.0, 6.0)
    assert (cube.__name__, cube.__doc__) == ("cube", "x³.")
    assert ag.jvp(cube, (2.0,), (1.0,)) == (8.0, 12.0)


def test_a_custom_primitive_of_many_operands_is_one_node() -> None:
    @primitive(
        derivatives=[lambda out, xs, scale: [scale * 2 * x for x in xs], lambda out, xs, scale: out / scale], variadic=True
    )
    def energy(xs: Sequence[Any], scale: Any) -> Any:
        return scale * sum(x * x for x in xs)

    xs, scale = [Value(1.0), Value(2.0)], Value(3.0)
    energy(xs, scale).backward()
    assert ([x.grad for x in xs], scale.grad) == ([6.0, 12.0], 5.0)
    assert ag.hessian(lambda p: energy(p, 3.0))([1.0, 2.0]) == [[6.0, 0.0], [0.0, 6.0]]


def test_an_operand_that_only_chooses_has_no_derivative() -> None:
    @primitive(derivatives=[None, lambda out, sign, x: sign])
    def signed(sign: Any, x: Any) -> Any:
        return sign * x

    assert grad(signed, (0, 1))(-1.0, 5.0) == (0.0, -1.0)
    assert signed(Value(-1.0), Value(5.0)).local_derivatives == (0, -1.0)


@pytest.mark.parametrize("count", [1, 2, 3, 4, 5])
def test_an_operation_has_any_number_of_operands(count: int) -> None:
    names = ", ".join("abcde"[:count])
    scope: dict[str, Any] = {}
    exec(f"def total({names}):\n    return sum([k * x for k, x in enumerate([{names}], 1)])", scope)
    derivatives = [lambda out, *inputs, k=k: k for k in range(1, count + 1)]
    total = primitive(derivatives=derivatives)(scope["total"])
    leaves = [Value(float(k)) for k in range(count)]
    node = total(*leaves)
    assert node.operands == node.parents == tuple(leaves)
    node.backward()
    assert [leaf.grad for leaf in leaves] == list(range(1, count + 1))


@pytest.mark.parametrize(
    ("derivatives", "message"),
    [
        ([lambda out: 1], r"'f': derivative 0 must take \(output, x\): too many positional"),
        ([lambda out, x: 1, lambda out, x: 1], r"'f': 1 argument, got 2 derivatives: one for each is needed"),
        ([3], r"derivative 0 must take \(output, x\): 3 is not a callable"),
        (lambda out, x: 1, "derivatives must be a list"),
    ],
)
def test_a_wrong_rule_is_refused_where_it_is_written(derivatives: Any, message: str) -> None:
    def f(x: Any) -> Any:
        return x

    with pytest.raises(TypeError, match=message):
        primitive(derivatives=derivatives)(f)


@pytest.mark.parametrize(
    ("description", "message"),
    [
        ({"latex": "{"}, r"'f': latex '{': .*braces of LaTeX's own are doubled"),
        ({"latex": r"\mathrm{cube}({0})"}, r"\{cube\} is no operand: braces of LaTeX's own are doubled"),
        ({"latex": "{0}^{1}"}, r"\{1\} is no operand"),
        ({"domain": [(0, 1)]}, "must be one Interval for each argument"),
        ({"domain": [ag.Interval(), ag.Interval()]}, "must be one Interval for each argument"),
        ({"kink": 0.0}, "kink of the primitive .* must be a function of the inputs, got 0.0"),
    ],
)
def test_a_wrong_description_is_refused_where_it_is_written(description: dict[str, Any], message: str) -> None:
    with pytest.raises((TypeError, ValueError), match=message):
        primitive(name="f", derivatives=[lambda out, x: 1], **description)(lambda x: x)


def test_an_interval_begins_before_it_ends() -> None:
    with pytest.raises(ValueError, match="from 2 to 1: the lower end comes first"):
        ag.Interval(2, 1)


def test_a_primitive_takes_many_operands_as_a_sequence_only() -> None:
    with pytest.raises(TypeError, match="as one sequence, with variadic=True"):
        primitive(derivatives=[lambda out, x: 1])(lambda *x: x)


@pytest.mark.parametrize(
    ("derivative", "message"),
    [
        (lambda out, x: None, "it gave None, expected a number"),
        (lambda out, x: "1", "it gave '1', expected a number"),
        (lambda out, x: {}["k"], "'k'"),
        (lambda out, x: x + "1", "unsupported operand|expected a number or a Value"),
    ],
)
@pytest.mark.parametrize(
    "differentiate",
    [
        lambda f: f(Value(2.0, label="q")).backward(),
        lambda f: f(Value(2.0, label="q")).local_derivatives,
        lambda f: grad(grad(f))(2.0),
        lambda f: ag.jvp(f, (2.0,), (1.0,)),
    ],
)
def test_a_derivative_that_fails_is_an_error_that_names_it(
    derivative: Callable[..., Any], message: str, differentiate: Callable[..., Any]
) -> None:
    @primitive(derivatives=[derivative])
    def broken(x: Any) -> Any:
        return x * 1

    named = rf"broken\((q=)?2.0\): derivative 0 of 'broken' cannot be used: .*({message})"
    with pytest.raises((TypeError, RuntimeError), match=named):
        differentiate(broken)


@pytest.mark.parametrize(
    ("derivative", "message"),
    [
        (lambda out, xs: [1], "it gave 1 numbers for 2 operands"),
        (lambda out, xs: [1, 2, 3], "it gave 3 numbers for 2 operands"),
        (lambda out, xs: 1.0, "not iterable"),
    ],
)
@pytest.mark.parametrize(
    "differentiate",
    [lambda f: f([Value(1.0), Value(2.0)]).backward(), lambda f: grad(grad(lambda x: f([x, x])))(1.0)],
)
def test_a_derivative_of_the_wrong_length_is_an_error_that_names_it(
    derivative: Callable[..., Any], message: str, differentiate: Callable[..., Any]
) -> None:
    @primitive(derivatives=[derivative], variadic=True)
    def total(xs: Sequence[Any]) -> Any:
        return math.fsum(xs)

    with pytest.raises((TypeError, ValueError), match=rf"derivative 0 of 'total' cannot be used: .*{message}"):
        differentiate(total)


def test_a_rule_made_with_math_works_once_and_says_why_not_twice() -> None:
    @primitive(derivatives=[lambda out, x: math.cos(x)])
    def sine(x: Any) -> Any:
        return math.sin(x)

    assert grad(sine)(0.5) == math.cos(0.5)
    with pytest.raises(TypeError, match=r"derivative 0 of 'sine' cannot be used: .*written with .*functions of autograd_lite"):
        grad(grad(sine))(0.5)


def test_a_failing_derivative_leaves_what_the_sweep_added_before_it() -> None:
    @primitive(derivatives=[lambda out, x: None])
    def broken(x: Any) -> Any:
        return x * 1

    x, y = Value(2.0), Value(3.0)
    with pytest.raises(TypeError):
        (broken(x) * y).backward()
    assert (x.grad, y.grad) == (0, 2.0)


def test_a_primitive_cannot_be_pickled() -> None:
    import pickle

    with pytest.raises(TypeError, match="primitive 'cube' cannot be pickled"):
        pickle.dumps(cube.primitive)  # type: ignore[attr-defined]
    assert repr(cube.primitive) == "<primitive cube>"  # type: ignore[attr-defined]


def test_a_function_that_returns_nothing_is_refused_at_its_first_value() -> None:
    @primitive(derivatives=[lambda out, x: 1])
    def forgetful(x: Any) -> Any:
        x + 1  # that it is lost is the point

    @primitive(derivatives=[lambda out, xs: [1] * len(xs)], variadic=True)
    def forgets_many(xs: Any) -> Any:
        sum(xs)

    @primitive(derivatives=[lambda out, x, y: 1] * 2)
    def forgets_two(x: Any, y: Any) -> Any:
        x + y

    w = Value(2.0, label="w")
    for call in (lambda: forgetful(w), lambda: forgets_many([w]), lambda: forgets_two(w, 1.0)):
        with pytest.raises(TypeError, match=r"w=2.0.*gave None: does it lack a `return`"):
            call()


@pytest.mark.parametrize("given", [1j, "2", [1.0], Value(1.0)])
def test_an_operation_whose_function_gives_no_real_number_is_an_error_that_names_it(given: Any) -> None:
    one = primitive(name="odd", derivatives=[lambda out, x: 1])(lambda x: given)
    two = primitive(name="odd", derivatives=[lambda out, x, y: 1] * 2)(lambda x, y: given)
    many = primitive(name="odd", derivatives=[lambda out, xs: [1] * len(xs)], variadic=True)(lambda xs: given)
    w = Value(2.0, label="w")
    for call in (lambda: one(w), lambda: two(w, 1.0), lambda: many([w])):
        with pytest.raises((TypeError, DomainError), match=r"odd\(.*w=2.0.*\): its function gave .*, expected a real number"):
            call()


def test_what_wraps_an_operation_is_none() -> None:
    twice = primitive(derivatives=[lambda out, x: 1 - out * out])(ag.tanh)
    assert primitive_of(ag.tanh) is ag.tanh.primitive
    assert primitive_of(twice) is twice.primitive is not ag.tanh.primitive
    for function in (grad(ag.tanh), ag.compile(ag.tanh, backend="python"), wraps(ag.tanh)(lambda x: 2 * x), abs, None):
        assert primitive_of(function) is None
