"""What a user calls: `@primitive` makes an operation, which takes numbers and Values, of a function of numbers and its rules.

The operations of the library, each with its rules, are in `autograd_lite.ops`.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Sequence
from functools import wraps
from numbers import Real
from types import FunctionType
from typing import Any

from autograd_lite.basics.arraylike import PYTHON, is_array, is_numpy_float, is_sequence, python_number
from autograd_lite.basics.checks import computed_number
from autograd_lite.basics.domains import Interval
from autograd_lite.basics.elsewhere import answered, answers_calls
from autograd_lite.errors import FAILURES, fail
from autograd_lite.graph.bundles import BUNDLES, Bundle
from autograd_lite.graph.context import mode
from autograd_lite.graph.evaluation import computed, computed_from
from autograd_lite.numpy_floats import NumpyValue, has_numpy_floats
from autograd_lite.operands import as_bundle, as_value, node_of
from autograd_lite.primitive import CONSTANT, Derivative, Primitive, check_definition
from autograd_lite.signatures import Define
from autograd_lite.unrolled import quickest_pull_back
from autograd_lite.value import Value, new_node


@answers_calls
def primitive(
    *,
    derivatives: Sequence[Derivative],
    name: str = "",
    symbol: str = "",
    latex: str = "",
    precedence: int = 0,
    neutral: tuple[float | None, float | None] | None = None,
    domain: Sequence[Interval] = (),
    kink: Callable[..., Any] | None = None,
    variadic: bool = False,
    chooses: bool = False,
    total: bool = False,
    finite_derivatives: bool = False,
    singular: bool = False,
    regular: bool = False,
) -> Define:
    """Make a differentiable operation of a function of numbers.

    The result takes numbers and Values alike: numbers give a number, a Value among the arguments gives a Value. It works in
    every place a built-in operation does: `backward`, derivatives of any order, pictures, `check_grads` and `compile`.

    Arguments:
        derivatives: one function for each argument, called with `(output, *inputs)`, that gives the derivative by it. Write
            them with functions that take numbers and Values alike (operators, and those of `autograd_lite`), and they can be
            differentiated again. None where nothing is to be passed on, as to an argument that only chooses. For an argument
            that is a sequence it gives a sequence, one derivative for each element.
        name: the operation's name; that of the function if not given.
        symbol: what a picture shows; the name if not given.
        latex: a template for formulas, such as `r"\\sqrt{{{0}}}"`.
        precedence: 1 for sums, 2 for products, 3 for powers; 0 for what is written as a function call.
        neutral: of two operands, for each the number that leaves the other as it is, or None: (0, 0) for a sum.
        domain: one `Interval` for each argument, where the function is defined.
        kink: a function of the inputs that is zero where the derivative jumps.
        variadic: whether an argument may be a sequence of operands, as in `sum` and `dot`.
        chooses: whether the result is one of several formulas, chosen by the operands' numbers, as of relu and where.
        total: whether the function gives a number for any floats, and never raises an error.
        finite_derivatives: whether the derivatives are finite wherever the value is: a recorded derivative then needs no
            condition against 0 · infinity.
        singular: whether the value is infinite or NaN at some finite numbers, where that of others is an error.
        regular: the earlier name of `finite_derivatives`.

    Raises:
        TypeError: the number of derivatives is not the number of arguments, or one of them does not take `(output, *inputs)`;
            `domain` or `kink` is none.
        ValueError: `latex` is no template of the arguments.

    Example:
        >>> from autograd_lite import Value, grad, primitive
        >>> @primitive(derivatives=[lambda out, x: 3 * x * x])
        ... def cube(x):
        ...     return x**3
        >>> v = Value(2.0)
        >>> cube(v).backward()
        >>> cube(2.0), v.grad, grad(grad(cube))(2.0)
        (8.0, 12.0, 12.0)
    """

    if callable(derivatives):
        raise TypeError("derivatives must be a list, with one function for each argument")

    def define(function: Callable[..., Any]) -> Any:
        signature = inspect.signature(function)
        parameters = list(signature.parameters.values())
        entry = Primitive(
            name or function.__name__,
            function,
            derivatives,
            symbol=symbol,
            latex=latex,
            precedence=precedence,
            neutral=neutral,
            domain=domain,
            kink=kink,
            variadic=variadic,
            chooses=chooses,
            total=total,
            finite_derivatives=finite_derivatives or regular,
            singular=singular,
        )
        check_definition(entry, parameters)
        required = sum(p.default is p.empty for p in parameters)
        entry.pull_back = quickest_pull_back(entry, required)
        shapes = {(1, 1): _unary, (2, 2): _binary}
        shape = None if variadic else shapes.get((required, len(parameters)))
        operation = wraps(function)(shape(entry) if shape else _general(entry, signature))
        if shape:  # called by position only, which is what makes them fast
            positional = [p.replace(kind=p.POSITIONAL_ONLY) for p in parameters]
            operation.__signature__ = signature.replace(parameters=positional)  # type: ignore[attr-defined]
        operation.primitive = entry  # type: ignore[attr-defined]
        return operation

    return define


def primitive_of(function: Any) -> Primitive | None:
    """The primitive of an operation; None for any other function.

    A function around an operation is such another one, though `functools.wraps` gives it the attributes of the operation.
    """
    primitive = getattr(function, "primitive", None) if isinstance(function, FunctionType) else None
    return (
        primitive if isinstance(primitive, Primitive) and getattr(function, "__wrapped__", None) is primitive.compute else None
    )


# What an operation does: it computes the number and makes the node, or lets the active mode, such as `no_grad`, make it.


def _general(primitive: Primitive, signature: inspect.Signature) -> Callable[..., Any]:
    """The function of a primitive on numbers and Values: of numbers alone a number, else a node."""
    compute = primitive.compute

    def operation(*operands: Any, **named: Any) -> Any:
        if named:
            operands = _by_position(compute, signature, operands, named)
        inputs = []
        for operand in operands:  # the numbers in them, as long as all are Values
            kind = type(operand)
            if kind is Value or isinstance(operand, Value):
                inputs.append(operand._data)
            elif kind in BUNDLES and primitive.variadic:
                inputs.append([value._data for value in operand])
            else:
                break
        else:
            if has_numpy_floats(operands):
                return _node_with_numpy_floats(primitive, operands)
            try:
                data = compute(*inputs)
                if type(data) is not float:
                    data = computed_number(data)
            except FAILURES as error:
                fail(primitive, operands, error)
            active = mode.get()
            return node_of(primitive, operands, data) if active is None else active.node(primitive, operands, data)
        # Not all are Values: if some are, the others become constants; if none is, the result is a number.
        if not PYTHON.issuperset(map(type, operands)):
            if primitive.variadic:
                operands = tuple(map(_listed, operands))
            if any(map(_holds_value, operands)):
                many = list | Bundle if primitive.variadic else ()
                return operation(*[as_bundle(o) if isinstance(o, many) else as_value(o) for o in operands])
            return _computed_plainly(primitive, operands)
        try:
            return compute(*operands)
        except FAILURES as error:
            fail(primitive, operands, error)

    return operation


def _computed_plainly(primitive: Primitive, operands: tuple[Any, ...]) -> Any:
    """The value of an operation at plain numbers, which may be NumPy's."""
    numbers = _as_pythons(operands)
    try:
        if not primitive.variadic and any(map(_is_several, numbers)):
            each = "(x) for x in xs" if len(numbers) == 1 else "(*each) for each in zip(xs, ys)"
            way_out = f"write [{primitive.name}{each}]; one with variadic=True takes a sequence"
            raise TypeError(f"it takes numbers and Values, not sequences: {way_out}")
        number = computed_from(primitive, numbers)
        if is_array(number):  # of arrays in an array, whose rows would be taken for numbers
            raise TypeError("it takes a sequence of numbers and Values, not one of sequences: compute it row by row")
        return number
    except FAILURES as error:
        fail(primitive, operands, error)


def _unary(primitive: Primitive) -> Callable[..., Any]:
    """An optimization of `_general`: the same for one operand (benchmark engine)."""
    compute = primitive.compute

    def operation(x: Any, /) -> Any:
        kind = type(x)
        if kind is not Value:
            if kind is float or not isinstance(x, Value):
                if kind not in PYTHON:
                    return _computed_plainly(primitive, (x,))
                try:
                    return compute(x)
                except FAILURES as error:
                    fail(primitive, (x,), error)
            if isinstance(x, NumpyValue):
                return _node_with_numpy_floats(primitive, (x,))
        try:
            data = compute(x._data)
            if type(data) is not float:
                data = computed_number(data)
        except FAILURES as error:
            fail(primitive, (x,), error)
        active = mode.get()
        return new_node(primitive, data, x) if active is None else active.node(primitive, (x,), data)

    return operation


def _binary(primitive: Primitive) -> Callable[..., Any]:
    """The same for two operands."""
    compute = primitive.compute

    def operation(a: Any, b: Any, /) -> Any:
        if isinstance(a, Value):
            b = as_value(b)
        elif isinstance(b, Value):
            a = as_value(a)
        else:
            if type(a) not in PYTHON or type(b) not in PYTHON:
                return _computed_plainly(primitive, (a, b))
            try:
                return compute(a, b)
            except FAILURES as error:
                fail(primitive, (a, b), error)
        if isinstance(a, NumpyValue) or isinstance(b, NumpyValue):
            return _node_with_numpy_floats(primitive, (a, b))
        try:
            data = compute(a._data, b._data)
            if type(data) is not float:
                data = computed_number(data)
        except FAILURES as error:
            fail(primitive, (a, b), error)
        active = mode.get()
        return new_node(primitive, data, a, b) if active is None else active.node(primitive, (a, b), data)

    return operation


def _node_with_numpy_floats(primitive: Primitive, operands: tuple[Any, ...]) -> Any:
    """The node of an operation on Values some of which hold floats that only NumPy has."""
    try:
        data = computed(primitive, operands)
        if not is_numpy_float(data):
            data = computed_number(data)
    except FAILURES as error:
        fail(primitive, operands, error)
    active, kind = mode.get(), NumpyValue if is_numpy_float(data) else Value
    if active is None:
        return node_of(primitive, operands, data, kind)
    node = active.node(primitive, operands, data)
    return node if active.records else new_node(CONSTANT, data, None, kind=kind)


def _as_pythons(operands: tuple[Any, ...]) -> list[Any]:
    """The plain numbers that an operation was called with as Python's own, where Python has their type."""
    return [
        (o if PYTHON.issuperset(map(type, o)) else [*map(python_number, o)]) if isinstance(o, list) else python_number(o)
        for o in operands
    ]


def _by_position(
    function: Callable[..., Any], signature: inspect.Signature, operands: tuple[Any, ...], named: dict[str, Any]
) -> tuple[Any, ...]:
    """The operands of a call by name in their order, up to the last that was given: one left out before it is its default."""
    try:
        bound = signature.bind(*operands, **named)
    except TypeError as missing:
        error = missing
        try:
            signature.bind_partial(*operands, **named)
        except TypeError as unknown:  # to be told first
            error = unknown
        raise answered(TypeError(f"{function.__qualname__}() {error}"), function) from None
    count = max(position for position, name in enumerate(signature.parameters, 1) if name in bound.arguments)
    bound.apply_defaults()
    return bound.args[:count]


def _listed(operand: Any) -> Any:
    """Several operands as a list; what is one operand as it is: a Bundle, an array without dimensions, a flag."""
    one = isinstance(operand, Bundle | Real) or not isinstance(operand, Iterable) or getattr(operand, "shape", None) == ()
    return operand if one else list(operand)


def _holds_value(operand: Any) -> bool:
    return isinstance(operand, Value | Bundle) or (
        isinstance(operand, list | tuple) and any(isinstance(item, Value) for item in operand)
    )


def _is_several(operand: Any) -> bool:
    """Whether an operand is a sequence, and neither a text nor an array without dimensions, which is one number."""
    return is_sequence(operand) and not isinstance(operand, str) and getattr(operand, "shape", None) != ()
