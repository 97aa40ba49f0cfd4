"""The backends, which run a tape: what each of them gives, a `Program`; which there are; and which can be used here.

`python/` writes a tape as Python source. It needs nothing, and it decides what is an error. `native/` makes machine code of a
tape. It needs numba and SciPy, and nothing imports it before a program of it is wanted.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib.util import find_spec
from typing import Any, NamedTuple, Protocol

from autograd_lite.basics.checks import one_of

BACKENDS = ("auto", "python", "native")
DTYPES = {"python": ("float64",), "native": ("float64", "float32")}


class Asked(NamedTuple):
    """What a call gives to a program, and what it wants: the case that machine code can answer alone.

    Attributes:
        shapes: of each argument the array's shape, of a batched one that of each sample; None: a float.
        batched: for each argument whether it is.
        values: 1 if the value is wanted, which is a float, else 0.
        parts: the arguments by which derivatives are wanted.
        single: whether there is one such, and no tuple of derivatives is made.
        chooses: whether the usual way is to be taken where a result is NaN.
    """

    shapes: tuple[tuple[int, ...] | None, ...]
    batched: tuple[bool, ...]
    values: int
    parts: tuple[int, ...]
    single: bool
    chooses: bool = False


class Program(Protocol):
    """A tape that can run."""

    def run(self, arguments: Sequence[Any]) -> Any:
        """The outputs for these arguments, as a list or an array.

        An output is one number; where it is not averaged over a batch, it is one number per sample.

        Arguments:
            arguments: the numbers of each, as `take_apart` gives them.
        """

    def entry(self, asked: Asked, samples: int) -> Callable[[tuple[Any, ...], Any], Any] | None:
        """An optimization of `run` for small programs; None if the backend has no quicker way.

        Otherwise it is a function of the arguments of a call, and of an array for the derivative, or None. It gives the answer,
        or None for arguments other than those that were asked for, and whoever calls it then goes the usual way.

        Arguments:
            asked: what calls give and want.
            samples: of a batch, how many the next call is likely to have.
        """


def choose_backend(backend: str) -> str:
    """The backend that runs what asks for this one: `"auto"` is the native one where numba and SciPy are installed.

    Raises:
        ValueError: there is no backend of that name.
        ImportError: the native one is asked for, and something that it needs is not installed.
    """
    one_of("backend", backend, BACKENDS)
    if backend == "python":
        return "python"
    installed = find_spec("numba") is not None and find_spec("scipy") is not None
    if backend == "native" and not installed:
        raise ImportError("the native backend needs numba and SciPy: pip install 'autograd-lite[fast]'")
    return "native" if installed else "python"
