"""Formulas as text and LaTeX, written from the table's notation alone."""

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd_lite import (
    Value,
    abs,
    dot,
    exp,
    greater,
    leaky_relu,
    logsumexp,
    primitive,
    prod,
    sin,
    sum,
    where,
)
from autograd_lite.notation import (
    definition,
    latex,
    number,
    symbolic_derivatives,
    text,
)
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
        (lambda: logsumexp([A] * 6), "logsumexp(a, a, a, …, a)", r"\operatorname{logsumexp}\left(a, a, a, \ldots, a\right)"),
        (lambda: sum([A, B] * 2 + [A]), "a + b + a + b + a", "a + b + a + b + a"),
        (lambda: sum([A, B, C] * 2), "a + b + c + … + c", r"a + b + c + \ldots + c"),
        (lambda: prod([A, B, C] * 2), "a × b × c × … × c", r"a \cdot b \cdot c \cdot \ldots \cdot c"),
        (lambda: A * B**C, "a × b ** c", r"a \cdot {b}^{c}"),
        (lambda: dot([A] * 9, [B] * 9, C), "a × b + a × b + a × b + … + a × b + c", None),
        (lambda: A + 1 + B, "a + 1 + b", "a + 1 + b"),
        (lambda: -A * B, "−a × b", r"-a \cdot b"),
        (lambda: A * -B, "a × (−b)", r"a \cdot \left(-b\right)"),
        (lambda: (-A) ** 2, "(−a) ** 2", r"{\left(-a\right)}^{2}"),
        (lambda: -(A**2), "−a ** 2", "-{a}^{2}"),
        (lambda: A**-B, "a ** (−b)", "{a}^{-b}"),
        (lambda: Value(-3.0) ** A, "(-3.0) ** a", r"{\left(-3.0\right)}^{a}"),
        (lambda: abs(-A), "|−a|", r"\left|-a\right|"),
        (lambda: (A / B) ** 2, "(a ÷ b) ** 2", r"{\left(\frac{a}{b}\right)}^{2}"),
        (lambda: A / B / C, "a ÷ b ÷ c", r"\frac{\frac{a}{b}}{c}"),
        (lambda: exp(A) ** 2, "exp(a) ** 2", r"{\left(e^{a}\right)}^{2}"),
        (lambda: sin(A) ** 2, "sin(a) ** 2", r"{\sin\left(a\right)}^{2}"),
        (lambda: A / Value(Fraction(1, 3)), "a ÷ (1/3)", r"\frac{a}{\frac{1}{3}}"),
        (lambda: Value(Fraction(1, 3)) * A, "1/3 × a", r"\frac{1}{3} \cdot a"),
        (lambda: A * Value(1e-9), "a × 1e-09", r"a \cdot \left(1 \times 10^{-9}\right)"),
        (lambda: leaky_relu(A), "leaky_relu(a)", r"\operatorname{leaky\_relu}\left(a\right)"),
        (lambda: Value(-1.5), "-1.5", "-1.5"),
    ],
)
def test_a_formula_has_the_brackets_that_it_needs(make, as_text: str, as_latex: str | None) -> None:
    assert text(make()) == as_text
    if as_latex is not None:
        assert latex(make()) == as_latex.replace("[a > b] + 1", r"\left([a > b]\right) + 1") or latex(make()) == as_latex


def test_comparisons_are_put_in_parentheses_inside_products():
    a, b = Value(1.0, "a"), Value(2.0, "b")
    assert text(TABLE["equal"](a, b) * b) == "(a = b) × b"
    assert text(TABLE["greater"](a, b) * b) == "(a > b) × b"


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


@pytest.mark.parametrize(
    ("name", "as_text", "as_latex", "derivatives"),
    [
        ("add", "x + y", "x + y", "1; 1"),
        ("sub", "x − y", "x - y", "1; -1"),
        ("mul", "x × y", r"x \cdot y", "y; x"),
        ("truediv", "x ÷ y", r"\frac{x}{y}", "1 ÷ y; −(x ÷ y) ÷ y"),
        ("neg", "−x", "-x", "-1"),
        ("pow", "x ** y", "{x}^{y}", "y × x ** (y − 1); power_log(x, y)"),
        ("abs", "|x|", r"\left|x\right|", "sign(x)"),
        ("identity", "identity(x)", "x", "1"),
        ("exp", "exp(x)", "e^{x}", "exp(x)"),
        ("log", "log(x)", r"\ln\left(x\right)", "1 ÷ x"),
        ("log1p", "log1p(x)", r"\operatorname{log1p}\left(x\right)", "1 ÷ (1 + x)"),
        ("log2", "log2(x)", r"\log_2\left(x\right)", "1 ÷ (x × 0.6931)"),
        ("log10", "log10(x)", r"\log_{10}\left(x\right)", "1 ÷ (x × 2.303)"),
        ("sqrt", "sqrt(x)", r"\sqrt{x}", "0.5 × 1/(sqrt(x))"),
        ("cbrt", "cbrt(x)", r"\sqrt[3]{x}", "1/(cbrt(x)) × 1/(cbrt(x)) ÷ 3"),
        ("tan", "tan(x)", r"\tan\left(x\right)", "1 + tan(x) × tan(x)"),
        ("acos", "acos(x)", r"\arccos\left(x\right)", "−1/(sqrt((1 − (x)²)))"),
        ("tanh", "tanh(x)", r"\tanh\left(x\right)", "sech²(x)"),
        ("sech_squared", "sech²(x)", r"\operatorname{sech}^2\left(x\right)", "-2 × tanh(x) × sech²(x)"),
        ("erf", "erf(x)", r"\operatorname{erf}\left(x\right)", "1.128 × gaussian(x)"),
        ("gaussian", "gaussian(x)", "e^{-x^2}", "-2 × maximum(minimum(x, 1000), -1000) × gaussian(x)"),
        ("sigmoid", "σ(x)", r"\sigma\left(x\right)", "σ(x) × σ(−x)"),
        ("relu", "relu(x)", r"\operatorname{relu}\left(x\right)", "x > 0"),
        (
            "leaky_relu",
            "leaky_relu(x, y)",
            r"\operatorname{leaky\_relu}\left(x, y\right)",
            "where(x > 0, 1, y); where(x > 0, 0, x)",
        ),
        ("normal_cdf", "Φ(x)", r"\Phi\left(x\right)", "φ(x)"),
        ("normal_pdf", "φ(x)", r"\varphi\left(x\right)", "−maximum(minimum(x, 1000), -1000) × φ(x)"),
        ("silu", "silu(x)", r"\operatorname{silu}\left(x\right)", "σ(x) × (1 + maximum(minimum(x, 1000), -1000) × σ(−x))"),
        ("greater", "x > y", "[x > y]", "0; 0"),
        ("equal", "x = y", "[x = y]", "0; 0"),
        ("where", "where(x, y, z)", r"\operatorname{where}\left(x, y, z\right)", "0; where(x, 1, 0); where(x, 0, 1)"),
        ("sum", "x + y", "x + y", "1; 1"),
        ("prod", "x × y", r"x \cdot y", "y; x"),
        ("dot", "x × y + z", r"x \cdot y + z", "y; x; 1"),
        ("reciprocal", "1/(x)", r"\frac{1}{x}", "−1/(x) × 1/(x)"),
        ("log_limit", "log(x)", r"\ln\left(x\right)", "1/(x)"),
    ],
)
def test_the_table_as_a_reader_sees_it(name: str, as_text: str, as_latex: str, derivatives: str) -> None:
    x, y, z = (Value(0.5, label) for label in "xyz")
    entry = TABLE[name].primitive
    operands = ([x], [y], z) if name == "dot" else ([x, y],) if entry.variadic else (x, y, z)[: len(entry.derivatives)]
    node = TABLE[name](*operands)
    assert (text(node), latex(node)) == (as_text, as_latex)
    assert "; ".join(map(text, symbolic_derivatives(node))) == derivatives


@pytest.mark.parametrize("name", TABLE)
def test_every_primitive_and_its_derivatives_have_a_notation(name: str) -> None:
    function = TABLE[name]
    entry = function.primitive
    inside = Value(2.0 if name == "acosh" else 0.5, "x")
    operands = [[A, B] if entry.variadic else inside for _ in entry.derivatives]
    node = function(*(operands[:2] if name == "dot" else operands))
    for written in [latex(node), *(latex(local) for local in symbolic_derivatives(node))]:
        assert written.count("{") == written.count("}")
        assert written.count(r"\left") == written.count(r"\right")
    assert text(node)


def test_a_definition_writes_out_what_it_defines_and_nothing_else() -> None:
    product, half = A * B, A * C
    difference = product - half
    product.label, half.label, difference.label = "p", "h", "d"
    assert (text(difference), text(difference, definition(difference))) == ("d", "p − h")
    assert text(A, definition(A)) == "a"


def test_an_operation_whose_notation_does_not_fit_is_written_as_a_call() -> None:
    @primitive(derivatives=[lambda *_: 1] * 3, symbol="∘", precedence=1)
    def three(x, y, z):
        return x

    @primitive(derivatives=[lambda *_: 1] * 2, latex="{0}_{{{1}}}")
    def indexed(x, k=1):
        return x

    @primitive(derivatives=[lambda *_: 1], symbol="·")
    def point(x):
        return x

    @primitive(derivatives=[lambda *_: 1], symbol="√·")
    def root(x):
        return x

    assert text(root(A)) == "√a"
    assert text(point(A)) == "·(a)"
    assert text(three(A, B, C)) == "∘(a, b, c)"
    assert latex(three(A, B, C)) == r"\operatorname{three}\left(a, b, c\right)"
    assert latex(indexed(A, B)) == "a_{b}"
    assert latex(indexed(A)) == r"\operatorname{indexed}\left(a\right)"


def test_brackets_follow_the_precedence_of_an_operation_of_ones_own() -> None:
    @primitive(derivatives=[lambda *_: 1], symbol="∂", precedence=1)
    def loose(x):
        return x

    @primitive(derivatives=[lambda *_: 1], symbol="√", precedence=3)
    def tight(x):
        return x

    @primitive(derivatives=[lambda *_: 1] * 2, latex=r"\left({0} / {1}\right)", precedence=2)
    def ratio(x, y):
        return x

    assert [text(loose(x)) for x in (A * B, A + B)] == ["∂a × b", "∂(a + b)"]
    assert [text(tight(x)) for x in (sin(A), A**B)] == ["√sin(a)", "√(a ** b)"]
    assert text(A ** sin(B)) == "a ** sin(b)"
    assert latex(ratio(A + B, C - A)) == r"\left(\left(a + b\right) / \left(c - a\right)\right)"


def test_a_huge_or_shared_graph_is_written_with_an_ellipsis_and_at_once() -> None:
    y = A
    for _ in range(100):
        y = y * y
    assert "…" in text(y)
    assert len(text(y)) < 1000


def test_a_formula_of_more_than_64_operations_ends_with_an_ellipsis() -> None:
    def chain(length: int, y: Value) -> Value:
        for _ in range(length):
            y = sin(y)
        return y

    assert text(chain(64, A)) == "sin(" * 64 + "a" + ")" * 64
    assert text(chain(65, A)) == "sin(" * 64 + "…" + ")" * 64
    assert latex(chain(65, A)) == r"\sin\left(" * 64 + r"\ldots" + r"\right)" * 64
    assert text(chain(63, sin(A) + B)) == "sin(" * 63 + "… + b" + ")" * 63
    assert text(chain(63, A + sin(B))) == "sin(" * 63 + "a + …" + ")" * 63
    assert text(chain(63, sin(A) + sin(B))) == "sin(" * 63 + "…" + ")" * 63


@given(st.floats(-999, 999), st.floats(-1e-3, 1e-3))
def test_a_rounded_number_does_not_read_as_a_whole_one(whole: float, beside: float) -> None:
    x = round(whole) + beside
    shown = number(x)
    assert float(shown) == pytest.approx(x, rel=6e-4, abs=1e-300)
    if not x.is_integer():
        assert not shown.lstrip("-").isdigit()
        assert "." in shown.removesuffix(".0") or "e" in shown


def test_a_saturated_tanh_is_told_from_one() -> None:
    assert number(math.tanh(6.5)) == "0.999995"
    assert number(math.tanh(15.0)) == "1.000"
    assert number(-1.000000004) == "-1.000"
