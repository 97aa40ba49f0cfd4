"""What is not a function of its arguments, or gives no number, is refused before anything is compared."""

import itertools
import math
import random
import re

import pytest

import autograd_lite
from autograd_lite import Value, check_grads, relu


def test_not_deterministic(verdictless):
    generator = random.Random(0)
    assert "is not deterministic: called twice with (1.0,)" in verdictless(lambda x: x * generator.random(), (1.0,))
    assert "is not deterministic: called twice with (1.1920928955078125e-07,)" in verdictless(
        lambda x: x * generator.random(), (0.0,)
    )


def test_not_a_number(verdictless):
    report = verdictless(lambda x: x + autograd_lite.exp(x) * math.nan, (1.0,))
    assert "returned nan at args = (1.0,): mul(" in report
    assert re.search(r"= nan, built at .*test_subject.py:\d+$", report)
    assert "returned [1.0, inf]" in verdictless(lambda x: [x, math.inf], (1.0,))
    assert "args[1] is nan" in verdictless(lambda x, y: x * y, (1.0, math.nan))


def test_no_inputs(verdictless):
    assert "f has no inputs: there is no number in args = ([],)" in verdictless(lambda x: 1.0, ([],))


def test_result_that_does_not_depend_on_the_arguments(verdictless):
    outer = Value(2.0)
    assert "does not depend on its arguments" in verdictless(lambda x: 3.0, (1.0,))
    assert "does not depend on its arguments" in verdictless(lambda x: outer * outer, (1.0,))
    check_grads(lambda x, y: y * outer, (1.0, 2.0))


def test_changed_arguments(verdictless):
    def append(x):
        x.append(x[0])
        return x[0]

    def assign(x):
        x[0] = 2 * x[0]
        return x[0]

    def replace(x):
        x[0] = 1 * x[0]
        return x[0]

    def change_data(x):
        x[0].data += 1
        return x[0] * x[0]

    assert "changes its arguments: they were [1.0] before the call, [1.0, 1.0] after it" in verdictless(append, ([1.0],))
    assert "[2.0] after it" in verdictless(assign, ([1.0],))
    assert "replace changes its arguments" in verdictless(replace, ([1.0],))
    assert "[2.0] after it" in verdictless(change_data, ([1.0],))


def test_wrong_structures(verdictless):
    assert "the result of f is None (NoneType)" in verdictless(lambda x: None, (1.0,))
    assert "returned no number" in verdictless(lambda x: [], (1.0,))
    lengths = itertools.cycle([1, 2])
    assert "not deterministic" in verdictless(lambda x: [x] * next(lengths), (1.0,))
    expected = r"^args must be a tuple of arguments, got 1.0 \(float\): for a single one write \(x,\)$"
    with pytest.raises(TypeError, match=expected):
        check_grads(relu, 1.0)
    with pytest.raises(TypeError, match=r"args\[0\] is 'a' \(str\)"):
        check_grads(relu, ("a",))


def test_what_is_no_function():
    with pytest.raises(TypeError, match=r"^f must be a function, got 3 \(int\)$"):
        check_grads(3, (1.0,))
