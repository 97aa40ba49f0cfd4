"""Graphs that are built, reused, differentiated and dropped at random, against a model: numbers with their own derivatives."""

import gc
import math
import sys

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, rule

from autograd_lite import Value, cos, dot, grad, no_grad, sigmoid, sin, tanh
from autograd_lite.operands import as_bundle

NUMBERS = st.integers(-2000, 2000).map(lambda k: k / 1000)


class Dual:
    """The model: a number and its derivative by each leaf, carried forward by the rules of a first course in calculus."""

    def __init__(self, number, derivatives):
        self.number, self.derivatives = number, derivatives

    @classmethod
    def combine(cls, number, *terms):
        derivatives = {}
        for factor, dual in terms:
            for leaf, derivative in dual.derivatives.items():
                derivatives[leaf] = derivatives.get(leaf, 0.0) + factor * derivative
        return cls(number, derivatives)


UNARY = {
    sin: lambda a: Dual.combine(math.sin(a.number), (math.cos(a.number), a)),
    cos: lambda a: Dual.combine(math.cos(a.number), (-math.sin(a.number), a)),
    tanh: lambda a: Dual.combine(math.tanh(a.number), (1 - math.tanh(a.number) ** 2, a)),
    sigmoid: lambda a: Dual.combine(1 / (1 + math.exp(-a.number)), (math.exp(-a.number) / (1 + math.exp(-a.number)) ** 2, a)),
    lambda v: -v: lambda a: Dual.combine(-a.number, (-1, a)),
}
BINARY = {
    lambda v, w: v + w: lambda a, b: Dual.combine(a.number + b.number, (1, a), (1, b)),
    lambda v, w: v - w: lambda a, b: Dual.combine(a.number - b.number, (1, a), (-1, b)),
    lambda v, w: sin(v) * w: lambda a, b: Dual.combine(
        math.sin(a.number) * b.number, (math.cos(a.number) * b.number, a), (math.sin(a.number), b)
    ),
    lambda v, w: v / (2 + cos(w)): lambda a, b: Dual.combine(
        a.number / (2 + math.cos(b.number)),
        (1 / (2 + math.cos(b.number)), a),
        (a.number * math.sin(b.number) / (2 + math.cos(b.number)) ** 2, b),
    ),
    lambda v, w: dot([v, 0.5], [0.25, w], v): lambda a, b: Dual.combine(
        0.25 * a.number + 0.5 * b.number + a.number, (1.25, a), (0.5, b)
    ),
}


class Graphs(RuleBasedStateMachine):
    """Each pair is a node of the engine and what the model says of it."""

    nodes = Bundle("nodes")
    pairs = Bundle("pairs")  # of operands that are one object wherever they are taken, as the inputs of a layer are

    def __init__(self):
        super().__init__()
        self.leaves = {}  # by number: the leaf
        self.expected = {}  # the gradient that each leaf should have by now

    @initialize(target=nodes, number=NUMBERS)
    def first(self, number):
        return self.leaf(number)

    @rule(target=nodes, number=NUMBERS)
    def leaf(self, number):
        key, leaf = len(self.leaves), Value(number)
        self.leaves[key], self.expected[key] = leaf, 0.0
        return leaf, Dual(number, {key: 1.0})

    @rule(target=nodes, node=nodes, operation=st.sampled_from(list(UNARY)))
    def unary(self, node, operation):
        return operation(node[0]), UNARY[operation](node[1])

    @rule(target=nodes, left=nodes, right=nodes, operation=st.sampled_from(list(BINARY)))
    def binary(self, left, right, operation):
        return operation(left[0], right[0]), BINARY[operation](left[1], right[1])

    @rule(target=nodes, node=nodes, number=NUMBERS)
    def with_a_plain_number(self, node, number):
        return number * node[0] + number, Dual.combine(number * node[1].number + number, (number, node[1]))

    @rule(target=pairs, first=nodes, second=nodes)
    def pair(self, first, second):
        return as_bundle([first[0], second[0]]), [first[1], second[1]]

    @rule(target=nodes, left=pairs, right=pairs, offset=nodes)
    def neuron(self, left, right, offset):
        z = sum(v.number * w.number for v, w in zip(left[1], right[1], strict=True)) + offset[1].number
        terms = [(w.number, v) for v, w in zip(left[1] + right[1], right[1] + left[1], strict=True)]
        return tanh(dot(left[0], right[0], offset[0])), UNARY[tanh](Dual.combine(z, *terms, (1, offset[1])))

    @rule(target=pairs, source=nodes, state=nodes, operation=st.sampled_from(list(UNARY)))
    def two_steps_of_a_recurrence_with_computed_weights(self, source, state, operation):
        weights = self.pair(self.unary(source, operation), self.unary(source, sin))
        below = self.neuron(weights, self.pair(state, source), state)
        above = self.neuron(self.pair(below, below), weights, state)
        self.differentiate(above)
        return self.pair(below, above)

    @rule(node=nodes)
    def differentiate(self, node):
        value, dual = node
        value.backward()
        for key, derivative in dual.derivatives.items():
            self.expected[key] += derivative
        if value.operands:
            assert value.grad == 1

    @rule(outer=nodes, operation=st.sampled_from(list(UNARY)))
    def differentiate_a_function_that_closes_over_a_node(self, outer, operation):
        value, dual = outer
        slope = grad(lambda x: operation(x * value))(0.5)
        inner = UNARY[operation](Dual(0.5 * dual.number, {"x": 1.0}))
        assert math.isclose(slope.data, inner.derivatives["x"] * dual.number, rel_tol=1e-9, abs_tol=1e-9)

    @rule()
    def zero(self):
        for key, leaf in self.leaves.items():
            leaf.grad, self.expected[key] = 0, 0.0

    @rule(node=nodes)
    def compute_without_recording(self, node):
        with no_grad():
            constant = tanh(node[0] * 2)
        assert constant.is_constant
        assert constant.parents == ()

    @rule(node=consumes(nodes))
    def drop_a_graph(self, node):
        one = Value(1.0)
        users = sys.getrefcount(one)
        top = tanh(sin(node[0] * 3.0) + one)
        top.backward()
        for key, derivative in node[1].derivatives.items():
            slope = (1 - math.tanh(math.sin(3 * node[1].number) + 1) ** 2) * 3 * math.cos(3 * node[1].number)
            self.expected[key] += slope * derivative
        gc.disable()
        try:
            del top
            assert sys.getrefcount(one) == users  # by reference counting alone
        finally:
            gc.enable()

    @rule(node=nodes)
    def read(self, node):
        assert math.isclose(node[0].data, node[1].number, rel_tol=1e-9, abs_tol=1e-9)
        assert len(node[0].local_derivatives) == len(node[0].parents)

    @invariant()
    def leaves_have_the_gradients_of_the_model(self):
        for key, leaf in self.leaves.items():
            assert math.isclose(leaf.grad, self.expected[key], rel_tol=1e-7, abs_tol=1e-7)


Graphs.TestCase.settings = settings(max_examples=max(20, settings.default.max_examples // 2), stateful_step_count=30)
TestGraphs = Graphs.TestCase
