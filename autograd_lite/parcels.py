"""What another process is to run, as bytes: pickled with all that it refers to, and with the versions that it was made by.

A function of a notebook or of a script is not to be found elsewhere, so its code travels with it (cloudpickle). An operation of
the table is found by its name; one of a user's own travels as what it is made of.

A process opens a parcel once and keeps what is made of it, machine code say, for as long as it is used.
"""

from __future__ import annotations

import copyreg
import hashlib
import inspect
import platform
import sys
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from io import BytesIO
from threading import Lock
from typing import Any, Final

from autograd_lite.ops import OWN, TABLE
from autograd_lite.primitive import CONSTANT, LEAF, Primitive
from autograd_lite.unrolled import quickest_pull_back

DECIDING: Final = ("autograd-lite", "numpy", "numba", "scipy")  # another version of these may give other bits, or none
LEAVES: Final = {LEAF: "LEAF", CONSTANT: "CONSTANT"}
KEPT: Final = 32  # openings of parcels in a process


class VersionsDifferError(RuntimeError):
    """Two processes that are to compute together do not run the same versions."""


@dataclass(frozen=True)
class Parcel:
    """Something packed for another process.

    Attributes:
        content: its bytes; none, where a process has opened it already.
        versions: those that it was packed by.
        token: the same for the same bytes.
    """

    content: bytes = field(repr=False)
    versions: tuple[tuple[str, str], ...]
    token: str

    def open(self) -> Any:
        """What was packed.

        Raises:
            VersionsDifferError: this process runs other versions.
        """
        import cloudpickle

        self.check_versions()
        return cloudpickle.loads(self.content)

    def without_content(self) -> Parcel:
        """The same for a process where it is `opened` already: some hundred bytes, where it may be megabytes."""
        return replace(self, content=b"")

    def check_versions(self) -> None:
        """Raise a VersionsDifferError if this process runs other versions than the one that packed."""
        here = versions()
        differing = [
            f"{name} {then} there, {now} here"
            for (name, then), (_, now) in zip(self.versions, here, strict=True)
            if then != now
        ]
        if differing:
            raise VersionsDifferError(
                f"this worker runs other versions than the client that it is to compute with: {', '.join(differing)}. The same "
                "bits need the same versions: install those of the client on every worker"
            )


def pack(content: Any) -> Parcel:
    """A parcel of anything that can be pickled, functions of any kind included.

    Raises:
        TypeError: it cannot be pickled.
    """
    packed = _pickled(content)
    return Parcel(packed, versions(), hashlib.sha256(packed).hexdigest())


@cache
def versions() -> tuple[tuple[str, str], ...]:
    """The versions of this process that decide what it computes, by name."""
    return ("Python", ".".join(platform.python_version_tuple()[:2])), *((name, _version(name)) for name in DECIDING)


def _version(package: str) -> str:
    if package == "autograd-lite":
        return str(sys.modules["autograd_lite"].__version__)
    try:
        return version(package)
    except PackageNotFoundError:
        return "missing"


def _pickled(content: Any) -> bytes:
    import cloudpickle

    class Pickler(cloudpickle.Pickler):  # type: ignore[misc]
        def reducer_override(self, item: Any) -> Any:
            return _reduced(item) if isinstance(item, Primitive) else super().reducer_override(item)

    file = BytesIO()
    try:
        Pickler(file).dump(content)
    except Exception as error:
        raise TypeError(
            f"what a worker is to run cannot be sent to it: {error}. A function may not refer to open files, locks, generators "
            "and the like: give it the numbers that it needs"
        ) from error
    return file.getvalue()


def _reduced(primitive: Primitive) -> tuple[Any, ...]:
    """How an operation is pickled: one of this package by its name."""
    if primitive in OWN:
        return _own, (primitive.name,)
    if primitive in LEAVES:
        return _leaf, (LEAVES[primitive],)
    if primitive.result_of is not None:
        raise TypeError(f"{primitive.name} is a compiled loop: write the loop in Python there, or compute on NumPy arrays")
    parts = {name: getattr(primitive, name) for name in Primitive.__slots__ if name != "pull_back"}
    return copyreg.__newobj__, (Primitive,), parts, None, None, _fill  # type: ignore[attr-defined]


def _own(name: str) -> Primitive:
    primitive: Primitive = TABLE[name].primitive
    return primitive


def _leaf(name: str) -> Primitive:
    return next(primitive for primitive, known in LEAVES.items() if known == name)


def _fill(primitive: Primitive, parts: dict[str, Any]) -> None:
    """Put the parts of a user's operation into its place; they may refer to it."""
    for name, part in parts.items():
        setattr(primitive, name, part)
    parameters = inspect.signature(primitive.compute).parameters.values()
    primitive.pull_back = quickest_pull_back(primitive, sum(p.default is p.empty for p in parameters))


_opened: OrderedDict[tuple[Callable[[Parcel], Any], str], Any] = OrderedDict()
_lock = Lock()


def opened(parcel: Parcel, make: Callable[[Parcel], Any]) -> Any:
    """What `make` makes of a parcel: once in a process, then kept for a while.

    Raises:
        LookupError: it came without its content, and this process does not have what was made of it.
    """
    key = make, parcel.token
    with _lock:
        if key not in _opened:
            if not parcel.content:
                raise LookupError(f"this process has not opened the parcel {parcel.token[:8]}, or not kept it: send it whole")
            _opened[key] = make(parcel)
            while len(_opened) > KEPT:
                _opened.popitem(last=False)
        _opened.move_to_end(key)
        return _opened[key]
