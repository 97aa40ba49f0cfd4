"""The documents' rows D1 to D21, each held to the engine, to the printed formula, or to both."""

import math

import pytest
from hypothesis import assume, given, reject, settings
from hypothesis import strategies as st

import nn
from autograd_lite.ops import TABLE
from nn import MLP, SGD, backprop, derive, evaluate, fit, output_moves, predict
from nn.losses import LOSSES
from nn.neurons import is_activation

ACTIVATIONS = ["sigmoid", "tanh", "identity", "leaky_relu", "softplus"]


def constant(number):
    return lambda nin, nout, random: number


def engine_gradients(model, x, y, loss="sum_squared_error"):
    """What `backward` gives for every parameter."""
    model.zero_grad()
    LOSSES[loss](model(x), y).backward()
    return {name: parameter.grad for name, parameter in model.named_parameters()}


X, Y = [0.5, -1.0, 2.0], [0.0, 1.0, 0.0, 0.25]


@st.composite
def networks(draw, activations=ACTIVATIONS):
    """A random network with a sample and a target for it."""
    sizes = draw(st.lists(st.integers(1, 4), min_size=2, max_size=5))
    activation, output = draw(st.sampled_from(activations)), draw(st.sampled_from(activations))
    model = MLP(sizes[0], sizes[1:], activation, output, bias=draw(st.booleans()), seed=draw(st.integers(0, 999)))
    numbers = st.floats(-2, 2, allow_subnormal=False)
    x = draw(st.lists(numbers, min_size=sizes[0], max_size=sizes[0]))
    y = draw(st.lists(numbers, min_size=sizes[-1], max_size=sizes[-1]))
    return model, x, y


def test_d1_a_nodes_input_is_the_weighted_sum():
    model = MLP(2, [2], init=constant(0.0))
    first, second = model.layers[0].neurons
    for neuron, weights, bias in ((first, (1.0, 2.0), 0.5), (second, (-3.0, 4.0), 0.0)):
        for weight, data in zip(neuron.w, weights, strict=True):
            weight.data = data
        neuron.b.data = bias
    z = [output.parents[0] for output in model([10.0, 100.0])]
    assert [node.op for node in z] == ["dot", "dot"]
    assert [node.data for node in z] == [1 * 10 + 2 * 100 + 0.5, -3 * 10 + 4 * 100]
    assert [node.label for node in z] == ["z₀⁽¹⁾", "z₁⁽¹⁾"]


@pytest.mark.parametrize("name", ["sigmoid", "relu", "tanh", "leaky_relu", "identity"])
def test_d2_a_nodes_output_is_its_activation_of_its_input(name):
    (layer,) = MLP(1, [1], output_activation=name, init=constant(-2.0)).layers
    (a,) = layer([3.0])
    assert a.op == name
    assert a.parents[0].op == "dot"
    assert a.data == layer.neurons[0].g(-6.0)


def test_d3_the_loss_of_one_sample_is_the_sum_of_squared_differences():
    assert nn.sum_squared_error([1.0, 3.0], [0.5, 5.0]) == 0.25 + 4.0


def test_d3_the_loss_is_stated_as_a_sum_and_as_a_composition_before_it_is_differentiated(network):
    page = str(nn.forward(network, X, Y, node=(3, 1)))
    assert "\nC₀ = Σⱼ₌₀³ C₀ⱼ\n   = Σⱼ₌₀³ (aⱼ⁽³⁾ − yⱼ)²\n   = (a₀⁽³⁾ − y₀)² + (a₁⁽³⁾ − y₁)² + " in page
    assert "\nC₀ⱼ = (aⱼ⁽³⁾ − yⱼ)²\nC₀ⱼ = C₀ⱼ(aⱼ⁽³⁾(zⱼ⁽³⁾(wⱼ⁽³⁾)))" in page
    hidden = str(derive(network, X, Y, weight=(2, 5, 0), steps="all"))
    assert "\nC₀ⱼ = C₀ⱼ(aⱼ⁽³⁾(zⱼ⁽³⁾(a₅⁽²⁾(z₅⁽²⁾(w₅⁽²⁾)))))\n" in hidden


def test_d1_and_d2_of_one_node_are_written_out_with_numbers(network):
    page = str(nn.forward(network, X, Y, node=(1, 4)))
    weights = [w.data for w in network.layers[0].neurons[4].w]
    terms = " + ".join(f"{shown(w)} · {shown(x)}" for w, x in zip(weights, X, strict=True))
    z = sum(w * x for w, x in zip(weights, X, strict=True))
    assert page.startswith("z₄⁽¹⁾ = Σₖ₌₀² w₄ₖ⁽¹⁾ aₖ⁽⁰⁾\n      = w₄₀⁽¹⁾ a₀⁽⁰⁾ + w₄₁⁽¹⁾ a₁⁽⁰⁾ + w₄₂⁽¹⁾ a₂⁽⁰⁾\n")
    assert f"\n      = {terms}\n      = {z:.4g}\n".replace(" -", " −") in page
    assert f"\na₄⁽¹⁾ = g(z₄⁽¹⁾) = sigmoid({z:.4g}) = ".replace("(-", "(−") in page


def said(number):
    return f"{number:.4g}".replace("-", "−")


def shown(number):
    return f"({said(number)})" if number < 0 else said(number)


def test_d4_all_terms_of_the_sum_but_one_vanish(network):
    page = str(derive(network, X, Y, weight=(3, 1, 2), steps="all"))
    terms = " + ".join(f"(a{digit}⁽³⁾ − y{digit})²" for digit in "₀₁₂₃")
    assert (
        "∂C₀/∂a₁⁽³⁾ = ∂/∂a₁⁽³⁾ Σⱼ₌₀³ (aⱼ⁽³⁾ − yⱼ)²\n"
        f"           = ∂/∂a₁⁽³⁾ ({terms})\n"
        "           = ∂/∂a₁⁽³⁾ (a₁⁽³⁾ − y₁)²,  as the other terms do not depend on it\n"
        "           = 2(a₁⁽³⁾ − y₁)\n"
    ) in page


def test_d6_the_same_of_an_input_by_a_weight_and_by_an_activation(network):
    by_weight = str(derive(network, X, Y, weight=(3, 1, 2), steps="all"))
    assert "∂z₁⁽³⁾/∂w₁₂⁽³⁾ = ∂/∂w₁₂⁽³⁾ Σₖ₌₀⁵ w₁ₖ⁽³⁾ aₖ⁽²⁾\n" in by_weight
    assert (
        "\n               = ∂/∂w₁₂⁽³⁾ w₁₂⁽³⁾ a₂⁽²⁾,  as the other terms do not depend on it\n               = a₂⁽²⁾"
        in by_weight
    )
    by_activation = str(derive(network, X, Y, weight=(2, 2, 2), steps="all"))
    assert "∂zⱼ⁽³⁾/∂a₂⁽²⁾ = ∂/∂a₂⁽²⁾ Σₖ₌₀⁵ wⱼₖ⁽³⁾ aₖ⁽²⁾\n" in by_activation
    assert (
        "\n              = ∂/∂a₂⁽²⁾ wⱼ₂⁽³⁾ a₂⁽²⁾,  as the other terms do not depend on it\n              = wⱼ₂⁽³⁾"
        in by_activation
    )


def test_d4_the_loss_by_an_output_activation(network):
    derivation = derive(network, X, Y, activation=(3, 1))
    a = network(X)[1].data
    assert derivation.value == pytest.approx(2 * (a - 1.0), rel=1e-15)
    assert str(derivation).startswith("∂C₀/∂a₁⁽³⁾ = 2(a₁⁽³⁾ − y₁)\n")
    assert derivation.agrees


def test_d5_an_activation_by_its_input(network):
    a = network(X)[1]
    (_, by_z, _) = derive(network, X, Y, weight=(3, 1, 2)).factors
    assert (by_z.symbol.text, by_z.formula.text) == ("∂a₁⁽³⁾/∂z₁⁽³⁾", "g′(z₁⁽³⁾)")
    assert by_z.value == a.local_derivatives[0]


def test_d6_an_input_by_a_weight_and_by_an_activation(network):
    by_w = derive(network, X, Y, weight=(3, 1, 2)).factors[-1]
    assert (by_w.symbol.text, by_w.formula.text) == ("∂z₁⁽³⁾/∂w₁₂⁽³⁾", "a₂⁽²⁾")
    assert by_w.value == backprop(network, X, Y)[2].a[2]
    by_a = derive(network, X, Y, activation=(2, 2)).samples[0].terms[3][-1]
    assert (by_a.symbol.text, by_a.formula.text) == ("∂z₃⁽³⁾/∂a₂⁽²⁾", "w₃₂⁽³⁾")
    assert by_a.value == network.layers[2].neurons[3].w[2].data


def test_d7_an_output_weight_is_three_terms_multiplied(network):
    derivation = derive(network, X, Y, weight=(3, 1, 2))
    lines = str(derivation).splitlines()
    assert lines[0] == "∂C₀/∂w₁₂⁽³⁾ = ∂C₀/∂a₁⁽³⁾ · ∂a₁⁽³⁾/∂z₁⁽³⁾ · ∂z₁⁽³⁾/∂w₁₂⁽³⁾"
    assert lines[1] == "            = 2(a₁⁽³⁾ − y₁) · g′(z₁⁽³⁾) · a₂⁽²⁾"
    first, second, third = derivation.factors
    assert derivation.value == first.value * second.value * third.value
    assert derivation.engine == engine_gradients(network, X, Y)["layers.2.neurons.1.w.2"]
    assert derivation.agrees


def test_d8_the_same_weight_over_all_samples(network):
    xs, ys = [X, [1.0, 0.0, 0.0], [0.0, 1.0, -1.0]], [Y, [1.0, 0.0, 0.0, 0.0], [0.5, 0.5, 0.5, 0.5]]
    derivation = derive(network, xs, ys, weight=(3, 1, 2))
    single = [derive(network, x, y, weight=(3, 1, 2)).value for x, y in zip(xs, ys, strict=True)]
    assert derivation.value == pytest.approx(sum(single) / 3, rel=1e-15)
    assert str(derivation).startswith("∂C/∂w₁₂⁽³⁾ = (1/n) Σᵢ₌₀ⁿ⁻¹ ∂Cᵢ/∂w₁₂⁽³⁾,  n = 3\n")
    assert "\n∂Cᵢ/∂w₁₂⁽³⁾ = 2(a₁⁽³⁾ − y₁) · g′(z₁⁽³⁾) · a₂⁽²⁾\n∂C₀/∂w₁₂⁽³⁾ = 2(" in str(derivation)
    assert derivation.agrees


def test_d9_a_hidden_activation_is_a_sum_over_the_next_layer(network):
    derivation = derive(network, X, Y, activation=(2, 2))
    lines = str(derivation).splitlines()
    assert lines[1] == "           = Σⱼ₌₀³ 2(aⱼ⁽³⁾ − yⱼ) · g′(zⱼ⁽³⁾) · wⱼ₂⁽³⁾"
    for j, line in enumerate(lines[2:6]):
        digit = "₀₁₂₃"[j]
        assert f"2(a{digit}⁽³⁾ − y{digit}) · g′(z{digit}⁽³⁾) · w{digit}₂⁽³⁾" in line
    terms = backprop(network, X, Y)
    expected = sum(terms[3].delta[j] * network.layers[2].neurons[j].w[2].data for j in range(4))
    assert derivation.value == pytest.approx(expected, rel=1e-14)
    assert derivation.agrees


def test_d9_and_d10_in_the_documents_own_letters(network):
    page = str(derive(network, X, Y, weight=(2, 2, 2), layers="letters", numbers=False))
    assert "∂C₀/∂w₂₂⁽ᴸ⁻¹⁾ = ∂C₀/∂a₂⁽ᴸ⁻¹⁾ · ∂a₂⁽ᴸ⁻¹⁾/∂z₂⁽ᴸ⁻¹⁾ · ∂z₂⁽ᴸ⁻¹⁾/∂w₂₂⁽ᴸ⁻¹⁾\n" in page
    assert "\n              = (∂C₀/∂a₂⁽ᴸ⁻¹⁾) · g′(z₂⁽ᴸ⁻¹⁾) · a₂⁽ᴸ⁻²⁾\n" in page
    assert "\n             = Σⱼ₌₀ⁿ⁻¹ 2(aⱼ⁽ᴸ⁾ − yⱼ) · g′(zⱼ⁽ᴸ⁾) · wⱼ₂⁽ᴸ⁾\n" in page


def test_d10_a_hidden_weight_has_the_chain_rule_inside_the_chain_rule(network):
    derivation = derive(network, X, Y, weight=(2, 2, 2))
    assert "= (∂C₀/∂a₂⁽²⁾) · g′(z₂⁽²⁾) · a₂⁽¹⁾\n" in str(derivation)
    by_a, by_z, by_w = derivation.factors
    assert by_a.value == derive(network, X, Y, activation=(2, 2)).value
    assert derivation.value == by_a.value * by_z.value * by_w.value
    deeper = derive(network, X, Y, weight=(1, 4, 0))
    assert "= Σⱼ₌₀⁵ (∂C₀/∂aⱼ⁽²⁾) · g′(zⱼ⁽²⁾) · wⱼ₄⁽²⁾\n" in str(deeper)
    assert all(f"\n∂C₀/∂a{digit}⁽²⁾ = Σⱼ" in str(deeper) for digit in "₀₁₂₃₄₅")
    assert deeper.agrees


def test_d11_a_hidden_activation_over_all_samples(network):
    derivation = derive(network, [X, [1.0, 1.0, 1.0]], [Y, Y], activation=(2, 2))
    single = [derive(network, x, Y, activation=(2, 2)).value for x in (X, [1.0, 1.0, 1.0])]
    assert derivation.value == pytest.approx(sum(single) / 2, rel=1e-15)
    assert str(derivation).startswith("∂C/∂a₂⁽²⁾ = (1/n) Σᵢ₌₀ⁿ⁻¹ ∂Cᵢ/∂a₂⁽²⁾,  n = 2\n")
    assert derivation.agrees


def test_d12_to_d14_the_recursion_is_printed_in_a_box_for_each_layer(network):
    page = str(backprop(network, X, Y))
    for line in (
        "│ ∂C₀/∂a⁽³⁾ = 2(a⁽³⁾ − y)     │",
        "│ δ⁽³⁾ = ∂C₀/∂a⁽³⁾ ⊙ g′(z⁽³⁾) │",
        "│ ∂C₀/∂W⁽³⁾ = δ⁽³⁾ (a⁽²⁾)ᵀ    │",
        "│ δ⁽²⁾ = (W⁽³⁾)ᵀ δ⁽³⁾ ⊙ g′(z⁽²⁾) │",
        "│ δ⁽¹⁾ = (W⁽²⁾)ᵀ δ⁽²⁾ ⊙ g′(z⁽¹⁾) │",
    ):
        assert line in page.splitlines()
    biased = str(backprop(MLP(3, [4], seed=0), X, Y))
    assert "│ ∂C₀/∂b⁽¹⁾ = δ⁽¹⁾,  since ∂zⱼ⁽¹⁾/∂bⱼ⁽¹⁾ = 1 │" in biased.splitlines()


@given(networks())
def test_d12_the_error_vectors_are_the_derivatives_by_the_inputs(sample):
    model, x, y = sample
    output = nn.sum_squared_error(model(x), y)
    output.backward()
    inputs = {}
    waiting = [output]
    while waiting:
        node = waiting.pop()
        if node.op == "dot":
            inputs[node.label] = node.grad
        waiting += node.parents
    for l, terms in enumerate(backprop(model, x, y)[1:], 1):
        for j, delta in enumerate(terms.delta):
            name = nn.notation.symbol("z", j, layer=l).text
            assert delta == pytest.approx(inputs[name], rel=1e-12, abs=1e-12)


@given(networks())
def test_d13_all_weights_of_a_layer_are_an_outer_product(sample):
    model, x, y = sample
    gradients = engine_gradients(model, x, y)
    layers = backprop(model, x, y)
    for l in range(1, len(layers)):
        for j, row in enumerate(layers[l].dW):
            for k, derivative in enumerate(row):
                assert derivative == layers[l].delta[j] * layers[l - 1].a[k]
                assert derivative == pytest.approx(gradients[f"layers.{l - 1}.neurons.{j}.w.{k}"], rel=1e-12, abs=1e-12)


@given(networks())
def test_d14_the_error_components_are_the_bias_derivatives(sample):
    model, x, y = sample
    gradients = engine_gradients(model, x, y)
    for l, terms in enumerate(backprop(model, x, y)[1:], 1):
        assert terms.db == (terms.delta if model.layers[0].has_bias else [])
        for j, derivative in enumerate(terms.db):
            assert derivative == pytest.approx(gradients[f"layers.{l - 1}.neurons.{j}.b"], rel=1e-12, abs=1e-12)


def test_d12_one_component_of_an_error_vector(network):
    terms = backprop(network, X, Y)
    for l, j in ((3, 1), (2, 5), (1, 0)):
        derivation = derive(network, X, Y, input=(l, j))
        assert derivation.value == pytest.approx(terms[l].delta[j], rel=1e-14)
        assert derivation.agrees
        name = nn.notation.symbol("z", j, layer=l).text
        assert str(derivation).startswith(f"δ{name[1:]} = ∂C₀/∂{name}\n\n∂C₀/∂{name} = ")


def test_d15_row_times_column_and_column_times_row():
    assert nn.dot_product([1, 2, 3], [4, 5, 6]).value == 32
    assert nn.outer_product([1, 2], [3, 4, 5]).value == [[3, 4, 5], [6, 8, 10]]
    assert nn.dot_product([1, 2], [3, 4]).beside(nn.outer_product([1, 2], [3, 4])).value == (11, [[3, 4], [6, 8]])
    with pytest.raises(ValueError, match="the column must be 2 numbers, one for each number of the row, got 1"):
        nn.dot_product([1, 2], [3])
    with pytest.raises(TypeError, match="row_vector must be a sequence of numbers, got 5"):
        nn.outer_product([1, 2], 5)


@pytest.mark.parametrize("loss", ["sum_squared_error", "half_squared_error", "mse", "mae", "huber"])
def test_d16_the_loss_of_a_set_is_the_mean_over_the_samples(network, loss):
    xs, ys = [X, [1.0, 0.0, 0.0]], [Y, [1.0, 0.0, 0.0, 0.0]]
    each = [LOSSES[loss](network(x), y).data for x, y in zip(xs, ys, strict=True)]
    assert evaluate(network, xs, ys, loss)["loss"] == pytest.approx(sum(each) / 2, rel=1e-15)


def test_d16_the_loss_of_a_set_is_printed_with_its_terms(network):
    xs, ys = [X, [1.0, 0.0, 0.0]], [Y, [1.0, 0.0, 0.0, 0.0]]
    each = [nn.sum_squared_error(network(x), y).data for x, y in zip(xs, ys, strict=True)]
    page = nn.forward(network, xs, ys)
    assert page.loss == pytest.approx(sum(each) / 2, rel=1e-15)
    assert f"= (1/2) (C₀ + C₁)\n  = (1/2) ({each[0]:.4g} + {each[1]:.4g})\n  = {page.loss:.4g}\n" in str(page)


def test_d17_gradient_descent_steps_against_the_gradient(network):
    gradients = engine_gradients(network, X, Y)
    before = network.state_dict()
    loss = nn.sum_squared_error(network(X), Y).data
    SGD(network.parameters(), lr=0.05).step()
    assert network.state_dict() == {name: before[name] - 0.05 * gradients[name] for name in before}
    assert nn.sum_squared_error(network(X), Y).data < loss


def test_d17_a_batch_steps_along_the_average_gradient(network):
    xs, ys = [X, [1.0, 0.0, 0.0]], [Y, [1.0, 0.0, 0.0, 0.0]]
    each = [engine_gradients(network, x, y) for x, y in zip(xs, ys, strict=True)]
    before = network.state_dict()
    fit(network, xs, ys, loss="sum_squared_error", optimizer=SGD(network.parameters(), lr=0.1), epochs=1, progress=False)
    for name, number in network.state_dict().items():
        assert number == pytest.approx(before[name] - 0.1 * (each[0][name] + each[1][name]) / 2, rel=1e-14)


def test_d18_the_prediction_is_the_output_node_with_the_highest_activation(network):
    outputs = [a.data for a in network(X)]
    assert predict(network, X) == outputs.index(max(outputs))


@pytest.mark.parametrize("model", [MLP(2, [3], seed=0), MLP(2, [1], seed=0)])
def test_d18_without_a_highest_activation_there_is_no_prediction(model):
    with pytest.raises(ValueError, match="output 0 is nan, so none is the highest"):
        predict(model, [float("nan"), 1.0])


@given(networks())
def test_d19_an_output_should_rise_where_it_is_below_its_target_and_fall_where_it_is_above(sample):
    model, x, y = sample
    outputs = backprop(model, x, y)[-1].a
    for move, a, target in zip(output_moves(model, x, y), outputs, y, strict=True):
        assert move.direction == ("rise" if a < target else "fall" if a > target else "stay")
        assert move.derivative == pytest.approx(2 * (a - target), rel=1e-12, abs=1e-12)


def test_d19_of_several_samples_the_moves_are_their_mean(network):
    xs, ys = [X, [1.0, 0.0, 0.0]], [Y, [1.0, 0.0, 0.0, 0.0]]
    each = [output_moves(network, x, y) for x, y in zip(xs, ys, strict=True)]
    for move, first, second in zip(output_moves(network, xs, ys), *each, strict=True):
        assert move.derivative == pytest.approx((first.derivative + second.derivative) / 2)
        assert f"{move.name}, on average {said(move.activation)}, should {move.direction}, since " in str(move)
        assert str(move).endswith(f" ∂C/∂{move.name} = {said(move.derivative)}")
    page = str(output_moves(network, xs, ys))
    assert f"\n          = (1/2) ({shown(each[0][0].derivative)} + {shown(each[1][0].derivative)})\n" in page
    assert str(output_moves(network, X, Y)) == "\n".join(map(str, each[0]))


def test_d21_every_weight_of_the_worked_network(network):
    gradients = engine_gradients(network, X, Y)
    matrices = backprop(network, X, Y)
    for l, layer in enumerate(network.layers, 1):
        for j, neuron in enumerate(layer.neurons):
            for k in range(len(neuron.w)):
                derivation = derive(network, X, Y, weight=(l, j, k))
                assert derivation.agrees
                assert derivation.engine == gradients[f"layers.{l - 1}.neurons.{j}.w.{k}"]
                assert derivation.value == pytest.approx(matrices[l].dW[j][k], rel=1e-12)
    assert len(gradients) == 3 * 5 + 5 * 6 + 6 * 4


# Beyond the rows: any loss, any activation, any depth


ANY_ACTIVATION = [name for name, function in TABLE.items() if is_activation(function)]
TARGETS = {
    "hinge": st.sampled_from([-1, 1]),
    "binary_cross_entropy": st.floats(0, 1),
    "binary_cross_entropy_with_logits": st.floats(0, 1),
    "cross_entropy": st.floats(0, 1),
}


@settings(max_examples=60)
@given(networks(ANY_ACTIVATION), st.sampled_from(sorted(LOSSES)), st.data())
def test_any_weight_bias_and_activation_agrees_with_the_engine(sample, loss, data):
    model, x, y = sample
    if loss in TARGETS:
        y = data.draw(st.lists(TARGETS[loss], min_size=len(y), max_size=len(y)))
    try:
        assume(math.isfinite(LOSSES[loss](model(x), y).data))
    except (ArithmeticError, ValueError):  # outside the domain of an activation or of the loss
        reject()
    l = data.draw(st.integers(1, len(model.layers)))
    layer = model.layers[l - 1]
    j, k = data.draw(st.integers(0, layer.nout - 1)), data.draw(st.integers(0, layer.nin - 1))
    asked = [{"weight": (l, j, k)}, {"activation": (l, j)}, {"activation": (l - 1, k)}]
    for index in asked + [{"bias": (l, j)}] * layer.has_bias:
        derivation = derive(model, x, y, **index, loss=loss)
        assert derivation.agrees, str(derivation)
        assert "they agree" in str(derivation)
