"""The GPT of examples/gpt.py against the same model with single + and × on a plain Value class, in one run.

    python -m benchmarks.gpt names.txt [--steps 1000] [--plain-steps 30]

Every side starts from the same numbers, sees the same names in the same order and takes the same Adam step; the losses must
agree to 1e-9 at every step that both have taken. Each side has a process of its own, and they take turns, step by step; a
figure is the median over the steps. Each side frees its graph within the step that made it.
"""

from __future__ import annotations

import argparse
import importlib.util
import multiprocessing
import random
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.plain import PlainValue
from examples.gpt import HEADS, SHAPES, SIZE, WIDTH, adam, gradients, start, tokens_of

Matrix = list[list[PlainValue]]


def linear(matrix: Matrix, x: list[PlainValue]) -> list[PlainValue]:
    return [sum(w * a for w, a in zip(row, x, strict=True)) for row in matrix]


def rms_norm(x: list[PlainValue]) -> list[PlainValue]:
    scale = (sum(a * a for a in x) / len(x) + 1e-5) ** -0.5
    return [a * scale for a in x]


def softmax(logits: list[PlainValue]) -> list[PlainValue]:
    largest = max(z.data for z in logits)
    parts = [(z - largest).exp() for z in logits]
    total = sum(parts)
    return [part / total for part in parts]


def plain_loss(weights: dict[str, Matrix], sequence: Sequence[int]) -> PlainValue:
    keys: list[list[PlainValue]] = []
    values: list[list[PlainValue]] = []
    losses = []
    size = WIDTH // HEADS
    for position, (token, target) in enumerate(pairwise(sequence)):
        x = rms_norm([row[token] + p for row, p in zip(weights["token"], weights["position"][position], strict=True)])
        normed = rms_norm(x)
        query = linear(weights["query"], normed)
        keys.append(linear(weights["key"], normed))
        values.append(linear(weights["value"], normed))
        mixed = []
        for head in range(0, WIDTH, size):
            here = range(head, head + size)
            attention = softmax([sum(query[j] * key[j] for j in here) / size**0.5 for key in keys])
            mixed += [sum(a * value[j] for a, value in zip(attention, values, strict=True)) for j in here]
        x = [a + b for a, b in zip(x, linear(weights["mix"], mixed), strict=True)]
        hidden = [z.relu() for z in linear(weights["expand"], rms_norm(x))]
        x = [a + b for a, b in zip(x, linear(weights["contract"], hidden), strict=True)]
        losses.append(-softmax(linear(weights["logits"], x))[target].log())
    return sum(losses) / len(losses)


def plain() -> Callable[[Any, list[int]], tuple[float, Any]]:
    """Loss and gradient of the plain model, called as those of the example are."""
    parameters = [PlainValue(0.0) for _ in range(SIZE)]
    weights: dict[str, Matrix] = {}
    left = iter(parameters)
    for name, (rows, columns) in SHAPES.items():
        weights[name] = [[next(left) for _ in range(columns)] for _ in range(rows)]

    def value_and_grad(theta: Any, sequence: list[int]) -> tuple[float, Any]:
        for parameter, number in zip(parameters, theta.tolist(), strict=True):
            parameter.data, parameter.grad = number, 0.0
        loss = plain_loss(weights, sequence)
        loss.backward()
        return loss.data, np.array([parameter.grad for parameter in parameters])

    return value_and_grad


@dataclass
class Side:
    """One way to train, in a process of its own: the losses and the seconds of its steps."""

    connection: Any
    losses: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)

    def step(self, sequence: list[int]) -> None:
        self.connection.send((len(self.losses) + 1, sequence))
        loss, seconds = self.connection.recv()
        self.losses.append(loss)
        self.seconds.append(seconds)


def serve(connection: Any, make: Callable[[], Any], steps: int, prepare: Sequence[list[int]]) -> None:
    """Train on what is sent; beforehand see the sequences of `prepare`, so that no step pays for recording."""
    sys.setrecursionlimit(100_000)  # for the plain side's topological sort
    value_and_grad, theta = make(), start(0)
    update = adam(theta, steps)
    began = time.perf_counter()
    for sequence in prepare:
        value_and_grad(theta, sequence)
    connection.send(time.perf_counter() - began)
    while True:
        number, sequence = connection.recv()
        began = time.perf_counter()
        loss, gradient = value_and_grad(theta, sequence)
        update(number, gradient)
        connection.send((loss, time.perf_counter() - began))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("names", type=Path, help="a file with one name a line")
    parser.add_argument("--steps", type=int, default=1000)
    parser.add_argument(
        "--plain-steps", type=int, default=30, help="how many of the steps the plain side takes, too (default: 30)"
    )
    known = ["eager", "python", *(["native"] if importlib.util.find_spec("numba") else [])]
    parser.add_argument("--backends", nargs="+", choices=known, default=known, help="which to compare (default: all)")
    options = parser.parse_args()
    names = options.names.read_text(encoding="utf-8").lower().split()
    random.Random(0).shuffle(names)
    data = [tokens_of(name) for name in names[: options.steps]]

    makers = {"plain": plain, **{name: partial(gradients, name) for name in options.backends}}
    sides = {}
    of_each_length = {len(sequence): sequence for sequence in data}
    context = multiprocessing.get_context("fork")
    for name, make in makers.items():
        ours, theirs = context.Pipe()
        prepare = [] if name in ("plain", "eager") else list(of_each_length.values())
        context.Process(target=serve, args=(theirs, make, options.steps, prepare), daemon=True).start()
        theirs.close()  # so that a process that ends is noticed
        seconds = ours.recv()
        if prepare:
            print(f"{name}: recording and preparing {len(prepare)} lengths took {seconds:.1f} s", flush=True)
        sides[name] = Side(ours)

    for number, sequence in enumerate(data):
        for name, side in sides.items():
            if name != "plain" or number < options.plain_steps:
                side.step(sequence)

    reference = sides["plain"]
    base = statistics.median(reference.seconds)
    agree = True
    titles = (
        f"{'a step, median':>16}{'times plain':>13}{'steps':>7}{'loss of last 100':>18}{'largest difference of losses':>30}"
    )
    print(f"\n{'':8}{titles}")
    for name, side in sides.items():
        compared = sides[options.backends[0]] if name != "plain" else reference
        apart = max(abs(a - b) for other in (reference, compared) for a, b in zip(side.losses, other.losses, strict=False))
        agree = agree and apart <= 1e-9
        median = statistics.median(side.seconds[: len(reference.seconds)])  # of the same names
        last = f"{statistics.fmean(side.losses[-100:]):.4f}" if len(side.losses) == options.steps else "–"
        print(f"{name:8}{median * 1e3:13.3f} ms{base / median:13.1f}{len(side.losses):7d}{last:>18}{apart:30.1e}")
    return 0 if agree else 1


if __name__ == "__main__":
    sys.exit(main())
