"""What a user sees of compilation: `compile(f)` and the function that it gives."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Callable, Sequence
from functools import update_wrapper
from importlib.util import find_spec
from typing import Any, Protocol

from autograd_lite.compiler.arguments import Shape, filled, listed, put_together, take_apart
from autograd_lite.compiler.source import PythonProgram
from autograd_lite.compiler.tape import Tape, side_by_side, write_tape
from autograd_lite.compiler.trace import Recorder, Trace, uncollected
from autograd_lite.errors import TracingError, counted
from autograd_lite.transforms import check_request, grad, value_and_grad
from autograd_lite.trees import Structure
from autograd_lite.value import mode

BACKENDS = ("auto", "python", "native")
DTYPES = {"python": ("float64",), "native": ("float64", "float32")}
MANY = 16  # recordings of one function that are no accident


class Program(Protocol):
    """A tape that can run."""

    def run(self, arguments: Sequence[Any]) -> Any:
        """The outputs for these arguments."""


def compile(
    f: Callable[..., Any],
    argnums: int | Sequence[int] = 0,
    in_axes: Sequence[int | None] | None = None,
    backend: str = "auto",
    dtype: str = "float64",
    threads: int = 1,
) -> Compiled:
    """The function `f`, recorded once and run without building a graph: its value and its gradient, many times as fast.

    `f` is recorded at the first call, and again when an argument of another structure comes (a longer list, another shape).
    What it does must not depend on the numbers: a comparison or `bool()` of a value is an error that suggests `where`. Numbers
    of Values that `f` refers to without getting them as arguments are read anew at every call; plain numbers and results under
    `no_grad` are kept. Where an operation of `f` is outside its domain, a call is an error as it is in eager, also if it asks
    for the gradient alone; what is only too large for a float is one if a result needs it.

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
    return Compiled(f, argnums, in_axes, backend, dtype, threads)


class Compiled:
    """A compiled function; see `compile`."""

    def __init__(
        self,
        f: Callable[..., Any],
        argnums: int | Sequence[int],
        in_axes: Sequence[int | None] | None,
        backend: str,
        dtype: str,
        threads: int,
    ) -> None:
        if not callable(f):
            raise TypeError(f"compile expects a function, got {f!r}")
        check_request(f, argnums)
        update_wrapper(self, f)
        self.function = f
        self.name = getattr(f, "__name__", type(f).__name__).replace("<lambda>", "f")
        self.argnums = (argnums,) if isinstance(argnums, int) else tuple(argnums)
        self.one_argnum = isinstance(argnums, int)
        if in_axes is not None and (isinstance(in_axes, str) or not isinstance(in_axes, Sequence)):
            raise TypeError(f"in_axes {in_axes!r}: expected one entry for each argument, such as (None, 0)")
        self.axes = None if in_axes is None else tuple(in_axes)
        if self.axes is not None:
            if any(axis is not None and (axis != 0 or isinstance(axis, bool)) for axis in self.axes):
                raise ValueError(f"in_axes {self.axes}: each entry is None (shared) or 0 (one row per sample)")
            if 0 not in self.axes:
                raise ValueError(f"in_axes {self.axes} names no batched argument: mark one with 0, or leave in_axes out")
        self.backend = choose_backend(backend)
        if dtype not in DTYPES["native"]:
            raise ValueError(f"dtype {dtype!r}: expected 'float64' or 'float32'")
        native = "pip install 'autograd-lite[fast]'" if backend == "auto" else "backend='native'"  # the way to it
        if dtype not in DTYPES[self.backend]:
            raise ValueError(
                f"dtype 'float32' needs the native backend, since Python computes with float64: {native}, or dtype='float64'"
            )
        self.dtype = dtype
        if not isinstance(threads, int) or isinstance(threads, bool) or threads < 1:
            raise ValueError(f"threads {threads!r}: expected how many, from 1; os.cpu_count() tells what the machine has")
        if threads > 1 and self.backend != "native":
            raise ValueError(f"threads {threads} need the native backend: {native}, or threads=1")
        if threads > 1 and self.axes is None:
            raise ValueError(f"threads {threads} share the samples of a batch: say with in_axes what is batched, or threads=1")
        self.threads = threads
        self._prepared: dict[Any, _Prepared] = {}
        self._usual: dict[str, _Prepared] = {}  # by the kind of result: what the latest call used
        self._names: dict[int, list[str]] = {}
        self._latest: _Prepared | None = None

    def __call__(self, *args: Any, **named: Any) -> Any:
        """The value of the function; of a batch the mean."""
        return self._call("value", args, named)

    def grad(self, *args: Any, **named: Any) -> Any:
        """The gradient by the arguments of `argnums`, in their own structure; of a batch that of the mean."""
        return self._call("gradient", args, named)

    def value_and_grad(self, *args: Any, **named: Any) -> Any:
        """The pair of the value and the gradient, from one run."""
        return self._call("value_and_grad", args, named)

    def per_sample(self, *args: Any, **named: Any) -> Any:
        """The list of the values for each sample of a batch."""
        if self.axes is None:
            raise ValueError(
                f"{self.name}.per_sample: without in_axes there are no samples; call it, or say which arguments are batched"
            )
        return self._call("per_sample", args, named)

    @property
    def source(self) -> str:
        """The straight-line Python that the function became in its latest call, forward and backward."""
        return self._last().source

    @property
    def tape(self) -> Tape:
        """The instructions of the latest call."""
        return self._last().tape

    def __reduce__(self) -> tuple[Any, ...]:
        """A copy, or one for another process, is compiled anew."""
        argnums = one_or_all(self.argnums, self.one_argnum)
        return compile, (self.function, argnums, self.axes, self.backend, self.dtype, self.threads)

    def __repr__(self) -> str:
        if self._latest is None:
            return f"<compiled {self.name}, backend {self.backend}, not called yet>"
        tape = self._latest.tape
        counts = f"{tape.recorded} operations recorded, {tape.count} after simplification"
        return f"<compiled {self.name}, backend {self.backend}, {counts}>"

    def _last(self) -> _Prepared:
        if self._latest is None:
            raise RuntimeError(f"{self.name} has not been recorded yet: call it once, or its grad")
        return self._latest

    def _call(self, kind: str, args: tuple[Any, ...], named: dict[str, Any]) -> Any:
        """The answer of one kind, by way of what the latest call of this kind used if it can."""
        usual = self._usual.get(kind)
        if usual is not None and not named and mode.get() is None:
            if usual.on_vector is not None:
                answer = usual.on_vector(args)
                if answer is not None:
                    self._latest = usual
                    return answer
            elif samples := usual.recognise(args):
                self._latest = usual
                return usual.answer(usual.program.run(args), samples)
        if named:
            raise TypeError(
                f"{self.name} got {', '.join(named)} by name: a compiled function takes its arguments by position, as argnums "
                "and in_axes count them. Compile a lambda that names what is to have one value for good"
            )
        if isinstance(mode.get(), Recorder):
            return self._recorded(kind)(*args)
        axes = self.axes or (None,) * len(args)
        if len(axes) != len(args):
            called = counted(len(args), "argument")
            raise ValueError(f"in_axes {axes} is of length {len(axes)}, {self.name} was called with {called}")
        taken = []
        samples = 0
        names = self._names.get(len(args))
        if names is None:
            names = self._names[len(args)] = parameter_names(self.function, len(args))
        for arg, name, axis in zip(args, names, axes, strict=True):
            numbers, shape, rows = take_apart(arg, f"{self.name}: argument {name}", axis == 0)
            if axis == 0:
                if samples and rows != samples:
                    raise ValueError(
                        f"{self.name}: argument {name} has {counted(rows, 'sample')}, the batched argument "
                        f"before it {samples}: they must agree"
                    )
                samples = rows
            taken.append((numbers, shape))
        shapes = tuple(shape for _, shape in taken)
        prepared = usual if usual is not None and usual.shapes == shapes else self._prepared.get((kind, shapes))
        if prepared is None:
            prepared = self._prepared[kind, shapes] = self._prepare(kind, [numbers for numbers, _ in taken], shapes, names)
        self._latest = self._usual[kind] = prepared
        return prepared.answer(prepared.program.run([numbers for numbers, _ in taken]), samples)

    def _recorded(self, kind: str) -> Callable[..., Any]:
        """The function itself or its derivative, to be part of another one that is being recorded."""
        if self.axes is not None:
            raise TracingError(
                f"{self.name} has in_axes, and so cannot be part of another compiled function: call what it was compiled from "
                "for each sample, and take the mean"
            )
        argnums = one_or_all(self.argnums, self.one_argnum)
        transforms = {"gradient": grad, "value_and_grad": value_and_grad}
        return transforms[kind](self.function, argnums) if kind in transforms else self.function

    def _prepare(self, kind: str, numbers: list[Any], shapes: tuple[Shape, ...], names: list[str]) -> _Prepared:
        """Record the function for these structures; whoever lets them change unawares is told so."""
        if len(self._prepared) == MANY:
            warnings.warn(
                f"{self.name} has been recorded {MANY} times, for arguments of as many structures, and is again: that takes "
                "far longer than a run. Pad lists to one length, mark what is one row per sample in in_axes, or call the "
                "function itself",
                stacklevel=4,
            )
        try:
            with uncollected():
                return _Prepared(self, kind, numbers, shapes, names)
        except Exception as error:
            changes = [
                f"{name} is {now.structure}, it was {before.structure}"
                for name, now, before in zip(names, shapes, self._latest.shapes if self._latest else (), strict=False)
                if now != before
            ]
            if changes:
                error.add_note(f"{self.name} was being recorded anew, since its arguments changed: {'; '.join(changes)}")
            raise


class _Prepared:
    """A function recorded for arguments of one structure, and one kind of result: its tape and the program that runs it."""

    def __init__(self, owner: Compiled, kind: str, numbers: Sequence[Any], shapes: tuple[Shape, ...], names: list[str]) -> None:
        differentiated = kind in ("gradient", "value_and_grad")
        argnums: list[int] = []
        for index in owner.argnums if differentiated else ():
            try:
                position = range(len(shapes))[index]
            except IndexError:
                raise ValueError(
                    f"{owner.name} has no argument {index} to differentiate by: it was called with {len(shapes)}"
                ) from None
            if position in argnums:
                raise ValueError(f"argnums {owner.argnums} of {owner.name} names an argument twice")
            argnums.append(position)
        points = [listed(next(iter(n)) if shape.batched else n) for n, shape in zip(numbers, shapes, strict=True)]
        trace = Trace(owner.function, points, [shape.structure for shape in shapes], names)
        if differentiated:
            trace.differentiate(argnums)
        outputs = [] if kind == "gradient" else list(trace.outputs)
        self.kind = kind
        self.values = len(outputs)
        self.single = trace.single
        self.output_structure: Structure = trace.structure
        reduced = [kind != "per_sample"] * len(outputs)
        self.gradients: list[tuple[Shape, int, int]] = []  # for each of argnums its shape and where its results are
        self.one_argnum = owner.one_argnum
        if differentiated:
            for shape in [shapes[index] for index in argnums]:
                start = len(reduced)
                reduced += [not shape.batched] * len(shape.structure)
                self.gradients.append((shape, start, len(reduced)))
            outputs += trace.gradient
        self.tape = write_tape(trace, outputs)
        del trace, outputs  # a large recording need not lie beside its program
        self.arguments = side_by_side(names, [shape.structure for shape in shapes], [shape.batched for shape in shapes])
        self.reduced = reduced
        self.name = owner.name if kind == "value" else f"{owner.name}_{kind}"
        self.shapes = shapes
        self.batched = any(shape.batched for shape in shapes)
        self.numbers = all(shape.structure.kind == "number" and not shape.batched for shape in shapes)
        self.quick = self.numbers or (
            owner.backend == "native"
            and all(
                shape.rows_are_array
                or (not shape.batched and shape.structure.kind in ("number", "array") and len(shape.structure.keys) < 2)
                for shape in shapes
            )
        )
        self.wanted = [(s.batched, s.batched or s.structure.kind == "array", s.structure.keys) for s in shapes]
        self.on_vector: Callable[[tuple[Any, ...]], Any] | None = None  # see NativeProgram.on_vector
        self._python: PythonProgram | None = None
        if owner.backend == "native":
            import numpy

            from autograd_lite.compiler.native import NativeProgram

            self.array, self.float64 = numpy.ndarray, numpy.dtype("float64")
            program = NativeProgram(self.tape, self.arguments, reduced, owner.dtype, self.python, owner.threads)
            self.program: Program = program
            one_vector = [(s.batched, s.structure.kind, len(s.structure.keys)) for s in shapes] == [(False, "array", 1)]
            if one_vector and owner.dtype == "float64" and owner.one_argnum and not self.tape.outside:
                (vector,) = shapes
                self.on_vector = program.on_vector(vector.structure.keys, self.values, self.vector_answer())
        else:
            self.program = self.python()

    def python(self) -> PythonProgram:
        """The same as Python source."""
        if self._python is None:
            self._python = PythonProgram(self.tape, self.arguments, self.reduced, self.name)
        return self._python

    def recognise(self, args: tuple[Any, ...]) -> int:
        """The number of samples (1 without a batch) if the program takes these arguments as they are; else 0."""
        if not self.quick or len(args) != len(self.shapes):
            return 0
        if self.numbers:
            return {*map(type, args)} == {float}
        samples = 0
        for arg, (batched, array, keys) in zip(args, self.wanted, strict=False):
            if array:
                if type(arg) is not self.array or arg.dtype is not self.float64:
                    return 0
                if not batched:
                    if arg.shape != keys:
                        return 0
                elif not arg.ndim or arg.shape[1:] != keys or (samples and len(arg) != samples):
                    return 0
                else:
                    samples = len(arg)
            elif type(arg) is not float:
                return 0
        return samples or (not self.batched)

    @property
    def source(self) -> str:
        return self.python().source

    # From results to the answer

    def vector_answer(self) -> Callable[[Any], Any]:
        """`answer`, where the one argument is a vector that differentiates to a vector."""
        if self.kind == "value_and_grad":
            return lambda results: (results.item(0), results[1:])
        if self.kind == "gradient":
            return lambda results: results
        if self.single:
            return lambda results: results.item()
        return self.value

    def answer(self, results: Any, samples: int) -> Any:
        """What the user gets of a run's results."""
        if self.kind == "value":
            return self.value(results)
        if self.kind == "gradient":
            return self.gradient(results, samples)
        if self.kind == "value_and_grad":
            return self.value(results), self.gradient(results, samples)
        columns = [column.tolist() if hasattr(column, "tolist") else column for column in results]
        return [self.output_structure.rebuild(row) for row in zip(*columns, strict=True)]

    def value(self, results: Any) -> Any:
        """The outputs of the function."""
        if self.single:
            return results.item(0) if hasattr(results, "item") else results[0]
        return filled(self.output_structure, results[: self.values])

    def gradient(self, results: Any, samples: int) -> Any:
        """The gradients, each in the structure of its argument."""
        if self.numbers:
            numbers = results[self.values :]
            listed = [0.0 + g for g in (numbers if isinstance(numbers, list) else numbers.tolist())]
            return one_or_all(listed, self.one_argnum)
        parts: list[Any] = []
        for shape, start, stop in self.gradients:
            part = results[start:stop]
            if shape.batched:
                part = [[0.0 + g / samples for g in column] for column in part]
            elif isinstance(part, list):
                part = [0.0 + g for g in part]  # a sum that begins with 0, as backward's: never -0.0
            else:
                part = part + 0.0
                if len(shape.structure.keys) == 1:  # a vector is what it is
                    parts.append(part)
                    continue
            parts.append(put_together(shape, part, samples))
        return one_or_all(parts, self.one_argnum)


def one_or_all(parts: Sequence[Any], one: bool) -> Any:
    """The only part, or all as a tuple."""
    if one:
        (part,) = parts
        return part
    return tuple(parts)


def parameter_names(f: Callable[..., Any], count: int) -> list[str]:
    """What the parameters of a function are called, for messages and for the source."""
    try:
        names = [
            name
            for name, parameter in inspect.signature(f).parameters.items()
            if parameter.kind in (parameter.POSITIONAL_ONLY, parameter.POSITIONAL_OR_KEYWORD)
        ]
    except (TypeError, ValueError):
        names = []
    return names[:count] + [f"x{index}" for index in range(len(names), count)]


def choose_backend(backend: str) -> str:
    """The backend that runs: `auto` takes the native one where numba is installed."""
    if backend not in BACKENDS:
        raise ValueError(f"backend {backend!r}: expected one of {', '.join(map(repr, BACKENDS))}")
    installed = find_spec("numba") is not None and find_spec("scipy") is not None
    if backend == "native" and not installed:
        raise ImportError("the native backend needs numba and SciPy: pip install 'autograd-lite[fast]'")
    return "native" if backend != "python" and installed else "python"
