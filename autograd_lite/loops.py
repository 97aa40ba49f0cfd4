"""Loops that a compiled function records once, however many steps they have: `scan` and `fori`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from autograd_lite.basics.arraylike import is_arraylike, is_sequence, number_to_keep
from autograd_lite.basics.checks import check_callable, whole_number, wrong_type
from autograd_lite.basics.elsewhere import answers_calls
from autograd_lite.basics.wording import counted
from autograd_lite.compiler.loops import record_loop
from autograd_lite.compiler.trace import Recorder
from autograd_lite.graph.context import mode
from autograd_lite.trees import mapped


@answers_calls
def scan(
    f: Callable[[Any, Any], tuple[Any, Any]], carry: Any, xs: Any = None, length: int | None = None
) -> tuple[Any, list[Any]]:
    """Go through `xs` step by step with a carry: `carry, y = f(carry, x)` for each x; gives the last carry and all the y.

    On numbers and Values it is that loop. In a function that `compile` records, one step is recorded and run as often as there
    are steps, in derivatives too: the recording does not grow with the steps, nor does the memory, but for the carries that a
    derivative needs. So every step does the same there: nothing may depend on a number, as in all that is compiled, nor on what
    Python changes from step to step. The name and the arguments are JAX's, of `jax.lax.scan`.

    Arguments:
        f: takes the carry and an x; gives the next carry, of the same structure, and a y: numbers or Values, or nested lists,
            tuples, dicts and arrays of them. A y of None is not kept.
        carry: what the first step gets.
        xs: a list or an array with one x for each step; or a tuple or a dict of several such, which are gone through together.
            None: there are none, and f gets None.
        length: how many steps there are, where `xs` does not tell.

    Returns:
        the last carry, and the list of the y; it is empty where all are None.

    Raises:
        TypeError: `f` is no function or gives no pair, or `xs` is of another type.
        ValueError: the lengths of `xs` differ, or there is none.

    Example:
        >>> from autograd_lite import compile, scan
        >>> scan(lambda total, x: (total + x, total + x), 0.0, [1.0, 2.0, 3.0])
        (6.0, [1.0, 3.0, 6.0])
        >>> power = compile(lambda x: scan(lambda p, _: (p * x, None), 1.0, length=10)[0], backend="python")
        >>> power.value_and_grad(2.0)
        (1024.0, 5120.0)
    """
    check_callable("f", f)
    rows, steps = _rows(xs, length)
    active = mode.get()
    if isinstance(active, Recorder) and steps:
        return record_loop(active, lambda c, x: _pair(f(c, x if rows is not None else None)), carry, rows, steps, "scan")
    ys, carry = [], mapped(carry, number_to_keep)
    for x in [None] * steps if rows is None else rows:
        carry, y = _pair(f(carry, x))
        ys.append(y)
    return carry, [] if all(y is None for y in ys) else ys


@answers_calls
def fori(n: int, f: Callable[[Any, Any], Any], carry: Any) -> Any:
    """Repeat `carry = f(i, carry)` for i = 0, 1 … n − 1, and give the last carry; recorded once by `compile`, as `scan` is.

    Arguments:
        n: how many steps there are.
        f: takes the number of the step and the carry; gives the next carry, of the same structure.
        carry: what the first step gets: numbers or Values, or nested lists, tuples, dicts and arrays of them.

    Raises:
        TypeError: `f` is no function.
        ValueError: `n` is no whole number of at least 0.

    Example:
        >>> from autograd_lite import compile, fori
        >>> fori(5, lambda i, total: total + i, 0)
        10
        >>> newton = compile(lambda a: fori(20, lambda i, x: (x + a / x) / 2, 1.0), backend="python")
        >>> newton.value_and_grad(4.0)
        (2.0, 0.25)
    """
    steps = whole_number("n", n, least=0)
    check_callable("f", f)
    active = mode.get()
    if isinstance(active, Recorder) and steps:
        last, _ = record_loop(active, lambda c, i: (f(i, c), None), carry, None, steps, "fori")
        return last
    carry = mapped(carry, number_to_keep)
    for i in range(steps):
        carry = f(i, carry)
    return carry


def _pair(given: Any) -> tuple[Any, Any]:
    if not isinstance(given, tuple) or len(given) != 2:
        raise wrong_type("what f gives", "a pair (carry, y)", given, "give (carry, None) where nothing is to be kept")
    carry, y = given
    return carry, y


def _rows(xs: Any, length: int | None) -> tuple[Sequence[Any] | None, int]:
    """The x of each step, None where there are none, and how many steps there are."""
    given = None if length is None else whole_number("length", length, least=0)
    if xs is None:
        if given is None:
            raise ValueError("scan needs xs or length: how many steps are there?")
        return None, given
    rows = _together(xs, "xs")
    if given is not None and given != len(rows):
        raise ValueError(f"length must be that of xs, {len(rows)}, got {given}: leave it out")
    return rows, len(rows)


def _together(xs: Any, name: str) -> Sequence[Any]:
    """A list with what there is for each step."""
    if isinstance(xs, list) or (is_arraylike(xs) and is_sequence(xs)):
        return [mapped(x, number_to_keep) for x in xs]
    if not isinstance(xs, tuple | dict):
        raise wrong_type(name, "a list or array with one x for each step, or a tuple or dict of such", xs)
    keys = list(xs) if isinstance(xs, dict) else range(len(xs))
    parts = [_together(xs[key], f"{name}[{key!r}]") for key in keys]
    if len({*map(len, parts)}) != 1:
        found = ", ".join(counted(len(part), "step") for part in parts) or "nothing"
        raise ValueError(f"the parts of {name} must have as many steps as each other, got {found}")
    if isinstance(xs, dict):
        return [dict(zip(keys, row, strict=True)) for row in zip(*parts, strict=True)]
    return list(zip(*parts, strict=True))
