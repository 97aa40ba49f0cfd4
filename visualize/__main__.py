"""`python -m visualize`: an expression, differentiated and shown."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from autograd_lite import __version__
from autograd_lite.checks import wrong_value
from autograd_lite.escaping import in_terminal
from autograd_lite.value import Value
from visualize import explain, save, tree
from visualize.expressions import evaluate
from visualize.graph.nodes import Graph

EPILOG = """examples:
  python -m visualize "tanh(w*x + b)" w=0.5 x=2 b=-0.3 -o neuron.svg
  python -m visualize "x*x + sin(x)" x=2 --explain x --tree
  python -m visualize "sigmoid(dot([w1, w2], [x1, x2], b))" w1=1 w2=-1 x1=2 x2=0.5 b=0 -o neuron.html
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; its exit status: 0, or 2 after one line on the error stream."""
    parser = _parser()
    options, unknown = parser.parse_known_args(arguments)
    if unknown:
        parser.error(f"unknown {' '.join(unknown)!r}: what begins with a minus goes behind --, as in: -- '-x' x=2")
    try:
        _run(options)
        sys.stdout.flush()
    except BrokenPipeError:  # who reads the output, such as `head`, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # what is left to be flushed at the end
    except UnicodeEncodeError as error:
        shown = error.object[error.start]
        print(
            f"python -m visualize: the encoding of the output, {error.encoding}, has no {shown!a}: set PYTHONIOENCODING=utf-8",
            file=sys.stderr,
        )
        return 2
    except (ValueError, ArithmeticError, OSError, RuntimeError) as error:
        print(in_terminal(f"python -m visualize: {_one_line(error)}"), file=sys.stderr)
        return 2
    return 0


def _run(options: argparse.Namespace) -> None:
    """Compute the expression, and show what is asked for."""
    variables = _variables(options.values)
    result = evaluate(options.expression, variables)
    nodes = Graph(result, names=False).index
    unused = [name for name, variable in variables.items() if variable not in nodes]
    if unused:
        raise ValueError(f"the expression does not use {', '.join(unused)}")
    result.label = result.label or next(name for name in ("f", "output", "result", "") if name not in variables)
    result.backward()
    for name in options.explain:
        if name not in variables:
            raise wrong_value("--explain", f"one of the variables ({', '.join(variables) or 'there are none'})", name)
        print(explain(result, wrt=variables[name]), end="\n\n")
    if options.tree or (options.output is None and not options.explain):
        print(tree(result))
    if options.output is not None:
        print(in_terminal(str(save(result, options.output))))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m visualize",
        description="Differentiate an expression and show how: as a picture, a page to step through, an explanation or a tree.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"autograd_lite {__version__}")
    parser.add_argument("expression", metavar="EXPR", help="numbers, names, operators and functions, such as 'tanh(w*x + b)'")
    parser.add_argument("values", metavar="NAME=VALUE", nargs="*", help="a number for each name")
    parser.add_argument("-o", "--output", metavar="FILE", help="save a picture (.svg .png .pdf .dot) or the page (.html)")
    parser.add_argument("--explain", metavar="NAME", action="append", default=[], help="print the chain rule for this variable")
    parser.add_argument("--tree", action="store_true", help="print the graph as text (also when nothing else is asked for)")
    return parser


def _variables(assignments: Sequence[str]) -> dict[str, Value]:
    """The variables that the command line gives numbers to."""
    variables: dict[str, Value] = {}
    for assignment in assignments:
        name, sign, shown = assignment.partition("=")
        if not sign or not name.isidentifier():
            raise wrong_value("a variable", "NAME=NUMBER", assignment)
        try:
            variable = Value(float(shown), label=name)
        except ValueError as error:
            raise ValueError(f"{assignment!r}: {shown!r} is not a number") from error
        if name in variables:
            raise ValueError(f"{name} is given twice: {variables[name].data} and {variable.data}")
        variables[name] = variable
    return variables


def _one_line(error: Exception) -> str:
    if isinstance(error, OSError) and error.filename is not None:
        return f"cannot write {str(error.filename)!r}: {error.strerror}"
    return " ".join(str(error).split())


if __name__ == "__main__":
    sys.exit(main())
