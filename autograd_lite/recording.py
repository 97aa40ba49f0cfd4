"""One evaluation of a function on fresh Values: what the transforms of `autograd_lite.transforms` differentiate."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from autograd_lite.bundles import BUNDLES
from autograd_lite.context import mode
from autograd_lite.errors import counted
from autograd_lite.gradients import gradient_graph, tangents_of
from autograd_lite.ops import identity
from autograd_lite.primitive import CONSTANT, LEAF
from autograd_lite.trees import Structure, flatten
from autograd_lite.value import Value, topological_order, zero_of


class Recording:
    """One evaluation of a function on fresh Values: its inputs, its outputs and the derivatives between them.

    Used in a `with` block: within it the inputs are variables; after it those that were made of plain numbers are constants, so
    that a derivative taken inside of another function is a plain coefficient there.
    """

    def __init__(
        self, f: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any], argnums: int | Sequence[int]
    ) -> None:
        expect_recording()
        check_request(f, argnums)
        self.name = getattr(f, "__name__", repr(f))
        self.single = isinstance(argnums, int)
        chosen = [argnums] if isinstance(argnums, int) else list(argnums)
        if not all(-len(args) <= index < len(args) for index in chosen):
            called = counted(len(args), "positional argument")
            raise ValueError(f"argnums {argnums} of {self.name}, which was called with {called}")
        chosen = [index % len(args) for index in chosen]
        if len(set(chosen)) < len(chosen):
            raise ValueError(f"argnums {argnums} of {self.name} names an argument twice")
        arguments = list(args)
        self.inputs: list[Value] = []
        self.variables: list[Value] = []
        self.shapes: list[Structure] = []
        for index in chosen:
            leaves, shape = flatten(args[index], f"argument {index} of {self.name}")
            fresh = [identity(leaf) if isinstance(leaf, Value) else Value(leaf) for leaf in leaves]
            arguments[index] = shape.rebuild(fresh)
            self.inputs += fresh
            self.variables += [value for value in fresh if value.first is None]
            self.shapes.append(shape)
        self.result = f(*arguments, **kwargs)
        self.outputs, self.structure = flatten(self.result, f"the result of {self.name}")
        self.order = topological_order(*(output for output in self.outputs if isinstance(output, Value)))
        own = set(self.variables)
        ends = {operand for node in self.order for operand in node.operands}  # each bundle once, not once for every use
        ends.update(output for output in self.outputs if isinstance(output, Value))
        without_parents = (value for end in ends for value in (end if type(end) in BUNDLES else (end,)) if value.first is None)
        self.closed = all(leaf.primitive is CONSTANT or leaf in own for leaf in without_parents)

    def __enter__(self) -> Recording:
        for variable in self.variables:
            variable.primitive = LEAF
        return self

    def __exit__(self, *exception: object) -> None:
        for variable in self.variables:
            variable.primitive = CONSTANT

    def only_output(self) -> Any:
        """The output of a function that must have just one."""
        if self.structure.kind != "number" or isinstance(self.result, bool):
            raise TypeError(
                f"the gradient of {self.name} needs one number as its result, got {self.result!r}: return a number or a Value, "
                "or use jacobian"
            )
        return self.outputs[0]

    def plain(self, output: Any) -> Any:
        """An output as the caller should get it: a plain number unless a Value from outside takes part in it."""
        return output.data if self.closed and isinstance(output, Value) else output

    def rebuild(self, leaves: Sequence[Any]) -> Any:
        """Numbers, one an input, in the structure of the arguments that are differentiated by."""
        parts, start = [], 0
        for shape in self.shapes:
            parts.append(shape.rebuild(leaves[start : start + len(shape)]))
            start += len(shape)
        return parts[0] if self.single else tuple(parts)

    def gradient(self, output: Any, closed: bool | None = None) -> list[Any]:
        """The derivative of one output, or with `closed` of what was made of the outputs, by every input: reverse mode."""
        if not isinstance(output, Value) or output.is_constant:
            return [zero_of(leaf) for leaf in self.inputs]
        if not (self.closed if closed is None else closed):
            return gradient_graph(output, self.inputs)
        for leaf in self.inputs:
            leaf.grad = zero_of(leaf)
        output.backward()
        return [leaf.grad for leaf in self.inputs]

    def push_forward(self, tangents: Iterable[Any]) -> list[Any]:
        """The derivative of every output along a direction of the inputs: forward mode."""
        moved = tangents_of(self.order, dict(zip(self.inputs, tangents, strict=True)), self.closed)
        return [moved.get(output, zero_of(output)) if isinstance(output, Value) else 0.0 for output in self.outputs]


def expect_recording() -> None:
    """Raise an error where nothing is recorded, so that there is nothing to differentiate."""
    active = mode.get()
    if active is not None and not active.records:
        raise RuntimeError("a derivative was asked for under no_grad(), where nothing is recorded: move it out of the block")


def check_request(f: Callable[..., Any], argnums: int | Sequence[int]) -> None:
    """Refuse what is not a function, or not a choice of its arguments, where it is handed in."""
    if not callable(f):
        raise TypeError(f"expected a function to differentiate, got {f!r} ({type(f).__name__})")
    chosen = argnums if isinstance(argnums, Sequence) else (argnums,)
    if isinstance(argnums, str) or not all(isinstance(index, int) and not isinstance(index, bool) for index in chosen):
        raise TypeError(f"argnums must be an index or several, got {argnums!r} ({type(argnums).__name__})")
