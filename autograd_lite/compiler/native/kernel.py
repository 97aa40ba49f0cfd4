"""What a kernel is: a small function in machine code whose fields are declared once, by name.

A kernel is called with three pointers: to the memory, to its own parameters, and to the state of the run. Its parameters are
integers, mostly places in the memory. An instruction gives them by name, and the kernel reads them by name. Only this module
knows the order in which they lie.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from functools import cache, partial
from operator import itemgetter
from types import MappingProxyType
from typing import Any

from autograd_lite.compiler.native.addresses import address_of
from autograd_lite.compiler.native.meaning import NoMeaningError, meaning
from autograd_lite.compiler.native.state import AT, Integers

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
        options: for numba, besides those of all kernels.
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
        options: Mapping[str, Any] = MappingProxyType({}),
    ) -> None:
        self.name = name
        self.options = options
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
    call = f"{function.__name__}({', '.join(['memory', *(p.name for p in parameters)])})"

    def scope() -> dict[str, Any]:
        from autograd_lite.compiler.native.building import in_machine_code

        return {function.__name__: in_machine_code(function, inline="always")}

    body = [call, "return 0"]
    settings: dict[str, Any] = {"state": state, "open_ended": open_ended, "options": {"fastmath": REASSOCIATE}}
    return Kernel(function.__name__, own, body, scope, lambda: meaning(function), **settings)


class Kernels:
    """The machine code of kernels for one type of number, compiled or loaded when first asked for."""

    def __init__(self, dtype: str) -> None:
        self.signature = f"int64(CPointer({dtype}), CPointer(int64), CPointer(int64))"
        self._addresses: dict[Kernel, int] = {}

    def address(self, kernel: Kernel) -> int:
        """Where the machine code of a kernel is."""
        address = self._addresses.get(kernel)
        if address is None:
            try:
                text = repr((kernel.text, kernel.meaning()))
            except NoMeaningError:
                text = None
            address = address_of(kernel.name, text, self.signature, partial(as_python, kernel), kernel.options)
            self._addresses[kernel] = address
        return address


def as_python(kernel: Kernel) -> Any:
    """The function of a kernel in Python, for numba to compile."""
    from autograd_lite.compiler.native.machine import rest_of

    around: dict[str, Any] = {"__name__": __name__, "rest_of": rest_of, **kernel.scope()}
    exec(compile(kernel.text, f"<the kernel {kernel.name}>", "exec"), around)
    return around["entry"]


@cache
def kernels_of(dtype: str) -> Kernels:
    """The machine code for a type of number; all programs share it."""
    return Kernels(dtype)
