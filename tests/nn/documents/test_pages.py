"""Pages as they are printed: each was read by a person, and each formula and number on it is held to the engine.

python tests/nn/documents/test_pages.py     # write the pages anew, to be read before they are committed
"""

import math
import re
import sys
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from nn import MLP, Neuron, backprop, derive, descend, dot_product, forward, outer_product, output_moves, walk
from nn.losses import LOSSES

FOLDER = Path(__file__).with_name("pages")
X, Y = [0.9, -0.4, 0.2, 0.7], [0.0, 1.0, 0.0, 0.0]
XS, YS = [X, [0.1, 0.8, -0.5, 0.0], [-0.6, 0.3, 0.4, 0.2]], [Y, [1.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 1.0]]


def worked():
    """D21: two hidden layers, the last of 6 nodes, an output layer of 4, no biases."""
    return MLP(4, [5, 6, 4], activation="sigmoid", output_activation="sigmoid", bias=False, seed=1)


def small():
    return MLP(2, [3, 2], activation="tanh", output_activation="sigmoid", seed=0)


def deep():
    return MLP(2, [3, 3, 3, 2], activation="tanh", output_activation="sigmoid", seed=0)


def wide():
    return MLP(20, [30, 12, 11], activation="sigmoid", output_activation="sigmoid", seed=0)


def mixed():
    """One whose nodes have different activations."""
    model = small()
    model.layers[0].neurons[1] = Neuron(2, activation="softplus", node=1, layer=1, seed=2)
    return model


def one(model):
    """A sample that goes into the model, and its target."""
    if model.layers[0].nin == 4:
        return X, Y
    return [(k % 5 - 2) / 4 for k in range(model.layers[0].nin)], [float(j == 1) for j in range(model.layers[-1].nout)]


def three(model):
    """Three samples and their targets."""
    nin, nout = model.layers[0].nin, model.layers[-1].nout
    return [x[:nin] for x in XS], [y[:nout] for y in YS]


def of_letters(**options):
    return {"layers": "letters", "numbers": False, **options}


def page(explain, make, sample=one, engine=None, **options):
    """What to print, of which model and samples, and with which settings the engine is to be asked."""
    asked = {name: options[name] for name in ("loss", "batch_size") if name in options}
    asked |= {"rate": options["lr"]} if "lr" in options else {}
    return make, sample, asked, lambda model: explain(model, *sample(model), **options)


def both_products(model, x, y):
    return dot_product([1, 2, 3], [4, 5, 6]).beside(outer_product([1, 2, 3], [4, 5, 6]))


PAGES = {
    "output_weight": page(derive, worked, weight=(3, 1, 2)),
    "output_weight_all_steps": page(derive, worked, weight=(3, 1, 2), steps="all"),
    "hidden_weight_all_steps": page(derive, worked, weight=(2, 2, 2), steps="all"),
    "bias_all_steps": page(derive, small, bias=(1, 2), steps="all"),
    "hidden_activation": page(derive, small, activation=(1, 0)),
    "error_component": page(derive, worked, input=(2, 1)),
    "wide_hidden_weight": page(derive, wide, weight=(1, 17, 13)),
    "wide_all_steps": page(derive, wide, weight=(2, 3, 13), steps="all", limit=5),
    "cross_entropy_all_steps": page(derive, small, weight=(2, 1, 0), loss="cross_entropy", steps="all"),
    "huber_all_steps": page(derive, small, weight=(2, 1, 0), loss="huber", steps="all"),
    "mixed_activations": page(derive, mixed, weight=(1, 1, 0), steps="all"),
    "in_letters": page(derive, worked, weight=(1, 0, 3), layers="letters"),
    "many_samples": page(derive, worked, three, weight=(3, 1, 2)),
    "many_samples_all_steps": page(derive, worked, three, weight=(2, 2, 2), steps="all"),
    "symbols_output_weight": page(derive, worked, weight=(3, 1, 2), **of_letters(steps="all")),
    "symbols_hidden_weight": page(derive, worked, weight=(1, 0, 3), **of_letters()),
    "symbols_hidden_weight_all_steps": page(derive, worked, weight=(1, 0, 3), **of_letters(steps="all")),
    "symbols_cross_entropy": page(derive, small, weight=(1, 0, 1), loss="cross_entropy", **of_letters()),
    "symbols_many_samples": page(derive, worked, three, weight=(2, 2, 2), **of_letters()),
    "symbols_many_samples_of_a_deep_network": page(derive, deep, three, weight=(1, 0, 1), **of_letters()),
    "symbols_backprop": page(backprop, small, **of_letters()),
    "symbols_forward": page(forward, small, **of_letters()),
    "forward": page(forward, small),
    "forward_node": page(forward, worked, node=(3, 1)),
    "forward_many_samples": page(forward, worked, three),
    "backprop": page(backprop, small),
    "backprop_without_biases": page(backprop, worked),
    "backprop_wide": page(backprop, wide),
    "backprop_mixed_activations": page(backprop, mixed),
    "backprop_many_samples": page(backprop, small, three),
    "moves": page(output_moves, worked),
    "moves_of_many_samples": page(output_moves, small, three),
    "one_step": page(descend, worked),
    "a_step_for_each_sample": page(descend, small, three, batch_size=1, limit=4),
    "a_step_for_each_batch": page(descend, small, three, batch_size=2, limit=3),
    "a_step_for_all_samples": page(descend, small, three, lr=0.5),
    "walk": page(walk, worked, weight=(2, 2, 2)),
    "symbols_walk": page(walk, small, weight=(1, 0, 1), **of_letters()),
    "products": page(both_products, worked),
}


def printed(name):
    make, _, _, explain = PAGES[name]
    return re.sub(r"\(difference .*\)", "(difference ...)", str(explain(make())))


def held(name, text, check_page):
    """Hold a text to the engine, as it is asked for this page."""
    make, sample, asked, _ = PAGES[name]
    return check_page(text, make(), *sample(make()), **asked)


@pytest.mark.parametrize("name", PAGES)
def test_the_page_is_as_it_was_read(name):
    assert printed(name) + "\n" == (FOLDER / f"{name}.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", PAGES)
def test_each_formula_and_each_number_of_the_page_is_the_engines(name, check_page):
    text = printed(name)
    assert held(name, text, check_page) >= (0 if name == "products" else len(re.findall(r"\d\.\d", text)))


@pytest.mark.parametrize("name", ["cross_entropy_all_steps", "many_samples", "backprop", "a_step_for_all_samples", "products"])
def test_a_number_that_is_not_the_engines_is_found_wherever_it_stands(name, check_page):
    text = printed(name)
    for number in re.finditer(r"(?<![\d.])\d*\.?\d*[1-9](?![\d.])" if name == "products" else r"\d+\.\d+", text):
        wrong = re.sub("[1-9]", lambda digit: str(int(digit[0]) % 9 + 1), number[0], count=1)
        with pytest.raises(AssertionError):
            held(name, text[: number.start()] + wrong + text[number.end() :], check_page)


@pytest.mark.parametrize(
    ("name", "right", "wrong"),
    [
        ("output_weight", "2(a₁⁽³⁾ − y₁) · g′(z₁⁽³⁾)", "2(a₁⁽³⁾ − y₁) · g(z₁⁽³⁾)"),
        ("hidden_weight_all_steps", "∂/∂a₀⁽³⁾ Σⱼ₌₀³ (aⱼ⁽³⁾ − yⱼ)²", "∂/∂a₀⁽³⁾ Σⱼ₌₁³ (aⱼ⁽³⁾ − yⱼ)²"),
        ("symbols_hidden_weight", "g′(zⱼ⁽ᴸ⁾) · wⱼₖ⁽ᴸ⁾", "g′(zⱼ⁽ᴸ⁾) · wⱼₖ⁽ᴸ⁻¹⁾"),
        ("backprop", "δ⁽¹⁾ = (W⁽²⁾)ᵀ δ⁽²⁾ ⊙ g′⁽¹⁾(z⁽¹⁾)", "δ⁽¹⁾ = (W⁽²⁾)ᵀ δ⁽²⁾ ⊙ g⁽¹⁾(z⁽¹⁾) "),
        ("moves", "should rise", "should fall"),
        ("a_step_for_each_sample", "100% of", "99% of"),
        ("a_step_for_each_batch", "Σᵢ₌₀ⁿ⁻¹ Cᵢ", "Σᵢ₌₁² Cᵢ"),
        ("backprop", "g⁽¹⁾ = tanh", "g⁽¹⁾ = sigmoid"),
        ("walk", "one node, written out:", "one node:"),
    ],
)
def test_a_formula_or_a_sentence_that_is_false_is_found(name, right, wrong, check_page):
    text = printed(name)
    assert right in text
    with pytest.raises(AssertionError):
        held(name, text.replace(right, wrong), check_page)


def test_the_symbols_alone_have_no_numbers_of_the_sample():
    for name in (name for name in PAGES if name.startswith("symbols")):
        make, _, _, explain = PAGES[name]
        assert not re.search(r"\d\.\d", printed(name)), name
        assert not re.search(r"\d\.\d", re.sub(r"\\\\\[6pt\]|\d\. ", "", explain(make()).latex())), name


@pytest.mark.parametrize("name", [name for name in PAGES if name != "products"])
def test_latex_has_a_minus_sign_where_it_is_meant(name):
    make, _, _, explain = PAGES[name]
    latex = explain(make()).latex()
    assert "−" not in latex
    for words in re.findall(r"\\text\{([^}]*)\}", latex):
        assert not re.search(r"-\d", words)
    assert latex.count("{") == latex.count("}")
    assert latex.count(r"\left(") == latex.count(r"\right)")


KINDS = {
    "weight": lambda *sample, place, **options: derive(*sample, weight=place, **options),
    "bias": lambda *sample, place, **options: derive(*sample, bias=place[:2], **options),
    "input": lambda *sample, place, **options: derive(*sample, input=place[:2], **options),
    "activation": lambda *sample, place, **options: derive(*sample, activation=place[:2], **options),
    "forward": lambda *sample, place, steps, **options: forward(*sample, **options),
    "node": lambda *sample, place, steps, **options: forward(*sample, node=place[:2], **options),
    "backprop": lambda *sample, place, steps, **options: backprop(*sample, **options),
    "descend": lambda *sample, place, steps, **options: descend(*sample, **options),
    "moves": lambda *sample, place, steps, numbers, **options: output_moves(*sample, **options),
    "walk": lambda *sample, place, **options: walk(*sample, weight=place, **options),
}
OPTIONS = st.fixed_dictionaries(
    {
        "loss": st.sampled_from(sorted(LOSSES)),
        "steps": st.sampled_from(["short", "all"]),
        "layers": st.sampled_from(["numbers", "letters"]),
        "numbers": st.booleans(),
        "limit": st.sampled_from([3, 10, None]),
    }
)


@settings(max_examples=40)
@given(
    kind=st.sampled_from(sorted(KINDS)),
    sizes=st.lists(st.integers(1, 4), min_size=2, max_size=4),
    activation=st.sampled_from(["tanh", "sigmoid", "softplus"]),
    options=OPTIONS,
    count=st.integers(1, 3),
    data=st.data(),
)
def test_each_formula_and_each_number_is_the_engines_in_any_network(kind, sizes, activation, options, count, data, check_page):
    if options["loss"] == "cross_entropy":
        sizes[-1] = max(2, sizes[-1])
    model = MLP(sizes[0], sizes[1:], activation, "sigmoid", seed=data.draw(st.integers(0, 99)))
    numbers = st.integers(-200, 200).filter(bool).map(lambda n: n / 100)
    xs = data.draw(
        st.lists(st.lists(numbers, min_size=sizes[0], max_size=sizes[0], unique=True), min_size=count, max_size=count)
    )
    y = [1.0, *[-1.0 if options["loss"] == "hinge" else 0.0] * (sizes[-1] - 1)]
    l = data.draw(st.integers(1, len(sizes) - 1))
    place = l, data.draw(st.integers(0, sizes[l] - 1)), data.draw(st.integers(0, sizes[l - 1] - 1))
    sample = (xs, [y] * count) if count > 1 and kind != "walk" else (xs[0], y)
    text = str(KINDS[kind](model, *sample, place=place, **options))
    assume("1e-" not in text)
    check_page(text, model, *sample, loss=options["loss"])


def test_no_term_is_missing_from_a_sum_that_is_cut_short():
    model = wide()
    derivation = derive(model, *one(model), weight=(1, 17, 13), limit=4)
    (line,) = [line for line in str(derivation).splitlines() if "more terms, together" in line][:1]
    left_out, together = re.search(r"… (\d+) more terms, together (\S+)", line).groups()
    terms = derivation.samples[0].nested()[1].term_values()
    assert int(left_out) == len(terms) - 4
    assert float(together.replace("−", "-")) == pytest.approx(sum(terms[3:-1]), rel=1e-3)
    assert math.isclose(sum(terms), derivation.samples[0].nested()[1].value)


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for old in FOLDER.glob("*.txt"):
        old.unlink()
    for name in PAGES:
        (FOLDER / f"{name}.txt").write_text(printed(name) + "\n", encoding="utf-8")
    sys.exit()
