"""What a `with` block changes about how nodes are made: `no_grad` and `detect_anomaly`. Local to the thread and its context."""

from __future__ import annotations

import inspect
import linecache
from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import wraps
from typing import Any, Generic, TypeVar

from autograd_lite.basics.checks import check_callable
from autograd_lite.basics.elsewhere import answers_calls
from autograd_lite.basics.escaping import in_message
from autograd_lite.basics.frames import frame_outside
from autograd_lite.basics.wording import function_name
from autograd_lite.errors import AnomalyError, describe_call, describe_operand
from autograd_lite.graph.bundles import BundleNumbers
from autograd_lite.graph.context import ActiveMode, mode
from autograd_lite.graph.evaluation import is_finite
from autograd_lite.graph.long_doubles import is_longer
from autograd_lite.numpy_floats import LONG_DOUBLES, NumpyValue
from autograd_lite.operands import node_of
from autograd_lite.primitive import CONSTANT, Primitive
from autograd_lite.value import Value, new_node

ModeT = TypeVar("ModeT", bound="Mode")
FunctionT = TypeVar("FunctionT", bound=Callable[..., Any])


class Observed(NumpyValue):
    """A node made inside such a block, of any number, with room for the line of user code that made it."""

    __slots__ = ("line",)

    line: str


class Mode:
    """How nodes are made and the chain rule is applied inside a `with` block; the rest is left to the block around it."""

    records = True  # whether nodes remember their operands
    ended = False  # whether its block is over
    before: ActiveMode | None = None  # what was active when its block began
    constants = False  # whether a node made in it is a constant, and nobody asks how it came about
    guards = False  # whether a derivative recorded in it has a condition for every product: see compiler/guarded.py
    slopes: list[Any] | None = None  # the derivatives that were recorded in it, where somebody asks for them

    def __init__(self) -> None:
        self.outer: ActiveMode | None = mode.get()
        if self.outer is not None and not self.outer.records:
            self.records = False

    def node(self, primitive: Primitive, operands: tuple[Any, ...], data: Any) -> Value:
        """The value `data`, computed by `primitive` from `operands`."""
        if self.outer is None:
            return node_of(primitive, operands, data, Observed)
        made: Value = self.outer.node(primitive, operands, data)
        return made

    def looked_at(self, value: Value) -> None:
        """The number of `value` is read: whoever records is told."""
        if self.outer is not None:
            self.outer.looked_at(value)

    def pull_back(self, node: Value, numbers: BundleNumbers) -> None:
        """Pass the gradient of `node` on to its operands."""
        usual = LONG_DOUBLES.pull_back if is_longer(node.data) else node.primitive.pull_back
        pull_back = usual if self.outer is None else self.outer.pull_back
        pull_back(node, numbers)


def not_ended(active: ActiveMode | None) -> ActiveMode | None:
    """The mode itself, or if its block has ended the innermost one around it that has not."""
    while isinstance(active, Mode) and active.ended:
        active = active.before
    return active


class entered(AbstractContextManager[ModeT], Generic[ModeT]):  # noqa: N801  # used like a function
    """A block that a mode rules, or as a decorator a function: `make` makes the mode when it is entered.

    Blocks of generators end in any order. So what is set at the end of a block is the innermost mode that has not ended.
    """

    def __init__(self, make: Callable[[], ModeT]) -> None:
        self.make = make
        self.active: ModeT | None = None

    def __enter__(self) -> ModeT:
        if self.active is not None and not self.active.ended:
            raise RuntimeError("this block was entered already: make a new one, such as no_grad(), for each `with`")
        before = not_ended(mode.get())
        mode.set(before)
        active = self.active = self.make()
        active.before, active.ended = before, False
        mode.set(active)
        return active

    def __exit__(self, *_: object) -> None:
        if self.active is not None:
            self.active.ended = True
        mode.set(not_ended(mode.get()))

    def __call__(self, function: FunctionT) -> FunctionT:
        """The function, each call of it in such a block."""
        check_callable("what is decorated", function)
        kinds = inspect.isgeneratorfunction, inspect.iscoroutinefunction, inspect.isasyncgenfunction
        if any(is_kind(function) for is_kind in kinds):
            name = function_name(function)
            raise TypeError(
                f"a block as a decorator ends before the body of {name} runs, which is a generator or async: write the block "
                "inside it, with `with`"
            )

        @wraps(function)
        def inside(*args: Any, **named: Any) -> Any:
            with entered(self.make):
                return function(*args, **named)

        return inside  # type: ignore[return-value]


class _NoGrad(Mode):
    records = False

    def __init__(self) -> None:
        super().__init__()
        self.constants = self.outer is None

    def node(self, primitive: Primitive, operands: tuple[Any, ...], data: Any) -> Value:
        if self.outer is not None:
            self.outer.node(primitive, operands, data)  # what an enclosing detect_anomaly checks
        return new_node(CONSTANT, data, None)


@answers_calls
def no_grad() -> entered[Mode]:
    """Inside this block results are plain constants: no graph is recorded, so evaluating costs less and nothing is kept alive.

    Example:
        >>> from autograd_lite import Value, no_grad
        >>> x = Value(2.0)
        >>> with no_grad():
        ...     y = x * x
        >>> y.data, y.parents
        (4.0, ())
    """
    return entered(_NoGrad)


class LineRecorder(Mode):
    """Notes in each node made inside the block the line of user code that made it."""

    def node(self, primitive: Primitive, operands: tuple[Any, ...], data: Any) -> Value:
        """The value `data`, computed by `primitive` from `operands`, its line noted."""
        node = super().node(primitive, operands, data)
        if isinstance(node, Observed):  # and not a constant, of a no_grad around
            node.line = caller_line()
        return node


class _Anomaly(LineRecorder):
    def node(self, primitive: Primitive, operands: tuple[Any, ...], data: Any) -> Value:
        if not is_finite(data):
            raise AnomalyError(f"{describe_call(primitive, operands)} = {data!r}, built at {caller_line()}")
        return super().node(primitive, operands, data)

    def pull_back(self, node: Value, numbers: BundleNumbers) -> None:
        super().pull_back(node, numbers)
        for parent, local in zip(node.parents, node.local_derivatives, strict=True):
            if not (parent.is_constant or is_finite(parent.grad)):
                raise AnomalyError(
                    f"backward through {describe_call(node.primitive, node.operands)} = {node.data!r} gave "
                    f"{describe_operand(parent)} the gradient {parent.grad!r} (gradient of the output {node.grad!r}, "
                    f"local derivative {local!r}), {where_built(node)}"
                )


@answers_calls
def detect_anomaly() -> entered[Mode]:
    """Inside this block the first operation that gives NaN or infinity, forward or backward, raises an error that names it.

    Costs many times the time of a normal run: for finding a fault, not for training. What a compiled function computes is
    not watched: run the function itself here.

    Raises:
        AnomalyError: with the operation, its operands' labels and values, and the line of user code that built it.

    Example:
        >>> from autograd_lite import Value, detect_anomaly, sqrt
        >>> x = Value(0.0, label="x")
        >>> with detect_anomaly():
        ...     sqrt(x).backward()  # doctest: +ELLIPSIS
        Traceback (most recent call last):
        autograd_lite.errors.AnomalyError: backward through sqrt(x=0.0) = 0.0 gave x=0.0 the gradient inf (...
    """
    return entered(_Anomaly)


def where_built(node: Value) -> str:
    """Where a node was made, `built at file:line: code`: the line of user code, if a `LineRecorder` was active then."""
    line = getattr(node, "line", None)
    return f"built at {line}" if line else "built earlier, where no line was noted"


def caller_line(*others: str) -> str:
    """The innermost line of code outside of this package, and of others, that led here."""
    frame, _ = frame_outside("autograd_lite", *others)
    path, number = frame.f_code.co_filename, frame.f_lineno
    code = linecache.getline(path, number, frame.f_globals).strip()
    return in_message(f"{path}:{number}{': ' if code else ''}{code}")
