"""One evaluation of a function on fresh Values: what the transforms of `autograd_lite.transforms` differentiate."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import wraps
from numbers import Integral
from typing import Any, ParamSpec, TypeVar

from autograd_lite.basics.arraylike import without_warnings
from autograd_lite.basics.checks import check_callable, wrong_type
from autograd_lite.basics.wording import counted, function_name
from autograd_lite.gradients import gradient_graph, tangents_of
from autograd_lite.graph.bundles import BUNDLES
from autograd_lite.graph.context import mode
from autograd_lite.graph.moments import check_current, zero_like
from autograd_lite.graph.order import topological_order
from autograd_lite.numpy_floats import of_type
from autograd_lite.operands import data_of, make_constant
from autograd_lite.ops import identity
from autograd_lite.primitive import CONSTANT, LEAF
from autograd_lite.trees import Structure, flatten, with_numbers
from autograd_lite.value import Value

P = ParamSpec("P")
ResultT = TypeVar("ResultT")


class Recording:
    """One evaluation of a function on fresh Values: its inputs, its outputs and the derivatives between them.

    Used in a `with` block. An input that was made of a plain number is a variable, and so a leaf, as long as the block lasts,
    since only there it is differentiated by. Afterwards it is a constant: so in grad(lambda x: x * grad(f)(3.0)), where the
    graph of the inner derivative may be part of the outer graph, the 3.0 is no variable of that. The Value itself is told, by
    its primitive: whoever meets it asks for that already, and a list of the variables of each recording would have to be asked
    at every node.

    Attributes:
        inputs: the Values that stand for the numbers to differentiate by.
        variables: those among them that are leaves: made of plain numbers.
        outputs: the numbers of the result.
        aux: what came with the result and is not differentiated; None where there is nothing.
        closed: whether nothing but own inputs and plain numbers is in the graph. Then its derivatives may be plain numbers. If
            a Value from outside takes part, somebody may differentiate by that one later, so they are graphs.
    """

    def __init__(
        self,
        f: Callable[..., Any],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        argnums: int | Sequence[int],
        has_aux: bool = False,
    ) -> None:
        check_callable("f", f)
        self.name = function_name(f)
        chosen, self.single = checked_argnums(argnums)
        if not all(-len(args) <= index < len(args) for index in chosen):
            called = counted(len(args), "positional argument")
            raise ValueError(f"argnums {argnums} of {self.name}, which was called with {called}")
        chosen = tuple([index % len(args) for index in chosen])
        if len(set(chosen)) < len(chosen):
            raise ValueError(f"argnums {argnums} of {self.name} names an argument twice")
        arguments = list(args)
        self.inputs: list[Value] = []
        self.variables: list[Value] = []
        self.shapes: list[Structure] = []
        for index in chosen:
            leaves, shape = flatten(args[index], f"argument {index} of {self.name}")
            # A Value belongs to an outer function. It gets a node of its own here: this recording differentiates by that node,
            # and the way on from it to the outer Value is left for whoever differentiates by that one.
            fresh = [identity(leaf) if isinstance(leaf, Value) else Value(leaf) for leaf in leaves]
            arguments[index] = shape.rebuild(fresh)
            self.inputs += fresh
            self.variables += [value for value in fresh if value.primitive is LEAF]
            self.shapes.append(shape)
        self.result = f(*arguments, **kwargs)
        self.has_aux, self.aux = has_aux, None
        if has_aux:
            self.result, self.aux = self._pair()
        self.outputs, self.structure = flatten(self.result, f"the result of {self.name}")
        self.order = topological_order(*(output for output in self.outputs if isinstance(output, Value)))
        self.closed = self._is_closed(self.order, self.outputs)

    def _pair(self) -> tuple[Any, Any]:
        if not isinstance(self.result, tuple) or len(self.result) != 2:
            raise TypeError(f"with has_aux, {self.name} must return a pair (result, aux), got {self.result!r}")
        return self.result

    def _is_closed(self, order: Iterable[Value], outputs: Iterable[Any]) -> bool:
        """Whether every leaf of a graph is a constant or one of the own variables."""
        own = {*self.variables}
        ends = {operand for node in order for operand in node.operands}  # a bundle once, however many nodes use it
        ends.update(output for output in outputs if isinstance(output, Value))
        for end in ends:
            for value in end if type(end) in BUNDLES else (end,):
                if value.primitive is LEAF and value not in own:
                    return False
        return True

    def __enter__(self) -> Recording:
        for variable in self.variables:  # leaves already, but where a `vjp` enters the block again, to pull back once more
            variable.primitive = LEAF
        return self

    def __exit__(self, *exception: object) -> None:
        for variable in self.variables:
            variable.primitive = CONSTANT

    def only_output(self) -> Any:
        """The output of a function that must have just one."""
        if not self.structure.is_one_number or isinstance(self.result, bool):
            raise TypeError(
                f"the gradient of {self.name} needs one number as its result, got {self.result!r}: return a number or a Value, "
                "or use jacobian"
            )
        return self.outputs[0]

    def plain(self, output: Any) -> Any:
        """An output as the caller should get it: a plain number unless a Value from outside takes part in it."""
        return output.data if self.closed and isinstance(output, Value) else output

    def with_aux(self, result: Any) -> Any:
        """A result for the caller: the pair of it and the aux, where there is one."""
        return (result, self.plain_aux()) if self.has_aux else result

    def plain_aux(self) -> Any:
        """The aux as the caller should get it: its Values as plain numbers, unless one from outside takes part in them."""
        found: list[Value] = []

        def number_of(value: Value) -> Any:
            found.append(value)
            return value.data

        numbers = with_numbers(self.aux, number_of)
        return numbers if self._is_closed(topological_order(*found), found) else self.aux

    def rebuild(self, leaves: Sequence[Any]) -> Any:
        """Numbers, one an input, in the structure of the arguments that are differentiated by."""
        parts, start = [], 0
        for shape in self.shapes:
            parts.append(shape.rebuild(leaves[start : start + len(shape)]))
            start += len(shape)
        return parts[0] if self.single else tuple(parts)

    def gradient(self, output: Any, closed: bool | None = None) -> list[Any]:
        """The derivative of one output by every input: reverse mode.

        Arguments:
            output: one of the outputs, or a Value computed from them.
            closed: whether nothing from outside is in its graph, for an output that is not the recording's own.
        """
        if not isinstance(output, Value) or output.is_constant:
            return [zero_like(leaf) for leaf in self.inputs]
        if not (self.closed if closed is None else closed):
            check_current(topological_order(output))
            return gradient_graph(output, self.inputs)
        for leaf in self.inputs:
            leaf.grad = zero_like(leaf)
        output.sweep(topological_order(output), mode.get())
        return [leaf.grad for leaf in self.inputs]

    def push_forward(self, tangents: dict[Value, Any]) -> list[Any]:
        """The derivative of every output along a direction, given by the inputs that move: forward mode."""
        if not self.closed:
            check_current(self.order)
        with without_warnings():
            moved = tangents_of(self.order, tangents, self.closed)
            nothing = sum(type(data_of(tangent))(0) for tangent in tangents.values())  # float if one of them is
            pushed = [moved.get(o, zero_like(o) + nothing) if isinstance(o, Value) else 0.0 for o in self.outputs]
            return [
                tangent if isinstance(tangent, Value) else of_type(getattr(output, "data", output), tangent)
                for tangent, output in zip(pushed, self.outputs, strict=True)
            ]


def even_under_no_grad(differentiate: Callable[P, ResultT]) -> Callable[P, ResultT]:
    """The same function, which records for itself where nothing else is recorded. There its results are constants.

    So a model or a loss in which there is a derivative can be evaluated under `no_grad`, as with PyTorch's `torch.func.grad`.
    """

    @wraps(differentiate)
    def call(*args: P.args, **kwargs: P.kwargs) -> ResultT:
        active = mode.get()
        around = active
        while around is not None and not around.records:
            around = around.outer
        if around is active or (around is not None and around.slopes is not None):  # in compiled code the block is refused
            return differentiate(*args, **kwargs)
        token = mode.set(around)
        try:
            result = differentiate(*args, **kwargs)
        finally:
            mode.reset(token)
        constants: ResultT = with_numbers(result, lambda value: make_constant(value.data))
        return constants

    return call


def check_request(f: Callable[..., Any], argnums: int | Sequence[int]) -> None:
    """Refuse what is not a function, or not a choice of its arguments, where it is handed in."""
    check_callable("f", f)
    checked_argnums(argnums)


def checked_argnums(argnums: int | Sequence[int]) -> tuple[tuple[int, ...], bool]:
    """The indices of the arguments to differentiate by, and whether just one was asked for, by itself.

    Raises:
        TypeError: it is no index and no sequence of them.
    """
    if type(argnums) is int:  # nearly always: the questions below take longer
        return (argnums,), True
    chosen = argnums if isinstance(argnums, Sequence) else (argnums,)
    if isinstance(argnums, str) or not all(isinstance(index, Integral) and not isinstance(index, bool) for index in chosen):
        raise wrong_type("argnums", "an index or several", argnums)
    return tuple(map(int, chosen)), isinstance(argnums, Integral)
