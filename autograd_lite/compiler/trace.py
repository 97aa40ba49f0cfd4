"""Recording a function: it runs once, on `Traced` values.

They remember every operation, as any Value does, and they refuse whatever would tie the function to the numbers at which it is
recorded.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import compress
from threading import Lock
from typing import Any, Final, NoReturn
from weakref import WeakKeyDictionary

from autograd_lite.basics.wording import function_name
from autograd_lite.errors import TracingError
from autograd_lite.gradients import Aside, gradients_of
from autograd_lite.graph.bundles import Bundle
from autograd_lite.graph.context import mode
from autograd_lite.graph.storage import as_stored, read_data, write_data
from autograd_lite.modes import Mode, caller_line, entered
from autograd_lite.primitive import Primitive
from autograd_lite.scalar import compared_number
from autograd_lite.trees import NUMBER, Structure, flatten
from autograd_lite.value import Value, new_node

PACKAGE = __name__.partition(".")[0]


def refuse(what: str, instead: str, line: str = "") -> NoReturn:
    """Raise the error for what would fix, in a recording, the outcome that the first arguments happened to give."""
    raise TracingError(
        f"{what} at {line or caller_line()}: the recorded function would keep today's outcome for every later "
        f"argument. {instead}"
    )


CHOOSE = "Record the choice itself: where(greater(a, b), …, …), or maximum, minimum, relu"
CHOOSE_EQUAL = "Record the choice itself: where(greater(a, b), …, where(greater(b, a), …, …)); `is` asks for the same node"
KEEP = "Compute on the Value itself, with the functions of autograd_lite"
KEEP_OR_CHOOSE = f"{KEEP}: where(greater(a, b), …, …), maximum and relu choose, and stop_gradient(w) has no derivative"


class Traced(Value):
    """A Value of a function that is being recorded: the engine sees its number, the function must not."""

    __slots__ = ()

    def __init__(self, data: Any, label: str = "") -> None:
        super().__init__(data, label)

    @property
    def data(self) -> Any:
        """The number at the recorded point, for the engine alone."""
        if id(_getframe(1).f_globals) not in _engine and not is_engine(_getframe(1).f_globals):
            refuse("the number of a traced value was read", KEEP)
        return read_data(self)

    @data.setter
    def data(self, number: Any) -> None:
        if id(_getframe(1).f_globals) not in _engine and not is_engine(_getframe(1).f_globals):
            refuse("the number of a traced value was set", KEEP)
        write_data(self, number)

    def backward(self, *arguments: Any, **named: Any) -> None:
        """Refused, unless the engine asks: in a recorded function, derivatives are graphs too."""
        if id(_getframe(1).f_globals) not in _engine and not is_engine(_getframe(1).f_globals):
            refuse(
                "backward() was called on a traced value",
                "Use autograd_lite.grad inside, or differentiate the compiled function",
            )
        super().backward(*arguments, **named)

    __hash__ = Value.__hash__

    def __eq__(self, other: object) -> NoReturn:
        refuse("a traced value was compared (==)", CHOOSE_EQUAL)

    def __ne__(self, other: object) -> NoReturn:
        refuse("a traced value was compared (!=)", CHOOSE_EQUAL)

    def __lt__(self, other: Any) -> NoReturn:
        refuse("a traced value was compared (<)", CHOOSE)

    def __le__(self, other: Any) -> NoReturn:
        refuse("a traced value was compared (<=)", CHOOSE)

    def __gt__(self, other: Any) -> NoReturn:
        refuse("a traced value was compared (>)", CHOOSE)

    def __ge__(self, other: Any) -> NoReturn:
        refuse("a traced value was compared (>=)", CHOOSE)

    def __bool__(self) -> NoReturn:
        refuse("a traced value was used as a condition (bool)", CHOOSE)

    def __float__(self) -> NoReturn:
        refuse("a traced value was converted to a plain number", KEEP)

    __int__ = __complex__ = __float__

    def __index__(self) -> NoReturn:
        refuse("a traced value was used as an index or a count", "Close over a plain number, or take a 0 or 1 for each choice")


# Who reads the number of a traced value is known by the globals of the code that does: those of a module of this package may.
_getframe = sys._getframe
_engine: set[int] = set()  # the identities of those globals that have asked for a number


def is_engine(namespace: dict[str, Any]) -> bool:
    """Whether these globals are those of a module of this package; it is remembered."""
    name = str(namespace.get("__name__", ""))
    if name.partition(".")[0] != PACKAGE or getattr(sys.modules.get(name), "__dict__", None) is not namespace:
        return False
    _engine.add(id(namespace))
    return True


# A function may have Values besides its arguments, and read their numbers. That everybody does all the time, so `Value.data`
# tells nobody. But while something is recorded, the function behind it has other code. What other threads read meanwhile takes
# them a little longer, and does not concern the recording.
READING: Final = {  # of the engine, for the user
    *(getattr(Value, name).__code__ for name in ("__eq__", "__lt__", "__le__", "__gt__", "__ge__", "__bool__", "__reduce__")),
    compared_number.__code__,
}
_lock, _recordings = Lock(), 0
_read = vars(Value)["data"].fget


def _read_and_tell(value: Any) -> Any:  # what it names it finds where `_read` stands
    active = mode.get()
    if active is not None:
        active.looked_at(value)
    return value._data


QUIET, TELLING = _read.__code__, _read_and_tell.__code__


@contextmanager
def looks_told() -> Iterator[None]:
    """As long as this block lasts, modes are told who reads the number of a Value."""
    global _recordings
    with _lock:
        _recordings += 1
        _read.__code__ = TELLING
    try:
        yield
    finally:
        with _lock:
            _recordings -= 1
            if not _recordings:
                _read.__code__ = QUIET


class Recorder(Mode):
    """Makes the nodes of a recorded function.

    Attributes:
        count: how many operations it has recorded.
        failing: the nodes that may have no value at other numbers.
        looks: the Values from elsewhere whose numbers the function reads, as long as they are used, each with the line.
        guards: whether derivatives have a condition for every product.
        slopes: the derivatives that the function takes itself.
    """

    def __init__(self, guards: bool = False) -> None:
        super().__init__()
        self.guards = guards
        self.slopes: list[Any] | None = []
        self.outer = None  # a compiled function means the same under no_grad and detect_anomaly
        self.count = 0
        self.failing: list[Value] = []
        self.looks: WeakKeyDictionary[Value, str] = WeakKeyDictionary()

    def looked_at(self, value: Value) -> None:
        """Remember a Value whose number is read, unless the engine does it to compute."""
        frame: Any = _getframe(1)
        while frame.f_code in (TELLING, Mode.looked_at.__code__):
            frame = frame.f_back
        if frame.f_code in READING:
            if isinstance(frame.f_locals.get("other"), Traced):
                refuse("a traced value was compared", CHOOSE)
        elif id(frame.f_globals) in _engine or is_engine(frame.f_globals):
            return
        if not value.is_constant and value not in self.looks:
            self.looks[value] = caller_line("nn", "numpy", "copy")

    def node(self, primitive: Primitive, operands: tuple[Any, ...], data: Any) -> Value:
        """A traced value that remembers its operation and counts among the recorded ones."""
        if mode.get() is not self:
            refuse("no_grad() or detect_anomaly() was entered in a compiled function", "Move the block out of the function")
        self.count += 1
        node = new_node(primitive, data, *(operands if len(operands) == 2 else as_stored(operands)), kind=Traced)
        if not primitive.total:
            self.failing.append(node)
        return node


@contextmanager
def uncollected() -> Iterator[None]:
    """Record without garbage collection: `with uncollected(): …`.

    A recording makes up to millions of objects, all of which stay. The collector would walk them over and over.
    """
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()


class Trace:
    """One recording of a function.

    Attributes:
        inputs: for each argument its numbers as Values.
        outputs: the numbers of the result: Values, or plain numbers where nothing was computed.
        structure: of the result.
        single: whether the result is one number.
        gradients: for each node of the graph the derivative of the differentiated output by it.
        gradient: the derivatives of that output by the inputs that were asked for.
        stretches: bundles whose values lie at one distance from each other among the inputs, with the places of these.

    Arguments:
        function: what to record.
        leaves: for each argument the numbers to record at, or Values, which are then inputs themselves.
        structures: for each argument its structure.
        names: for each argument the name of its parameter.
        guards: whether derivatives are to have a condition for every product, see `autograd_lite.compiler.guarded`.
    """

    def __init__(
        self,
        function: Callable[..., Any],
        leaves: Sequence[Sequence[Any]],
        structures: Sequence[Structure],
        names: Sequence[str],
        guards: bool = False,
    ) -> None:
        self.name = function_name(function)
        self.names = list(names)
        self.structures = list(structures)
        self.inputs: list[list[Value]] = [
            list(numbers)
            if all(issubclass(kind, Value) for kind in {*map(type, numbers)})
            else [
                number if isinstance(number, Value) else Traced(number, label)
                for number, label in zip(numbers, labels_of(structure, name), strict=True)
            ]
            for numbers, structure, name in zip(leaves, structures, names, strict=True)
        ]
        arguments = [s.rebuild(values) for s, values in zip(structures, self.inputs, strict=True)]
        self.stretches: dict[Bundle[Any], range] = {}
        self.gradients: dict[Value, Any] = {}
        self.gradient: list[Any] = []
        with entered(lambda: Recorder(guards)) as recorder, looks_told():
            self.recorder = recorder
            result = function(*arguments)
        try:
            self.outputs, self.structure = flatten(result, f"the result of {self.name}")
        except TypeError as error:
            raise TypeError(
                f"{error}. A compiled function returns a Value, or a list, tuple, dict or array of Values"
            ) from None
        self.single = self.structure.kind == "number"

    @property
    def count(self) -> int:
        """How many operations were recorded."""
        return self.recorder.count

    def only_output(self) -> Any:
        """The one number of the result, of which there is a gradient."""
        if not self.structure.is_one_number:
            raise TypeError(
                f"the gradient of {self.name} needs one number as its result, got {len(self.outputs)} numbers: return one, or "
                "compile a function that returns autograd_lite.jacobian"
            )
        return self.outputs[0]

    def differentiate(
        self, output: Any, argnums: Sequence[int], aside: Aside | None = None, without: Iterable[range] = ()
    ) -> None:
        """Record the gradient of an output by the numbers of these arguments.

        Arguments:
            output: one of the outputs.
            argnums: the arguments.
            aside, without: what records the gradient by the numbers at these places; in `gradient` there is then nothing
                (None) in their places.
        """
        inputs = [value for index in argnums for value in self.inputs[index]]
        places = outside_stretches(len(inputs), without)
        wanted = [inputs[place] for place in places]
        with entered(lambda: self.recorder):
            self.gradients = gradients_of(output, wanted, aside) if isinstance(output, Value) else {}
        self.gradient = [None] * len(inputs)
        for place, value in zip(places, wanted, strict=True):
            self.gradient[place] = self.gradients.get(value, 0.0)


def outside_stretches(count: int, stretches: Iterable[range]) -> list[int]:
    """The numbers below `count` that are in none of these."""
    outside = bytearray(b"\1") * count
    for stretch in stretches:
        outside[stretch.start : stretch.stop : stretch.step] = bytes(len(stretch))
    return list(compress(range(count), outside))


def labels_of(structure: Structure, name: str) -> list[str]:
    """A label for each leaf of an argument: `w[0][1]`, as one writes it."""
    if structure.kind == "number":
        return [name]
    if structure.kind == "array":
        labels = [name]
        for length in structure.keys:
            labels = [f"{label}[{i}]" for label in labels for i in range(length)]
        return labels
    labels = []
    for key, child in zip(structure.keys or range(len(structure.children)), structure.children, strict=True):
        label = f"{name}[{key!r}]"
        labels += [label] if child is NUMBER else labels_of(child, label)
    return labels
