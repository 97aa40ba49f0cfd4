"""The many operands of one node, kept as one thing that several nodes can share.

A variadic operation (`sum`, `dot`) takes a sequence of operands. The node keeps it as a `Bundle`. The neurons of a layer share
the bundle of their inputs, and a neuron's weights are one bundle for all samples; so a graph of a network is small, and the
numbers in a bundle need to be read only once in a sweep.
"""

from __future__ import annotations

from typing import Any, Final, NoReturn, TypeVar

from autograd_lite.primitive import CONSTANT

Operand = TypeVar("Operand")


class Bundle(tuple[Operand, ...]):
    """The operands of a variadic primitive, each known to be a Value.

    It adds to lists as a list does, so that `neuron.w + [neuron.b]` is one of all parameters.

    A bundle equals only itself, as a Value does: which bundle it is matters, since it is a key while a graph is walked.
    """

    __slots__ = ()
    __eq__, __hash__ = object.__eq__, object.__hash__

    def __add__(self, other: Any) -> Any:
        return [*self, *other] if isinstance(other, list) else super().__add__(other)

    def __radd__(self, other: Any) -> Any:
        return [*other, *self] if isinstance(other, list) else NotImplemented

    def __setitem__(self, place: Any, value: Any) -> NoReturn:
        raise TypeError(
            f"w[{place!r}] = {value!r}: graphs refer to these Values, so they stay. Set the number, w[{place!r}].data = …; or "
            "give a neuron others, neuron.w = [*neuron.w[:k], value, *neuron.w[k + 1:]]"
        )

    # A walk over a graph asks operands these things, and a bundle answers as a Value does: whether it is a constant, whether it
    # is a leaf, and whether a leaf has a gradient.
    primitive: Any = None
    first: Any = ()


class Constants(Bundle[Any]):
    """A bundle of operands that were all plain numbers. No gradient flows into it, and nothing lies behind it."""

    __slots__ = ()
    primitive, first, grad = CONSTANT, None, 0


BUNDLES: Final = frozenset({Bundle, Constants})  # asking this for a type is quicker than `isinstance` (benchmark engine)


class BundleNumbers(dict[Bundle[Any], list[Any]]):
    """The numbers in each bundle, read when first asked for: one such dictionary serves one sweep over a graph."""

    __slots__ = ()

    def __missing__(self, bundle: Bundle[Any]) -> list[Any]:
        numbers = self[bundle] = [value._data for value in bundle]
        return numbers
