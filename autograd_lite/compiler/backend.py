"""The backends, which run a tape: what each of them gives, a `Program`; which there are; and which can be used here.

`python/` writes a tape as Python source. It needs nothing, and it decides what is an error. `native/` makes machine code of a
tape. It needs numba and SciPy, and nothing imports it before a program of it is wanted.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib.util import find_spec
from typing import Any, Protocol

from autograd_lite.checks import one_of

BACKENDS = ("auto", "python", "native")
DTYPES = {"python": ("float64",), "native": ("float64", "float32")}

Answer = Callable[[Any], Any]


class Program(Protocol):
    """A tape that can run."""

    def run(self, arguments: Sequence[Any]) -> Any:
        """The outputs for these arguments, as a list or an array.

        An output is one number; where it is not averaged over a batch, it is one number per sample.

        Arguments:
            arguments: the numbers of each, as `take_apart` gives them.
        """

    def on_vector(self, shape: tuple[int], values: int, answer: Answer) -> Callable[[tuple[Any, ...]], Any] | None:
        """An optimization of `run` for a tape of one argument, a vector; None if the backend has no quicker way.

        Otherwise it is a function that takes the arguments of a call and gives the answer. It gives None if they are anything
        but one array of float64 of this shape, and whoever calls it then goes the usual way.

        Arguments:
            shape: of the vector.
            values: how many of the outputs are values of the function; those after them are derivatives.
            answer: makes of the outputs what the user gets.
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
