"""The function under test, as a function of a flat list of numbers; what makes it one is watched at every call."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, Final

from autograd_lite.basics.checks import check_callable, wrong_type
from autograd_lite.checking.errors import NotCheckableError
from autograd_lite.checking.messages import as_written, describe_node
from autograd_lite.graph.order import topological_order
from autograd_lite.modes import LineRecorder, entered, where_built
from autograd_lite.numerical.estimate import UNIT
from autograd_lite.numerical.evaluation import Vector, evaluate, number_in
from autograd_lite.numerical.sampling import QUIET, Direction, scale
from autograd_lite.trees import Structure, flatten
from autograd_lite.value import Value

BESIDE: Final = 2.0**-23  # a place to call a function again: at the point, x · random() may be 0 every time


class Subject:
    """A function and its arguments: a point, and the function of a flat list of numbers that is to be differentiated there.

    Attributes:
        name: what the function is called in messages.
        args: the arguments, their numbers as floats.
        structure: that of the arguments.
        point: the numbers in the arguments.
        paths: the expression for each of them, such as `args[0]['w'][3]`.
        outputs: the numbers that the function gives at the point, known after `inspect`; so is what follows.
        output_paths: the expression for each output, such as `['a'][1]`.
        nodes: the operations that it recorded, each after those that it needs.
        depends: whether an argument is in the graph of the result.

    Raises:
        TypeError: `f` is no function, or `args` not a tuple or list of numbers and nested structures of them.
        NotCheckableError: there is no number in `args`, or one that is not finite.
    """

    def __init__(self, f: Callable[..., Any], args: Sequence[Any], make: Callable[[float], Any]) -> None:
        check_callable("f", f)
        if not isinstance(args, tuple | list):
            raise wrong_type("args", "a tuple of arguments", args, "for a single one write (x,)")
        leaves, self.structure = flatten(tuple(args), "args")
        self.f, self.make, self.name = f, make, as_written(f, "f")
        self.point: Vector = [float(number_in(leaf)) for leaf in leaves]
        self.paths = self.structure.paths("args")
        self.args = self.structure.rebuild(self.point)
        if not leaves:
            raise NotCheckableError(f"{self.name} has no inputs: there is no number in args = {self.args!r}")
        for path, leaf in zip(self.paths, self.point, strict=True):
            if not math.isfinite(leaf):
                raise NotCheckableError(f"{path} is {leaf!r}: there is no derivative at such a point")
        self.outputs: Vector = []
        self.output_paths: list[str] = []
        self.nodes: list[Value] = []
        self.depends = False

    # Calling it

    def function(self, leaves: Sequence[Any]) -> list[Any]:
        """The outputs at these inputs, numbers or Values."""
        return self.call(leaves)[0]

    def call(self, leaves: Sequence[Any]) -> tuple[list[Any], Structure]:
        """The outputs at these inputs, and their structure.

        Raises:
            NotCheckableError: the result is not made of numbers, or the arguments are not the same after the call.
            ArithmeticError: the result is complex.
        """
        result = self.watched(self.f, self.name, leaves)
        if isinstance(result, complex):  # Python's (-1) ** 0.5
            raise ArithmeticError(f"{self.name} returned {result!r}, which is not a real number")
        try:
            return flatten(result, f"the result of {self.name}")
        except TypeError as error:
            raise NotCheckableError(str(error)) from None

    def watched(self, f: Callable[..., Any], name: str, leaves: Sequence[Any]) -> Any:
        """What `f` returns for arguments made of these inputs, which it must leave as they are."""
        before = [leaf if isinstance(leaf, Value) else self.make(leaf) for leaf in leaves]
        numbers, arguments = [*map(number_in, before)], self.structure.rebuild(before)
        result = f(*arguments)
        if self.structure.is_made_of(arguments, iter(before)) and numbers == [*map(number_in, before)]:
            return result
        after, structure = flatten(arguments)
        changed = [*map(number_in, after)]
        replaced = any(old is not new for old, new in zip(before, after, strict=False) if isinstance(old, Value))
        if structure != self.structure or numbers != changed or replaced:
            change = f"they were {numbers!r} before the call, {changed!r} after it"
            raise NotCheckableError(f"{name} changes its arguments: {change}")
        return result

    def labelled(self) -> list[Any]:
        """The inputs at the point as Values named by their paths, for messages; numbers for a function of plain numbers."""
        if self.make is not Value:
            return list(self.point)
        return [Value(leaf, label=path) for leaf, path in zip(self.point, self.paths, strict=True)]

    def is_recorded(self) -> bool:
        """Whether all of it is in its graph: computed again from that, near the point and farther away, it is the same.

        Where it is another one to one side only, a branch in Python was taken there.
        """
        leaves = [Value(x) for x in self.point]
        outputs = self.function(leaves)
        directions = [{k: scale(x)} for k, x in enumerate(self.point)]
        if len(directions) > 1:  # what is a product with an input that is 0 moves only with that
            directions.append({k: scale(x) for k, x in enumerate(self.point)})
        for exponent in range(6, 54, 6):
            for direction in directions:
                same = [self.is_recomputed(outputs, leaves, direction, side * 2.0**-exponent) for side in (1, -1)]
                if False in same and True not in same:
                    return False
        return True

    def is_recomputed(self, outputs: list[Any], leaves: list[Value], direction: Direction, step: float) -> bool | None:
        """Whether outputs brought up to date with their leaves are what the function gives; None where it gives nothing."""
        place = [x + step * direction.get(k, 0.0) for k, x in enumerate(self.point)]
        expected = evaluate(self.function, place)
        for leaf, x in zip(leaves, place, strict=True):
            leaf.data = x
        return None if expected is None else are_near(expected, evaluate(recomputed, outputs))

    # Whether there is something to check

    def inspect(self) -> None:
        """Call it at the point and beside it.

        Raises:
            NotCheckableError: it differs between two calls, returns no number, or one that is not finite.
        """
        leaves = self.labelled()
        with entered(LineRecorder):
            outputs, structure = self.call(leaves)
        self.outputs = [float(number_in(output)) for output in outputs]
        self.output_paths = structure.paths("")
        self.expect_repeatable()
        self.nodes = topological_order(*(output for output in outputs if isinstance(output, Value)))
        if not outputs:
            raise NotCheckableError(f"{self.name} returned no number")
        self.expect_finite()
        self.depends = not set(leaves).isdisjoint([*outputs, *(parent for node in self.nodes for parent in node.parents)])

    def expect_repeatable(self) -> None:
        """Raise the error of a function that does not give the same for the same arguments."""
        for place in (self.point, [x + BESIDE for x in self.point]):
            once, twice = evaluate(self.function, place), evaluate(self.function, place)
            if once != twice:
                raise NotCheckableError(
                    f"{self.name} is not deterministic: called twice with {self.structure.rebuild(place)!r} it gave "
                    f"{once!r} and {twice!r}. A random function must draw its numbers from the same seed at every call"
                )

    def expect_finite(self) -> None:
        """Raise the error of an output that is not finite, with the first operation that gave such a number."""
        if all(map(math.isfinite, self.outputs)):
            return
        bad = next((node for node in self.nodes if not math.isfinite(node.data)), None)
        raise NotCheckableError(
            f"{self.name} returned {self.outputs if len(self.outputs) > 1 else self.outputs[0]!r} at args = {self.args!r}"
            + (f": {describe_node(bad)}, {where_built(bad)}" if bad is not None else "")
        )


def recomputed(outputs: list[Any]) -> list[Any]:
    """The outputs, those that are Values brought up to date with their leaves."""
    return [output.recompute() if isinstance(output, Value) else output for output in outputs]


def are_near(numbers: Vector, others: Vector | None) -> bool:
    """Whether numbers are others but for their last digits; there may be no others."""
    return others is not None and all(
        abs(a - b) <= QUIET * UNIT * max(abs(a), abs(b)) for a, b in zip(numbers, others, strict=True)
    )
