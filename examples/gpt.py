"""A GPT of scalar values that learns to make up names: small in size, complete in kind, in the manner of microgpt.

Token and position embeddings, RMSNorm, multi-head attention, an MLP with relu, residual connections, Adam. The model is one
function of its weights, written once. Eager, it runs on Values, and `backward()` follows the graph. Compiled, the same function
is recorded once for each length of name: names of one length have one graph, and their letters come in as data.

    pip install '.[fast]'
    python examples/gpt.py                                                  # twelve names, eager
    python examples/gpt.py names.txt --steps 1000 --backend native          # a file of names, one a line, compiled
"""

from __future__ import annotations

import argparse
import random
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from autograd_lite import Value, compile, dot, logsumexp, mean, no_grad, relu, softmax, sqrt
from autograd_lite.value import Bundle, as_bundle

WIDTH, HEADS, CONTEXT = 16, 4, 16
LETTERS = "abcdefghijklmnopqrstuvwxyz"
END = len(LETTERS)  # the token before the first letter of a name, and after its last
VOCABULARY = len(LETTERS) + 1
ONE_HOT = np.eye(VOCABULARY)  # a row for each token: an embedding is then a linear map like any other
NAMES = ["anna", "ben", "clara", "david", "emma", "felix", "greta", "henry", "ida", "jonas", "klara", "leon"]

SHAPES = {  # of each matrix, its rows (one an output) and columns (one an input)
    "token": (WIDTH, VOCABULARY),
    "position": (CONTEXT, WIDTH),
    "query": (WIDTH, WIDTH),
    "key": (WIDTH, WIDTH),
    "value": (WIDTH, WIDTH),
    "mix": (WIDTH, WIDTH),
    "expand": (4 * WIDTH, WIDTH),
    "contract": (WIDTH, 4 * WIDTH),
    "logits": (VOCABULARY, WIDTH),
}
SIZE = sum(rows * columns for rows, columns in SHAPES.values())
Weights = dict[str, list[Bundle]]
Past = list[tuple[list[Bundle], list[Sequence[Any]]]]  # keys and values, for each head


def shaped(parameters: Sequence[Any]) -> Weights:
    """All parameters, a flat sequence, as named matrices. A row is bundled once, for all the nodes that use it."""
    weights: Weights = {}
    start = 0
    for name, (rows, columns) in SHAPES.items():
        weights[name] = [as_bundle(parameters[start + i * columns : start + (i + 1) * columns]) for i in range(rows)]
        start += rows * columns
    return weights


def linear(matrix: Sequence[Bundle], x: Sequence[Any], plus: Sequence[Any] = ()) -> list[Any]:
    """W·x, or W·x + `plus`: one node for each row, in which all share the inputs."""
    inputs = as_bundle(x)
    if not plus:
        return [dot(row, inputs) for row in matrix]
    return [dot(row, inputs, offset) for row, offset in zip(matrix, plus, strict=True)]


def rms_norm(x: Sequence[Any]) -> list[Any]:
    """x scaled to a mean square of 1."""
    items = as_bundle(x)
    scale = 1 / sqrt(dot(items, items) / len(x) + 1e-5)
    return [item * scale for item in x]


def heads(x: Sequence[Any]) -> list[Sequence[Any]]:
    """The numbers of each attention head."""
    size = WIDTH // HEADS
    return [x[i : i + size] for i in range(0, WIDTH, size)]


def attend(query: Sequence[Any], keys: Sequence[Bundle], values: Sequence[Sequence[Any]]) -> list[Any]:
    """The mean of the values so far, weighted by how well their keys match the query."""
    scaled = as_bundle([q * len(query) ** -0.5 for q in query])
    attention = as_bundle(softmax([dot(key, scaled) for key in keys]))
    return [dot(attention, as_bundle(column)) for column in zip(*values, strict=True)]


def pick(numbers: Sequence[Any], token: Any) -> Any:
    """The entry of a token: at its index, or by its one-hot row, which can be data of a recorded function."""
    return numbers[token] if isinstance(token, int) else dot(numbers, token)


def nothing() -> Past:
    """What is known before the first token."""
    return [([], []) for _ in range(HEADS)]


def predict(weights: Weights, token: Any, past: Past) -> list[Any]:
    """The logits of the token that follows. `past` has the keys and values of each head so far, and gets this token's."""
    position = weights["position"][len(past[0][0])]
    x = rms_norm([pick(row, token) + p for row, p in zip(weights["token"], position, strict=True)])
    normed = as_bundle(rms_norm(x))
    query, key, value = (heads(linear(weights[name], normed)) for name in ("query", "key", "value"))
    mixed = []
    for head, (keys, values) in enumerate(past):
        keys.append(as_bundle(key[head]))
        values.append(value[head])
        mixed += attend(query[head], keys, values)
    x = linear(weights["mix"], mixed, plus=x)
    hidden = [relu(z) for z in linear(weights["expand"], rms_norm(x))]
    x = linear(weights["contract"], hidden, plus=x)
    return linear(weights["logits"], x)


def loss(weights: Weights, inputs: Sequence[Any], targets: Sequence[Any]) -> Any:
    """The mean cross-entropy of each next token; a token is an index or a one-hot row."""
    past = nothing()
    losses = []
    for token, target in zip(inputs, targets, strict=True):
        logits = as_bundle(predict(weights, token, past))
        losses.append(logsumexp(logits) - pick(logits, target))
    return mean(losses)


class Adam:
    """Adam on a vector of parameters, its learning rate falling in a straight line to 0 at the last step."""

    def __init__(self, size: int, steps: int, rate: float = 0.01, betas: tuple[float, float] = (0.85, 0.99)) -> None:
        self.steps, self.rate, self.betas = steps, rate, betas
        self.step = 0
        self.mean, self.square = np.zeros(size), np.zeros(size)

    def update(self, theta: Any, gradient: Any) -> None:
        """One step, in place."""
        rate = self.rate * (1 - self.step / self.steps)
        self.step += 1
        first, second = self.betas
        self.mean += (1 - first) * (gradient - self.mean)
        self.square += (1 - second) * (gradient**2 - self.square)
        unbiased = self.mean / (1 - first**self.step)
        theta -= rate * unbiased / (np.sqrt(self.square / (1 - second**self.step)) + 1e-8)


def gradients(backend: str) -> Callable[[Any, list[int]], tuple[float, Any]]:
    """The function that gives the loss of a sequence of tokens and its gradient, for all parameters as a vector."""
    if backend != "eager":
        recorded = compile(
            lambda theta, x, y: loss(shaped(theta), list(map(as_bundle, x)), list(map(as_bundle, y))), backend=backend
        )
        return lambda theta, t: recorded.value_and_grad(theta, ONE_HOT[t[:-1]], ONE_HOT[t[1:]])
    parameters = [Value(0.0) for _ in range(SIZE)]
    weights = shaped(parameters)
    output: Any = None

    def eager(theta: Any, t: list[int]) -> tuple[float, Any]:
        nonlocal output  # a graph lives until the next one replaces it
        for parameter, number in zip(parameters, theta.tolist(), strict=True):
            parameter.data, parameter.grad = number, 0.0
        output = loss(weights, t[:-1], t[1:])
        output.backward()
        return output.data, np.array([parameter.grad for parameter in parameters])

    return eager


def tokens(name: str) -> list[int]:
    """The name between two END tokens.

    Raises:
        ValueError: a character is no letter from a to z, or there are too many for the context.
    """
    unknown = sorted(set(name) - set(LETTERS))
    if unknown:
        raise ValueError(f"the name {name!r} has {unknown[0]!r}, which is no letter from a to z")
    if len(name) >= CONTEXT:
        raise ValueError(f"the name {name!r} has {len(name)} letters: a context of {CONTEXT} holds at most {CONTEXT - 1}")
    return [END, *map(LETTERS.index, name), END]


def start(seed: int) -> Any:
    """Random parameters, as a vector."""
    source = random.Random(seed)
    return np.array([source.gauss(0, 0.08) for _ in range(SIZE)])


def train(names: Sequence[str], theta: Any, steps: int, backend: str) -> list[float]:
    """Change `theta` in place, one name a step; the loss of every step."""
    value_and_grad, adam, losses = gradients(backend), Adam(SIZE, steps), []
    for step in range(steps):
        value, gradient = value_and_grad(theta, tokens(names[step % len(names)]))
        adam.update(theta, gradient)
        losses.append(value)
        if sys.stderr.isatty():
            print(f"\rstep {step + 1:5d} of {steps}, loss {value:.4f}", end="", file=sys.stderr)
    return losses


def sample(theta: Any, source: random.Random, temperature: float = 0.5) -> str:
    """A name made up letter by letter."""
    name, token = "", END
    past = nothing()
    with no_grad():
        weights = shaped(theta.tolist())
        for _ in range(CONTEXT):
            logits = predict(weights, token, past)
            chances = [p.data for p in softmax([z / temperature for z in logits])]
            (token,) = source.choices(range(VOCABULARY), chances)
            if token == END:
                break
            name += LETTERS[token]
    return name


def main(arguments: Sequence[str] | None = None) -> list[float]:
    parser = argparse.ArgumentParser(description="Train a small GPT on names and let it make up new ones.")
    parser.add_argument(
        "names", nargs="?", type=Path, help="a file of names from letters a to z, one a line (default: twelve names)"
    )
    parser.add_argument("--steps", type=int, default=100, help="names to learn from, one a step (default: 100)")
    parser.add_argument("--backend", choices=["eager", "python", "native"], default="eager")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(arguments)
    names = options.names.read_text(encoding="utf-8").lower().split() if options.names else list(NAMES)
    if not names or options.steps < 1:
        parser.error(f"nothing to learn: {len(names)} names, {options.steps} steps")
    source = random.Random(options.seed)
    source.shuffle(names)
    theta = start(options.seed)
    losses = train(names, theta, options.steps, options.backend)
    last = losses[-100:]
    print(f"\nmean loss of the first step {losses[0]:.4f}, of the last {len(last)}: {sum(last) / len(last):.4f}")
    print("made up:", ", ".join(sample(theta, source) for _ in range(10)))
    return losses


if __name__ == "__main__":
    main()
