"""A number that remembers how it was computed, and the chain rule: the whole of reverse-mode differentiation.

What happens in `(a * b + c).tanh().backward()`:

1. `a * b` runs the operation `mul`. Every operation is one decorated function in the table, `autograd_lite.ops`: its body is
   the value, and beside it stand its rules, a local derivative for each operand. Those of `mul` are `lambda out, a, b: b` and
   `lambda out, a, b: a`. In its plain form, what Python calls for `a * b` is

       def __mul__(self, other):
           return new_node(mul.primitive, self.data * other.data, self, other)

   So a node is made: a `Value` that has the number, the operation's primitive (its entry in the table), and the operands.
   `+` and `tanh` do the same. (`autograd_lite.operators` has the whole method, in which `other` may be a plain number.)
2. `backward` sorts the nodes (not the leaves, which pass nothing on), so that each comes after its operands
   (`autograd_lite.graph.order`), and gives the last one, the output, the gradient 1.
3. From the end of that order each node passes its gradient on: the gradient of each operand grows by the node's own, times
   the local derivative. That is `pull_back`, at the end of this file, in its plain form; `autograd_lite.unrolled` has it in
   quicker ones, which the nodes of this example take.

How a second derivative arises: a rule is written with the table's own operations. A rule that is called with numbers, as by
`backward`, gives a number. `autograd_lite.gradients` takes the same steps, but calls the rules with the Values themselves. The
local derivative of `a * b` by `a` is then `b`, the node; the products and sums of the steps are nodes as well; and the
gradient is a graph in its turn, which is differentiated like any other.
"""

from __future__ import annotations

from numbers import Real
from typing import Any, Final, Literal, Self, TypeAlias

from autograd_lite.basics.elsewhere import OF_CALLS
from autograd_lite.graph.bundles import BUNDLES, Bundle, BundleNumbers
from autograd_lite.graph.context import ActiveMode, mode
from autograd_lite.graph.derivatives import each_local_derivative
from autograd_lite.graph.micrograd import MicrogradNames, become_by_hand, name_failure
from autograd_lite.graph.moments import check_current, clock, one_like, recompute, told_changes, zero_like
from autograd_lite.graph.order import topological_order
from autograd_lite.graph.storage import CHANGED, Stored
from autograd_lite.primitive import CONSTANT, LEAF, Primitive
from autograd_lite.scalar import Scalar

Number: TypeAlias = float  # stands for any real number: int, float, Fraction, a NumPy scalar
ValueLike: TypeAlias = "Value | Number"


class Value(MicrogradNames, Scalar["Value"], Stored):
    """A number that remembers how it was computed, so that it can tell its derivatives.

    Arguments:
        data: any real number, kept as given. Of NumPy's numbers those of float16, float32 and longdouble are kept, and results
            and gradients are of that type; the others become Python's. A 0-dimensional array becomes the number in it.
        label: a name for messages, pictures and explanations; by position it is the second, `Value(3.0, "x")`.
        _children, _op: as in micrograd, to make a node by hand: see `autograd_lite.graph.micrograd`.

    Attributes:
        data: the number.
        grad: the derivative of the Value on which `backward()` was called with respect to this one; 0 before. Leaves
            accumulate over calls.
        label: the name.
        parents: the values that this one was computed from (micrograd's `_prev`), in operand order; `()` for a leaf.
        op: the name of the operation that computed it; `""` for a leaf.

    Raises:
        TypeError: `data` is not a real number, or `label` is no text.

    Example:
        >>> from autograd_lite import Value
        >>> x = Value(3.0, label="x")
        >>> y = x * x + 2 * x
        >>> y.backward()
        >>> y.data, x.grad
        (15.0, 8.0)
    """

    __slots__ = ()  # `Stored` has them: `first` and `second` hold the operands, which its `operands` gives as one tuple

    _data: float
    grad: float
    label: str
    primitive: Primitive

    def __init__(self, data: Number | Real, _children: Any = "", _op: str = "", label: str = "") -> None:
        if type(data) is float:
            self._data = data
        else:
            self._keep(data)
        self.grad = clock.now  # 0, with a stamp: at which state of the leaves this was made, see `graph.moments`
        self.primitive = LEAF
        self.first = self.second = None  # no operands
        if type(_children) is str and label == "" == _op:
            self.label = _children  # by position the label comes second
        else:
            become_by_hand(self, _children, _op, label)

    # Its arithmetic operators and methods are declared in `Scalar`, and put here by operators.py when the package is imported:
    # for `*` the method that `binary_operator` makes, for `tanh` the operation itself. Each of them ends in `new_node`, below.

    # What it is made of

    @property
    def data(self) -> float:
        """The number. That of a leaf can be changed; what was computed from it is then out of date, until `recompute()`."""
        return self._data

    @data.setter
    def data(self, data: Number | Real) -> None:
        if self.first is not None:
            raise AttributeError(f"{self!r} is the result of {self.op!r}: change the data of a leaf, and recompute() this")
        self._keep(data)
        self.second = CHANGED  # a leaf has no second operand: the place says that its number was changed
        clock.tick()

    def __repr__(self) -> str:
        told = [f"data={self.data}", f"grad={self.grad}"]
        if self.label:
            told.append(f"label={self.label!r}")
        if self.operands and (changes := told_changes(topological_order(self))):
            told.append(f"out of date: {changes}")
        return f"Value({', '.join(told)})"

    @property
    def parents(self) -> tuple[Value, ...]:
        """The values that this one was computed from, in operand order; `()` for a leaf."""
        if not self.primitive.variadic:
            return self.operands
        return tuple(parent for o in self.operands for parent in (o if isinstance(o, Bundle) else (o,)))

    @property
    def inputs(self) -> list[Any]:
        """The numbers that this one was computed from: one for an operand, a list for a bundle of operands."""
        return [o.data if isinstance(o, Value) else [v.data for v in o] for o in self.operands]

    @property
    def op(self) -> str:
        """The name of the primitive that computed this value; `""` for a leaf."""
        return self.primitive.name

    @property
    def is_constant(self) -> bool:
        """Whether this is a plain number that an expression took in, or a result under `no_grad`: no gradient flows into it."""
        return self.primitive is CONSTANT

    @property
    def local_derivatives(self) -> tuple[Number, ...]:
        """The derivative of this value by each of its `parents`, all others held fixed."""
        check_current((self,))
        return tuple(local for _, local in each_local_derivative(self, self.data, self.inputs))

    # The chain rule

    def backward(
        self,
        gradient: None = None,
        retain_graph: bool | None = None,
        create_graph: Literal[False] = False,
        inputs: None = None,
    ) -> None:
        """Set `grad` of every value that this one depends on to the derivative of this one by it.

        The graph is sorted so that a node comes after all that it was computed from; then, from the end, each node passes its
        gradient on to its parents, times its local derivatives. Leaves accumulate over calls (reset `grad` to 0 between steps);
        an inner node's `grad` is that of the latest call. Plain numbers in the expression are constants: their `grad` means
        nothing.

        The gradients are numbers. For a second derivative use the function: `autograd_lite.grad(grad(f))` builds the inner
        gradient as a graph.

        Arguments:
            gradient: None. The sweep begins with 1; for another factor write `(factor * y).backward()`.
            retain_graph: as PyTorch's programs say it; the graph is kept in any case.
            create_graph: False.
            inputs: None. Every leaf gets its gradient.

        Raises:
            TypeError: a `gradient` or `inputs` are given, or a graph of the gradient is asked for.
            RuntimeError: under `no_grad`, or on a value that was computed under it.
            StaleGraphError: the `data` of a leaf was changed since: `recompute()` this value, or build it again.
            ArithmeticError, TypeError, ValueError: a local derivative cannot be computed. The leaves that the sweep had reached
                by then keep what was added to them: reset their `grad` before another try.

        Example:
            >>> from autograd_lite import Value
            >>> a, b = Value(2.0), Value(-3.0)
            >>> (a * b + a).backward()
            >>> a.grad, b.grad
            (-2.0, 2.0)
        """
        if gradient is not None or create_graph or inputs is not None:
            given = "gradient" if gradient is not None else "create_graph" if create_graph else "backward(inputs)"
            raise TypeError(f"backward(): {OF_CALLS[given]}")
        active = mode.get()  # the enclosing `no_grad` or `detect_anomaly`, or None
        if self.primitive is CONSTANT or (active is not None and not active.records):
            raise RuntimeError(
                f"backward() of {self!r}: there is no graph to differentiate, since it is a plain number, was computed under "
                "no_grad(), or is asked for under it. Build and differentiate the expression outside of no_grad()."
            )
        order = topological_order(self)
        check_current(order)
        self.sweep(order, active)

    def sweep(self, order: list[Value], active: ActiveMode | None) -> None:
        """The loop of `backward`. There are no leaves in `order`, so their `grad` is not reset, and accumulates."""
        nothing_yet = zero_like(self)
        for node in order:
            node.grad = nothing_yet
        one = one_like(self)  # the derivative of this value by itself
        self.grad = one if order else self.grad + one  # no order: this is a leaf itself
        numbers = BundleNumbers()  # where many nodes have the same bundle of operands, its numbers are read once
        node = self  # for the handler below
        try:
            for node in reversed(order):
                if node.grad is not nothing_yet:  # a 0.0 that arrived is another object; behind a relu that is off none did
                    step = node.primitive.pull_back if active is None else active.pull_back
                    step(node, numbers)  # what `pull_back` below does, perhaps in an unrolled form
        except Exception:
            name_failure(node)  # computes the derivatives one by one, and raises an error that names the one that fails
            raise

    def recompute(self) -> Self:
        """Bring this value up to date with its leaves, and all that it was computed from: what if a leaf had another number?

        Gradients of leaves stay; those of computed values are gone until `backward()`. What Python itself decided when the
        graph was built (`if x > 0:`) stays decided; `where` decides anew.

        Raises:
            ArithmeticError, TypeError, ValueError: an operation has no value at the new numbers. Nothing is changed then.

        Example:
            >>> from autograd_lite import Value
            >>> w = Value(2.0)
            >>> loss = w * w
            >>> w.data = 3.0
            >>> loss.recompute()
            Value(data=9.0, grad=0)
        """
        recompute(topological_order(self))
        return self


blank: Final = object.__new__  # makes a Value without `__init__` and its checks: the number comes from the engine itself


def new_node(primitive: Primitive, data: Any, first: Any, second: Any = None, label: str = "", kind: Any = Value) -> Value:
    """The Value `data`, computed by `primitive`, its operands as `Stored` keeps them. Every computed node is made here.

    `kind` is a class derived from Value: the nodes of a mode, such as those of a function that is being recorded.
    """
    node: Value = blank(kind)
    node._data = data
    node.grad = clock.now  # a 0, as in `Value.__init__`
    node.label = label
    node.primitive = primitive
    node.first = first
    node.second = second
    return node


def pull_back(node: Value, numbers: BundleNumbers) -> None:
    """The step of the chain rule: operand.grad += node.grad · (local derivative of the node by the operand), for each operand.

    This is its plain form, for any number of operands; `autograd_lite.unrolled` has the same sums for common shapes of nodes.
    `numbers` has the numbers in each bundle of operands, read once for the whole graph.
    """
    gradient, operands = node.grad, node.operands
    arguments = [node.data, *[numbers[operand] if type(operand) in BUNDLES else operand.data for operand in operands]]
    # There may be more rules than operands, since a call may leave out the last arguments.
    for operand, rule in zip(operands, node.primitive.derivatives):  # noqa: B905
        if rule is None or operand.primitive is CONSTANT:
            continue
        local = rule(*arguments)
        each = zip(operand, local, strict=True) if type(operand) is Bundle else ((operand, local),)
        for parent, its_local in each:
            if its_local or not node.primitive.chooses:  # what was not chosen gets nothing: 0 · infinity would be NaN
                parent.grad += gradient * its_local
