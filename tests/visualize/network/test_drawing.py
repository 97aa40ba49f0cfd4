"""The picture of a network shows its weights, and the way of a derivation."""

import html
import math
import re
from xml.etree import ElementTree

import pytest

from autograd_lite.notation import number
from nn import MLP, Dropout, Layer, Sequential, derive, sum_squared_error
from visualize import draw, save, to_svg
from visualize.network.layout import RADIUS
from visualize.picture.themes import THEMES

X, Y = [0.5, -1.0], [1.0, 0.0]


@pytest.fixture
def model():
    return MLP(2, [3, 2], activation="sigmoid", output_activation="sigmoid", seed=0)


def edges(source):
    """Each edge of a picture with its attributes."""
    return {
        (tail, head): dict(re.findall(r'(\w+)="?([^"\s\]]+)"?', attributes))
        for tail, head, attributes in re.findall(r'"?([\w-]+)"? -> "?([\w-]+)"? \[(.*)\]', source)
    }


def words(svg):
    return ["".join(element.itertext()) for element in ElementTree.fromstring(svg).iter() if element.tag.endswith("text")]


def test_there_is_a_node_for_each_node_and_an_edge_for_each_weight(model):
    drawn = edges(draw(model).source)
    assert set(drawn) == {
        (f"a-{l - 1}-{k}", f"a-{l}-{j}") for l, (nj, nk) in ((1, (3, 2)), (2, (2, 3))) for j in range(nj) for k in range(nk)
    }
    shown = words(to_svg(model))
    assert {"a₀⁽⁰⁾", "a₂⁽¹⁾", "a₁⁽²⁾", "w₂₁⁽¹⁾", "w₀₂⁽²⁾", "sigmoid"} <= set(shown)


def test_the_wider_the_edge_the_larger_the_weight_and_the_hue_is_its_sign(model):
    drawn = edges(draw(model).source)
    weights = {(f"a-0-{k}", f"a-1-{j}"): n.w[k].data for j, n in enumerate(model.layers[0].neurons) for k in range(2)}
    by_width = sorted(weights, key=lambda edge: float(drawn[edge]["penwidth"]))
    assert by_width == sorted(weights, key=lambda edge: abs(weights[edge]))
    for edge, weight in weights.items():
        red, _, blue = (int(drawn[edge]["color"][i : i + 2], 16) for i in (1, 3, 5))
        assert (blue > red) == (weight > 0)


def test_the_way_of_a_derivation_is_strong_and_all_else_faint(model):
    source = draw(model, highlight=derive(model, X, Y, weight=(1, 1, 0))).source
    drawn = edges(source)
    strong = {edge for edge, attributes in drawn.items() if float(attributes["penwidth"]) > 0.6}
    assert strong == {("a-0-0", "a-1-1"), ("a-1-1", "a-2-0"), ("a-1-1", "a-2-1"), ("a-2-0", "loss"), ("a-2-1", "loss")}
    assert drawn["a-0-0", "a-1-1"]["color"] == THEMES["light"].ink
    assert draw(model, highlight=(1, 1, 0)).source == source
    assert "C₀" in words(to_svg(model, highlight=(2, 1)))


def test_the_gradients_may_be_drawn_instead(model):
    assert "every gradient drawn is 0; backward() makes gradients" in words(to_svg(model, edges="gradients"))
    sum_squared_error(model(X), Y).backward()
    gradients = {(f"a-0-{k}", f"a-1-{j}"): n.w[k].grad for j, n in enumerate(model.layers[0].neurons) for k in range(2)}
    drawn = edges(draw(model, edges="gradients").source)
    assert max(gradients, key=lambda edge: float(drawn[edge]["penwidth"])) == max(
        gradients, key=lambda edge: abs(gradients[edge])
    )


def test_the_nodes_may_show_the_activations_of_a_sample(model):
    shown = words(to_svg(model, sample=X))
    for output in model(X):
        assert f"{output.data:.4f}" in shown
    assert {"0.5", "-1.0"} <= set(shown)


@pytest.mark.parametrize("x", [0.25, -0.123456, -1.23456e-15, 123456.789])
def test_the_number_of_a_node_is_written_so_small_that_it_fits(x):
    svg = html.unescape(to_svg(MLP(1, [1], seed=0), sample=[x]))
    (written,) = re.findall(rf'font-size="([\d.]+)"[^>]*>{re.escape(number(x))}<', svg)
    assert 0.6 * float(written) * len(number(x)) <= 2 * RADIUS - 6


def test_what_is_infinite_or_no_number_is_hatched(model):
    model.layers[0].neurons[1].w[0].data, model.layers[1].neurons[0].w[2].data = math.nan, -math.inf
    picture = draw(model, sample=X)
    dashed = {edge for edge, attributes in edges(picture.source).items() if attributes["style"] == "dashed"}
    assert dashed == {("a-0-0", "a-1-1"), ("a-1-2", "a-2-0")}
    assert set(re.findall(r'"?(a-\d-\d)"? \[.*style=wedged', picture.source)) == {"a-1-1", "a-2-0", "a-2-1"}
    assert any(text.endswith("dashed: infinite or no number") for text in words(picture.pipe("svg", encoding="utf-8")))
    assert "wedged" in draw(model, sample=X, highlight=(1, 0, 0)).source  # where what is not on the way is faint
    assert "dashed" not in "".join(words(to_svg(MLP(1, [1], seed=0))))


def test_a_wide_layer_is_folded_and_says_how_many_nodes_are_left_out():
    model = MLP(784, [128, 10], seed=0)
    shown = words(to_svg(model, highlight=(1, 100, 400), theme="dark"))
    assert {"784 nodes", "394 more", "381 more", "a₄₀₀⁽⁰⁾", "a₁₀₀⁽¹⁾", "w₁₀₀,₄₀₀⁽¹⁾"} <= set(shown)
    assert len(edges(draw(model).source)) < 200


def test_it_is_saved_like_any_other_picture(model, tmp_path):
    assert b"<svg" in save(model, tmp_path / "network.svg", theme="dark").read_bytes()
    assert save(model, tmp_path / "network.png").read_bytes().startswith(b"\x89PNG")


def test_dropout_is_no_layer():
    model = Sequential(Layer(2, 3), Dropout(0.5), Layer(3, 1)).eval()
    assert len(edges(draw(model, sample=X).source)) == 9


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        (
            {"highlight": (3, 0, 0)},
            ValueError,
            r"highlight must be a place .*, whose layers have 2, 3, 2 nodes, got \(3, 0, 0\)",
        ),
        ({"highlight": (1, 0, 2)}, ValueError, "must be a place in the network, whose layers have"),
        ({"highlight": 3}, TypeError, "highlight must be a derivation, or a tuple"),
        ({"edges": "all"}, ValueError, "edges must be one of 'weights', 'gradients', got 'all'"),
        ({"theme": "blue"}, ValueError, "theme must be one of 'auto', 'light', 'dark', got 'blue'"),
        ({"limit": 3}, ValueError, "limit must be a whole number of at least 4, got 3"),
        ({"colors": True}, TypeError, "unexpected keyword argument 'colors'"),
        ({"sample": [1.0]}, ValueError, "expects 2 inputs, got 1"),
    ],
)
def test_what_cannot_be_drawn(model, options, error, message):
    with pytest.raises(error, match=message):
        draw(model, **options)


def test_what_is_no_network():
    with pytest.raises(TypeError, match=r"the model must be made of layers of neurons, got Sequential"):
        draw(Sequential(Sequential(Layer(2, 2))))
    with pytest.raises(TypeError, match="value must be a Value, got 3"):
        draw(3)
