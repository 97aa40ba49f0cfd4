"""How `backprop` shows itself."""

import pytest

from nn import MLP, backprop, derive

X, Y = [0.5, -1.0, 2.0], [0.0, 1.0, 0.0, 0.25]


def test_how_they_show_themselves(network):
    assert repr(derive(network, X, Y, weight=(3, 1, 2))).startswith("<derivation of ∂C₀/∂w₁₂⁽³⁾ = −0.")
    assert repr(backprop(network, X, Y)) == (
        "<backpropagation through layers of 3-5-6-4 nodes: print() shows it, [l] has z, a, delta, dW, db>"
    )
    assert str(backprop(network, X, Y)).count("\nlayer ") == 3


def test_the_matrices_of_a_wide_network_show_their_corners_and_say_what_is_left_out():
    lines = str(backprop(MLP(784, [64, 2], "sigmoid", seed=0), [0.5] * 784, [0.0, 1.0])).splitlines()
    assert lines[3] == "a⁽⁰⁾ = [0.5  0.5  0.5  0.5  0.5  0.5  0.5  ⋯  0.5]ᵀ"
    assert "(shown: 8 of 64 columns; all are in [2])" in lines
    assert "(shown: 10 of 64 rows and 8 of 784 columns; all are in [1])" in lines
    assert len(lines) < 80
    assert max(map(len, lines)) <= 125


def test_in_latex_the_matrices_are_whole(network):
    latex = backprop(network, X, Y).latex()
    assert latex.count(r"\begin{bmatrix}") == latex.count(r"\end{bmatrix}") > 10
    assert r"\delta^{(2)} = \left(W^{(3)}\right)^{\mathsf{T}} \, \delta^{(3)} \odot g'\left(z^{(2)}\right)" in latex
    assert backprop(network, X, Y)._repr_latex_() == f"$${latex}$$"


def test_every_entry_for_several_samples_is_the_mean_of_theirs(network):
    xs, ys = [X, [1.0, 0.0, 0.0], [0.0, 1.0, -1.0]], [Y, [1.0, 0.0, 0.0, 0.0], [0.5] * 4]
    mean, each = backprop(network, xs, ys), [backprop(network, x, y) for x, y in zip(xs, ys, strict=True)]
    assert mean.loss == pytest.approx(sum(one.loss for one in each) / 3)
    assert [sample.loss for sample in mean.samples] == [one.loss for one in each]
    for l, terms in enumerate(mean):
        for name in ("z", "a", "delta", "db", "da"):
            vectors = [getattr(one[l], name) for one in each]
            assert getattr(terms, name) == pytest.approx([sum(entries) / 3 for entries in zip(*vectors, strict=True)])
        for j, row in enumerate(terms.dW):
            assert row == pytest.approx([sum(one[l].dW[j][k] for one in each) / 3 for k in range(len(row))])
    assert mean.samples[1][3].dW == each[1][3].dW


def test_of_more_samples_than_are_shown_the_others_are_counted_and_no_line_is_too_long():
    model = MLP(12, [10, 2], "tanh", "sigmoid", seed=0)
    xs, ys = [[(i * k % 7) / 7 for k in range(12)] for i in range(5)], [[0.0, 1.0]] * 5
    page = str(backprop(model, xs, ys))
    assert page.count("(… 2 more)") == 6  # of a, W and b in each of two layers
    assert max(map(len, page.splitlines())) <= 125
    assert "(… " not in str(backprop(model, xs, ys, limit=None))


def test_the_name_of_an_activation_is_valid_latex():
    model = MLP(3, [2, 4], activation="leaky_relu", output_activation=lambda z: z * z, seed=0)
    latex = backprop(model, X, Y).latex()
    assert r"g^{(1)} = \mathrm{leaky\_relu}" in latex
    assert r"g^{(2)} = \mathrm{{<}lambda{>}}" in latex


@pytest.mark.parametrize("numbers", [True, False])
def test_its_latex_has_no_letter_that_latex_does_not_know(network, numbers):
    several = backprop(network, [X, X], [Y, Y], numbers=numbers).latex()
    assert r"\text{for each sample i, with its own a, z, y and }\delta" in several
    assert (several + backprop(network, X, Y, numbers=numbers).latex()).isascii()
