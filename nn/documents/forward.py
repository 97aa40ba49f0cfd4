"""The forward pass in formulas: the input and output of a node (D1, D2), the loss (D3) and what it is composed of."""

from __future__ import annotations

from autograd_lite.basics.wording import function_name
from autograd_lite.notation import latex_name
from nn.documents.layout import Block, Equation, chosen, written, written_numbers
from nn.documents.letters import Letters
from nn.documents.loss_formulas import WHERE, LossFormulas
from nn.documents.passes import Pass
from nn.notation import Formula, applied, beside, equals, factor, join, number, plus, product, symbol, total


def weighted_sum(letters: Letters, l: int, j: int | str, size: int, biased: bool, letter: str = "k") -> Formula:
    """Σ_k w_jk a_k (+ b_j)."""
    terms = total(letter, letters.count(size), beside(letters.w(l, j, letter), letters.a(l - 1, letter)))
    return plus([terms, letters.b(l, j)]) if biased else terms


def function_names(sample: Pass, letters: Letters, l: int) -> Formula:
    """Which activation function g is in a layer, and where the nodes of a layer differ, at which node."""
    names = [function_name(neuron.activation) for neuron in sample.parameters.neurons[l]]
    shown = chosen(len(names), letters.style.limit) if letters.of_node[l] else [0]
    named = written(lambda j: equals([letters.g(l, j), Formula(names[j], latex_name(names[j]))]), shown)
    return join(named, ", ", ", ")


def node_equations(sample: Pass, letters: Letters, l: int, j: int, keep: int | None = None) -> list[Equation]:
    """z and a of one node (D1, D2); `keep` is the node before it that has to be among those written."""
    neuron = sample.parameters.neurons[l][j]
    weights, inputs, biased = sample.parameters.W[l][j], sample.a[l - 1], neuron.b is not None
    size, style = len(inputs), letters.style
    shown = chosen(size, style.limit, keep)
    terms = written(lambda k: beside(letters.w(l, j, k), letters.a(l - 1, k)), shown)
    of_z = [weighted_sum(letters, l, j, size, biased), plus([*terms, *([letters.b(l, j)] if biased else [])])]
    of_a = [applied(letters.g(l, j), letters.z(l, j))]
    if style.numbers:
        products = [w * a for w, a in zip(weights, inputs, strict=True)]
        numbers = written_numbers(lambda k: product([factor(weights[k]), factor(inputs[k])]), products, shown)
        offset = [factor(sample.parameters.b[l][j])] if biased else []
        of_z += [plus([*numbers, *offset]), number(sample.z[l][j])]
        name = function_name(neuron.activation)
        of_a += [applied(Formula(name, latex_name(name)), number(sample.z[l][j])), number(sample.a[l][j])]
    return [Equation(letters.z(l, j), of_z), Equation(letters.a(l, j), of_a, together=True)]


def loss_equations(formulas: LossFormulas) -> Block:
    """The loss as the sum over the output nodes, in symbols and in numbers (D3)."""
    style, size = formulas.letters.style, formulas.size
    value = [number(formulas.sample.loss)] if style.numbers else []
    if not formulas.has_terms:
        outputs = [formulas.letters.a(formulas.letters.depth, j) for j in chosen(size, style.limit)]
        return [Equation(formulas.name, [applied(formulas.name, *outputs), *value])]
    shown = chosen(size, style.limit)
    steps = [
        total("j", formulas.letters.count(size), formulas.term_name()),
        formulas.whole(),
        plus(written(formulas.term, shown)),
    ]
    if style.numbers:
        values = [formulas.term_value(j) for j in range(size)]
        steps += [
            plus(written_numbers(part, values, shown)) for part in (formulas.term_of_numbers, lambda j: factor(values[j]))
        ]
    where = [WHERE[formulas.loss]] if formulas.loss in WHERE else []
    return [Equation(formulas.name, list(dict.fromkeys([*steps, *value]))), *where]


def composition_block(formulas: LossFormulas, kind: str, l: int, j: int) -> Block:
    """What one output node has in the loss, and of what that is composed."""
    of_term = [Equation(formulas.term_name(), [formulas.term("j")])] if formulas.is_separable else []
    any_output = l == formulas.letters.depth and formulas.is_separable
    return [*of_term, composition(formulas, kind, l, "j" if any_output else j)]


def composition(formulas: LossFormulas, kind: str, l: int, j: int | str) -> Equation:
    """The loss as a function of a function of … what it is differentiated by: C₀ⱼ = C₀ⱼ(aⱼ(zⱼ(wⱼ))).

    Arguments:
        formulas: those of the loss.
        kind: "weight", "bias", "input" or "activation".
        l, j: whose.
    """
    letters = formulas.letters
    innermost = {"weight": symbol("w", j, layer=letters.layer(l)), "bias": letters.b(l, j)} if l else {}
    inside: Formula | None = innermost.get(kind)
    for m in range(l, letters.depth + 1):
        node: tuple[int | str, ...] = (j,) if m == l else ()
        if m == letters.depth and formulas.is_separable and m > l:
            node = ("j",)
        if not (m == l and kind == "activation"):
            z = letters.z(m, *node)
            inside = z if inside is None else applied(z, inside)
        a = letters.a(m, *node)
        inside = a if inside is None else applied(a, inside)
    name = formulas.term_name() if formulas.is_separable else formulas.name
    if inside is None:
        return Equation(name, [])
    arguments = [inside]
    if l == letters.depth and isinstance(j, int):  # a loss that is no sum takes the other outputs too
        own = inside
        arguments = written(lambda i: own if i == j else letters.a(l, i), chosen(formulas.size, letters.style.limit, j))
    return Equation(name, [applied(name, *arguments)])
