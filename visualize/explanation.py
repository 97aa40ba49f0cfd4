"""An explanation of one derivative: what it consists of, and how it is written as text, in LaTeX and in Markdown."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from autograd_lite.basics.escaping import in_markdown
from autograd_lite.notation import latex_number, number
from visualize.terminal import has_colors, in_color

MOST_IN_A_ROW = 6  # factors of a sum in LaTeX; a longer one has a row for each term
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
class WrittenFactor:
    """One derivative in a product: its symbol, its formula and its number, as text and as LaTeX."""

    symbol: str
    formula: str
    latex_symbol: str
    latex_formula: str
    value: float


@dataclass(frozen=True)
class Term:
    """A product of derivatives, its number, and where in the graph it comes from."""

    route: str
    factors: tuple[WrittenFactor | Gap, ...]
    value: float


@dataclass(frozen=True)
class Sum:
    """A derivative as a sum of products: its symbol, its terms and its number."""

    symbol: str
    latex_symbol: str
    terms: tuple[Term | Gap, ...]
    value: float


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

    value: float
    paths: int
    sums: tuple[Sum | Gap, ...]
    by_paths: bool
    output: str
    wrt: str

    def __repr__(self) -> str:
        return self.colored() if has_colors() else str(self)

    def colored(self) -> str:
        """The text with the colours of a terminal: what is derived and the result in bold, routes in blue."""
        first, *between, last = str(self).splitlines()
        shown = [in_color(line, "blue") if line.startswith("path ") else line for line in between]
        return "\n".join([in_color(first, "bold"), *shown, in_color(last, "bold")])

    def __str__(self) -> str:
        lines = [self._headline()]
        for total in self.sums:
            lines.append("")
            if isinstance(total, Gap):
                lines.append(str(total))
            elif self.by_paths:
                lines += self._path_by_path(total)
            else:
                lines.append(total.symbol)
                lines += [f"  = {line}" for line in _equations(total.terms, total.value) if line != total.symbol]
        return "\n".join(lines)

    def _path_by_path(self, total: Sum) -> list[str]:
        """The lines of a sum over paths: each path with its product, then the products added."""
        lines = []
        for count, term in enumerate(self._paths(), start=1):
            first, *rest = _equations([term], term.value)
            lines += [f"path {count}: {term.route}", f"  {first}", *(f"  = {line}" for line in rest), ""]
        products = " + ".join(_grouped(number(term.value)) for term in self._paths()) or number(total.value)
        return [*lines, f"{total.symbol} = " + " = ".join(_distinct([products, number(total.value)]))]

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
        routes = "\n".join(f"{count}. {in_markdown(term.route)}" for count, term in enumerate(self._paths(), start=1))
        return "\n\n".join(part for part in (in_markdown(self._headline()), routes, f"$$\n{self.latex()}\n$$") if part)

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


class Explanations(tuple[Explanation, ...]):
    """Several explanations, one after another: each by its place, or by the name of the value differentiated by."""

    __slots__ = ()

    def by(self, wrt: str) -> Explanation:
        """The explanation of the derivative by the value of that name.

        Raises:
            KeyError: there is none.
        """
        return {explanation.wrt: explanation for explanation in self}[wrt]

    def __str__(self) -> str:
        return "\n\n".join(map(str, self))

    def __repr__(self) -> str:
        return "\n\n".join(map(repr, self))

    def latex(self) -> str:
        """The explanations as LaTeX: a block of aligned equations for each."""
        return "\n\n".join(explanation.latex() for explanation in self)

    def markdown(self) -> str:
        """The explanations as Markdown, their formulas in LaTeX."""
        return "\n\n".join(explanation.markdown() for explanation in self)

    def _repr_markdown_(self) -> str:
        return self.markdown()


def _has_gap(total: Sum | Gap) -> bool:
    """Whether something is left out of a sum, or the sum itself."""
    if isinstance(total, Gap):
        return True
    return any(isinstance(term, Gap) or any(isinstance(part, Gap) for part in term.factors) for term in total.terms)


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

    def added(write: Callable[[WrittenFactor], str]) -> str:
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
