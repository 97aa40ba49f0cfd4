"""`python -m autograd_lite`: a REPL with the public names at hand, in which a variable's name becomes its value's label."""

from __future__ import annotations

import code
import importlib.util
import sys
from typing import Any

import autograd_lite
from autograd_lite.value import Value

BANNER = """\
autograd_lite {version} · every derivative has a reason. The public names are imported; draw, tree and explain show a graph.
Try:  x = Value(2.0); y = tanh(3 * x) + x; y.backward(); x.grad
Then: tree(y)   explain(y, wrt=x)   grad(grad(tanh))(0.5)   help(tanh)"""


def names() -> dict[str, Any]:
    """What a session starts with: the engine's public names, and the pictures."""
    import visualize

    shown = {name: getattr(visualize, name) for name in ("draw", "explain", "save", "stepper", "to_svg")}

    def tree(value: Value, **options: Any) -> None:
        print(visualize.tree(value, **options))

    tree.__doc__ = visualize.tree.__doc__
    return {name: getattr(autograd_lite, name) for name in autograd_lite.__all__} | shown | {"tree": tree}


def label_variables(namespace: dict[str, Any]) -> None:
    """Give every value that a variable holds that variable's name as its label, unless it has one."""
    for name, value in namespace.items():
        if isinstance(value, Value) and not value.label and not name.startswith("_"):
            value.label = name


class Console(code.InteractiveConsole):
    """The standard REPL, in which variables label their values after each statement."""

    def runcode(self, code: Any) -> None:
        """Run one statement, then label what it assigned."""
        super().runcode(code)
        label_variables(self.locals)  # type: ignore[arg-type]


def main() -> None:
    """Open IPython if it is installed, else the standard REPL with completion."""
    namespace = names()
    banner = BANNER.format(version=autograd_lite.__version__)
    if importlib.util.find_spec("IPython") is not None:
        _ipython(namespace, banner)
    else:
        _standard(namespace, banner)


def _ipython(namespace: dict[str, Any], banner: str) -> None:
    from IPython.terminal.embed import InteractiveShellEmbed

    shell = InteractiveShellEmbed(banner1=banner, banner2="", user_ns=namespace)
    shell.events.register("post_run_cell", lambda _: label_variables(shell.user_ns))
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
    sys.ps1, sys.ps2 = ">>> ", "... "
    Console(namespace).interact(banner=banner, exitmsg="")


if __name__ == "__main__":
    main()
