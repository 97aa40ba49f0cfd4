"""`python -m autograd_lite`: a REPL with the public names at hand, in which a variable's name becomes its value's label."""

from __future__ import annotations

import code
import importlib.util
import inspect
import math
import pydoc
import sys
from collections.abc import Callable
from typing import Any

import autograd_lite
from autograd_lite.notation import symbolic_derivatives, text
from autograd_lite.primitive import Primitive
from autograd_lite.rules import rule_of
from autograd_lite.value import Value

BANNER = """\
autograd_lite {version} · every derivative has a reason · all names are imported
Try:  x = Value(0.5); y = tanh(3 * x) + x; y.backward(); x.grad
Then: tree(y)   explain(y, wrt=x)   save(y, "graph.svg")   help(tanh)"""


def names() -> dict[str, Any]:
    """What a session starts with: the engine's public names, and the pictures."""
    import visualize

    public = {name: getattr(autograd_lite, name) for name in autograd_lite.__all__}
    shown = {name: getattr(visualize, name) for name in visualize.__all__}
    return public | shown | {"help": Help()}


class Help:
    """The built-in `help`, which for an operation shows its rule as well."""

    def __call__(self, *request: Any) -> None:
        """Show the page."""
        match request:
            case [operation] if rule_of(operation) is not None:
                pydoc.pager(page(operation))
            case _:
                pydoc.help(*request)

    def __repr__(self) -> str:
        return "Type help(name) for help about a name, such as help(tanh); help() for interactive help."


def page(operation: Callable[..., Any]) -> str:
    """The help for an operation: its docstring, and what the table says: derivatives, domain, kink."""
    rule: Primitive = operation.primitive  # type: ignore[attr-defined]
    signature = inspect.signature(operation)
    plain = [parameter.replace(annotation=parameter.empty) for parameter in signature.parameters.values()]
    lines = [f"{rule.name}{signature.replace(parameters=plain, return_annotation=signature.empty)}", ""]
    lines += [f"    {line}".rstrip() for line in (inspect.getdoc(operation) or "").splitlines()]
    lines += ["", "    From its rule:"]
    lines += [f"        ∂{rule.name}/∂{parameter} = {formula}" for parameter, formula in derivatives(operation)]
    for interval, parameter in zip(rule.domain, plain, strict=False):
        if interval.bounded:
            lines.append(f"        defined for {interval.describe(parameter.name)}")
    if rule.kink is not None:
        operands = [Value(math.nan, parameter.name) for parameter in plain]  # only their names are read
        lines.append(f"        no derivative where {text(rule.kink(*operands))} = 0: the convention is above")
    if rule_of(getattr(Value, rule.name, None)) is rule:
        lines += ["", f"    Also a method: v.{rule.name}()"]
    return "\n".join(lines) + "\n"


def derivatives(operation: Callable[..., Any]) -> list[tuple[str, str]]:
    """The name of each operand of an operation with the formula of the derivative by it, read off its rule."""
    rule = operation.primitive  # type: ignore[attr-defined]
    parameters = list(inspect.signature(operation).parameters.values())
    for start in (0.5, 1.5):  # one of them lies in the domain of every operation
        operands: list[Any] = []
        for parameter in parameters:
            if rule.variadic and parameter.default is parameter.empty:
                operands.append([Value(start, f"{parameter.name}{index}") for index in "₀₁"])
            else:
                operands.append(Value(start, parameter.name))
        try:
            node = operation(*operands)
        except ArithmeticError:
            continue
        node.label = f"{rule.name}({', '.join(parameter.name for parameter in parameters)})"
        formulas = [text(d) if isinstance(d, Value) else str(d) for d in symbolic_derivatives(node)]
        return [(parent.label, formula) for parent, formula in zip(node.parents, formulas, strict=True)]
    return []


def label_variables(namespace: dict[str, Any], given: dict[str, Value]) -> None:
    """Give every value that a variable holds that variable's name as its label, unless it has one.

    A value loses the label that it was `given` when the variable goes on to another: in `x = x + 1` one of the two is x.
    """
    for name, value in list(given.items()):
        if namespace.get(name) is not value:
            del given[name]
            if value.label == name:
                value.label = ""
    for name, value in namespace.items():
        if isinstance(value, Value) and not value.label and not name.startswith("_"):
            value.label = name
            given[name] = value


class Console(code.InteractiveConsole):
    """The standard REPL, in which variables label their values after each statement."""

    def __init__(self, namespace: dict[str, Any]) -> None:
        super().__init__(namespace)
        self.given: dict[str, Value] = {}

    def runcode(self, code: Any) -> None:
        """Run one statement, then label what it assigned."""
        super().runcode(code)
        label_variables(self.locals, self.given)


def main() -> None:
    """Open IPython if it is installed and there is a terminal, else the standard REPL with completion."""
    namespace = names()
    banner = BANNER.format(version=autograd_lite.__version__)
    if sys.stdin.isatty() and importlib.util.find_spec("IPython") is not None:
        _ipython(namespace, banner)
    else:
        _standard(namespace, banner)


def _ipython(namespace: dict[str, Any], banner: str) -> None:
    from IPython.terminal.embed import InteractiveShellEmbed  # type: ignore[import-not-found, unused-ignore]

    shell = InteractiveShellEmbed(banner1=banner + "\n", banner2="", user_ns=namespace)  # type: ignore[no-untyped-call, unused-ignore]
    shell.enable_tip = False
    given: dict[str, Value] = {}
    shell.events.register("post_run_cell", lambda _: label_variables(shell.user_ns, given))
    shell()


def _standard(namespace: dict[str, Any], banner: str) -> None:
    try:
        import readline
        import rlcompleter
    except ImportError:  # no readline on this platform: the REPL works without completion
        pass
    else:
        readline.set_completer(rlcompleter.Completer(namespace).complete)
        readline.parse_and_bind("tab: complete")
    Console(namespace).interact(banner=banner, exitmsg="")


if __name__ == "__main__":
    main()
