"""The chain rule term by term: its sum is the derivative that `backward` computes."""

import math
import random
import re
from collections.abc import Sequence
from operator import add, mul, sub
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd_lite import Value, dot, exp, greater, mean, prod, sin, sqrt, tanh, where
from autograd_lite import sum as add_up
from autograd_lite.operands import make_constant
from visualize import explain
from visualize.explanation import Gap


def random_graph(seed: int, operations: int) -> tuple[Value, Value]:
    choose = random.Random(seed)
    x = Value(choose.uniform(-1, 1), "x")
    nodes = [x, Value(choose.uniform(-1, 1), "w"), Value(2.0)]
    for _ in range(operations):
        a, b = choose.choice(nodes), choose.choice(nodes)
        nodes.append(choose.choice([mul, add, sub, lambda a, _: sin(a), lambda a, _: tanh(a)])(a, b))
    return nodes[-1] + x, x


@given(st.integers(0, 10**6), st.integers(1, 14))
def test_paths_and_users_give_the_derivative_of_backward(seed: int, operations: int) -> None:
    y, x = random_graph(seed, operations)
    by_paths, by_nodes = (explain(y, wrt=x, max_paths=most, max_items=None) for most in (10**6, 0))
    assert x.grad == 0
    y.backward()
    assert by_paths.value == by_nodes.value == x.grad
    assert by_paths.by_paths
    assert not by_nodes.by_paths
    (total,) = by_paths.sums
    assert len(total.terms) == by_paths.paths
    assert sum(term.value for term in total.terms) == pytest.approx(x.grad, rel=1e-9, abs=1e-12)
    for derivative in by_nodes.sums:
        if derivative.terms:
            assert sum(term.value for term in derivative.terms) == pytest.approx(derivative.value, rel=1e-9, abs=1e-12)


def test_the_text_shows_symbols_formulas_numbers_products_and_their_sum() -> None:
    x, w = Value(3.0, "x"), Value(-0.5, "w")
    y = w * x + x * x
    text = str(explain(y, wrt=x))
    assert "path 1: y ← v₁ ← x\n  ∂y/∂v₁ · ∂v₁/∂x\n  = 1 · w\n  = 1 · (-0.5)\n  = -0.5" in text
    assert "path 3: y ← v₂ ← x (operand 2)" in text
    assert text.endswith("∂y/∂x = (-0.5) + 3.0 + 3.0 = 5.5")


def test_latex_and_markdown_hold_the_same_terms() -> None:
    x, y = Value(3.0, "x"), Value(2.0, "y")
    z = x * y + x
    explanation = explain(z, wrt=x)
    assert (
        r"\frac{\partial z}{\partial x} &= \frac{\partial z}{\partial v_{1}} \cdot \frac{\partial v_{1}}{\partial x}"
        in explanation.latex()
    )
    assert explanation.latex().count("{") == explanation.latex().count("}")
    assert explanation.latex() in explanation.markdown() == explanation._repr_markdown_()
    assert "1. z ← v₁ ← x" in explanation.markdown()


def test_many_paths_are_counted_and_explained_node_by_node() -> None:
    x = Value(1.0, "x")
    y = x
    for _ in range(200):
        y = y + y
    explanation = explain(y, wrt=x)
    assert explanation.paths == 2**200
    assert explanation.value == 2.0**200
    assert len(explain(y, wrt=x, max_items=None).sums) == 201
    assert "node by node" in str(explanation)
    assert "\n\n… 189 more …\n\n" in str(explanation)


def test_a_path_may_be_long() -> None:
    y = x = Value(1.0, "x")
    for _ in range(3_000):
        y = y * 1.001
    explanation = explain(y, wrt=x)
    assert (explanation.paths, explanation.value) == (1, pytest.approx(1.001**3_000))
    (total,) = explain(y, wrt=x, max_items=None).sums
    assert len(total.terms[0].factors) == 3_000


@pytest.mark.parametrize("max_paths", [0, 12])
@given(st.integers(1, 40), st.integers(1, 40), st.integers(2, 9))
def test_what_is_left_out_is_counted(max_paths: int, length: int, width: int, max_items: int) -> None:
    x = Value(2.0, "x")
    y = x
    for _ in range(length):
        y = y * 1.5
    y = add_up(y * c for c in range(1, width + 1))
    explanation, whole = (explain(y, wrt=x, max_paths=max_paths, max_items=most) for most in (max_items, None))
    assert (explanation.value, explanation.paths) == (whole.value, whole.paths)
    assert ("max_items=None shows all" in str(explanation)) == ("… " in str(explanation)) == (explanation.sums != whole.sums)
    _check_shortened(explanation.sums, whole.sums, max_items)
    for found, wanted in zip(explanation.sums, whole.sums, strict=False):
        if isinstance(found, Gap):
            break
        if not explanation.by_paths:
            _check_shortened(found.terms, wanted.terms, max_items)
        assert found.value == wanted.value
        for term, whole_term in zip(found.terms, wanted.terms, strict=False):
            if isinstance(term, Gap):
                break
            _check_shortened(term.factors, whole_term.factors, max_items)
            assert term.value == whole_term.value
    assert "… " not in str(whole)
    assert explanation.latex().count("{") == explanation.latex().count("}")
    assert explanation.latex().count("more") == str(explanation).count(" more …") or explanation.by_paths


def _check_shortened(found: Sequence[Any], whole: Sequence[Any], most: int) -> None:
    gaps = [item.count for item in found if isinstance(item, Gap)]
    assert len(found) - len(gaps) == min(most, len(whole))
    assert len(found) - len(gaps) + sum(gaps) == len(whole)


def test_the_formula_of_a_long_product_is_shortened() -> None:
    factors = [Value(1.0 + k / 1e6, f"x{k}") for k in range(2_000)]
    explanation = explain(prod(factors), wrt=factors[0])
    assert explanation.value == pytest.approx(math.prod(x.data for x in factors[1:]))
    assert "…" in str(explanation)
    assert len(str(explanation)) < 1_000


def test_a_neuron_is_explained_by_its_weighted_sum() -> None:
    w, a, b = [Value(0.5, "w1"), Value(-1.0, "w2")], [Value(2.0, "a1"), Value(3.0, "a2")], Value(0.25, "b")
    out = tanh(dot(w, a, b))
    assert "∂v₁/∂w1\n" in str(explain(out, wrt=w[0]))
    assert "· a1" in str(explain(out, wrt=w[0]))


def test_latex_has_a_row_for_each_term_of_a_long_sum() -> None:
    x = Value(2.0, "x")
    y = sin(sin(x)) + tanh(tanh(x)) + exp(exp(x))
    rows = explain(y, wrt=x).latex().splitlines()
    assert sum(row.startswith(r"&\quad + ") for row in rows) == 3 * 2  # three lines of three terms
    assert all(row.count(r"\frac") <= 1 + 4 for row in rows)
    assert not any(row.startswith(r"&\quad") for row in explain(x * x, wrt=x).latex().splitlines())


def test_a_derivative_that_is_a_number_is_written_once() -> None:
    x = Value(2.0, "x")
    assert str(explain(x * 2, wrt=x)).endswith("∂v₁/∂x\n  = 2\n\n∂v₁/∂x = 2")


@pytest.mark.parametrize("label", ["two\nlines", "\x1b[31mred", "\u202eleft"])
def test_a_name_stays_on_its_line_and_gives_the_terminal_no_orders(label: str) -> None:
    x = Value(2.0, label)
    for explanation in (explain(x * x, wrt=x), explain(sin(x * x), wrt=x, max_paths=0)):
        assert label not in str(explanation)
        assert all(line.isprintable() for line in str(explanation).splitlines())
        assert repr(label)[1:-1] in str(explanation)


def test_the_output_by_itself_and_an_operand_that_only_chooses() -> None:
    x = Value(2.0, "x")
    y = exp(x)
    assert explain(y, wrt=y).value == 1
    assert str(explain(y, wrt=y)).endswith("= 1.0")
    chosen = where(greater(x, 0), 3.0, 4.0)
    assert explain(chosen, wrt=x).value == 0


@pytest.mark.parametrize("max_paths", [0, 12])
def test_what_only_chooses_gets_no_gradient_not_even_0_times_infinity(max_paths: int) -> None:
    c, x = Value(1.0, "c"), Value(0.0, "x")
    y = sqrt(where(c, x, 2.0) * 1)
    y.backward()
    assert (c.grad, x.grad) == (0, math.inf)
    for leaf in (c, x):
        explanation = explain(y, wrt=leaf, max_paths=max_paths)
        assert explanation.value == leaf.grad
        assert all(sum(term.value for term in total.terms) == total.value for total in explanation.sums if total.terms)


def test_bad_input_is_named() -> None:
    x, y = Value(2.0, "x"), Value(3.0, "y")
    with pytest.raises(ValueError, match=r"does not depend on Value\(data=3.0, grad=0, label='y'\)"):
        explain(x * 2, wrt=y)
    product = x * 7
    with pytest.raises(ValueError, match="is a constant of the expression"):
        explain(product, wrt=product.parents[1])
    with pytest.raises(ValueError, match="max_paths must be a whole number of at least 0, got -1"):
        explain(product, wrt=x, max_paths=-1)
    with pytest.raises(ValueError, match="max_items must be a whole number of at least 2, got 1"):
        explain(product, wrt=x, max_items=1)


def test_a_number_of_paths_with_thousands_of_digits_is_told_by_its_size():
    x = Value(1.0, "x")
    y = x
    for _ in range(4_400):
        y = mean([y] * 10)
    explanation = explain(y, wrt=x)
    assert explanation.paths == 10**4_400
    assert "about 10^4400 paths" in str(explanation)


def test_a_derivative_that_is_nan_is_written_once() -> None:
    x = Value(2.0, "x")
    y = x * math.nan
    y.backward()
    assert str(explain(y, wrt=x)).endswith("  = nan\n\n∂y/∂x = nan")
    assert str(explain(y, wrt=x)).count("= nan") == 2


def test_without_wrt_each_leaf_with_a_name_is_explained_and_a_name_stands_for_its_value() -> None:
    w, x = Value(2.0), Value(3.0, "x")
    y = w * x + 1
    both = explain(y)
    assert [each.wrt for each in both] == ["w", "x"]
    assert str(both) == f"{explain(y, wrt=w)}\n\n{explain(y, wrt=x)}"
    assert both.by("x") == explain(y, "x") == explain(y, wrt=x)
    assert both[0].latex() in both.latex()
    assert both[1].markdown() in both._repr_markdown_()
    assert [each.value for each in explain(Value(1.0) * Value(4.0), names=False)] == [4.0, 1.0]


def test_a_name_that_is_none_or_that_of_several_is_refused() -> None:
    x, also = Value(3.0, "speed"), Value(4.0, "speed")
    y = x * also
    with pytest.raises(ValueError, match="2 values in this graph are called 'speed'"):
        explain(y, "speed")
    with pytest.raises(ValueError, match=r"the name of a value must be .*, such as 'speed', got 'sped'"):
        explain(x * 2, "sped")
    with pytest.raises(TypeError, match=r"wrt must be a Value, got 3\.0"):
        explain(y, 3.0)  # type: ignore[call-overload]
    with pytest.raises(ValueError, match="it depends on nothing"):
        explain(make_constant(2.0))


def test_a_terminal_gets_colours_and_a_text_none(monkeypatch: pytest.MonkeyPatch) -> None:
    x = Value(3.0, "x")
    explanation = explain(x * x, wrt=x)
    assert repr(explanation) == str(explanation)
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert "\x1b[34mpath 1:" in repr(explanation)
    assert re.sub(r"\x1b\[\d+m", "", repr(explanation)) == str(explanation)
    monkeypatch.setenv("NO_COLOR", "1")
    assert repr(explanation) == str(explanation)
