"""Recording a function: it runs once, on `Traced` values.

They remember every operation, as any Value does, and they refuse whatever would tie the function to the numbers at which it is
recorded.
"""

from __future__ import annotations

import gc
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from itertools import compress, repeat
from typing import Any, NoReturn
from weakref import WeakKeyDictionary

from autograd_lite.basics.wording import function_name
from autograd_lite.errors import TracingError
from autograd_lite.gradients import Aside, gradients_of
from autograd_lite.graph.bundles import Bundle
from autograd_lite.graph.context import mode
from autograd_lite.graph.storage import as_stored, read_data, write_data
from autograd_lite.modes import Mode, caller_line, entered
from autograd_lite.primitive import Primitive
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
KEEP_OR_CHOOSE = f"{KEEP}; where(greater(a, b), …, …), maximum and relu choose"


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


@contextmanager
def watched(values: Sequence[Value]) -> Iterator[None]:
    """Let the recording know if anybody but the engine reads the numbers of these Values; nobody may set them."""
    kinds = [*map(type, values)]
    watching = {kind: watched_kind(kind) for kind in {*kinds}}
    become(values, map(watching.__getitem__, kinds))
    try:
        yield
    finally:
        become(values, kinds)


def become(values: Sequence[Value], kinds: Iterable[type[Value]]) -> None:
    """Let values be of these classes; of a large model they are many, so that this is a loop in C."""
    deque(map(setattr, values, repeat("__class__"), kinds), maxlen=0)


@cache
def watched_kind(kind: type[Value]) -> type[Value]:
    """The class of such Values. Where nothing is recorded it is as before: another thread may use them meanwhile."""

    def read(value: Any) -> Any:
        if id(_getframe(1).f_globals) not in _engine and not is_engine(_getframe(1).f_globals):
            recorder = mode.get()
            if isinstance(recorder, Recorder):
                recorder.looked_at(value)
        return read_data(value)

    def write(value: Any, number: Any) -> None:
        if isinstance(mode.get(), Recorder):
            refuse("the number of a Value was set", KEEP)
        vars(Value)["data"].__set__(value, number)

    return type(kind.__name__, (kind,), {"__slots__": (), "data": property(read, write)})


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


class Recorder(Mode):
    """Makes the nodes of a recorded function.

    Attributes:
        count: how many operations it has recorded.
        failing: the nodes that may have no value at other numbers.
        looks: the Values from elsewhere at whose numbers the function looks, as long as they are used, each with the line.
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
        """Refuse a traced value; remember one from elsewhere."""
        if isinstance(value, Traced):
            refuse("a traced value was compared", CHOOSE)
        if not value.is_constant:
            self.looks[value] = caller_line()

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
        around: Values that the function takes from around it.
    """

    def __init__(
        self,
        function: Callable[..., Any],
        leaves: Sequence[Sequence[Any]],
        structures: Sequence[Structure],
        names: Sequence[str],
        guards: bool = False,
        around: Sequence[Value] = (),
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
        own = [value for values in self.inputs for value in values if not isinstance(value, Traced)]
        with entered(lambda: Recorder(guards)) as recorder, watched([*own, *around]):
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
