"""The node, the rule and the chain rule: all that reverse-mode differentiation needs.

Read it from top to bottom. A `Primitive` is one operation with its local derivatives; a `Value` is a number that remembers
which primitive made it, and from what; `Value.backward` walks the graph from its end and applies the chain rule node by node.
Which operations exist is not known here: the table of primitives is `autograd_lite.ops`, and it is the table that gives `Value`
its operators.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from contextvars import ContextVar
from numbers import Real
from typing import TYPE_CHECKING, Any, Final, NoReturn, TypeAlias

from autograd_lite.errors import describe_failure, describe_rule_failure

if TYPE_CHECKING:
    from autograd_lite.domains import Interval
    from autograd_lite.modes import Mode

Number: TypeAlias = float  # stands for any real number: int, float, Fraction, a NumPy scalar
Operand: TypeAlias = "Value | Bundle"
ValueLike: TypeAlias = "Value | Number"
Derivative: TypeAlias = Callable[..., Any] | None  # None: the output is constant in this operand, but for jumps

mode: ContextVar[Mode | None] = ContextVar("autograd_lite mode", default=None)  # no_grad, detect_anomaly, tracing: usually none


class Primitive:
    """One differentiable operation: its value on numbers, and its local derivatives as functions of `(output, *inputs)`.

    The derivatives are written with functions that take numbers and Values alike. On numbers they give the numbers that
    `backward` multiplies; on Values they give a graph, which is what makes derivatives of derivatives.
    """

    __slots__ = (
        "compute",
        "derivatives",
        "domain",
        "kink",
        "latex",
        "name",
        "precedence",
        "pull_back",
        "regular",
        "symbol",
        "variadic",
    )

    def __init__(
        self,
        name: str,
        compute: Callable[..., Any],
        derivatives: Sequence[Derivative],
        *,
        symbol: str = "",
        latex: str = "",
        precedence: int = 0,
        domain: Sequence[Interval] = (),
        kink: Callable[..., Any] | None = None,
        variadic: bool = False,
        regular: bool = False,
    ) -> None:
        self.name = name
        self.compute = compute
        self.derivatives: tuple[Any, ...] = tuple(derivatives)  # Any: the short ways below know that there is no None
        self.symbol = symbol or name
        self.latex = latex
        self.precedence = precedence
        self.domain = tuple(domain)
        self.kink = kink
        self.variadic = variadic
        self.regular = regular
        # The general rule would do for all; the short ones are the same sum over the operands, unrolled for speed.
        optional = len(getattr(compute, "__defaults__", None) or ())
        shapes = {(False, 1, 0): pull_back_unary, (False, 2, 0): pull_back_binary, (True, 3, 1): pull_back_pairs}
        short = shapes.get((variadic, len(self.derivatives), optional)) if None not in self.derivatives else None
        self.pull_back = short or pull_back_operands

    def __repr__(self) -> str:
        return f"<primitive {self.name}>"

    def __reduce__(self) -> NoReturn:
        raise TypeError(f"the primitive {self.name!r} cannot be pickled: import it where it is needed")


# How a node passes its gradient on: grad of each operand += grad of the node · local derivative.
# `numbers` holds those of each bundle that this sweep has met.


def pull_back_unary(node: Value, numbers: BundleNumbers) -> None:
    """For one operand."""
    operand = node.first
    (derivative,) = node.primitive.derivatives
    operand.grad += node.grad * derivative(node.data, operand.data)


def pull_back_binary(node: Value, numbers: BundleNumbers) -> None:
    """For two operands."""
    left, right = node.first, node.second
    by_left, by_right = node.primitive.derivatives
    if left.primitive is not CONSTANT:
        left.grad += node.grad * by_left(node.data, left.data, right.data)
    if right.primitive is not CONSTANT:
        right.grad += node.grad * by_right(node.data, left.data, right.data)


def pull_back_pairs(node: Value, numbers: BundleNumbers) -> None:
    """For two bundles of one length, and an operand that may be left out: those of `dot`."""
    first, second, third = node.first, node.second, None
    if type(first) is tuple:
        first, third = first
    if type(first) is not Bundle or type(second) not in BUNDLES or type(third) in BUNDLES or len(first) != len(second):
        pull_back_operands(node, numbers)
        return
    both = type(second) is Bundle
    by_first, by_second, by_third = node.primitive.derivatives
    gradient, output, firsts, seconds = node.grad, node.data, numbers[first], numbers[second]
    if third is None:
        locals_ = by_first(output, firsts, seconds)
        others = by_second(output, firsts, seconds) if both else locals_
    else:
        last = third.data
        locals_ = by_first(output, firsts, seconds, last)
        others = by_second(output, firsts, seconds, last) if both else locals_
    if not len(locals_) == len(others) == len(first):
        raise ValueError("as many derivatives as operands are needed")
    for parent, local in zip(first, locals_):  # noqa: B905  # checked above, cheaper
        parent.grad += gradient * local
    if both:
        for parent, local in zip(second, others):  # noqa: B905
            parent.grad += gradient * local
    if third is not None and third.primitive is not CONSTANT:
        third.grad += gradient * by_third(output, firsts, seconds, last)


def pull_back_operands(node: Value, numbers: BundleNumbers) -> None:
    """For any number of operands and bundles of them; the last ones may be left out."""
    gradient, operands = node.grad, node.operands
    arguments = [node.data]
    for operand in operands:  # quicker than a comprehension, as long as there are few
        arguments.append(numbers[operand] if type(operand) in BUNDLES else operand.data)
    for operand, derivative in zip(operands, node.primitive.derivatives):  # noqa: B905  # the last operands may be left out
        if derivative is None:
            continue
        kind = type(operand)
        if kind is Bundle:
            locals_ = derivative(*arguments)
            if len(locals_) != len(operand):
                raise ValueError("as many derivatives as operands are needed")
            for parent, local in zip(operand, locals_):  # noqa: B905  # checked above, at half the cost
                parent.grad += gradient * local
        elif kind is not Constants and operand.primitive is not CONSTANT:
            operand.grad += gradient * derivative(*arguments)


def _no_value(*_: Any) -> NoReturn:
    raise TypeError("a leaf is not computed from anything")


LEAF: Final = Primitive("", _no_value, ())
CONSTANT: Final = Primitive("", _no_value, ())  # a plain number in an expression: nobody can ask for its gradient


class Bundle(tuple["Value", ...]):
    """The many operands of a variadic primitive, known to be Values. Nodes share it: the inputs of a layer are one bundle."""

    __slots__ = ()
    __eq__, __hash__ = object.__eq__, object.__hash__  # which bundle it is, as of a Value: it is a key while a graph is walked


class Constants(Bundle):
    """A bundle of operands that were all plain numbers: no gradient flows into it."""

    __slots__ = ()
    first = None  # as of a leaf


class BundleNumbers(dict[Bundle, list[Any]]):
    """The numbers of each bundle, read once a sweep: the neurons of a layer share their inputs, the samples their weights."""

    __slots__ = ()

    def __missing__(self, bundle: Bundle) -> list[Any]:
        numbers = self[bundle] = [value.data for value in bundle]
        return numbers


BUNDLES: Final = frozenset({Bundle, Constants})  # asking for the type costs a tenth of a negative `isinstance`


class Value:
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

    # One operand or two have a slot each. Of more, the second has its slot and the others are a tuple in `first`, which nodes
    # may share: samples share a neuron's weights and bias. A tuple for every node would take more memory and give the garbage
    # collector twice the work, as would a slot for weak references. `operands` is the same for all.
    __slots__ = ("data", "first", "grad", "label", "primitive", "second")

    data: Any
    grad: Any
    label: str
    first: Any  # the first operand; of more than two, the tuple of all but the second; None for a leaf
    second: Any  # None where there is no such operand
    primitive: Primitive

    def __init__(self, data: Number, label: str = "") -> None:
        if type(data) is not float and not isinstance(data, Real):
            raise TypeError(f"Value expects a real number, got {data!r} ({type(data).__name__}){_way_out(data)}")
        if type(label) is not str and not isinstance(label, str):
            raise TypeError(f"the label of a Value is text, got {label!r} ({type(label).__name__})")
        self.data = data
        self.grad = 0
        self.label = label
        self.first = self.second = None
        self.primitive = LEAF

    # What it is made of

    @property
    def operands(self) -> tuple[Any, ...]:
        """What its primitive was given: Values; of a variadic primitive, Bundles too. `()` for a leaf."""
        first, second = self.first, self.second
        if type(first) is tuple:
            return (first[0], second, first[1]) if len(first) == 2 else (first[0], second, *first[1:])
        if second is not None:
            return first, second
        return () if first is None else (first,)

    @operands.setter
    def operands(self, operands: tuple[Any, ...]) -> None:
        if len(operands) > 2:
            self.first, self.second = operands[:1] + operands[2:], operands[1]
        else:
            self.first, self.second = (*operands, None, None)[:2]

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

        The graph is sorted so that a node comes after all that use it; then each node passes its gradient on to its parents,
        times its local derivatives. Leaves accumulate over calls (reset `grad` to 0 between steps); an inner node's `grad` is
        that of the latest call. Plain numbers in the expression are constants: their `grad` means nothing. Leaves must hold
        the numbers that the graph was computed from: after a change of one, compute it again.

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
        zero = zero_of(self)  # and not just 0: Python adds two floats faster than an int and a float
        for node in order:
            node.grad = zero
        self.grad += type(self.data)(1)
        node, numbers = self, BundleNumbers()
        try:
            for node in reversed(order):
                primitive = node.primitive
                if primitive.regular and not node.grad and not node.data - node.data:
                    continue  # nothing times something finite: nothing to pass on, as of a relu that is off
                pull_back = primitive.pull_back if active is None else active.pull_back
                pull_back(node, numbers)
        except Exception:
            _ = node.local_derivatives  # raises an error that names the derivative, if it was one that failed
            raise

    # How it compares, shows and travels

    def __lt__(self, other: ValueLike) -> bool:
        return bool(self.data < _number(other, self, "<"))

    def __le__(self, other: ValueLike) -> bool:
        return bool(self.data <= _number(other, self, "<="))

    def __gt__(self, other: ValueLike) -> bool:
        return bool(self.data > _number(other, self, ">"))

    def __ge__(self, other: ValueLike) -> bool:
        return bool(self.data >= _number(other, self, ">="))

    def __bool__(self) -> bool:
        return bool(self.data)

    def __float__(self) -> NoReturn:
        raise TypeError(
            f"{self!r} is not a plain number: converting it would lose its gradient. For math.exp(v) write "
            "autograd_lite.exp(v) (so too for log, tanh, sqrt …); for the number alone, v.data"
        )

    __int__ = __complex__ = __float__

    def __repr__(self) -> str:
        named = f", label={self.label!r}" if self.label else ""
        return f"Value(data={self.data}, grad={self.grad}{named})"

    def __format__(self, specification: str) -> str:
        return format(self.data, specification) if specification else str(self)

    def __reduce__(self) -> tuple[Callable[..., Value], tuple[Any, ...]]:
        if self.operands:
            raise TypeError(
                f"{self!r} is the result of {self.op!r}: copying or pickling it would copy or cut its whole graph. "
                "Copy its number, Value(v.data), or the leaves, and compute it again"
            )
        return _restore, (self.data, self.grad, self.label, self.is_constant)

    def __pos__(self) -> Value:
        return self

    # The operators and one-argument functions that Value takes from the table of primitives (autograd_lite/ops.py)

    __add__: Callable[[ValueLike], Value]
    __radd__: Callable[[ValueLike], Value]
    __sub__: Callable[[ValueLike], Value]
    __rsub__: Callable[[ValueLike], Value]
    __mul__: Callable[[ValueLike], Value]
    __rmul__: Callable[[ValueLike], Value]
    __truediv__: Callable[[ValueLike], Value]
    __rtruediv__: Callable[[ValueLike], Value]
    __pow__: Callable[[ValueLike], Value]
    __rpow__: Callable[[ValueLike], Value]
    __neg__: Callable[[], Value]
    __abs__: Callable[[], Value]

    exp: Callable[[], Value]
    expm1: Callable[[], Value]
    log: Callable[[], Value]
    log1p: Callable[[], Value]
    log2: Callable[[], Value]
    log10: Callable[[], Value]
    sqrt: Callable[[], Value]
    cbrt: Callable[[], Value]
    sin: Callable[[], Value]
    cos: Callable[[], Value]
    tan: Callable[[], Value]
    asin: Callable[[], Value]
    acos: Callable[[], Value]
    atan: Callable[[], Value]
    sinh: Callable[[], Value]
    cosh: Callable[[], Value]
    tanh: Callable[[], Value]
    asinh: Callable[[], Value]
    acosh: Callable[[], Value]
    atanh: Callable[[], Value]
    erf: Callable[[], Value]
    erfc: Callable[[], Value]
    sigmoid: Callable[[], Value]
    relu: Callable[[], Value]
    leaky_relu: Callable[..., Value]
    elu: Callable[..., Value]
    gelu: Callable[[], Value]
    silu: Callable[[], Value]
    softplus: Callable[[], Value]
    abs: Callable[[], Value]
    sign: Callable[[], Value]


def zero_of(value: Value) -> Any:
    """Zero, as a number of the kind that the value holds."""
    return type(value.data)(0)


def local_derivatives(
    node: Value, output: Any, inputs: Sequence[Any], wanted: Container[Value] | None = None
) -> Iterator[tuple[Value, Any]]:
    """Each parent of a node (among those wanted) with the node's derivative by it.

    Numbers for the numbers `node.data` and `node.inputs`; a graph for the Values `node` and `node.operands`.
    """
    for position, (operand, derivative) in enumerate(zip(node.operands, node.primitive.derivatives, strict=False)):
        many = type(operand) in BUNDLES
        parents = operand if many else (operand,)
        if wanted is not None and (derivative is None or not any(parent in wanted for parent in parents)):
            continue  # an operand that only chooses passes nothing on, not even 0 times infinity
        if derivative is None:
            locals_ = [0] * len(parents)
        else:
            try:
                locals_ = list(derivative(output, *inputs)) if many else [derivative(output, *inputs)]
            except Exception as error:
                raise describe_rule_failure(node, position, error) from error
            check_locals(node, position, locals_)
        for parent, local in zip(parents, locals_, strict=True):
            if wanted is None or parent in wanted:
                yield parent, local


def check_locals(node: Value, position: int, locals_: Sequence[Any]) -> None:
    """Refuse what is not one number or Value for each parent."""
    operand = node.operands[position]
    count = len(operand) if type(operand) in BUNDLES else 1
    wrong = [local for local in locals_ if not isinstance(local, Value | Real)]
    if wrong:
        raise describe_rule_failure(node, position, TypeError(f"it gave {wrong[0]!r}, expected a number"))
    if len(locals_) != count:
        raise describe_rule_failure(node, position, ValueError(f"it gave {len(locals_)} numbers for {count} operands"))


def topological_order(*outputs: Value) -> list[Value]:
    """The computed nodes that the outputs depend on (themselves included, leaves not), each after its parents.

    Iterative, so that depth is limited by memory alone, and in an order that only the graph decides, so that sums of gradients
    are the same to the bit in every run. What was entered, a node or what nodes share, is in the order when it is met again: if
    it were still waiting for its own operands, the graph would have a cycle.
    """
    order: list[Value] = []
    entered: set[Value | tuple[Any, ...] | None] = {None}  # None stands where there is no operand
    stack: list[Any] = [output for output in reversed(outputs) if output.first is not None]
    while stack:
        node = stack.pop()
        if node is None:  # below this mark lies a node whose parents are all in the order
            order.append(stack.pop())
            continue
        if type(node) is Bundle:  # shared between the neurons of a layer: walked once
            if node not in entered:
                entered.add(node)
                stack += [parent for parent in node if parent.first is not None]
            continue
        while node not in entered:
            entered.add(node)
            first, second = node.first, node.second
            if type(first) is Value and (second is None or type(second) is Value):
                # one operand or two: go on with the one that is not in the order yet, if there is just one
                if second is not None and second.first is not None and second not in entered:
                    stack.append(node)
                    stack.append(None)
                    if first.first is not None and first not in entered:
                        stack.append(first)
                    node = second
                elif first.first is not None and first not in entered:
                    stack.append(node)
                    stack.append(None)
                    node = first
                else:
                    order.append(node)
                    break
                continue
            if second in entered and first in entered:  # as for all but one neuron of a layer
                order.append(node)
                break
            waiting = []
            for operand in (second, *first) if type(first) is tuple else (first, second):
                if operand in entered:
                    continue
                if type(operand) is Bundle or operand.first is not None:
                    waiting.append(operand)
                else:
                    entered.add(operand)
            if waiting:
                stack.append(node)
                stack.append(None)
                stack += waiting
            else:
                order.append(node)
                if type(first) is tuple:  # and whoever shares it need not look into it again
                    entered.add(first)
            break
    return order


# Making nodes

blank: Final = object.__new__  # of a class, makes a Value with nothing in it: each slot must then be set


def new_node(primitive: Primitive, operands: tuple[Any, ...], data: Any, kind: type[Value] = Value) -> Value:
    """The value `data`, computed by `primitive` from `operands` (Values, and Bundles of them)."""
    node = blank(kind)
    node.data = data
    node.grad = 0
    node.label = ""
    node.operands = operands
    node.primitive = primitive
    return node


def link(primitive: Primitive, data: Any, first: Any, second: Any = None) -> Value:
    """The same, the operands given as they are kept. Nearly every node is made here."""
    node = blank(Value)
    node.data = data
    node.grad = 0
    node.label = ""
    node.first = first
    node.second = second
    node.primitive = primitive
    return node


def make_constant(number: Number) -> Value:
    """A plain number as an operand of an expression: a leaf that no gradient flows into."""
    if type(number) is not float:
        number = Value(number).data  # raises unless it is a real number
    return link(CONSTANT, number, None)


def as_value(operand: ValueLike) -> Value:
    """The operand itself if it is a Value, else a constant of that number."""
    return operand if isinstance(operand, Value) else make_constant(operand)


def as_bundle(operands: Iterable[ValueLike]) -> Bundle:
    """The operands of a variadic primitive as Values; `Constants` when every one was a plain number."""
    if isinstance(operands, Bundle):
        return operands
    values = [operand if type(operand) is Value else as_value(operand) for operand in operands]
    for value in values:
        if value.primitive is not CONSTANT:
            return Bundle(values)
    return Constants(values)


def fail(primitive: Primitive, operands: tuple[Any, ...], error: Exception) -> NoReturn:
    """Raise the engine's own error for a failed computation; the original one is its cause."""
    raise describe_failure(primitive, operands, error) from error


def _number(other: ValueLike, value: Value, comparison: str) -> Any:
    if isinstance(other, Value):
        return other.data
    if not isinstance(other, Real):
        raise TypeError(
            f"{value!r} {comparison} {other!r}: a Value compares with numbers and Values, not {type(other).__name__}"
        )
    return other


def _way_out(data: object) -> str:
    if isinstance(data, str):
        return f": write Value(float({data!r}))"
    if isinstance(data, Value):
        return ": it is a Value already"
    if isinstance(data, complex):
        return ": build the real and the imaginary part as two Values"
    if hasattr(data, "__array__"):
        return ": make one Value for each element"
    return ""


def _restore(data: Number, grad: Number, label: str, constant: bool) -> Value:
    value = make_constant(data) if constant else Value(data)
    value.grad, value.label = grad, label
    return value
