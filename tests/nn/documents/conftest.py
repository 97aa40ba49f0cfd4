"""What the engine says of every symbol on a page, and a fixture that holds a page to it."""

import importlib.util
import itertools
import re
import sys
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pytest

import autograd_lite
from autograd_lite import Value
from autograd_lite.basics.wording import function_name
from autograd_lite.graph.derivatives import each_local_derivative
from nn import SGD
from nn.losses import LOSSES


def beside(name):
    """A module of this folder."""
    specification = importlib.util.spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
    module = sys.modules[name] = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


lines, reader, sentences = beside("lines"), beside("reader"), beside("sentences")


def name_of(label):
    """The name of a symbol by which an environment knows it, from the label of a node."""
    letter, _, below, layer, _ = reader.SYMBOL.fullmatch(label).groups()
    return (letter, *map(int, reader.split_indices(letter, below)), f"({layer.strip('⁽⁾').translate(reader.DIGITS)})")


class Sample:
    """One sample on its way through the network, as the engine computes it: numbers, gradients, and local derivatives."""

    def __init__(self, model, x, y, loss):
        inputs = [Value(number, f"a{k}⁽⁰⁾".translate(str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉"))) for k, number in enumerate(x)]
        outputs = model(inputs) if len(model.layers[-1].neurons) > 1 else [model(inputs)]
        output = LOSSES[loss](outputs if len(outputs) > 1 else outputs[0], y)
        model.zero_grad()
        output.backward()
        self.loss, self.y = output.data, list(y) if isinstance(y, list) else [float(j == y) for j in range(len(outputs))]
        self.numbers, self.gradients, self.locals = {}, {}, {}
        waiting, seen = [output], set()
        while waiting:
            node = waiting.pop()
            if node in seen:
                continue
            seen.add(node)
            waiting += node.parents
            if re.match("[zawb].*⁽", node.label):
                self.numbers[name_of(node.label)] = node.data
                self.gradients[name_of(node.label)] = node.grad
                for parent, local in each_local_derivative(node, node.data, node.inputs):
                    if re.match("[zawb].*⁽", parent.label):
                        self.locals[name_of(node.label), name_of(parent.label)] = local
        self.terms = terms_of(loss, [a.data for a in outputs], self.y, self.loss)


def terms_of(loss, outputs, y, whole):
    """What each output node has in the loss."""
    if loss == "cross_entropy":
        return [-t * p for t, p in zip(y, autograd_lite.log_softmax(outputs), strict=True)]
    terms = [LOSSES[loss](a, t) for a, t in zip(outputs, y, strict=True)]
    return [term * whole / sum(terms) if sum(terms) else 0.0 for term in terms]  # some losses are means


@dataclass
class Environment:
    """The number of every symbol, by the engine.

    Attributes:
        model, loss: what is derived.
        samples: of each the numbers, by its index.
        batch: the indices of those whose mean C is.
        after, before: the environment after a step of gradient descent, and before it.
        root, steps: the environments of several steps, and where these are.
        rate: η.
    """

    model: object
    samples: dict
    batch: list
    sample: int = 0
    after: object = None
    rate: float = 0.1
    before: object = None
    root: object = None
    steps: list = field(default_factory=list)
    letters: dict = field(default_factory=dict)
    changed: dict = field(default_factory=dict)

    def where(self, letter, i):
        if letter == "i" and i not in self.batch:
            raise reader.UnknownError(i)
        return replace(self, letters={**self.letters, letter: i}, sample=i if letter == "i" else self.sample)

    def instead(self, name, value):
        return replace(self, changed={**self.changed, name: value})

    def of_each(self, formula, said=""):
        """The environments in which a letter that the formula leaves open has each value; `said` is all that it equals."""
        if named := re.match("∂?C([₀-₉])(?![₀-₉])", formula.text):
            index = int(named[1].translate(reader.DIGITS))
            here = replace(self, sample=index) if index in self.samples else self
        else:
            here = self
        of_a_sample = {"i"} if formula.text.startswith("δ") and "ᵢ" in said else set()
        open_letters = sorted(formula.letters | of_a_sample)
        counts = {"l": range(1, len(self.model.layers) + 1), "i": self.batch}
        nodes = range(max(layer.nout for layer in self.model.layers))
        for values in itertools.product(*(counts.get(letter, nodes) for letter in open_letters)):
            e = here
            for letter, value in zip(open_letters, values, strict=True):
                e = e.where(letter, value)
            yield e

    # What a formula asks

    def indices(self, written):
        return tuple(int(index) if index.isdigit() else self.letters[index] for index in written)

    def layer(self, written):
        if written.startswith("L"):
            return len(self.model.layers) + int(written[1:] or 0)
        return self.letters["l"] if written == "l" else int(written)

    def number(self, name):
        if name in self.changed:
            return self.changed[name]
        letter, *rest = name
        here = self.samples[self.sample]
        if letter == "C":
            return self.loss(rest)
        if letter in "ynηx" and letter != "η" and not (letter == "y" and rest):
            columns = {"y": here.y, "x": self.vector("a", "(0)")}
            return len(self.batch) if letter == "n" else np.reshape(np.array(columns[letter], dtype=object), (-1, 1))
        if letter == "η":
            return self.rate
        if letter == "y":
            return found(here.y, rest[0])
        if len(rest) == 1:
            return self.matrix(letter, rest[0])
        if letter == "δ":
            return known(here.gradients, ("z", *rest))
        return known(here.numbers, name)

    def loss(self, indices):
        if not indices:
            return sum(self.samples[i].loss for i in self.batch) / len(self.batch)
        sample = known(self.samples, indices[0])
        return sample.loss if len(indices) == 1 else found(sample.terms, indices[1])

    def matrix(self, letter, layer):
        """A vector as a column, or the matrix of the weights."""
        l = int(layer.strip("()"))
        height = self.model.layers[l - 1].nout if l else self.model.layers[0].nin
        if letter == "W":
            rows = [[self.number(("w", j, k, layer)) for k in range(self.model.layers[l - 1].nin)] for j in range(height)]
        else:
            rows = [[self.number((letter, j, layer))] for j in range(height)]
        return np.array(rows, dtype=object)

    def vector(self, letter, layer):
        return list(self.matrix(letter, layer)[:, 0])

    def derivative(self, above, below):
        if above[0] != "C":
            return known(self.samples[self.sample].locals, (above, below))
        if len(above) == 1:
            return sum(replace(self, sample=i).derivative(("C", i), below) for i in self.batch) / len(self.batch)
        gradients = known(self.samples, above[1]).gradients
        return gradient_environment(self, gradients, above[1]).number(below)

    def function(self, name):
        letter, *rest = name
        if letter.rstrip("′") == "g":
            neurons = self.model.layers[int(rest[-1].strip("()")) - 1 if rest else 0].neurons
            each = [slope_or_value(neuron.g, letter) for neuron in neurons]
            if rest and len(rest) == 1 and len(each) > 1:
                return lambda x: of_nodes(each, x) if np.size(x) > 1 else reader.applied(each[0], x)
            return lambda x: reader.applied(each[rest[0] if len(rest) > 1 else 0], x)
        g = reader.FUNCTIONS.get(letter) or getattr(autograd_lite, letter.rstrip("′"), np.sign)
        return g if letter in ("max", "min") else lambda x: reader.applied(slope_or_value(g, letter), x)

    def activation(self, layer, node, above):
        """The name of a function that is called g, of this layer and of this node."""
        above = above or (layer and f"⁽{layer}⁾") or ""
        l = self.layer(above.strip("⁽⁾").translate(reader.DIGITS).replace("−", "-")) if above else 1
        return function_name(self.model.layers[l - 1].neurons[int(node.translate(reader.DIGITS) or 0)].activation)

    def mean_gradients(self):
        """The derivative of the loss of the batch by each weight and bias."""
        names = [name for name in self.samples[self.batch[0]].gradients if name[0] in "wb"]
        return {name: sum(self.samples[i].gradients[name] for i in self.batch) / len(self.batch) for name in names}

    def loss_name(self):
        return f"C{'₀₁₂₃₄₅₆₇₈₉'[self.batch[0]]}" if len(self.batch) == 1 else "C"

    def whole(self, cells):
        """The one of the engine's matrices of which these are the corners."""
        for candidate in self.every_matrix():
            if shows(candidate, cells):
                return candidate
        raise AssertionError(f"no matrix of the engine has these corners: {cells}")

    def every_matrix(self):
        for l in range(len(self.model.layers) + 1):
            layer, names = f"({l})", ["z", "a", "b", "δ", "W"] if l else ["a"]
            for letter in names:
                yield from both(self.matrix(letter, layer))
            if l:
                yield from both(self.function(("g′", layer))(self.matrix("z", layer)))
                for letter in ("a", "W", "b"):
                    yield from both(self.derivative(("C", self.sample), (letter, layer)))
        yield from both(self.number(("y",)))


def slope_or_value(g, letter):
    return autograd_lite.grad(g) if letter.endswith("′") else g


def of_nodes(functions, column):
    return np.array([[f(x)] for f, (x,) in zip(functions, column, strict=True)], dtype=object)


def both(matrix):
    return matrix, matrix.T


def shows(matrix, cells):
    """Whether these are corners of the matrix, with dots for what is left out."""
    height, width = matrix.shape
    rows, columns = places([row[0] for row in cells], height), places(cells[0], width)
    if rows is None or columns is None:
        return False
    return all(
        f"{float(matrix[r, c]) + 0.0:.4g}".replace("-", "−") == cell
        for r, row in zip(rows, cells, strict=True)
        for c, cell in zip(columns, row, strict=True)
        if r is not None and c is not None
    )


def places(line, size):
    """The index of each cell of a line in one of this size, None for dots; None if it does not fit."""
    if not any(cell in "⋯⋮⋱" for cell in line):
        return list(range(size)) if len(line) == size else None
    at = next(i for i, cell in enumerate(line) if cell in "⋯⋮⋱")
    behind = len(line) - at - 1
    return [*range(at), None, *range(size - behind, size)] if size > at + behind else None


def gradient_environment(environment, gradients, sample):
    """The environment in which each symbol stands for the derivative of the loss by it."""
    of_sample = type("Gradients", (), {"numbers": gradients, "y": [], "gradients": gradients})()
    return replace(environment, samples={sample: of_sample}, sample=sample, changed={})


def known(mapping, key):
    if key not in mapping:
        raise reader.UnknownError(key)
    return mapping[key]


def found(items, index):
    if not 0 <= index < len(items):
        raise reader.UnknownError(index)
    return items[index]


def environment(model, x, y, loss="sum_squared_error", rate=0.1, batch_size=None):
    """What the engine says of a model and its samples, before and after the steps of an epoch of gradient descent."""
    many = isinstance(x[0], list)
    xs, ys = (x, y) if many else ([x], [y])
    before, steps = model.state_dict(), []
    for first in range(0, len(xs), batch_size or len(xs)):
        batch = list(range(len(xs)))[first : first + (batch_size or len(xs))]
        here = Environment(model, {i: Sample(model, xs[i], ys[i], loss) for i in range(len(xs))}, batch, batch[0], rate=rate)
        model.zero_grad()
        losses = [LOSSES[loss](model(xs[i]), ys[i]) for i in batch]
        (sum(losses) / len(losses)).backward()
        SGD(model.parameters(), lr=rate).step()
        here.after = replace(here, samples={i: Sample(model, xs[i], ys[i], loss) for i in range(len(xs))})
        steps.append(here)
    model.load_state_dict(before)
    root = replace(steps[0], steps=steps)
    return replace(root, root=root)


def checked(page, e):
    """Hold each formula and each number of a page to the engine's; how many numbers were compared."""
    flat, grids = lines.linear(page)
    said = sentences.Sentences(e, reader.printed, lambda text, at=None: float(next(values_of(text, at or said.environment))))
    compared = 0
    for part in lines.read(flat):
        if isinstance(part, str):
            compared += said.take(part)
            continue
        compared += reader.hold(part, grids, said.environment)
        if re.match("[zawbδ∂C]", part.sides[0]):
            said.first, said.last_text = said.first or (part.sides[0] if "∂C" in part.sides[0] else None), part.sides[0]
    return compared


def values_of(text, e):
    formula = reader.Formula(text)
    return (formula(each) for each in e.of_each(formula))


@pytest.fixture(scope="session")
def check_page():
    """`check_page(page, model, x, y, loss=…)`: every formula and number on the page is held to the engine's."""
    return lambda page, *sample, **settings: checked(str(page), environment(*sample, **settings))
