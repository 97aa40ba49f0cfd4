"""NumPy's functions of arrays of Values: those that are here too give what is here, and all others are errors."""

import math
from typing import Any

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import Value, grad
from autograd_lite.ops import TABLE

UFUNCS = {name: item for name, item in vars(np).items() if isinstance(item, np.ufunc)}
OTHER_NAMES = {
    "absolute": "abs",
    "add": "add",
    "conj": "identity",
    "conjugate": "identity",
    "degrees": "rad2deg",
    "divide": "truediv",
    "fabs": "abs",
    "floor_divide": "floordiv",
    "fmax": "maximum",
    "fmin": "minimum",
    "multiply": "mul",
    "negative": "neg",
    "positive": "identity",
    "power": "pow",
    "radians": "deg2rad",
    "remainder": "mod",
    "rint": "round",
    "subtract": "sub",
    "true_divide": "truediv",
    **{f"arc{name}": f"a{name}" for name in ("sin", "cos", "tan", "sinh", "cosh", "tanh", "tan2")},
}
CHOOSING = {"less", "less_equal", "greater", "greater_equal", "equal", "not_equal", "logical_and", "logical_or", "logical_not"}
COMPOSED = {"trunc", "fmod", "matmul", "vecdot", "matvec", "vecmat"}
HERE = {name: TABLE[ours] for name in UFUNCS if (ours := OTHER_NAMES.get(name, name)) in TABLE and name not in CHOOSING}
POINTS = [(0.75, 0.5), (-2.75, 2.0), (2.5, -1.25), (1.5, 0.25)]


def values(*numbers: float) -> Any:
    return np.array([*map(Value, numbers)], dtype=object)


@pytest.mark.parametrize("name", HERE)
def test_a_function_that_is_here_too_gives_what_is_here(name: str) -> None:
    ufunc, operation = UFUNCS[name], HERE[name]

    def numpys(*operands: Any) -> Any:
        return ufunc(*[np.array([x], dtype=object) for x in operands])[0]

    for point in POINTS:
        operands = point[: ufunc.nin]
        try:
            expected = ag.value_and_grad(operation, range(ufunc.nin))(*operands)
        except ArithmeticError as error:
            with pytest.raises(type(error)):
                numpys(*map(Value, operands))
            continue
        value, slopes = ag.value_and_grad(numpys, range(ufunc.nin))(*operands)
        assert (value, *slopes) == pytest.approx((expected[0], *expected[1]), rel=1e-15, nan_ok=True)


@pytest.mark.parametrize("name", sorted(UFUNCS.keys() - HERE.keys() - CHOOSING - COMPOSED))
def test_every_other_function_is_an_error_that_names_it_or_the_value(name: str) -> None:
    ufunc = UFUNCS[name]
    with pytest.raises((TypeError, AttributeError), match=r"Value|ufunc"):
        ufunc(*[values(1.5)] * ufunc.nin)


@pytest.mark.parametrize("x", [-2.7, -2.0, -0.5, 0.5, 3.0, 3.7])
def test_numbers_are_cut_as_numpy_and_math_do_it(x: float) -> None:
    assert (math.floor(Value(x)).data, math.ceil(Value(x)).data) == (math.floor(x), math.ceil(x))
    assert math.trunc(Value(x)).data == np.trunc(values(x))[0].data == math.trunc(x)
    assert np.round(values(x), 1)[0].data == pytest.approx(np.round(x, 1))
    for y in (1.5, -1.5, 2.0, 0.7):
        assert np.fmod(values(x), y)[0].data == np.fmod(values(x), values(y))[0].data == math.fmod(x, y)
        slopes = grad(lambda x, y: np.fmod(np.array([x], dtype=object), np.array([y], dtype=object))[0], (0, 1))(x, y)
        assert slopes == (1.0, -math.trunc(x / y))


def test_a_choice_of_numpys_among_values_is_one_of_them() -> None:
    a, b = values(1.0, 5.0), values(3.0, 5.0)
    for chosen in (np.maximum(a, b), np.where(a > b, a, b), np.clip(a, b, 9.0)):
        assert [v.data for v in chosen] == [3.0, 5.0]
        assert all(any(v is w for w in (*a, *b)) for v in chosen)  # at a tie the one, where `ag.maximum` takes half of each
    assert np.max(a) is a[1]


@pytest.mark.parametrize("kind", [np.int8, np.uint8, np.float32, np.bool_])
def test_an_array_without_dimensions_is_the_number_in_it(kind: Any) -> None:
    array = np.array(100, dtype=kind)
    number = array.item()
    for operation in (ag.square, ag.exp, ag.relu, ag.floor):
        assert operation(array) == operation(number)
        assert type(operation(array)) is type(operation(number))
    for together in (ag.sum, ag.prod):
        assert together([array, array]) == together([number, number])
    assert ag.dot([array], [number], array) == number * number + number
    assert ag.dot([array], [Value(2.0)], array).data == 3.0 * number
    assert (Value(2.0) < array) is (number > 2.0)


@pytest.mark.parametrize(
    "use", [lambda d: Value(1.0) * d, lambda d: d + Value(1.0), grad(lambda x: x), lambda d: ag.sum([Value(1.0), d])]
)
def test_a_decimal_is_refused_with_a_way_out(use: Any) -> None:
    from decimal import Decimal

    with pytest.raises(TypeError, match=r"Decimal.*write Value\(float\(d\)\), or Value\(Fraction\(d\)\), which is exact"):
        use(Decimal("1.5"))
