"""The chain rule, term by term: the derivative of an output by one value, path by path or node by node."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from autograd_lite.notation import latex, latex_number, number, text
from autograd_lite.pullback import local_derivatives
from autograd_lite.value import Value, topological_order
from visualize.graph import Derivatives, Graph, check_connected, passes, printable

MOST_IN_A_ROW = 6  # factors of a sum in LaTeX; a longer one has a row for each term
Edge = tuple[Value, int]  # a node, and the position of one of its parents
Item = TypeVar("Item")


@dataclass(frozen=True)
class Gap:
    """What is left out of a long product or sum, between its first ones and its last: how many."""

    count: int

    def __str__(self) -> str:
        return f"… {self.count:,} more …"

    @property
    def latex(self) -> str:
        """The same in LaTeX."""
        return rf"\underbrace{{\cdots}}_{{{self.count}\text{{ more}}}}"


@dataclass(frozen=True)
class Factor:
    """One derivative in a product: its symbol, its formula and its number, as text and as LaTeX."""

    symbol: str
    formula: str
    latex_symbol: str
    latex_formula: str
    value: Any


@dataclass(frozen=True)
class Term:
    """A product of derivatives, its number, and where in the graph it comes from."""

    route: str
    factors: tuple[Factor | Gap, ...]
    value: Any


@dataclass(frozen=True)
class Sum:
    """A derivative as a sum of products: its symbol, its terms and its number."""

    symbol: str
    latex_symbol: str
    terms: tuple[Term | Gap, ...]
    value: Any


@dataclass(frozen=True, repr=False)
class Explanation:
    """Why a derivative has its value. `str()` gives text; in Jupyter it shows itself as formulas.

    Attributes:
        value: the derivative: what `output.backward()` adds to `wrt.grad`.
        paths: how many paths lead from the output to `wrt`.
        sums: one `Sum` over all paths; or, when there are too many, one for each node on the way, over that node's users.
            In a long list, of sums, terms or factors, a `Gap` stands for those between the first and the last ones.
        by_paths: which of the two.
        output: the output's name.
        wrt: the name of the value differentiated by.
    """

    value: Any
    paths: int
    sums: tuple[Sum | Gap, ...]
    by_paths: bool
    output: str
    wrt: str

    def __repr__(self) -> str:
        return str(self)

    def __str__(self) -> str:
        lines = [self._headline()]
        for total in self.sums:
            lines.append("")
            if isinstance(total, Gap):
                lines.append(str(total))
            elif self.by_paths:
                for count, term in enumerate(self._paths(), start=1):
                    first, *rest = _equations([term], term.value)
                    lines += [f"path {count}: {term.route}", f"  {first}", *(f"  = {line}" for line in rest), ""]
                products = " + ".join(_grouped(number(term.value)) for term in self._paths()) or number(total.value)
                lines.append(f"{total.symbol} = " + " = ".join(_distinct([products, number(total.value)])))
            else:
                lines.append(total.symbol)
                lines += [f"  = {line}" for line in _equations(total.terms, total.value) if line != total.symbol]
        return "\n".join(lines)

    def latex(self) -> str:
        r"""The explanation as LaTeX: one block of aligned equations.

        Example:
            >>> from autograd_lite import Value
            >>> from visualize import explain
            >>> x, y = Value(3.0, "x"), Value(2.0, "y")
            >>> z = x * y
            >>> z.label = "z"
            >>> print(explain(z, wrt=x).latex())
            \begin{aligned}
            \frac{\partial z}{\partial x} &= y \\
            &= 2.0
            \end{aligned}
        """
        rows = []
        for total in self.sums:
            if isinstance(total, Gap):
                rows.append(rf"&\ {total.latex}")
                continue
            lines = [line for line in _equations(total.terms, total.value, as_latex=True) if line != total.latex_symbol]
            rows += [f"{'' if i else total.latex_symbol} &= {line}".strip() for i, line in enumerate(lines)]
        return "\n".join([r"\begin{aligned}", " \\\\\n".join(rows), r"\end{aligned}"])

    def markdown(self) -> str:
        """The explanation as Markdown, its formulas in LaTeX."""
        routes = "\n".join(f"{count}. {_markdown(term.route)}" for count, term in enumerate(self._paths(), start=1))
        return "\n\n".join(part for part in (_markdown(self._headline()), routes, f"$$\n{self.latex()}\n$$") if part)

    def _repr_markdown_(self) -> str:
        return self.markdown()

    def _paths(self) -> list[Term]:
        """The term of each path; none where it is explained node by node."""
        sums = self.sums if self.by_paths else ()
        return [term for total in sums if isinstance(total, Sum) for term in total.terms if isinstance(term, Term)]

    def _headline(self) -> str:
        symbol = f"∂{self.output}/∂{self.wrt}"
        count = f"{self.paths:,}" if self.paths < 10**15 else f"about 10^{math.floor(math.log10(self.paths))}"
        ways = f"{count} path{'s' if self.paths != 1 else ''}"
        shortened = "\n(shortened: explain with max_items=None shows all)" if any(map(_has_gap, self.sums)) else ""
        if self.by_paths:
            rule = "multiply the local derivatives along it" if self.paths == 1 else "multiply along each, add the products"
            return f"{symbol} by the chain rule: {ways}; {rule}{shortened}"
        return f"{symbol} node by node ({ways}): each derivative sums over its node's users{shortened}"


def _has_gap(total: Sum | Gap) -> bool:
    if isinstance(total, Gap):
        return True
    return any(isinstance(part, Gap) for term in total.terms for part in (getattr(term, "factors", ()) or (term,)))


def _ends(items: Sequence[Item], most: int | None) -> list[Item | Gap]:
    """The items; of more than `most` the first and the last ones, and how many there are between."""
    if most is None or len(items) <= most:
        return list(items)
    first, last = most - most // 2, most // 2
    return [*items[:first], Gap(len(items) - most), *items[len(items) - last :]]


def _equations(terms: Sequence[Term | Gap], total: Any, as_latex: bool = False) -> list[str]:
    """A sum of products in symbols, in formulas, in numbers, and added up; each line once."""
    show, times = (latex_number, r" \cdot ") if as_latex else (number, " · ")
    if not terms:
        return [show(total)]  # the output by itself
    factors = sum(len(term.factors) for term in terms if isinstance(term, Term))
    plus = " \\\\\n&\\quad + " if as_latex and len(terms) > 1 and factors > MOST_IN_A_ROW else " + "

    def each(items: Iterable[Item | Gap], write: Callable[[Item], str]) -> Iterator[str]:
        for item in items:
            yield write(item) if not isinstance(item, Gap) else item.latex if as_latex else str(item)

    def added(write: Callable[[Factor], str]) -> str:
        def product(term: Term) -> str:
            alone = len(term.factors) == 1
            return times.join(each(term.factors, lambda f: write(f) if alone else _grouped(write(f), as_latex)))

        return plus.join(each(terms, product))

    products = " + ".join(each(terms, lambda term: _grouped(show(term.value), as_latex)))
    return _distinct(
        [
            added(lambda f: f.latex_symbol if as_latex else f.symbol),
            added(lambda f: f.latex_formula if as_latex else f.formula),
            added(lambda f: show(f.value)),
            products if len(terms) > 1 else show(total),
            show(total),
        ]
    )


def _distinct(lines: Iterable[str]) -> list[str]:
    """Each line once; of 1 and 1.0 the first."""
    different: dict[str, str] = {}
    for line in lines:
        try:
            key = str(float(line))
        except ValueError:  # it is not a number alone
            key = line
        different.setdefault(key, line)
    return list(different.values())


def _grouped(part: str, as_latex: bool = False) -> str:
    """A factor in brackets if it is itself a sum, a product or negative."""
    if part.startswith(("-", "−")) or (" " in part and not part.startswith((r"\frac{\partial", "∂"))):
        return rf"\left({part}\right)" if as_latex else f"({part})"
    return part


def _markdown(label: str) -> str:
    return re.sub(r"([\\`*_{}\[\]<>#+!|$~&-])", r"\\\1", label).replace("\n", " ")


def explain(output: Value, wrt: Value, *, max_paths: int = 12, max_items: int | None = 12, names: bool = True) -> Explanation:
    """Derive the derivative of `output` by `wrt`, term by term.

    Arguments:
        output: the end of the graph.
        wrt: the value to differentiate by, anywhere in the graph.
        max_paths: when more paths lead from `output` to `wrt`, it is explained node by node.
        max_items: of a longer path, sum or list of nodes the first and the last ones are shown, so many in all (at least 2),
            and those between are counted; None shows all.
        names: call values without a label as the variables of the calling code that hold them.

    Raises:
        TypeError: `output` or `wrt` is not a Value.
        ValueError: `output` does not depend on `wrt`, `wrt` is a constant, `max_paths` is below 0 or `max_items` below 2.

    Example:
        >>> from autograd_lite import Value
        >>> from visualize import explain
        >>> x, w = Value(3.0, "x"), Value(0.5, "w")
        >>> y = w * x + x
        >>> print(explain(y, wrt=x))
        ∂y/∂x by the chain rule: 2 paths; multiply along each, add the products
        <BLANKLINE>
        path 1: y ← v₁ ← x
          ∂y/∂v₁ · ∂v₁/∂x
          = 1 · w
          = 1 · 0.5
          = 0.5
        <BLANKLINE>
        path 2: y ← x
          ∂y/∂x
          = 1
        <BLANKLINE>
        ∂y/∂x = 0.5 + 1 = 1.5
    """
    if not isinstance(max_paths, int) or max_paths < 0:
        raise ValueError(f"max_paths must be a whole number of at least 0, got {max_paths!r}")
    if max_items is not None and (not isinstance(max_items, int) or max_items < 2):
        raise ValueError(f"max_items must be a whole number of at least 2, or None for all, got {max_items!r}")
    graph = Graph(output, names)
    check_connected(graph, wrt)
    between = _between(graph, wrt)
    paths = _count_paths(graph, wrt, between)
    adjoints = _adjoints(output, between)
    reader = _Reader(graph, adjoints, max_items)
    sums: list[Sum | Gap]
    if paths <= max_paths:
        sums = [reader.sum(wrt, [reader.path(path) for path in _paths(output, wrt, between) if path])]
    else:
        nodes = _ends([node for node in reversed(graph.nodes) if node in between], max_items)
        sums = [node if isinstance(node, Gap) else reader.node(node, between) for node in nodes]
    return Explanation(adjoints[wrt], paths, tuple(sums), paths <= max_paths, reader.name(output), reader.name(wrt))


class _Reader:
    """Puts derivatives into symbols, formulas and numbers."""

    def __init__(self, graph: Graph, adjoints: dict[Value, Any], max_items: int | None) -> None:
        self.graph = graph
        self.adjoints = adjoints
        self.max_items = max_items
        self.derivatives = Derivatives()
        self.users = graph.users()

    def name(self, node: Value) -> str:
        return printable(self.graph.name(node))

    def sum(self, node: Value, terms: Sequence[Term | Gap]) -> Sum:
        return Sum(*self.symbols(self.graph.output, node), tuple(terms), self.adjoints[node])

    def node(self, node: Value, between: set[Value]) -> Sum:
        """A node's derivative as the sum over its users."""
        users = _ends([edge for edge in self.users[node] if edge[0] in between], self.max_items)
        return self.sum(node, [edge if isinstance(edge, Gap) else self.use(edge) for edge in users])

    def use(self, edge: Edge) -> Term:
        """What a node's derivative owes to one of its users."""
        (user, _), output, local = edge, self.graph.output, self.local(edge)
        if user is output:
            return Term(self.name(user), (local,), local.value)
        symbol, latex_symbol = self.symbols(output, user)
        adjoint = Factor(symbol, symbol, latex_symbol, latex_symbol, self.adjoints[user])
        return Term(self.name(user), (adjoint, local), adjoint.value * local.value if passes(*edge) else 0)

    def path(self, path: list[Edge]) -> Term:
        """The product along a path."""
        names = [self.name(self.graph.output)]
        factors: list[Factor | Gap] = []
        for edge in _ends(path, self.max_items):
            if isinstance(edge, Gap):
                names.append(str(edge))
                factors.append(edge)
                continue
            node, position = edge
            parents = node.parents
            twice = sum(parent is parents[position] for parent in parents) > 1
            names.append(self.name(parents[position]) + (f" (operand {position + 1})" if twice else ""))
            factors.append(self.local(edge))
        passed = all(passes(*edge) for edge in path)  # a choice passes nothing on, not even 0 times infinity
        value = math.prod(self.derivatives.number(*edge) for edge in path) if passed else 0
        return Term(" ← ".join(names), tuple(factors), value)

    def local(self, edge: Edge) -> Factor:
        node, position = edge
        graph, derivatives = self.graph, self.derivatives
        return Factor(
            self.symbols(node, node.parents[position])[0],
            derivatives.formula(node, position, lambda part: self.name(part) if part in graph.index else None, text),
            self.symbols(node, node.parents[position])[1],
            derivatives.formula(node, position, graph.latex_name_of, latex),
            derivatives.number(node, position),
        )

    def symbols(self, of: Value, by: Value) -> tuple[str, str]:
        name, latex_name = self.name, self.graph.latex_name
        return f"∂{name(of)}/∂{name(by)}", rf"\frac{{\partial {latex_name(of)}}}{{\partial {latex_name(by)}}}"


def _between(graph: Graph, wrt: Value) -> set[Value]:
    """The nodes on the paths from the output to `wrt`, both included: those that depend on it."""
    between = {wrt}
    for node in graph.nodes:
        if any(parent in between for parent in node.parents):
            between.add(node)
    return between


def _count_paths(graph: Graph, wrt: Value, between: set[Value]) -> int:
    counts = {wrt: 1}
    for node in graph.nodes:
        if node in between and node is not wrt:
            counts[node] = sum(counts.get(parent, 0) for parent in node.parents)
    return counts[graph.output]


def _paths(output: Value, wrt: Value, between: set[Value]) -> list[list[Edge]]:
    """Every path as its edges, from the output on, in operand order."""
    found: list[list[Edge]] = []
    walked: list[Edge] = []
    stack: list[tuple[Value, int, Edge | None]] = [(output, 0, None)]  # a node, its depth, the edge that led there
    while stack:
        node, depth, edge = stack.pop()
        if edge is not None:
            walked[depth - 1 :] = [edge]
        if node is wrt:
            found.append(walked[:depth])
            continue
        steps = [(parent, depth + 1, (node, position)) for position, parent in enumerate(node.parents) if parent in between]
        stack += reversed(steps)
    return found


def _adjoints(output: Value, between: set[Value]) -> dict[Value, Any]:
    """The derivative of the output by each of these nodes, summed in the order of `backward`, without touching any `grad`."""
    adjoints: dict[Value, Any] = dict.fromkeys(between, 0)
    adjoints[output] = type(output.data)(1)
    for node in reversed(topological_order(output)):
        if node in between:
            for parent, local in local_derivatives(node, node.data, node.inputs, between):
                adjoints[parent] += adjoints[node] * local
    return adjoints
