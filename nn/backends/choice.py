"""Which backend runs a training: the one that was asked for, or the fastest that can."""

from __future__ import annotations

import warnings
from typing import Final

from autograd_lite.checks import one_of
from autograd_lite.compiler.training import choose_backend
from autograd_lite.errors import TracingError
from nn.backends.backend import Backend, Training
from nn.backends.compiled import CompiledBackend
from nn.backends.eager import EagerBackend
from nn.backends.python import PythonBackend
from nn.backends.recording import UnrecordableError

BACKENDS: Final = ("auto", "eager", "python", "native")
SLOW: Final = "this training cannot be compiled and runs eagerly, many times as slow"


def check_backend(backend: str) -> None:
    """Raise a ValueError if there is no backend of that name."""
    one_of("backend", backend, BACKENDS)


def make_backend(backend: str, training: Training) -> Backend:
    """The backend of that name for a training; `auto` is the fastest that is installed and can run it.

    Where `auto` falls back to the eager one, it warns; the warning is shown at the line that called the caller.

    Raises:
        ValueError: the name is unknown, or the model cannot be recorded: it draws random numbers, or it or the loss looks at
            the numbers.
        ImportError: `native` without numba.
    """
    check_backend(backend)
    if backend == "eager":
        return EagerBackend(training)
    kind = compiled_kind(backend)
    try:
        return kind(training)
    except Exception as error:
        told = isinstance(error, TracingError | UnrecordableError)
        if not told and not runs_eagerly(training):  # it is not the recording that is wrong
            if backend != "auto":
                raise
            return EagerBackend(training)
        reason = error if told else f"{type(error).__name__}: {error}"
        if backend == "auto":
            warnings.warn(f"{SLOW}: {reason}. backend='eager' chooses that without this warning", stacklevel=3)
            return EagerBackend(training)
        raise ValueError(f"backend {backend!r} cannot run this training: {reason}. Use backend='eager', or 'auto'") from error


def compiled_kind(backend: str) -> type[CompiledBackend]:
    """The compiled backend of that name."""
    if choose_backend(backend) == "python":
        return PythonBackend
    from nn.backends.native import NativeBackend  # which imports NumPy

    return NativeBackend


def runs_eagerly(training: Training) -> bool:
    """Whether the eager engine can compute the loss of the first sample."""
    try:
        training.loss(training.model(training.rows[0]), training.targets[0])
    except Exception:
        return False
    return True
