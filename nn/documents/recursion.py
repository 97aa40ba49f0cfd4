"""The recursion of the error vectors on a page: each layer's formulas in a box, and below it the same in numbers (D12 to D14)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from nn.documents.averages import average
from nn.documents.grids import Grid, boxed, column, in_a_row, matrix, matrix_equation, row, shown_of
from nn.documents.layout import Block
from nn.documents.letters import Letters
from nn.documents.loss_formulas import LossFormulas
from nn.documents.matrices import Matrix, Vector, transpose
from nn.documents.passes import Pass
from nn.notation import Formula, applied, beside, equals, join, partial, remark, symbol, total, transposed


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
    page: list[Block] = [_forward(layers, letters)] if letters.style.numbers else []
    for l in range(depth, 0, -1):
        what = "the output layer" if l == depth else "hidden"
        title = f"layer {letters.layer(l).replace('-', '−')}, {what}"
        box = boxed(_formulas(sample, letters, l, index))
        page.append([title, box, *(_numbers(sample, layers, letters, l, index) if letters.style.numbers else [])])
    return page


def _forward(layers: Sequence[LayerTerms], letters: Letters) -> Block:
    """The numbers that the forward pass left behind."""
    limit = letters.style.limit
    lines: list[str | Formula] = ["forward", matrix_equation(letters.a(0), [[transposed_row(layers[0].a, limit)]])]
    for l in range(1, letters.depth + 1):
        z, a = letters.z(l), letters.a(l)
        lines += [
            matrix_equation(z, [[weighted(letters, l, bool(layers[l].db))], [transposed_row(layers[l].z, limit)]]),
            matrix_equation(a, [[applied(letters.g(l), z)], [transposed_row(layers[l].a, limit)]]),
        ]
    return lines


def transposed_row(vector: Vector, limit: int | None) -> Grid:
    """A vector lying, to save lines: transposed once more, it stands."""
    lying = row(vector, limit)
    return Grid((f"{lying.lines[0]}ᵀ",), f"{lying.latex}^{{\\mathsf{{T}}}}")


def weighted(letters: Letters, l: int, biased: bool) -> Formula:
    """W a (+ b), as matrices."""
    product = beside(symbol("W", layer=letters.layer(l)), letters.a(l - 1))
    return join([product, symbol("b", layer=letters.layer(l))], " + ", " + ") if biased else product


# One layer


def _formulas(sample: Pass, letters: Letters, l: int, index: int) -> list[Formula]:
    """The formulas of one layer, in symbols."""
    delta, W, b = letters.delta(l), symbol("W", layer=letters.layer(l)), symbol("b", layer=letters.layer(l))
    loss, slopes = letters.loss(index), applied(letters.g_prime(l), letters.z(l))
    by_a = partial(loss, letters.a(l))
    if l == letters.depth:
        of_loss = LossFormulas(sample, letters, index).vector_slope()
        error = [equals([by_a, of_loss])] if of_loss else []
        error.append(equals([delta, join([by_a, slopes], " ⊙ ", r" \odot ")]))
    else:
        W_next = transposed(symbol("W", layer=letters.layer(l + 1)))
        error = [equals([delta, join([beside(W_next, letters.delta(l + 1)), slopes], " ⊙ ", r" \odot ")])]
    weights = equals([partial(loss, W), beside(delta, transposed(letters.a(l - 1)))])
    biased = any(neuron.b is not None for neuron in sample.parameters.neurons[l])
    one = equals([partial(letters.z(l, "j"), letters.b(l, "j")), Formula("1", "1")])
    biases = [remark(equals([partial(loss, b), delta]), "since")]
    return [*error, weights, *([join([biases[0], one], " ", r" \ ")] if biased else [])]


def _numbers(
    sample: Pass, layers: Sequence[LayerTerms], letters: Letters, l: int, index: int
) -> list[Formula | str]:
    """The same with the matrices."""
    limit, terms, loss = letters.style.limit, layers[l], letters.loss(index)
    slopes = [sample.slope(l, j) for j in range(len(terms.z))]
    lines: list[Formula | str] = []
    if l == letters.depth:
        lines.append(matrix_equation(partial(loss, letters.a(l)), [[transposed_row(terms.da, limit)]]))
        first: list[Grid] = [column(terms.da, limit)]
    else:
        first = [matrix(transpose(sample.parameters.W[l + 1]), limit), column(layers[l + 1].delta, limit)]
    lines.append(
        matrix_equation(letters.delta(l), [[*first, "⊙", column(slopes, limit)], [column(terms.delta, limit)]])
    )
    outer = [column(terms.delta, limit), row(layers[l - 1].a, limit)]
    W, b = symbol("W", layer=letters.layer(l)), symbol("b", layer=letters.layer(l))
    lines.append(matrix_equation(partial(loss, W), [outer, [matrix(terms.dW, limit)]]))
    if terms.db:
        lines.append(matrix_equation(partial(loss, b), [[transposed_row(terms.db, limit)]]))
    return [*lines, *_left_out(terms, letters, l)]


def _left_out(terms: LayerTerms, letters: Letters, l: int) -> list[str]:
    shown = shown_of(len(terms.dW), len(terms.dW[0]), letters.style.limit)
    return [f"(shown: {shown}; all are in [{l}])"] if shown else []


# Several samples


def averaged_blocks(passes: Sequence[Pass], layers: Sequence[LayerTerms], letters: Letters) -> list[Block]:
    """The page of several samples: their mean loss, and the mean of the derivatives of each layer (D8, D11, D16)."""
    style, count = letters.style, len(passes)
    page: list[Block] = [[average(letters.loss(), letters.loss, [sample.loss for sample in passes], style)]]
    for l in range(letters.depth, 0, -1):
        W, b = symbol("W", layer=letters.layer(l)), symbol("b", layer=letters.layer(l))
        terms = layers[l]
        parts: list[tuple[Formula, Matrix]] = [(letters.a(l), [[x] for x in terms.da]), (W, terms.dW)]
        parts += [(b, [[x] for x in terms.db])] if terms.db else []
        page.append([_mean_equation(letters, by, content, count) for by, content in parts] + _left_out(terms, letters, l))
    return [*page, ["each ∂Cᵢ is the derivative of the loss of one sample; .samples[i] has its recursion"]]


def _mean_equation(letters: Letters, by: Formula, content: Matrix, count: int) -> Formula:
    mean = total("i", None, partial(letters.loss("i"), by))
    sides: list[list[Grid | Formula | str]] = [[Formula(f"(1/n) {mean.text}", rf"\frac{{1}}{{n}} {mean.latex}")]]
    if letters.style.numbers:
        sides.append([matrix(content, letters.style.limit)])
    return matrix_equation(partial(letters.loss(), by), sides)
