"""Machine code on disk is used again just where it means the same."""

import math
import os
from types import ModuleType

import pytest

numba = pytest.importorskip("numba")
numpy = pytest.importorskip("numpy")

from autograd_lite.compiler.native import disk  # noqa: E402
from autograd_lite.compiler.native.disk import cache_directory, fingerprint  # noqa: E402
from autograd_lite.compiler.native.translate import translated  # noqa: E402

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
    monkeypatch.setattr(disk, "njit", no_place)
    monkeypatch.setattr("numba.config.CACHE_DIR", "")
    disk.let_numba_keep_code()
    assert str(tmp_path / "autograd_lite") == numba.config.CACHE_DIR
