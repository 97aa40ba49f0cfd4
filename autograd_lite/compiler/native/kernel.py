"""What a kernel is: a small function in machine code whose fields are declared once, by name.

A kernel is called with three pointers: to the memory, to its own parameters, and to the state of the run. Its parameters are
integers, mostly places in the memory. An instruction gives them by name, and the kernel reads them by name. Only this module
knows the order in which they lie.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from functools import cache
from operator import itemgetter
from typing import Any

from numba import njit, types
from numba.core.ccallback import CFunc

from autograd_lite.compiler.native.disk import keep_code
from autograd_lite.compiler.native.machine import AT, Integers, rest_of
from autograd_lite.compiler.native.meaning import UnknownError, meaning

REASSOCIATE = {"reassoc", "contract", "nsz"}  # sums may be reordered; NaN and infinity keep their meaning


class Kernel:
    """A kernel, as source.

    Attributes:
        text: a function `entry(memory, p, s)` that reads the fields by name, and gives nonzero if it met what Python would
            refuse (a division by zero, a result out of range).

    Arguments:
        name: of the kernel, for messages and for its file in the cache.
        fields: of its parameters.
        body: the lines of `entry`, which find the fields as local names; the last line returns.
        scope: makes what these lines take from around them.
        meaning: tells two kernels apart that have the same lines and a different scope.
        before: the lines before `entry`.
        state: the fields of the state of a run that `entry` reads as well.
        open_ended: whether the last field takes any number of integers.
    """

    def __init__(
        self,
        name: str,
        fields: Sequence[str],
        body: Sequence[str],
        scope: Callable[[], dict[str, Any]],
        meaning: Callable[[], str],
        *,
        before: Sequence[str] = (),
        state: Sequence[str] = (),
        open_ended: bool = False,
    ) -> None:
        self.name = name
        self.fields = tuple(fields)
        self.open_ended = open_ended
        self.scope, self.meaning = scope, meaning
        self._in_order = itemgetter(*fields)
        unpacked = [f"{field} = p[{place}]" for place, field in enumerate(fields)]
        if open_ended:
            unpacked[-1] = f"{fields[-1]} = rest_of(p, {len(fields) - 1})"
        for field in state:
            place = getattr(AT, field)
            unpacked.append(f"{field} = " + (f"rest_of(s, {place})" if place == AT.pointers else f"s[{place}]"))
        lines = [*before, "def entry(memory, p, s):", *[f"    {line}" for line in [*unpacked, *body]]]
        self.text = "\n".join([*lines, ""])

    def pack(self, given: dict[str, Any]) -> tuple[int, ...]:
        """The parameters of a call, in the order in which the kernel reads them.

        Raises:
            TypeError: a field is missing, or is none of this kernel's.
        """
        if len(given) == len(self.fields):
            try:
                parameters: tuple[Any, ...] = self._in_order(given)
            except KeyError:
                pass
            else:
                return (*parameters[:-1], *parameters[-1]) if self.open_ended else parameters
        missing, unknown = [f for f in self.fields if f not in given], [f for f in given if f not in self.fields]
        raise TypeError(f"the kernel {self.name} has the fields {', '.join(self.fields)}; missing {missing}, unknown {unknown}")


def kernel(function: Callable[..., None]) -> Kernel:
    """Make a kernel of a function, whose signature declares its fields.

    Before the `/` stand `memory` and what the function wants of the state of the run. After it stand the kernel's own fields.
    If the last of these is of the type `Integers`, it takes any number of them.
    """
    parameters = [*inspect.signature(function).parameters.values()][1:]
    state = [p.name for p in parameters if p.kind is p.POSITIONAL_ONLY]
    own = [p.name for p in parameters if p.kind is not p.POSITIONAL_ONLY]
    open_ended = parameters[-1].annotation in ("Integers", Integers)
    options: dict[str, Any] = {"error_model": "numpy", "fastmath": REASSOCIATE, "forceinline": True, "no_cpython_wrapper": True}
    call = f"{function.__name__}({', '.join(['memory', *(p.name for p in parameters)])})"

    def scope() -> dict[str, Any]:
        return {function.__name__: njit(**options)(function)}

    body = [call, "return 0"]
    return Kernel(function.__name__, own, body, scope, lambda: meaning(function), state=state, open_ended=open_ended)


class Kernels:
    """The machine code of kernels for one type of number, compiled or loaded when first asked for."""

    def __init__(self, dtype: str) -> None:
        self.signature = (types.CPointer(getattr(types, dtype)), *[types.CPointer(types.int64)] * 2), types.int64
        self._addresses: dict[Kernel, int] = {}
        self._compiled: list[Any] = []  # kept, so that no program runs freed memory

    def address(self, kernel: Kernel) -> int:
        """Where the machine code of a kernel is."""
        address = self._addresses.get(kernel)
        if address is None:
            compiled = self._compile(kernel)
            self._compiled.append(compiled)
            address = self._addresses[kernel] = int(compiled.address)
        return address

    def _compile(self, kernel: Kernel) -> Any:
        """The machine code of a kernel, from the disk or from numba."""
        try:
            text = repr((kernel.text, kernel.meaning()))
        except UnknownError:
            text = None
        around: dict[str, Any] = {"__name__": __name__, "rest_of": rest_of, **kernel.scope()}
        exec(compile(kernel.text, f"<the kernel {kernel.name}>", "exec"), around)
        compiled = CFunc(around["entry"], self.signature, {}, {"error_model": "numpy"})
        if text is not None:
            keep_code(compiled, kernel.name, text)
        compiled.compile()
        return compiled


@cache
def kernels_of(dtype: str) -> Kernels:
    """The machine code for a type of number; all programs share it."""
    return Kernels(dtype)
