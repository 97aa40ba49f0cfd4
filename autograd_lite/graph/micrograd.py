"""micrograd's names for what a node is made of, and nodes whose step of the chain rule is written by hand, as there.

In micrograd a node is made by `out = Value(number, operands, name)` and gets a closure, `out._backward`, which adds to the
gradients of its operands. Here the rules of an operation are in a table. But a node made in that way is an operation of its
own, and no more is known of it than that closure.
"""

from __future__ import annotations

from collections.abc import Callable, KeysView
from typing import Any, Final, NoReturn

from autograd_lite.errors import ByHandError, check_gradients
from autograd_lite.graph.bundles import BundleNumbers
from autograd_lite.graph.context import mode
from autograd_lite.graph.storage import as_stored
from autograd_lite.primitive import Primitive
from autograd_lite.scalar import Scalar

RELU: Final = "ReLU"  # as micrograd writes it; other functions go by their names
INSTEAD: Final = "with @primitive an operation has its derivatives too, and works everywhere"
COLLECTION: Final = (tuple, list, set, frozenset)


class MicrogradNames:
    """What of a `Value` has another name in micrograd, for programs written there. They are to be read, not set."""

    __slots__ = ()

    @property
    def _prev(self: Any) -> KeysView[Any]:
        """The set of the parents, in operand order; without the number to whose power another was taken, which `_op` tells."""
        return dict.fromkeys(self.parents[:1] if self._exponent is not None else self.parents).keys()

    @property
    def _op(self: Any) -> str:
        """The operation in micrograd's spelling: `+`, `*`, `**2`, `ReLU`; its name where micrograd has none."""
        primitive: Primitive = self.primitive
        spelling = primitive.sign or (RELU if primitive.name == RELU.lower() else primitive.name)
        return spelling + ("" if self._exponent is None else str(self._exponent))

    @property
    def _exponent(self: Any) -> Any:
        """The plain number to whose power another was taken, if this is such a power."""
        if self.primitive.name != "pow" or not self.parents[1].is_constant:
            return None
        return self.parents[1].data

    @property
    def _backward(self: Any) -> Callable[[], None]:
        """The step of the chain rule at this node alone: operands' gradients grow by its own, times the local derivatives."""
        return lambda: step_back(self)

    @_backward.setter
    def _backward(self: Any, step: Callable[[], None]) -> None:
        if type(self.primitive) is not ByHand:
            whose = (
                f"its _backward is the rule of {self.op!r}"
                if self.op
                else "it was made without operands, so it passes nothing on"
            )
            raise AttributeError(
                f"{self!r}: {whose}. A node of your own takes a _backward: Value(number, (operands,), 'name'); {INSTEAD}"
            )
        self.primitive.pull_back = lambda node, numbers: step()


def step_back(node: Any) -> None:
    """The step of the chain rule at one node. A leaf has nothing to pass on to."""
    if node.operands:
        active = mode.get()
        pull_back = node.primitive.pull_back if active is None else active.pull_back
        try:
            pull_back(node, BundleNumbers())
        except Exception:
            name_failure(node)
            raise


def name_failure(node: Any) -> None:
    """Ask for the local derivatives of a node one by one, and so raise an error that names the one that fails.

    Or it names the operand whose gradient, which was to grow, is no number.
    """
    if type(node.primitive) is not ByHand:  # whose closure raises its own
        _ = node.local_derivatives
        check_gradients(node.parents)


class ByHand(Primitive):
    """The operation of one node whose `_backward` is written by hand."""

    __slots__ = ()

    def __init__(self, name: str, operands: int) -> None:
        unknown = _refusal(
            f"of {name!r}, made by Value(number, operands, name), no more than its _backward is known: {INSTEAD}"
        )
        super().__init__(name, unknown, [unknown] * operands)
        self.pull_back = _refusal(f"{name!r} was made by Value(number, operands, name), but got no _backward: {INSTEAD}")


def _refusal(message: str) -> Callable[..., NoReturn]:
    def refuse(*_: Any) -> NoReturn:
        raise ByHandError(message)

    return refuse


def label_is_text(label: Any) -> TypeError:
    """The error for a label that is none."""
    return TypeError(f"the label of a Value is text, got {label!r} ({type(label).__name__})")


def operands_by_hand(operands: Any, name: str) -> tuple[ByHand, tuple[Any, ...]]:
    """The operation and the operands of a node that is made as micrograd makes them.

    Raises:
        TypeError: the operands are no Values, or there are none; the name is no text.
    """
    if not isinstance(operands, COLLECTION):
        raise label_is_text(operands)
    made = tuple(operands)
    if not made or not all(isinstance(operand, Scalar) for operand in made) or not (isinstance(name, str) and name):
        raise TypeError(
            "a node by hand is made of a number, a tuple of operands that are Values, and the name of an operation; "
            f"got {made!r} and {name!r}"
        )
    return ByHand(name, len(made)), made


def become_by_hand(node: Any, children: Any, name: str, label: Any) -> None:
    """Make of a new leaf a node by hand. Without operands and a name it stays a leaf, with a label.

    `children` may be that label, which is the second argument of `Value` where micrograd has the operands.
    """
    if not isinstance(label, str):
        raise label_is_text(label)
    if isinstance(children, str):
        if children and label:
            raise TypeError(f"a Value has one label, got {children!r} and {label!r}")
        label, children = label or children, ()
    node.label = label
    if isinstance(children, COLLECTION) and not children and not name:
        return
    node.primitive, made = operands_by_hand(children, name)
    node.first, node.second = as_stored(made)
