"""The graph as text: the value first, its operands indented below it."""

from __future__ import annotations

import shutil
from collections.abc import Container, Iterable
from typing import NamedTuple
from unicodedata import combining, east_asian_width

from autograd_lite.basics.checks import whole_number
from autograd_lite.basics.elsewhere import answers_calls
from autograd_lite.basics.escaping import in_terminal
from autograd_lite.basics.wording import counted
from autograd_lite.notation import number
from autograd_lite.value import Value
from visualize.graph.derivatives import Derivatives
from visualize.graph.nodes import Graph, check_value
from visualize.graph.walks import nearest
from visualize.shown import Tree

COLUMNS = ("data", "grad", "local derivative")
NARROW = ("data", "grad", "local")  # where the terminal has no room for the long title
LAST, NOT_LAST = ("└─ ", "   "), ("├─ ", "│  ")  # before an operand, and before what is below it
LEAST = 12  # characters for the tree itself, on the narrowest terminal


@answers_calls
def tree(value: Value, *, depth: int = 12, limit: int = 200, width: int | None = None, names: bool = True) -> Tree:
    """The graph that computed a value, as text for a terminal.

    A line holds a node's name and formula, its number, its gradient, and the derivative by it of the node above. A node that is
    used more than once is printed once, and marked where it comes again. What results is text, which a prompt shows as it is.

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
        >>> tree(y, width=70)
                         data    grad    local derivative
        y = v₁ + a       -3.0    1.0
        ├─ v₁ = a × b    -6.0    1.0     1
        │  ├─ a *        3.0     -1.0    -2.0
        │  └─ b          -2.0    3.0     3.0
        └─ a * (above)   3.0     -1.0    1
        * used more than once
    """
    width = shutil.get_terminal_size().columns if width is None else width
    whole_number("depth", depth, 0)
    whole_number("limit", limit, 1)
    whole_number("width", width, 1)
    graph = Graph(check_value("value", value), names)
    return Tree(_laid_out(_rows(graph, depth, limit), width))


class Row(NamedTuple):
    """A line of the tree: what stands in the tree itself, and its columns; a remark has none."""

    title: str
    cells: tuple[str, ...] = ()


class Branch(NamedTuple):
    """A node that is still to be printed.

    Attributes:
        node: which.
        lead: what stands before its name.
        indent: what stands before its operands' branches.
        local: the derivative by it of the node above.
        level: how far below the output it is.
    """

    node: Value
    lead: str
    indent: str
    local: str
    level: int


def _rows(graph: Graph, depth: int, limit: int) -> list[Row]:
    """The lines of the tree from the top. What is to be printed waits on a stack, so that a graph may be of any depth."""
    near = nearest(graph.output, lambda node: node.parents, limit)
    derivatives = Derivatives()
    printed: set[Value] = set()
    told: set[Value] = set()  # the nodes that are counted instead
    rows: list[Row] = []
    stack: list[Branch | Row] = [Branch(graph.output, "", "", "", 0)]
    while stack:
        branch = stack.pop()
        if isinstance(branch, Row):  # what is left out of a node's operands
            rows.append(branch)
            continue
        node, parents = branch.node, branch.node.parents
        again = node in printed
        rows.append(Row(branch.lead + _title(graph, node, again), _cells(graph, branch)))
        printed.add(node)
        if again or not node.operands:
            continue
        if branch.level == depth:
            rows.append(_more(branch.indent, _count(parents, told)))
            continue
        positions = [position for position, parent in enumerate(parents) if parent in near]
        hidden = [parent for parent in parents if parent not in near]
        if hidden:
            stack.append(_more(branch.indent, _count(hidden, told, near)))
        for position in reversed(positions):
            last = position == positions[-1] and not hidden
            lead, below = LAST if last else NOT_LAST
            local = number(derivatives.number(node, position))
            stack.append(Branch(parents[position], branch.indent + lead, branch.indent + below, local, branch.level + 1))
    if any(graph.uses[node] > 1 for node in printed):
        rows.append(Row("* used more than once"))
    if not graph.differentiated:
        rows.append(Row("? no gradient yet: backward() computes it"))
    return rows


def _title(graph: Graph, node: Value, again: bool) -> str:
    """A node's name and, where it is printed first, its formula; and marks, if it is used more than once."""
    formula = f" = {in_terminal(graph.formula(node))}" if node.operands and not again else ""
    return f"{in_terminal(graph.name(node))}{formula}{' *' * (graph.uses[node] > 1)}{' (above)' * again}"


def _cells(graph: Graph, branch: Branch) -> tuple[str, ...]:
    node = branch.node
    return (number(node.data), *(("", "") if node.is_constant else (graph.gradient(node), branch.local)))


def _more(indent: str, count: int) -> Row:
    """The line that stands for so many nodes."""
    return Row(f"{indent}{LAST[0]}… {counted(count, 'more node', ',')}")


def _count(nodes: Iterable[Value], told: set[Value], near: Container[Value] = ()) -> int:
    """How many of these nodes and those behind them are not near, those left out that were counted before."""
    before = len(told)
    stack = list(nodes)
    while stack:
        node = stack.pop()
        if node not in told and node not in near:
            told.add(node)
            stack += node.parents
    return len(told) - before


def _laid_out(rows: list[Row], width: int) -> str:
    """The rows in columns, no line wider than the terminal."""
    numbered = [row for row in rows if row.cells]
    sizes = [max(map(len, column)) for column in zip(*(row.cells for row in numbered), strict=True)]
    longest = max(_columns(row.title) for row in numbered)
    for titles, gap in ((COLUMNS, 4), (NARROW, 2)):
        columns = [max(size, len(title)) + gap for size, title in zip(sizes, titles, strict=True)]
        room = width - sum(columns) + gap
        if longest + gap <= room:
            break
    left = max(LEAST, min(longest + gap, room))
    lines = [" " * left + _aligned(titles, columns)]
    for row in rows:
        if row.cells:
            title = _cut(row.title, left - 1)
            lines.append(title + " " * (left - _columns(title)) + _aligned(row.cells, columns))
        else:
            lines.append(row.title)
    return "\n".join(_cut(line.rstrip(), width) for line in lines)


def _aligned(cells: Iterable[str], columns: Iterable[int]) -> str:
    return "".join(cell.ljust(size) for cell, size in zip(cells, columns, strict=True))


def _columns(line: str) -> int:
    """The columns that a line takes on a terminal: an emoji or a Chinese character two, an accent that combines none."""
    return sum(0 if combining(c) else 2 if east_asian_width(c) in "WF" else 1 for c in line)


def _cut(line: str, width: int) -> str:
    """A line no wider than that, with … at its end if it was."""
    if _columns(line) <= width:
        return line
    while line and _columns(line) > width - 1:
        line = line[:-1]
    return line + "…"
