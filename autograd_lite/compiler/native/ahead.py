"""A step of one sample that takes the first product of the next one.

The weights of a wide layer may be more than the cache holds. A step of one sample needs them twice: for the product with its
inputs, at its beginning, and to be updated, at its end. So each weight is multiplied by the next sample's inputs while it is
updated, and all weights are read once a step. An optimization (`python -m benchmarks mnist`).

The product of the very first step is taken by the same machine code, from a copy of the weights that is updated at a rate of 0.
So it is the same to the bit, and it does not matter how many steps a call makes.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from autograd_lite.compiler.native import fixed
from autograd_lite.compiler.native.assembly import Assembly, Instruction
from autograd_lite.compiler.native.strips import Products, fields_of

LARGE: Final = 1 << 15  # weights: fewer of them stay in the cache from one step to the next


class FirstProduct(NamedTuple):
    """The product of a layer's weights with what a sample has.

    Attributes:
        gradient: that by the weights.
        load: the instruction that takes the inputs of a sample.
        inputs: where they are.
        fields: of the product: where its results are, and its offsets.
    """

    gradient: Products
    load: Instruction
    inputs: int
    fields: dict[str, int]

    def load_next(self, out: int) -> Instruction:
        """The instruction that takes the inputs of the next sample."""
        kernel, _ = self.load
        return kernel, kernel.pack(fields_of(self.load) | {"out": out, "is_next": 1})


def take_first_product(assembly: Assembly, products: list[Products], parameters: range) -> FirstProduct | None:
    """Take the product that the step before can take out of a program, with its inputs; None where there is none.

    Arguments:
        assembly: the program.
        products: its whole gradient, which is updated product by product.
        parameters: the places of what is updated.
    """
    loads = {fields_of(i)["out"]: i for i in assembly.inside if i[0] in (fixed.load, *fixed.LOADS.values())}
    for product in assembly.inside:
        fields = fields_of(product)
        if product[0] is fixed.matrix_product_by_sample and fields["vector"] in loads and is_of_parameters(fields, parameters):
            own = (some for some in products if is_gradient_of(fields, some, parameters.start))
            gradient, load = next(own, None), loads[fields["vector"]]
            if gradient is not None and fields_of(load)["count"] == fields["columns"]:  # else it is of a part of a sample
                assembly.inside[:] = [i for i in assembly.inside if i is not product and i is not load]
                offset = {name: fields[name] for name in ("offset", "offset_stride")}
                if fields["offset"] < 0:
                    offset = {"offset": assembly.layout.allocate(1, False), "offset_stride": 0}  # a number that stays 0
                return FirstProduct(gradient, load, fields["vector"], {"out": fields["out"], **offset})
    return None


def is_of_parameters(fields: dict[str, Any], parameters: range) -> bool:
    """Whether a product is of parameters alone, and of enough of them."""
    first, last = fields["offset"], fields["offset"] + (fields["rows"] - 1) * fields["offset_stride"]
    own_offsets = first < 0 or (first in parameters and last in parameters)
    return own_offsets and fields["matrix"] in parameters and fields["rows"] * fields["columns"] >= LARGE


def is_gradient_of(fields: dict[str, Any], some: Products, parameters: int) -> bool:
    """Whether these rows are the gradient by the matrix of a product, and can be taken while its results are replaced."""
    matrix = {"matrix": parameters + some.first, "row_stride": some.row_stride, "rows": some.rows, "columns": some.columns}
    inputs = {"b": fields["vector"], "b_row": 0, "b_stride": 1}
    results = range(fields["out"] - (some.rows - 1) * some.factors["a_stride"], fields["out"] + some.rows)
    return fields.items() >= matrix.items() and some.factors.items() >= inputs.items() and some.factors["a"] not in results
