"""`python -m visualize`: an expression, differentiated and shown."""

from __future__ import annotations

import argparse
import math
import re
import sys
import unicodedata
from collections.abc import Sequence
from contextlib import suppress
from keyword import iskeyword
from pathlib import Path

from autograd_lite import __version__
from autograd_lite.basics.checks import one_of, wrong_value
from autograd_lite.basics.command_line import Parser, UsageError, one_word, reading, run, whole
from autograd_lite.basics.escaping import in_terminal
from autograd_lite.notation import definition, latex, latex_name_of
from autograd_lite.value import Value
from visualize import explain, save, tree
from visualize.expressions import evaluate
from visualize.graph.nodes import Graph
from visualize.picture.themes import DIRECTIONS, THEMES
from visualize.results import Expression

EPILOG = """\
The expression is made of numbers, names, pi and e, + - * / // % **, < and >, lists, and the functions of autograd_lite.
A number may be one too: x=pi/2. What begins with a minus goes behind --, as in: python -m visualize -- "-x" x=2

examples:
  python -m visualize "tanh(w*x + b)" w=0.5 x=2 b=-0.3 -o neuron.svg --colors --local-derivatives
  python -m visualize "x*x + sin(x)" x=2 --explain x --tree
  python -m visualize "x**2 * y" x=2 y=3 --order 2 --json
  python -m visualize "tanh(w*x)" w=0.5 x=2 --compile
  python -m visualize "sigmoid(dot([w1, w2], [x1, x2], b))" w1=1 w2=-1 x1=2 x2=0.5 b=0 -o neuron.html
"""
PICTURE = ("colors", "local_derivatives", "theme", "rankdir", "limit", "size", "steps")  # the options of `save`
ONLY_FOR = {  # what other files than pictures take of them
    ".html": ("--theme", "--rankdir"),
    ".gif": ("--theme", "--rankdir", "--size"),
    ".mp4": ("--theme", "--rankdir", "--size"),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; its exit status: 0, or 2 after one line on the error stream."""

    def command() -> int:
        try:
            _show(_parser().options(arguments, several="values"))
        except (BrokenPipeError, UnicodeEncodeError):
            raise
        except (ValueError, ArithmeticError, OSError, RuntimeError) as error:
            raise UsageError(_one_line(error)) from error
        return 0

    return run("python -m visualize", command)


def _show(options: argparse.Namespace) -> None:
    """Compute the expression, and show what is asked for."""
    _check_combination(options)
    expression = Expression(options.expression, _variables(options.values))
    result, variables = expression.value, expression.variables
    nodes = Graph(result, names=False).index
    unused = [name for name, variable in variables.items() if variable not in nodes]
    if unused:
        raise ValueError(f"the expression does not use {', '.join(unused)}")
    result.label = result.label or next(name for name in ("f", "output", "result", "") if name not in variables)
    result.backward()
    for name in options.explain:
        if name not in variables:
            raise wrong_value("--explain", f"one of the variables ({', '.join(variables) or 'there are none'})", name)
    shown = _texts(options, expression)
    if options.json:
        shown = [expression.json(options.order)]
    if shown:
        print("\n\n".join(shown))
    if options.output is not None:
        chosen = {name: getattr(options, name) for name in PICTURE if getattr(options, name) is not None}
        path = save(result, options.output, **chosen)
        print(in_terminal(str(path)), file=sys.stderr if options.json else sys.stdout)


def _texts(options: argparse.Namespace, expression: Expression) -> list[str]:
    """What is printed as text: what is asked for; if that is nothing, and no file either, the tree."""
    result, shown = expression.value, []
    for name in options.explain:
        explanation = explain(result, wrt=expression.variables[name])
        shown.append(explanation.latex() if options.latex else str(explanation))
    if options.latex and not options.explain:
        shown.append(
            f"{latex(result)} = {latex(result, definition(result, latex_name_of))}" if result.operands else latex(result)
        )
    if options.compile:
        shown.append(expression.source(options.order).rstrip())
    if options.tree or not (shown or options.output):
        shown.append(tree(result))
    if options.order == 2 and not options.compile:
        shown.append(expression.second_derivatives(result.label or "f", options.latex))
    return [text for text in shown if text]


def _check_combination(options: argparse.Namespace) -> None:
    """Refuse a call without an expression, or one behind its numbers, and options that have nothing to do with each other."""
    if options.expression is None:
        raise UsageError("which expression? As in: python -m visualize 'x*x' x=2")
    if re.match(r"\w+=(?!=)", options.expression):
        raise UsageError(f"{options.expression!r} is no expression: it comes first, and then its numbers, as in: 'x*x' x=2")
    given = [f"--{name.replace('_', '-')}" for name in PICTURE if getattr(options, name) is not None]
    if given and options.output is None:
        raise UsageError(f"{given[0]} is for a picture: say where it goes, with -o FILE.svg")
    suffix = Path(options.output or "").suffix.lower()
    others = [option for option in given if option not in ONLY_FOR.get(suffix, given)]
    if others:
        what = "the page" if suffix == ".html" else "a film"
        raise UsageError(f"{others[0]} is for a picture (.svg .png .pdf .dot), and {options.output} is {what}")
    others = [f"--{name}" for name in ("explain", "tree", "latex", "compile") if getattr(options, name)]
    if options.json and others:
        raise UsageError(f"--json and {others[0]} do not go together: what is printed is the one or the other")


def _parser() -> Parser:
    parser = Parser(
        prog="python -m visualize",
        description="Differentiate an expression and show how: as a picture, a page to step through, an explanation or a tree.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"autograd_lite {__version__}")
    parser.add_argument("expression", metavar="EXPR", nargs="?", help="such as 'tanh(w*x + b)'")
    parser.add_argument("values", metavar="NAME=NUMBER", nargs="*", help="a number for each name")
    parser.add_argument(
        "-o", "--output", metavar="FILE", help="save a picture (.svg .png .pdf .dot), the page (.html) or a film (.gif .mp4)"
    )
    text = parser.add_argument_group("what is printed")
    text.add_argument("--tree", action="store_true", help="the graph as text (also when nothing else is asked for)")
    text.add_argument("--explain", metavar="NAME", action="append", default=[], help="the chain rule for this variable")
    text.add_argument("--latex", action="store_true", help="formulas as LaTeX: the explanation, or the expression itself")
    order = reading(lambda text: int(one_of("order", text, ("1", "2"))), "1 or 2")
    text.add_argument("--order", type=order, default=1, metavar="{1,2}", help="2: the second derivatives as well")
    text.add_argument("--compile", action="store_true", help="the straight-line Python that it compiles to")
    text.add_argument("--json", action="store_true", help="value and derivatives in full precision, for a program")
    picture = parser.add_argument_group("how a picture looks")
    picture.add_argument("--colors", action="store_const", const=True, help="each box by the sign and size of its gradient")
    picture.add_argument("--local-derivatives", action="store_const", const=True, help="each edge with its local derivative")
    picture.add_argument("--theme", **one_word("auto", *THEMES), help="its colours")
    picture.add_argument("--rankdir", **one_word(*DIRECTIONS), help="from left to right, or from top to bottom")
    size = reading(_size, "a width and a height in pixels, as in 1600x900")
    picture.add_argument("--size", type=size, metavar="WxH", help="its width and height in pixels, as in 1600x900")
    picture.add_argument("--steps", action="store_const", const=True, help="a file for each step: step-001.svg, step-002.svg …")
    picture.add_argument("--limit", type=whole(1), metavar="N", help="the most boxes to draw; a larger graph is folded (100)")
    return parser


def _size(shown: str) -> tuple[int, int]:
    """A width and a height in pixels, as they are typed."""
    width, height = re.split("[x×]", shown)
    return int(width), int(height)


def _variables(assignments: Sequence[str]) -> dict[str, Value]:
    """The variables that the command line gives numbers to; their names in the one form in which Python reads them."""
    variables: dict[str, Value] = {}
    for assignment in assignments:
        name, sign, shown = assignment.partition("=")
        name = unicodedata.normalize("NFKC", name)
        if not sign or not name.isidentifier():
            way_out = "write it without spaces, as in x=2" if not name or (not sign and assignment.isidentifier()) else ""
            raise wrong_value("a variable", "NAME=NUMBER", assignment, way_out)
        if iskeyword(name):
            raise wrong_value("the name of a variable", "no word of Python's own", name)
        variable = Value(_number(name, shown), label=name)
        if name in variables:
            told = f"{variables[name].data} and {variable.data}"
            raise wrong_value(name, "given once", variable, told=told)
        variables[name] = variable
    return variables


def _number(name: str, shown: str) -> float:
    """The number of a variable on the command line, or an expression of numbers such as pi/2."""
    try:
        number = float(shown)
    except ValueError as error:
        comma = re.fullmatch(r"(-?\d+),(\d+)", shown)
        with suppress(ValueError):
            if not comma:
                return float(evaluate(shown, {}).data)
        way_out = f"write {comma[1]}.{comma[2]}" if comma else ""
        raise wrong_value(name, "a number", shown, way_out) from error
    if math.isinf(number) and "inf" not in shown.lower():
        raise wrong_value(name, "a number that a float can hold", shown)
    return number


def _one_line(error: Exception) -> str:
    if isinstance(error, OSError) and error.filename is not None:
        return f"cannot write {str(error.filename)!r}: {error.strerror}"
    return " ".join(str(error).split())


if __name__ == "__main__":
    sys.exit(main())
