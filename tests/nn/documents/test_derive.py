"""What derivations print, in text and in LaTeX, and that it is what they compute."""

import math

import pytest

import nn
from nn import MLP, backprop, derive

X, Y = [0.5, -1.0, 2.0], [0.0, 1.0, 0.0, 0.25]


def constant(number):
    return lambda nin, nout, random: number


HIDDEN_WEIGHT = """\
∂C₀/∂w₁₀⁽¹⁾ = ∂C₀/∂a₁⁽¹⁾ · ∂a₁⁽¹⁾/∂z₁⁽¹⁾ · ∂z₁⁽¹⁾/∂w₁₀⁽¹⁾
            = (∂C₀/∂a₁⁽¹⁾) · g′⁽¹⁾(z₁⁽¹⁾) · a₀⁽⁰⁾
            = 0.09086 · 1 · 2
            = 0.1817

where
∂a₁⁽¹⁾/∂z₁⁽¹⁾  = g′⁽¹⁾(z₁⁽¹⁾) = identity′(1) = 1
∂z₁⁽¹⁾/∂w₁₀⁽¹⁾ = a₀⁽⁰⁾ = 2

∂C₀/∂a₁⁽¹⁾ = Σⱼ₌₀¹ ∂C₀/∂aⱼ⁽²⁾ · ∂aⱼ⁽²⁾/∂zⱼ⁽²⁾ · ∂zⱼ⁽²⁾/∂a₁⁽¹⁾
           = Σⱼ₌₀¹ 2(aⱼ⁽²⁾ − yⱼ) · g′⁽²⁾(zⱼ⁽²⁾) · wⱼ₁⁽²⁾
           = 2(a₀⁽²⁾ − y₀) · g′⁽²⁾(z₀⁽²⁾) · w₀₁⁽²⁾  = 2(0.7311 − 0) · 0.1966 · 0.5 = 0.1437
           + 2(a₁⁽²⁾ − y₁) · g′⁽²⁾(z₁⁽²⁾) · w₁₁⁽²⁾  = 2(0.7311 − 1) · 0.1966 · 0.5 = −0.05288
           = 0.09086

g′⁽²⁾(z₀⁽²⁾) = sigmoid′(1) = 0.1966
g′⁽²⁾(z₁⁽²⁾) = sigmoid′(1) = 0.1966
"""
HIDDEN_ACTIVATION = """\
∂C₀/∂a₁⁽¹⁾ = Σⱼ₌₀¹ ∂C₀/∂aⱼ⁽²⁾ · ∂aⱼ⁽²⁾/∂zⱼ⁽²⁾ · ∂zⱼ⁽²⁾/∂a₁⁽¹⁾
           = Σⱼ₌₀¹ (∂C₀/∂aⱼ⁽²⁾) · g′⁽²⁾(zⱼ⁽²⁾) · wⱼ₁⁽²⁾
           = (∂C₀/∂a₀⁽²⁾) · g′⁽²⁾(z₀⁽²⁾) · w₀₁⁽²⁾  = 0.5 · 0.1966 · 0.5    = 0.04915
           + (∂C₀/∂a₁⁽²⁾) · g′⁽²⁾(z₁⁽²⁾) · w₁₁⁽²⁾  = (−0.5) · 0.1966 · 0.5 = −0.04915
           = 0

where
∂C₀/∂a₀⁽²⁾ = softmax(a⁽²⁾)₀ − y₀ = 0.5 − 0 = 0.5,  since Σⱼ₌₀¹ yⱼ = 1
∂C₀/∂a₁⁽²⁾ = softmax(a⁽²⁾)₁ − y₁ = 0.5 − 1 = −0.5

g′⁽²⁾(z₀⁽²⁾) = sigmoid′(1) = 0.1966
g′⁽²⁾(z₁⁽²⁾) = sigmoid′(1) = 0.1966
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
    assert "Σⱼ₌₀³ (∂C₀/∂aⱼ⁽³⁾) · g′(zⱼ⁽³⁾) · wⱼ₀⁽³⁾" in str(derive(network, X, y, weight=(2, 0, 0), loss=loss))


def test_what_has_no_formula_is_its_number_once(network):
    one = derive(network, X, 0.5, activation=(3, 1), loss=lambda a, y: a[0] * a[1] - y)
    assert str(one).splitlines()[0] == f"∂C₀/∂a₁⁽³⁾ = {one.value:.4g}"
    many = derive(network, [X, X], [0.5, 0.5], activation=(3, 1), loss=lambda a, y: a[0] * a[1] - y)
    assert f"∂C₁/∂a₁⁽³⁾ = {one.value:.4g}" in str(many).splitlines()


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
    assert "= 2(a₁⁽²⁾ − y₁) · g′⁽²⁾(z₁⁽²⁾) · 1\n" in str(derivation)
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
    with pytest.raises(ValueError, match=r"bias must be that of a node with a bias, got \(1, 2\)"):
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
    assert "… and 2 more samples, in .samples[10:]" in text


def test_two_digit_indices_are_parted_by_a_comma():
    model = MLP(11, [12], seed=0)
    assert model.layers[0].neurons[10].w[2].label == "w₁₀,₂⁽¹⁾"
    assert "w_{10,2}^{(1)}" in derive(model, [1.0] * 11, [0.0] * 12, weight=(1, 10, 2)).latex()


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
    model = MLP(1, [1] * 200, activation="tanh", init=constant(1.0))
    derivation = derive(model, [0.5], 0.0, weight=(1, 0, 0))
    assert derivation.agrees
    assert len(derivation.samples[0].nested()) == 200


def test_a_network_whose_layers_have_one_activation_writes_g_without_a_layer_and_another_one_with_it(network):
    assert "g′(z₁⁽³⁾)" in str(derive(network, X, Y, weight=(3, 1, 2)))
    model = MLP(3, [3, 2], activation="tanh", output_activation="sigmoid", seed=1)
    assert "g′⁽²⁾(z₁⁽²⁾)" in str(derive(model, X, [0.0, 1.0], weight=(2, 1, 2)))
    assert r"g'^{(2)}\left(z_{1}^{(2)}\right)" in derive(model, X, [0.0, 1.0], weight=(2, 1, 2)).latex()
    model.layers[1].neurons[1] = nn.Neuron(3, activation="softplus", seed=2)
    assert r"g'^{(2)}_{1}\left(z_{1}^{(2)}\right)" in derive(model, X, [0.0, 1.0], weight=(2, 1, 2)).latex()
    assert "g′₁⁽²⁾(z₁⁽²⁾)" in str(derive(model, X, [0.0, 1.0], weight=(2, 1, 2)))


def test_the_mean_over_samples_is_written_out_in_latex(network):
    latex = derive(network, [X] * 3, [Y] * 3, weight=(3, 1, 2)).latex()
    term = r"\frac{\partial C_{%s}}{\partial w_{12}^{(3)}}"
    assert rf"&= \frac{{1}}{{n}} \sum_{{i=0}}^{{n-1}} {term % 'i'}, \quad n = 3 \\" in latex
    assert rf"&= \frac{{1}}{{3}} \left({term % 0} + {term % 1} + {term % 2}\right) \\" in latex


def test_a_derivation_in_a_wide_network_is_a_page_and_limit_none_is_all_of_it():
    model = MLP(20, [100, 40, 10], activation="sigmoid", output_activation="sigmoid", seed=0)
    sample = [0.1] * 20, [0.0] * 10
    page = str(derive(model, *sample, weight=(1, 50, 10)))
    assert len(page.splitlines()) < 70
    assert "+ … 30 more terms, together" in page
    assert "… and 38 more sums like these, in .samples[0].nested()[4:]\n" in page
    assert "is in .samples, each a Chain with .terms and .nested(); limit=None prints it" in page
    whole = str(derive(model, *sample, weight=(1, 50, 10), limit=None))
    assert whole.count("Σⱼ₌₀⁹ 2(") == 40
    assert "more" not in whole


def test_how_to_print_is_checked(network):
    for wrong, message in (
        ({"steps": "some"}, "steps must be one of 'short', 'all', got 'some'"),
        ({"layers": "roman"}, "layers must be one of 'numbers', 'letters', got 'roman'"),
        ({"limit": 2}, "limit must be a whole number of at least 3, got 2"),
        ({"numbers": "no"}, "numbers must be True or False, got 'no'"),
    ):
        with pytest.raises(ValueError, match=message):
            derive(network, X, Y, weight=(3, 1, 2), **wrong)
