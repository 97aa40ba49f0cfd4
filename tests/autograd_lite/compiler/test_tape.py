"""A tape: what is read once, what varies, and what cannot be changed."""

from dataclasses import FrozenInstanceError

import pytest

import autograd_lite as ag
from autograd_lite import compile
from autograd_lite.compiler.tape import Argument, Tape


def test_what_is_used_once_and_what_varies():
    f = compile(lambda w, x: [ag.dot(w, x[:2]) * w[0], w[1] * w[1], ag.sum(w) * ag.prod(w)], backend="python")
    f([1.0, 2.0], [3.0, 4.0, 5.0])
    tape = f.tape
    names = [primitive.name if primitive else f"input {slot}" for slot, primitive in enumerate(tape.primitives)]
    once = dict(zip(names, tape.used_once(), strict=True))
    assert [once[f"input {slot}"] for slot in range(5)] == [False, False, True, True, False]  # a shared bundle counts once
    assert all((once["dot"], once["sum"], once["prod"]))
    assert tape.used_once()[tape.outputs[0]]
    by_x = dict(zip(names, tape.varying([2, 3]), strict=True))
    assert (by_x["dot"], by_x["sum"], by_x["prod"], by_x["input 0"], by_x["input 2"]) == (1, 0, 0, 0, 1)
    assert [tape.varying([2])[slot] for slot in tape.outputs] == [1, 0, 0]
    assert [tape.varying([0])[slot] for slot in tape.outputs] == [1, 0, 1]
    assert [tape.varying([1])[slot] for slot in tape.outputs] == [1, 1, 1]
    assert not any(tape.varying([]))


def test_what_a_tape_says_of_its_parts_cannot_be_changed():
    argument = Argument("x", 0, 1, True, False)
    assert {argument: "x"}[Argument("x", 0, 1, True, False)] == "x"
    with pytest.raises(FrozenInstanceError):
        argument.start = 1
    tape = Tape(2)
    assert (tape.count, tape.recorded) == (0, 0)
