"""In each formula that is printed, each index letter has one meaning."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nn import MLP, backprop, derive, descend, forward, output_moves, walk
from nn.losses import LOSSES

LETTERS = dict(zip("ᵢⱼₖₘ", "ijkm", strict=True))


def letters(formula):
    """The index letters in it."""
    return {LETTERS[sign] for sign in formula if sign in LETTERS}


def equations(page):
    """The name of each equation of a page, and each of its steps, remarks apart."""
    name = ""
    for line in page.splitlines():
        line = line.strip("│ ")
        if " = " not in line and not line.startswith("= "):
            continue
        first, *steps = re.split(r"(?:^|\s+)=\s+", line.partition(",  ")[0])
        name = first or name
        for step in steps:
            yield name, step, line.partition(",  ")[2]


def has_one_meaning_each(page):
    """Raise if an index letter of a formula has two meanings, or none."""
    for name, step, said in equations(page):
        bound = re.findall(r"Σ([ᵢⱼₖₘ])", step)
        assert len({*bound}) == len(bound), (name, step)
        free = letters(name) | ({"i"} if name.startswith("δ") else set())  # δ is that of a sample, as a and z are
        assert not free & letters("".join(bound)), (name, step)
        assert letters(step) <= free | letters("".join(bound)), (name, step)
        for by in re.findall(r"∂/∂(\S+)", step):
            assert not letters(by) & letters("".join(bound)), (name, step)
        assert not free & letters("".join(re.findall(r"Σ([ᵢⱼₖₘ])", said))), (name, said)
        for before in re.findall(r"(.)ᵢ", name + " " + step):
            assert before in "CΣ", (name, step)  # i is the sample's letter


def sample_of(model, loss, shift=0.0):
    x = [(k % 5 - 2) / 4 + shift for k in range(model.layers[0].nin)]
    return x, [1.0, *[-1.0 if loss == "hinge" else 0.0] * (model.layers[-1].nout - 1)]


STYLES = st.fixed_dictionaries(
    {"layers": st.sampled_from(["numbers", "letters"]), "numbers": st.booleans(), "limit": st.sampled_from([3, None])}
)
STEPS = st.sampled_from(["short", "all"])
PAGES = {
    "weight": lambda *sample, place, **style: derive(*sample, weight=place, **style),
    "bias": lambda *sample, place, **style: derive(*sample, bias=place[:2], **style),
    "input": lambda *sample, place, **style: derive(*sample, input=place[:2], **style),
    "activation": lambda *sample, place, **style: derive(*sample, activation=place[:2], **style),
    "forward": lambda *sample, place, steps, **style: forward(*sample, **style),
    "node": lambda *sample, place, steps, **style: forward(*sample, node=place[:2], **style),
    "backprop": lambda *sample, place, steps, **style: backprop(*sample, **style),
    "descend": lambda *sample, place, steps, **style: descend(*sample, **style),
    "moves": lambda *sample, place, steps, numbers, **style: output_moves(*sample, **style),
    "walk": lambda *sample, place, **style: walk(*sample, weight=place, **style),
}


@settings(max_examples=100)
@given(
    st.sampled_from(sorted(PAGES)),
    st.lists(st.integers(1, 4), min_size=2, max_size=5),
    st.sampled_from(sorted(LOSSES)),
    STYLES,
    STEPS,
    st.integers(1, 4),
    st.data(),
)
def test_each_index_of_a_formula_has_one_meaning(kind, sizes, loss, style, steps, count, data):
    if loss == "cross_entropy":
        sizes[-1] = max(2, sizes[-1])
    model = MLP(sizes[0], sizes[1:], data.draw(st.sampled_from(["tanh", "sigmoid"])), "sigmoid", seed=1)
    x, y = sample_of(model, loss)
    l = data.draw(st.integers(1, len(sizes) - 1))
    place = l, data.draw(st.integers(0, sizes[l] - 1)), data.draw(st.integers(0, sizes[l - 1] - 1))
    many = count > 1 and kind != "walk"
    sample = ([x] * count, [y] * count) if many else (x, y)
    has_one_meaning_each(str(PAGES[kind](model, *sample, place=place, loss=loss, steps=steps, **style)))


@pytest.mark.parametrize(
    "wrong",
    [
        "∂Cᵢ/∂aⱼ⁽²⁾ = Σᵢ₌₀ⁿ⁻¹ ∂Cᵢ/∂aᵢ⁽³⁾ · wᵢⱼ⁽³⁾",
        "∂C₀/∂aⱼ⁽²⁾ = Σⱼ₌₀ⁿ⁻¹ wⱼⱼ⁽³⁾",
        "z₀⁽²⁾ = Σₖ₌₀ⁿ⁻¹ wⱼₖ⁽²⁾ aₖ⁽¹⁾",
        "∂C₀/∂a₀⁽²⁾ = Σᵢ₌₀ⁿ⁻¹ ∂C₀/∂aᵢ⁽³⁾",
    ],
)
def test_a_letter_with_two_meanings_or_none_is_found(wrong):
    with pytest.raises(AssertionError):
        has_one_meaning_each(wrong)
