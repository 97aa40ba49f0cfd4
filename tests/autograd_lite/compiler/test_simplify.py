"""Simplification: as few instructions as keep every bit, and every error."""

import math

import pytest

import autograd_lite as ag
from autograd_lite import Value, compile

backends = pytest.mark.parametrize("backend", ["python", "native"])


k = Value(2.0, "k")


def record(f, *arguments, kind="value", **options):
    compiled = compile(f, backend="python", **options)
    (compiled if kind == "value" else getattr(compiled, kind))(*arguments)
    return compiled.tape


def written(tape):
    """What is in each slot after the inputs; `x = …` if it has a name, `by n` if it is the derivative by slot n."""
    lines = []
    for slot in range(tape.inputs, len(tape.primitives)):
        primitive = tape.primitives[slot]
        if primitive is not None:
            text = " ".join([primitive.name, *map(str, tape.operands[slot])])
        else:
            text = repr(tape.constants[slot]) if slot in tape.constants else "outside"
        name = f"{tape.labels[slot]} = " if slot in tape.labels else ""
        lines.append(name + text + (f" by {tape.adjoint_of[slot]}" if slot in tape.adjoint_of else ""))
    return "; ".join(lines)


@pytest.mark.parametrize(
    ("f", "instructions", "outputs"),
    [
        (lambda x, y: x * 1, "", [0]),
        (lambda x, y: 1 * x, "", [0]),
        (lambda x, y: x * -1, "neg 0", [2]),
        (lambda x, y: -1.0 * x, "neg 0", [2]),
        (lambda x, y: x * 2, "2; mul 0 2", [3]),
        (lambda x, y: x * 0, "0; mul 0 2", [3]),  # infinity times 0 is NaN
        (lambda x, y: x + -0.0, "", [0]),
        (lambda x, y: -0.0 + x, "", [0]),
        (lambda x, y: x + 0.0, "0.0; add 0 2", [3]),  # -0.0 + 0.0 is 0.0
        (lambda x, y: 0 + x, "0; add 2 0", [3]),
        (lambda x, y: x - 0.0, "", [0]),
        (lambda x, y: x - -0.0, "-0.0; sub 0 2", [3]),
        (lambda x, y: 0.0 - x, "0.0; sub 2 0", [3]),
        (lambda x, y: x / 1, "", [0]),
        (lambda x, y: x / -1, "neg 0", [2]),
        (lambda x, y: x / 2, "2; truediv 0 2", [3]),
        (lambda x, y: 1 / x, "1; truediv 2 0", [3]),
        (lambda x, y: -1 / x, "-1; truediv 2 0", [3]),
        (lambda x, y: x**1, "", [0]),
        (lambda x, y: x**0, "1.0", [2]),
        (lambda x, y: x**-1, "-1; pow 0 2", [3]),
        (lambda x, y: x**-0.0, "-0.0; pow 0 2", [3]),
        (lambda x, y: 1**x, "1; pow 2 0", [3]),
        (lambda x, y: ag.ops.neg(-x), "", [0]),
        (lambda x, y: -x * -1, "", [0]),
        (lambda x, y: x / -1 / -1, "", [0]),
        (lambda x, y: -(x * y), "mul 0 1; neg 2", [3]),
        (lambda x, y: ag.where(x, y, y), "", [1]),
        (lambda x, y: ag.where(2, x, y), "", [0]),
        (lambda x, y: ag.where(0.0, x, y), "", [1]),
        (lambda x, y: ag.where(x, x, y), "where 0 0 1", [2]),
        (lambda x, y: ag.where(ag.where(x, 1, 2), x, y), "", [0]),
        (lambda x, y: ag.where(ag.where(x, 0, 0.0), x, y), "", [1]),
        (lambda x, y: ag.where(ag.where(x, 1, 0), x, y), "1; 0; where 0 2 3; where 4 0 1", [5]),
        (lambda x, y: ag.where(ag.where(x, 1, y), x, y), "1; where 0 2 1; where 3 0 1", [4]),
        (lambda x, y: ag.where(ag.greater(x, y), x, y), "greater 0 1; where 2 0 1", [3]),
        (lambda x, y: ag.ops.identity(x) * y, "mul 0 1", [2]),
        (lambda x, y: [x + y, y + x, x * y, y * x], "add 0 1; mul 0 1", [2, 2, 3, 3]),
        (lambda x, y: [x - y, y - x, x - y], "sub 0 1; sub 1 0", [2, 3, 2]),
        (lambda x, y: [ag.maximum(x, y), ag.maximum(y, x)], "maximum 0 1; maximum 1 0", [2, 3]),
        (lambda x, y: ag.sin(Value(1.0) * 0 + 2.0) * x, "outside; 0; mul 2 3; 2.0; add 4 5; sin 6; mul 7 0", [8]),
        (lambda x, y: ag.sin(ag.sum([1, 2.0])) * x, f"{math.sin(3.0)!r}; mul 2 0", [3]),
        (lambda x, y: [ag.sum([1, 2]), ag.sum([x, y]), ag.sum([3, 4.0])], "sum -1; 3; 7.0", [3, 2, 4]),
        (lambda x, y: [ag.sum([x**0, 2]), ag.sum([x, y]), ag.sum([y, x**0])], "1.0; 3.0; sum -1; sum -2", [3, 4, 5]),
        (lambda x, y: k * x + k, "k = outside; mul 2 0; add 3 2", [4]),
        (lambda x, y: (ag.exp(x), x * 2)[1], "2; mul 0 2", [3]),
        (lambda x, y: [3, 3.0, True, 3, x], "3; 3.0; True", [2, 3, 4, 2, 0]),
        (lambda x, y: [ag.exp(x), ag.exp(x)], "exp 0", [2, 2]),
    ],
)
def test_an_expression_becomes_as_few_instructions_as_keep_every_bit(f, instructions, outputs):
    tape = record(lambda x, y: f(x, y), 2.0, 3.0)
    assert (written(tape), tape.outputs) == (instructions, outputs)


def test_bundles_of_one_content_are_one():
    def f(x, y):
        return [ag.sum([x, y]), ag.prod([x, y]), ag.sum([y, x]), ag.dot([x, y], [x, y], y), ag.sum([x, 1]), ag.sum([x, y])]

    tape = record(f, 2.0, 3.0)
    assert written(tape) == "sum -1; prod -1; sum -2; dot -1 -1 1; 1; sum -3"
    assert tape.bundles == [(0, 1), (1, 0), (0, 6)]
    assert tape.outputs[0] == tape.outputs[5]
    assert (tape.recorded, tape.count) == (6, 5)


def test_the_gradient_is_on_the_tape_with_what_it_is_by():
    tape = record(lambda x: x * x * x, 2.0, kind="value_and_grad")
    assert written(tape) == "mul 0 0; mul 1 0; add 1 1; add 3 1 by 0"
    assert (tape.outputs, tape.recorded, tape.count) == ([2, 4], 6, 4)
    tape = record(lambda x, y: ag.where(2, x, ag.sin(y)), 2.0, 3.0, kind="value_and_grad", argnums=(0, 1))
    assert written(tape) == "1 by 0; 0 by 1"
    tape = record(lambda x: ag.sin(x) * x, 2.0, kind="grad")
    assert written(tape) == "sin 0; cos 0; mul 0 2; add 1 3 by 0"


def test_of_several_values_with_one_derivative_a_named_one_is_told():
    def f(x, y):
        z = x + y
        z.label = "z"
        return ag.exp(z + k)

    tape = record(f, 1.0, 2.0, kind="grad", argnums=(0, 1))
    (adjoint,) = set(tape.outputs)
    assert tape.labels[tape.adjoint_of[adjoint]] in ("x", "y", "z")


def test_simplification():
    def count(f, *args):
        compiled = compile(f, backend="python")
        compiled(*args)
        return compiled.tape.count

    assert count(lambda x: x * 1 + (2 * ag.exp(ag.Value(0.0) * 0 + 0) - 2) * 0, 3.0) >= 1
    assert count(lambda x: ag.sin(x) * ag.sin(x), 3.0) == 2
    assert count(lambda x, y: (x + y) * (y + x), 3.0, 4.0) == 2
    assert count(lambda x: (-x) * -1, 3.0) == 0
    assert count(lambda x: [x * 1, x / 1, x - 0, x**1, 1 * x][0], 3.0) == 0
    assert count(lambda x: x * 0, 3.0) == 1  # infinity times 0 is not 0
    assert count(lambda x: x + 0, 3.0) == 1  # -0.0 + 0 is 0.0
    assert math.copysign(1, compile(lambda x: x + 0, backend="python")(-0.0)) == 1
    unused = compile(lambda x: (ag.exp(x), x * 2)[1], backend="python")
    unused(1.0)
    assert (unused.tape.recorded, unused.tape.count) == (2, 1)


def test_a_choice_between_constants_of_one_truth_is_no_choice():
    square = compile(lambda x: x**2, backend="python")
    assert square.value_and_grad(-3.0) == (9.0, -6.0)
    assert "where" not in square.source


def test_a_choice_that_makes_no_difference_is_none():
    f = compile(lambda x, y: ag.where(ag.greater(x, 1), y, y), backend="python")
    assert f(3.0, 4.0) == 4.0
    assert f.tape.count == 0


# What may have no value


def test_what_may_have_no_value_is_computed_even_if_no_result_needs_it():
    def checked(f):
        tape = record(lambda x, y: (f(x, y), x)[1], 1.0, 2.0)
        return [tape.primitives[slot].name for slot in tape.checked]

    for power in (lambda x, y: x**-1, lambda x, y: x**1.5, lambda x, y: 0**x, lambda x, y: (-1) ** x, lambda x, y: x**y):
        assert checked(power) == ["pow"]
    for f, name in ((lambda x, y: ag.log(y), "log"), (lambda x, y: 2 / y, "truediv"), (lambda x, y: x / y, "truediv")):
        assert checked(f) == [name]
    for f in (lambda x, y: x**2.0, lambda x, y: x**-0.0, lambda x, y: 0.5**x, lambda x, y: x / 2, lambda x, y: ag.exp(x * y)):
        assert checked(f) == []


@backends
@pytest.mark.parametrize(
    ("f", "message"),
    [
        (ag.log, r"log\(x=-1\.0\)"),
        (lambda x: ag.grad(ag.log)(x), r"log\(x=-1\.0\)"),
        (lambda x: x**0.5, r"pow\(x=-1\.0, 0\.5\)"),
        (lambda x: x / (x + 1) + x / 4, r"truediv\(x=-1\.0, 0\.0\)"),
        (lambda x: (-2) ** (x + 0.5), r"pow\(-2, -0\.5\)"),
        (lambda x: 3 * ag.acos(x - 1), r"acos\(-2\.0\)"),
    ],
)
def test_there_is_no_derivative_where_there_is_no_value(f, message, backend):
    derivative, of_batch = compile(f, backend=backend), compile(f, in_axes=(0,), backend=backend)
    assert repr(derivative.grad(0.5)) == repr(ag.grad(f)(0.5))
    with pytest.raises(ArithmeticError, match=message):
        derivative.grad(-1.0)
    assert repr(of_batch.grad([0.5, 0.5])) == repr([ag.grad(f)(0.5) / 2] * 2)
    with pytest.raises(ArithmeticError, match=message):
        of_batch.grad([0.5, -1.0, 0.5])


def test_what_has_a_value_everywhere_is_not_computed_in_vain():
    for f in (lambda x: x**3, lambda x: ag.atan(x) / 4, ag.sinh, lambda x: 2 ** (x**2)):
        derivative = compile(f, backend="python")
        derivative.grad(0.5)
        assert "no result needs it" not in derivative.source
    derivative = compile(lambda x: x**math.inf, backend="python")
    derivative.grad(0.5)
    assert "v2 = pow(x, inf)  # no result needs it; it is an error where it has no value" in derivative.source
