"""Many kinds of graph on one sheet, for a person to look at before a release: what is ugly here is ugly for someone.

python docs/contact_sheet.py sheet.html     # open it in a browser, at several widths
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # the library that draws is this checkout

from autograd_lite import Value, exp, grad, logsumexp, primitive, relu, sin, tanh
from autograd_lite import sum as total
from autograd_lite.basics.escaping import in_html
from nn import MLP, cross_entropy, datasets, mse, sum_squared_error
from visualize import draw
from visualize.picture.rendering import draw_all
from visualize.shown import svg_of


def neuron() -> Value:
    """tanh(w·x + b)."""
    y = tanh(Value(0.5, "w") * Value(2.0, "x") + Value(-0.3, "b"))
    y.label = "y"
    return y


def micrograd() -> Value:
    """The expression of micrograd's README."""
    a, b = Value(-4.0, "a"), Value(2.0, "b")
    c, d = a + b, a * b + b**3
    c = c + c + 1
    c = c + 1 + c + (-a)
    d = d + d * 2 + relu(b + a)
    d = d + 3 * d + relu(b - a)
    e = c - d
    f = e**2
    g = f / 2.0
    return g + 10.0 / f


def moons() -> Value:
    """The loss of a network over the moons."""
    inputs, targets = datasets.moons(20, seed=0)
    model = MLP(2, [16, 16, 1], seed=0)
    return total([mse(model(x), target) for x, target in zip(inputs, targets, strict=True)])


def with_loss() -> Value:
    """A network of two layers with its loss."""
    x = [Value(0.5, "x₁"), Value(-1.0, "x₂")]
    return sum_squared_error(MLP(2, [3, 2], activation="sigmoid", seed=0)(x), [1.0, 0.0])


def batch() -> Value:
    """The same network on three samples."""
    model = MLP(2, [2, 1], activation="tanh", seed=0)
    samples = [([Value(0.0, "x₁"), Value(1.0, "x₂")], 1.0), ([1.0, 0.0], 1.0), ([1.0, 1.0], 0.0)]
    return total([sum_squared_error(model(x), [target]) for x, target in samples])


def shared() -> Value:
    """A node that several others use."""
    s = Value(3.0, "s")
    a = s * s
    return a * sin(s) + a / s


def softmax() -> Value:
    """Softmax with cross entropy."""
    return cross_entropy([Value(2.0, "cat"), Value(1.0, "dog"), Value(0.1, "hen")], 0)


@primitive(derivatives=[lambda out, x: 3 * x * x], symbol="cube")
def cube(x: float) -> float:
    """x³, an operation of one's own."""
    return x * x * x


def custom() -> Value:
    """A custom operation."""
    return cube(Value(1.5, "x")) + 1


def second() -> Value:
    """The graph of a derivative."""
    x = Value(0.7, "x")
    return grad(lambda z: tanh(z * x) ** 2)(x)


def chain(length: int) -> Value:
    """A chain of operations."""
    y = Value(1.0, "x")
    for place in range(length // 4):
        y = sin(sin(y)) + Value(0.5, f"b{place}")
    return y


def labels() -> Value:
    """Labels that are long, emoji, from right to left."""
    return (Value(1.0, "a name that is rather long, as some are " * 2) - Value(2.0, "😀👩‍🔬")) * (
        Value(3.0, "שלום") - Value(4.0, "مرحبا")
    )


def sizes() -> Value:
    """Numbers at both ends."""
    return (Value(1e300, "large") * Value(1e-300, "small") + tanh(Value(6.5, "x"))) * exp(Value(-600.0, "e"))


def not_a_number() -> Value:
    """Gradients that are infinite or no number."""
    x = Value(0.0, "x")
    return x**0.5 * Value(math.inf, "i") * 0.0 + Value(2.0, "y") * 1e150 + logsumexp([Value(1.0, "z"), Value(1.0, "u")])


def network() -> MLP:
    """A network of which a weight and a bias are no numbers."""
    model = MLP(2, [3, 2], activation="tanh", seed=0)
    model.layers[0].neurons[1].w[0].data = math.nan
    model.layers[1].neurons[0].w[2].data = math.inf
    return model


Kind = tuple[str, Callable[[], Any], dict[str, Any]]
KINDS: list[Kind] = [
    ("neuron", neuron, {}),
    ("micrograd's expression", micrograd, {}),
    ("moons, folded", moons, {}),
    ("2-3-2 with loss", with_loss, {"local_derivatives": True}),
    ("a batch", batch, {}),
    ("shared node", shared, {}),
    ("softmax with cross entropy", softmax, {}),
    ("custom operation", custom, {}),
    ("second derivative", second, {}),
    ("500-node chain", lambda: chain(500), {"limit": 1000}),
    ("10⁵ nodes", lambda: chain(100_000), {}),
    ("long, emoji and right-to-left labels", labels, {}),
    ("1e±300", sizes, {"colors": True}),
    ("NaN", not_a_number, {"colors": True}),
    ("dark", neuron, {"theme": "dark", "colors": True, "local_derivatives": True}),
    ("colours", micrograd, {"colors": True}),
    ("local derivatives, from top to bottom", shared, {"local_derivatives": True, "rankdir": "TB"}),
    ("the way of a derivation", lambda: MLP(4, [5, 3, 2], seed=0), {"highlight": (1, 2, 1)}),
    ("a network with NaN", network, {"sample": [0.5, -1.0]}),
    ("a network that is folded", lambda: MLP(64, [16, 4, 2], seed=0), {}),
]
STYLE = """
body { margin: 1rem; font: 1rem system-ui }
figure { margin: 0 0 1.5rem } figcaption { font-weight: 650 } svg { max-width: 100%; height: auto }
"""


def sheet(kinds: Sequence[Kind]) -> str:
    """Kinds of graph as one page."""
    drawn = []
    for _, make, options in kinds:
        y = make()
        if isinstance(y, Value):
            y.backward()
        drawn.append(draw(y, **options))
    figures = [
        f"<figure><figcaption>{in_html(title)}</figcaption>{svg_of(svg.decode())}</figure>"
        for (title, _, _), svg in zip(kinds, draw_all(drawn, "svg"), strict=True)
    ]
    return f'<!DOCTYPE html><meta charset="utf-8"><title>Contact sheet</title><style>{STYLE}</style>{"".join(figures)}'


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(sheet(KINDS), encoding="utf-8")
