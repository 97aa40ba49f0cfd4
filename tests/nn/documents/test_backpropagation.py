"""How `backprop` shows itself."""

from nn import MLP, backprop, derive

X, Y = [0.5, -1.0, 2.0], [0.0, 1.0, 0.0, 0.25]


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
