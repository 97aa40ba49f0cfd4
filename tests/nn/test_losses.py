"""Losses by their formulas, and what they refuse."""

import itertools
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograd_lite import Value, check_grads, compile, detect_anomaly, grad, sigmoid, softmax, value_and_grad
from autograd_lite.graph.order import topological_order
from nn.losses import LOSSES, cross_entropy, hinge, huber, loss_function

numbers = st.lists(st.floats(-3, 3), min_size=2, max_size=5)


@given(numbers, st.data())
def test_squared_errors_are_one_sum_in_three_scales(outputs, data):
    targets = data.draw(st.lists(st.floats(-3, 3), min_size=len(outputs), max_size=len(outputs)))
    total = sum((a - y) ** 2 for a, y in zip(outputs, targets, strict=True))
    assert LOSSES["sum_squared_error"](outputs, targets) == pytest.approx(total)
    assert LOSSES["half_squared_error"](outputs, targets) == pytest.approx(total / 2)
    assert LOSSES["mse"](outputs, targets) == pytest.approx(total / len(outputs))


@given(numbers, st.data())
def test_cross_entropy_is_the_negative_logarithm_of_the_softmax(logits, data):
    label = data.draw(st.integers(0, len(logits) - 1))
    assert cross_entropy(logits, label) == pytest.approx(-math.log(softmax(logits)[label]), abs=1e-12)
    one_hot = [float(j == label) for j in range(len(logits))]
    assert cross_entropy(logits, one_hot) == pytest.approx(cross_entropy(logits, label), abs=1e-12)


@pytest.mark.parametrize("name", LOSSES)
@pytest.mark.parametrize("kind", ["uint8", "int8", "bool", "float32", "int64"])
def test_numpys_numbers_count_as_pythons(name, kind):
    numpy = pytest.importorskip("numpy")
    loss = LOSSES[name]
    for outputs, targets in [([0, 1], [1, 1]), ([1, 1], [1, 1]), ([0, 0], [1, 1]), ([1, 0], [1, 0])]:
        if name == "hinge" and 0 in targets:
            continue
        expected = loss(outputs, targets)
        kinds = numpy.array(outputs, kind), numpy.array(targets, kind)
        assert loss(*kinds) == loss(outputs, list(kinds[1])) == loss(list(kinds[0]), targets) == expected
        assert loss(list(map(Value, outputs)), kinds[1]).data == expected
    label = numpy.array(1, kind)  # an array of no dimension, as of `labels.squeeze()`
    if name == "cross_entropy":
        assert kind == "float32" or loss([0.0, 1.0], label) == loss([0.0, 1.0], 1)
    else:
        assert loss(0.25, label) == loss(0.25, label[()]) == loss(Value(0.25), label[()]).data == loss(0.25, 1)


@given(numbers, st.sampled_from([0.0, 1e10, -1e16, 1e16, 1e300, -1e300]), st.data())
def test_cross_entropy_is_right_however_large_the_logits_and_small_the_loss(logits, shift, data):
    logits = [logit + shift for logit in logits]
    label = data.draw(st.integers(0, len(logits) - 1))
    others = [logit - logits[label] for j, logit in enumerate(logits) if j != label]
    expected = math.log1p(math.fsum(map(math.exp, others)))
    assert cross_entropy(logits, label) == pytest.approx(expected, rel=1e-12)
    one_hot = [float(j == label) for j in range(len(logits))]
    assert cross_entropy(logits, one_hot) == pytest.approx(expected, rel=1e-12)
    assert cross_entropy([*logits, -math.inf], [*one_hot, 0]) == pytest.approx(expected, rel=1e-12)
    assert cross_entropy([50.0, 0.0], 0) == pytest.approx(math.exp(-50))


def test_one_number_is_a_list_of_one():
    for name in ("sum_squared_error", "half_squared_error", "mse", "mae", "huber"):
        assert LOSSES[name](0.5, 2.0) == LOSSES[name]([0.5], [2.0]) == LOSSES[name]([0.5], 2.0)


@pytest.mark.parametrize(
    ("name", "outputs", "target"),
    [
        ("sum_squared_error", [0.3, -0.2], [1.0, 0.0]),
        ("half_squared_error", [0.3, -0.2], [1.0, 0.0]),
        ("mse", [0.3, -0.2], [1.0, 0.0]),
        ("mae", [0.3, -0.2], [1.0, 0.0]),
        ("huber", [0.3, -1.2], [1.0, 0.0]),
        ("hinge", [0.3, -1.2], [1, 1]),
        ("binary_cross_entropy", [0.3, 0.8], [1.0, 0.0]),
        ("binary_cross_entropy_with_logits", [0.3, -1.2], [1.0, 0.25]),
        ("cross_entropy", [0.3, 0.8], 1),
        ("cross_entropy", [0.3, 0.8], [0.5, 0.5]),
    ],
)
def test_gradients(name, outputs, target):
    check_grads(lambda *a: LOSSES[name](list(a), target), outputs)


@pytest.mark.parametrize("error", [0.0, 1e-200, 0.5, -0.75, 1.0, -1.0, 1.5, -7.0, 1e200, math.inf, -math.inf])
def test_huber_is_a_parabola_inside_and_a_line_outside_however_large_the_error(error):
    inside = math.fabs(error) <= 1
    output = Value(error)
    loss = huber(output, 0.0)
    loss.backward()
    assert loss.data == pytest.approx(error * error / 2 if inside else math.fabs(error) - 0.5)
    assert output.grad == (error if inside else math.copysign(1, error))
    assert grad(grad(huber))(error, 0.0) == inside


def test_a_saturated_probability_costs_100_and_no_error():
    assert LOSSES["binary_cross_entropy"](1.0, 0.0) == pytest.approx(100)
    a = Value(0.0)
    LOSSES["binary_cross_entropy"](a, 1.0).backward()
    assert math.isfinite(a.grad)


@given(st.floats(-30, 30), st.floats(0, 1))
def test_with_logits_it_is_the_cross_entropy_of_their_sigmoid(logit, target):
    of_logit, of_probability = LOSSES["binary_cross_entropy_with_logits"], LOSSES["binary_cross_entropy"]
    expected = of_probability(sigmoid(logit), target)
    assert of_logit(logit, target) == pytest.approx(expected, rel=1e-3 if logit > 15 else 1e-9, abs=1e-12)
    assert grad(of_logit)(logit, target) == pytest.approx(sigmoid(logit) - target, rel=1e-12, abs=1e-15)


@pytest.mark.parametrize(
    ("name", "outputs", "target"),
    [
        ("mse", [0.3, 0.8], [1.0, 0.0]),
        ("binary_cross_entropy", [0.3, 0.8], [1.0, 0.0]),
        ("binary_cross_entropy_with_logits", [0.3, -0.8], [1.0, 0.25]),
        ("cross_entropy", [0.3, 0.8], [0.5, 0.5]),
    ],
)
def test_compiled_losses(name, outputs, target):
    compiled = compile(LOSSES[name], backend="python")
    assert compiled(outputs, target) == pytest.approx(LOSSES[name](outputs, target))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: LOSSES["mse"]([1.0, 2.0, 3.0], [1.0, 2.0]), "the target of mse must be 3 numbers, one for each output, got 2"),
        (
            lambda: LOSSES["mse"]([1.0, 2.0, 3.0], 2),
            r"the target of mse must be 3 numbers, one for each output, got 1: for.*or datasets\.one_hot",
        ),
        (
            lambda: LOSSES["cross_entropy"]([1.0, 2.0], [1]),
            r"the target of cross_entropy must be 2 numbers, one for each output,.*itself, or datasets\.one_hot",
        ),
        (lambda: cross_entropy([1.0, 2.0], 2), "the class 2 is out of range: with 2 outputs the classes are 0 to 1"),
        (lambda: cross_entropy([1.0, 2.0], -1), "the class -1 is out of range"),
        (
            lambda: cross_entropy([1.0, 2.0], 0.5),
            "a target of cross_entropy must be the class, a whole number, or one probability .* got 0.5",
        ),
        (
            lambda: cross_entropy([1.0, 2.0], [1.0]),
            r"the target of cross_entropy must be 2 numbers, one for each output,.*itself, or datasets\.one_hot",
        ),
        (lambda: cross_entropy(1.0, 0), "the output of cross_entropy must be at least 2 numbers, one for each.*or hinge"),
        (lambda: hinge(0.5, 0), "a target of hinge must be -1 or 1, got 0"),
        (lambda: LOSSES["binary_cross_entropy"](1.5, 0), "an output is 1.5: .* between 0 and 1: give the model"),
        (lambda: LOSSES["binary_cross_entropy"](0.5, 3), "a target is 3: .* between 0 and 1"),
        (lambda: LOSSES["binary_cross_entropy_with_logits"](9.0, -1), "a target is -1: .* between 0 and 1: .* hinge"),
        (
            lambda: LOSSES["binary_cross_entropy_with_logits"]([1.0, 2.0], 1),
            r"the target of binary_cross_entropy_with_logits must be 2 numbers, one.*or datasets\.one_hot",
        ),
        (lambda: loss_function("l2"), "loss must be 'sum_squared_error', .*, or a function of .*, got 'l2'"),
    ],
)
def test_what_losses_refuse(call, message):
    with pytest.raises(ValueError, match=message):
        call()


@pytest.mark.parametrize("name", [name for name in LOSSES if name != "cross_entropy"])
def test_in_a_block_that_watches_nodes_a_loss_is_the_same_graph_and_refuses_the_same(name):
    def graph(x):
        node = LOSSES[name](x * x, 1.0)
        return [(node.op, node.data) for node in topological_order(node)]

    plain = graph(Value(0.5))
    with detect_anomaly():
        assert graph(Value(0.5)) == plain
        if name == "binary_cross_entropy":
            with pytest.raises(ValueError, match=r"an output is 2.25: .* between 0 and 1"):
                graph(Value(1.5))


IN_TORCH = [
    ("mse", "mse_loss", [0.5, -1.5, 3.0], [1.0, 1.0, 1.0]),
    ("mae", "l1_loss", [0.5, -1.5, 3.0], [1.0, 1.0, 1.0]),
    ("huber", "huber_loss", [0.5, -1.5, 3.0], [1.0, 1.0, 1.0]),
    ("binary_cross_entropy", "binary_cross_entropy", [0.5, 0.25, 1.0], [1.0, 0.0, 0.0]),
    (
        "binary_cross_entropy_with_logits",
        "binary_cross_entropy_with_logits",
        [0.5, -1.5, 800.0, -800.0],
        [1.0, 0.25, 0.0, 0.0],
    ),
    ("cross_entropy", "cross_entropy", [0.5, -1.5, 3.0], 1),
    ("cross_entropy", "cross_entropy", [0.5, -1.5, 3.0], [0.25, 0.5, 0.25]),
]


@pytest.mark.parametrize(("own", "theirs", "outputs", "target"), IN_TORCH)
def test_losses_and_their_gradients_agree_with_pytorch(own, theirs, outputs, target):
    torch = pytest.importorskip("torch")
    values = [Value(output) for output in outputs]
    loss = LOSSES[own](values, target)
    loss.backward()
    x = torch.tensor(outputs, dtype=torch.float64, requires_grad=True)
    y = torch.tensor(target) if isinstance(target, int) else torch.tensor(target, dtype=torch.float64)
    expected = getattr(torch.nn.functional, theirs)(x, y)
    expected.backward()
    assert loss.data == pytest.approx(expected.item(), rel=1e-12)
    gradients = [gradient if math.isfinite(gradient) and abs(gradient) < 1e9 else None for gradient in x.grad.tolist()]
    for value, gradient in zip(values, gradients, strict=True):
        if gradient is not None:  # of a probability of exactly 1 for what should be 0, PyTorch's is its limit, 1e12
            assert value.grad == pytest.approx(gradient, rel=1e-12)


def test_a_class_means_the_same_as_its_one_hot_row_at_any_logits():
    sizes = [0.0, 1.0, 50.0, -1e16, 1e308, math.inf, -math.inf]
    for *logits, label in itertools.product(sizes, sizes, sizes, range(3)):
        one_hot = [float(k == label) for k in range(3)]
        of_label, of_row = (value_and_grad(lambda a, y=y: cross_entropy(a, y))(logits) for y in (label, one_hot))
        assert repr(of_label) == repr(of_row)


def test_huge_logits_keep_the_differences_between_the_others():
    gradient = grad(lambda a: cross_entropy(a, 2))([0.0, 1.0, -1e16])
    assert gradient == pytest.approx([*softmax([0.0, 1.0]), -1.0])
    assert grad(lambda a: cross_entropy(a, 1))([1.0, -1e308, 1e16]) == [0.0, -1.0, 1.0]


class_weights = st.lists(st.sampled_from([0, 0.5, 3]), min_size=3, max_size=3)
options = st.fixed_dictionaries({}, optional={"label_smoothing": st.floats(0, 1), "class_weights": class_weights})


@settings(max_examples=20)
@given(st.lists(st.floats(-5, 5), min_size=3, max_size=3), st.integers(0, 2), options)
def test_smoothing_and_class_weights_by_their_formula(logits, label, options):
    smoothing, weights = options.get("label_smoothing", 0.0), options.get("class_weights", [1.0] * 3)
    shares = [(1 - smoothing) * (k == label) + smoothing / 3 for k in range(3)]
    log_p = [math.log(p) for p in softmax(logits)]
    expected = pytest.approx(-sum(w * s * p for w, s, p in zip(weights, shares, log_p, strict=True)), abs=1e-12)
    one_hot = [float(k == label) for k in range(3)]
    compiled = compile(lambda *z: cross_entropy(z[:3], z[3], **options), backend="python")
    by_shares = compile(lambda *z: cross_entropy(z[:3], z[3:], **options), backend="python")
    assert cross_entropy(logits, label, **options) == expected
    assert cross_entropy(logits, one_hot, **options) == expected
    assert compiled(*logits, label) == expected
    assert by_shares(*logits, *one_hot) == expected
    assert isinstance(cross_entropy([*map(Value, logits)], label, **options), Value)


@given(st.lists(st.floats(-5, 5), min_size=4, max_size=4), st.integers(0, 3), st.floats(0, 1))
def test_smoothing_and_class_weights_are_pytorchs(logits, label, smoothing):
    torch = pytest.importorskip("torch")
    weights = [0.5, 1.0, 2.0, 0.0]
    z, w = torch.tensor([logits], dtype=torch.double), torch.tensor(weights, dtype=torch.double)
    loss = torch.nn.CrossEntropyLoss(weight=w, label_smoothing=smoothing, reduction="none")
    (expected,) = loss(z, torch.tensor([label])).tolist()
    assert cross_entropy(logits, label, smoothing, weights) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"label_smoothing": 1.5}, "label_smoothing must be at least 0 and below 1, got 1.5"),
        ({"label_smoothing": -0.1}, "label_smoothing must be at least 0"),
        ({"class_weights": [1.0]}, "class_weights must be 2 numbers, one for each class, got 1"),
        ({"class_weights": [1.0, -1.0]}, r"class_weights\[1\] must be at least 0 .*, got -1.0"),
    ],
)
def test_options_out_of_their_range(options, message):
    with pytest.raises(ValueError, match=message):
        cross_entropy([1.0, 2.0], 0, **options)


@pytest.mark.parametrize("weights", [{0: 1.0, 1: 5.0}, "balanced", 2.0])
def test_class_weights_without_an_order_are_refused(weights):
    with pytest.raises(TypeError, match=r"class_weights must be a list, one number for each .*balanced_weights\(targets\)"):
        cross_entropy([1.0, 2.0], 0, class_weights=weights)
