"""`stepper`: the text of the page."""

import re

import pytest

from autograd_lite import Value
from visualize import stepper


def test_the_page_is_small_and_names_no_address(neuron) -> None:
    page = stepper(neuron()[0])
    assert len(page.encode()) < 300_000
    assert not re.search(r"(src|href)\s*=\s*[\"'](?!data:)", page)
    vocabularies = {f"http://www.w3.org/{name}" for name in ("2000/svg", "1999/xlink", "1998/Math/MathML")}
    assert set(re.findall(r"https?://[^\s\"'<]+", page)) <= vocabularies


def test_the_heading_is_the_whole_formula_or_of_a_long_one_the_last_operation(neuron) -> None:
    y, _ = neuron()
    assert '<h1 id="heading">v₅ = tanh(w1 × a1 + w2 × a2 + b) × a1 + a1 × 2</h1>' in stepper(y, names=False)
    for _ in range(3):
        y = y * y
    assert '<h1 id="heading">v₈ = v₇ × v₇</h1>' in stepper(y, names=False)


def test_bad_input_is_named() -> None:
    y = Value(1.0)
    for _ in range(2_500):
        y = y + 1.0
    with pytest.raises(ValueError, match="up to 5,000 nodes, got 5,001"):
        stepper(y)
    with pytest.raises(ValueError, match="too large for a float"):
        stepper(Value(10**400) * 1)
