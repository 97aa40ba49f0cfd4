"""Primitives of which many follow each other are computed in one pass, and give the same numbers to the bit."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd_lite as ag
from autograd_lite import compile
from autograd_lite.ops import OWN, TABLE

numpy = pytest.importorskip("numpy")
pytest.importorskip("numba")
from autograd_lite.compiler.native import fusion  # noqa: E402
from autograd_lite.compiler.native.generated import mapped  # noqa: E402

TOTAL = ("add", "sub", "mul", "neg", "relu", "greater", "gated", "maximum", "abs")
COUNT = fusion.LEAST


def names_of(function, *arguments, in_axes):
    """The names of all primitives that a program computes after fusing, but for sums."""
    compiled = compile(function, in_axes=in_axes, backend="native")
    compiled(*arguments)
    plan = compiled.latest.program.plan
    return {group.primitive.name for level in plan.levels for group in level} - {"sum"}


def layer(x, more=0):
    """Many chains of the same three operations, and a few others."""
    return ag.sum([ag.relu(abs(v) - 1.0) for v in x[: COUNT + more]])


def test_what_only_the_next_operation_reads_is_computed_by_it():
    rows = numpy.ones((3, 2 * COUNT))
    assert names_of(layer, rows, in_axes=(0,)) == {"relu of sub of abs"}
    assert names_of(lambda x: layer(x, -1), rows, in_axes=(0,)) == {"relu", "sub", "abs"}  # too few to compile a kernel for
    read_twice = names_of(lambda x: ag.sum([ag.relu(d := abs(v) - 1.0) * d for v in x]), rows, in_axes=(0,))
    assert "sub of abs" in read_twice
    assert not any("relu of" in name for name in read_twice)
    can_fail = names_of(lambda x: ag.sum([ag.log(abs(v)) for v in x]), rows, in_axes=(0,))
    assert can_fail == {"log", "abs"}
    assert names_of(layer, numpy.ones(COUNT), in_axes=None) == {"relu", "sub", "abs"}  # without lanes


def test_a_result_that_is_wanted_itself_is_kept():
    f = compile(lambda x: [abs(v) for v in x] + [ag.relu(abs(v) - 0.5) for v in x], in_axes=(0,), backend="native")
    rows = numpy.linspace(-2, 2, 2 * COUNT).reshape(2, COUNT)
    assert f(rows) == pytest.approx([*abs(rows).mean(0), *numpy.maximum(abs(rows) - 0.5, 0).mean(0)])


@settings(max_examples=max(6, settings.default.max_examples // 50))  # each is compiled anew, twice
@given(
    chain=st.lists(st.tuples(st.sampled_from(TOTAL), st.integers(0, 2), st.booleans()), min_size=2, max_size=4),
    seed=st.integers(0, 99),
)
def test_fused_numbers_are_the_same_to_the_bit(chain, seed):
    def f(w, x):
        total = []
        for k, value in enumerate(x):
            for name, position, varies in chain:
                operation = TABLE[name]
                operands = [x[k - 1] if varies else w[k]] * len(operation.primitive.derivatives)
                operands[position % len(operands)] = value
                value = operation(*operands)
            total.append(value)
        return total

    random = numpy.random.default_rng(seed)
    w, x = random.normal(size=COUNT), random.normal(size=(5, COUNT))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fusion, "LEAST", 10**9)
        plain = compile(f, in_axes=(None, 0), backend="native")
        expected = plain.per_sample(w, x)
    found = compile(f, in_axes=(None, 0), backend="native").per_sample(w, x)
    assert repr(found) == repr(expected)


def test_a_fused_primitive_is_none_of_the_table_and_of_users():
    both = fusion.fused(TABLE["relu"].primitive, 0, TABLE["sub"].primitive)
    assert both is fusion.fused(TABLE["relu"].primitive, 0, TABLE["sub"].primitive)
    assert fusion.is_own(both)
    assert both not in OWN
    assert both.compute(3.0, 1.0) == 2.0
    assert "lane0" not in mapped(both, 2, "", (True, False)).fields
