"""A GPT of scalar values that learns to make up names: small in size, complete in kind, in the manner of microgpt.

python examples/gpt.py                                              # twelve names, eager
python examples/gpt.py names.txt --steps 1000 --backend native      # a file of names, compiled for each length
"""

import argparse
import random
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from autograd_lite import Value, affine, affine_each, compile, dot, logsumexp, mean, no_grad, relu, softmax, sqrt
from autograd_lite.graph.bundles import Bundle
from autograd_lite.operands import as_bundle

WIDTH, HEADS, CONTEXT = 16, 4, 16
LETTERS = "abcdefghijklmnopqrstuvwxyz"
END = len(LETTERS)  # the token before the first letter of a name, and after its last
ONE_HOT = np.eye(END + 1)  # a row for each token: what a recorded function takes for one
NAMES = ["anna", "ben", "clara", "david", "emma", "felix", "greta", "henry", "ida", "jonas", "klara", "leon"]
SQUARE = (WIDTH, WIDTH)
SHAPES = {"token": (WIDTH, END + 1), "position": (CONTEXT, WIDTH), "query": SQUARE, "key": SQUARE, "value": SQUARE}
SHAPES |= {"mix": SQUARE, "expand": (4 * WIDTH, WIDTH), "contract": (WIDTH, 4 * WIDTH), "logits": (END + 1, WIDTH)}
SIZE = sum(rows * columns for rows, columns in SHAPES.values())


def shaped(parameters: Iterable[Any]) -> dict[str, list[Bundle]]:
    """All parameters, a flat sequence, as named matrices. A row is bundled once, for all the nodes that use it."""
    left = iter(parameters)
    return {name: [as_bundle([next(left) for _ in range(n)]) for _ in range(m)] for name, (m, n) in SHAPES.items()}


def rms_norm(x: Sequence[Any]) -> Bundle:
    """x scaled to a mean square of 1."""
    items = as_bundle(x)
    scale = 1 / sqrt(dot(items, items) / len(x) + 1e-5)
    return as_bundle([item * scale for item in x])


def pick(numbers: Sequence[Any], token: Any) -> Any:
    """The entry of a token: at its index, or by its one-hot row."""
    return numbers[token] if isinstance(token, int) else dot(numbers, token)


def attend(queries: list[list[Any]], keys: list[list[Any]], values: list[list[Any]]) -> list[Bundle]:
    """For each query the mean of the values up to its position, weighted by how well their keys match it: head by head."""
    mixed: list[list[Any]] = [[] for _ in queries]
    size = WIDTH // HEADS
    for part in (slice(i, i + size) for i in range(0, WIDTH, size)):
        head_keys = [as_bundle(key[part]) for key in keys]
        columns = list(zip(*[value[part] for value in values], strict=True))  # the rows of the matrix that mixes the values
        for at, query in enumerate(queries):
            seen = len(keys) - len(queries) + at + 1  # nothing may look ahead
            scaled = as_bundle([q * size**-0.5 for q in query[part]])
            attention = as_bundle(softmax(affine(head_keys[:seen], scaled)))
            mixed[at] += affine([as_bundle(column[:seen]) for column in columns], attention)
    return [as_bundle(x) for x in mixed]


def predict(weights: dict[str, list[Bundle]], tokens: Sequence[Any], past: tuple[list[Any], list[Any]]) -> list[list[Any]]:
    """The logits of what follows each of these tokens. `past` has the keys and the values of those before, and grows."""
    past_keys, past_values = past
    places = weights["position"][len(past_keys) : len(past_keys) + len(tokens)]
    columns = [[pick(row, token) for row in weights["token"]] for token in tokens]
    xs = [rms_norm([a + p for a, p in zip(*both, strict=True)]) for both in zip(columns, places, strict=True)]
    normed = [rms_norm(x) for x in xs]
    queries, keys, values = (affine_each(weights[name], normed) for name in ("query", "key", "value"))
    past_keys += keys
    past_values += values
    mixed = attend(queries, past_keys, past_values)
    xs = affine_each(weights["mix"], mixed, xs)  # plus the x that came in: the residual connection
    hidden = affine_each(weights["expand"], [rms_norm(x) for x in xs])
    xs = affine_each(weights["contract"], [as_bundle([relu(z) for z in zs]) for zs in hidden], xs)
    return affine_each(weights["logits"], [as_bundle(x) for x in xs])


def loss(weights: dict[str, list[Bundle]], inputs: Sequence[Any], targets: Sequence[Any]) -> Any:
    """The mean cross-entropy of each next token; a token is an index or a one-hot row."""
    tokens = [token if isinstance(token, int) else as_bundle(token) for token in inputs]
    logits = [as_bundle(row) for row in predict(weights, tokens, ([], []))]
    return mean([logsumexp(row) - pick(row, target) for row, target in zip(logits, targets, strict=True)])


def gradients(backend: str) -> Callable[[Any, list[int]], tuple[float, Any]]:
    """A function of all parameters, as a vector, and a sequence of tokens: the loss, and its gradient as a vector."""
    if backend != "eager":
        compiled = compile(lambda theta, *rows: loss(shaped(theta), *rows), backend=backend)
        return lambda theta, tokens: compiled.value_and_grad(theta, ONE_HOT[tokens[:-1]], ONE_HOT[tokens[1:]])
    parameters = [Value(0.0) for _ in range(SIZE)]
    weights = shaped(parameters)

    def eager(theta: Any, tokens: list[int]) -> tuple[float, Any]:
        for parameter, number in zip(parameters, theta.tolist(), strict=True):
            parameter.data, parameter.grad = number, 0.0
        output = loss(weights, tokens[:-1], tokens[1:])
        output.backward()
        return output.data, np.array([parameter.grad for parameter in parameters])

    return eager


def start(seed: int) -> Any:
    """All parameters before training, as a vector."""
    return np.random.default_rng(seed).normal(0, 0.08, SIZE)


def adam(theta: Any, steps: int, rate: float = 0.01, betas: tuple[float, float] = (0.85, 0.99)) -> Callable[[int, Any], None]:
    """A function of a step's number, from 1, and a gradient: it changes `theta`, at a rate that falls to 0 in a line."""
    average, square = np.zeros(len(theta)), np.zeros(len(theta))

    def update(step: int, gradient: Any) -> None:
        average[:] += (1 - betas[0]) * (gradient - average)
        square[:] += (1 - betas[1]) * (gradient**2 - square)
        root = np.sqrt(square / (1 - betas[1] ** step)) + 1e-8
        theta[:] -= rate * (1 - (step - 1) / steps) * average / (1 - betas[0] ** step) / root

    return update


def tokens_of(name: str) -> list[int]:
    """The name between two END tokens."""
    if len(name) >= CONTEXT or not set(name) <= set(LETTERS):
        raise ValueError(f"a name has at most {CONTEXT - 1} letters from a to z, got {name!r}")
    return [END, *map(LETTERS.index, name), END]


def train(names: Sequence[str], theta: Any, steps: int, backend: str) -> list[float]:
    """Change `theta`, one name a step; the loss of every step."""
    loss_and_gradient, update, losses = gradients(backend), adam(theta, steps), []
    for step in range(1, steps + 1):
        value, gradient = loss_and_gradient(theta, tokens_of(names[(step - 1) % len(names)]))
        update(step, gradient)
        losses.append(value)
    return losses


@no_grad()
def sample(theta: Any, source: random.Random, temperature: float = 0.5) -> str:
    """A name made up letter by letter."""
    weights, name, past = shaped(theta.tolist()), [END], ([], [])
    while len(name) <= CONTEXT and (len(name) == 1 or name[-1] != END):
        (logits,) = predict(weights, name[-1:], past)
        name += source.choices(range(END + 1), [p.data for p in softmax([z / temperature for z in logits])])
    return "".join(LETTERS[token] for token in name if token != END)


def main(arguments: Sequence[str] | None = None) -> list[float]:
    parser = argparse.ArgumentParser(description="Train a small GPT on names and let it make up new ones.")
    parser.add_argument("names", nargs="?", type=Path, help="a file of names, one a line (default: twelve names)")
    parser.add_argument("--steps", type=int, default=100, help="names to learn from, one a step (default: 100)")
    parser.add_argument("--backend", choices=["eager", "python", "native"], default="eager")
    options = parser.parse_args(arguments)
    names = options.names.read_text(encoding="utf-8").lower().split() if options.names else list(NAMES)
    if not names or options.steps < 1:
        parser.error(f"nothing to learn: {len(names)} names, {options.steps} steps")
    random.Random(0).shuffle(names)
    theta = start(0)
    losses = train(names, theta, options.steps, options.backend)
    print(f"mean loss of the first step {losses[0]:.4f}, of the last 100: {np.mean(losses[-100:]):.4f}")
    print("made up:", ", ".join(sample(theta, random.Random(seed)) for seed in range(10)))
    return losses


if __name__ == "__main__":
    main()
