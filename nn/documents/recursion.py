"""The recursion of the error vectors on a page: each layer's formulas in a box, and below it the numbers (D12 to D14)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from nn.documents.averages import average
from nn.documents.forward import function_names
from nn.documents.grids import Grid, boxed, column, matrix, matrix_equation, row, shown_of
from nn.documents.layout import DOTS, Block, gaps
from nn.documents.letters import Letters
from nn.documents.loss_formulas import LossFormulas
from nn.documents.matrices import Matrix, Vector, transpose
from nn.documents.passes import Pass
from nn.notation import (
    Formula,
    applied,
    beside,
    difference,
    equals,
    join,
    partial,
    remark,
    symbol,
    total,
    transposed,
    words,
)


@dataclass(frozen=True)
class LayerTerms:
    """What backpropagation gives for one layer: vectors with one entry for each node j, matrices with one row for each.

    Attributes:
        z, a: inputs and outputs of the nodes.
        delta: ∂C₀/∂z, the error vector.
        dW: ∂C₀/∂W.
        db: ∂C₀/∂b; empty without biases.
        da: ∂C₀/∂a.
    """

    z: Vector
    a: Vector
    delta: Vector
    dW: Matrix
    db: Vector
    da: Vector


def recursion_blocks(sample: Pass, layers: Sequence[LayerTerms], letters: Letters, index: int) -> list[Block]:
    """The page of one sample: what went forward, and the layers from the output back."""
    depth = letters.depth
    page: list[Block] = [[_definition(letters, index)], *([_forward(layers, letters)] if letters.style.numbers else [])]
    for l in range(depth, 0, -1):
        box = boxed(_formulas(sample, letters, l, index))
        page.append(
            [_title(sample, letters, l), box, *(_numbers(sample, layers, letters, l, index) if letters.style.numbers else [])]
        )
    return page


def _definition(letters: Letters, index: int | str) -> Formula:
    """δ = ∂C₀/∂z."""
    delta, z = symbol("δ", layer="l"), symbol("z", layer="l")
    line = remark(equals([delta, partial(letters.loss(index), z)]), "the error vector of layer l")
    return Formula(line.text, f"& {line.latex}")


def _title(sample: Pass, letters: Letters, l: int) -> Formula:
    what = "the output layer" if l == letters.depth else "hidden"
    title, functions = words(f"layer {letters.layer_name(l)}, {what}: "), function_names(sample, letters, l)
    return Formula(title.text + functions.text, f"& {title.latex} {functions.latex}")


def _forward(layers: Sequence[LayerTerms], letters: Letters) -> Block:
    """The numbers that the forward pass left behind."""
    limit = letters.style.limit
    lines: list[str | Formula] = ["forward", matrix_equation(letters.a(0), [[lying(layers[0].a, limit)]])]
    for l in range(1, letters.depth + 1):
        z, a = letters.z(l), letters.a(l)
        lines += [
            matrix_equation(z, [[weighted(letters, l, bool(layers[l].db))], [lying(layers[l].z, limit)]]),
            matrix_equation(a, [[applied(letters.g(l), z)], [lying(layers[l].a, limit)]]),
        ]
    return lines


def lying(vector: Vector, limit: int | None) -> Grid:
    """A vector lying, to save lines: transposed once more, it stands."""
    flat = row(vector, limit)
    return Grid((f"{flat.lines[0]}ᵀ",), f"{flat.latex}^{{\\mathsf{{T}}}}")


def weighted(letters: Letters, l: int, biased: bool) -> Formula:
    """W a (+ b), as matrices."""
    product = beside(letters.W(l), letters.a(l - 1))
    return join([product, letters.b(l)], " + ", " + ") if biased else product


# One layer


def _formulas(sample: Pass, letters: Letters, l: int, index: int | str) -> list[Formula]:
    """The formulas of one layer, in symbols."""
    delta, W, b = letters.delta(l), letters.W(l), letters.b(l)
    loss, slopes = letters.loss(index), applied(letters.g_prime(l), letters.z(l))
    by_a = partial(loss, letters.a(l))
    if l == letters.depth:
        formulas = LossFormulas(sample, letters, index)
        of_loss, of_node = formulas.vector_slope(), formulas.general_slope()
        error = [equals([by_a, of_loss])] if of_loss else [equals([of_node.name, of_node.steps[-1]])] if of_node else []
        error.append(equals([delta, join([by_a, slopes], " ⊙ ", r" \odot ")]))
    else:
        from_next = beside(transposed(letters.W(l + 1)), letters.delta(l + 1))
        error = [equals([by_a, from_next])] if isinstance(index, str) else []  # of several samples its mean is printed, too
        error.append(equals([delta, join([from_next, slopes], " ⊙ ", r" \odot ")]))
    weights = equals([partial(loss, W), beside(delta, transposed(letters.a(l - 1)))])
    biased = any(neuron.b is not None for neuron in sample.parameters.neurons[l])
    one = equals([partial(letters.z(l, "j"), letters.b(l, "j")), Formula("1", "1")])
    return [*error, weights, *([remark(equals([partial(loss, b), delta]), "since", one)] if biased else [])]


def _numbers(sample: Pass, layers: Sequence[LayerTerms], letters: Letters, l: int, index: int) -> list[Formula | str]:
    """The same with the matrices."""
    limit, terms, loss = letters.style.limit, layers[l], letters.loss(index)
    slopes = [sample.slope(l, j) for j in range(len(terms.z))]
    lines: list[Formula | str] = []
    if l == letters.depth:
        formulas = LossFormulas(sample, letters, index)
        of_loss: list[list[Grid | Formula | str]] = []
        if formulas.coefficient is not None:
            a, y = (Formula(v.lines[0], v.latex) for v in (lying(terms.a, limit), lying(formulas.targets, limit)))
            of_loss.append([difference(formulas.coefficient, a, y)])
        lines.append(matrix_equation(partial(loss, letters.a(l)), [*of_loss, [lying(terms.da, limit)]]))
        first: list[Grid] = [column(terms.da, limit)]
    else:
        first = [matrix(transpose(sample.parameters.W[l + 1]), limit), column(layers[l + 1].delta, limit)]
    lines.append(matrix_equation(letters.delta(l), [[*first, "⊙", column(slopes, limit)], [column(terms.delta, limit)]]))
    outer = [column(terms.delta, limit), row(layers[l - 1].a, limit)]
    W, b = letters.W(l), letters.b(l)
    lines.append(matrix_equation(partial(loss, W), [outer, [matrix(terms.dW, limit)]]))
    if terms.db:
        lines.append(matrix_equation(partial(loss, b), [[lying(terms.db, limit)]]))
    return [*lines, *left_out(terms.dW, letters, f"[{l}]")]


def left_out(content: Matrix, letters: Letters, place: str) -> list[str]:
    """How much of a matrix is shown, and where the rest is; nothing if it is all."""
    shown = shown_of(len(content), len(content[0]), letters.style.limit)
    return [f"(shown: {shown}; all are in {place})"] if shown else []


# Several samples


def averaged_blocks(
    passes: Sequence[Pass], layers: Sequence[LayerTerms], each: dict[int, list[LayerTerms]], letters: Letters
) -> list[Block]:
    """The page of several samples: their mean loss, and the mean of the derivatives of each layer (D8, D11, D16).

    Arguments:
        passes: the samples.
        layers: the means.
        each: the terms of those samples whose matrices are shown.
        letters: the symbols of the model.
    """
    page: list[Block] = [
        [average(letters.loss(), letters.loss, [sample.loss for sample in passes], letters.style)],
        ["for each sample i, with its own a, z, y and δ", _definition(letters, "i")],
    ]
    for l in range(letters.depth, 0, -1):
        parts: dict[Formula, Callable[[LayerTerms], Matrix]] = {
            letters.a(l): lambda terms: [[x] for x in terms.da],
            letters.W(l): lambda terms: terms.dW,
        }
        if layers[l].db:
            parts[letters.b(l)] = lambda terms: [[x] for x in terms.db]
        equations = [
            _mean_equation(letters, by, content(layers[l]), {i: content(each[i][l]) for i in each}, len(passes))
            for by, content in parts.items()
        ]
        box = boxed(_formulas(passes[0], letters, l, "i"))
        page.append([_title(passes[0], letters, l), box, *equations, *left_out(layers[l].dW, letters, f"[{l}]")])
    return [*page, ["each term is of one sample; .samples[i] has its recursion with its numbers"]]


def _mean_equation(letters: Letters, by: Formula, content: Matrix, each: dict[int, Matrix], count: int) -> Formula:
    mean, limit = total("i", None, partial(letters.loss("i"), by)), letters.style.limit
    sides: list[list[Grid | Formula | str]] = [[Formula(f"(1/n) {mean.text}", rf"\frac{{1}}{{n}} {mean.latex}")]]
    if letters.style.numbers:
        terms: list[Grid | Formula | str] = []
        left_out = gaps(list(each))
        for i, sample in each.items():
            if i in left_out:
                more = Formula(f"({DOTS.text} {left_out[i]:,} more)", rf"\underbrace{{\cdots}}_{{{left_out[i]}\text{{ more}}}}")
                terms += ["+", more]
            terms += ["+", matrix(sample, limit)]
        share = Formula(f"(1/{count}) (", rf"\frac{{1}}{{{count}}} \Big(")
        sides.append([share, *terms[1:], Formula(")", r"\Big)")])
        sides.append([matrix(content, limit)])
    return matrix_equation(partial(letters.loss(), by), sides)
