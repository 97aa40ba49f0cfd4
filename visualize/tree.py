"""The graph as text: the value first, its operands indented below it."""

from __future__ import annotations

import shutil
from collections.abc import Container, Iterable
from unicodedata import combining, east_asian_width

from autograd_lite.errors import counted
from autograd_lite.notation import number
from autograd_lite.value import Value
from visualize.graph import Derivatives, Graph, printable

COLUMNS = ("data", "grad", "local derivative")
NARROW = ("data", "grad", "local")  # where the terminal has no room for the long title
LEAST = 12  # characters for the tree itself, on the narrowest terminal


def tree(value: Value, *, depth: int = 12, limit: int = 200, width: int | None = None, names: bool = True) -> str:
    """The graph that computed a value, as text for a terminal.

    A line holds a node's name and formula, its number, its gradient, and the derivative by it of the node above. A node that is
    used more than once is printed once, and marked where it comes again.

    Arguments:
        value: the end of the graph.
        depth: how many levels of operands to show; the nodes below are counted, each once.
        limit: the most nodes to show, those nearest to `value`; the others are counted, each once.
        width: of the lines, in columns of the terminal; its own if not given.
        names: call values without a label as the variables of the calling code that hold them.

    Raises:
        TypeError: `value` is not a Value.
        ValueError: `depth` is below 0, `limit` or `width` below 1, or one of them is not a whole number.

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
    width = shutil.get_terminal_size().columns if width is None else width
    for name, given, least in (("depth", depth, 0), ("limit", limit, 1), ("width", width, 1)):
        if not isinstance(given, int) or given < least:
            raise ValueError(f"{name} must be a whole number of at least {least}, got {given!r}")
    graph = Graph(value, names)
    return _layout(_rows(graph, depth, limit), width)


Row = tuple[str, tuple[str, ...]]


def _rows(graph: Graph, depth: int, limit: int) -> list[Row]:
    near = _nearest(graph.output, limit)
    users = graph.users()
    derivatives = Derivatives()
    printed: set[Value] = set()
    counted: set[Value] = set()
    rows: list[Row] = []
    stack: list[tuple[Value | None, str, str, str, int]] = [(graph.output, "", "", "", 0)]
    shared = False
    while stack:
        node, branch, indent, local, level = stack.pop()
        if node is None:
            rows.append((branch, ("", "", "")))
            continue
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
        if level == depth:
            rows.append((_more(indent, _count(node.parents, counted)), ("", "", "")))
            continue
        positions = [position for position, parent in enumerate(node.parents) if parent in near]
        hidden = [parent for parent in node.parents if parent not in near]
        if hidden:
            stack.append((None, _more(indent, _count(hidden, counted, near)), "", "", level))
        for position in reversed(positions):
            last = position == positions[-1] and not hidden
            stack.append(
                (
                    node.parents[position],
                    indent + ("└─ " if last else "├─ "),
                    indent + ("   " if last else "│  "),
                    number(derivatives.number(node, position)),
                    level + 1,
                )
            )
    if shared:
        rows.append(("* used more than once", ("", "", "")))
    return rows


def _nearest(output: Value, limit: int) -> set[Value]:
    """The nodes nearest the output, by the number of edges, at most `limit`."""
    near = [output]
    seen = {output}
    for node in near:  # which grows
        for parent in node.parents:
            if parent not in seen and len(near) < limit:
                seen.add(parent)
                near.append(parent)
    return seen


def _more(indent: str, count: int) -> str:
    return f"{indent}└─ … {counted(count, 'more node', ',')}"


def _layout(rows: list[Row], width: int) -> str:
    numbers = [max(len(cells[i]) for _, cells in rows) for i in range(3)]
    longest = max(_columns(title) for title, cells in rows if any(cells))
    for titles, gap in ((COLUMNS, 4), (NARROW, 2)):
        columns = [max(size, len(title)) + gap for size, title in zip(numbers, titles, strict=True)]
        room = width - sum(columns) + gap
        if longest + gap <= room:
            break
    left = max(LEAST, min(longest + gap, room))
    lines = [" " * left + "".join(title.ljust(size) for title, size in zip(titles, columns, strict=True))]
    for title, cells in rows:
        if any(cells):
            shown = _cut(title, left - 1)
            padding = " " * (left - _columns(shown))
            lines.append(shown + padding + "".join(cell.ljust(size) for cell, size in zip(cells, columns, strict=True)))
        else:
            lines.append(title)
    return "\n".join(_cut(line.rstrip(), width) for line in lines)


def _columns(line: str) -> int:
    """The columns that a line takes on a terminal: an emoji or a Chinese character two, an accent that combines none."""
    return sum(0 if combining(c) else 2 if east_asian_width(c) in "WF" else 1 for c in line)


def _cut(line: str, width: int) -> str:
    if _columns(line) <= width:
        return line
    while line and _columns(line) > width - 1:
        line = line[:-1]
    return line + "…"


def _count(nodes: Iterable[Value], counted: set[Value], near: Container[Value] = ()) -> int:
    """How many of these nodes and those behind them are not near, those left out that were counted before."""
    before = len(counted)
    stack = list(nodes)
    while stack:
        node = stack.pop()
        if node not in counted and node not in near:
            counted.add(node)
            stack += node.parents
    return len(counted) - before
