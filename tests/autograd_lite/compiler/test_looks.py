"""A compiled function that reads the number of a Value around it itself is recorded anew where that is another one."""

import copy
import re
import threading
import warnings

import pytest

import autograd_lite as ag
from autograd_lite import Value, compile, fori, no_grad
from autograd_lite.compiler.trace import QUIET

weight = Value(2.0)
weights = {"w": Value(3.0)}


class Positive(Value):
    @property
    def data(self):
        return max(self._data, 0.0)


def without_gradient():
    with no_grad():
        return weight.data


LOOKS = {
    "compared": lambda x: x * (0.5 if weight > 2 else 1.0),
    "compared from the other side": lambda x: x * (0.5 if 2 < weight else 1.0),  # noqa: SIM300
    "in a dictionary": lambda x: x * (0.5 if weights["w"] > 2 else 1.0),
    "the largest": lambda x: x * max(weight, 2.0),
    "equal": lambda x: x * (0.5 if weight == 3.0 else 1.0),
    "true": lambda x: x * weight if weight else x * -1.0,
    "its number": lambda x: x * weight.data,
    "its number of a helper": lambda x: x * double_of(weight),
    "its number without a gradient": lambda x: x * without_gradient(),
    "of a copy": lambda x: x * copy.copy(weight).data,
    "in a loop": lambda x: fori(2, lambda i, c: c * (0.5 if weight > 2 else weight.data), x),
}


def double_of(value):
    return 2 * value.data


@pytest.mark.parametrize("backend", ["python", "native"])
@pytest.mark.parametrize("look", LOOKS)
def test_the_number_of_a_value_around_counts_where_the_function_looks_at_it(look, backend):
    f, value = compile(LOOKS[look], backend=backend), weights["w"] if "dictionary" in look else weight
    before = value.data
    try:
        for number in (3.0, 1.0, 0.0, 3.0, 2.5):
            value.data = number
            assert f.value_and_grad(1.5) == ag.value_and_grad(LOOKS[look])(1.5)
    finally:
        value.data = before


def test_a_value_around_that_is_only_computed_with_needs_no_new_recording():
    f = compile(lambda x: x * weight + (0.0 if Value(2.0) > 3 else 1.0), backend="python")
    f(1.0)
    recorded = f.latest
    before = weight.data
    try:
        weight.data = 5.0
        assert f(2.0) == 11.0
    finally:
        weight.data = before
    assert f.latest is recorded


def test_recordings_in_several_threads_leave_values_as_they_are():
    started = threading.Barrier(2)

    def f(x):
        started.wait(10)
        return x * weight + (1.0 if weight > 0 else 2.0)

    found = []
    threads = [threading.Thread(target=lambda: found.append(compile(f, backend="python")(1.0))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [3.0, 3.0]
    assert type(weight) is Value
    assert Value.data.fget.__code__ is QUIET


@pytest.mark.parametrize("stop", [ValueError, KeyboardInterrupt])
def test_a_recording_that_is_broken_off_leaves_values_as_they_are(stop):
    def f(x):
        raise stop

    with pytest.raises(stop):
        compile(f, backend="python")(1.0)
    assert Value.data.fget.__code__ is QUIET


def test_a_value_that_has_its_number_from_a_method_of_its_own_keeps_it():
    v = Positive(-3.0)
    assert (v.data, v > -1, v == 0.0, bool(v)) == (0.0, True, True, False)
    assert compile(lambda x: x + v.data, backend="python")(2.0) == 2.0
    assert (v.data, type(v)) == (0.0, Positive)


def test_who_reads_a_number_that_is_another_one_at_every_call_is_told_where():
    f = compile(lambda x: x * weight.data, backend="python")
    before = weight.data
    try:
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always")
            for number in range(20):
                weight.data = float(number)
                assert f(2.0) == 2.0 * number
    finally:
        weight.data = before
    (message,) = [str(warning.message) for warning in told]
    assert re.search(r"since the number of a Value that it reads at .*test_looks.py:.* compute on the Value itself", message)
