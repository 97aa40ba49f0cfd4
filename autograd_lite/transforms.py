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

from autograd_lite.ops import identity
from autograd_lite.trees import Structure, flatten
from autograd_lite.value import Value, local_derivatives, mode, topological_order

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

    @wraps(f)
    def both(*args: Any, **kwargs: Any) -> tuple[Any, Any]:
        recording = Recording(f, args, kwargs, argnums)
        output = recording.only_output()
        return recording.plain(output), recording.rebuild(recording.gradient(output))

    return both


def jacobian(f: Callable[..., Any], argnums: int | Sequence[int] = 0) -> Callable[..., Any]:
    """The function that gives the derivative of every output of `f` by every input, by reverse mode.

    The result has the structure of `f`'s output, each number in it replaced by a structure like the argument's: for a list of m
    outputs and a list of n inputs, m rows of n numbers.

    Example:
        >>> from autograd_lite import jacobian
        >>> jacobian(lambda x: [x[0] * x[1], x[0] + x[1]])([2.0, 3.0])
        [[3.0, 2.0], [1.0, 1.0]]
    """

    @wraps(f)
    def rows(*args: Any, **kwargs: Any) -> Any:
        recording = Recording(f, args, kwargs, argnums)
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
        ValueError: `primals` and `tangents` differ in structure.

    Example:
        >>> from autograd_lite import jvp
        >>> jvp(lambda x, y: x * y, (2.0, 3.0), (1.0, 10.0))
        (6.0, 23.0)
    """
    recording = Recording(f, tuple(primals), {}, tuple(range(len(primals))))
    numbers = recording.matching(tuple(tangents), "tangents", "primals")
    outputs = [recording.plain(output) for output in recording.outputs]
    pushed = recording.push_forward(numbers)
    return recording.structure.rebuild(outputs), recording.structure.rebuild(pushed)


def vjp(f: Callable[..., Any], *primals: Any) -> tuple[Any, Callable[[Any], tuple[Any, ...]]]:
    """The value of `f` and the function that pulls a cotangent of its output back to one of its arguments.

    Example:
        >>> from autograd_lite import vjp
        >>> value, pull_back = vjp(lambda x, y: [x * y, x + y], 2.0, 3.0)
        >>> value, pull_back([1.0, 10.0])
        ([6.0, 5.0], (13.0, 12.0))
    """
    recording = Recording(f, primals, {}, tuple(range(len(primals))))

    def pull_back(cotangent: Any) -> tuple[Any, ...]:
        numbers, _ = flatten(cotangent, "the cotangent")
        if len(numbers) != len(recording.outputs):
            raise ValueError(f"the cotangent has {len(numbers)} numbers, the output of the function {len(recording.outputs)}")
        total = 0
        for number, output in zip(numbers, recording.outputs, strict=True):
            total = number * output + total
        return tuple(recording.rebuild(recording.gradient(total)))

    return recording.structure.rebuild([recording.plain(output) for output in recording.outputs]), pull_back


def hvp(f: Callable[..., Any], primals: Sequence[Any], tangents: Sequence[Any]) -> Any:
    """The product of the Hessian of `f` with a vector, forward over reverse, without the Hessian itself.

    Example:
        >>> from autograd_lite import hvp
        >>> hvp(lambda x: x[0] * x[0] * x[1], ([3.0, 5.0],), ([1.0, 0.0],))
        ([10.0, 6.0],)
    """
    return jvp(grad(f, tuple(range(len(primals)))), primals, tangents)[1]


class Recording:
    """One evaluation of a function on fresh Values: its inputs, its outputs and the derivatives between them."""

    def __init__(self, f: Callable[..., Any], args: Arguments, kwargs: dict[str, Any], argnums: int | Sequence[int]) -> None:
        active = mode.get()
        if active is not None and not active.records:
            raise RuntimeError(
                "a derivative was asked for under no_grad(), where nothing is recorded: move it out of the block"
            )
        self.name = getattr(f, "__name__", repr(f))
        self.single = isinstance(argnums, int)
        chosen = (argnums,) if isinstance(argnums, int) else tuple(argnums)
        for index in chosen:
            if not isinstance(index, int) or not -len(args) <= index < len(args):
                raise ValueError(f"argnums {argnums} of {self.name}, which was called with {len(args)} positional arguments")
        arguments = list(args)
        self.given: list[Any] = []
        self.inputs: list[Value] = []
        self.shapes: list[Structure] = []
        for index in chosen:
            leaves, shape = flatten(args[index], f"argument {index} of {self.name}")
            fresh = [identity(leaf) if isinstance(leaf, Value) else Value(leaf) for leaf in leaves]
            arguments[index] = shape.rebuild(fresh)
            self.given += leaves
            self.inputs += fresh
            self.shapes.append(shape)
        self.result = f(*arguments, **kwargs)
        self.outputs, self.structure = flatten(self.result, f"the result of {self.name}")
        self.order = topological_order(*(output for output in self.outputs if isinstance(output, Value)))
        own = set(self.inputs)
        leaves_ = (parent for node in self.order for parent in node.parents if not parent.operands)
        self.closed = not any(isinstance(leaf, Value) for leaf in self.given) and all(
            leaf.is_constant or leaf in own for leaf in leaves_
        )

    def only_output(self) -> Any:
        """The output of a function that must have just one."""
        if not isinstance(self.result, Value) and self.structure.kind != "number":
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

    def matching(self, argument: Any, name: str, other: str) -> list[Any]:
        """The leaves of an argument that must have the structure of the inputs."""
        leaves, structure = flatten(argument, name)
        if structure.children != tuple(self.shapes):
            raise ValueError(f"{name} must have the structure of {other}: got {argument!r}")
        return leaves

    def gradient(self, output: Any) -> list[Any]:
        """The derivative of one output by every input: reverse mode."""
        if not isinstance(output, Value):
            return [zero_of(leaf) for leaf in self.inputs]
        if not self.closed:
            return gradient_graph(output, self.inputs)
        for leaf in self.inputs:
            leaf.grad = zero_of(leaf)
        output.backward()
        return [leaf.grad for leaf in self.inputs]

    def push_forward(self, tangents: Iterable[Any]) -> list[Any]:
        """The derivative of every output along a direction of the inputs: forward mode."""
        moved: dict[Value, Any] = dict(zip(self.inputs, tangents, strict=True))
        for node in self.order:
            if node in moved:
                continue
            output, inputs = (node.data, node.inputs) if self.closed else (node, node.operands)
            for parent, local in local_derivatives(node, output, inputs):
                if parent in moved:
                    moved[node] = plus(moved.get(node), times(local, moved[parent]))
        return [moved.get(output, 0.0) if isinstance(output, Value) else 0.0 for output in self.outputs]


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
        if node not in gradients or node in wanted:
            continue
        gradient = gradients[node]
        for parent, local in local_derivatives(node, node, node.operands):
            if parent in depends:
                gradients[parent] = plus(gradients.get(parent), times(gradient, local))
    return gradients


def zero_of(value: Value) -> Any:
    """Zero, as a number of the kind that the value holds."""
    return type(value.data)(0)


def plus(total: Any, term: Any) -> Any:
    """`total + term`, where there is a total already."""
    return term if total is None else total + term


def times(left: Any, right: Any) -> Any:
    """`left * right`: of constants a plain number, and without recording a product with a plain 1 or -1."""
    left, right = (x.data if isinstance(x, Value) and x.is_constant else x for x in (left, right))
    for factor, other in ((left, right), (right, left)):
        if not isinstance(factor, Value):
            if factor == 1:
                return other
            if factor == -1:
                return -other
    return left * right
