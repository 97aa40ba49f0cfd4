"""All pictures of README.md and docs/, made by the library.

python docs/pictures.py             # say which are stale; exit status 1 if one is
python docs/pictures.py --write     # make them all anew
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from functools import partial
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # the library that draws is this checkout
sys.path.insert(0, str(Path(__file__).resolve().parent))

import house
import operations

from autograd_lite import Value, tanh
from nn import MLP, Adam, datasets, fit, sum_squared_error
from visualize import to_svg

FOLDER = Path(__file__).resolve().parent / "pictures"


def neuron(**options: Any) -> str:
    """tanh(w·x + b)."""
    w, x, b = Value(0.5, "w"), Value(2.0, "x"), Value(-0.3, "b")
    y = tanh(w * x + b)
    y.label = "y"
    y.backward()
    return to_svg(y, **options)


def dark() -> str:
    """The same for a dark slide, with all that can be shown."""
    return neuron(local_derivatives=True, colors=True, theme="dark")


def square() -> str:
    """One value used twice."""
    s = Value(3.0, "s")
    a = s * s
    a.label = "a"
    a.backward()
    return to_svg(a, local_derivatives=True)


def three_paths() -> Value:
    """What chapter 2 follows the paths through."""
    x = Value(2.0, "x")
    a, b = x * x, 5 * x
    y = a * b
    a.label, b.label, y.label = "a", "b", "y"
    y.backward()
    return y


def paths() -> str:
    """Three paths from y to x."""
    return to_svg(three_paths(), local_derivatives=True)


def network() -> str:
    """The network of chapter 3, and the way from w₂₂⁽²⁾ to the loss."""
    model = MLP(4, [5, 6, 4], activation="sigmoid", output_activation="sigmoid", bias=False, seed=1)
    return to_svg(model, sample=[0.9, -0.4, 0.2, 0.7], highlight=(2, 2, 2))


def loss_of_network() -> Value:
    """The loss of the network of chapter 4."""
    model = MLP(2, [3, 2], activation="sigmoid", output_activation="sigmoid", seed=0)
    loss = sum_squared_error(model([0.5, -1.0]), [1.0, 0.0])
    loss.label = "C₀"
    loss.backward()
    return loss


def layers() -> str:
    """The network of chapter 4, coloured by gradient."""
    return to_svg(loss_of_network(), colors=True)


def line() -> str:
    """The loss of one point of chapter 5, at the beginning."""
    w, b = Value(0.0, "w"), Value(0.0, "b")
    x, y = 2.0, 5.2
    loss = (w * x + b - y) ** 2
    loss.label = "loss"
    loss.backward()
    return to_svg(loss, colors=True, local_derivatives=True)


def trained() -> str:
    """The network that chapter 6 trains, on one sample."""
    inputs, targets = datasets.xor()
    model = MLP(2, [2, 1], activation="tanh", output_activation="sigmoid", seed=3)
    optimizer = Adam(model.parameters(), lr=0.05)
    fit(
        model,
        inputs,
        targets,
        loss="binary_cross_entropy",
        optimizer=optimizer,
        epochs=300,
        batch_size=4,
        seed=0,
        progress=False,
    )
    model.zero_grad()
    output = model([1.0, 0.0])
    output.backward()
    return to_svg(output)


PICTURES = {make.__name__: make for make in (neuron, dark, square, paths, network, layers, line, trained)}
PICTURES["house"] = house.picture
PICTURES |= {f"operations/{name}": partial(operations.picture, name) for name in operations.CURVES}


NUMBER = re.compile(r"\d+(\.\d+)?(e[+-]?\d+)?")


def content(svg: str) -> Counter[str]:
    """What a picture says, wherever it says it: another release of Graphviz may place things elsewhere.

    The last digits are another processor's: what it multiplies and adds in one step it rounds once.
    """
    texts = [
        NUMBER.sub(lambda found: f"{float(found[0]):.9g}", re.sub(r"\s+", " ", "".join(element.itertext())).strip())
        for element in ElementTree.fromstring(svg).iter()
        if element.tag.rpartition("}")[2] in ("text", "title")
    ]
    return Counter(texts)


def main(write: bool) -> int:
    """Make the pictures, or compare them with those that are there."""
    stale = []
    for name, make in PICTURES.items():
        path = FOLDER / f"{name}.svg"
        svg = make()
        if write:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(svg, encoding="utf-8")
        elif not path.exists() or content(path.read_text(encoding="utf-8")) != content(svg):
            stale.append(path.name)
    if stale:
        print(f"stale: {', '.join(stale)}; run python docs/pictures.py --write")
    return len(stale)


if __name__ == "__main__":
    sys.exit(main("--write" in sys.argv))
