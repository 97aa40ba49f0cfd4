"""The plain numbers that a network was given are leaves of the page's graph, which computes the same from them."""

from functools import partial

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from autograd_lite import Value, log, log_softmax, logsumexp, maximum, mean, minimum, softmax
from autograd_lite import sum as total
from nn import (
    MLP,
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    cross_entropy,
    half_squared_error,
    hinge,
    huber,
    mae,
    mse,
    sum_squared_error,
)
from visualize.graph.inputs import with_inputs
from visualize.graph.layers import find_layers
from visualize.graph.nodes import Graph

X, Y = [0.5, -1.0], ["y₀", "y₁", "y₂"]
OF_ONE = [mse, mae, huber, hinge, sum_squared_error, half_squared_error, binary_cross_entropy, binary_cross_entropy_with_logits]


def network(outputs: int) -> MLP:
    return MLP(2, [2, outputs], activation="tanh", output_activation="sigmoid", seed=0)


def leaves_of(graph: Graph) -> dict[str, Value]:
    return {graph.name(leaf): leaf for leaf in graph.given}


def set_to(graph: Graph, numbers: dict[str, float]) -> float:
    """What the graph gives when the leaves of these names have these numbers."""
    leaves = leaves_of(graph)
    for name, number in numbers.items():
        leaves[name].data = number
    return graph.output.recompute().data


@pytest.mark.parametrize("loss", OF_ONE)
@pytest.mark.parametrize("y", [1.0, -1.0, 0.0, 0.25])
def test_of_every_loss_the_target_is_one_leaf_and_another_target_gives_what_the_loss_gives(loss, y) -> None:
    if (loss is hinge and y not in (1, -1)) or ("cross_entropy" in loss.__name__ and y < 0):
        pytest.skip("no target of this loss")
    model = network(1)
    graph = with_inputs(Graph(loss(model(X), 1.0)))
    assert leaves_of(graph).keys() == {"x₀", "x₁", "y₀"}
    assert set_to(graph, {"y₀": y, "x₀": 2.0}) == pytest.approx(loss(model([2.0, -1.0]), y).data, rel=1e-12)


def by_hand(logits, label):
    return logsumexp(logits) - logits[label]


CLASSES = {
    "nn": cross_entropy,
    "the logarithm of a share": lambda logits, label: -log(softmax(logits)[label]),
    "a share of logarithms": lambda logits, label: -log_softmax(logits)[label],
    "by hand": by_hand,
    "smoothed": partial(cross_entropy, label_smoothing=0.1),
    "scaled afterwards": lambda logits, label: mean([cross_entropy(logits, label), 0.0]),
}


@pytest.mark.parametrize("loss", CLASSES.values(), ids=CLASSES)
def test_a_class_is_a_leaf_for_each_and_another_class_gives_what_the_loss_gives(loss) -> None:
    model = network(3)
    graph = with_inputs(Graph(loss(model(X), 1)))
    shares = ["y₀", "y₁", "y₂"]
    assert [[graph.name(share) for share in one.shares] for one in graph.classes] == [shares]
    assert [leaves_of(graph)[name].data for name in shares] == [0.0, 1.0, 0.0]
    assert graph.output.data == loss(model(X), 1).data
    assert [layer.level for layer in find_layers(graph)] == [1, 2]  # the loss is no layer
    for label in range(3):
        changed = {name: float(k == label) for k, name in enumerate(shares)}
        assert set_to(graph, changed) == pytest.approx(loss(model(X), label).data, rel=1e-12)


def test_what_is_no_class_gets_no_leaves() -> None:
    graph = with_inputs(Graph((lambda logits: total(logits) - logits[1])(network(3)(X))))
    assert graph.classes == []
    assert leaves_of(graph).keys() == {"x₀", "x₁"}


OPTIONS = st.fixed_dictionaries(
    {},
    optional={
        "label_smoothing": st.floats(0, 1),
        "class_weights": st.lists(st.sampled_from([0, 0.5, 1, 3.0]), min_size=3, max_size=3),
    },
)
SHARES = st.sampled_from([[0.5, 0.25, 0.25], [0.0, 0.5, 0.5], [0.0, 0.0, 1.0], [0, 1, 0]])


@settings(max_examples=20, deadline=None)
@given(OPTIONS, st.integers(0, 2) | SHARES, SHARES)
@example({}, [0.0, 0.0, 1.0], [0.5, 0.25, 0.25])
def test_whatever_the_options_another_target_gives_the_loss_and_the_gradients_of_that(options, target, other) -> None:
    model = network(3)
    graph = with_inputs(Graph(cross_entropy(model(X), target, **options)))
    shares = [float(k == target) for k in range(3)] if isinstance(target, int) else target
    assert {name: leaf.data for name, leaf in leaves_of(graph).items() if "y" in name} == dict(zip(Y, shares, strict=True))
    assert [[graph.name(share) for share in one.shares] for one in graph.classes] == [Y] * (sorted(shares) == [0, 0, 1])
    assert [layer.level for layer in find_layers(graph)] == [1, 2]  # the loss is no layer
    set_to(graph, dict(zip(Y, other, strict=True)))
    y = [Value(float(share)) for share in other]
    expected = cross_entropy(model(X), y, **options)
    assert graph.output.data == pytest.approx(expected.data, rel=1e-12, abs=1e-12)
    gradients = []
    for output, targets in ((graph.output, [leaves_of(graph)[name] for name in Y]), (expected, y)):
        model.zero_grad()
        output.backward()
        gradients.append([value.grad for value in (*model.parameters(), *targets)])
    assert gradients[0] == pytest.approx(gradients[1], rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("label", [0, 1])
def test_what_may_be_the_weight_of_one_class_alone_is_told_with_the_class(label) -> None:
    weights = [1.0, 2.0, 3.0]
    graph = with_inputs(Graph(-weights[label] * log_softmax(network(3)(X))[label]))
    (given,) = graph.classes
    assert [share.data for share in given.shares] == [float(k == label) for k in range(3)]
    assert given.weight.data == -weights[label]
    (given,) = with_inputs(Graph(cross_entropy(network(3)(X), label, class_weights=weights))).classes
    assert given.weight is None


LIKELIHOODS = {
    "minus the likelihood": lambda a, y: -(y * log(a) + (1 - y) * log(1 - a)),
    "each with its sign": lambda a, y: -y * log(a) - (1 - y) * log(1 - a),
    "the rest first": lambda a, y: -((1 - y) * log(1 - a) + log(a) * y),
    "kept from the ends": lambda a, y: -(y * log(maximum(a, 1e-9)) + (1 - y) * log(1 - minimum(a, 1 - 1e-9))) / 2,
}


@pytest.mark.parametrize("loss", LIKELIHOODS.values(), ids=LIKELIHOODS)
@pytest.mark.parametrize("y", [1.0, 0.0, 0.25, 1])
def test_of_a_binary_cross_entropy_by_hand_the_target_is_one_leaf(loss, y) -> None:
    model = network(1)
    graph = with_inputs(Graph(loss(model(X), y)))
    assert leaves_of(graph).keys() == {"x₀", "x₁", "y₀"}
    assert leaves_of(graph)["y₀"].data == y
    assert graph.output.recompute().data == loss(model(X), y).data
    for other in (0.0, 1.0, 0.7):
        assert set_to(graph, {"y₀": other}) == pytest.approx(loss(model(X), other).data, rel=1e-12)


def test_two_outputs_by_hand_have_a_target_each_and_a_mixture_of_something_else_has_none() -> None:
    model = network(2)
    a, b = model(X)
    by_hand = LIKELIHOODS["minus the likelihood"]
    graph = with_inputs(Graph(by_hand(a, 1.0) + by_hand(b, 0.25)))
    assert {name: leaf.data for name, leaf in leaves_of(graph).items()} == {"x₀": 0.5, "x₁": -1.0, "y₀": 1.0, "y₁": 0.25}
    for mixture in (
        0.25 * log(a) + 0.75 * log(1 - b) + a * b,
        0.25 * log(a) + 0.5 * log(1 - a),
        0.25 * log(a) + 0.75 * (a * a),
    ):
        assert leaves_of(with_inputs(Graph(mixture))).keys() == {"x₀", "x₁"}


@pytest.mark.parametrize(("loss", "outputs", "y"), [(mse, 1, 1.0), (binary_cross_entropy, 1, 1.0), (cross_entropy, 2, 1)])
def test_of_several_samples_inputs_and_targets_have_the_number_of_their_sample(loss, outputs, y) -> None:
    model = network(outputs)
    graph = with_inputs(Graph(mean([loss(model(x), y) for x in (X, [2.0, 3.0])])))
    targets = ["y₀"] if outputs == 1 else ["y₀", "y₁"]
    expected = {f"{name} of sample {i}" for name in ["x₀", "x₁", *targets] for i in (1, 2)}
    assert leaves_of(graph).keys() == expected
    assert leaves_of(graph)["x₀ of sample 2"].data == 2.0
    numbers = {f"{name} of sample 2": float(k) for k, name in enumerate(reversed(targets))}
    other = loss(model([2.0, 3.0]), 0)
    assert set_to(graph, numbers) == pytest.approx((loss(model(X), y).data + other.data) / 2, rel=1e-12)


def test_numbers_within_a_network_are_no_targets() -> None:
    model = network(1)
    graph = with_inputs(Graph(log(model(X)) * 2.0 + 1.0))
    assert leaves_of(graph).keys() == {"x₀", "x₁"}
