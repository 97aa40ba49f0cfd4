"""`help(tanh)` in a session: the page of an operation."""

from __future__ import annotations

import inspect

import pytest

from autograd_lite import Value, grad
from autograd_lite.notation import name_of
from autograd_lite.ops import TABLE
from autograd_lite.repl.manual import derivatives, page
from autograd_lite.repl.session import names


@pytest.mark.parametrize("name", TABLE)
def test_help_shows_the_rule_of_every_operation(name: str) -> None:
    operation = TABLE[name]
    shown = page(operation)
    assert "Any" not in shown.partition("\n")[0]
    assert (inspect.getdoc(operation) or "").partition("\n")[0] in shown
    rows = derivatives(operation)
    assert rows
    assert all(f"∂{name}/∂{parameter} = {formula}" in shown for parameter, formula in rows)
    assert ("no derivative where" in shown) == (operation.primitive.kink is not None)
    assert ("defined for" in shown) == any(interval.bounded for interval in operation.primitive.domain)


@pytest.mark.parametrize(
    ("name", "heading", "rule"),
    [
        ("log", "log(x, /)", ["∂log/∂x = 1 ÷ x", "defined for x > 0", "v.log()"]),
        ("truediv", "truediv(a, b, /)", ["∂truediv/∂a = 1 ÷ b", "∂truediv/∂b = −truediv(a, b) ÷ b", "defined for b ≠ 0"]),
        ("dot", "dot(w, a, b=0)", ["∂dot/∂w₀ = a₀", "∂dot/∂w₁ = a₁", "∂dot/∂a₀ = w₀", "∂dot/∂a₁ = w₁", "∂dot/∂b = 1"]),
        ("acosh", "acosh(x, /)", ["∂acosh/∂x = 1/(sqrt(x − 1)) × 1/(sqrt(x + 1))", "defined for x ≥ 1", "v.acosh()"]),
        (
            "leaky_relu",
            "leaky_relu(x, negative_slope=0.01)",
            [
                "∂leaky_relu/∂x = where(x > 0, 1, negative_slope)",
                "∂leaky_relu/∂negative_slope = where(x > 0, 0, x)",
                "no derivative where x = 0: the convention is above",
                "v.leaky_relu()",
            ],
        ),
        (
            "maximum",
            "maximum(a, b, /)",
            [
                "∂maximum/∂a = where(a = b, 0.5, a > b)",
                "∂maximum/∂b = where(a = b, 0.5, b > a)",
                "no derivative where a − b = 0: the convention is above",
            ],
        ),
        ("sum", "sum(terms)", ["∂sum/∂terms₀ = 1", "∂sum/∂terms₁ = 1"]),
    ],
)
def test_help_is_a_page_with_the_docstring_and_the_rule(name: str, heading: str, rule: list[str]) -> None:
    docstring = [f"    {line}".rstrip() for line in (inspect.getdoc(TABLE[name]) or "").splitlines()]
    lines = page(TABLE[name]).splitlines()
    assert lines[: len(docstring) + 4] == [heading, "", *docstring, "", "    From the table:"]
    rest = [line.strip() for line in lines[len(docstring) + 4 :]]
    *others, last = rule
    assert rest == ([*others, "", f"Also a method: {last}"] if last.startswith("v.") else rule)


def test_help_formulas_are_the_derivatives() -> None:
    x = Value(0.3, "x")
    for name in ("sin", "exp", "tanh", "log1p", "sigmoid"):
        node = TABLE[name](x)
        ((_, formula),) = derivatives(TABLE[name])
        python = formula.replace("×", "*").replace("÷", "/").replace("−", "-")
        python = python.replace("sech²", "sech_squared").replace("σ", "sigmoid")
        value = eval(python, dict(TABLE), {"x": 0.3})
        assert value == pytest.approx(node.local_derivatives[0], rel=1e-12)
    assert name_of(x) == "x"


def test_help_of_other_things_is_pythons(capsys: pytest.CaptureFixture[str]) -> None:
    helper = names()["help"]
    helper(grad)
    assert "gives the gradient" in capsys.readouterr().out
    assert "help(tanh)" in repr(helper)
