"""The gradient as a graph: what `backward` computes in numbers, recorded as operations, so that it can be differentiated again.

`gradients_of` walks the sorted graph from its end, as `backward` does, but calls each derivative with Values. So the local
derivatives, the products and the sums are nodes themselves. `tangents_of` does the same from the inputs on: forward mode. Most
of what else is here is for choices and infinite slopes; the rest is for loops, and for gradients that the compiler computes
many at once (`Aside`).

Take sqrt(relu(x)) at x = -1. The slope of sqrt at 0 is infinite, but relu is off, and so nothing arrives at x: `backward`
passes nothing on where the local derivative of an operation that chooses is 0. A recorded graph may be run again at other
numbers, where relu is on. So the choice itself is recorded: by `gated`, a product that is 0 where its first factor is 0.

Take where(x > 0, sqrt(x), x) at x = 0. The gradient that `where` gives sqrt is 0, and the slope of sqrt is infinite. `backward`
does not ask sqrt at all, since no gradient has arrived there. In a recorded graph, what a node passes on is put under the
condition that its gradient arrives, if the node's local derivatives may be infinite. See `Arrivals`.

Whether they may be is asked of the operations, and not only of the current numbers: in a derivative of sqrt(relu(x)) there
is a factor 1/(·), finite where it was recorded at x = 1, and infinite at x = -1. See `may_be_infinite`.
"""

from __future__ import annotations

from collections.abc import Collection, Container, Iterable, Sequence
from typing import Any, Final, Protocol

from autograd_lite.graph.bundles import BUNDLES, Bundle
from autograd_lite.graph.context import mode
from autograd_lite.graph.derivatives import each_local_derivative
from autograd_lite.graph.evaluation import is_finite
from autograd_lite.graph.moments import zero_like
from autograd_lite.graph.order import topological_order
from autograd_lite.graph.storage import read_data
from autograd_lite.ops import equal, gated, greater, reciprocal, where
from autograd_lite.primitive import CONSTANT
from autograd_lite.value import Value

GATE: Final = gated.primitive
ABSENT: Final = -0.0  # what stands, among the numbers that a guarded loop hands on, for what does not arrive


def gradient_graph(output: Value, inputs: Sequence[Value]) -> list[Any]:
    """The derivatives of `output` by `inputs` as graphs: what `backward` computes in numbers, recorded as operations.

    The derivatives are summed in the order in which `backward` sums them, so both give the same bits. An input that the output
    does not depend on has the number 0.
    """
    gradients = gradients_of(output, inputs)
    found = [gradients.get(leaf, zero_like(leaf)) for leaf in inputs]
    tell(found)
    return found


def tell(slopes: Iterable[Any]) -> None:
    """Tell the active mode which derivatives were recorded, if it collects them."""
    active = mode.get()
    if active is not None and active.slopes is not None:
        active.slopes += slopes


class Aside(Protocol):
    """Where gradients of some operands are put aside, to be computed many at once; see `autograd_lite.compiler.bulk`."""

    @property
    def leaves(self) -> Collection[Bundle[Any]]:
        """Bundles in which there are only leaves."""

    def depends(self, node: Value) -> bool:
        """Whether a node is to be differentiated by something that is put aside."""

    def take(self, node: Value, gradient: Any, depends: Collection[Value]) -> Container[int]:
        """Put aside what a node passes on to some of its operands, and give the positions of these.

        Arguments:
            node, gradient: the node, and its gradient.
            depends: the values whose gradients are wanted. If it is empty, the gradients of single values are not put aside,
                only those of bundles that are differentiated by as a whole.
        """

    def settle(self, value: Value, gradients: dict[Value, Any]) -> None:
        """Add what was put aside for a value to its gradient."""

    def settle_all(self, gradients: dict[Value, Any]) -> None:
        """The same for all values."""


def gradients_of(
    output: Value, inputs: Sequence[Value], aside: Aside | None = None, conditions: dict[Value, Any] | None = None
) -> dict[Value, Any]:
    """The derivatives of `output` by `inputs` and by all that lies between, as graphs; see `gradient_graph`.

    Arguments:
        output, inputs: of a graph.
        aside: where some derivatives are put aside.
        conditions: if given, takes the conditions under which something arrives: see `Arrivals`.
    """
    order = topological_order(output, leaves=() if aside is None else aside.leaves)
    depends = set(inputs)
    for node in order:
        if (aside is not None and aside.depends(node)) or meets(node, depends):
            depends.add(node)
    infinite = may_be_infinite(order)
    needed: set[Value] = set()  # the nodes whose local derivatives may be infinite, and those that depend on one
    for node in order:
        if node in depends and (not has_finite_slopes(node, infinite) or (needed and meets(node, needed))):
            needed.add(node)
    arrivals = Arrivals(needed, infinite) if conditions is None else Arrivals({*needed, *inputs}, infinite, conditions)
    gradients: dict[Value, Any] = {output: 1}
    ends = set(inputs)
    loops: LoopResults | None = None
    for node in reversed(order):
        if aside is not None:
            aside.settle(node, gradients)
        if node.primitive.result_of is not None:
            loops = loops or LoopResults(order)
            loops.pull_back(node, gradients, depends, arrivals)
            continue
        # A node without a gradient only serves as a condition, of `where`, say, and passes nothing on. At the inputs the walk
        # ends, even if an input was computed from something outside: only the way to it is this derivative's business.
        if node not in gradients or node in ends:
            continue
        taken: Container[int] = (
            () if aside is None else aside.take(node, gradients[node], depends if node not in needed else ())
        )
        gradient, plainly = gradients[node], not needed and not node.primitive.chooses
        for parent, local in each_local_derivative(node, node, node.operands, depends, taken):
            term = times(gradient, local) if plainly else arrivals.term(node, gradient, local, node, parent)
            gradients[parent] = plus(gradients.get(parent), term)
    if aside is not None:
        aside.settle_all(gradients)
    return gradients


class LoopResults:
    """The results of the loops in a graph. Those of one loop pass their gradients on together, at the last one met."""

    def __init__(self, order: Sequence[Value]) -> None:
        self.results: dict[tuple[Any, ...], dict[Value, int]] = {}  # the nodes of a loop on some numbers, and their places
        for node in order:
            if node.primitive.result_of is not None:
                loop, index = node.primitive.result_of
                self.results.setdefault((loop, *node.operands), {})[node] = index

    def pull_back(self, node: Value, gradients: dict[Value, Any], depends: Collection[Value], arrivals: Arrivals) -> None:
        """Pass on the gradients of all results of a loop, if this is the last of them to be met."""
        assert node.primitive.result_of is not None
        (loop, _), (numbers,) = node.primitive.result_of, node.operands
        results = self.results[loop, numbers]
        if node is not next(iter(results)) or gradients.keys().isdisjoint(results):
            return
        of_results: list[Any] = [loop.body.absent] * loop.count
        for result, index in results.items():
            if result in gradients:
                gradient = gradients[result]
                of_results[index] = or_absent(arrivals.conditions.get(result), gradient) if loop.body.guards else gradient
        for number, gradient in zip(numbers, loop.pull_back(list(numbers), of_results), strict=True):
            if number in depends:
                arrivals.add(number, arrives(gradient) if loop.body.guards else gradient)  # where nothing does, a sweep gives 0
                gradients[number] = plus(gradients.get(number), gradient + 0.0 if loop.body.guards else gradient)


def meets(node: Value, group: set[Value]) -> bool:
    """Whether a parent of the node is in the group."""
    for operand in node.operands:  # noqa: SIM110 - `any` takes three times as long (benchmark recording)
        if operand in group or (type(operand) in BUNDLES and not group.isdisjoint(operand)):
            return True
    return False


def tangents_of(
    order: Sequence[Value], tangents: dict[Value, Any], closed: bool, conditions: dict[Value, Any] | None = None
) -> dict[Value, Any]:
    """The derivatives along one direction of all nodes in the order, where those of the inputs are given: forward mode.

    They are numbers if the recording is closed, else graphs. `conditions`, if given, has those under which the tangents of the
    inputs arrive, and takes those of the nodes: see `Arrivals`.
    """
    infinite = may_be_infinite(order)
    needed: set[Value] = set()  # the nodes from which a way leads on to one whose local derivatives may be infinite
    for node in reversed(order):
        if node in needed or not has_finite_slopes(node, infinite):
            needed.update(node.parents)
    arrivals = Arrivals(needed, infinite) if conditions is None else Arrivals({*needed, *order}, infinite, conditions)
    moved = dict(tangents)
    for node in order:
        if node not in tangents:
            output, inputs = (node.data, node.inputs) if closed else (node, node.operands)
            for parent, local in each_local_derivative(node, output, inputs, moved.keys()):
                moved[node] = plus(moved.get(node), arrivals.term(node, moved[parent], local, parent, node))
    tell(moved.values())
    return moved


class Arrivals:
    """Where a gradient, or in forward mode a tangent, arrives at all: for each node that choices may switch off, the condition.

    What a choice has switched off is 0, and so are its derivatives. There are factors, too, which are 0 at some point and make
    0 of what is infinite there, as the exponent in y · xʸ⁻¹ does; but by these there are derivatives.

    Arguments:
        needed: the nodes for which the condition is wanted. For others none is recorded.
        infinite: the nodes that `may_be_infinite`.
        conditions: of a node; there is none where something surely arrives.
    """

    def __init__(self, needed: set[Value], infinite: set[Value], conditions: dict[Value, Any] | None = None) -> None:
        self.needed, self.infinite = needed, infinite
        self.conditions = {} if conditions is None else conditions
        self.factors: dict[Value, Any] = {}  # of a node; there is none where no factor stands before what arrives
        self.sure: set[Value] = set()
        self.free: set[Value] = set()

    def term(self, node: Value, gradient: Any, local: Any, source: Value, target: Value) -> Any:
        """What comes from `source`, which has this gradient, to `target`, through the local derivative of `node`."""
        chooses = node.primitive.chooses
        if not self.needed:  # the usual case: everywhere something surely arrives
            return gated(local, gradient) if chooses else times(gradient, local)
        condition, factor = self.conditions.get(source), self.factors.get(source)
        if node.primitive.result_of is not None and node.primitive.result_of[0].body.guards:  # a loop, in forward mode
            arrived = arrives(local) if condition is None else where(condition, arrives(local), 0)
            self.add(target, arrived)
            return where(arrived, times(gradient, local), 0)
        decides = chooses and is_a_choice(node.operands[0] if node.primitive is GATE else local)
        is_factor = chooses and not decides
        self.add(target, both(condition, local) if decides else condition, both(factor, local) if is_factor else factor)
        product = gated(local, gradient) if chooses else times(gradient, local)
        stays_finite = decides and node.primitive is not GATE if chooses else has_finite_slopes(node, self.infinite)
        if stays_finite:
            return product
        if factor is not None:
            product = where(where(factor, 1, equal(product - product, 0)), product, 0)
        return product if condition is None else where(condition, product, 0)

    def add(self, target: Value, condition: Any, factor: Any = None) -> None:
        """Something arrives at a node, under a condition or, without one, surely; and with a factor, or none."""
        if target in self.needed:
            put_either(self.conditions, self.sure, target, condition)
            put_either(self.factors, self.free, target, factor)


def put_either(known: dict[Value, Any], without: set[Value], target: Value, condition: Any) -> None:
    """Something comes to a node by one more way, under this condition or, with None, under none: then in all under none."""
    if condition is None:
        without.add(target)
        known.pop(target, None)
    elif target not in without:
        before = known.get(target)
        known[target] = condition if before is None else where(before, 1, condition)


def both(condition: Any, other: Any) -> Any:
    """A condition, if there is one, and another."""
    return other if condition is None else where(condition, other, 0)


def is_a_choice(number: Any) -> bool:
    """Whether a number only jumps, as a comparison does and what is made of it: it has no derivative."""
    stack = [number]
    while stack:
        value = stack.pop()
        if isinstance(value, Value) and not value.is_constant:
            if not value.operands:
                return False
            for operand, rule in zip(value.operands, value.primitive.derivatives, strict=False):
                if rule is not None:
                    stack += operand if type(operand) in BUNDLES else (operand,)
    return True


def arrives(number: Any) -> Any:
    """1 where a number that a guarded loop hands on is not `ABSENT`, else 0."""
    return where(number, 1, greater(reciprocal(number), 0))


def or_absent(condition: Any, number: Any) -> Any:
    """What a guarded loop hands on: a number that arrives under a condition or, without one, surely."""
    arrived = number + 0.0  # no -0.0
    return arrived if condition is None else where(condition, arrived, ABSENT)


def may_be_infinite(order: Sequence[Value]) -> set[Value]:
    """The nodes with something singular in them, which may be infinite or NaN elsewhere though it is finite here.

    So are, where something chooses, those that depend on a node that has an infinite slope here: a second derivative multiplies
    it with a gradient that may be switched off. For a recording that is guarded they are all: any number that it is given later
    may be infinite.
    """
    active = mode.get()
    if active is not None and active.guards:
        return set(order)
    is_run_later = active is not None and active.slopes is not None  # and then looked at again where it gives NaN
    looks = not is_run_later and any(node.primitive.chooses for node in order)
    infinite: set[Value] = set()
    for node in order:
        if node.primitive.singular or (infinite and meets(node, infinite)) or (looks and has_infinite_slope(node)):
            infinite.add(node)
    return infinite


def has_infinite_slope(node: Value) -> bool:
    """Whether a local derivative of a node is infinite or NaN at its numbers; one that cannot be computed is."""
    if not is_finite(node.data):
        return True
    if node.primitive.finite_derivatives or node.primitive.result_of is not None:
        return False
    try:
        wanted = [parent for parent in node.parents if not parent.is_constant]
        return not all(is_finite(local) for _, local in each_local_derivative(node, node.data, node.inputs, wanted))
    except (ArithmeticError, TypeError, ValueError):
        return True


def has_finite_slopes(node: Value, infinite: set[Value]) -> bool:
    """Whether the local derivatives of a node are finite, at whatever numbers. Those of a product are its factors."""
    return node.primitive.finite_derivatives and node not in infinite and is_finite(read_data(node))


def plus(total: Any, term: Any) -> Any:
    """`total + term`, where there is a total already."""
    return term if total is None else total + term


def times(left: Any, right: Any) -> Any:
    """`left * right`: of constants a plain number, and without recording a product with a plain 1 or -1."""
    if isinstance(left, Value) and isinstance(right, Value) and left.primitive is not CONSTANT is not right.primitive:
        return left * right  # the usual case, which the lines below come to as well
    left, right = plain(left), plain(right)
    if not isinstance(left, Value):
        if left == 1:
            return right
        if left == -1:
            return -right
    if not isinstance(right, Value):
        if right == 1:
            return left
        if right == -1:
            return -left
    return left * right


def plain(number: Any) -> Any:
    """The number of a constant; what else there is as it is."""
    return number.data if isinstance(number, Value) and number.primitive is CONSTANT else number
