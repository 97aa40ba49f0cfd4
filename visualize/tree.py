"""The graph as text: the value first, its operands indented below it."""

from __future__ import annotations

import shutil

from autograd_lite.notation import number
from autograd_lite.value import Value
from visualize.graph import Derivatives, Graph

COLUMNS = ("data", "grad", "local derivative")
LEAST = 12  # characters for the tree itself, on the narrowest terminal


def tree(value: Value, *, depth: int = 12, width: int | None = None, names: bool = True) -> str:
    """The graph that computed a value, as text for a terminal.

    A line holds a node's name and formula, its number, its gradient, and the derivative by it of the node above. A node that is
    used more than once is printed once, and marked where it comes again.

    Arguments:
        value: the end of the graph.
        depth: how many levels of operands to show; the nodes below are counted, each once.
        width: of the lines, in characters; that of the terminal if not given.
        names: call values without a label as the variables of the calling code that hold them.

    Raises:
        TypeError: `value` is not a Value.
        ValueError: `depth` is below 0 or `width` below 1.

    Example:
        >>> from autograd_lite import Value
        >>> from visualize import tree
        >>> a, b = Value(3.0, "a"), Value(-2.0, "b")
        >>> y = a * b + a
        >>> y.backward()
        >>> print(tree(y, width=70))
                         data    grad    local derivative
        y = v₁ + a       -3.0    1.0
        ├─ v₁ = a × b    -6.0    1.0     1
        │  ├─ a *        3.0     -1.0    -2.0
        │  └─ b          -2.0    3.0     3.0
        └─ a * (above)   3.0     -1.0    1
        * used more than once
    """
    if depth < 0:
        raise ValueError(f"depth must be at least 0, got {depth}")
    width = shutil.get_terminal_size().columns if width is None else width
    if width < 1:
        raise ValueError(f"width must be at least 1, got {width}")
    graph = Graph(value, names)
    return _layout(_rows(graph, depth), width)


Row = tuple[str, tuple[str, ...]]


def _rows(graph: Graph, depth: int) -> list[Row]:
    users = graph.users()
    derivatives = Derivatives()
    printed: set[Value] = set()
    counted: set[Value] = set()
    rows: list[Row] = []
    stack: list[tuple[Value, str, str, str, int]] = [(graph.output, "", "", "", 0)]
    shared = False
    while stack:
        node, branch, indent, local, level = stack.pop()
        title = printable(graph.name(node))
        again = node in printed
        if node.operands and not again:
            title += f" = {printable(graph.formula(node))}"
        if len(users[node]) > 1:
            title += " *"
            shared = True
        if again:
            title += " (above)"
        gradient = "" if node.is_constant else number(node.grad)
        rows.append((branch + title, (number(node.data), gradient, "" if node.is_constant else local)))
        printed.add(node)
        if again or not node.operands:
            continue
        parents = node.parents
        if level == depth:
            rows.append((f"{indent}└─ … {_count_below(node, counted):,} more nodes", ("", "", "")))
            continue
        for position in reversed(range(len(parents))):
            last = position == len(parents) - 1
            stack.append(
                (
                    parents[position],
                    indent + ("└─ " if last else "├─ "),
                    indent + ("   " if last else "│  "),
                    number(derivatives.number(node, position)),
                    level + 1,
                )
            )
    if shared:
        rows.append(("* used more than once", ("", "", "")))
    return rows


def _layout(rows: list[Row], width: int) -> str:
    numbers = [max(len(cells[i]) for _, cells in rows) for i in range(3)]
    columns = [max(size, len(title)) + 4 for size, title in zip(numbers, COLUMNS, strict=True)]
    left = max(len(title) for title, cells in rows if any(cells)) + 4
    left = max(LEAST, min(left, width - sum(columns) + 4))
    lines = [" " * left + "".join(title.ljust(size) for title, size in zip(COLUMNS, columns, strict=True))]
    for title, cells in rows:
        if any(cells):
            lines.append(
                _cut(title, left - 1).ljust(left) + "".join(cell.ljust(size) for cell, size in zip(cells, columns, strict=True))
            )
        else:
            lines.append(title)
    return "\n".join(_cut(line.rstrip(), width) for line in lines)


def _cut(line: str, width: int) -> str:
    return line if len(line) <= width else line[: max(0, width - 1)] + "…"


def _count_below(node: Value, counted: set[Value]) -> int:
    """How many nodes lie below one, those left out that were counted before."""
    before = len(counted)
    stack = [node]
    while stack:
        for parent in stack.pop().parents:
            if parent not in counted:
                counted.add(parent)
                stack.append(parent)
    return len(counted) - before


def printable(label: str) -> str:
    """A name on one line, characters that a terminal would obey as their escapes."""
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in label)
