"""Machine code on disk is used again just where it means the same."""

import math
import os
from functools import wraps
from types import ModuleType

import pytest

numba = pytest.importorskip("numba")
numpy = pytest.importorskip("numpy")

from autograd_lite import compile, cosh, primitive, sigmoid  # noqa: E402
from autograd_lite.compiler import translate  # noqa: E402
from autograd_lite.compiler.translate import cache_directory, fingerprint, translated  # noqa: E402
from autograd_lite.errors import OperationError  # noqa: E402

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
    ],
)
def test_code_is_the_same_just_where_what_it_computes_with_is(make):
    prints = [fingerprint(translated(make(number))) for number in (0, 1, 0)]
    assert prints[0] == prints[2] != prints[1]


def test_a_function_of_math_may_be_a_primitive_and_one_that_calls_itself_is_refused():
    sine = primitive(derivatives=[lambda out, x: 0 * x])(math.sin)
    assert compile(lambda x: sine(x), backend="native")(0.5) == math.sin(0.5)

    @primitive(derivatives=[lambda out, x: 0 * x])
    def factorial(x):
        return 1.0 if x < 1 else x * factorial(x - 1)

    assert compile(lambda x: factorial(x), backend="python")(3.0) == 6.0
    with pytest.raises(TypeError, match=r"cannot compile the primitive 'factorial': .*recursion.*backend='python'"):
        compile(lambda x: factorial(x), backend="native")(3.0)


@pytest.mark.parametrize(
    ("compute", "reason"),
    [
        (lambda x: float(str(x)), "could not convert string to float"),
        (lambda x: float(f"{x:.3f}"), "(?i:format.*spec)"),
        (lambda x: math.fsum([x, x]), "fsum"),
    ],
)
def test_why_numba_cannot_take_a_primitive_is_told_in_its_own_words(compute, reason):
    unknown = primitive(name="unknown", derivatives=[lambda out, x: 0 * x])(compute)
    with pytest.raises(TypeError, match=rf"cannot compile the primitive 'unknown': .*{reason}.*\. Write its function with"):
        compile(lambda x: unknown(x), backend="native")(0.5)


def test_where_the_users_cache_cannot_be_written_code_is_kept_among_temporary_files_of_the_user(monkeypatch, tmp_path):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    for name in ("NUMBA_CACHE_DIR", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    assert cache_directory() == tmp_path / "cache" / "autograd_lite"
    monkeypatch.setenv("XDG_CACHE_HOME", os.devnull)
    spare = cache_directory()
    assert spare.parent.parent == tmp_path / "temporary"
    assert spare.is_dir()
    monkeypatch.setenv("XDG_CACHE_HOME", "~nobody")  # no home is known
    assert cache_directory() == spare
    another = spare.stat().st_uid + 1
    monkeypatch.setattr("os.getuid", lambda: another, raising=False)
    spare.parent.rename(spare.parent.with_name(f"user-{another}"))  # made by another user, who might put anything there
    with pytest.raises(OSError, match=r"no directory to keep compiled code in: make .* writable, or set NUMBA_CACHE_DIR"):
        cache_directory()


def test_numba_keeps_its_code_with_ours_where_it_finds_no_place(monkeypatch, tmp_path):
    def no_place(**_):
        raise RuntimeError("cannot cache function 'run': no locator available")

    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    monkeypatch.setattr(translate, "njit", no_place)
    monkeypatch.setattr("numba.config.CACHE_DIR", "")
    translate.let_numba_keep_code()
    assert str(tmp_path / "autograd_lite") == numba.config.CACHE_DIR


@wraps(sigmoid)
def doubled(x):
    return 2 * math.tanh(x)


def test_a_function_around_an_operation_is_translated_itself():
    @primitive(derivatives=[lambda out, x: 0 * x])
    def calls(x):
        return doubled(x)

    assert compile(lambda x: calls(x), backend="native")(0.5) == pytest.approx(2 * math.tanh(0.5))


def through_a_division(x):
    return min(1 / x, 5.0)


def through_a_logarithm(x):
    return max(math.log(x), -100.0)


def through_an_operation(x):
    return 1 / (1 + cosh(1000 * x))


@pytest.mark.parametrize("function", [through_a_division, through_a_logarithm, through_an_operation])
def test_an_error_on_the_way_to_a_number_is_one_in_machine_code(function):
    operation = primitive(derivatives=[lambda out, x: 0 * x])(function)
    fast = compile(lambda x: operation(x), backend="native")
    batch = compile(lambda x: operation(x), in_axes=(0,), backend="native")
    refused = []
    for x in (0.5, 0.0, -0.0, -1.0, 2.0, math.inf, -math.inf, math.nan):
        try:
            expected = function(x)
        except (ArithmeticError, ValueError):
            refused.append(x)
            with pytest.raises(OperationError):
                fast(x)
            with pytest.raises(OperationError):
                batch([0.5, x, 0.5])
        else:
            assert fast(x) == pytest.approx(expected, nan_ok=True)
    assert refused
