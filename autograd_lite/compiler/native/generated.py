"""The kernels that are made from source: one for each primitive of the table, and one for each optimizer's formula.

What computes a primitive comes from the table: its own `compute`, translated.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from autograd_lite.compiler.native.adapted import ADAPTED
from autograd_lite.compiler.native.fusion import is_own
from autograd_lite.compiler.native.kernel import Kernel, Kernels
from autograd_lite.compiler.native.meaning import NoMeaningError, meaning
from autograd_lite.ops import TABLE
from autograd_lite.primitive import Primitive

POWER = TABLE["pow"].primitive
DIVIDING = frozenset(TABLE[name].primitive for name in ("truediv", "mod", "floordiv"))
MESSAGE = (
    "the native backend cannot compile the primitive {!r}: {}. Write its function with numbers and `math` alone, "
    "or use backend='python'"
)


def primitive_kernel(
    kernels: Kernels, primitive: Primitive, bundled: tuple[bool, ...], lanes: tuple[bool, ...] | None = None
) -> Kernel:
    """The kernel of a primitive, compiled.

    Arguments:
        kernels: takes the machine code.
        primitive: what the kernel computes.
        bundled: for each operand whether it is a bundle.
        lanes: where that is known, for each operand whether it has lanes.

    Raises:
        TypeError: numba cannot compile the primitive's function.
    """
    try:
        state = "" if is_own(primitive) else state_of(primitive.compute)
        kernel = many(primitive, bundled, state) if any(bundled) else mapped(primitive, len(bundled), state, lanes)
        kernels.address(kernel)
    except Exception as error:  # numba meets what it does not know with errors of many kinds
        lines = [line for line in str(error).splitlines() if line and not line.startswith("Failed in")]
        raise TypeError(MESSAGE.format(primitive.name, lines[0].rstrip(".") if lines else repr(error))) from error
    return kernel


def state_of(function: Any) -> str:
    """A text that changes when what a function computes does: where nobody can tell, at each call."""
    try:
        return meaning(function)
    except NoMeaningError:
        return f"unknown {next(_unknown)}"


_unknown = itertools.count()


def kernel_of(primitive: Primitive, fields: Sequence[str], body: Sequence[str], arity: int) -> Kernel:
    """A kernel with a primitive's function in its scope."""
    strict = not is_own(primitive)
    compute = ADAPTED.get(primitive.compute, primitive.compute)

    def scope() -> dict[str, Any]:
        import numpy as np

        from autograd_lite.compiler.native.machine import compiled
        from autograd_lite.compiler.native.translate import translated

        known = {"known": {}} if strict else {}
        return {"compute": translated(compute, strict, **known), "math": math, "compiled": compiled, "numpy": np}

    return Kernel(primitive.name, fields, body, scope, lambda: meaning(compute), before=guard(primitive, arity))


@cache
def mapped(primitive: Primitive, arity: int, state: str = "", lanes: tuple[bool, ...] | None = None) -> Kernel:
    """The kernel that applies a primitive to rows, and within a row to lanes; another one for each `state_of` the primitive.

    Of operand 0 the first number is at `place0`; `row0` and `lane0` are the distances to the next row and to the next lane.
    Where `lanes` says which operands have lanes, there are no such fields, and one loop does, which is compiled in a third of
    the time (`python -m benchmarks recording`). Else the last of the loops is the plain one. The others are optimizations:
    where it is known that lanes lie side by side, the compiler computes several at once (`python -m benchmarks moons`).
    """
    operands = range(arity)
    numbers = [f"x{i}" for i in operands]
    distances = ("place", "row", "lane") if lanes is None else ("place", "row")
    fields = ["out", "rows", "width", *[f"{field}{i}" for i in operands for field in distances]]

    def loop(condition: str, lanes: list[str]) -> list[str]:
        of_row, of_lane = [], []
        for i, lane in zip(operands, lanes, strict=True):
            (of_lane if lane else of_row).append(f"x{i} = memory[place{i} + row * row{i}{lane and f' + {lane}'}]")
        return [
            f"{condition}:",
            "  for row in range(rows):",
            "    first = out + row * width",
            *[f"    {line}" for line in of_row],
            "    for lane in range(width):",
            *[f"        {line}" for line in (*of_lane, computation(primitive, numbers), "memory[first + lane] = y")],
            *[f"        {line}" for line in check(primitive, numbers)],
        ]

    if lanes is not None:
        body = ["bad = 0", *loop("if width", ["lane" if has_lanes else "" for has_lanes in lanes]), "return bad"]
        return kernel_of(primitive, fields, body, arity)
    dense = " and ".join(f"lane{i} == 1" for i in operands)
    body = ["bad = 0", *loop(f"if {dense}", ["lane"] * arity)]
    if arity == 2:
        body += loop("elif lane0 == 1 and lane1 == 0", ["lane", ""])
        body += loop("elif lane0 == 0 and lane1 == 1", ["", "lane"])
    body += loop("else", [f"lane * lane{i}" for i in operands])
    return kernel_of(primitive, fields, [*body, "return bad"], arity)


@cache
def many(primitive: Primitive, bundled: tuple[bool, ...], state: str = "") -> Kernel:
    """The kernel of a primitive of many operands: lane by lane, with its bundles as arrays; another one for each `state_of` it.

    Of operand 0 the first number is at `place0`, and `lane0` is the distance to the next lane. A bundle has also `count0`
    numbers, and `stride0` is the distance from one to the next.
    """
    fields, body, loads = ["out", "width"], ["bad = 0"], []
    for i, is_bundle in enumerate(bundled):
        fields += [f"place{i}", f"lane{i}"]
        if is_bundle:
            fields += [f"count{i}", f"stride{i}"]
            body.append(f"x{i} = numpy.empty(count{i})")
            loads += [f"for k in range(count{i}):", f"    x{i}[k] = memory[place{i} + k * stride{i} + lane * lane{i}]"]
        else:
            loads.append(f"x{i} = memory[place{i} + lane * lane{i}]")
    body.append("for lane in range(width):")
    body += [f"    {line}" for line in loads]
    body += [f"    {computation(primitive, [f'x{i}' for i in range(len(bundled))])}", "    memory[out + lane] = y"]
    if not primitive.total:
        body += ["    if not math.isfinite(y):", "        bad = 1"]
    return kernel_of(primitive, fields, [*body, "return bad"], len(bundled))


def computation(primitive: Primitive, numbers: list[str]) -> str:
    """The line that computes one result from numbers of these names."""
    if primitive is POWER:  # an optimization: a square is cheaper as a product (`python -m benchmarks rosenbrock`)
        return "y = x0 * x0 if x1 == 2 else compute(x0, x1)"
    return f"y = {'compute' if is_own(primitive) else 'guarded'}({', '.join(numbers)})"


def guard(primitive: Primitive, arity: int) -> list[str]:
    """The lines that define `guarded`: a function of the user's, which gives NaN where it raises an error.

    It is not part of the loop, since from Python 3.12 on numba catches only the first exception of a loop.
    """
    if is_own(primitive):
        return []
    numbers = ", ".join(f"x{i}" for i in range(arity))
    lines = [f"def guarded({numbers}):", "    try:", f"        return compute({numbers})"]
    return ["@compiled", *lines, "    except Exception:", "        return math.nan", ""]


def check(primitive: Primitive, numbers: list[str]) -> list[str]:
    """The lines that find what Python would refuse. They may find too much, since Python then decides, but never too little."""
    if primitive.total:
        return []
    if primitive in DIVIDING:
        return ["if x1 == 0:", "    bad = 1"]
    if not is_own(primitive):
        return ["if not math.isfinite(y):", "    bad = 1"]
    none_is_nan = " & ".join(f"({number} == {number})" for number in numbers)
    all_are_finite = " & ".join(f"(abs({number}) < math.inf)" for number in numbers)
    return [f"bad |= (y != y) & {none_is_nan} | (abs(y) == math.inf) & {all_are_finite}"]  # without a branch, for many lanes


_updates: dict[Any, Kernel] = {}  # one for all optimizers with the same formula


def update_kernel(
    source: str, namespace: dict[str, Any], changed: Sequence[bool], of_products: bool = False, looks_ahead: bool = False
) -> Kernel:
    """The kernel that applies an optimizer's formula to each of many numbers, their gradients and their buffers.

    Arguments:
        source: defines `update(number, gradient, rate, steps, *buffers)`, which gives the new number and the new buffers.
        namespace: what the source refers to.
        changed: for each buffer whether the formula changes it.
        of_products: whether the gradients lie nowhere, but are products: those of a row, of one `a` with the `b`s; see
            `strips`.
        looks_ahead: whether each row of new numbers is multiplied by those at `following`: the sum, which begins with an
            offset, goes to `out`; see `ahead`.
    """
    known = (source, *[(name, state_of(value)) for name, value in namespace.items()], *changed, of_products, looks_ahead)
    if known not in _updates:
        _updates[known] = _update_kernel(source, namespace, changed, of_products, looks_ahead)
    return _updates[known]


def _update_kernel(
    source: str, namespace: dict[str, Any], changed: Sequence[bool], of_products: bool, looks_ahead: bool
) -> Kernel:
    buffers = [f"buffer{i}" for i in range(len(changed))]
    results = ["numbers", *[buffer if is_changed else "" for buffer, is_changed in zip(buffers, changed, strict=True)]]

    def update(gradient: str) -> list[str]:
        given = ["memory[numbers + i]", gradient, "rate", "steps", *[f"memory[{buffer} + i]" for buffer in buffers]]
        written = [f"memory[{place} + i] = new[{index}]" for index, place in enumerate(results) if place]
        return [f"new = compute({', '.join(given)})", *written]

    body = ["rate, steps = memory[rate_place], memory[steps_place]"]
    if of_products:
        fields = ["numbers", "row_stride", "rows", "columns", "a", "a_stride", "b", "b_row", "b_stride"]
        fields += ["following", "out", "offset", "offset_stride"] if looks_ahead else []
        body += [
            "for row in range(rows):",
            "  first, factor, other = row * row_stride, memory[a + row * a_stride], b + row * b_row",
            *[f"  {line}" for line in (products_ahead(update) if looks_ahead else products(update))],
        ]
    else:
        fields = ["numbers", "gradients", "count"]
        body += ["for i in range(count):", *[f"  {line}" for line in update("memory[gradients + i]")]]
    body.append("return 0")
    fields += ["rate_place", "steps_place", *buffers]

    def scope() -> dict[str, Any]:
        from autograd_lite.compiler.native.machine import add_product, compiled
        from autograd_lite.compiler.native.translate import translated

        around = {name: translated(value, known={}) if callable(value) else value for name, value in namespace.items()}
        around["__name__"] = __name__
        exec(compile(source, "<update>", "exec"), around)
        return {"compute": compiled(around["update"]), "add_product": add_product}

    def text() -> str:
        return repr((source, [(name, meaning(value)) for name, value in namespace.items()]))

    return Kernel("update", fields, body, scope, text)


def products(update: Callable[[str], list[str]]) -> list[str]:
    """The lines for a row whose gradients are products; `update` gives those for one number, with its gradient."""
    lines = []
    for condition, place in (("if b_stride == 1", "k"), ("else", "k * b_stride")):
        inside = ["i = first + k", *update(f"factor * memory[other + {place}]")]
        lines += [f"{condition}:", "  for k in range(columns):", *[f"    {line}" for line in inside]]
    return lines


def products_ahead(update: Callable[[str], list[str]]) -> list[str]:
    """The same for a row that is multiplied, too; the other factors of its gradients lie side by side."""
    return [
        "total = memory[offset + row * offset_stride]",
        "for k in range(columns):",
        *[f"  {line}" for line in ["i = first + k", *update("factor * memory[other + k]")]],
        "  total = add_product(total, memory[numbers + i], memory[following + k])",
        "memory[out + row] = total",
    ]
