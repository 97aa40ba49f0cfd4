"""Formulas as text and LaTeX, written from the table's notation alone."""

import math
import re
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd_lite import Value, abs, detect_anomaly, dot, exp, greater, logsumexp, no_grad, primitive, prod, sin, sum, where
from autograd_lite.notation import latex, latex_name, latex_number, number, symbolic_derivatives, text
from autograd_lite.ops import TABLE

A, B, C = Value(2.0, "a"), Value(3.0, "b"), Value(0.5, "c")


@pytest.mark.parametrize(
    ("make", "as_text", "as_latex"),
    [
        (lambda: A + B * C, "a + b × c", r"a + b \cdot c"),
        (lambda: (A + B) * C, "(a + b) × c", r"\left(a + b\right) \cdot c"),
        (lambda: A - (B - C), "a − (b − c)", r"a - \left(b - c\right)"),
        (lambda: A - B - C, "a − b − c", "a - b - c"),
        (lambda: A / (B * C), "a ÷ (b × c)", r"\frac{a}{b \cdot c}"),
        (lambda: (A + B) ** 2, "(a + b) ** 2", r"{\left(a + b\right)}^{2}"),
        (lambda: A ** (B + 1), "a ** (b + 1)", "{a}^{b + 1}"),
        (lambda: (A**B) ** C, "(a ** b) ** c", r"{\left({a}^{b}\right)}^{c}"),
        (lambda: -(A + B), "−(a + b)", r"-\left(a + b\right)"),
        (lambda: A * -3, "a × (-3)", r"a \cdot \left(-3\right)"),
        (lambda: -3 * A, "-3 × a", r"-3 \cdot a"),
        (lambda: A - -B, "a − (−b)", r"a - \left(-b\right)"),
        (lambda: abs(A - B), "|a − b|", r"\left|a - b\right|"),
        (lambda: exp(A + B), "exp(a + b)", "e^{a + b}"),
        (lambda: where(greater(A, 0), A, B), "where(a > 0, a, b)", r"\operatorname{where}\left([a > 0], a, b\right)"),
        (lambda: greater(A, B) + 1, "(a > b) + 1", r"[a > b] + 1"),
        (lambda: dot([A, B], [C, 4.0], B), "a × c + b × 4.0 + b", r"a \cdot c + b \cdot 4.0 + b"),
        (lambda: sum([A, B, C]), "a + b + c", "a + b + c"),
        (lambda: sum([A] * 9), "a + a + a + … + a", r"a + a + a + \ldots + a"),
        (lambda: dot([A] * 9, [B] * 9), "a × b + a × b + a × b + … + a × b", None),
        (lambda: prod([A, B]), "a × b", r"a \cdot b"),
        (lambda: logsumexp([A, B]), "logsumexp(a, b)", r"\operatorname{logsumexp}\left(a, b\right)"),
    ],
)
def test_a_formula_has_the_brackets_that_it_needs(make, as_text: str, as_latex: str | None) -> None:
    assert text(make()) == as_text
    if as_latex is not None:
        assert latex(make()) == as_latex.replace("[a > b] + 1", r"\left([a > b]\right) + 1") or latex(make()) == as_latex


@given(st.recursive(st.sampled_from("abc"), lambda e: st.tuples(st.sampled_from("+-*/^~"), e, e), max_leaves=12))
def test_text_read_back_as_python_is_the_same_expression(expression) -> None:
    """The precedences of the table are Python's, so Python's own parser can check the brackets."""

    def build(part):
        if isinstance(part, str):
            return {"a": A, "b": B, "c": C}[part]
        kind, left, right = part[0], build(part[1]), build(part[2])
        if kind == "~":
            return -left
        return {"+": left + right, "-": left - right, "*": left * right, "/": left / (right * right + 1), "^": sin(left) ** 2}[
            kind
        ]

    value = build(expression)
    written = text(value)
    if "…" not in written:
        python = written.replace("×", "*").replace("÷", "/").replace("−", "-")
        assert eval(python, {"a": A.data, "b": B.data, "c": C.data, "sin": math.sin}) == pytest.approx(value.data, rel=1e-9)


@pytest.mark.parametrize("name", TABLE)
def test_every_primitive_and_its_derivatives_have_a_notation(name: str) -> None:
    function = TABLE[name]
    rule = function.primitive
    inside = Value(2.0 if name == "acosh" else 0.5, "x")
    operands = [[A, B] if rule.variadic else inside for _ in rule.derivatives]
    node = function(*(operands[:2] if name == "dot" else operands))
    for written in [latex(node), *(latex(local) for local in symbolic_derivatives(node))]:
        assert written.count("{") == written.count("}")
        assert written.count(r"\left") == written.count(r"\right")
    assert text(node)


def test_derivatives_are_read_off_the_rules_without_what_a_reader_would_not_write() -> None:
    assert [text(d) for d in symbolic_derivatives(A * B)] == ["b", "a"]
    assert text(symbolic_derivatives(A**2)[0]) == "2 × a"
    assert text(symbolic_derivatives(sin(A))[0]) == "cos(a)"
    assert [text(d) for d in symbolic_derivatives(dot([A, B], [C, C]))] == ["c", "c", "a", "b"]


def test_a_rule_that_chooses_by_a_number_is_not_a_formula() -> None:
    @primitive(derivatives=[lambda out, x: 1 if x > 0 else -1])
    def size(x):
        return math.fabs(x)

    with pytest.raises(TypeError, match="chooses by a number"):
        symbolic_derivatives(size(A))


def test_reading_a_rule_leaves_the_active_mode_alone() -> None:
    product = A * B
    with no_grad(), detect_anomaly():
        assert [text(d) for d in symbolic_derivatives(product)] == ["b", "a"]
        assert (A + B).is_constant


def test_a_huge_or_shared_graph_is_written_with_an_ellipsis_and_at_once() -> None:
    y = A
    for _ in range(100):
        y = y * y
    assert "…" in text(y)
    assert len(text(y)) < 1000


def test_numbers_are_exact_when_short_and_rounded_when_not() -> None:
    assert [number(x) for x in (2, 2.0, 0.1, 1 / 3, -1e-12, math.inf, Fraction(1, 3), 10**15)] == [
        "2",
        "2.0",
        "0.1",
        "0.3333",
        "-1e-12",
        "inf",
        "1/3",
        "1e+15",
    ]
    assert number(10**400).startswith("100000")
    assert latex_number(1.5e-9) == r"1.5 \times 10^{-9}"
    assert latex_number(Fraction(-1, 3)) == r"-\frac{1}{3}"
    assert [latex_number(x) for x in (math.inf, -math.inf, math.nan)] == [r"\infty", r"-\infty", r"\mathrm{NaN}"]


@given(st.text(max_size=20))
def test_any_name_is_balanced_latex(name: str) -> None:
    written = latex_name(name)
    plain = re.sub(r"\\[{}]", "", written)
    assert plain.count("{") == plain.count("}")
    assert not re.search(r"(?<!\\)[$%#&~]", written)


def test_a_value_shows_itself_in_a_notebook() -> None:
    y = A * B
    y.label = "<y>"
    assert y._repr_latex_() == r"$\mathrm{<y>} = a \cdot b = 6.0$"
    assert "&lt;y&gt; = a × b" in y._repr_html_()
    assert '<th scope="row">grad</th><td>0</td>' in y._repr_html_()
    assert Value(1.5)._repr_latex_() == "$1.5$"
    assert "grad" not in (A * 2).parents[1]._repr_html_()


def test_comparisons_are_put_in_parentheses_inside_products():
    a, b = Value(1.0, "a"), Value(2.0, "b")
    assert text(TABLE["equal"](a, b) * b) == "(a = b) × b"
    assert text(TABLE["greater"](a, b) * b) == "(a > b) × b"
