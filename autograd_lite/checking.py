"""Gradients, tested: analytic derivatives of any order against numerical ones, with a report that names the fault.

`check_grads` differentiates a function by this engine, `check_gradient` takes a gradient that somebody wrote by hand. When a
derivative is wrong, the graph is walked from the leaves: the first node whose own local derivative differs from the numerical
derivative of its primitive is the fault, and everything above it is only its consequence.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from numbers import Real
from typing import Any, NoReturn

from autograd_lite.bundles import Bundle
from autograd_lite.errors import describe_call
from autograd_lite.modes import LineRecorder, entered, where_built
from autograd_lite.numerical import (
    CLOSE_BY,
    CLOSER,
    SAFETY,
    Estimate,
    Vector,
    VectorFunction,
    bends,
    disagreements,
    evaluate,
    number,
    numerical_derivative,
    one_sided,
    rounding,
    shifted,
)
from autograd_lite.ops import sign
from autograd_lite.primitive import Primitive
from autograd_lite.transforms import jacobian, jvp
from autograd_lite.trees import Structure, flatten
from autograd_lite.value import Value, new_node, topological_order

__all__ = ["NotCheckableError", "check_gradient", "check_grads", "numerical_derivative"]

RTOL = 1e-6  # of what a numerical derivative confirms; its own error estimate is added
CLOSE = 2.0**-23  # a kink this close to the point, relative to it, is at the point


class NotCheckableError(AssertionError):
    """There is no verdict on the gradient, and the message says why.

    The function has a kink at the point, an infinite derivative or the value NaN; or it is not a function of its arguments: it
    differs between two calls, changes its arguments, or does not depend on them.
    """


def check_grads(
    f: Callable[..., Any],
    args: Sequence[Any],
    order: int = 2,
    modes: Sequence[str] = ("fwd", "rev"),
    rtol: float = RTOL,
    atol: float = 0.0,
) -> None:
    """Check every derivative of `f` at `args`, up to an order, against numerical derivatives.

    The first order is the derivative of each output by each input. Each further order differentiates all of those of the order
    before (as reverse mode gives them, unless `modes` is only forward mode), so the cost grows with the number of inputs to the
    power of the order.

    Arguments:
        f: takes numbers, Values, or nested lists, tuples, dicts and arrays of them; returns one or a structure of them. It is
            called with Values in the place of all numbers.
        args: the arguments, a tuple; each number in them is an input, taken as a float.
        order: the highest order of derivatives to check, from 1.
        modes: `"fwd"` for forward mode (`jvp`), `"rev"` for reverse mode (`backward`).
        rtol: relative tolerance of the comparison. The estimated error of the numerical derivative is added to it.
        atol: absolute tolerance of the comparison.

    Raises:
        AssertionError: a derivative is wrong. The report says by which argument, at what point, the analytic and the numerical
            derivative with its estimated error, the smallest sub-expression whose local derivative is wrong and the line that
            built it, and a line that reproduces the failure.
        NotCheckableError: an AssertionError too, for a point or a function where there is no verdict, such as a kink.
        TypeError: `args` is not a tuple or list, or holds something that is not a number.
        ValueError: `order`, `modes` or a tolerance is none of the above.

    Example:
        >>> from autograd_lite import check_grads, primitive, relu, tanh
        >>> check_grads(lambda x: tanh(x[0] * x[1]), ([0.5, 2.0],))
        >>> @primitive(derivatives=[lambda out, x: 3 * x])
        ... def cube(x):
        ...     return x**3
        >>> check_grads(lambda x: 1 + cube(x), (2.0,))
        Traceback (most recent call last):
        AssertionError: a derivative of f is wrong
          by            args[0], order 1, fwd mode
          at            args = (2.0,)
          analytic      6.0
          numerical     12 ± ...
          fault         the rule of 'cube' for its operand x gives 6.0, numerically 12 ± ...
          where         cube(args[0]=2.0) = 8.0, built at ...
          reproduce     check_grads(f, (2.0,), order=1, modes=('fwd',))
        >>> check_grads(relu, (0.0,))
        Traceback (most recent call last):
        autograd_lite.checking.NotCheckableError: relu is not differentiable here: relu(args[0]=0.0) = 0.0 ...
    """
    if not isinstance(order, int) or order < 1:
        raise ValueError(f"order {order!r}: expected a whole number from 1")
    if not modes or not set(modes) <= set(DERIVATIVES):
        raise ValueError(f"modes {modes!r}: expected some of 'fwd' and 'rev'")
    expect_tolerances(rtol=rtol, atol=atol)
    subject = Subject(f, args, Value)
    depends = subject.inspect()
    functions: list[VectorFunction] = [subject.function]
    for _ in range(order):
        check = Check(subject, functions, rtol, atol)
        check.compare({mode: check.analytic(mode) for mode in modes})
        functions = [*functions, derivative(functions[-1], "rev" if "rev" in modes else "fwd")]
    if not depends:
        raise NotCheckableError(
            f"{subject.name} does not depend on its arguments: none of them is in the graph of its result, "
            f"{subject.outputs!r}, and its derivatives at args = {subject.args!r} are 0"
        )


def check_gradient(
    f: Callable[..., Any], gradient: Callable[..., Any], args: Sequence[Any], rtol: float = RTOL, atol: float = 0.0
) -> None:
    """Check a hand-written gradient of `f`, or backward pass, against numerical derivatives.

    Neither function needs this engine: both are called with plain numbers.

    Arguments:
        f: takes numbers, or nested lists, tuples, dicts and arrays of them; returns one number.
        gradient: takes the same arguments; returns the gradient in the structure of the argument, or for several arguments a
            tuple of gradients, one for each.
        args: the arguments, a tuple.
        rtol: relative tolerance of the comparison. The estimated error of the numerical derivative is added to it.
        atol: absolute tolerance of the comparison.

    Raises:
        AssertionError: the gradient is wrong, or not in the structure of the arguments; with the report of `check_grads`.
        NotCheckableError: an AssertionError too, for a point or a function where there is no verdict, such as a kink.
        TypeError: `args` or what `gradient` returns is not made of numbers, or `f` or `gradient` is no function.
        ValueError: a tolerance is not a number from 0.

    Example:
        >>> from autograd_lite import check_gradient
        >>> def loss(w, x):
        ...     return (w[0] * x + w[1]) ** 2
        >>> def backward(w, x):
        ...     error = 2 * (w[0] * x + w[1])
        ...     return [error * x, error], error * w[1]
        >>> check_gradient(loss, backward, ([1.0, 2.0], 3.0))
        Traceback (most recent call last):
        AssertionError: a derivative of loss is wrong
          by            args[1], order 1, by backward
          at            args = ([1.0, 2.0], 3.0)
          analytic      20.0
          numerical     10 ± ...
          reproduce     check_gradient(loss, backward, ([1.0, 2.0], 3.0))
    """
    expect_tolerances(rtol=rtol, atol=atol)
    expect_function("gradient", gradient)
    subject = Subject(f, args, float)
    subject.inspect()
    name = name_of(gradient, "gradient")
    result = subject.watched(gradient, name, subject.point)
    expected, several = subject.structure, subject.args[1:]
    if not several:
        (expected,) = subject.structure.children
    leaves, structure = flatten(result, f"the result of {name}")
    if structure.paths("") != expected.paths(""):
        raise AssertionError(
            f"{name} returned {result!r}: expected one derivative for each number, in the structure of "
            f"{'the arguments, as a tuple' if several else 'the argument'}, {expected.rebuild(subject.point)!r}"
        )
    if subject.outputs[1:]:
        raise NotCheckableError(f"{subject.name} returned {len(subject.outputs)} numbers: a gradient is that of one number")
    check = Check(subject, [subject.function], rtol, atol, gradient)
    check.compare({f"by {name}": [[float(number(leaf)) for leaf in leaves]]})


def expect_function(name: str, f: Any) -> None:
    """Raise the error of an argument that cannot be called."""
    if not callable(f):
        raise TypeError(f"{name} is {f!r} ({type(f).__name__}): expected a function")


def expect_tolerances(**tolerances: float) -> None:
    """Raise the error of a tolerance that is none."""
    for name, value in tolerances.items():
        if not (isinstance(value, Real) and value >= 0):
            raise ValueError(f"{name} {value!r}: expected a number from 0")


def reverse(function: VectorFunction, leaves: list[Any]) -> list[list[Any]]:
    """The rows of the Jacobian, one for each output, by reverse mode."""
    rows: list[list[Any]] = jacobian(function)(leaves)
    return rows


def forward(function: VectorFunction, leaves: list[Any]) -> list[list[Any]]:
    """The rows of the Jacobian, one for each output, by forward mode: a pass for each input."""
    size = len(leaves)
    columns = [jvp(function, (leaves,), ([float(k == j) for k in range(size)],))[1] for j in range(size)]
    return [list(row) for row in zip(*columns, strict=True)]


DERIVATIVES = {"fwd": forward, "rev": reverse}


def derivative(function: VectorFunction, mode: str) -> VectorFunction:
    """The function of all derivatives of `function`: of the first output by each input, then of the second, and so on."""

    def differentiated(leaves: list[Any]) -> list[Any]:
        return [entry for row in DERIVATIVES[mode](function, leaves) for entry in row]

    return differentiated


class Subject:
    """The function under test as a function of a flat list of numbers, and what makes it one: it is watched at every call."""

    def __init__(self, f: Callable[..., Any], args: Sequence[Any], make: Callable[[float], Any]) -> None:
        expect_function("f", f)
        if not isinstance(args, tuple | list):
            raise TypeError(f"args {args!r}: expected a tuple of arguments; for a single one write (x,)")
        leaves, self.structure = flatten(tuple(args), "args")
        self.f, self.make, self.name = f, make, name_of(f, "f")
        self.point: Vector = [float(number(leaf)) for leaf in leaves]
        self.paths = self.structure.paths("args")
        self.args = self.structure.rebuild(self.point)
        if not leaves:
            raise NotCheckableError(f"{self.name} has no inputs: there is no number in args = {self.args!r}")
        for path, leaf in zip(self.paths, self.point, strict=True):
            if not math.isfinite(leaf):
                raise NotCheckableError(f"{path} is {leaf!r}: there is no derivative at such a point")
        self.outputs: Vector = []
        self.output_paths: list[str] = []
        self.nodes: list[Value] = []

    def arguments(self, leaves: Sequence[Any]) -> Any:
        """The arguments made of these numbers."""
        return self.structure.rebuild([leaf if isinstance(leaf, Value) else self.make(leaf) for leaf in leaves])

    def call(self, leaves: Sequence[Any]) -> tuple[list[Any], Structure]:
        """The outputs at these inputs, and their structure.

        Raises:
            NotCheckableError: the result is not made of numbers, or the arguments are not the same after the call.
            ArithmeticError: the result is complex.
        """
        result = self.watched(self.f, self.name, leaves)
        if isinstance(result, complex):  # Python's (-1) ** 0.5
            raise ArithmeticError(f"{self.name} returned {result!r}, which is not a real number")
        try:
            return flatten(result, f"the result of {self.name}")
        except TypeError as error:
            raise NotCheckableError(str(error)) from None

    def watched(self, f: Callable[..., Any], name: str, leaves: Sequence[Any]) -> Any:
        """What `f` returns, which must leave its arguments as they are."""
        arguments = self.arguments(leaves)
        before, _ = flatten(arguments)
        numbers = [*map(number, before)]
        result = f(*arguments)
        after, structure = flatten(arguments)
        changed = [*map(number, after)]
        replaced = any(old is not new for old, new in zip(before, after, strict=False) if isinstance(old, Value))
        if structure != self.structure or numbers != changed or replaced:
            change = f"they were {numbers!r} before the call, {changed!r} after it"
            raise NotCheckableError(f"{name} changes its arguments: {change}")
        return result

    def function(self, leaves: Sequence[Any]) -> list[Any]:
        """The outputs at these inputs."""
        return self.call(leaves)[0]

    def inspect(self) -> bool:
        """Whether an argument is in the graph of the result, once that is known to be a function of them at all."""
        leaves = self.labelled()
        with entered(LineRecorder):
            first, structure = self.call(leaves)
        self.outputs = [float(number(output)) for output in first]
        self.output_paths = structure.paths("")
        for place in (self.point, [x + CLOSE for x in self.point]):
            once, twice = evaluate(self.function, place), evaluate(self.function, place)
            if once != twice:
                raise NotCheckableError(
                    f"{self.name} is not deterministic: called twice with {self.structure.rebuild(place)!r} it gave "
                    f"{once!r} and {twice!r}. A random function must draw its numbers from the same seed at every call"
                )
        self.nodes = order = topological_order(*(output for output in first if isinstance(output, Value)))
        if not first:
            raise NotCheckableError(f"{self.name} returned no number")
        if not all(map(math.isfinite, self.outputs)):
            bad = next((node for node in order if not math.isfinite(node.data)), None)
            raise NotCheckableError(
                f"{self.name} returned {self.outputs if len(self.outputs) > 1 else self.outputs[0]!r} at args = {self.args!r}"
                + (f": {describe(bad)}, {where_built(bad)}" if bad is not None else "")
            )
        return not set(leaves).isdisjoint([*first, *(parent for node in order for parent in node.parents)])

    def labelled(self) -> list[Any]:
        """The inputs as Values named by their paths, for messages."""
        if self.make is not Value:
            return list(self.point)
        return [Value(leaf, label=path) for leaf, path in zip(self.point, self.paths, strict=True)]


@dataclass
class Check:
    """The derivatives of one order: of the last of `functions`, which are the subject and its derivatives so far."""

    subject: Subject
    functions: list[VectorFunction]
    rtol: float
    atol: float
    gradient: Callable[..., Any] | None = None

    @property
    def function(self) -> VectorFunction:
        """The function to differentiate."""
        return self.functions[-1]

    @property
    def order(self) -> int:
        """The order of its derivatives."""
        return len(self.functions)

    def analytic(self, mode: str) -> list[list[float]]:
        """The Jacobian by this engine."""
        try:
            rows = DERIVATIVES[mode](self.function, list(self.subject.point))
        except (ArithmeticError, TypeError, ValueError) as error:
            self.explain_error(error, mode)
        return [[float(number(entry)) for entry in row] for row in rows]

    def compare(self, analytic: dict[str, list[list[float]]]) -> None:
        """Raise the report of the first derivative that is not confirmed numerically."""
        point, modes = self.subject.point, list(analytic)
        for j in range(len(point)):
            columns = [[row[j] for row in analytic[mode]] for mode in modes]
            unconfirmed = disagreements(self.function, point, j, columns, self.rtol, self.atol, on_values=self.gradient is None)
            for (candidate, output), estimate in unconfirmed.items():
                found = columns[candidate][output]
                if estimate is None:
                    raise NotCheckableError(
                        f"{self.subject.name} cannot be evaluated on either side of {self.subject.paths[j]} = {point[j]!r}, "
                        "so there is no numerical derivative"
                    )
                accepted = self.atol + SAFETY * self.blur(j, output, modes[candidate])
                settled = estimate.converged or self.smooth(j, output, found)
                if estimate.contradicts(found, self.rtol, accepted) or not settled:
                    self.explain(j, output, modes[candidate], found, estimate)
            at = any(map(at_kink, self.subject.nodes))
            if at and any(is_kink(*sides) for sides in one_sided(self.function, point, j)):
                self.fault()  # as of abs at 0, where the derivative is by convention what central differences give
            if self.gradient is not None and bends(self.function, point, j):
                self.refuse_kink(j, 0, CLOSER)  # the same, of a function without a graph: what is round close by is no kink

    def blur(self, j: int, output: int, mode: str) -> float:
        """How far rounding may have moved the analytic derivative of `output` by input `j`."""
        noise: Vector = []
        if self.gradient is None:
            with suppress(TypeError):  # of a rule that takes numbers only
                noise = rounding(derivative(self.function, mode), self.subject.point)
        return noise[output * len(self.subject.point) + j] if noise else 0.0

    def smooth(self, j: int, output: int, analytic: float) -> bool:
        """Whether the derivatives from both sides agree with the analytic one, where central ones settle slowly: relu(x)²."""
        sides = one_sided(self.function, self.subject.point, j)
        return bool(sides) and all(
            side.converged and not side.contradicts(analytic, self.rtol, self.atol) for side in sides[output]
        )

    def explain(self, j: int, output: int, mode: str, analytic: float, estimate: Estimate) -> NoReturn:
        """Say what is wrong with the derivative of `output` by input `j`."""
        subject = self.subject
        fault: list[str] = []
        if self.gradient is None:
            fault = self.fault()
        if not fault:
            self.refuse_kink(j, output)
            if not estimate.contradicts(analytic, self.rtol, self.atol):
                raise NotCheckableError(
                    f"{subject.name} has no numerical derivative by {self.names(j, output)} at args = {subject.args!r}: "
                    f"differences do not settle as the step shrinks ({estimate}; analytic {analytic!r}). "
                    "It jumps here, or is not smooth"
                )
            if self.gradient is None:
                fault = [
                    "fault         every recorded operation has the right derivative, so a part of the function is not "
                    "recorded: it takes a number out of the graph (v.data, or a new Value of it)"
                ]
        raise AssertionError(
            self.report(
                f"by            {self.names(j, output)}, order {self.order}, {mode if self.gradient else mode + ' mode'}",
                f"at            args = {subject.args!r}",
                f"analytic      {analytic!r}",
                f"numerical     {estimate}",
                *fault,
                f"reproduce     {self.call(mode)}",
            )
        )

    def refuse_kink(self, j: int, output: int, *steps: float) -> None:
        """Raise the error of a kink, if there is one as near as each of these steps."""
        subject = self.subject
        for step in (*steps, CLOSE_BY):
            sides = one_sided(self.function, subject.point, j, step)
            if not (sides and is_kink(*sides[output])):
                return
        left, right = sides[output]
        raise NotCheckableError(
            f"{subject.name} is not differentiable here: its derivative by {self.names(j, output)} is "
            f"{left} from the left and {right} from the right, at args = {subject.args!r}"
        )

    def explain_error(self, error: Exception, mode: str) -> NoReturn:
        """Say which rule failed when a derivative could not be computed at all."""
        subject = self.subject
        fault = self.fault()
        if not fault:
            raise NotCheckableError(
                f"a derivative of {subject.name} cannot be computed at args = {subject.args!r}, order {self.order}: {error}"
            ) from error
        raise AssertionError(
            self.report(
                f"at            args = {subject.args!r}, order {self.order}, {mode} mode",
                *fault,
                f"reproduce     {self.call(mode)}",
            )
        ) from error

    def report(self, *lines: str) -> str:
        """The message of a wrong derivative."""
        return "\n  ".join((f"a derivative of {self.subject.name} is wrong", *lines))

    def fault(self) -> list[str]:
        """Walk the graph from the leaves: the first node whose rule is wrong or, for a higher order, cannot be differentiated.

        Raises:
            NotCheckableError: no rule is wrong, but an operation has no derivative at its operands.
        """
        outputs: list[Any] = []
        with entered(LineRecorder):
            leaves = self.subject.labelled()
            with suppress(ArithmeticError, TypeError, ValueError):  # a rule that fails is of a node that is there already
                for function in self.functions:
                    outputs += function(leaves)
        nodes = topological_order(*(output for output in outputs if isinstance(output, Value)))
        for examine in (wrong_locals, wrong_rules)[: self.order]:
            for node in nodes:
                if found := examine(node, self.rtol):
                    return [f"fault         {found}", f"where         {describe(node)}, {where_built(node)}"]
        for obstacle in (kinks, infinite_locals):
            for node in nodes:
                if found := obstacle(node):
                    raise NotCheckableError(f"{self.subject.name} {found}, {where_built(node)}")
        return []

    def names(self, j: int, output: int) -> str:
        """Which derivative: the inputs that it is by, innermost first, and the output that it is of."""
        subject, size, chosen = self.subject, len(self.subject.point), [j]
        for _ in range(self.order - 1):
            output, inner = divmod(output, size)
            chosen.insert(0, inner)
        of = f" of output {subject.output_paths[output]}" if subject.output_paths[output] else ""
        return ", then by ".join(subject.paths[k] for k in chosen) + of

    def call(self, mode: str) -> str:
        """The line of Python that fails in the same way."""
        name, args = self.subject.name, repr(self.subject.args)
        tolerances = "".join(
            f", {key}={value!r}"
            for key, value, usual in (("rtol", self.rtol, RTOL), ("atol", self.atol, 0.0))
            if value != usual
        )
        if self.gradient is not None:
            return f"check_gradient({name}, {name_of(self.gradient, 'gradient')}, {args}{tolerances})"
        return f"check_grads({name}, {args}, order={self.order}, modes={(mode,)!r}{tolerances})"


# One node on its own


@dataclass
class Local:
    """The primitive of a node as a function of a flat list of its operands' numbers."""

    primitive: Primitive
    structure: Structure
    point: Vector
    names: list[str]
    moving: list[int]  # positions of the operands that can vary: neither constants nor results of operations that only jump

    @classmethod
    def of(cls, node: Value) -> Local:
        """The primitive of `node`, at its inputs."""
        point, structure = flatten(node.inputs)
        parameters = inspect.signature(node.primitive.compute).parameters
        names = [
            path for parameter, child in zip(parameters, structure.children, strict=False) for path in child.paths(parameter)
        ]
        moving = [
            k
            for k, parent in enumerate(node.parents)
            if not parent.is_constant and (not parent.operands or any(parent.primitive.derivatives))
        ]
        return cls(node.primitive, structure, [float(x) for x in point], names, moving)

    def value(self, leaves: Vector) -> list[Any]:
        """The output of the primitive."""
        return [self.primitive.compute(*self.structure.rebuild(leaves))]

    def rule(self, position: int) -> VectorFunction:
        """The local derivatives by one operand, numbers for numbers and graphs for Values."""

        def local(leaves: list[Any]) -> list[Any]:
            operands = [Bundle(o) if isinstance(o, list) else o for o in self.structure.rebuild(leaves)]
            inputs = self.structure.rebuild([*map(number, leaves)])
            output = self.primitive.compute(*inputs)
            first, *_ = leaves
            if isinstance(first, Value):
                output = new_node(self.primitive, output, *operands)
            result = self.primitive.derivatives[position](output, *operands)
            return list(result) if isinstance(result, list | tuple) else [result]

        return local

    def refuted(self, function: VectorFunction, k: int, analytic: Vector, rtol: float) -> dict[int, Estimate]:
        """The numerical derivatives of a function by operand `k` that show an analytic one to be wrong, by its place."""
        return {
            i: estimate
            for (_, i), estimate in disagreements(function, self.point, k, [analytic], rtol).items()
            if estimate and estimate.converged and estimate.contradicts(analytic[i], rtol) and not kink_along(self, k)
        }


def wrong_locals(node: Value, rtol: float) -> str | None:
    """What is wrong with the local derivatives of a node, the numbers that its rule gives."""
    local = Local.of(node)
    name = repr(node.primitive.name)
    try:
        analytic = [float(number(x)) for x in node.local_derivatives]
    except (ArithmeticError, TypeError, ValueError) as error:
        return f"the rule of {name} fails: {type(error).__name__}: {error}"
    for k in local.moving:
        for estimate in local.refuted(local.value, k, [analytic[k]], rtol).values():
            return f"the rule of {name} for its operand {local.names[k]} gives {analytic[k]!r}, numerically {estimate}"
    return None


def wrong_rules(node: Value, rtol: float) -> str | None:
    """What is wrong with the rule of a node as a function that is differentiated in its turn."""
    local = Local.of(node)
    primitive = node.primitive
    for position, rule in enumerate(primitive.derivatives[: len(node.operands)]):
        if rule is None:
            continue
        operand = list(inspect.signature(primitive.compute).parameters)[position]
        what = f"the rule of {primitive.name!r} for its operand {operand}"
        function = local.rule(position)
        try:
            rows = reverse(function, list(local.point))
        except (ArithmeticError, TypeError, ValueError) as error:
            return f"{what} is right but cannot be differentiated: {type(error).__name__}: {error}"
        for k in local.moving:
            column = [float(number(row[k])) for row in rows]
            for i, estimate in local.refuted(function, k, column, rtol).items():
                return (
                    f"{what} is right, but not its own derivative by {local.names[k]}: {column[i]!r}, numerically "
                    f"{estimate}. Write the rule with operators and functions of autograd_lite, on Values (no math.*)"
                )
    return None


def kinks(node: Value) -> str | None:
    """The kink of a node's primitive at its inputs."""
    local = Local.of(node)
    if any(kink_along(local, k) for k in local.moving):
        return f"is not differentiable here: {describe(node)} has a kink"
    return None


def infinite_locals(node: Value) -> str | None:
    """The first local derivative of a node that is not finite."""
    for local in node.local_derivatives:
        if not math.isfinite(local):
            return f"has no finite derivative here: that of {describe(node)} is {local!r}"
    return None


def at_kink(node: Value) -> bool:
    """Whether the table says that a node's primitive has a kink at its inputs."""
    kink = node.primitive.kink
    return kink is not None and not kink(*node.inputs)


def kink_along(local: Local, k: int) -> bool:
    """Whether the derivative jumps as operand `k` moves: by the table, or by the derivatives from both sides."""
    kink, step = local.primitive.kink, CLOSE * max(abs(local.point[k]), 1.0)
    if kink is not None:
        near = (kink(*local.structure.rebuild(shifted(local.point, k, delta))) for delta in (-step, 0.0, step))
        low, here, high = map(sign, near)
        if not low == here == high:
            return True
    return any(is_kink(*sides) for sides in one_sided(local.value, local.point, k))


def is_kink(left: Estimate, right: Estimate) -> bool:
    """Whether the derivatives from the left and from the right differ."""
    gap = 1e-3 * max(abs(left.value), abs(right.value)) + SAFETY * (left.error + right.error)
    return left.converged and right.converged and abs(left.value - right.value) > gap


# Names in messages


def describe(node: Value) -> str:
    """A node as a call with its value."""
    return f"{describe_call(node.primitive, node.operands)} = {node.data!r}"


def name_of(f: Callable[..., Any], otherwise: str) -> str:
    """What to call a function in a message: its own text if it shows one, else its name."""
    if not repr(f).startswith("<"):
        return repr(f)
    name = getattr(f, "__name__", otherwise)
    return otherwise if name == "<lambda>" else name
