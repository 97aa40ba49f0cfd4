"""Gradients and Hessians of random functions against PyTorch, where it is installed."""

import itertools
import math
import operator
from collections.abc import Callable

import pytest
from hypothesis import assume, given

from autograd_lite import Value, grad, hessian
from autograd_lite.graph.order import topological_order
from autograd_lite.ops import TABLE
from autograd_lite.strategies import functions

CALLED_THE_SAME = [
    *("abs", "exp", "expm1", "log", "log1p", "log2", "log10", "sqrt", "sin", "cos", "tan", "asin", "acos", "atan", "atan2"),
    *("hypot", "sinh", "cosh", "tanh", "asinh", "acosh", "atanh", "erf", "erfc", "sigmoid", "maximum", "minimum"),
]


def test_gradient_and_hessian_are_those_of_pytorch():
    torch = pytest.importorskip("torch")  # here, so that a process that does not run this test does not wait for it
    counterparts = {
        **{name: getattr(operator, name) for name in ("add", "sub", "mul", "truediv", "neg", "pow")},
        "relu": torch.nn.functional.relu,
        "gelu": torch.nn.functional.gelu,
        "silu": torch.nn.functional.silu,
        "softplus": torch.nn.functional.softplus,
        "sum": lambda terms: torch.stack(terms).sum(),
        "prod": lambda factors: torch.stack(factors).prod(),
        "logsumexp": lambda terms: torch.logsumexp(torch.stack(terms), 0),
        "dot": lambda w, a, b=0: torch.stack(w) @ torch.stack(a) + b,
        **{name: getattr(torch, name) for name in CALLED_THE_SAME},
    }

    def tensors(operand):
        if isinstance(operand, list):
            return [tensors(item) for item in operand]
        return torch.as_tensor(operand, dtype=torch.float64)

    def of_tensors(counterpart):
        return lambda *operands: counterpart(*map(tensors, operands))

    names = {TABLE[name].__name__: of_tensors(counterpart) for name, counterpart in counterparts.items()}

    @given(functions(2, [TABLE[name] for name in counterparts], max_nodes=8))
    def agree(f):
        # PyTorch takes x ** 0 for a constant, also where the exponent is a variable: its mixed derivative is then 0, not 1 / x
        nodes = topological_order(f(*map(Value, f.point)))
        assume(not any(node.op == "pow" and node.inputs[1] == 0 for node in nodes))
        theirs = eval(repr(f), names)
        point = torch.tensor(f.point, dtype=torch.float64)
        gradient = torch.autograd.functional.jacobian(lambda x: theirs(x[0], x[1]), point)
        for ours, expected in zip(grad(f, (0, 1))(*f.point), gradient.tolist(), strict=True):
            assert math.isclose(ours, expected, rel_tol=1e-9, abs_tol=1e-9)
        rows = torch.autograd.functional.hessian(lambda x: theirs(x[0], x[1]) + 0 * x.sum(), point).tolist()
        for row, expected_row in zip(hessian(lambda x: f(*x))(list(f.point)), rows, strict=True):
            for ours, expected in zip(row, expected_row, strict=True):
                assert math.isclose(ours, expected, rel_tol=1e-7, abs_tol=1e-7)

    agree()


INF, NAN = math.inf, math.nan
POINTS = [0.0, -0.0, 1.0, -1.0, 0.5, 2.0, INF, -INF, NAN, 1e308, -1e308, 5e-324]
# The differences that the head of the table names.
DIFFERENT: dict[str, Callable[..., bool]] = {
    **dict.fromkeys(("relu", "maximum", "minimum", "elu"), lambda *x: any(map(math.isnan, x))),
    **dict.fromkeys(("hypot", "atan2", "gelu", "silu"), lambda *x: any(map(math.isinf, x)) or 5e-324 in x),
    "sinc": lambda x: abs(x) >= 1e308 or x == 5e-324,
    "pow": lambda x, y: (x == 0 and not (y == 0 or y >= 1)) or (x == INF and y < 0),
}


OTHERS = [
    *("pow", "relu", "leaky_relu", "elu", "gelu", "silu", "softplus", "reciprocal", "exp2", "square", "deg2rad", "rad2deg"),
    *("sinc", "lgamma", "digamma", "floor", "ceil", "round", "sign"),
]


@pytest.mark.parametrize("name", [*CALLED_THE_SAME, *OTHERS])
def test_at_every_edge_the_derivatives_are_those_of_pytorch_or_a_named_difference(name):
    torch = pytest.importorskip("torch")
    operation, theirs = TABLE[name], getattr(torch, name, None) or getattr(torch.nn.functional, name)
    count = 1 if name in ("leaky_relu", "elu") else len(operation.primitive.derivatives)
    for point in itertools.product(POINTS, repeat=count):
        if name in DIFFERENT and DIFFERENT[name](*point):
            continue
        try:
            ours = grad(operation, range(count))(*point)
        except ArithmeticError:
            continue  # where PyTorch's value is NaN or infinite, ours is an error
        tensors = [torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in point]
        for found, expected in zip(ours, torch.autograd.grad(theirs(*tensors), tensors), strict=True):
            both_nan = math.isnan(found) and math.isnan(expected.item())
            assert both_nan or math.isclose(found, expected.item(), rel_tol=1e-9, abs_tol=1e-300), (point, found, expected)
