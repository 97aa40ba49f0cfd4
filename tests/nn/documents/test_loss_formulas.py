"""The printed slope of each loss is its slope."""

import math

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

import nn
from autograd_lite import softmax
from nn import MLP, derive
from nn.documents.loss_formulas import COEFFICIENTS
from nn.documents.slopes import loss_slope

X, Y = [0.5, -1.0, 2.0], [0.0, 1.0, 0.0, 0.25]


def constant(number):
    return lambda nin, nout, random: number


@given(
    st.sampled_from(sorted(COEFFICIENTS, key=lambda loss: loss.__name__)), st.lists(st.floats(-5, 5), min_size=1, max_size=5)
)
def test_the_printed_coefficient_of_a_squared_error_is_its_slope(loss, outputs):
    coefficient = eval(COEFFICIENTS[loss](len(outputs)) or "1")
    targets = [0.5] * len(outputs)
    for j, a in enumerate(outputs):
        assert loss_slope(loss, outputs, targets, j) == pytest.approx(coefficient * (a - 0.5), rel=1e-12, abs=1e-12)


def computed(formula):
    """The number that a printed formula of plain numbers stands for."""
    for printed, python in (("−", "-"), ("·", "*"), ("[", "("), ("]", ")")):
        formula = formula.replace(printed, python)
    return eval(formula, {"σ": lambda x: 1 / (1 + math.exp(-x)), "sign": lambda x: (x > 0) - (x < 0), "max": max, "min": min})


def within(low, high):
    """Numbers that are printed as they are."""
    return st.floats(low, high).map(lambda x: float(f"{x:.4g}"))


PRINTED = {
    "mae": ((-9, 9), [-2.5, 0.0, 3.0]),
    "huber": ((-9, 9), [-2.5, 0.0, 3.0]),
    "hinge": ((-3, 3), [-1, 1]),
    "binary_cross_entropy": ((0.01, 0.99), [0, 0.25, 1]),
    "binary_cross_entropy_with_logits": ((-9, 9), [0, 0.25, 1]),
}


@given(st.sampled_from(sorted(PRINTED)), st.integers(1, 3), st.data())
def test_the_printed_slope_of_another_loss_is_its_slope(loss, size, data):
    (low, high), targets = PRINTED[loss]
    outputs = data.draw(st.lists(within(low, high), min_size=size, max_size=size))
    y = data.draw(st.lists(st.sampled_from(targets), min_size=size, max_size=size))
    assume(
        all(abs(a - t) > 1e-3 and abs(abs(a - t) - 1) > 1e-3 and abs(a * t - 1) > 1e-3 for a, t in zip(outputs, y, strict=True))
    )
    model = MLP(1, [size], init=constant(0.0))
    for neuron, a in zip(model.layers[0].neurons, outputs, strict=True):
        neuron.b.data = a
    for j in range(size):
        derivation = derive(model, [0.0], y, activation=(1, j), loss=loss)
        _, numbers, *_ = [line.rpartition("= ")[2] for line in str(derivation).splitlines()]
        assert computed(numbers) == pytest.approx(derivation.value, rel=1e-9, abs=1e-9)


def test_the_printed_slope_of_cross_entropy_is_the_softmax_minus_the_target(network):
    text = str(derive(network, X, 2, weight=(1, 0, 0), loss="cross_entropy"))
    shares = softmax([a.data for a in network(X)])
    for j, share in enumerate(shares):
        digit, y = "₀₁₂₃"[j], float(j == 2)
        line = f"∂C₀/∂a{digit}⁽³⁾ = softmax(a⁽³⁾){digit} − y{digit} = {share:.4g} − {y:.0f} = {share - y:.4g}".replace("-", "−")
        assert line + ",  since Σⱼ₌₀³ yⱼ = 1" * (j == 0) in text.splitlines()
    assert (
        r"\operatorname{softmax}\left(a^{(3)}\right)_{2} - y_{2} "
        in derive(network, X, 2, activation=(3, 2), loss="cross_entropy").latex()
    )
    unnormalized = str(derive(network, X, [1.0, 1.0, 1.0, 1.0], activation=(3, 0), loss="cross_entropy"))
    assert "softmax" not in unnormalized  # the formula holds for probabilities, whose sum is 1


@given(within(-150.0, 0.0), st.sampled_from([0.0, 0.25, 1.0]))
@example(-100.0, 0.25)  # where the logarithm begins to count for −100
def test_the_printed_slope_of_binary_cross_entropy_is_its_slope_however_small_the_probability(z, y):
    model = MLP(1, [1], output_activation="sigmoid", init=constant(z))
    derivation = derive(model, [1.0], y, activation=(1, 0), loss="binary_cross_entropy")
    assume(abs(model([1.0]).data - y) > 0.1 or y == 0)  # what is printed is rounded
    for line in str(derivation).partition("\n\n")[0].splitlines():
        printed = line.rpartition("= ")[2]
        if "₀" not in printed:  # the numbers, not the formula
            assert computed(printed) == pytest.approx(derivation.value, rel=2e-3)


def test_a_saturated_probability_is_not_divided_by_zero_in_print():
    model = MLP(1, [1], output_activation="sigmoid", init=constant(100.0))
    text = str(derive(model, [10.0], 0.0, weight=(1, 0, 0), loss="binary_cross_entropy"))
    assert "\n∂C₀/∂a₀⁽¹⁾     = 0\n" in text
    assert "−0 " not in text
    assert nn.notation.number(-0.0).text == "0"


@pytest.mark.parametrize(("loss", "slope"), [("mse", "(2/n)(a₀⁽¹⁾ − y₀)"), ("mae", "(1/n) · sign(a₀⁽¹⁾ − y₀)")])
def test_without_numbers_a_mean_over_the_output_nodes_is_divided_by_n(loss, slope):
    def page(numbers):
        return str(derive(MLP(2, [3], seed=0), [0.5, 1.0], [1.0, 0.0, 0.0], activation=(1, 0), loss=loss, numbers=numbers))

    assert slope in page(numbers=False)
    assert slope.replace("n)", "3)", 1) in page(numbers=True)


@pytest.mark.parametrize(
    ("loss", "term", "slope"),
    [
        ("sum_squared_error", "(−0.5 − 1)²", "2(−0.5 − 1)"),
        ("mae", "|−0.5 − 1|", "sign(−0.5 − 1)"),
        ("huber", "h(−0.5 − 1)", "max(−1, min(1, −0.5 − 1))"),
        ("hinge", "max(0, 1 − 1 · (−0.5))", "(−1) · [1 · (−0.5) < 1]"),
        ("binary_cross_entropy_with_logits", "softplus(−(−0.5)) + (1 − 1) · softplus(−0.5)", "(σ(−0.5) − 1)"),
    ],
)
def test_a_negative_output_has_parentheses_only_where_something_stands_before_it(loss, term, slope):
    model = MLP(1, [1], bias=False, init=lambda nin, nout, random: 1.0)
    derivation = derive(model, [-0.5], 1.0, weight=(1, 0, 0), loss=loss, steps="all")
    assert term in str(derivation)
    assert slope in str(derivation)
    assert r"\left(\left(-0.5\right)\right)" not in derivation.latex()
