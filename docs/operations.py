"""The page of all operations, made from the table of primitives, and the curves of each.

python docs/operations.py             # exit status 1 if the page shows something else than the table says
python docs/operations.py --write     # write it anew; the curves are written by docs/pictures.py
"""

from __future__ import annotations

import inspect
import math
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import autograd_lite  # noqa: E402
from autograd_lite import Value, grad  # noqa: E402
from autograd_lite.graph.derivatives import each_local_derivative  # noqa: E402
from autograd_lite.graph.order import topological_order  # noqa: E402
from autograd_lite.modes import entered  # noqa: E402
from autograd_lite.notation import text  # noqa: E402
from autograd_lite.ops import TABLE  # noqa: E402
from autograd_lite.repl.manual import derivatives  # noqa: E402
from autograd_lite.scalar import Scalar  # noqa: E402
from autograd_lite.symbolic import Reading, symbolic_graph  # noqa: E402

PAGE = ROOT / "docs" / "reference" / "operations.md"
HEAD = """\
---
hide: [toc]
---

# Operations

All take numbers and Values alike: numbers give a number, a Value among the operands gives a Value. Those of one operand, and
`leaky_relu`, `elu` and `clip`, are methods of `Value` too: `v.tanh()`. This page is made from the [table of
primitives](../how-it-works.md#3-the-table-opspy), by `docs/operations.py`; `help(tanh)` in the REPL shows an entry.

In a picture the thick line is the function and the thin one its derivative, by the first operand. Other operands are 1; 2 in a
product and in a power, −1 and 1 in `clip`. A comparison in a formula is 1 where it is true, and else 0.

```pycon
>>> from autograd_lite import *
```
"""
STARTS = (0.5, 1.5, 2.5)  # one of them lies in the domain of every operation
EXAMPLES = {"where": "1.0, 2.0, 3.0", "clip": "1.5, 0.0, 1.0", "acosh": "2.0", "mod": "7.0, 2.0", "floordiv": "7.0, 2.0"}
CONVENTIONS = """\
## Conventions

::: autograd_lite.ops
    options:
      members: false
      show_root_heading: false
      show_root_toc_entry: false

## What else stands in the formulas
"""
LONG = 70  # characters of a formula that is not folded away
WIDTH, HEIGHT, REACH = 132, 88, 3.2  # of a picture, in pixels; how far its axes reach to each side


def rows() -> list[str]:
    """The names of the operations to show: the public ones, and those that operators stand for."""
    return [name for name in TABLE if name in (*autograd_lite.__all__, "round") or f"__{name}__" in vars(Scalar)]


def parameters(operation: Any) -> list[inspect.Parameter]:
    """The parameters that have to be given."""
    return [p for p in inspect.signature(operation).parameters.values() if p.default is p.empty]


def code(shown: str) -> str:
    """Code in a cell of a table."""
    return f"`{shown.replace('|', chr(92) + '|')}`" if "|" not in shown else f"<code>{shown.replace('|', '&#124;')}</code>"


def second(operation: Any) -> list[tuple[str, str]]:
    """The formulas of the second derivatives by the operands that have to be given, none of many."""
    names = [p.name for p in parameters(operation)]
    found = []
    for i, first in enumerate(names):
        for j in range(i, len(names)):
            formula = formula_of(lambda *values, i=i, j=j: mixed(operation(*values), i, j), names)
            symbol = f"d²/d{first}²" if len(names) == 1 else f"∂²/∂{first}²" if i == j else f"∂²/∂{first}∂{names[j]}"
            found.append((symbol, formula))
    return found


def mixed(node: Value, i: int, j: int) -> Any:
    """A second derivative of a node: the first one, read off the rule, is a graph, and so it can be differentiated."""
    (output, *inputs), derivatives = symbolic_graph(node)
    if not isinstance(derivatives[i], Value):
        return 0
    by = gradients(derivatives[i])
    with entered(Reading):  # the first derivative may be written with the result, which depends on the operand as well
        terms = [by.get(inputs[j], 0), product(by.get(output, 0), derivatives[j])]
        return sum(term for term in terms if isinstance(term, Value) or term)


def gradients(formula: Value) -> dict[Any, Any]:
    """The derivatives of a formula by all that is in it, as formulas: `backward`, with stand-ins in the place of numbers."""
    found: dict[Any, Any] = {formula: 1}
    with entered(Reading):
        for node in reversed(topological_order(formula)):
            for parent, local in each_local_derivative(node, node, list(node.operands)):
                passed = product(found.get(node, 0), local)
                if isinstance(passed, Value) or passed:
                    found[parent] = found[parent] + passed if parent in found else passed
    return found


def product(a: Any, b: Any) -> Any:
    """The product of two formulas or numbers, as one writes it."""
    for one, other in ((a, b), (b, a)):
        if not isinstance(one, Value) and one in (-1, 0, 1):
            return other if one == 1 else 0 if one == 0 else -other
    return a * b


def formula_of(function: Callable[..., Any], names: list[str]) -> str:
    """What a function gives of Values of these names, at a point where it is defined."""
    for start in STARTS:
        try:
            result = function(*(Value(start + place / 3, name) for place, name in enumerate(names)))
        except ArithmeticError:
            continue
        return text(result, plain_name) if isinstance(result, Value) else f"{result:g}"
    raise ValueError(f"no point for {names}")


def plain_name(node: Value) -> str | None:
    """The name of a leaf, also behind nodes that only repeat it."""
    while node.op == "identity":
        node = node.parents[0]
    return node.label or (f"{node.data:.4g}" if not node.operands else None)


def lines(pairs: list[tuple[str, str]]) -> str:
    """Formulas below each other, those that are 0 left out if there are others."""
    kept = [(left, right) for left, right in pairs if right not in ("0", "0.0")] or [("", "0")]
    return "<br>".join(f"{left} {folded(right)}".strip() for left, right in kept)


def folded(formula: str) -> str:
    """A formula; a long one folded away, to be opened."""
    shown = code(formula)
    return shown if len(formula) <= LONG else f"<details><summary>a long formula</summary>{shown}</details>"


def row(name: str) -> str:
    """The row of an operation."""
    operation = TABLE[name]
    entry = operation.primitive
    given = parameters(operation)
    names = [p.name for p in inspect.signature(operation).parameters.values()]
    formula = f"{name}({', '.join(names)})" if entry.variadic else formula_of(operation, names)
    first = [(f"d/d{by}" if len(names) == 1 else f"∂/∂{by}", shown) for by, shown in derivatives(operation)]
    domain = [interval.describe(p.name) for interval, p in zip(entry.domain, given, strict=False) if interval.bounded]
    kink = text(entry.kink(*(Value(math.nan, n) for n in names))) + " = 0" if entry.kink is not None else ""
    picture = f"![{name} and its derivative](../pictures/operations/{name}.svg)" if name in CURVES else ""
    example, gives = shown_example(name, given)
    about = " ".join((inspect.getdoc(operation) or "").partition("\n\n")[0].split()).replace("|", "&#124;")
    cells = [
        f'<span id="{name}"></span>**{name}**<br>{code(formula)}<br>{about}',
        picture,
        lines(first),
        "" if entry.variadic else lines(second(operation)),
        "<br>".join(domain),
        code(kink) if kink else "",
        code(example),
        code(gives),
    ]
    return f"| {' | '.join(cells)} |"


def shown_example(name: str, given: list[inspect.Parameter]) -> tuple[str, str]:
    """A call of an operation and of its gradient, and what that gives to four digits."""
    if name == "round":
        return "round(Value(2.5)).data", "2.0"
    if TABLE[name].primitive.variadic:
        arguments = ", ".join(["[1.0, 2.0]", "[3.0, 4.0]"][: len(given)])
        shown = f"round({name}({arguments}), 4)"
    elif name not in autograd_lite.__all__:
        numbers = EXAMPLES.get(name, "2.0, 3.0").split(", ")
        x = [f"Value({number})" for number in numbers[: len(given)]]
        symbol = {"−": "-", "×": "*", "÷": "/"}.get(TABLE[name].primitive.symbol, TABLE[name].primitive.symbol)
        shown = f"({f' {symbol} '.join(x)}).data" if len(given) == 2 else f"(-{x[0]}).data"
    else:
        arguments = EXAMPLES.get(name, ", ".join(["0.5", "1.5", "2.5"][: len(given)]))
        by = f", {tuple(range(len(given)))}" if len(given) > 1 else ""
        gradient = f"{'*' if by else ''}grad({name}{by})({arguments})"
        shown = f"[round(d, 4) for d in ({name}({arguments}), {gradient})]"
    scope: dict[str, Any] = {}
    exec("from autograd_lite import *", scope)
    return shown, repr(eval(shown, scope))


def page() -> str:
    """The page."""
    titles = ["operation", "", "derivative", "second derivative", "defined for", "no derivative where", "for example", "gives"]
    table = [f"| {' | '.join(titles)} |", f"|{' --- |' * len(titles)}", *map(row, rows())]
    helpers = [name for name in TABLE if name not in rows()]
    symbols = ["| in a formula | is |", "| --- | --- |"]
    symbols += [f"| {code(written(name))} | {' '.join((inspect.getdoc(TABLE[name]) or '').split())} |" for name in helpers]
    parts = [HEAD, *table, "", "## Conventions", "", "::: autograd_lite.ops", "    options:", "      members: false"]
    parts += [
        "      show_root_heading: false",
        "      show_root_toc_entry: false",
        "",
        "## What else stands in the formulas",
        "",
        *symbols,
    ]
    return "\n".join(parts) + "\n"


def written(name: str) -> str:
    """An operation as a formula shows it."""
    return formula_of(TABLE[name], [p.name for p in parameters(TABLE[name])])


def curve(function: Callable[[float], Any]) -> Iterator[list[tuple[float, float]]]:
    """The points of a curve in pixels, in pieces where it is interrupted."""
    piece: list[tuple[float, float]] = []
    scale = WIDTH / 2 / REACH
    for step in range(-64, 65):
        x = step * REACH / 64 + 1e-9
        try:
            y = float(function(x))
        except ArithmeticError:
            y = math.nan
        point = (WIDTH / 2 + x * scale, HEIGHT / 2 - y * scale)
        inside = math.isfinite(y) and -1 <= point[1] <= HEIGHT + 1
        if piece and (not inside or abs(point[1] - piece[-1][1]) > HEIGHT / 5):
            yield piece
            piece = []
        if inside:
            piece.append(point)
    if piece:
        yield piece


def picture(name: str) -> str:
    """An operation and its derivative, by the first operand."""
    operation = TABLE[name]
    others = OTHERS.get(name, [1.0] * (len(parameters(operation)) - 1))
    function = (lambda x: operation([x, 1.0])) if name in VARIADIC else operation
    kinds = (("#3f51b5", 2.2, lambda x: function(x, *others)), ("#d3540a", 1.2, lambda x: grad(function)(x, *others)))
    paths = [
        f'<polyline fill="none" stroke="{color}" stroke-width="{thick}" points="{points}"/>'
        for color, thick, f in kinds
        for points in (" ".join(f"{x:.1f},{y:.1f}" for x, y in piece) for piece in curve(f))
    ]
    axes = f'<path stroke="#9aa4b1" stroke-width="0.7" d="M0 {HEIGHT / 2:g}H{WIDTH}M{WIDTH / 2:g} 0V{HEIGHT}"/>'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" viewBox="0 0 {WIDTH} {HEIGHT}">'
        f"<title>{name} and its derivative</title>\n{axes}\n" + "\n".join(paths) + "\n</svg>\n"
    )


VARIADIC = ("sum", "prod", "logsumexp")
OTHERS = {"clip": [-1.0, 1.0], "mul": [2.0], "pow": [2.0]}
UNSEEN = ("where", "dot", "equal", "stop_gradient", "deg2rad", "rad2deg")  # their curves say nothing at this scale
CURVES = [name for name in rows() if name not in UNSEEN]


def main(write: bool) -> int:
    """Write the page, or compare it with the one that is there."""
    if write:
        PAGE.write_text(page(), encoding="utf-8")
        return 0
    stale = not PAGE.exists() or PAGE.read_text(encoding="utf-8") != page()
    if stale:
        print("the page of operations is stale; run python docs/operations.py --write")
    return int(stale)


if __name__ == "__main__":
    sys.exit(main("--write" in sys.argv))
