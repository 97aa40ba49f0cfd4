"""What derivations print, in text and in LaTeX; what they refuse; and how backprop shows itself."""

import math

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import nn
from autograd_lite import softmax
from nn import MLP, backprop, derive, output_moves
from nn.documents.loss_formulas import COEFFICIENTS
from nn.documents.slopes import loss_slopes

X, Y = [0.5, -1.0, 2.0], [0.0, 1.0, 0.0, 0.25]


def constant(number):
    return lambda nin, nout, random: number


HIDDEN_WEIGHT = """\
∂C₀/∂w₁₀⁽¹⁾ = ∂C₀/∂a₁⁽¹⁾ · ∂a₁⁽¹⁾/∂z₁⁽¹⁾ · ∂z₁⁽¹⁾/∂w₁₀⁽¹⁾
            = (∂C₀/∂a₁⁽¹⁾) · g′(z₁⁽¹⁾) · a₀⁽⁰⁾
            = 0.09086 · 1 · 2
            = 0.1817

where
∂a₁⁽¹⁾/∂z₁⁽¹⁾  = g′(z₁⁽¹⁾) = identity′(1) = 1
∂z₁⁽¹⁾/∂w₁₀⁽¹⁾ = a₀⁽⁰⁾ = 2

∂C₀/∂a₁⁽¹⁾ = Σⱼ ∂C₀/∂aⱼ⁽²⁾ · ∂aⱼ⁽²⁾/∂zⱼ⁽²⁾ · ∂zⱼ⁽²⁾/∂a₁⁽¹⁾
           = Σⱼ 2(aⱼ⁽²⁾ − yⱼ) · g′(zⱼ⁽²⁾) · wⱼ₁⁽²⁾
           = 2(a₀⁽²⁾ − y₀) · g′(z₀⁽²⁾) · w₀₁⁽²⁾  = 2(0.7311 − 0) · 0.1966 · 0.5 = 0.1437
           + 2(a₁⁽²⁾ − y₁) · g′(z₁⁽²⁾) · w₁₁⁽²⁾  = 2(0.7311 − 1) · 0.1966 · 0.5 = −0.05288
           = 0.09086
"""

HIDDEN_ACTIVATION = """\
∂C₀/∂a₁⁽¹⁾ = Σⱼ ∂C₀/∂aⱼ⁽²⁾ · ∂aⱼ⁽²⁾/∂zⱼ⁽²⁾ · ∂zⱼ⁽²⁾/∂a₁⁽¹⁾
           = Σⱼ (∂C₀/∂aⱼ⁽²⁾) · g′(zⱼ⁽²⁾) · wⱼ₁⁽²⁾
           = (∂C₀/∂a₀⁽²⁾) · g′(z₀⁽²⁾) · w₀₁⁽²⁾  = 0.5 · 0.1966 · 0.5    = 0.04915
           + (∂C₀/∂a₁⁽²⁾) · g′(z₁⁽²⁾) · w₁₁⁽²⁾  = (−0.5) · 0.1966 · 0.5 = −0.04915
           = 0

where
∂C₀/∂a₀⁽²⁾ = softmax(a⁽²⁾)₀ − y₀ = 0.5 − 0 = 0.5
∂C₀/∂a₁⁽²⁾ = softmax(a⁽²⁾)₁ − y₁ = 0.5 − 1 = −0.5
"""


@pytest.mark.parametrize(
    ("index", "y", "loss", "expected"),
    [
        ({"weight": (1, 1, 0)}, [0.0, 1.0], "sum_squared_error", HIDDEN_WEIGHT),
        ({"activation": (1, 1)}, 1, "cross_entropy", HIDDEN_ACTIVATION),
    ],
)
def test_the_whole_of_a_derivation_by_a_hidden_weight_and_by_a_hidden_activation(index, y, loss, expected):
    model = MLP(1, [2, 2], activation="identity", output_activation="sigmoid", bias=False, init=constant(0.5))
    text, _, verdict = str(derive(model, [2.0], y, **index, loss=loss)).rpartition("\n\n")
    assert text + "\n" == expected
    assert verdict.startswith("The engine's backward() gives ")


@pytest.mark.parametrize(
    ("loss", "y"), [("cross_entropy", 2), ("binary_cross_entropy", [0, 1, 1, 0]), ("hinge", [1, -1, 1, 1])]
)
def test_other_losses_keep_the_general_symbol_with_its_number(network, loss, y):
    derivation = derive(network, X, y, weight=(3, 1, 2), loss=loss)
    assert "\n            = (∂C₀/∂a₁⁽³⁾) · g′(z₁⁽³⁾) · a₂⁽²⁾\n" in str(derivation)
    assert derivation.agrees
    assert "Σⱼ (∂C₀/∂aⱼ⁽³⁾) · g′(zⱼ⁽³⁾) · wⱼ₀⁽³⁾" in str(derive(network, X, y, weight=(2, 0, 0), loss=loss))


@given(
    st.sampled_from(sorted(COEFFICIENTS, key=lambda loss: loss.__name__)), st.lists(st.floats(-5, 5), min_size=1, max_size=5)
)
def test_the_printed_coefficient_of_a_squared_error_is_its_slope(loss, outputs):
    coefficient = eval(COEFFICIENTS[loss](len(outputs)) or "1")
    targets = [0.5] * len(outputs)
    for slope, a in zip(loss_slopes(loss, outputs, targets), outputs, strict=True):
        assert slope == pytest.approx(coefficient * (a - 0.5), rel=1e-12, abs=1e-12)


def computed(formula):
    """The number that a printed formula of plain numbers stands for."""
    for printed, python in (("−", "-"), ("·", "*"), ("[", "("), ("]", ")")):
        formula = formula.replace(printed, python)
    return eval(formula, {"sign": lambda x: (x > 0) - (x < 0), "max": max, "min": min})


def within(low, high):
    """Numbers that are printed as they are."""
    return st.floats(low, high).map(lambda x: float(f"{x:.4g}"))


PRINTED = {
    "mae": ((-9, 9), [-2.5, 0.0, 3.0]),
    "huber": ((-9, 9), [-2.5, 0.0, 3.0]),
    "hinge": ((-3, 3), [-1, 1]),
    "binary_cross_entropy": ((0.01, 0.99), [0, 0.25, 1]),
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
        _, _, numbers = str(derivation).splitlines()[0].split(" = ")
        assert computed(numbers) == pytest.approx(derivation.value, rel=1e-9, abs=1e-9)


def test_the_printed_slope_of_cross_entropy_is_the_softmax_minus_the_target(network):
    text = str(derive(network, X, 2, weight=(1, 0, 0), loss="cross_entropy"))
    shares = softmax([a.data for a in network(X)])
    for j, share in enumerate(shares):
        digit, y = "₀₁₂₃"[j], float(j == 2)
        line = f"∂C₀/∂a{digit}⁽³⁾ = softmax(a⁽³⁾){digit} − y{digit} = {share:.4g} − {y:.0f} = {share - y:.4g}".replace("-", "−")
        assert line in text.splitlines()
    assert (
        r"\operatorname{softmax}\left(a^{(3)}\right)_{2} - y_{2} = "
        in derive(network, X, 2, activation=(3, 2), loss="cross_entropy").latex()
    )
    unnormalized = str(derive(network, X, [1.0, 1.0, 1.0, 1.0], activation=(3, 0), loss="cross_entropy"))
    assert "softmax" not in unnormalized  # the formula holds for probabilities, whose sum is 1


def test_what_has_no_formula_is_its_number_once(network):
    one = derive(network, X, 0.5, activation=(3, 1), loss=lambda a, y: a[0] * a[1] - y)
    assert str(one).splitlines()[0] == f"∂C₀/∂a₁⁽³⁾ = {one.value:.4g}"
    many = derive(network, [X, X], [0.5, 0.5], activation=(3, 1), loss=lambda a, y: a[0] * a[1] - y)
    assert f"  ∂C₁/∂a₁⁽³⁾ = {one.value:.4g}" in str(many).splitlines()


@given(within(-150.0, 0.0), st.sampled_from([0.0, 0.25, 1.0]))
def test_the_printed_slope_of_binary_cross_entropy_is_its_slope_however_small_the_probability(z, y):
    model = MLP(1, [1], output_activation="sigmoid", init=constant(z))
    derivation = derive(model, [1.0], y, activation=(1, 0), loss="binary_cross_entropy")
    assume(abs(model([1.0]).data - y) > 0.1 or y == 0)  # what is printed is rounded
    for printed in str(derivation).splitlines()[0].split(" = ")[1:]:
        if "₀" not in printed:  # the numbers, not the formula
            assert computed(printed) == pytest.approx(derivation.value, rel=2e-3)


def test_a_saturated_probability_is_not_divided_by_zero_in_print():
    model = MLP(1, [1], output_activation="sigmoid", init=constant(100.0))
    text = str(derive(model, [10.0], 0.0, weight=(1, 0, 0), loss="binary_cross_entropy"))
    assert "\n∂C₀/∂a₀⁽¹⁾     = 0\n" in text
    assert "−0 " not in text
    assert nn.notation.number(-0.0).text == "0"


def test_a_loss_or_an_activation_that_gives_no_value(network):
    with pytest.raises(TypeError, match=r"the result of the loss must be one Value, got 3.0 \(float\)"):
        derive(network, X, Y, weight=(1, 0, 0), loss=lambda a, y: 3.0)
    with pytest.raises(TypeError, match=r"the activation <lambda> must give a Value, got 1.0: compute it with"):
        MLP(1, [1, 1], activation=lambda z: 1.0)([1.0])


@pytest.mark.parametrize("weight", [float("nan"), float("inf")])
def test_a_loss_that_is_not_finite_is_not_explained(weight):
    model = MLP(1, [2, 1], activation="identity", init=constant(weight))
    for explain in (backprop, output_moves, lambda *sample: derive(*sample, weight=(1, 0, 0))):
        with pytest.raises(ValueError, match=r"the loss of the sample is (nan|inf), which has no derivatives: look for nan"):
            explain(model, [1.0], 0.0)


def test_latex_explains_each_factor(network):
    latex = derive(network, X, Y, weight=(3, 1, 2)).latex()
    assert r"\frac{\partial a_{1}^{(3)}}{\partial z_{1}^{(3)}} &= g'\left(z_{1}^{(3)}\right) = \mathrm{sigmoid}'\left(" in latex
    model = MLP(1, [1], output_activation="leaky_relu", seed=0)
    assert r"\mathrm{leaky\_relu}'\left(" in derive(model, [1.0], 0.0, weight=(1, 0, 0)).latex()


def test_half_squared_error_drops_the_two(network):
    text = str(derive(network, X, Y, weight=(3, 1, 2), loss="half_squared_error"))
    assert "= (a₁⁽³⁾ − y₁) · g′(z₁⁽³⁾) · a₂⁽²⁾\n" in text


def test_an_activation_and_a_loss_of_ones_own():
    model = MLP(2, [3, 2], activation=lambda z: z * z * z, output_activation=lambda z: z / (1 + z * z), seed=1)
    derivation = derive(model, [1.0, -0.5], [0.0, 1.0], weight=(1, 2, 0), loss=lambda a, y: (a[0] - y[0]) * (a[1] - y[1]))
    assert derivation.agrees
    assert derivation.value != 0


def test_a_bias_is_the_error_component(network):
    model = MLP(2, [3, 2], activation="tanh", seed=3)
    derivation = derive(model, [1.0, 2.0], [0.0, 1.0], bias=(2, 1))
    assert "= 2(a₁⁽²⁾ − y₁) · g′(z₁⁽²⁾) · 1\n" in str(derivation)
    assert derivation.value == backprop(model, [1.0, 2.0], [0.0, 1.0])[2].delta[1]


def test_neurons_of_one_layer_may_differ_in_activation_and_bias():
    model = MLP(3, [3, 4], activation="tanh", output_activation="sigmoid", seed=1)
    for layer in model.layers:
        layer.neurons[1:3] = [
            nn.Neuron(3, activation="softplus", seed=2),
            nn.Neuron(3, activation="sigmoid", bias=False, seed=3),
        ]
    nn.sum_squared_error(model(X), Y).backward()
    terms = backprop(model, X, Y)
    assert terms[2].a == pytest.approx([a.data for a in model(X)])
    for index, layer in enumerate(model.layers, 1):
        for j, neuron in enumerate(layer.neurons):
            assert terms[index].dW[j] == pytest.approx([w.grad for w in neuron.w])
            assert derive(model, X, Y, weight=(index, j, 2)).agrees
            if neuron.b is not None:
                assert terms[index].db[j] == pytest.approx(neuron.b.grad)
                assert derive(model, X, Y, bias=(index, j)).agrees
    with pytest.raises(ValueError, match="node 2 of layer 1 has no bias"):
        derive(model, X, Y, bias=(1, 2))


def test_the_gradients_of_the_model_are_left_as_they_were(network):
    for i, parameter in enumerate(network.parameters()):
        parameter.grad = i
    derive(network, X, Y, weight=(1, 0, 0))
    assert [parameter.grad for parameter in network.parameters()] == list(range(len(network.parameters())))


def test_latex_says_what_the_engine_gives(network):
    for derivation in (derive(network, X, Y, weight=(1, 1, 2)), derive(network, [X] * 3, [Y] * 3, weight=(2, 0, 1))):
        assert r"\text{backward() gives }" in derivation.latex()
        assert r"\text{: they agree}" in derivation.latex()
    derivation.engine += 1.0
    assert r"\text{: they DO NOT agree}" in derivation.latex()


def test_latex_has_the_same_formula(network):
    derivation = derive(network, X, Y, weight=(3, 1, 2))
    assert r"2\left(a_{1}^{(3)} - y_{1}\right) \cdot g'\left(z_{1}^{(3)}\right) \cdot a_{2}^{(2)}" in derivation.latex()
    for latex in (
        derivation.latex(),
        derive(network, X, Y, weight=(1, 1, 2)).latex(),
        derive(network, [X] * 12, [Y] * 12, weight=(1, 1, 2)).latex(),
    ):
        assert latex.count("{") == latex.count("}")
        assert latex.count(r"\left(") == latex.count(r"\right)")
        assert latex.startswith(r"\begin{aligned}")
        assert latex.endswith(r"\end{aligned}")
    (first, *others) = [row for row in derive(network, X, Y, activation=(2, 2)).latex().splitlines() if "underbrace" in row]
    assert [row.count("+") for row in (first, *others)] == [0, 1, 1, 1]
    assert derivation._repr_latex_() == f"$${derivation.latex()}$$"


def test_many_samples_are_counted_not_dropped_in_silence(network):
    text = str(derive(network, [X] * 12, [Y] * 12, weight=(3, 1, 2)))
    assert "… and 2 more samples, in .samples" in text


def test_two_digit_indices_are_parted_by_a_comma():
    model = MLP(11, [12], seed=0)
    assert model.layers[0].neurons[10].w[2].label == "w₁₀,₂⁽¹⁾"
    assert "w_{10,2}^{(1)}" in derive(model, [1.0] * 11, [0.0] * 12, weight=(1, 10, 2)).latex()


@pytest.mark.parametrize(
    ("index", "message"),
    [
        ({"weight": (4, 0, 0)}, "the model has the layers 1 to 3, got 4"),
        ({"weight": (0, 0, 0)}, "the model has the layers 1 to 3, got 0"),
        ({"weight": (3, 4, 0)}, "layer 3 has the nodes 0 to 3, got 4"),
        ({"weight": (3, 0, 6)}, "layer 2 has the nodes 0 to 5, got 6"),
        ({"weight": (3, 0)}, r"weight must be a tuple \(l, j, k\)"),
        ({"activation": (0, 3)}, "layer 0 has the nodes 0 to 2, got 3"),
        ({"bias": (1, 0)}, "node 0 of layer 1 has no bias"),
        ({"weight": (True, 0, 0)}, r"weight must be a tuple \(l, j, k\) of whole numbers, got \(True, 0, 0\)"),
    ],
)
def test_an_index_that_the_model_does_not_have(network, index, message):
    with pytest.raises(ValueError, match=message):
        derive(network, X, Y, **index)


def test_what_derive_cannot_derive(network):
    with pytest.raises(TypeError, match=r"takes one of weight=.*got none"):
        derive(network, X, Y)
    with pytest.raises(TypeError, match="got weight, activation"):
        derive(network, X, Y, weight=(1, 0, 0), activation=(1, 0))
    with pytest.raises(ValueError, match="2 samples need 2 targets, got 1"):
        derive(network, [X, X], [Y], weight=(1, 0, 0))
    with pytest.raises(ValueError, match="MLP expects 3 inputs, got 2"):
        derive(network, [1.0, 2.0], Y, weight=(1, 0, 0))
    with pytest.raises(ValueError, match="4 outputs and 3 targets"):
        derive(network, X, [0.0, 1.0, 2.0], weight=(1, 0, 0))
    with pytest.raises(ValueError, match=r"call model\.eval\(\) first"):
        derive(nn.Sequential(nn.Layer(2, 2), nn.Dropout(0.5)), [1.0, 2.0], [0.0, 0.0], weight=(1, 0, 0))
    layer = nn.Layer(2, 2)
    with pytest.raises(ValueError, match="stands in several places"):
        derive(nn.Sequential(layer, layer), [1.0, 2.0], [0.0, 0.0], weight=(1, 0, 0))
    with pytest.raises(TypeError, match="expected an MLP or a Sequential"):
        derive(nn.Layer(2, 2), [1.0, 2.0], [0.0, 0.0], weight=(1, 0, 0))
    with pytest.raises(TypeError, match="know nothing of Sequential"):
        derive(nn.Sequential(nn.Sequential(nn.Layer(2, 2))), [1.0, 2.0], [0.0, 0.0], weight=(1, 0, 0))


@pytest.mark.parametrize(
    ("x", "y", "error", "message"),
    [
        ([0.5, float("nan"), 2.0], Y, ValueError, "feature 1 of the sample is nan: expected a finite number"),
        (X, [0.0, 0.0, float("inf"), 0.0], ValueError, "target 2 of the sample is inf"),
        (None, Y, TypeError, "MLP expects a sequence of 3 numbers or Values, got None"),
        ("abc", Y, TypeError, "MLP expects a sequence of 3 numbers or Values, got 'abc'"),
    ],
)
def test_a_sample_that_is_none(network, x, y, error, message):
    for explain in (backprop, output_moves, lambda *sample: derive(*sample, weight=(1, 0, 0))):
        with pytest.raises(error, match=message):
            explain(network, x, y)


def test_of_several_samples_the_one_with_a_nan_is_named(network):
    with pytest.raises(ValueError, match="feature 0 of sample 1 is nan"):
        derive(network, [X, [float("nan"), 0.0, 0.0]], [Y, Y], weight=(1, 0, 0))


def test_an_index_may_be_of_numpys_numbers(network):
    numpy = pytest.importorskip("numpy")
    index = tuple(numpy.array([3, 1, 2]))
    assert str(derive(network, X, Y, weight=index)) == str(derive(network, X, Y, weight=(3, 1, 2)))


def test_where_no_derivative_can_be_told_apart_they_agree_on_that():
    model = MLP(1, [1, 1], activation="cbrt", init=constant(0.0))
    derivation = derive(model, [1.0], 1.0, weight=(1, 0, 0))  # 0 times the infinite slope of cbrt at 0
    assert math.isnan(derivation.value)
    assert "gives nan: they agree (difference 0)" in str(derivation)


def test_a_very_deep_network():
    model = MLP(1, [1] * 300, activation="tanh", init=constant(1.0))
    derivation = derive(model, [0.5], 0.0, weight=(1, 0, 0))
    assert derivation.agrees
    assert len(derivation.samples[0].nested()) == 300


def test_how_they_show_themselves(network):
    assert repr(derive(network, X, Y, weight=(3, 1, 2))).startswith("<derivation of ∂C₀/∂w₁₂⁽³⁾ = −0.")
    assert repr(backprop(network, X, Y)) == (
        "<backpropagation through layers of 3-5-6-4 nodes: print() shows it, [l] has z, a, delta, dW, db>"
    )
    assert str(backprop(network, X, Y)).count("layer ") == 4


def test_the_table_of_a_wide_network_shows_its_beginning_and_says_what_it_leaves_out():
    lines = str(backprop(MLP(784, [64, 2], "sigmoid", seed=0), [0.5] * 784, [0.0, 1.0])).splitlines()
    assert lines[0].split() == ["layer", "0,", "the", "input:", "a", "=", *["0.5"] * 12, "…"]
    assert "  … and 52 more nodes, in [1]" in lines
    assert len(lines) == 1 + (3 + 12 + 1) + (3 + 2)
    assert all(len(line) < 200 for line in lines)
    assert lines[-1].endswith("…")
