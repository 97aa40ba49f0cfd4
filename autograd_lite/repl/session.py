"""A session: what is at hand in it, and what runs in it: the lines at a prompt, or a program."""

from __future__ import annotations

import importlib.util
import math
import runpy
import sys
import traceback
from typing import Any

import autograd_lite
from autograd_lite.repl import console, ipython
from autograd_lite.repl.manual import Help
from autograd_lite.repl.tracebacks import without_library

BANNER = """\
autograd_lite {version} · every derivative has a reason · all names are imported
Try:  x = Value(0.5); y = tanh(3 * x) + x; y.backward(); x.grad
Then: tree(y)   explain(y, wrt=x)   save(y, "graph.svg")   help(tanh)   exit"""


def names() -> dict[str, Any]:
    """What a session starts with: the engine's public names, the pictures, networks, and `math`."""
    import nn
    import visualize

    public = {name: getattr(autograd_lite, name) for name in autograd_lite.__all__}
    shown = {name: getattr(visualize, name) for name in visualize.__all__}
    modules = {"autograd_lite": autograd_lite, "math": math, "nn": nn, "visualize": visualize}
    return public | shown | modules | {"MLP": nn.MLP, "help": Help(), "__name__": "__main__"}


def open_prompt() -> None:
    """Open IPython if it is installed and there is a terminal, else the standard prompt."""
    banner = BANNER.format(version=autograd_lite.__version__)
    if sys.stdin.isatty() and importlib.util.find_spec("IPython") is not None:
        ipython.interact(names(), banner)
    else:
        console.interact(names(), banner)


def run_code(code: str) -> int:
    """Run a program that was given as text, with the names of a session; the exit status."""
    console.keep_lines("<string>", code)
    return _run(lambda: exec(compile(code, "<string>", "exec"), names()))


def run_file(path: str) -> int:
    """Run a program in a file, with the names of a session; the exit status."""
    return _run(lambda: runpy.run_path(path, init_globals=names(), run_name="__main__"))


def _run(program: Any) -> int:
    try:
        program()
    except Exception as error:
        sys.stderr.write("".join(traceback.format_exception(without_library(error))))
        return 1
    return 0
