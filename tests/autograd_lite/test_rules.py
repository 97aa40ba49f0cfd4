"""Operations and custom primitives: how they are called, what they give, and what a wrong one is told."""

import inspect
import math
import operator
from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import wraps
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd_lite as ag
from autograd_lite import Value, grad, primitive
from autograd_lite.bundles import Bundle
from autograd_lite.errors import DivisionByZeroError, DomainError, OperationError, RangeError
from autograd_lite.rules import rule_of


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
        ({"domain": [(0, 1)]}, "expected one Interval for each argument"),
        ({"domain": [ag.Interval(), ag.Interval()]}, "expected one Interval for each argument"),
        ({"kink": 0.0}, "kink 0.0: expected a function of the inputs"),
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


def test_a_dot_product_may_be_long() -> None:
    x = [Value(1.0) for _ in range(300)]
    assert ag.dot(x, [2.0] * 300).data == 600.0


def test_a_primitive_cannot_be_pickled() -> None:
    import pickle

    with pytest.raises(TypeError, match="primitive 'cube' cannot be pickled"):
        pickle.dumps(cube.primitive)  # type: ignore[attr-defined]
    assert repr(cube.primitive) == "<primitive cube>"  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("compute", "kind", "message"),
    [
        (
            lambda: ag.log(Value(-1.0, label="p")),
            DomainError,
            r"log\(p=-1.0\): outside the domain: the function is defined for x > 0",
        ),
        (lambda: ag.log(Value(0.0)), DomainError, r"log\(0.0\)"),
        (lambda: ag.sqrt(Value(-2.0)), DomainError, r"sqrt\(-2.0\): .* x ≥ 0"),
        (lambda: ag.atanh(Value(1.0)), DomainError, r"atanh\(1.0\): .* -1 < x < 1"),
        (lambda: ag.asin(Value(2.0)), DomainError, r"asin\(2.0\): .* -1 ≤ x ≤ 1"),
        (lambda: Value(-8.0) ** (1 / 3), DomainError, r"pow\(-8.0, 0.333"),
        (lambda: Value(1.0) / Value(0.0, label="d"), DivisionByZeroError, r"truediv\(1.0, d=0.0\): division by zero"),
        (lambda: 1 / Value(0), DivisionByZeroError, "truediv"),
        (lambda: Value(0.0) ** -1, DivisionByZeroError, "pow"),
        (lambda: ag.exp(Value(1000.0, label="e")), RangeError, r"exp\(e=1000.0\): the result is too large for a float"),
        (lambda: Value(1e200) ** 2, RangeError, "pow"),
        (lambda: ag.log(-1.0), DomainError, r"log\(-1.0\)"),
        (lambda: ag.exp(1000), RangeError, r"exp\(1000\)"),
        (lambda: ag.atan2(1.0, 2.0) / ag.sin(0.0) if ag.cosh(1000.0) else 0, RangeError, "cosh"),
        (lambda: ag.logsumexp([]), DomainError, r"^logsumexp\(\[\]\): it needs at least one number$"),
        (lambda: ag.softmax([]), ValueError, "^softmax of no operands: it needs at least one number$"),
        (lambda: ag.log_softmax([]), ValueError, "^log_softmax of no operands: it needs at least one number$"),
        (lambda: ag.dot([Value(1.0)], [1.0, 2.0]), ValueError, "dot of 1 and 2 operands: the lengths must be equal"),
        (lambda: ag.dot([1.0], [1.0, 2.0]), ValueError, "lengths must be equal"),
        (lambda: ag.mean([]), ValueError, "^mean of no operands: it needs at least one number$"),
        (lambda: ag.exp("a"), TypeError, r"exp\('a'\)"),
        (lambda: ag.exp([Value(1.0)]), TypeError, r"exp\(\[1.0\]\)"),
        (lambda: ag.maximum(Value(1.0), "a"), TypeError, "got 'a'"),
        (lambda: ag.sum([Value(1.0), "a"]), TypeError, "got 'a'"),
        (lambda: ag.sum(Value(1.0)), TypeError, r"sum\(1.0\): 'float' object is not iterable"),
        (lambda: ag.where(Value(1.0), Value(2.0)), TypeError, "missing 1 required"),
    ],
)
def test_what_has_no_value_is_an_error_that_names_operation_and_operands(
    compute: Callable[[], Any], kind: type[Exception], message: str
) -> None:
    with pytest.raises(kind, match=message):
        compute()


def test_errors_are_of_pythons_kinds_too() -> None:
    assert issubclass(DomainError, ValueError)
    assert issubclass(DivisionByZeroError, ZeroDivisionError)
    assert issubclass(RangeError, OverflowError)
    assert issubclass(OperationError, ArithmeticError)


def test_operations_take_keywords_defaults_iterables_and_arrays() -> None:
    x = Value(-2.0)
    assert ag.leaky_relu(x).data == -0.02
    assert (ag.leaky_relu(x, 0.5).data, ag.leaky_relu(x, negative_slope=0.5).data, ag.leaky_relu(-2.0, 0.5)) == (-1, -1, -1)
    assert ag.elu(x, alpha=2.0).data == 2 * math.expm1(-2)
    assert ag.dot([x], [3.0], b=Value(1.0)).data == -5.0
    assert ag.sum(v for v in (x, x, 1.0)).op == "sum"
    assert ag.logsumexp(np.array([x, x])).op == "logsumexp"
    assert ag.sum(np.array([1.0, 2.0])) == 3.0
    assert (ag.sum([]), ag.prod([]), ag.dot([], [])) == (0, 1, 0)


@given(st.sets(st.sampled_from("bcd")), st.floats(-3, 3))
def test_operands_may_be_given_by_name_in_any_choice(names: set[str], x: float) -> None:
    @primitive(
        derivatives=[
            lambda out, a, b=2.0, c=3.0, d=5.0: b * c + d,
            lambda out, a, b=2.0, c=3.0, d=5.0: a * c,
            lambda out, a, b=2.0, c=3.0, d=5.0: a * b,
            lambda out, a, b=2.0, c=3.0, d=5.0: a,
        ],
    )
    def mixed(a: Any, b: Any = 2.0, c: Any = 3.0, d: Any = 5.0) -> Any:
        return a * (b * c + d)

    given_ = dict.fromkeys(sorted(names), 0.5)
    b, c, d = ({"b": 2.0, "c": 3.0, "d": 5.0} | given_).values()
    a, operands = Value(x), {name: Value(number) for name, number in given_.items()}
    out = mixed(a, **operands)
    out.backward()
    assert out.data == mixed(x, **given_) == x * (b * c + d)
    slopes = {"b": x * c, "c": x * b, "d": x}
    assert a.grad == b * c + d
    assert {name: operand.grad for name, operand in operands.items()} == {name: slopes[name] for name in operands}


@pytest.mark.parametrize("kind", [list, Bundle])
def test_an_operation_of_single_operands_refuses_a_sequence_of_values(kind: Callable[..., Any]) -> None:
    sequence = kind([Value(1.0)])
    for operands in ((1, sequence, sequence), (Value(1.0), sequence, 2.0)):
        with pytest.raises(TypeError, match=r"Value expects a real number, got .*Value\(data=1.0"):
            ag.where(*operands)


kinds = st.sampled_from([bool, int, float, Fraction, np.int64, np.float32, np.float64])
operators = st.sampled_from([operator.add, operator.sub, operator.mul, operator.truediv, operator.pow])


@given(operators, kinds, kinds, st.integers(1, 5), st.integers(1, 5))
def test_operators_give_what_python_gives_for_numbers_of_any_two_kinds(
    operate: Callable[..., Any], left: Callable[..., Any], right: Callable[..., Any], a: int, b: int
) -> None:
    x, y = left(a), right(b)
    plain = operate(x, y)
    for got in (operate(Value(x), y), operate(x, Value(y)), operate(Value(x), Value(y))):
        assert got.data == plain


def test_a_float_in_gives_a_float_out() -> None:
    assert type(ag.exp(1.0)) is type(ag.dot([1.0], [2.0])) is type(ag.maximum(1.0, 2.0)) is type(ag.softmax([1.0])[0]) is float


def test_functions_of_two_operands_fail_alike_on_numbers_and_values() -> None:
    divide, power = ag.ops.TABLE["truediv"], ag.ops.TABLE["pow"]
    for one in (1.0, Value(1.0)):
        with pytest.raises(DivisionByZeroError, match=r"^truediv\(1.0, 0.0\): division by zero"):
            divide(one, 0.0)
    for base in (-2.0, Value(-2.0)):
        with pytest.raises(DomainError, match=r"^pow\(-2.0, 0.5\): outside the domain: the function is defined for x > 0"):
            power(base, 0.5)


def test_values_of_a_derived_class_are_operands_everywhere() -> None:
    class Parameter(Value):
        __slots__ = ()

    w = Parameter(2.0)
    (ag.where(w, w, 0.0) * 3 + ag.leaky_relu(w) + 1 / w + ag.dot([w], [w]) + ag.sin(w)).backward()
    assert w.grad == pytest.approx(3 + 1 - 1 / 4 + 4 + math.cos(2))


class Foreign:
    """An array of another library that leaves the operators to Value."""

    def __array__(self) -> Any:
        raise AssertionError("it is not to be read")


@pytest.mark.parametrize("operate", [lambda v, other: v + other, lambda v, other: other + v, lambda v, other: other**v])
def test_operators_leave_arrays_to_themselves(operate: Callable[..., Any]) -> None:
    with pytest.raises(TypeError, match="unsupported operand"):
        operate(Value(1.0), Foreign())


def test_a_message_shows_four_operands_of_a_sequence() -> None:
    for count, shown in ((4, "0.0, 1.0, 2.0, 3.0"), (5, "0.0, 1.0, 2.0, 3.0, …")):
        with pytest.raises(ValueError, match=rf"^dot\(\[{shown}\], \[1.0\]\): "):
            ag.dot([Value(float(k)) for k in range(count)], [1.0])


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


@pytest.mark.parametrize("sequence", [list, tuple])
def test_values_in_a_sequence_are_operands_of_a_variadic_operation_only(sequence: Callable[..., Any]) -> None:
    one = primitive(name="lone", derivatives=[lambda out, xs: 1])(lambda xs: sum(x.data for x in xs))
    two = primitive(name="pair", derivatives=[lambda out, xs, y: 1] * 2)(lambda xs, y: y)
    xs = sequence([Value(2.0), Value(3.0)])
    for call in (lambda: one(xs), lambda: two(xs, 1.0), lambda: two(1.0, xs)):
        with pytest.raises(TypeError, match=r"(lone|pair)\(.*2.0, 3.0.*\): it takes numbers and Values, not sequences"):
            call()
    for operation in (lambda: two(xs, Value(1.0)), lambda: ag.where(1, xs, xs)):
        with pytest.raises(TypeError, match="expects a real number"):
            operation()


def test_operations_of_one_or_two_operands_say_that_they_take_them_by_position() -> None:
    assert str(inspect.signature(cube)) == "(x: Any, /) -> Any"
    with pytest.raises(TypeError, match="positional"):
        ag.maximum(a=1.0, b=2.0)


def test_a_primitive_of_two_sequences_may_have_any_lengths_and_a_third() -> None:
    @primitive(
        derivatives=[
            lambda out, a, b, c=(): [b[0]] * len(a),
            lambda out, a, b, c=(): [ag.sum(a), *([0] * (len(b) - 1))],
            lambda out, a, b, c=(): [1] * len(c),
        ],
        variadic=True,
    )
    def scaled(a: Any, b: Any, c: Any = ()) -> Any:
        return sum(a) * b[0] + sum(c)

    a, b, c = ([Value(float(n)) for n in range(1, count + 1)] for count in (2, 3, 2))
    scaled(a, b).backward()
    scaled(a, b[:2], c).backward()
    assert [v.grad for v in (*a, *b, *c)] == [2.0, 2.0, 6.0, 0.0, 0.0, 1.0, 1.0]


def test_derivatives_of_a_pair_of_sequences_may_depend_on_the_third_operand() -> None:
    @primitive(
        derivatives=[
            lambda out, a, b, c=1: [c * y for y in b],
            lambda out, a, b, c=1: [c * x for x in a],
            lambda out, a, b, c=1: sum(x * y for x, y in zip(a, b, strict=True)),
        ],
        variadic=True,
    )
    def scaled_dot(a: Any, b: Any, c: Any = 1) -> Any:
        return c * sum(x * y for x, y in zip(a, b, strict=True))

    a, b, c = [Value(1.0), Value(2.0)], [Value(3.0), Value(4.0)], Value(5.0)
    scaled_dot(a, b, c).backward()
    assert [v.grad for v in (*a, *b, c)] == [15.0, 20.0, 5.0, 10.0, 11.0]


def test_a_number_and_a_sequence_may_stand_in_any_order() -> None:
    @primitive(
        derivatives=[lambda out, s, xs, c=0: sum(xs), lambda out, s, xs, c=0: [s] * len(xs), lambda out, s, xs, c=0: 1],
        variadic=True,
    )
    def scale(s: Any, xs: Any, c: Any = 0) -> Any:
        return s * sum(xs) + c

    @primitive(
        derivatives=[lambda out, xs, s, c=0: [s] * len(xs), lambda out, xs, s, c=0: sum(xs), lambda out, xs, s, c=0: 1],
        variadic=True,
    )
    def scaled(xs: Any, s: Any, c: Any = 0) -> Any:
        return s * sum(xs) + c

    for multiply in (scale, lambda s, xs, *c: scaled(xs, s, *c)):
        s, xs, c = Value(0.5), [Value(1.0), Value(2.0)], Value(1.0)
        out = multiply(2 * s, xs, c) + multiply(2 * s, xs)
        out.backward()
        assert (out.data, s.grad, [x.grad for x in xs], c.grad) == (7.0, 12.0, [2.0, 2.0], 1.0)


@pytest.mark.parametrize("position", [0, 1])
@pytest.mark.parametrize("second", [Value(3.0), 3.0])
def test_a_pair_of_sequences_needs_as_many_derivatives_as_operands(position: int, second: Any) -> None:
    rules: list[Any] = [lambda out, a, b, c=0: b, lambda out, a, b, c=0: a, lambda out, a, b, c=0: 1]
    rules[position] = lambda out, a, b, c=0: [1.0, 2.0]

    @primitive(derivatives=rules, variadic=True)
    def product(a: Any, b: Any, c: Any = 0) -> Any:
        return a[0] * b[0] + c

    node = product([Value(2.0)], [second])
    if position == 1 and not isinstance(second, Value):
        node.backward()  # nobody asks for the derivative by a constant
    else:
        with pytest.raises(ValueError, match="it gave 2 numbers for 1 operand"):
            node.backward()


def test_what_wraps_an_operation_is_none() -> None:
    twice = primitive(derivatives=[lambda out, x: 1 - out * out])(ag.tanh)
    assert rule_of(ag.tanh) is ag.tanh.primitive
    assert rule_of(twice) is twice.primitive is not ag.tanh.primitive
    for function in (grad(ag.tanh), ag.compile(ag.tanh, backend="python"), wraps(ag.tanh)(lambda x: 2 * x), abs, None):
        assert rule_of(function) is None
