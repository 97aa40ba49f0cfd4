"""Operations: how they are called, what they give, and the errors that name them and their operands."""

import inspect
import math
import operator
from collections import Counter, namedtuple
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd_lite as ag
from autograd_lite import Value, primitive
from autograd_lite.errors import DivisionByZeroError, DomainError, OperationError, RangeError


@primitive(derivatives=[lambda out, x: 3 * x * x])
def cube(x: Any) -> Any:
    """x³."""
    return x**3


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


def test_a_message_shows_four_operands_of_a_sequence() -> None:
    for count, shown in ((4, "0.0, 1.0, 2.0, 3.0"), (5, "0.0, 1.0, 2.0, 3.0, …")):
        with pytest.raises(ValueError, match=rf"^dot\(\[{shown}\], \[1.0\]\): "):
            ag.dot([Value(float(k)) for k in range(count)], [1.0])


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


def test_operations_of_one_or_two_operands_say_that_they_take_them_by_position() -> None:
    assert str(inspect.signature(cube)) == "(x: Any, /) -> Any"
    with pytest.raises(TypeError, match="positional"):
        ag.maximum(a=1.0, b=2.0)


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


def answer(self: Any, other: Any) -> Any:
    return "it computes" if isinstance(other, Value) else NotImplemented


OPERATORS = {f"__r{name}__": getattr(operator, name) for name in ("add", "sub", "mul", "truediv", "mod", "floordiv", "pow")}
COMPARISONS = {"__gt__": operator.lt, "__ge__": operator.le, "__lt__": operator.gt, "__le__": operator.ge}


@pytest.mark.parametrize(("method", "operate"), [*OPERATORS.items(), *COMPARISONS.items()])
def test_an_operator_leaves_it_to_the_other_side_if_that_has_a_method_for_it(method: str, operate: Callable[..., Any]) -> None:
    other, stranger = type("Other", (), {method: answer})(), type("Stranger", (), {})()
    for value in (Value(1.0), Value(np.float32(1.0))):
        assert operate(value, other) == "it computes"
        for wrong in (stranger, "1", [1.0, 2.0], None, 1j, Decimal(2), {1}, Counter("a"), namedtuple("Pair", "a b")(1, 2)):
            with pytest.raises(TypeError, match=r"expected a number or a Value|a Value compares with numbers and Values"):
                operate(value, wrong)


@pytest.mark.parametrize("operate", [lambda v, other: v + other, lambda v, other: other + v, lambda v, other: other**v])
def test_operators_leave_arrays_to_themselves(operate: Callable[..., Any]) -> None:
    with pytest.raises(TypeError, match="unsupported operand"):
        operate(Value(1.0), Foreign())
