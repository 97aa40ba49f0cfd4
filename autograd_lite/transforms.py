"""Functions in, derivatives out: `grad` and its relatives, which turn a function into the function that is its derivative.

Each calls the function on fresh Values and differentiates the graph that results. When everything in that graph was an argument
or a plain number, the answer is plain numbers. When a Value from outside takes part (an argument that was a Value, or one that
the function closes over), the derivative is built as a graph too, so that it can be differentiated by that Value again: this is
how derivatives nest to any order, and no level is ever mistaken for another.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

from autograd_lite.ops import dot
from autograd_lite.recording import Recording, check_request, refuse_under_no_grad
from autograd_lite.trees import Structure, flatten
from autograd_lite.value import Value


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
        refuse_under_no_grad()
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


def matching(argument: Any, name: str, wanted: Structure, other: str) -> list[Any]:
    """The numbers in an argument that must have the structure `wanted`, that of `other`."""
    leaves, structure = flatten(argument, name)
    if structure != wanted:
        raise ValueError(f"{name} must have the structure of {other}, {len(wanted)} numbers in {wanted}: got {argument!r}")
    return leaves
