"""From Python functions of numbers to what numba compiles: with `math` for machine code, and with what they call translated."""

from __future__ import annotations

import builtins
import math
import types as python_types
from typing import Any

import numpy as np

from autograd_lite.basics.bytecode import names_around
from autograd_lite.compiler.loops.loop import ManyResults
from autograd_lite.compiler.native.adapted import ADAPTED
from autograd_lite.compiler.native.machine import compiled
from autograd_lite.compiler.native.mathlib import lanes_math, strict_math
from autograd_lite.operation import primitive_of

_of_the_table: dict[Any, Any] = {}


def translated(function: Any, strict: bool = False, known: dict[Any, Any] = _of_the_table) -> Any:
    """A function of numbers as numba compiles it, with the functions of numbers of the operations that it calls.

    Arguments:
        function: of numbers.
        strict: whether to raise an error where Python raises one on the way (but for a power that has no value or overflows).
        known: what was translated already. A user's functions mean something else when what they take from around them has
            changed, and so are translated anew for each kernel.
    """
    function = ADAPTED.get(function, function)
    if function in known:
        return known[function]
    python = function if isinstance(function, python_types.FunctionType) else lambda *operands: function(*operands)
    code, cells = python.__code__, python.__closure__ or ()
    around = {**python.__globals__, **dict(zip(code.co_freevars, [c.cell_contents for c in cells], strict=True))}
    scope: dict[str, Any] = {"__name__": __name__, "__builtins__": builtins}
    for name in sorted(names_around(code) & around.keys()):
        value = around[name]
        if value is math:
            value = strict_math() if strict else lanes_math
        elif getattr(value, "__module__", None) == "math":
            value = getattr(strict_math() if strict else lanes_math, value.__name__)
        elif (primitive := primitive_of(value)) is not None:
            value = translated(primitive.compute, strict, known)
        elif isinstance(value, python_types.FunctionType):
            value = translated(value, strict, known)
        elif isinstance(value, python_types.MethodType) and isinstance(value.__self__, ManyResults):
            value = translated_loop(value.__self__, strict, known)
        scope[name] = value
    closure = tuple([python_types.CellType(scope[name]) for name in code.co_freevars])
    copied = python_types.FunctionType(code, scope, python.__name__, python.__defaults__, closure)
    known[function] = compiled(copied, "python" if strict else "numpy")
    return known[function]


def translated_loop(loop: ManyResults, strict: bool, known: dict[Any, Any]) -> Any:
    """A loop within what is translated, as a function from the list of its numbers to an array of its results."""
    run = translated(loop.source.function, strict, known)
    count, steps, segment, room = loop.count, loop.steps, loop.segment, loop.room

    def results_of(numbers: Any) -> Any:  # in machine code
        given, results = np.empty(len(numbers)), np.empty(count)
        for k in range(len(numbers)):
            given[k] = numbers[k]
        run(given, results, steps, segment, np.empty(room))
        return results

    return compiled(results_of, "python" if strict else "numpy")
