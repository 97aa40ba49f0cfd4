"""How a node is kept in memory: in six attributes. What follows from that is here, and not in `autograd_lite.value`.

Each operation makes a node, so a node has to be small, and quick to make. Nearly every operation has one operand or two: each
has an attribute, `first` and `second`, and no tuple of them is made. Of three operands or more, `first` is a tuple of all but
the second. It is the second that stands apart because of neurons, w·x + b: the weights w and the bias b are the same for all
samples. So all nodes of a neuron share one tuple (w, b), and each has the inputs of its own sample, x, in `second`.

Outside of `value`, three modules read these attributes, as optimizations: `order`, `unrolled` and `leaves`; `micrograd` sets
them for a node made by hand. All others ask for `operands`. A seventh place takes weak references.
"""

from __future__ import annotations

from typing import Any, ClassVar, Final

from autograd_lite.basics.arraylike import PYTHON, is_numpy_float, number_to_keep
from autograd_lite.basics.elsewhere import OF_VALUE, Elsewhere
from autograd_lite.errors import real_number
from autograd_lite.primitive import Primitive

CHANGED: Final = True  # as `second` of a leaf, which has no operand for it: its number was changed since it was made
# By these names programs, and PyTorch's optimizers, keep their state on parameters.
OPTIMIZERS_NAMES: Final = (
    "m", "v", "momentum", "velocity", "cache", "mom", "vel", "state", "momentum_buffer", "exp_avg", "exp_avg_sq", "square_avg",
)  # fmt: skip


class Stored:
    """The base of `Value`: what a node keeps, and how its operands and its number come out and go in."""

    __slots__ = ("__weakref__", "_data", "first", "grad", "label", "primitive", "second")

    _data: Any
    grad: Any
    label: str
    primitive: Primitive
    first: Any  # a Value; a Bundle, the many operands of a sum or a dot product; a tuple of several; None in a leaf
    second: Any  # a Value or a Bundle; None where there is none; CHANGED

    kinds: ClassVar[tuple[type, type]]  # the class of Values, and that of those that hold a float which only NumPy has

    @property
    def operands(self) -> tuple[Any, ...]:
        """What its primitive was given: Values; of a variadic primitive, Bundles too. `()` for a leaf."""
        first, second = self.first, self.second
        if first is None:
            return ()
        if second is None:
            return (first,)
        return (first[0], second, *first[1:]) if type(first) is tuple else (first, second)

    @property
    def was_changed(self) -> bool:
        """Whether this is a leaf whose number was changed since it was made."""
        return self.first is None and self.second is CHANGED

    def __dir__(self) -> list[str]:
        absent = {*OPTIMIZERS_NAMES, *OF_VALUE}
        return [name for name in super().__dir__() if name not in absent or hasattr(self, name)]

    def _keep(self, data: Any) -> None:
        """Set the number, checked first, and made Python's where Python has its type; it decides the class of the Value.

        Raises:
            TypeError: it is no real number.
        """
        if type(data) not in PYTHON or type(self) is self.kinds[1]:
            data = real_number(number_to_keep(data))
            if type(self) in self.kinds:
                self.__class__ = self.kinds[is_numpy_float(data)]
        self._data = data


class NoRoom:
    """An attribute that optimizers set on parameters, `p.momentum = 0.0`. A node has no room for it, so that graphs are small.

    A class derived from Value has room, as `Parameter` of `nn` has. Of other names than these the error is Python's own, since
    a `__setattr__` that knew better would be called whenever a node is made or gets its gradient.
    """

    def __init__(self, name: str) -> None:
        self.name = name

    def __get__(self, value: Any, kind: type) -> Any:
        if value is None:  # asked of the class
            return self
        try:
            return vars(value)[self.name]
        except (KeyError, TypeError):
            raise AttributeError(f"{kind.__name__!r} object has no attribute {self.name!r}") from None

    def __set__(self, value: Any, content: Any) -> None:
        try:
            vars(value)[self.name] = content
        except TypeError:
            raise AttributeError(
                f"{value!r} has no room for {self.name!r}: a leaf made by nn.Parameter({value.data!r}) has; or keep it in a "
                f"dictionary, whose keys Values can be: {self.name}[value] = {content!r}"
            ) from None

    def __delete__(self, value: Any) -> None:
        self.__get__(value, type(value))
        del vars(value)[self.name]


for _name in OPTIMIZERS_NAMES:
    setattr(Stored, _name, NoRoom(_name))
for _name, _instead in OF_VALUE.items():
    setattr(Stored, _name, Elsewhere(_name, _instead))

read_data: Final = vars(Stored)["_data"].__get__  # the number of a node, whatever its class makes of `data`
write_data: Final = vars(Stored)["_data"].__set__


def as_stored(operands: tuple[Any, ...]) -> tuple[Any, Any]:
    """Any number of operands as `first` and `second` keep them."""
    if len(operands) < 3:
        first, second = operands if len(operands) == 2 else (*operands, None, None)[:2]
        return first, second
    first, second, *others = operands
    return (first, *others), second
