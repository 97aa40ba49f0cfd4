"""The meaning of a function changes with whatever it computes with, however that is reached."""

import enum
import functools
import math
from collections import namedtuple
from types import ModuleType, SimpleNamespace

import pytest

from autograd_lite import primitive

numba = pytest.importorskip("numba")
numpy = pytest.importorskip("numpy")

from autograd_lite.compiler.native.meaning import NoMeaningError, meaning  # noqa: E402
from autograd_lite.ops import TABLE  # noqa: E402

LONG = numpy.zeros(3000)
settings = ModuleType("settings")


def in_its_code(number):
    return {0: lambda x: x * 2.0, 1: lambda x: x * 3.0}[number]


def in_a_function_within(number):
    return {0: lambda x: sum([x * 2.0 for _ in range(2)]), 1: lambda x: sum([x * 3.0 for _ in range(2)])}[number]


def closed_over(number):
    return lambda x: x * number


def as_a_default(number):
    return lambda x, y=number: x * y


def in_a_module(number):
    settings.factor = float(number)
    return lambda x: x * settings.factor


def in_a_module_within(number):
    settings.inner = ModuleType("inner")
    settings.inner.factor = float(number)
    return lambda x: x * settings.inner.factor


def in_an_array(number):
    LONG[1500] = number
    return lambda x: x * LONG[1500]


def in_a_tuple(number):
    array = numpy.zeros(3000)
    array[1500] = number
    pair = (1.0, array)
    return lambda x: x * pair[1][1500]


def in_another_function(number):
    def helper(x):
        return x * number

    return lambda x: helper(x)


def in_an_operation_of_the_library(number):
    function = (math.sin, math.cos)[number]
    return lambda x: function(x)


def a_function_that_is_none_of_python(number):
    return (math.sin, math.cos)[number]


def in_the_cell_of_a_compiled_function(number):
    @numba.njit
    def helper(x):
        return x * number

    return lambda x: helper(x)


def in_the_options_of_a_compiled_function(number):
    helper = numba.njit(fastmath=bool(number))(lambda x: x + 1.0 - 1.0)
    return lambda x: helper(x)


def in_a_member_of_an_enum(number):
    color = enum.Enum("color", {"RED": number})
    return lambda x: x * color.RED.value


def in_a_member_of_an_enum_taken_out(number):
    color = enum.IntEnum("color", {"RED": 7, "BLUE": 7 + number})
    red = color.RED
    return lambda x: x * red.value


def in_a_default_by_name(number):
    return lambda x, *, y=number: x * y


def in_a_partial_function(number):
    @numba.njit
    def helper(x, y):
        return x * y

    partial = functools.partial(helper, number)
    return lambda x: partial(x)


def in_a_named_tuple(number):
    settings = namedtuple("settings", "factor offset")(number, 1.0)
    return lambda x: x * settings.factor


def in_the_names_of_a_named_tuple(number):
    settings = namedtuple("settings", ("factor offset", "offset factor")[number])(2.0, 3.0)
    return lambda x: x * settings.factor


def in_the_type_of_a_number(number):
    factor = (2, 2.0)[number]
    return lambda x: x * factor


def in_the_sign_of_a_zero(number):
    zero = (0.0, -0.0)[number]
    return lambda x: math.copysign(x, zero)


def in_what_is_caught(number):
    def catches_nothing(x):
        y = 1 / x
        return 0.0 * y

    def catches(x):
        try:
            y = 1 / x
        except Exception:
            y = 0.0
        return y

    return (catches_nothing, catches)[number]


def in_a_function_that_calls_itself(number):
    def helper(x):
        return x if x > number else helper(x + 1.0)

    return helper


def in_an_operation_of_ones_own(number):
    @primitive(derivatives=[lambda out, x: number])
    def helper(x):
        return x * number

    return lambda x: helper(x)


@pytest.mark.parametrize(
    "make",
    [
        in_its_code,
        in_a_function_within,
        closed_over,
        as_a_default,
        in_a_module,
        in_a_module_within,
        in_an_array,
        in_a_tuple,
        in_another_function,
        in_an_operation_of_the_library,
        a_function_that_is_none_of_python,
        in_the_cell_of_a_compiled_function,
        in_the_options_of_a_compiled_function,
        in_a_member_of_an_enum,
        in_a_member_of_an_enum_taken_out,
        in_a_default_by_name,
        in_a_partial_function,
        in_a_named_tuple,
        in_the_names_of_a_named_tuple,
        in_the_type_of_a_number,
        in_the_sign_of_a_zero,
        in_what_is_caught,
        in_a_function_that_calls_itself,
        in_an_operation_of_ones_own,
    ],
)
def test_the_meaning_is_the_same_just_where_what_it_computes_with_is(make):
    prints = [meaning(make(number)) for number in (0, 1, 0)]
    assert prints[0] == prints[2] != prints[1]


class Settings:
    factor = 2.0

    def scale(self, x):
        return x * self.factor


def not_yet():
    def helper(x):
        return x * later

    if not helper:
        later = 1.0
    return helper


def plain(x):
    return x


def wrapped(x):
    return x + 1.0


functools.update_wrapper(wrapped, numpy.sum)


@pytest.mark.parametrize(
    "taken", [Settings, Settings(), Settings().scale, SimpleNamespace(factor=2.0), [2.0], numpy.array([None]), iter(())]
)
def test_what_may_change_without_a_sign_has_no_meaning(taken):
    with pytest.raises(NoMeaningError, match="may change without a sign"):
        meaning(lambda x: taken)


def test_what_cannot_be_followed_has_no_meaning():
    for function in (not_yet(), numba.njit(lambda x: plain(x)), numba.njit(lambda x: wrapped(x))):
        with pytest.raises(NoMeaningError):
            meaning(function)
    module = ModuleType("module")
    module.plain = plain
    with pytest.raises(NoMeaningError):
        meaning(lambda x: module.plain(x))


def test_every_operation_of_the_table_has_a_meaning_of_its_own():
    meanings = {meaning(operation.primitive.compute) for operation in TABLE.values()}
    assert len(meanings) > 0.9 * len(TABLE)  # some compute the same, such as `where` and `gated`
