"""Means over a batch: which terms are added up sample by sample, and which once."""

from dataclasses import FrozenInstanceError

import pytest

import autograd_lite as ag
from autograd_lite import compile
from autograd_lite.compiler.means import Mean, split_outputs


def test_a_mean_over_a_batch_adds_up_its_terms_one_by_one():
    def f(c, x):
        return [x * c + c * c + (x - c), ag.exp(x) + x, c + c]

    compiled = compile(f, in_axes=(None, 0), backend="python")
    compiled(2.0, [1.0, 2.0])
    tape = compiled.tape
    varying = tape.varying([1])
    means, needless = split_outputs(tape, varying, tape.used_once(), [True, False, True])
    first, second, third = means
    name = {slot: primitive.name if primitive else slot for slot, primitive in enumerate(tape.primitives)}
    assert [name[slot] for slot in first.varying] == ["mul", "sub"]
    assert [name[slot] for slot in first.shared] == ["mul"]
    assert second is None
    assert third == Mean([], [tape.outputs[2]])
    assert [name[slot] for slot in range(len(needless)) if needless[slot]] == ["add", "add"]


def test_a_mean_cannot_be_changed():
    with pytest.raises(FrozenInstanceError):
        Mean([], []).shared = [1]
