"""Names and numbers as text and LaTeX, and how a value shows itself in a notebook."""

import math
import re
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd_lite import (
    Value,
)
from autograd_lite.notation import (
    latex_name,
    latex_number,
    number,
)

A, B, C = Value(2.0, "a"), Value(3.0, "b"), Value(0.5, "c")


@pytest.mark.parametrize(
    ("x", "written"),
    [
        (2, "2"),
        (True, "1"),
        (-(10**12) + 1, "-999999999999"),
        (10**12, "1e+12"),
        (-(10**12), "-1e+12"),
        (10**15, "1e+15"),
        (10**300 - 1, "1e+300"),
        (10**300, "1e+300"),
        (Fraction(1, 3), "1/3"),
        (Fraction(9967, 9973), "9967/9973"),
        (Fraction(10007, 9973), "1.003"),
        (2.0, "2.0"),
        (0.1, "0.1"),
        (1234.0, "1234.0"),
        (12346.0, "1.235e+04"),
        (1 / 3, "0.3333"),
        (-1e-12, "-1e-12"),
        (math.inf, "inf"),
        (10**12 + 1, "1e+12"),
        (-(10**400), "-1e+400"),
        (Fraction(10**400, 3), "3.333e+399"),
        (Fraction(1, 10**400), "1e-400"),
    ],
)
def test_numbers_are_exact_when_short_and_rounded_when_not(x: float, written: str) -> None:
    assert number(x) == written


def test_numbers_of_more_digits_than_python_writes_out() -> None:
    assert number(10**5000) == "1e+5000"
    assert number(Fraction(10**5000, 3)) == "3.333e+4999"


def test_numbers_in_latex() -> None:
    assert latex_number(1.5e-9) == r"1.5 \times 10^{-9}"
    assert latex_number(1.5e9) == r"1.5 \times 10^{9}"
    assert latex_number(10**400) == r"1 \times 10^{400}"
    assert latex_number(Fraction(10**400, 3)) == r"3.333 \times 10^{399}"
    assert latex_number(Fraction(-1, 3)) == r"-\frac{1}{3}"
    assert latex_number(Fraction(1, 3)) == r"\frac{1}{3}"
    assert [latex_number(x) for x in (Fraction(-2), Fraction(0), -2)] == ["-2", "0", "-2"]
    assert [latex_number(x) for x in (math.inf, -math.inf, math.nan)] == [r"\infty", r"-\infty", r"\mathrm{NaN}"]


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("x", "x"),
        ("w12", "w_{12}"),
        ("w_12", "w_{12}"),
        ("δ⁽³⁾", "δ^{(3)}"),
        ("z₀⁽²⁾", "z_{0}^{(2)}"),
        ("1", r"\mathrm{1}"),
        ("w_", r"\mathrm{w\_}"),
        ("loss", r"\mathrm{loss}"),
        ("x1y", r"\mathrm{x1y}"),
        ("_#%&${}", r"\mathrm{\_\#\%\&\$\{\}}"),
        ("a\\b^c~d e\nf", r"\mathrm{a\backslash b{\wedge}c{\sim}d\ e\ f}"),
    ],
)
def test_names_in_latex(name: str, written: str) -> None:
    assert latex_name(name) == written


@given(st.text(max_size=20))
def test_any_name_is_balanced_latex(name: str) -> None:
    written = latex_name(name)
    plain = re.sub(r"\\[{}]", "", written)
    assert plain.count("{") == plain.count("}")
    assert not re.search(r"(?<!\\)[$%#&~]", written)


def test_a_value_shows_itself_in_a_notebook() -> None:
    def table(**rows: str) -> str:
        cells = (f'<tr><th scope="row">{title}</th><td>{shown}</td></tr>' for title, shown in rows.items())
        return f"<table>{''.join(cells)}</table>"

    assert Value(1.5)._repr_html_() == table(data="1.5", grad="? no backward() yet")
    assert (A * 2)._repr_html_() == table(Value="a × 2", data="4.0", grad="? no backward() yet")
    y = A * B
    y.label = "<y>"
    assert y._repr_latex_() == r"$\mathrm{{<}y{>}} = a \cdot b = 6.0$"
    assert "&lt;y&gt; = a × b" in y._repr_html_()
    assert '<th scope="row">grad</th><td>? no backward() yet</td>' in y._repr_html_()
    assert Value(1.5)._repr_latex_() == "$1.5$"
    assert "grad" not in (A * 2).parents[1]._repr_html_()
