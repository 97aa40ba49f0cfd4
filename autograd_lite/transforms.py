"""Functions in, derivatives out: `grad` and its relatives, which turn a function into the function that is its derivative.

Each calls the function on fresh Values and differentiates the graph that results. When everything in that graph was an argument
or a plain number, the answer is plain numbers. When a Value from outside takes part (an argument that was a Value, or one that
the function closes over), the derivative is built as a graph too, so that it can be differentiated by that Value again: this is
how derivatives nest to any order, and no level is ever mistaken for another.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any, Concatenate, Literal, ParamSpec, TypeAlias, TypeVar, overload

from autograd_lite.basics.checks import wrong_type
from autograd_lite.basics.elsewhere import answers_calls
from autograd_lite.graph.moments import one_like
from autograd_lite.ops import dot
from autograd_lite.recording import Recording, check_request, even_under_no_grad
from autograd_lite.signatures import Smooth, Transformed, WithValue
from autograd_lite.trees import Structure, flatten
from autograd_lite.value import Value, ValueLike

P = ParamSpec("P")  # the parameters that a function has besides those that it is differentiated by
A = TypeVar("A", bound=Any)  # an argument: a number, or any structure of numbers; its gradient has the same one
B = TypeVar("B", bound=Any)
Out = TypeVar("Out")
Scalar = TypeVar("Scalar", bound=ValueLike)
Aux = TypeVar("Aux")
Primals = TypeVar("Primals", bound=Sequence[Any])
BothOfTwo: TypeAlias = tuple[Literal[0], Literal[1]]


@overload
def grad(f: Smooth) -> Smooth: ...
@overload
def grad(f: Callable[Concatenate[A, P], ValueLike], argnums: Literal[0] = 0) -> Transformed[Concatenate[A, P], A]: ...
@overload
def grad(f: Callable[Concatenate[A, B, P], ValueLike], argnums: Literal[1]) -> Transformed[Concatenate[A, B, P], B]: ...
@overload
def grad(
    f: Callable[Concatenate[A, B, P], ValueLike], argnums: BothOfTwo
) -> Transformed[Concatenate[A, B, P], tuple[A, B]]: ...
@overload
def grad(
    f: Callable[Concatenate[A, P], tuple[ValueLike, Aux]], argnums: Literal[0] = 0, *, has_aux: Literal[True]
) -> Transformed[Concatenate[A, P], tuple[A, Aux]]: ...
@overload
def grad(f: Callable[P, Any], argnums: int | Sequence[int] = 0, has_aux: bool = False) -> Transformed[P, Any]: ...
@answers_calls
def grad(f: Callable[..., Any], argnums: int | Sequence[int] = 0, has_aux: bool = False) -> Callable[..., Any]:
    """The function that gives the gradient of `f`, a function with one number as its result.

    Arguments:
        f: takes numbers, Values, or nested lists, tuples, dicts and arrays of them; returns one number or Value.
        argnums: which positional arguments to differentiate by: one index, or several for a tuple of gradients.
        has_aux: whether `f` returns a pair `(number, aux)`, of which only the number is differentiated. `aux` may be anything:
            Values in its lists, tuples, dicts and arrays become plain numbers as the result does.

    Returns:
        A function of the same arguments. Its result has the structure of the argument that it differentiates by; with `has_aux`
        it is the pair `(gradient, aux)`.

    Raises:
        TypeError: `f` did not return a number or a Value, or, with `has_aux`, no pair.
        ValueError: `argnums` is out of range.

    Example:
        >>> from autograd_lite import grad, sin
        >>> grad(lambda x: x**3)(2.0)
        12.0
        >>> grad(grad(sin))(0.0)
        0.0
        >>> grad(lambda p: p["w"] * p["x"][0])({"w": 2.0, "x": [5.0]})
        {'w': 5.0, 'x': [2.0]}
        >>> grad(lambda x: (x**3, {"square": x * x}), has_aux=True)(2.0)
        (12.0, {'square': 4.0})
    """
    differentiated = value_and_grad(f, argnums, has_aux)

    @wraps(f)
    def gradient(*args: Any, **kwargs: Any) -> Any:
        value, found = differentiated(*args, **kwargs)
        return (found, value[1]) if has_aux else found

    return gradient


@overload
def value_and_grad(f: Smooth) -> WithValue: ...
@overload
def value_and_grad(
    f: Callable[Concatenate[A, P], Scalar], argnums: Literal[0] = 0
) -> Transformed[Concatenate[A, P], tuple[Scalar, A]]: ...
@overload
def value_and_grad(
    f: Callable[Concatenate[A, B, P], Scalar], argnums: Literal[1]
) -> Transformed[Concatenate[A, B, P], tuple[Scalar, B]]: ...
@overload
def value_and_grad(
    f: Callable[Concatenate[A, B, P], Scalar], argnums: BothOfTwo
) -> Transformed[Concatenate[A, B, P], tuple[Scalar, tuple[A, B]]]: ...
@overload
def value_and_grad(
    f: Callable[Concatenate[A, P], tuple[Scalar, Aux]], argnums: Literal[0] = 0, *, has_aux: Literal[True]
) -> Transformed[Concatenate[A, P], tuple[tuple[Scalar, Aux], A]]: ...
@overload
def value_and_grad(
    f: Callable[P, Any], argnums: int | Sequence[int] = 0, has_aux: bool = False
) -> Transformed[P, tuple[Any, Any]]: ...
@answers_calls
def value_and_grad(f: Callable[..., Any], argnums: int | Sequence[int] = 0, has_aux: bool = False) -> Callable[..., Any]:
    """The function that gives the value of `f` and its gradient, from one evaluation. See `grad`.

    With `has_aux` it gives `((value, aux), gradient)`.

    Example:
        >>> from autograd_lite import value_and_grad
        >>> value_and_grad(lambda x, y: x * y, argnums=(0, 1))(2.0, 3.0)
        (6.0, (3.0, 2.0))
    """

    check_request(f, argnums)

    @even_under_no_grad
    @wraps(f)
    def both(*args: Any, **kwargs: Any) -> tuple[Any, Any]:
        with Recording(f, args, kwargs, argnums, has_aux) as recording:
            output = recording.only_output()
            return recording.with_aux(recording.plain(output)), recording.rebuild(recording.gradient(output))

    return both


@overload
def jacobian(f: Callable[Concatenate[A, P], ValueLike], argnums: Literal[0] = 0) -> Transformed[Concatenate[A, P], A]: ...
@overload
def jacobian(
    f: Callable[Concatenate[A, P], list[float] | list[Value]], argnums: Literal[0] = 0
) -> Transformed[Concatenate[A, P], list[A]]: ...
@overload
def jacobian(f: Callable[P, Any], argnums: int | Sequence[int] = 0, has_aux: bool = False) -> Transformed[P, Any]: ...
@answers_calls
def jacobian(f: Callable[..., Any], argnums: int | Sequence[int] = 0, has_aux: bool = False) -> Callable[..., Any]:
    """The function that gives the derivative of every output of `f` by every input, by reverse mode: a pass for each output.

    The result has the structure of `f`'s output, each number in it replaced by a structure like the argument's: for a list of m
    outputs and a list of n inputs, m rows of n numbers; for arrays of shapes p and q, an array of shape p + q. With `has_aux`,
    `f` returns a pair `(output, aux)`, and so does this function: `(jacobian, aux)`. `jacrev` is another name for it.

    Example:
        >>> from autograd_lite import jacobian
        >>> jacobian(lambda x: [x[0] * x[1], x[0] + x[1]])([2.0, 3.0])
        [[3.0, 2.0], [1.0, 1.0]]
    """

    check_request(f, argnums)

    @even_under_no_grad
    @wraps(f)
    def rows(*args: Any, **kwargs: Any) -> Any:
        with Recording(f, args, kwargs, argnums, has_aux) as recording:
            found = [recording.rebuild(recording.gradient(output)) for output in recording.outputs]
            return recording.with_aux(recording.structure.rebuild(found))

    return rows


jacrev = jacobian


@overload
def jacfwd(f: Callable[Concatenate[A, P], ValueLike], argnums: Literal[0] = 0) -> Transformed[Concatenate[A, P], A]: ...
@overload
def jacfwd(
    f: Callable[Concatenate[A, P], list[float] | list[Value]], argnums: Literal[0] = 0
) -> Transformed[Concatenate[A, P], list[A]]: ...
@overload
def jacfwd(f: Callable[P, Any], argnums: int | Sequence[int] = 0, has_aux: bool = False) -> Transformed[P, Any]: ...
@answers_calls
def jacfwd(f: Callable[..., Any], argnums: int | Sequence[int] = 0, has_aux: bool = False) -> Callable[..., Any]:
    """What `jacobian` gives, by forward mode: a pass for each input, which is cheaper where outputs outnumber inputs.

    Example:
        >>> from autograd_lite import jacfwd
        >>> jacfwd(lambda t: [t, t * t, t**3])(2.0)
        [1.0, 4.0, 12.0]
    """

    check_request(f, argnums)

    @even_under_no_grad
    @wraps(f)
    def columns(*args: Any, **kwargs: Any) -> Any:
        with Recording(f, args, kwargs, argnums, has_aux) as recording:
            passes = [recording.push_forward({leaf: one_like(leaf)}) for leaf in recording.inputs]  # others do not move
            found = [recording.rebuild([column[i] for column in passes]) for i in range(len(recording.outputs))]
            return recording.with_aux(recording.structure.rebuild(found))

    return columns


@overload
def hessian(f: Smooth) -> Smooth: ...
@overload
def hessian(
    f: Callable[Concatenate[float, P], ValueLike], argnums: Literal[0] = 0
) -> Transformed[Concatenate[float, P], float]: ...
@overload
def hessian(
    f: Callable[Concatenate[list[float], P], ValueLike], argnums: Literal[0] = 0
) -> Transformed[Concatenate[list[float], P], list[list[float]]]: ...
@overload
def hessian(f: Callable[P, Any], argnums: int | Sequence[int] = 0, has_aux: bool = False) -> Transformed[P, Any]: ...
@answers_calls
def hessian(f: Callable[..., Any], argnums: int | Sequence[int] = 0, has_aux: bool = False) -> Callable[..., Any]:
    """The function that gives the second derivatives of `f`, as the jacobian of its gradient; `has_aux` as in `grad`.

    Example:
        >>> from autograd_lite import hessian
        >>> hessian(lambda x: x[0] * x[0] * x[1])([3.0, 5.0])
        [[10.0, 6.0], [6.0, 0.0]]
    """
    return jacobian(grad(f, argnums, has_aux), argnums, has_aux)


@overload
def jvp(f: Callable[..., Out], primals: Sequence[Any], tangents: Sequence[Any]) -> tuple[Out, Out]: ...
@overload
def jvp(
    f: Callable[..., tuple[Out, Aux]], primals: Sequence[Any], tangents: Sequence[Any], has_aux: Literal[True]
) -> tuple[Out, Out, Aux]: ...
@overload
def jvp(f: Callable[..., Any], primals: Sequence[Any], tangents: Sequence[Any], has_aux: bool) -> tuple[Any, ...]: ...
@even_under_no_grad
@answers_calls
def jvp(f: Callable[..., Any], primals: Sequence[Any], tangents: Sequence[Any], has_aux: bool = False) -> tuple[Any, ...]:
    """The value of `f` at `primals` and its directional derivative along `tangents`: one pass, forward.

    Arguments:
        f: a function of `len(primals)` arguments, with any structure of numbers as its result.
        primals: the arguments.
        tangents: the direction, with the structure of `primals`.
        has_aux: whether `f` returns a pair `(output, aux)`, as in `grad`.

    Returns:
        The output and its tangent, of one structure; with `has_aux` the aux besides.

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
            raise wrong_type(name, "a tuple or a list with one item for each argument", sequence)
    with Recording(f, tuple(primals), {}, range(len(primals)), has_aux) as recording:
        numbers = matching(tuple(tangents), "tangents", Structure(tuple, (), tuple(recording.shapes)), "primals")
        outputs = [recording.plain(output) for output in recording.outputs]
        moving = [_of_kind(number, leaf.data) for number, leaf in zip(numbers, recording.inputs, strict=True)]
        pushed = recording.push_forward(dict(zip(recording.inputs, moving, strict=True)))
        both = recording.structure.rebuild(outputs), recording.structure.rebuild(pushed)
        return (*both, recording.plain_aux()) if has_aux else both


def _of_kind(tangent: Any, primal: Any) -> Any:
    """A tangent as a number of its primal's kind: a whole one beside a float is a float."""
    return float(tangent) if isinstance(tangent, int) and isinstance(primal, float) else tangent


@overload
def vjp(f: Callable[[A], Out], primal: A, /) -> tuple[Out, Callable[[Out], tuple[A]]]: ...
@overload
def vjp(f: Callable[[A, B], Out], primal: A, other: B, /) -> tuple[Out, Callable[[Out], tuple[A, B]]]: ...
@overload
def vjp(f: Callable[..., Out], *primals: Any) -> tuple[Out, Callable[[Out], tuple[Any, ...]]]: ...
@overload
def vjp(
    f: Callable[..., tuple[Out, Aux]], *primals: Any, has_aux: Literal[True]
) -> tuple[Out, Callable[[Out], tuple[Any, ...]], Aux]: ...
@overload
def vjp(f: Callable[..., Any], *primals: Any, has_aux: bool) -> tuple[Any, ...]: ...
@even_under_no_grad
@answers_calls
def vjp(f: Callable[..., Any], *primals: Any, has_aux: bool = False) -> tuple[Any, ...]:
    """The value of `f` and the function that pulls a cotangent of its output back to its arguments: one backward pass a call.

    Arguments:
        f: a function of `len(primals)` arguments, with any structure of numbers as its result.
        primals: the arguments.
        has_aux: whether `f` returns a pair `(output, aux)`, as in `grad`.

    Returns:
        The output, and a function of a cotangent (with the structure of the output) that gives a tuple, one item an argument;
        with `has_aux` the aux besides.

    Raises:
        ValueError: a cotangent has another structure than the output.

    Example:
        >>> from autograd_lite import vjp
        >>> value, pull_back = vjp(lambda x, y: [x * y, x + y], 2.0, 3.0)
        >>> value, pull_back([1.0, 10.0])
        ([6.0, 5.0], (13.0, 12.0))
    """
    with Recording(f, primals, {}, range(len(primals)), has_aux) as recording:
        value = recording.structure.rebuild([recording.plain(output) for output in recording.outputs])
        aux = recording.plain_aux()

    @even_under_no_grad
    def pull_back(cotangent: Any) -> tuple[Any, ...]:
        numbers = matching(cotangent, "the cotangent", recording.structure, f"the result of {recording.name}")
        plain = all(not isinstance(number, Value) or number.is_constant for number in numbers)
        with recording:
            return tuple(recording.rebuild(recording.gradient(dot(numbers, recording.outputs), recording.closed and plain)))

    return (value, pull_back, aux) if has_aux else (value, pull_back)


@answers_calls
def hvp(f: Callable[..., Any], primals: Primals, tangents: Sequence[Any]) -> Primals:
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
    product: Primals = jvp(grad(f, tuple(range(len(primals)))), primals, tangents)[1]
    return product


def matching(argument: Any, name: str, wanted: Structure, other: str) -> list[Any]:
    """The numbers in an argument that must have the structure `wanted`, that of `other`."""
    leaves, structure = flatten(argument, name)
    if structure != wanted:
        raise ValueError(f"{name} must have the structure of {other}, {len(wanted)} numbers in {wanted}: got {argument!r}")
    return leaves
