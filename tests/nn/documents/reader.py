"""Reads a printed formula: it is parsed and evaluated, so that it can be held to other numbers.

A symbol is looked up in an environment; a number stands for all that are printed so, within half a unit of its last digit.
"""

import math
import re
from dataclasses import dataclass

import numpy as np

import autograd_lite
from autograd_lite import Value
from nn.losses import huber

DIGITS = str.maketrans("₀₁₂₃₄₅₆₇₈₉⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻ˡᴸⁿᵢⱼₖₘₙ", "01234567890123456789+-lLnijkmn")
INDEX = "₀₁₂₃₄₅₆₇₈₉ᵢⱼₖₘ"
NUMBER = re.compile(r"\d+(?:\.\d+)?(?:e[−+]?\d+)?")
SYMBOL = re.compile(rf"([a-zA-Zδση]+)(′?)((?:[{INDEX}]+(?:,[{INDEX}]+)*)?)(⁽[^⁾]+⁾)?(′?)")
SUM = re.compile(r"Σ([ᵢⱼₖₘ])₌([₀-₉]+)([⁰¹²³⁴-⁹ⁿ⁻]+)")
FUNCTIONS = {"log": autograd_lite.log, "max": max, "min": min, "σ": autograd_lite.sigmoid, "h": lambda e: huber(e, 0.0)}


class UnknownError(LookupError):
    """A symbol with indices that the model does not have."""


@dataclass(frozen=True)
class About:
    """A number that was printed with four digits, and what is computed of such: the value, and how far it may be off."""

    value: float
    error: float

    @classmethod
    def of(cls, x):
        return x if isinstance(x, About) else About(float(x), 0.0)

    def __add__(self, other):
        other = About.of(other)
        return About(self.value + other.value, self.error + other.error)

    def __mul__(self, other):
        if isinstance(other, np.ndarray):
            return NotImplemented  # each of its entries is multiplied
        other = About.of(other)
        error = abs(self.value) * other.error + abs(other.value) * self.error + self.error * other.error
        return About(self.value * other.value, error)

    def __neg__(self):
        return About(-self.value, self.error)

    def __sub__(self, other):
        return self + -About.of(other)

    def __truediv__(self, other):
        return self * About.of(other).applied(lambda x: 1 / x)

    def __rsub__(self, other):
        return About.of(other) - self

    def __rtruediv__(self, other):
        return About.of(other) / self

    __radd__, __rmul__ = __add__, __mul__

    def __lt__(self, other):
        return self.value < About.of(other).value

    def __gt__(self, other):
        return self.value > About.of(other).value

    def __abs__(self):
        return About(abs(self.value), self.error)

    def applied(self, f):
        middle = f(self.value)
        return About(middle, max(abs(f(x) - middle) for x in (self.value - self.error, self.value + self.error)))


def applied(f, x):
    """A function of one number, of a printed one, or of each in a matrix."""
    if isinstance(x, np.ndarray):
        return np.vectorize(lambda each: applied(f, each), otypes=[object])(x)
    return x.applied(f) if isinstance(x, About) else f(x)


def printed(text):
    x = float(text.strip("().").replace("−", "-"))
    return About(x, 0.5 * 10.0 ** (math.floor(math.log10(abs(x))) - 3) * (1 + 1e-9) if x else 0.0)


# One formula


class Formula:
    """A parsed formula; called with an environment it gives its value.

    Attributes:
        letters: the index letters in it.
        numbers: how many are in it.
        leaves: the parts that a number stands for, in their order, each a function of the environment.
        exact: whether it has symbols in it, so that its own numbers are exact.
    """

    def __init__(self, text, grids=()):
        self.text, self.grids, self.at = text, grids, 0
        self.exact = bool(re.search(r"[∂Σ]|[a-zA-Zδ]′?[₀-₉ᵢⱼₖₘ]*⁽|(?<![a-z])[yxη](?![a-z])|C[₀-₉ᵢ]|^C$|^n$", text))
        cells = re.sub(r"⟦(\d+)⟧", lambda n: " ".join(cell for row in grids[int(n[1])] for cell in row), text)
        self.numbers = len(NUMBER.findall(cells))
        self.leaves, self.inside_bars = [], False
        self.letters = {sign.translate(DIGITS) for sign in text if sign in "ᵢⱼₖₘ"} | ({"l"} if "⁽ˡ⁾" in text else set())
        self.evaluate = self.comparison()
        if self.rest():
            raise SyntaxError(f"{self.text!r} is not understood from {self.rest()!r} on")

    def __call__(self, environment):
        return self.evaluate(environment)

    def frame(self):
        """The functions and sums in it, without those that one number stands for."""
        return re.findall(r"[a-z]+(?=\()|log|[Σ<|½]|∂/∂", re.sub(r"g′?[^\s(]*\(|softmax\([^)]*\)", "", self.text))

    def rest(self):
        return self.text[self.at :].lstrip()

    def take(self, sign):
        """Whether the sign comes next, which is then behind."""
        if not self.rest().startswith(sign):
            return False
        self.at = len(self.text) - len(self.rest()) + len(sign)
        return True

    def match(self, pattern):
        found = pattern.match(self.rest())
        if found:
            self.take(found[0])
        return found

    def comparison(self):
        left = self.sum()
        if not self.take("<"):
            return left
        right = self.sum()
        return lambda e: float(left(e) < right(e))

    def sum(self):
        total = self.product()
        while self.rest()[:1] in ("+", "−"):
            by = "−" if self.take("−") else "+" if self.take("+") else ""
            total = together(total, self.product(), by)
        return total

    def product(self):
        result = self.factor()
        while self.rest()[:1] not in ("", "+", "−", ")", ",", "]", "<") and not (self.inside_bars and self.rest()[0] == "|"):
            by = "/" if self.take("/") else "⊙" if self.take("⊙") else "·" if self.take("·") else " "
            result = together(result, self.factor(), by)
        return result

    def factor(self):
        if self.take("−"):
            negative = self.factor()
            return lambda e: -negative(e)
        if found := self.match(SUM):
            letter, first, last = (part.translate(DIGITS) for part in found.groups())
            term = self.product()
            return lambda e: summed(term, e, letter, int(first), last)
        if self.take("∂/∂"):
            name, term = self.symbol(), self.product()
            return lambda e: slope(term, e, name(e))
        return self.behind(self.atom())

    def behind(self, value):
        """What stands close behind a value: a square, a transposition."""
        while self.rest()[:1] in ("²", "ᵀ"):
            value = together(value, value, "·") if self.take("²") else turned(value)
            self.take("ᵀ")
        return value

    def atom(self):
        if self.take("("):
            more = re.match(r"… [\d,]+ more: ", self.rest())
            self.take(more[0] if more else "")
            return self.closed(")")
        if self.take("|"):
            self.inside_bars = True
            inside = self.closed("|")
            self.inside_bars = False
            return lambda e: abs(inside(e))
        if self.take("½"):
            half = self.factor()
            return lambda e: half(e) * 0.5
        if found := self.match(re.compile(r"⟦(\d+)⟧")):
            return self.matrix(self.grids[int(found[1])])
        if found := self.match(re.compile(r"\[([^\[\]<]*)\]")):
            return self.matrix([re.split(r"  +", found[1])])
        if self.take("["):
            return self.closed("]")
        if found := self.match(NUMBER):
            x = float(found[0].replace("−", "-")) if self.exact else printed(found[0])
            return self.leaf(lambda e: x)
        if self.take("∂"):
            above, _, below = self.symbol(), self.take("/∂"), self.symbol()
            return self.leaf(lambda e: e.derivative(above(e), below(e)))
        return self.applied_symbol()

    def leaf(self, value, before=None):
        """A part that one number stands for, with all that is in it from this leaf on."""
        self.leaves[len(self.leaves) if before is None else before :] = [value]
        return value

    def closed(self, sign):
        inside = self.comparison()
        if not self.take(sign):
            raise SyntaxError(f"{sign} is missing in {self.text!r} before {self.rest()!r}")
        return inside

    def matrix(self, cells):
        if any(cell in "⋯⋮⋱" for row in cells for cell in row):
            return lambda e: e.whole(cells)
        numbers = [[Formula(cell) for cell in row] for row in cells]
        return lambda e: np.array([[cell(e) for cell in row] for row in numbers], dtype=object)

    def symbol(self):
        """The name of a symbol: its letter, its indices and its layer."""
        found = self.match(SYMBOL)
        if not found:
            raise SyntaxError(f"a symbol is missing in {self.text!r} before {self.rest()!r}")
        letter, prime, below, layer, prime_behind = found.groups()
        indices = split_indices(letter, below)
        above = layer.strip("⁽⁾").translate(DIGITS) if layer else ""
        return lambda e: (letter + (prime or prime_behind), *e.indices(indices), *([f"({e.layer(above)})"] if above else []))

    def applied_symbol(self):
        begin = self.rest()
        name = self.symbol()
        letter = re.match(r"[a-zδση]+|[CW]", begin)[0]
        if not self.text[self.at :].startswith("("):
            if letter == "log":
                argument = self.factor()
                return lambda e: applied(autograd_lite.log, argument(e))
            if re.match(r"n\)(?! Σᵢ)", begin):  # not a mean over the samples: one over the output nodes
                return self.leaf(lambda e: e.model.layers[-1].nout)
            return self.leaf(lambda e: e.number(name(e)))
        self.take("(")
        before = len(self.leaves)
        arguments = [self.comparison()]
        while self.take(","):
            arguments.append(self.comparison())
        self.take(")")
        if letter in ("C", "a", "z"):  # a composition: what it is of is said, not how it is computed
            return self.leaf(lambda e: e.number(name(e)), before)
        if letter == "softmax":
            index = self.match(re.compile(rf"[{INDEX}]+"))[0].translate(DIGITS)
            return self.leaf(lambda e: softmax(arguments[0](e))[e.indices([index])[0]], before)
        result = lambda e: e.function(name(e))(*(argument(e) for argument in arguments))  # noqa: E731
        return self.leaf(result, before) if letter == "g" else result


def split_indices(letter, below):
    """The indices below a letter: those of a weight are parted by a comma where they have two digits."""
    parts = below.split(",") if "," in below else list(below) if letter == "w" else re.findall("[₀-₉]+|[ᵢⱼₖₘ]", below)
    return [part.translate(DIGITS) for part in parts]


def together(left, right, by):
    """Two formulas with a sign between them; a space is the product of numbers, or of matrices."""
    return lambda e: computed(left(e), right(e), by)


def turned(matrix):
    return lambda e: matrix(e).T


def computed(a, b, by):
    if by in "+−":
        return a + b if by == "+" else a - b
    if by == "/":
        return a / b
    return a.dot(b) if by == " " and isinstance(a, np.ndarray) and isinstance(b, np.ndarray) else a * b


def softmax(column):
    return autograd_lite.softmax(list(column[:, 0]))


def summed(term, environment, letter, first, last):
    """The sum over an index, up to the last one that the model has where that is n − 1."""
    total, i = None, first
    while last == "n-1" or i <= int(last):
        try:
            x = term(environment.where(letter, i))
        except UnknownError:
            break
        total, i = x if total is None else total + x, i + 1
    assert total is not None
    return total


def slope(term, environment, name):
    """The derivative of a term by one symbol, all others being constant."""
    leaf = Value(environment.number(name))
    result = term(environment.instead(name, leaf))
    if not isinstance(result, Value):
        return 0.0
    result.backward()
    return leaf.grad


# An equation


def is_whole(side):
    """Whether nothing is left out of a side: what is, is counted, and its sum given."""
    return not re.search(r"…(?! [\d,]+ more: )|⋯", re.sub(r"\[[^\[\]]*\]", "", side))


def hold(equation, grids, environment):
    """Raise if the sides of an equation are not equal; how many of its numbers were compared with the engine's."""
    compared = held = 0
    formulas = [Formula(side, grids) for side in equation.sides if is_whole(side)]
    for side in equation.sides:  # of what is left out nothing is known but how much it is
        assert is_whole(side) or not re.search(r"\d\.\d", side), side
    for e in environment.of_each(formulas[0], "".join(equation.sides)):
        try:
            values = [formulas[0](e.after if equation.assigned else e)]
        except UnknownError:
            continue
        held += 1
        values += [formula(e) for formula in formulas[1:]]
        true = next((v for f, v in zip(formulas, values, strict=True) if f.exact), None)
        for formula, x in zip(formulas, values, strict=True):
            near(x, values[-1] if true is None else true, equation, formula.text)
            for alike in formulas if not formula.exact else []:
                leaves_are_near(alike, formula, e, equation)
            compared += 0 if true is None or formula.exact else formula.numbers
    assert held, f"no node of the model is meant by {equation}"
    return compared


def leaves_are_near(symbols, numbers, environment, equation):
    """Raise if a number does not stand for the symbol in its place, in two formulas that are alike but for these."""
    if not symbols.exact or symbols.frame() != numbers.frame() or not len(symbols.leaves) == len(numbers.leaves) > 1:
        return
    for leaf, number in zip(symbols.leaves, numbers.leaves, strict=True):
        printed_one, true = number(environment), leaf(environment)
        if not isinstance(printed_one, np.ndarray):
            near(abs(printed_one), abs(true), equation, numbers.text)  # the sign is before it


def near(x, true, equation, text):
    if np.size(x) > 1 or np.size(true) > 1:
        assert np.shape(x) == np.shape(true), (equation, text)
        for one, other in zip(np.ravel(x), np.ravel(true), strict=True):
            near(one, other, equation, text)
        return
    x, true = (About.of(np.ravel(side)[0] if isinstance(side, np.ndarray) else side) for side in (x, true))
    assert abs(x.value - true.value) <= (x.error + true.error) * 1.001 + 1e-9 * abs(true.value) + 1e-12, (
        equation,
        text,
        x,
        true,
    )
