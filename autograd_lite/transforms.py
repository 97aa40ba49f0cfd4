"""Functions in, derivatives out: `grad` and its relatives, which turn a function into the function that is its derivative.

Each calls the function on fresh Values and differentiates the graph that results. When everything in that graph was an argument
or a plain number, the answer is plain numbers. When a Value from outside takes part (an argument that was a Value, or one that
the function closes over), the derivative is built as a graph too, so that it can be differentiated by that Value again: this is
how derivatives nest to any order, and no level is ever mistaken for another.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import wraps
from typing import Any

from autograd_lite.bundles import BUNDLES
from autograd_lite.context import mode
from autograd_lite.errors import counted
from autograd_lite.ops import dot, identity
from autograd_lite.primitive import CONSTANT, LEAF
from autograd_lite.pullback import local_derivatives
from autograd_lite.trees import Structure, flatten
from autograd_lite.value import Value, topological_order, zero_of

Arguments = tuple[Any, ...]


def grad(f: Callable[..., Any], argnums: int | Sequence[int] = 0) -> Callable[..., Any]:
    """The function that gives the gradient of `f`, a function with one number as its result.

    Arguments:
        f: takes numbers, Values, or nested lists, tuples, dicts and arrays of them; returns one number or Value.
        argnums: which positional arguments to differentiate by: one index, or several for a tuple of gradients.

    Returns:
        A function of the same arguments. Its result has the structure of the argument that it differentiates by.

    Raises:
        TypeError: `f` did not return a number or a Value.
        ValueError: `argnums` is out of range.

    Example:
        >>> from autograd_lite import grad, sin
        >>> grad(lambda x: x**3)(2.0)
        12.0
        >>> grad(grad(sin))(0.0)
        0.0
        >>> grad(lambda p: p["w"] * p["x"][0])({"w": 2.0, "x": [5.0]})
        {'w': 5.0, 'x': [2.0]}
    """
    differentiated = value_and_grad(f, argnums)

    @wraps(f)
    def gradient(*args: Any, **kwargs: Any) -> Any:
        return differentiated(*args, **kwargs)[1]

    return gradient


def value_and_grad(f: Callable[..., Any], argnums: int | Sequence[int] = 0) -> Callable[..., tuple[Any, Any]]:
    """The function that gives the value of `f` and its gradient, from one evaluation. See `grad`.

    Example:
        >>> from autograd_lite import value_and_grad
        >>> value_and_grad(lambda x, y: x * y, argnums=(0, 1))(2.0, 3.0)
        (6.0, (3.0, 2.0))
    """

    check_request(f, argnums)

    @wraps(f)
    def both(*args: Any, **kwargs: Any) -> tuple[Any, Any]:
        with Recording(f, args, kwargs, argnums) as recording:
            output = recording.only_output()
            return recording.plain(output), recording.rebuild(recording.gradient(output))

    return both


def jacobian(f: Callable[..., Any], argnums: int | Sequence[int] = 0) -> Callable[..., Any]:
    """The function that gives the derivative of every output of `f` by every input, by reverse mode.

    The result has the structure of `f`'s output, each number in it replaced by a structure like the argument's: for a list of m
    outputs and a list of n inputs, m rows of n numbers; for arrays of shapes p and q, an array of shape p + q.

    Example:
        >>> from autograd_lite import jacobian
        >>> jacobian(lambda x: [x[0] * x[1], x[0] + x[1]])([2.0, 3.0])
        [[3.0, 2.0], [1.0, 1.0]]
    """

    check_request(f, argnums)

    @wraps(f)
    def rows(*args: Any, **kwargs: Any) -> Any:
        with Recording(f, args, kwargs, argnums) as recording:
            return recording.structure.rebuild([recording.rebuild(recording.gradient(output)) for output in recording.outputs])

    return rows


def hessian(f: Callable[..., Any], argnums: int | Sequence[int] = 0) -> Callable[..., Any]:
    """The function that gives the second derivatives of `f`, as the jacobian of its gradient.

    Example:
        >>> from autograd_lite import hessian
        >>> hessian(lambda x: x[0] * x[0] * x[1])([3.0, 5.0])
        [[10.0, 6.0], [6.0, 0.0]]
    """
    return jacobian(grad(f, argnums), argnums)


def jvp(f: Callable[..., Any], primals: Sequence[Any], tangents: Sequence[Any]) -> tuple[Any, Any]:
    """The value of `f` at `primals` and its directional derivative along `tangents`: one pass, forward.

    Arguments:
        f: a function of `len(primals)` arguments, with any structure of numbers as its result.
        primals: the arguments.
        tangents: the direction, with the structure of `primals`.

    Returns:
        The output and its tangent, of one structure.

    Raises:
        TypeError: `primals` or `tangents` is not a sequence with one item for each argument.
        ValueError: `primals` and `tangents` differ in structure.

    Example:
        >>> from autograd_lite import jvp
        >>> jvp(lambda x, y: x * y, (2.0, 3.0), (1.0, 10.0))
        (6.0, 23.0)
    """
    for name, sequence in (("primals", primals), ("tangents", tangents)):
        if not isinstance(sequence, Sequence):
            raise TypeError(f"{name} must be a tuple or a list with one item for each argument, got {sequence!r}")
    with Recording(f, tuple(primals), {}, range(len(primals))) as recording:
        numbers = matching(tuple(tangents), "tangents", Structure(tuple, (), tuple(recording.shapes)), "primals")
        outputs = [recording.plain(output) for output in recording.outputs]
        pushed = recording.push_forward(numbers)
        return recording.structure.rebuild(outputs), recording.structure.rebuild(pushed)


def vjp(f: Callable[..., Any], *primals: Any) -> tuple[Any, Callable[[Any], tuple[Any, ...]]]:
    """The value of `f` and the function that pulls a cotangent of its output back to its arguments: one backward pass a call.

    Arguments:
        f: a function of `len(primals)` arguments, with any structure of numbers as its result.
        primals: the arguments.

    Returns:
        The output, and a function of a cotangent (with the structure of the output) that gives a tuple, one item an argument.

    Raises:
        ValueError: a cotangent has another structure than the output.

    Example:
        >>> from autograd_lite import vjp
        >>> value, pull_back = vjp(lambda x, y: [x * y, x + y], 2.0, 3.0)
        >>> value, pull_back([1.0, 10.0])
        ([6.0, 5.0], (13.0, 12.0))
    """
    with Recording(f, primals, {}, range(len(primals))) as recording:
        value = recording.structure.rebuild([recording.plain(output) for output in recording.outputs])

    def pull_back(cotangent: Any) -> tuple[Any, ...]:
        expect_recording()
        numbers = matching(cotangent, "the cotangent", recording.structure, f"the result of {recording.name}")
        plain = all(not isinstance(number, Value) or number.is_constant for number in numbers)
        with recording:
            return tuple(recording.rebuild(recording.gradient(dot(numbers, recording.outputs), recording.closed and plain)))

    return value, pull_back


def hvp(f: Callable[..., Any], primals: Sequence[Any], tangents: Sequence[Any]) -> Any:
    """The product of the Hessian of `f` with a vector, forward over reverse, without the Hessian itself.

    Arguments:
        f: a function of `len(primals)` arguments, with one number as its result.
        primals: the arguments.
        tangents: the vector, with the structure of `primals`.

    Returns:
        A tuple with the structure of `primals`.

    Example:
        >>> from autograd_lite import hvp
        >>> hvp(lambda x: x[0] * x[0] * x[1], ([3.0, 5.0],), ([1.0, 0.0],))
        ([10.0, 6.0],)
    """
    return jvp(grad(f, tuple(range(len(primals)))), primals, tangents)[1]


class Recording:
    """One evaluation of a function on fresh Values: its inputs, its outputs and the derivatives between them.

    Used in a `with` block: within it the inputs are variables; after it those that were made of plain numbers are constants, so
    that a derivative taken inside of another function is a plain coefficient there.
    """

    def __init__(self, f: Callable[..., Any], args: Arguments, kwargs: dict[str, Any], argnums: int | Sequence[int]) -> None:
        expect_recording()
        check_request(f, argnums)
        self.name = getattr(f, "__name__", repr(f))
        self.single = isinstance(argnums, int)
        chosen = [argnums] if isinstance(argnums, int) else list(argnums)
        if not all(-len(args) <= index < len(args) for index in chosen):
            called = counted(len(args), "positional argument")
            raise ValueError(f"argnums {argnums} of {self.name}, which was called with {called}")
        chosen = [index % len(args) for index in chosen]
        if len(set(chosen)) < len(chosen):
            raise ValueError(f"argnums {argnums} of {self.name} names an argument twice")
        arguments = list(args)
        self.inputs: list[Value] = []
        self.variables: list[Value] = []
        self.shapes: list[Structure] = []
        for index in chosen:
            leaves, shape = flatten(args[index], f"argument {index} of {self.name}")
            fresh = [identity(leaf) if isinstance(leaf, Value) else Value(leaf) for leaf in leaves]
            arguments[index] = shape.rebuild(fresh)
            self.inputs += fresh
            self.variables += [value for value in fresh if value.first is None]
            self.shapes.append(shape)
        self.result = f(*arguments, **kwargs)
        self.outputs, self.structure = flatten(self.result, f"the result of {self.name}")
        self.order = topological_order(*(output for output in self.outputs if isinstance(output, Value)))
        own = set(self.variables)
        ends = {operand for node in self.order for operand in node.operands}  # each bundle once, not once for every use
        ends.update(output for output in self.outputs if isinstance(output, Value))
        without_parents = (value for end in ends for value in (end if type(end) in BUNDLES else (end,)) if value.first is None)
        self.closed = all(leaf.primitive is CONSTANT or leaf in own for leaf in without_parents)

    def __enter__(self) -> Recording:
        for variable in self.variables:
            variable.primitive = LEAF
        return self

    def __exit__(self, *exception: object) -> None:
        for variable in self.variables:
            variable.primitive = CONSTANT

    def only_output(self) -> Any:
        """The output of a function that must have just one."""
        if self.structure.kind != "number" or isinstance(self.result, bool):
            raise TypeError(
                f"the gradient of {self.name} needs one number as its result, got {self.result!r}: return a number or a Value, "
                "or use jacobian"
            )
        return self.outputs[0]

    def plain(self, output: Any) -> Any:
        """An output as the caller should get it: a plain number unless a Value from outside takes part in it."""
        return output.data if self.closed and isinstance(output, Value) else output

    def rebuild(self, leaves: Sequence[Any]) -> Any:
        """Numbers, one an input, in the structure of the arguments that are differentiated by."""
        parts, start = [], 0
        for shape in self.shapes:
            parts.append(shape.rebuild(leaves[start : start + len(shape)]))
            start += len(shape)
        return parts[0] if self.single else tuple(parts)

    def gradient(self, output: Any, closed: bool | None = None) -> list[Any]:
        """The derivative of one output, or with `closed` of what was made of the outputs, by every input: reverse mode."""
        if not isinstance(output, Value) or output.is_constant:
            return [zero_of(leaf) for leaf in self.inputs]
        if not (self.closed if closed is None else closed):
            return gradient_graph(output, self.inputs)
        for leaf in self.inputs:
            leaf.grad = zero_of(leaf)
        output.backward()
        return [leaf.grad for leaf in self.inputs]

    def push_forward(self, tangents: Iterable[Any]) -> list[Any]:
        """The derivative of every output along a direction of the inputs: forward mode."""
        moved: dict[Value, Any] = dict(zip(self.inputs, tangents, strict=True))
        for node in self.order:
            if node not in moved:
                output, inputs = (node.data, node.inputs) if self.closed else (node, node.operands)
                for parent, local in local_derivatives(node, output, inputs, moved.keys()):
                    moved[node] = plus(moved.get(node), times(local, moved[parent]))
        return [moved.get(output, zero_of(output)) if isinstance(output, Value) else 0.0 for output in self.outputs]


def gradient_graph(output: Value, inputs: Sequence[Value]) -> list[Any]:
    """The derivatives of `output` by `inputs` as graphs: what `backward` computes in numbers, recorded as operations.

    The derivatives are summed in the order in which `backward` sums them, so both give the same bits. An input that the output
    does not depend on has the number 0.
    """
    gradients = gradients_of(output, inputs)
    return [gradients.get(leaf, zero_of(leaf)) for leaf in inputs]


def gradients_of(output: Value, inputs: Sequence[Value]) -> dict[Value, Any]:
    """The derivatives of `output` by `inputs` and by all that lies between, as graphs; see `gradient_graph`."""
    order = topological_order(output)
    depends = set(inputs)
    for node in order:
        if not depends.isdisjoint(node.parents):
            depends.add(node)
    gradients: dict[Value, Any] = {output: 1}
    wanted = set(inputs)
    for node in reversed(order):
        if node not in depends or node in wanted:
            continue
        gradient = gradients.setdefault(node, 0)  # of a node that others only choose by, as in `backward`
        for parent, local in local_derivatives(node, node, node.operands, depends):
            gradients[parent] = plus(gradients.get(parent), times(gradient, local))
    return gradients


def expect_recording() -> None:
    """Raise an error where nothing is recorded, so that there is nothing to differentiate."""
    active = mode.get()
    if active is not None and not active.records:
        raise RuntimeError("a derivative was asked for under no_grad(), where nothing is recorded: move it out of the block")


def check_request(f: Callable[..., Any], argnums: int | Sequence[int]) -> None:
    """Refuse what is not a function, or not a choice of its arguments, where it is handed in."""
    if not callable(f):
        raise TypeError(f"expected a function to differentiate, got {f!r} ({type(f).__name__})")
    chosen = argnums if isinstance(argnums, Sequence) else (argnums,)
    if isinstance(argnums, str) or not all(isinstance(index, int) and not isinstance(index, bool) for index in chosen):
        raise TypeError(f"argnums must be an index or several, got {argnums!r} ({type(argnums).__name__})")


def matching(argument: Any, name: str, wanted: Structure, other: str) -> list[Any]:
    """The numbers in an argument that must have the structure `wanted`, that of `other`."""
    leaves, structure = flatten(argument, name)
    if structure != wanted:
        raise ValueError(f"{name} must have the structure of {other}, {len(wanted)} numbers in {wanted}: got {argument!r}")
    return leaves


def plus(total: Any, term: Any) -> Any:
    """`total + term`, where there is a total already."""
    return term if total is None else total + term


def times(left: Any, right: Any) -> Any:
    """`left * right`: of constants a plain number, and without recording a product with a plain 1 or -1."""
    if isinstance(left, Value) and left.is_constant:
        left = left.data
    if isinstance(right, Value) and right.is_constant:
        right = right.data
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
