"""Recording a model: what makes two recordings the same, and the tape of a loss with its gradient."""

import pytest

import autograd_lite as ag
from autograd_lite import Value
from autograd_lite.bundles import Bundle
from autograd_lite.compiler.trace import Trace
from autograd_lite.compiler.training import UpdateRule, record_model, same_graph
from autograd_lite.errors import TracingError
from autograd_lite.trees import NUMBER

k, other = Value(2.0, "k"), Value(2.0, "k")


def trace(f):
    return Trace(f, [[2.0], [3.0]], [NUMBER, NUMBER], ["x", "y"])


DIFFERENT = [
    lambda x, y: x * y,
    lambda x, y: y * x,
    lambda x, y: x / y,
    lambda x, y: [x * y],
    lambda x, y: [x * y, x],
    lambda x, y: [x * y, y],
    lambda x, y: [x * y, 1.0],
    lambda x, y: [x * y, 1],
    lambda x, y: (x * y) * 2,
    lambda x, y: (x * y) * 2.0,
    lambda x, y: (x * y) * k,
    lambda x, y: (x * y) * other,
    lambda x, y: (x * y) * (x * y),
    lambda x, y: (z := x * y) * z,
    lambda x, y: ag.sum([x, y]),
    lambda x, y: ag.sum([y, x]),
    lambda x, y: ag.sum([x, y, x]),
    lambda x, y: ag.sum([1, 2.0]),
    lambda x, y: ag.sum([1, 3.0]),
    lambda x, y: ag.sum([ag.sum([x, y]), ag.sum([x, y])]),
    lambda x, y: ag.dot([x, y], [x, y]),
    lambda x, y: ag.sum(one := Bundle([x, y])) * ag.prod(one),
    lambda x, y: ag.sum(Bundle([y, x])) * ag.prod(Bundle([x, y])),
    lambda x, y: 7.0,
]


@pytest.mark.parametrize("f", DIFFERENT)
def test_two_recordings_are_the_same_if_they_made_the_same_operations(f):
    one = trace(f)
    for g in DIFFERENT:
        flat = trace(g)
        if len(one.outputs) == len(flat.outputs) and {f, g} != {DIFFERENT[0], DIFFERENT[3]}:
            assert same_graph(one, flat) == (f is g)


def test_recordings_of_different_length_are_not_the_same():
    assert not same_graph(trace(DIFFERENT[3]), trace(DIFFERENT[4]))
    assert not same_graph(trace(DIFFERENT[4]), trace(DIFFERENT[3]))


def loss(parameters_of):
    def f(x, y):
        w, b = parameters_of
        out = w * x + b
        return [(out - y) ** 2, out]

    return f


def test_a_model_becomes_a_tape_of_its_loss_its_outputs_and_the_gradient():
    w, b = Value(0.5, "w"), Value(0.25, "b")
    tape, arguments, _ = record_model(loss((w, b)), [w, b], 2.0, 1.0, differentiate=True)
    assert [(a.name, a.start, a.stop, a.is_number, a.batched) for a in arguments] == [
        ("parameters", 0, 2, False, False),
        ("x", 2, 3, True, True),
        ("y", 3, 4, True, True),
    ]
    assert len(tape.outputs) == 4
    assert [tape.labels[slot] for slot in range(4)] == ["w", "b", "x", "y"]
    assert {tape.labels.get(primal) for primal in tape.adjoint_of.values()} >= {"w"}
    tape, arguments, _ = record_model(lambda x, y: loss((w, b))(x[0], y), [w, b], [2.0, 5.0], 1.0, differentiate=False)
    assert [(a.start, a.stop, a.is_number, a.batched) for a in arguments] == [
        (0, 2, False, False),
        (2, 4, False, True),
        (4, 5, True, True),
    ]
    assert len(tape.outputs) == 2


@pytest.mark.parametrize(
    ("rule", "buffers", "changed"),
    [
        (lambda x, g, rate, steps: [x - rate * g], 0, []),
        (lambda x, g, rate, steps, b: [x - rate * g, b], 1, [False]),
        (lambda x, g, rate, steps, b: [x - rate * g, b + g], 1, [True]),
        (lambda x, g, rate, steps, b, c: [x - rate * g, b, c + g], 2, [False, True]),
        (lambda x, g, rate, steps, b, c: [x - rate * g, c, b], 2, [True, True]),
        (lambda x, g, rate, steps, b, c: [x, g, c], 2, [True, False]),
    ],
)
def test_an_update_knows_which_buffers_it_changes(rule, buffers, changed):
    assert UpdateRule(rule, buffers).changed == changed


def test_a_model_that_is_another_at_each_call_is_refused():
    calls = []

    def f(x, y):
        calls.append(1)
        return [x * len(calls), x]

    with pytest.raises(TracingError, match="computes something else each time it is called"):
        record_model(f, [Value(1.0)], 2.0, 3.0, differentiate=True)
