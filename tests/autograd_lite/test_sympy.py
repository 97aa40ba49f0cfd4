"""Gradients and Hessians of random expressions against SymPy, which differentiates the formulas."""

import math
import operator

import pytest
from hypothesis import given, settings

from autograd_lite import grad, hessian
from autograd_lite.ops import TABLE
from autograd_lite.strategies import functions

sympy = pytest.importorskip("sympy")

NAMED = (
    *("exp", "log", "sqrt", "sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "tanh", "asinh", "acosh", "atanh"),
    *("erf", "erfc"),
)
FORMULAS = {
    **{name: getattr(operator, name) for name in ("add", "sub", "mul", "truediv", "neg", "pow")},
    "log1p": lambda x: sympy.log(1 + x),
    "expm1": lambda x: sympy.exp(x) - 1,
    "log2": lambda x: sympy.log(x) / sympy.log(2),
    "sigmoid": lambda x: 1 / (1 + sympy.exp(-x)),
    "softplus": lambda x: sympy.log(1 + sympy.exp(x)),
    "silu": lambda x: x / (1 + sympy.exp(-x)),
    "gelu": lambda x: x * (1 + sympy.erf(x / sympy.sqrt(2))) / 2,
    "hypot": lambda x, y: sympy.sqrt(x**2 + y**2),
    "dot": lambda w, a, b=0: sum((x * y for x, y in zip(w, a, strict=True)), b),
    "sum": lambda terms: sum(terms),
    "prod": lambda factors: sympy.prod(factors),
    "logsumexp": lambda terms: sympy.log(sum(map(sympy.exp, terms))),
    **{
        name: getattr(sympy, name)
        for name in [
            "exp",
            "log",
            "sqrt",
            "sin",
            "cos",
            "tan",
            "asin",
            "acos",
            "atan",
            "sinh",
            "cosh",
            "tanh",
            "asinh",
            "acosh",
            "atanh",
            "erf",
            "erfc",
        ]
    },
}


def close(ours, theirs):
    exact = float(theirs.evalf(30))
    return math.isclose(ours, exact, rel_tol=1e-8, abs_tol=1e-9)


@settings(max_examples=max(30, settings.default.max_examples // 2))
@given(functions(2, [TABLE[name] for name in FORMULAS], max_nodes=4))
def test_gradient_and_hessian_are_those_of_sympy(f):
    symbols = sympy.symbols("x0 x1", real=True)
    point = dict(zip(symbols, map(sympy.Rational, map(str, f.point)), strict=True))
    names = {TABLE[name].__name__: formula for name, formula in FORMULAS.items()}
    formula = sympy.sympify(eval(repr(f), names)(*symbols))
    first = [sympy.diff(formula, x) for x in symbols]
    for ours, theirs in zip(grad(f, (0, 1))(*f.point), first, strict=True):
        assert close(ours, theirs.subs(point))
    for row, theirs in zip(hessian(lambda x: f(*x))(list(f.point)), first, strict=True):
        for ours, x in zip(row, symbols, strict=True):
            assert close(ours, sympy.diff(theirs, x).subs(point))
