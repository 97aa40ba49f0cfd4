"""A user's mistakes, each of which mypy finds: with --strict, a comment that hides no error is one."""

import autograd_lite as ag
from autograd_lite import Value, grad
from nn import MLP, mse


def f(x: float) -> float:
    return x * x


x = Value(2.0)
ag.tanh("x")  # type: ignore[call-overload]
ag.hypot(x)  # type: ignore[call-overload]
ag.clip(x, lower=1.0)  # type: ignore[call-overload]
ag.sum(x)  # type: ignore[call-overload]
x * "2"  # type: ignore[operator]
x.tanh(2)  # type: ignore[call-arg]
x.data = "2"  # type: ignore[assignment]
grad(f)("x")  # type: ignore[arg-type]
grad(f)(1.0, 2.0)  # type: ignore[call-arg]
print(MLP(2, [1]).layers[0].neurons[0].weight)  # type: ignore[attr-defined]
print(MLP(2, [1])([1.0, 2.0]).gradient)  # type: ignore[attr-defined]
mse(f, [1.0])  # type: ignore[type-var]
