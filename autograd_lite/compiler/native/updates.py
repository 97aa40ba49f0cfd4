"""The end of a training step: the update of all parameters by the optimizer's formula."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Sequence
from itertools import accumulate
from typing import NamedTuple

from autograd_lite.compiler.native import fixed
from autograd_lite.compiler.native.ahead import FirstProduct, take_first_product
from autograd_lite.compiler.native.assembly import Assembly, Instruction
from autograd_lite.compiler.native.generated import update_kernel
from autograd_lite.compiler.native.state import MEAN_FACTOR
from autograd_lite.compiler.native.strips import Products, take_products, take_strips
from autograd_lite.compiler.update import UpdateRule


class UpdatePlaces(NamedTuple):
    """The places of what an update reads and changes."""

    parameters: int
    rate: int
    steps: int
    largest_norm: int
    buffers: list[int]  # of the optimizer, each with a number for each parameter
    changed: list[bool]  # for each of them whether a rule changes it


class UpdateWriter:
    """Lets a program that gives the gradient by its first argument end with an update of that argument's numbers.

    Arguments:
        assembly: the program.
        rules: the formula and the number of parameters of each group of them, in order.

    Attributes:
        places: of what is read and changed.
    """

    def __init__(self, assembly: Assembly, rules: Sequence[tuple[UpdateRule, int]]) -> None:
        self.assembly, layout = assembly, assembly.layout
        self.gradients, self.count, _ = assembly.results
        self.rules = [rule for rule, _ in rules]
        self.edges = [0, *accumulate(several for _, several in rules)]  # where each group begins, and the end of all
        rate, steps, largest_norm = (layout.allocate(1, False) for _ in range(3))
        buffers = [layout.allocate(self.count, False) for _ in self.rules[0].changed]
        changed = [*map(any, zip(*(rule.changed for rule in self.rules), strict=True))]
        self.places = UpdatePlaces(layout.arguments[0], rate, steps, largest_norm, buffers, changed)

    def write(self, clip_norm: float | None, batch: int) -> None:
        """Write the update, in the way that takes the least time.

        Arguments:
            clip_norm: the largest norm of the gradient, which must then be known as a whole before the update.
            batch: how many samples a step has.
        """
        assembly = self.assembly
        if clip_norm is not None:
            norm = {"gradient": self.gradients, "count": self.count, "largest": self.places.largest_norm}
            assembly.emit(assembly.after, fixed.clip_norm, **norm)
        elif (products := take_products(assembly, batch, self.edges)) is not None:
            self.write_products(products)
            return
        elif (strips := take_strips(assembly, batch)) is not None:
            scratch, several = strips
            for strip in several:
                assembly.inside += strip.instructions
                self.emit_stretch(assembly.inside, strip.begin, strip.end, scratch)
            return
        self.emit_stretch(assembly.after, 0, self.count, self.gradients)

    def write_products(self, products: list[Products]) -> None:
        """Update parameters whose gradient is made where it is used; the first layer's last, see `ahead`."""
        parameters = range(self.places.parameters, self.places.parameters + self.count)
        rests = all(rule.rests for rule in self.rules)
        first = take_first_product(self.assembly, products, parameters) if rests else None
        for some in products:
            if first is None or some is not first.gradient:
                self.emit_products(self.assembly.inside, some)
        if first is not None:
            self.write_first_product(first)

    def write_first_product(self, first: FirstProduct) -> None:
        """Multiply the weights of a layer by the inputs of the next sample while they are updated; see `ahead`.

        Before the very first step that is done to a copy of the weights, by a gradient of 0 and with a rate of 0.
        """
        assembly, rows, layout = self.assembly, first.gradient, self.assembly.layout
        size = (rows.rows - 1) * rows.row_stride + rows.columns
        weights, copied = self.places.parameters + rows.first, layout.allocate(size, False)
        nothing, following = layout.allocate(1, False), layout.allocate(rows.columns, False)
        buffers = [
            layout.allocate(size, False) if is_changed else place + rows.first
            for place, is_changed in zip(self.places.buffers, self.places.changed, strict=True)
        ]
        part = assembly.once
        part.append(first.load_next(first.inputs))
        assembly.emit(part, fixed.copy, out=copied, out_stride=1, a=weights, a_stride=1, count=size)
        still = {"a": nothing, "a_stride": 0, "rate_place": nothing, "steps_place": MEAN_FACTOR, "numbers": copied}
        self.emit_products(part, rows, **first.fields, following=first.inputs, **still, **named(buffers))
        part = assembly.inside
        part.append(first.load_next(following))
        self.emit_products(part, rows, **first.fields, following=following)
        assembly.emit(part, fixed.copy, out=first.inputs, out_stride=1, a=following, a_stride=1, count=rows.columns)

    def emit_products(self, part: list[Instruction], some: Products, **fields: int) -> None:
        """Update the parameters of some rows."""
        size = {"row_stride": some.row_stride, "rows": some.rows, "columns": some.columns}
        rule = self.rules[bisect(self.edges, some.first) - 1]
        self.emit(part, rule, some.first, **(size | some.factors | fields))

    def emit_stretch(self, part: list[Instruction], begin: int, end: int, place: int) -> None:
        """Update a stretch of the parameters; the gradient of the first of them is at a place."""
        for rule, *group in zip(self.rules, self.edges, self.edges[1:], strict=False):
            first, last = max(begin, group[0]), min(end, group[1])
            if first < last:
                self.emit(part, rule, first, gradients=place + first - begin, count=last - first)

    def emit(self, part: list[Instruction], rule: UpdateRule, first: int, **fields: int) -> None:
        """Update parameters from number `first` on by a rule."""
        places, gradient = self.places, {"of_products": "rows" in fields, "looks_ahead": "following" in fields}
        kernel = update_kernel(rule.source, rule.namespace, rule.changed, **gradient)
        usual = {"numbers": places.parameters + first, "rate_place": places.rate, "steps_place": places.steps}
        buffers = named([buffer + first for buffer in places.buffers])
        self.assembly.emit(part, kernel, **(usual | buffers | fields))


def named(buffers: Sequence[int]) -> dict[str, int]:
    """The fields of the places of buffers."""
    return {f"buffer{i}": buffer for i, buffer in enumerate(buffers)}
