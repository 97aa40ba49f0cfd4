"""The gradient through a layer as a whole, and not weight by weight.

A layer of m neurons with n inputs is m dot products of one bundle of inputs, with a bundle of weights each. Taken apart, its
gradient has m·n products by the weights and as many by the inputs. As a whole it is an outer product, which stays a pair of
bundles, and for each input one dot product: so a recording of a network grows with its neurons, and not with its weights.

This is the one place besides the native backend that knows an operation by name: by `dot` a layer is known.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from operator import is_
from typing import Any, Final

from autograd_lite.bundles import BUNDLES, Bundle
from autograd_lite.evaluation import is_finite
from autograd_lite.gradients import plus, times
from autograd_lite.operands import as_bundle
from autograd_lite.ops import TABLE, dot
from autograd_lite.order import topological_order
from autograd_lite.primitive import Primitive
from autograd_lite.value import Value

DOT: Final[Primitive] = TABLE["dot"].primitive


class Bulk:
    """What the walk of `gradients_of` puts aside for many operands at once.

    Attributes:
        weights: for each bundle that is differentiated by as a whole its terms: the gradient of a node, and the node's local
            derivatives by the bundle. The derivative by weight k is the sum of all gradient · locals[k].

    Arguments:
        whole: these bundles.
    """

    def __init__(self, whole: Iterable[Bundle[Any]]) -> None:
        self.weights: dict[Bundle[Any], list[tuple[Any, Sequence[Any]]]] = {bundle: [] for bundle in whole}
        self._waiting: dict[Bundle[Any], list[tuple[Any, Sequence[Any]]]] = {}
        self._bundles_of: dict[Value, list[Bundle[Any]]] = defaultdict(list)

    def depends(self, node: Value) -> bool:
        """Whether a node was computed from such a bundle."""
        return any(type(operand) is Bundle and operand in self.weights for operand in node.operands)

    def take(self, node: Value, gradient: Any, depends: Collection[Value]) -> set[int]:
        """Put aside what a node passes on to bundles; gives the positions of these operands."""
        taken: set[int] = set()
        if node.primitive is not DOT:
            return taken
        for position, operand in enumerate(node.operands):
            if type(operand) is not Bundle:
                continue
            is_weights = operand in self.weights
            if is_weights or any(value in depends for value in operand):
                derivative = DOT.derivatives[position]
                assert derivative is not None
                term = gradient, derivative(node, *node.operands)
                taken.add(position)
                if is_weights:
                    self.weights[operand].append(term)
                    continue
                if operand not in self._waiting:
                    self._waiting[operand] = []
                    for value in operand:
                        if value in depends:
                            self._bundles_of[value].append(operand)
                self._waiting[operand].append(term)
        return taken

    def settle(self, value: Value, gradients: dict[Value, Any]) -> None:
        """Sum up what was put aside for a value whose gradient is wanted now, and for those in one bundle with it."""
        for bundle in self._bundles_of.pop(value, ()):
            terms = self._waiting.pop(bundle, [])[::-1]  # the neurons in their order
            if terms:
                passed = as_bundle([gradient for gradient, _ in terms])
                for k, member in enumerate(bundle):
                    if member is value or member in self._bundles_of:
                        column = [locals_[k] for _, locals_ in terms]
                        term = dot(passed, column) if len(terms) > 1 else times(terms[0][0], column[0])
                        gradients[member] = plus(gradients.get(member), term)

    def settle_all(self, gradients: dict[Value, Any]) -> None:
        """Sum up what is still put aside."""
        for value in list(self._bundles_of):
            self.settle(value, gradients)


def whole_bundles(outputs: Sequence[Value], inputs: Sequence[Value]) -> dict[int, Bundle[Any]]:
    """The bundles of inputs that a gradient can be taken by as a whole, by the place of their first input.

    Each is a stretch of the inputs, none of its values is used anywhere else, and the products that it is in are finite.
    """
    bundles: dict[Bundle[Any], None] = {}
    alone: set[Any] = set()  # what is an operand by itself, or in a bundle of another operation
    for node in topological_order(*outputs):
        for operand in node.operands:
            if type(operand) in BUNDLES and node.primitive is DOT and is_finite(node.data):
                bundles[operand] = None
            elif type(operand) in BUNDLES:
                alone.update(operand)
            else:
                alone.add(operand)
    firsts = {bundle[0]: bundle for bundle in bundles if bundle}
    starts = {firsts[value]: place for place, value in enumerate(inputs) if value in firsts}
    stretches = {
        bundle: start for bundle, start in starts.items() if all(map(is_, bundle, inputs[start : start + len(bundle)]))
    }
    for bundle in bundles:
        if bundle not in stretches:
            alone.update(bundle)
    found: dict[int, Bundle[Any]] = {}
    end = 0
    for bundle, start in sorted(stretches.items(), key=lambda item: item[1]):
        if start >= end and start + len(bundle) <= len(inputs) and alone.isdisjoint(bundle):
            found[start] = bundle
            end = start + len(bundle)
    return found
