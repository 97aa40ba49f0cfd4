"""Which backend runs a training: the one that was asked for, or the fastest that can."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Final

from autograd_lite.basics.checks import one_of, wrong_value
from autograd_lite.compiler.training import choose_backend
from autograd_lite.errors import TracingError
from nn.backends.backend import Backend, Training
from nn.backends.compiled import CompiledBackend
from nn.backends.eager import EagerBackend
from nn.backends.python import PythonBackend
from nn.backends.recording import OwnStepError, UnrecordableError
from nn.several import answer

BACKENDS: Final = ("auto", "eager", "python", "native")


def check_backend(backend: str) -> None:
    """Raise a ValueError if there is no backend of that name."""
    one_of("backend", backend, BACKENDS)


def make_backend(backend: str, training: Training, between: int = 0) -> Backend:
    """The backend of that name for a training; `auto` is the fastest that is installed and can run it.

    Where `auto` falls back to the eager one, it warns; the warning is shown at the line that called the caller, or, if there
    are more functions `between`, the caller of these.

    Raises:
        ValueError: the name is unknown, or the model cannot be recorded: it draws random numbers other than Dropout's, or it or
            the loss looks at the numbers.
        ImportError: `native` without numba.
    """
    check_backend(backend)
    if training.dtype != "float64" and (backend in ("eager", "python") or choose_backend(backend) != "native"):
        raise wrong_value("backend", f"'native', of the extra 'fast', for {training.dtype}", backend)
    if backend == "eager":
        return EagerBackend(training)
    try:
        try:
            return compiled_kind(backend)(training)
        except OwnStepError as error:
            if backend != "auto" or training.dtype != "float64":
                raise
            python = PythonBackend(training)
            warnings.warn(
                f"this training runs as compiled Python and not as machine code, several times as slow: {error}. "
                "backend='python' chooses that without this warning",
                stacklevel=4 + between,
            )
            return python
    except Exception as error:

        def works() -> None:
            training.loss(answer(training.model, training.rows[0]), training.targets[0])

        chosen = backend if training.dtype == "float64" else "native"
        fall_back(chosen, error, works, "training", stacklevel=5 + between)
        return EagerBackend(training)


def fall_back(backend: str, error: Exception, works: Callable[[], object], what: str, stacklevel: int) -> None:
    """Return if the eager engine is to do what could not be compiled, after a warning that says why; else raise the error.

    Arguments:
        backend: what the user asked for.
        error: what kept it from being compiled.
        works: does it eagerly, for one sample: what fails there as well is no fault of the recording.
        what: what it is, for the message.
        stacklevel: of the warning, so that it is shown at the line of the user's.

    Raises:
        ValueError: a compiled backend was asked for by name.
    """
    told = isinstance(error, TracingError | UnrecordableError)
    if not told and fails(works):
        if backend != "auto":
            raise error
        return
    reason = error if told else f"{type(error).__name__}: {error}"
    if backend != "auto":
        raise ValueError(f"backend {backend!r} cannot run this {what}: {reason}. Use backend='eager', or 'auto'") from error
    warnings.warn(
        f"this {what} cannot be compiled and runs eagerly, many times as slow: {reason}. backend='eager' chooses that "
        "without this warning",
        stacklevel=stacklevel,
    )


def fails(work: Callable[[], object]) -> bool:
    """Whether something raises an error."""
    try:
        work()
    except Exception:
        return True
    return False


def compiled_kind(backend: str) -> type[CompiledBackend]:
    """The compiled backend of that name."""
    if choose_backend(backend) == "python":
        return PythonBackend
    from nn.backends.native import NativeBackend  # which imports NumPy

    return NativeBackend
