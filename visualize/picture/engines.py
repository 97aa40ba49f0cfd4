"""Who lays a picture out: Graphviz, as the program `dot`, in the package pygraphviz, or as WebAssembly in a browser."""

from __future__ import annotations

import importlib
import importlib.util
import os
import shutil
import subprocess
import sys
from functools import partial
from typing import Final, Protocol

IN_BROWSER: Final = "wasm_graphviz"  # the module as which a page offers the Graphviz of @hpcc-js/wasm-graphviz to Python
IN_PACKAGE: Final = """
import sys, pygraphviz
graph = pygraphviz.AGraph(string=sys.stdin.buffer.read().decode())
sys.stdout.buffer.write(graph.draw(prog="dot", format=sys.argv[1].removeprefix("-T")))
"""
NONE: Final = (
    "there is no Graphviz to lay the picture out. Install its program dot (apt install graphviz, apk add graphviz, brew "
    "install graphviz, winget install graphviz), so that dot -V answers; or pip install pygraphviz, where that has a wheel. "
    "Without either, tree() and explain() write the graph, and save() describes the picture in a .dot file"
)


class Engine(Protocol):
    """A Graphviz. Another one needs only this method, and a line in `engine`."""

    def __call__(self, source: str, format: str, patience: float) -> bytes:
        """Lay out a picture and draw it.

        Arguments:
            source: the picture in the DOT language.
            format: such as "svg" or "png".
            patience: seconds that it may take; no limit where there is no way to stop it.

        Raises:
            TimeoutError: it took longer.
            ValueError: it cannot be drawn, with Graphviz's message.
        """


def engine() -> Engine:
    """The Graphviz that is there.

    Raises:
        RuntimeError: there is none; the message says where one comes from.
    """
    if IN_BROWSER in sys.modules or importlib.util.find_spec(IN_BROWSER):
        return in_browser
    if program := shutil.which("dot"):
        return partial(in_process, [program])
    if importlib.util.find_spec("pygraphviz"):
        return partial(in_process, [sys.executable, "-c", IN_PACKAGE])
    raise RuntimeError(NONE)


def in_process(command: list[str], source: str, format: str, patience: float) -> bytes:
    """Run a command that draws what it reads, as Graphviz is not safe in threads, cannot be stopped, and speaks on stderr."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(part for part in sys.path if part)}
    try:
        done = subprocess.run(
            [*command, f"-T{format}"], input=source.encode(), capture_output=True, env=environment, timeout=patience
        )
    except subprocess.TimeoutExpired:
        raise TimeoutError from None
    if done.returncode or not done.stdout:
        raise ValueError(done.stderr.decode(errors="replace").strip())
    return done.stdout


def in_browser(source: str, format: str, patience: float) -> bytes:
    """Ask the page. It draws text formats alone, and whoever waits too long can close it."""
    try:
        drawn: str = importlib.import_module(IN_BROWSER).layout(source, format, "dot")
    except Exception as error:  # one of JavaScript's, which here has no class of its own
        raise ValueError(str(error)) from None
    return drawn.encode()
