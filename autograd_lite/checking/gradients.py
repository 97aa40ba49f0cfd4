"""`check_grads` and `check_gradient`: what a user calls."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from autograd_lite.basics.checks import check_callable, check_range, whole_number, wrong_value
from autograd_lite.basics.elsewhere import answers_calls
from autograd_lite.checking.analytic import JACOBIANS, derivative
from autograd_lite.checking.check import RTOL, Check
from autograd_lite.checking.comparison import analytic_jacobian, compare
from autograd_lite.checking.errors import NotCheckableError
from autograd_lite.checking.messages import as_written
from autograd_lite.checking.subject import Subject
from autograd_lite.numerical.evaluation import Vector, number_in
from autograd_lite.recording import even_under_no_grad
from autograd_lite.trees import flatten
from autograd_lite.value import Value


@even_under_no_grad
@answers_calls
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
    power of the order. Derivatives of a higher order are compared with differences of `f` itself as well, and each rule that
    `f` uses is looked at by itself: a fault is found though its effect on the result vanishes at this very point.

    Arguments:
        f: takes numbers, Values, or nested lists, tuples, dicts and arrays of them; returns one or a structure of them. It is
            called with Values in the place of all numbers.
        args: the arguments, a tuple; each number in them is an input, taken as a float.
        order: the highest order of derivatives to check, from 1.
        modes: `"fwd"` for forward mode (`jvp`), `"rev"` for reverse mode (`backward`).
        rtol: relative tolerance of the comparison. The estimated error of the numerical derivative is added to it.
        atol: absolute tolerance of the comparison. A derivative that is only known to be as small as this is accepted, too.

    Raises:
        AssertionError: a derivative is wrong, or a rule. The report says by which argument, at what point, the analytic and the
            numerical derivative with its estimated error, the smallest sub-expression whose local derivative is wrong and the
            line that built it, and a line that reproduces the failure.
        NotCheckableError: an AssertionError too, for a point or a function where there is no verdict: a kink, or a derivative
            that rounding hides, because the estimated error is not far below it.
        TypeError: `args` is not a tuple or list, or holds something that is not a number; `order` or a tolerance is no number.
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
    order = whole_number("order", order)
    if not modes or not set(modes) <= set(JACOBIANS):
        raise wrong_value("modes", "some of 'fwd' and 'rev'", modes)
    check_range("rtol", rtol, 0)
    check_range("atol", atol, 0)
    subject = Subject(f, args, Value)
    subject.inspect()
    check, next_by = Check(subject, [subject.function], subject.outputs, rtol, atol), "rev" if "rev" in modes else "fwd"
    for _ in range(order):
        analytic = {mode: analytic_jacobian(check, mode) for mode in modes}
        compare(check, analytic)
        here = [entry for row in analytic[next_by] for entry in row]
        check = replace(check, functions=[*check.functions, derivative(check.function, next_by)], here=here)
    if not subject.depends:
        raise NotCheckableError(
            f"{subject.name} does not depend on its arguments: none of them is in the graph of its result, "
            f"{subject.outputs!r}, and its derivatives at args = {subject.args!r} are 0"
        )


@answers_calls
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
        atol: absolute tolerance of the comparison. A derivative that is only known to be as small as this is accepted, too.

    Raises:
        AssertionError: the gradient is wrong, or not in the structure of the arguments; with the report of `check_grads`.
        NotCheckableError: an AssertionError too, for a point or a function where there is no verdict: a kink, or a derivative
            that rounding hides, because the estimated error is not far below it.
        TypeError: `args` or what `gradient` returns is not made of numbers; `f` or `gradient` is no function; a tolerance is no
            number.
        ValueError: a tolerance is below 0, infinite or NaN.

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
    check_range("rtol", rtol, 0)
    check_range("atol", atol, 0)
    check_callable("gradient", gradient)
    subject = Subject(f, args, float)
    subject.inspect()
    row = flat_gradient(subject, gradient)
    if subject.outputs[1:]:
        raise NotCheckableError(f"{subject.name} returned {len(subject.outputs)} numbers: a gradient is that of one number")
    check = Check(subject, [subject.function], subject.outputs, rtol, atol, gradient)
    compare(check, {f"by {as_written(gradient, 'gradient')}": [row]})


def flat_gradient(subject: Subject, gradient: Callable[..., Any]) -> Vector:
    """What a hand-written gradient gives at the subject's arguments, one number for each input.

    Raises:
        AssertionError: it is not in the structure of the arguments.
    """
    name = as_written(gradient, "gradient")
    result = subject.watched(gradient, name, subject.point)
    expected, several = subject.structure, len(subject.args) > 1
    if not several:
        (expected,) = subject.structure.children
    leaves, structure = flatten(result, f"the result of {name}")
    if structure.paths("") != expected.paths(""):
        raise AssertionError(
            f"{name} returned {result!r}: expected one derivative for each number, in the structure of "
            f"{'the arguments, as a tuple' if several else 'the argument'}, {expected.rebuild(subject.point)!r}"
        )
    return [float(number_in(leaf)) for leaf in leaves]
