"""What the native backend computes in which order: levels, dot products found in sums, means that need no instruction."""

import pytest

import autograd_lite as ag
from autograd_lite import compile

pytest.importorskip("numba")
from autograd_lite.compiler.native.plan import Plan


def plan(f, *arguments, kind="value", **options):
    compiled = compile(f, backend="python", **options)
    (compiled if kind == "value" else getattr(compiled, kind))(*arguments)
    prepared = compiled.latest
    return Plan(prepared.tape, prepared.arguments, prepared.reduced)


def levels(made):
    """Level by level, the instructions with their operands; `*` marks what varies from sample to sample."""
    return [
        " ".join(
            f"{made.primitives[slot].name}{'*' * made.varying[slot]}{describe(made, made.operands[slot])}"
            for group in level
            for slot in group.slots
        )
        for level in made.levels
    ]


def describe(made, operands):
    return "(" + ",".join(str(o) if o >= 0 else str(list(made.bundles[~o])).replace(" ", "") for o in operands) + ")"


def total(start=None, factors=lambda a, b: zip(a, b, strict=True)):
    def f(a, b):
        terms = [p * q for p, q in factors(a, b)]
        return sum(terms[1:], terms[0]) if start is None else sum(terms, start(a, b))

    return f


ONES = [1.0] * 4


def test_an_instruction_is_a_level_above_its_operands_and_beside_those_of_its_kind():
    made = plan(lambda x, y: ag.sin(x) * ag.sin(y) + ag.exp(x) - ag.sum([x, ag.sin(x)]), 1.0, 2.0)
    assert levels(made) == ["sin(0) sin(1) exp(0)", "sum([0,2]) mul(2,3)", "add(6,4)", "sub(7,5)"]
    made = plan(lambda x: ag.dot([], [], ag.sin(x)) + ag.dot([], [], x) * ag.sum([x, x]), 1.0)
    assert levels(made) == ["sin(0) sum([0,0]) dot([],[],0)", "mul(3,2) dot([],[],1)", "add(5,4)"]


def test_instructions_of_one_kind_are_those_whose_operands_vary_alike():
    def f(w, x):
        return [
            ag.dot(w, x, w[0]),
            w[0] * x[0],
            x[1] * w[1],
            ag.dot(w, x[::-1], w[1]),
            ag.dot(w, x[:2], x[1]),
            x[0] * w[0] * x[1],
        ]

    made = plan(f, [1.0] * 2, [[2.0] * 2], in_axes=(None, 0), kind="per_sample")
    first, second = ([[made.primitives[slot].name for slot in slots] for _, slots in level] for level in made.levels)
    assert first == [["dot", "dot"], ["mul"], ["mul"], ["dot"]]
    assert second == [["mul"]]


def test_four_or_more_products_in_a_sum_are_a_dot_product():
    assert levels(plan(total(), ONES, ONES)) == ["dot([0,1,2,3],[4,5,6,7])"]
    assert levels(plan(total(), [1.0] * 5, [1.0] * 5)) == ["dot([0,1,2,3,4],[5,6,7,8,9])"]
    assert len(levels(plan(total(), ONES[:3], ONES[:3]))) == 3
    assert levels(plan(total(lambda a, b: a[0]), ONES, ONES)) == ["dot([0,1,2,3],[4,5,6,7],0)"]
    made = plan(total(lambda a, b: ag.exp(a[0]) - a[1]), ONES, ONES)
    assert levels(made) == ["exp(0)", "sub(8,1)", "dot([0,1,2,3],[4,5,6,7],13)"]


def test_more_than_one_other_term_is_a_sum_beside_the_dot_product():
    made = plan(lambda a, b: total(lambda a, b: a[0] + b[0])(a, b) + b[1], ONES, ONES)
    assert levels(made) == ["dot([0,1,2,3],[4,5,6,7])", "sum([18,0,4,5])"]
    assert made.primitives[18].name == "dot"


def test_a_product_or_a_sum_with_another_use_is_not_taken_in():
    def product_used_twice(a, b):
        p = a[0] * b[0]
        return p + a[1] * b[1] + a[2] * b[2] + a[3] * b[3] + ag.exp(p)

    assert not any("dot" in level for level in levels(plan(product_used_twice, ONES, ONES)))

    def sum_used_twice(a, b):
        s = a[0] * b[0] + a[1] * b[1]
        return s + a[2] * b[2] + a[3] * b[3] + ag.exp(s)

    assert not any("dot" in level for level in levels(plan(sum_used_twice, ONES, ONES)))


def test_what_is_the_same_for_all_samples_is_summed_apart():
    def f(w, x):
        return total()(w, x) + (w[0] * w[3] + w[1] * w[2])

    made = plan(f, ONES, [ONES], kind="per_sample", in_axes=(None, 0))
    assert levels(made) == ["mul(1,2) mul(0,3)", "add(9,8)", "dot*([0,1,2,3],[4,5,6,7],10)"]


def test_in_a_dot_product_what_varies_stands_right():
    for f in (total(), total(factors=lambda a, b: zip(b, a, strict=True))):
        made = plan(f, ONES, [ONES], kind="per_sample", in_axes=(None, 0))
        assert levels(made) == ["dot*([0,1,2,3],[4,5,6,7])"]


def test_products_that_only_their_mean_needs_are_left_to_it():
    made = plan(lambda w, x: w * x * x + w, 1.0, [1.0, 2.0], in_axes=(None, 0), kind="value_and_grad")
    assert levels(made) == ["mul*(0,1)"]
    assert made.products == {3: (2, 1), 5: (1, 1)}
    assert [slot for slot, skipped in enumerate(made.skipped) if skipped] == [3, 4, 5, 7]
    made = plan(lambda w, x: w * x * x + w, 1.0, [1.0, 2.0], in_axes=(None, 0), kind="per_sample")
    assert made.products == {}
    assert levels(made) == ["mul*(0,1)", "mul*(2,1)", "add*(3,0)"]


def test_a_block_holds_as_many_lanes_as_fit_the_cache():
    def chain(length):
        def f(w, x):
            for _ in range(length):
                w, x = ag.sin(w), ag.sin(x)
            return w * x  # a product of which only the mean is needed takes no row, nor does what is the same for all

        return plan(f, 2.0, [1.0], in_axes=(None, 0))

    assert chain(10).largest_block(8) == 256
    long = chain(600)
    assert [long.largest_block(item) for item in (4, 8, 800)] == [256, 2**20 // (8 * 601), 8]
    assert [chain(length).largest_block(16) for length in (255, 256, 257)] == [256, 255, 254]
    assert plan(lambda x: x * x, 1.0).largest_block(8) == 1
    assert plan(lambda w, x: w, 1.0, [2.0], in_axes=(None, 0)).largest_block(8) == 256
    assert plan(lambda w, x: w, 1.0, [[]], in_axes=(None, 0)).largest_block(8) == 256
