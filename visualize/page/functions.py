"""What the page computes with: the primitives of a graph, and their derivatives, as JavaScript.

A primitive's function is translated from its source. The rules of its derivatives are not: each is read off as a graph of
primitives, by evaluating it on stand-ins, and that graph is written out.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from autograd_lite.primitive import Primitive
from autograd_lite.symbolic import symbolic_graph
from autograd_lite.value import Value
from visualize.graph.walks import operands_first
from visualize.page.translate import Translatable, Untranslatable, literal, reference, translated


@dataclass(frozen=True)
class PageFunctions:
    """The JavaScript that a page computes with.

    Attributes:
        code: defines `primitive`, by name, and `derivatives`, a list.
        rules: for each computed node the number of its function in `derivatives`.
        reason: why the page cannot compute, or "".
    """

    code: str
    rules: dict[Value, int]
    reason: str


def page_functions(nodes: Iterable[Value]) -> PageFunctions:
    """What a page needs to compute these nodes and their gradients anew. Nodes of one rule share its function."""
    codes: dict[str, int] = {}
    rules: dict[Value, int] = {}
    used: dict[Primitive, None] = {}
    reason = ""
    for node in nodes:
        if node.operands:
            try:
                code, primitives = derivative_function(node)
            except Untranslatable as error:
                reason = reason or str(error)
                continue
            rules[node] = codes.setdefault(code, len(codes))
            used |= dict.fromkeys([node.primitive, *primitives])
    try:
        functions = forward_functions(used)
    except Untranslatable as error:
        reason, functions = reason or str(error), "const primitive = {};"
    derivatives = "[]" if reason else "[\n" + ",\n".join(codes) + "\n]"
    return PageFunctions(f"{functions}const derivatives = {derivatives};", rules, reason)


def forward_functions(primitives: Iterable[Primitive]) -> str:
    """JavaScript that defines these primitives, and all that they call.

    Raises:
        Untranslatable: one of them has no translation, or two have one name.
    """
    functions: dict[Translatable, str] = {}
    called: dict[str, Translatable] = {}
    stack: list[Translatable] = list(primitives)
    while stack:
        item = stack.pop()
        if item not in functions:
            functions[item], calls = translated(item)
            stack += calls
            if called.setdefault(reference(item), item) is not item:
                name = item.name if isinstance(item, Primitive) else item.__name__
                raise Untranslatable(f"two different functions are called {name!r}")
    return "const primitive = {}, helper = {};\n" + "".join(
        f"{reference(item)} = {code};\n" for item, code in functions.items()
    )


def derivative_function(node: Value) -> tuple[str, list[Primitive]]:
    """The local derivatives of a node as a JavaScript function of `(out, inputs)`, and the primitives that it uses.

    The rules of the table are evaluated on stand-ins; the graph that results is written out operation by operation. `inputs` is
    an array with a number for each parent.

    Raises:
        Untranslatable: a rule of a custom primitive is not one formula.
    """
    try:
        stand_ins, derivatives = symbolic_graph(node)
    except (AttributeError, TypeError, ValueError) as error:
        raise Untranslatable(f"a derivative of {node.op!r} cannot be read off: {error}") from error
    written: dict[Value, str] = {stand_ins[0]: "out"}
    written.update((symbol, f"inputs[{i}]") for i, symbol in enumerate(stand_ins[1:]))
    lines: list[str] = []
    used: dict[Primitive, None] = {}

    def operand(part: Any) -> str:
        if not isinstance(part, Value):
            return f"[{', '.join(map(operand, part))}]" if isinstance(part, tuple) else literal(part)
        return written[part] if part in written else literal(part.data)

    def to_write(part: Any) -> bool:
        return isinstance(part, Value) and bool(part.operands) and part not in written

    for formula in derivatives:
        if to_write(formula):
            for step in operands_first(formula, lambda part: filter(to_write, reversed(part.parents))):
                used[step.primitive] = None
                lines.append(f"const t{len(lines)} = {reference(step.primitive)}({', '.join(map(operand, step.operands))});")
                written[step] = f"t{len(lines) - 1}"
    return f"(out, inputs) => {{ {' '.join(lines)} return [{', '.join(map(operand, derivatives))}]; }}", list(used)
