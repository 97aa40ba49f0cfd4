"""The gradient through a layer as a whole, and not weight by weight.

A layer of m neurons with n inputs is m dot products of one bundle of inputs, with a bundle of weights each. Taken apart, its
gradient has m·n products by the weights and as many by the inputs. As a whole it is an outer product, which stays a pair of
bundles, and for each input one dot product: so a recording of a network grows with its neurons, and not with its weights.

This is the one place besides the native backend that knows an operation by name: by `dot` a layer is known.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from operator import is_, itemgetter
from typing import Any, Final

from autograd_lite.gradients import plus, times
from autograd_lite.graph.bundles import BUNDLES, Bundle
from autograd_lite.graph.evaluation import is_finite
from autograd_lite.graph.order import topological_order
from autograd_lite.operands import as_bundle
from autograd_lite.ops import TABLE, dot
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
        stretches: see `stretches`; what else is found to be such a bundle is added.
    """

    def __init__(self, whole: Iterable[Bundle[Any]], stretches: dict[Bundle[Any], range]) -> None:
        self.leaves = stretches
        self.weights: dict[Bundle[Any], list[tuple[Any, Sequence[Any]]]] = {bundle: [] for bundle in whole}
        self._waiting: dict[Bundle[Any], list[tuple[Any, Sequence[Any]]]] = {}
        self._bundles_of: dict[Value, list[Bundle[Any]]] = defaultdict(list)
        self._passed_to: dict[tuple[Bundle[Any], bool], bool] = {}

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
            if is_weights or self._is_wanted(operand, depends):
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

    def _is_wanted(self, bundle: Bundle[Any], depends: Collection[Value]) -> bool:
        """Whether something is passed on to a bundle: asked once for all neurons that share it."""
        key = bundle, bool(depends)
        if key not in self._passed_to:
            self._passed_to[key] = any(value in depends for value in bundle)
        return self._passed_to[key]

    def settle(self, value: Value, gradients: dict[Value, Any]) -> None:
        """Sum up what was put aside for a value whose gradient is wanted now, and for those in one bundle with it."""
        for bundle in self._bundles_of.pop(value, ()):
            terms = self._waiting.pop(bundle, [])[::-1]
            if terms:
                places = [self.leaves[row].start for _, row in terms if type(row) is Bundle and row in self.leaves]
                if len(places) == len(terms):  # the neurons in their order, as BLAS needs them
                    terms = [term for _, term in sorted(zip(places, terms, strict=True), key=itemgetter(0))]
                passed = as_bundle([gradient for gradient, _ in terms])
                for member, column in zip(bundle, self._columns([locals_ for _, locals_ in terms]), strict=True):
                    if member is value or member in self._bundles_of:
                        term = dot(passed, column) if len(terms) > 1 else times(terms[0][0], column[0])
                        gradients[member] = plus(gradients.get(member), term)

    def _columns(self, rows: Sequence[Sequence[Any]]) -> Iterator[Bundle[Any]]:
        """The columns of a matrix, which are stretches where the rows are stretches at one distance from each other."""
        starts = [self.leaves[row].start for row in rows if type(row) is Bundle and row in self.leaves]
        regular = len(starts) == len(rows) > 1
        together = range(starts[0], starts[-1] + 1, max(1, starts[1] - starts[0])) if regular else range(0)
        regular = regular and list(together) == starts
        for k, column in enumerate(zip(*rows, strict=True)):
            bundle = as_bundle(column)
            if regular:
                self.leaves[bundle] = range(together.start + k, together.stop + k, together.step)
            yield bundle

    def settle_all(self, gradients: dict[Value, Any]) -> None:
        """Sum up what is still put aside."""
        for value in list(self._bundles_of):
            self.settle(value, gradients)


def stretches(outputs: Iterable[Any], inputs: Sequence[Value]) -> dict[Bundle[Any], range]:
    """The bundles of a graph whose values follow one another among the inputs, with the places of these.

    The weights of a neuron do among the parameters of a model. They need not be looked at one by one, then.
    """
    bundles: dict[Bundle[Any], None] = {}
    for node in topological_order(*(output for output in outputs if isinstance(output, Value))):
        bundles.update((operand, None) for operand in node.operands if type(operand) is Bundle)
    firsts = {bundle[0]: bundle for bundle in bundles if bundle}
    found: dict[Bundle[Any], range] = {}
    end = 0
    for place, value in enumerate(inputs):
        if value in firsts:
            bundle = firsts[value]
            last = place + len(bundle)
            if place >= end and last <= len(inputs) and all(map(is_, bundle, inputs[place:last])):
                found[bundle] = range(place, last)
                end = last
    return found


def whole_bundles(outputs: Sequence[Value], stretches: Mapping[Bundle[Any], range]) -> list[Bundle[Any]]:
    """The stretches that a gradient can be taken by as a whole.

    None of their values is used anywhere else, and the products that they are in are finite.
    """
    bundles: dict[Bundle[Any], None] = {}
    alone: set[Any] = set()  # what is an operand by itself, or in a bundle of another operation
    for node in topological_order(*outputs, leaves=stretches):
        for operand in node.operands:
            if type(operand) is not Bundle:
                alone.update(operand if type(operand) in BUNDLES else (operand,))
            elif node.primitive is not DOT or not is_finite(node.data) or operand not in stretches:
                alone.update(operand)
            else:
                bundles[operand] = None
    return [bundle for bundle in stretches if bundle in bundles and alone.isdisjoint(bundle)]
