"""Whether the numbers of a graph are up to date, and how they are brought up to date again.

They are out of date when the `data` of a leaf was changed after the graph was built. To notice that, time is divided into
moments: each change of a `data` begins a new one, and each node remembers the moment in which it was made. If all nodes of a
graph are of the present moment, nothing was changed since, and there is nothing to look at. Otherwise the numbers are computed
once more, and compared.

A node has no attribute for its moment. As long as it has no gradient, its `grad` is a 0 that is an object of its own for each
moment, a `Moment`; once it has one, the gradient 1 of the output tells in which moment `backward` was called.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

from autograd_lite.basics.arraylike import PYTHON, is_numpy_float
from autograd_lite.basics.checks import computed_number
from autograd_lite.basics.escaping import in_message
from autograd_lite.errors import FAILURES, ByHandError, StaleGraphError, fail
from autograd_lite.graph.bundles import BUNDLES, BundleNumbers
from autograd_lite.graph.context import mode
from autograd_lite.graph.evaluation import computed_from
from autograd_lite.graph.variables import callers_variables

MOST_NAMED: Final = 4  # changed leaves in one message


class Moment(int):
    """The gradient of a value that no `backward()` has reached: 0. Which object it is says when the value was computed."""

    __slots__ = ()

    def __add__(self, other: Any) -> Any:
        return 0 + other  # a plain 0: of this class NumPy would make a float64, beside a float32, too


class Clock:
    """The present moment, of all graphs.

    Attributes:
        now: the present moment.
        one: the gradient of an output, 1.0: a float that is another object in each moment. An output that has the present one
            was differentiated in this moment, and its graph was found up to date then.
    """

    __slots__ = ("now", "one")

    def __init__(self) -> None:
        self.tick()

    def tick(self) -> None:
        """Begin a new moment."""
        self.now = Moment()
        self.one = float(1)


clock: Final = Clock()
BEGINNING: Final = clock.now  # while it lasts, no `data` was ever changed


def zero_like(value: Any) -> Any:
    """Zero, as a number of the kind that the value holds."""
    return type(value.data)(0)


def one_like(value: Any) -> Any:
    """One, as a number of the kind that the value holds."""
    return clock.one if type(value.data) is float else type(value.data)(1)


def is_differentiated(value: Any) -> bool:
    """Whether a value has a gradient: a `backward()` has reached it since it was computed."""
    return type(value.grad) is not Moment


def computed_anew(node: Any, numbers: BundleNumbers) -> Any:
    """The number that the operands of a node give now; `numbers` is a cache of those in bundles.

    Raises:
        ArithmeticError, TypeError, ValueError: there is none. The error names the operation and its operands.
    """
    try:
        inputs = [numbers[o] if type(o) in BUNDLES else o.data for o in node.operands]
        usual = all(PYTHON.issuperset(map(type, i if type(i) is list else (i,))) for i in inputs)
        data = node.primitive.compute(*inputs) if usual else computed_from(node.primitive, inputs)
        return data if not usual and is_numpy_float(data) else computed_number(data)
    except ByHandError:
        raise
    except FAILURES as error:
        fail(node.primitive, node.operands, error)


def recompute(order: Sequence[Any]) -> None:
    """Give each of these nodes, in topological order, the number that its operands give now; in an error, none."""
    before = [node.data for node in order]
    numbers, active = BundleNumbers(), mode.get()
    try:
        for node in order:
            data = computed_anew(node, numbers)
            node._keep(data)
            if active is not None:
                active.node(node.primitive, node.operands, data)  # so that detect_anomaly looks at it
    except BaseException:
        for node, data in zip(order, before, strict=True):
            node._keep(data)
        raise
    clock.tick()  # what else was computed from these nodes is older than they are
    for node in order:
        node.grad = clock.now


def check_current(order: Sequence[Any], packages: Sequence[str] = ()) -> None:
    """Check that each of these nodes, in topological order, has the number that its operands give.

    `packages` are those whose variables are not the user's: see `callers_variables`.

    Raises:
        StaleGraphError: one has not. The message names the leaves that were changed.
    """
    changed = changed_since(order)
    if changed:
        raise StaleGraphError(_message(order, changed, packages))


def told_changes(order: Sequence[Any]) -> str:
    """What was changed since these nodes, in topological order, were computed, by name: "w is 3.0 now"; "" if nothing was."""
    changed = changed_since(order)
    return ", ".join(_changes(changed, names_of(changed, ()))) if changed else ""


def changed_since(order: Sequence[Any]) -> list[Any]:
    """The operands of these nodes, in topological order, that were changed after one was computed from them."""
    now = clock.now
    if now is BEGINNING:
        return []
    for node in order:
        if node.grad is not now:  # it is older, or there is a gradient in the place of its moment
            break
    else:
        return []
    return [] if order[-1].grad is clock.one else changed_operands(order)


def changed_operands(order: Iterable[Any]) -> list[Any]:
    """The operands of these nodes that were changed after a node was computed from them: leaves, and what was recomputed."""
    numbers = BundleNumbers()
    changed: dict[Any, None] = {}
    for node in order:
        try:
            anew = computed_anew(node, numbers)
        except ByHandError:  # of which nobody can tell
            continue
        except FAILURES:
            anew = None
        if anew != node.data and (anew == anew or node.data == node.data):  # NaN is NaN still
            leaves = {parent: None for parent in node.parents if parent.was_changed}
            changed |= leaves or {parent: None for parent in node.parents if parent.operands}
    return list(changed)


def _message(order: Sequence[Any], changed: list[Any], packages: Sequence[str]) -> str:
    """What is out of date, and since when."""
    names = names_of([*order, *changed], packages)
    result = next((node for node in reversed(order) if names[node]), order[-1])  # the nearest one that can be spoken of
    return (
        f"{names[result] or 'the result'} = {result.data!r} is out of date: {', '.join(_changes(changed, names))}, and was "
        f"changed after that was computed from it. {names[result] or 'value'}.recompute() brings it up to date; so does "
        "building it again"
    )


def names_of(values: Sequence[Any], packages: Sequence[str]) -> dict[Any, str]:
    """What each value is called: by its label, or as the user's variable that holds it; "" if it has no name."""
    variables = callers_variables(set(values), packages)
    return {value: in_message(value.label or variables.get(value, "")) for value in values}


def _changes(changed: list[Any], names: dict[Any, str]) -> list[str]:
    """The changed ones with their numbers; of many the first."""
    shown = [f"{names[value] or 'a leaf without a label'} is {value.data!r} now" for value in changed[:MOST_NAMED]]
    if len(changed) > MOST_NAMED:
        shown.append(f"{len(changed) - MOST_NAMED} more have changed, too")
    return shown
