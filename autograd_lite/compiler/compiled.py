"""What a user sees of compilation: `compile(f)` and the function that it gives."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from functools import partial, update_wrapper
from typing import Any, Concatenate, Generic, Literal, TypeVar, overload

from autograd_lite.basics.arraylike import is_numpy_array, is_on_chunks
from autograd_lite.basics.checks import wrong_type
from autograd_lite.basics.elsewhere import answers_calls
from autograd_lite.compiler.answers import Kind
from autograd_lite.compiler.arguments import Shape, take_all_apart
from autograd_lite.compiler.captured import Captured
from autograd_lite.compiler.prepared import Prepared
from autograd_lite.compiler.request import Request, checked_request
from autograd_lite.compiler.tape import Tape
from autograd_lite.compiler.trace import Recorder, uncollected
from autograd_lite.errors import TracingError
from autograd_lite.graph.context import mode
from autograd_lite.transforms import A, B, BothOfTwo, Out, P, grad, value_and_grad

Gradient = TypeVar("Gradient")
MANY = 16  # recordings of one function that are no accident


@overload
def compile(
    f: Callable[Concatenate[A, P], Out],
    argnums: Literal[0] = 0,
    in_axes: None = None,
    backend: str = ...,
    dtype: str = ...,
    threads: int = ...,
) -> Compiled[Concatenate[A, P], Out, A]: ...
@overload
def compile(
    f: Callable[Concatenate[A, B, P], Out],
    argnums: Literal[1],
    in_axes: None = None,
    backend: str = ...,
    dtype: str = ...,
    threads: int = ...,
) -> Compiled[Concatenate[A, B, P], Out, B]: ...
@overload
def compile(
    f: Callable[Concatenate[A, B, P], Out],
    argnums: BothOfTwo,
    in_axes: None = None,
    backend: str = ...,
    dtype: str = ...,
    threads: int = ...,
) -> Compiled[Concatenate[A, B, P], Out, tuple[A, B]]: ...
@overload
def compile(  # with in_axes arguments are rows of what `f` takes
    f: Callable[..., Out],
    argnums: int | Sequence[int] = 0,
    in_axes: Sequence[int | None] | None = None,
    backend: str = ...,
    dtype: str = ...,
    threads: int = ...,
) -> Compiled[..., Out, Any]: ...
@answers_calls
def compile(
    f: Callable[..., Any],
    argnums: int | Sequence[int] = 0,
    in_axes: Sequence[int | None] | None = None,
    backend: str = "auto",
    dtype: str = "float64",
    threads: int = 1,
) -> Any:
    """The function `f`, recorded once and run without building a graph: its value and its gradient, many times as fast.

    `f` is recorded at the first call, and again when an argument of another structure comes (a longer list, another shape).
    What it does must not depend on the numbers: a comparison or `bool()` of a value is an error that suggests `where`. Numbers
    of Values that `f` refers to without getting them as arguments are read anew at every call. Where a name around it, a
    default, an item of a list, a number in an array, or an attribute or a method of an object of yours is another one than
    before, or the number of a Value around it that `f` reads itself (`w > 0`, `w.data`), `f` is recorded anew. What changes
    inside an array of more than 64 KiB or an object of a library is not noticed, and results under `no_grad` are kept. Where
    an operation of `f` is outside its domain, a call is an error as it is in eager, also if it asks for the gradient alone;
    what is only too large for a float is one if a result needs it.

    Arguments:
        f: takes numbers, or nested lists, tuples, dicts and arrays of them; returns a Value or such a structure of Values.
        argnums: the positional arguments to differentiate by: one index, or several for a tuple of gradients.
        in_axes: for each argument None (shared by all samples) or 0 (one row per sample): then a call takes a whole batch,
            results are means over it, and so is the gradient. None: no batches.
        backend: `"python"` (straight-line Python, no dependency), `"native"` (machine code, needs the extra `fast`), or
            `"auto"` (native where numba and SciPy are installed, else python).
        dtype: `"float64"`, or `"float32"` for half the memory and precision, and infinity beyond 3.4e38 (native only).
        threads: how many threads share the samples of a batch, a stretch of them each (native only). Means are summed in the
            order of the samples: the same number of threads gives the same bits, another number the same up to rounding.

    Returns:
        A `Compiled`: call it for the value; `.grad`, `.value_and_grad`, `.per_sample` and `.source` are the rest.

    Raises:
        ValueError: an unknown backend or dtype, `in_axes` with other entries than None and 0, or several threads where they
            have nothing to share: without `in_axes`, or in Python.
        TypeError: `f` is no function, `argnums` no index or indices, or `in_axes` no sequence.
        ImportError: `backend="native"` without numba.

    Example:
        >>> from autograd_lite import compile, sin
        >>> f = compile(lambda x, y: sin(x) * y, argnums=(0, 1), backend="python")
        >>> f(0.0, 2.0), f.grad(0.0, 2.0)
        (0.0, (2.0, 0.0))
        >>> loss = compile(lambda w, x, y: (w * x - y) ** 2, in_axes=(None, 0, 0), backend="python")
        >>> loss.value_and_grad(1.0, [1.0, 2.0], [0.0, 0.0])
        (2.5, 5.0)
    """
    return Compiled(checked_request(f, argnums, in_axes, backend, dtype, threads))


class Compiled(Generic[P, Out, Gradient]):
    """A compiled function; see `compile`."""

    def __init__(self, request: Request) -> None:
        update_wrapper(self, request.function)
        self.function = request.function
        self.backend, self.dtype, self.threads = request.backend, request.dtype, request.threads
        self._request = request
        self._prepared: dict[tuple[Kind, tuple[Shape, ...]], Prepared] = {}
        self._usual: dict[Kind, Prepared] = {}  # what the latest call of each kind used
        self._latest: Prepared | None = None
        self._captured: Captured | None = None  # what the function takes from around it
        self._changes = 0  # how often it was recorded anew, since something around it had changed

    def __call__(self, *args: P.args, **named: P.kwargs) -> Out:
        """The value of the function; of a batch the mean."""
        value: Out = self._call("value", args, named)
        return value

    @overload
    def grad(self, *args: P.args, **named: P.kwargs) -> Gradient: ...
    @overload
    def grad(self, *args: Any, out: Any, **named: Any) -> Any: ...
    def grad(self, *args: Any, out: Any = None, **named: Any) -> Any:
        """The gradient by the arguments of `argnums`, in their own structure; of a batch that of the mean.

        Arguments:
            args: those of the function.
            out: an array of float64 of the gradient's shape, which takes the gradient, so that no new array is made for it.

        Raises:
            TypeError: `out` is no array of float64, or the gradient is not one array.
            ValueError: `out` has another shape than the gradient.

        Example:
            >>> import numpy as np
            >>> from autograd_lite import dot
            >>> f, slope = compile(lambda x: dot(x, x)), np.empty(2)
            >>> f.grad(np.array([1.0, 2.0]), out=slope) is slope, slope
            (True, array([2., 4.]))
        """
        return self._call("gradient", args, named, out)

    @overload
    def value_and_grad(self, *args: P.args, **named: P.kwargs) -> tuple[Out, Gradient]: ...
    @overload
    def value_and_grad(self, *args: Any, out: Any, **named: Any) -> tuple[Out, Any]: ...
    def value_and_grad(self, *args: Any, out: Any = None, **named: Any) -> Any:
        """The pair of the value and the gradient, from one run; the arguments are those of `grad`."""
        return self._call("value_and_grad", args, named, out)

    def per_sample(self, *args: P.args, **named: P.kwargs) -> list[Out]:
        """The list of the values for each sample of a batch."""
        if self._request.axes is None:
            raise ValueError(
                f"{self._request.name}.per_sample: without in_axes there are no samples; call it, or say which arguments are "
                "batched"
            )
        values: list[Out] = self._call("per_sample", args, named)
        return values

    @property
    def source(self) -> str:
        """The straight-line Python that the function became in its latest call, forward and backward."""
        return self.latest.source

    @property
    def tape(self) -> Tape:
        """The instructions of the latest call."""
        return self.latest.tape

    @property
    def latest(self) -> Prepared:
        """What answered the latest call: its instructions, and the program that runs them."""
        if self._latest is None:
            raise RuntimeError(f"{self._request.name} has not been recorded yet: call it once, or its grad")
        return self._latest

    def __reduce__(self) -> tuple[Any, ...]:
        """A copy, or one for another process, is compiled anew."""
        asked = self._request
        argnums = asked.one_or_all(asked.argnums)
        return compile, (asked.function, argnums, asked.axes, asked.backend, asked.dtype, asked.threads)

    def __repr__(self) -> str:
        if self._latest is None:
            return f"<compiled {self._request.name}, backend {self.backend}, not called yet>"
        tape = self._latest.tape
        counts = f"{tape.recorded} operations recorded, {tape.count} after simplification"
        return f"<compiled {self._request.name}, backend {self.backend}, {counts}>"

    def _call(self, kind: Kind, args: tuple[Any, ...], named: dict[str, Any], out: Any = None) -> Any:
        """The answer of one kind; where possible, in the way that the latest call of this kind took."""
        usual = self._usual.get(kind)
        if usual is not None and not named and mode.get() is None:
            answer = usual.at_once(args, out)
            if answer is not None:
                self._latest = usual
                return answer
        if named:
            raise TypeError(
                f"{self._request.name} got {', '.join(named)} by name: a compiled function takes its arguments by position, as "
                "argnums and in_axes count them. Compile a lambda that names what is to have one value for good"
            )
        if out is not None:
            return self._filled(out, kind, self._call(kind, args, named))
        if usual is not None and mode.get() is None:
            answer = usual.as_they_are(args)
            if answer is not None:
                self._latest = usual
                return answer
        if isinstance(mode.get(), Recorder):
            return self._as_part(kind)(*args)
        return self._answer(kind, args)

    def _filled(self, out: Any, kind: Kind, answer: Any) -> Any:
        """The answer, with the gradient in `out`."""
        gradient = answer if kind == "gradient" else answer[1]
        if not is_numpy_array(gradient) or gradient.dtype == object:
            raise wrong_type("out", "left away where the gradient is not one array of numbers", out)
        if not is_numpy_array(out) or out.dtype != "float64":
            raise wrong_type("out", "an array of float64", out, f"numpy.empty({gradient.shape}) makes one")
        if out.shape != gradient.shape:
            raise ValueError(f"out is of shape {out.shape}, the gradient of shape {gradient.shape}: they must agree")
        out[...] = gradient
        return out if kind == "gradient" else (answer[0], out)

    def _as_part(self, kind: Kind) -> Callable[..., Any]:
        """The function itself, or its derivative, as part of another one that is being recorded."""
        if self._request.axes is not None:
            raise TracingError(
                f"{self._request.name} has in_axes, and so cannot be part of another compiled function: call what it was "
                "compiled from for each sample, and take the mean"
            )
        transforms: dict[Kind, Callable[..., Any]] = {"gradient": grad, "value_and_grad": value_and_grad}
        if kind not in transforms:
            return self._request.function
        part: Callable[..., Any] = transforms[kind](self.function, self._request.one_or_all(self._request.argnums))
        return part

    def _answer(self, kind: Kind, args: tuple[Any, ...]) -> Any:
        """The answer to a call with any arguments: these are taken apart, and the function is recorded if need be."""
        self._look_around()
        if any(map(is_on_chunks, args)):
            from autograd_lite.compiler.cluster.answer import answer_on_chunks

            return answer_on_chunks(self._request, kind, args, partial(self._prepared_for, kind))
        names = self._request.names(len(args))
        numbers, shapes, samples = take_all_apart(args, names, self._request.axes_of(len(args)), self._request.name)
        prepared = self._prepared_for(kind, shapes, lambda: numbers)
        self._usual[kind] = prepared
        return prepared.answer(prepared.run(numbers), samples)

    def _prepared_for(self, kind: Kind, shapes: tuple[Shape, ...], numbers: Callable[[], Sequence[Any]]) -> Prepared:
        """What answers calls with arguments of these shapes; if there is none yet, the function is recorded at the numbers."""
        usual = self._usual.get(kind)  # compared first, an optimization (benchmark neuron)
        prepared = usual if usual is not None and usual.shapes == shapes else self._prepared.get((kind, shapes))
        if prepared is None:
            names = self._request.names(len(shapes))
            prepared = self._prepared[kind, shapes] = self._prepare(kind, numbers(), shapes, names)
            looks = {value: line for each in self._prepared.values() for value, line in each.looks.items()}
            self._captured = Captured(self.function, looks)  # after the recording: what that changes itself is no change
            for each in self._prepared.values():
                each.guard(self._captured)
        self._latest = prepared
        return prepared

    def _look_around(self) -> None:
        """Forget all recordings if something that the function takes from around it has changed."""
        changed = self._captured.changed() if self._captured is not None else None
        if changed is None:
            return
        self._prepared.clear()
        self._usual.clear()
        self._captured = None
        self._changes += 1
        if self._changes == MANY:
            warnings.warn(
                f"{self._request.name} has been recorded anew {MANY} times, since {changed.told}, which it takes from around "
                f"it, was another each time: that takes far longer than a run. {changed.way_out}",
                stacklevel=4,
            )

    def _prepare(self, kind: Kind, numbers: Sequence[Any], shapes: tuple[Shape, ...], names: list[str]) -> Prepared:
        """Record the function for arguments of these shapes; who lets them change without knowing is told."""
        if len(self._prepared) == MANY:
            warnings.warn(
                f"{self._request.name} has been recorded {MANY} times, for arguments of as many structures, and is again: that "
                "takes far longer than a run. Pad lists to one length, mark what is one row per sample in in_axes, or call the "
                "function itself",
                stacklevel=6,
            )
        try:
            with uncollected():
                return Prepared(self._request, kind, numbers, shapes, names)
        except Exception as error:
            changes = [
                f"{name} is {now.structure}, it was {before.structure}"
                for name, now, before in zip(names, shapes, self._latest.shapes if self._latest else (), strict=False)
                if now != before
            ]
            if changes:
                error.add_note(
                    f"{self._request.name} was being recorded anew, since its arguments changed: {'; '.join(changes)}"
                )
            raise
