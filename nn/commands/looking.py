"""Looking at a network: the story of one weight, and what a file holds."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from random import Random
from typing import Any, Final

from autograd_lite.basics.command_line import UsageError
from autograd_lite.basics.escaping import in_terminal
from autograd_lite.basics.wording import counted, function_name
from nn.documents.walk import walk
from nn.files.model_file import load
from nn.layers import MLP, Layer
from nn.module import Module

FEW: Final = 6  # neurons of a layer, and weights of a neuron, that are shown where not all are asked for
DIGITS: Final = 4


def explain_weight(options: argparse.Namespace) -> int:
    """Print the story of one weight of a network with random weights."""
    random = Random(options.seed)
    try:
        nin, *nouts = options.sizes
        settings = {"activation": options.activation, "output_activation": options.output_activation}
        model = MLP(nin, nouts, **settings, bias=options.bias, seed=random)
        x = options.x or [round(random.uniform(-1, 1), 2) for _ in range(nin)]
        y = options.y or [float(j == min(1, nouts[-1] - 1)) for j in range(nouts[-1])]
        story = walk(
            model,
            x,
            y,
            weight=tuple(options.weight),
            loss=options.loss,
            lr=options.lr,
            steps="short" if options.short else "all",
            layers="letters" if options.letters else "numbers",
            numbers=not options.symbols,
            limit=options.limit,
        )
    except (ValueError, ArithmeticError) as error:
        raise UsageError(" ".join(str(error).split())) from error
    print(f"{'-'.join(map(str, options.sizes))}, {options.activation}, {options.output_activation} at the output")
    print(f"x = {x}, y = {y}\n\n\n{story}")
    return 0


def show_model(options: argparse.Namespace) -> int:
    """Print a saved model: its shapes, and a few of its weights or all."""
    try:
        model = load(options.file)
    except FileNotFoundError as error:
        raise UsageError(f"no file {options.file}") from error
    except (OSError, TypeError, ValueError) as error:
        raise UsageError(str(error)) from error
    few = None if options.full else FEW
    digits = options.precision or (None if options.full else DIGITS)
    if not options.full:
        print(f"{type(model).__name__} of {counted(len(model.parameters()), 'parameter', ',')}")
    for line in shown_parts(model, few, digits):
        print(in_terminal(line))
    return 0


def shown_parts(model: Module, few: int | None, digits: int | None) -> Iterator[str]:
    """The lines of a model, part by part.

    Arguments:
        model: a model that a file can hold.
        few: how many neurons of a layer, and weights of a neuron, to show; None: all.
        digits: the significant digits of a number; None: as many as tell it from all others.
    """
    index = 0
    stack = [model]
    while stack:
        part = stack.pop()
        children = [] if isinstance(part, Layer) else [child for _, child in part.named_children()]
        if isinstance(part, Layer):
            index += 1
            yield from shown_layer(part, index, few, digits)
        elif children:
            stack += reversed(children)
        else:
            yield repr(part)


def shown_layer(layer: Layer, index: int, few: int | None, digits: int | None) -> Iterator[str]:
    """The lines of a layer: what it is, and its neurons."""

    def written(number: Any) -> str:
        return repr(number) if digits is None else f"{number:.{digits}g}"

    without = "" if layer.has_bias else ", no bias"
    sizes = f"{counted(layer.nin, 'input')}, {counted(layer.nout, 'neuron')}"
    shape = "" if few is None else f"; weight {layer.nout} × {layer.nin}" + (f", bias {layer.nout}" if layer.has_bias else "")
    yield f"layer {index}: {sizes}, {function_name(layer.activation)}{without}{shape}"
    for j, neuron in enumerate(layer.neurons[:few]):
        weights = " ".join(written(w.data) for w in neuron.w[:few])
        more = f" … {layer.nin - few} more" if few is not None and layer.nin > few else ""
        yield f"  neuron {j}: weights {weights}{more}" + ("" if neuron.b is None else f"; bias {written(neuron.b.data)}")
    if few is not None and layer.nout > few:
        yield f"  … {counted(layer.nout - few, 'neuron')} more: --full prints all"
