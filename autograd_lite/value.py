"""A number that remembers how it was computed, and the chain rule: the whole of reverse-mode differentiation.

Read it from top to bottom. A `Value` is a node of a graph: a number, the operation that made it, and the operands that this was
given. `backward` sorts the graph and applies the chain rule node by node. The operations are not written here: each stands once
in the table of primitives, `autograd_lite.ops`, with its value and its local derivatives.
"""

from __future__ import annotations

from collections.abc import Callable
from numbers import Real
from typing import Any, Final, TypeAlias

from autograd_lite.arraylike import is_arraylike
from autograd_lite.bundles import Bundle, BundleNumbers
from autograd_lite.context import mode
from autograd_lite.primitive import CONSTANT, LEAF, Primitive
from autograd_lite.pullback import local_derivatives
from autograd_lite.scalar import Scalar

Number: TypeAlias = float  # stands for any real number: int, float, Fraction, a NumPy scalar
ValueLike: TypeAlias = "Value | Number"


class Value(Scalar):
    """A number that remembers how it was computed, so that it can tell its derivatives.

    Arguments:
        data: any real number (int, float, Fraction, a NumPy scalar), kept as given.
        label: a name for messages, pictures and explanations.

    Attributes:
        data: the number.
        grad: the derivative of the output of `backward()` by this value; 0 before. Leaves add up over calls.
        label: the name.
        parents: the values that this one was computed from, in operand order; `()` for a leaf.
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

    # Nearly every operation has one operand or two, so each of these has a slot; of more, `second` is a tuple of all but the
    # first. There is no closure and no stored derivative: the primitive's rule computes it when it is asked for.
    __slots__ = ("data", "first", "grad", "label", "primitive", "second")

    data: Any
    grad: Any
    label: str
    primitive: Primitive
    first: Any  # a Value, or the Bundle of many that a variadic operation was given; None for a leaf
    second: Any  # the same; None where there is no second operand, and a tuple where there are more

    def __init__(self, data: Number, label: str = "") -> None:
        if type(data) is not float and not isinstance(data, Real):
            raise TypeError(f"Value expects a real number, got {data!r} ({type(data).__name__}){_way_out(data)}")
        if type(label) is not str and not isinstance(label, str):
            raise TypeError(f"the label of a Value is text, got {label!r} ({type(label).__name__})")
        self.data = data
        self.grad = 0
        self.label = label
        self.primitive = LEAF
        self.first = self.second = None

    # Its operators. They are declared here, and made from the table of primitives by autograd_lite/operators.py.

    def __add__(self, other: ValueLike) -> Value: ...
    def __radd__(self, other: ValueLike) -> Value: ...
    def __sub__(self, other: ValueLike) -> Value: ...
    def __rsub__(self, other: ValueLike) -> Value: ...
    def __mul__(self, other: ValueLike) -> Value: ...
    def __rmul__(self, other: ValueLike) -> Value: ...
    def __truediv__(self, other: ValueLike) -> Value: ...
    def __rtruediv__(self, other: ValueLike) -> Value: ...
    def __pow__(self, other: ValueLike) -> Value: ...
    def __rpow__(self, other: ValueLike) -> Value: ...
    def __neg__(self) -> Value: ...
    def __abs__(self) -> Value: ...

    # What it is made of

    @property
    def operands(self) -> tuple[Any, ...]:
        """What its primitive was given: Values; of a variadic primitive, Bundles too. `()` for a leaf."""
        first, second = self.first, self.second
        if type(second) is tuple:
            return (first, *second)
        return (first, second) if second is not None else () if first is None else (first,)

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
        """Whether this is a plain number that an expression took in (or a result under `no_grad`): it has no gradient."""
        return self.primitive is CONSTANT

    @property
    def local_derivatives(self) -> tuple[Number, ...]:
        """The derivative of this value by each of its `parents`, all others held fixed."""
        return tuple(local for _, local in local_derivatives(self, self.data, self.inputs))

    # The chain rule

    def backward(self) -> None:
        """Set `grad` of every value that this one depends on to the derivative of this one by it.

        The graph is sorted so that a node comes after all that it was computed from; then, from the end, each node passes its
        gradient on to its parents, times its local derivatives. Leaves accumulate over calls (reset `grad` to 0 between steps);
        an inner node's `grad` is that of the latest call. Plain numbers in the expression are constants: their `grad` means
        nothing. Leaves must hold the numbers that the graph was computed from: after a change of one, compute it again.

        Raises:
            RuntimeError: under `no_grad`, or on a value that was computed under it.
            ArithmeticError, TypeError, ValueError: a local derivative cannot be computed. The leaves that the sweep had reached
                by then keep what was added to them: reset their `grad` before another try.

        Example:
            >>> from autograd_lite import Value
            >>> a, b = Value(2.0), Value(-3.0)
            >>> (a * b + a).backward()
            >>> a.grad, b.grad
            (-2.0, 2.0)
        """
        active = mode.get()
        if self.primitive is CONSTANT or (active is not None and not active.records):
            raise RuntimeError(
                f"backward() of {self!r}: there is no graph to differentiate, since it is a plain number, was computed under "
                "no_grad(), or is asked for under it. Build and differentiate the expression outside of no_grad()."
            )
        order = topological_order(self)
        nothing = zero_of(self)
        for node in order:
            node.grad = nothing
        self.grad += type(self.data)(1)
        node, numbers = self, BundleNumbers()
        try:
            for node in reversed(order):
                if node.grad is not nothing:  # what no gradient has reached passes none on, as behind a relu that is off
                    pull_back = node.primitive.pull_back if active is None else active.pull_back
                    pull_back(node, numbers)  # parent.grad += node.grad · local derivative, for each parent
        except Exception:
            _ = node.local_derivatives  # raises an error that names the derivative, if it was one that failed
            raise

    def __reduce__(self) -> tuple[Callable[..., Value], tuple[Any, ...]]:
        if self.operands:
            raise TypeError(
                f"{self!r} is the result of {self.op!r}: copying or pickling it would copy or cut its whole graph. "
                "Copy its number, Value(v.data), or the leaves, and compute it again"
            )
        return _restore, (self.data, self.grad, self.label, self.is_constant)


def zero_of(value: Value) -> Any:
    """Zero, as a number of the kind that the value holds."""
    return type(value.data)(0)


def topological_order(*outputs: Value) -> list[Value]:
    """The computed nodes that the outputs depend on (themselves included, leaves not), each after its parents.

    Depth first, with a stack of its own in place of recursion, so that only memory limits the depth; and in an order that only
    the graph decides, so that sums of gradients are the same to the bit in every run.
    """
    order: list[Value] = []
    entered: set[Any] = {None}  # None stands where there is no second operand
    stack: list[Any] = [*reversed(outputs)]
    while stack:
        node = stack.pop()
        if node is None:  # a mark: all that the node below it was computed from is in the order
            order.append(stack.pop())
            continue
        while node not in entered:  # go down along one operand; the others wait on the stack
            entered.add(node)
            if type(node) is Bundle:
                stack += node
                break
            first = node.first
            if first is None:  # a leaf
                break
            second = node.second
            if type(second) is tuple:
                if first in entered and entered.issuperset(second):  # as for all but the first neuron of a layer
                    order.append(node)
                    break
                stack += (node, None, *second)
            else:
                stack.append(node)
                stack.append(None)
                if second not in entered:
                    stack.append(first)
                    first = second
            node = first
    return order


# Making nodes

blank: Final = object.__new__  # of a class: makes a Value with nothing in it


def new_node(primitive: Primitive, data: Any, first: Any = None, second: Any = None, kind: type[Value] = Value) -> Value:
    """The value `data`, computed by `primitive` from operands as a node keeps them. Every computed node is made here."""
    node = blank(kind)
    node.data = data
    node.grad = 0
    node.label = ""
    node.primitive = primitive
    node.first = first
    node.second = second
    return node


def node_of(primitive: Primitive, data: Any, operands: tuple[Any, ...], kind: type[Value] = Value) -> Value:
    """The same, for any number of operands: Values, and Bundles of them."""
    first, second, *rest = (*operands, None)[: max(len(operands), 2)]
    return new_node(primitive, data, first, (second, *rest) if rest else second, kind)


def _way_out(data: object) -> str:
    if isinstance(data, str):
        return f": write Value(float({data!r}))"
    if isinstance(data, Value):
        return ": it is a Value already"
    if isinstance(data, complex):
        return ": build the real and the imaginary part as two Values"
    return ": make one Value for each element" if is_arraylike(data) else ""


def _restore(data: Number, grad: Number, label: str, constant: bool) -> Value:
    value = Value(data, label)
    value.grad, value.primitive = grad, CONSTANT if constant else LEAF
    return value
