"""The pages that play in the tutorial. On the site each stands in the place of its screenshot; `docs/try.py` makes them."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # the library that draws is this checkout
sys.path.insert(0, str(Path(__file__).resolve().parent))

import pictures

from autograd_lite import Value
from nn import MLP, datasets, mse
from visualize import stepper


@dataclass(frozen=True)
class Playing:
    """A page of the tutorial.

    Attributes:
        page: makes it.
        address: how its address ends: with `?embed=1` picture and controls are all that is shown.
    """

    page: Callable[[], str]
    address: str


def paths() -> str:
    """Both passes over the three paths of chapter 2."""
    return stepper(pictures.three_paths())


def network() -> str:
    """Both passes over the network of chapter 4."""
    return stepper(pictures.loss_of_network())


def line() -> str:
    """The descent of chapter 5 from (0, 0): a line through four points."""
    w, b, x, y = Value(0.0, "w"), Value(0.0, "b"), Value(0.0, "x"), Value(1.1, "y")
    loss = (w * x + b - y) ** 2
    loss.label = "loss"
    points = [(0.0, 1.1), (1.0, 2.9), (2.0, 5.2), (3.0, 6.8)]
    return stepper(loss, samples=[{"x": at, "y": height} for at, height in points])


def xor() -> str:
    """The network of chapter 5, before it learns."""
    inputs, targets = datasets.xor()
    model = MLP(2, [4, 1], activation="tanh", output_activation="sigmoid", seed=2)
    return stepper(model, inputs, targets, loss=mse)


PAGES = {
    "paths": Playing(paths, "?embed=1"),
    "network": Playing(network, "?embed=1"),
    "line": Playing(line, ""),
    "xor": Playing(xor, ""),
}


def write(folder: Path) -> None:
    """Write the pages, and a list of their addresses by the names of their screenshots."""
    folder.mkdir()
    for name, playing in PAGES.items():
        (folder / f"{name}.html").write_text(playing.page(), encoding="utf-8")
    addresses = {name: f"{name}.html{playing.address}" for name, playing in PAGES.items()}
    (folder / "addresses.json").write_text(json.dumps(addresses), encoding="utf-8")
