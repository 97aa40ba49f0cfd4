"""Who lays a picture out: Graphviz, as the program `dot`, in the package pygraphviz, or as WebAssembly in a browser."""

from __future__ import annotations

import importlib
import importlib.util
import io
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from functools import partial
from typing import Final, Protocol

IN_BROWSER: Final = "wasm_graphviz"  # the module as which a page offers the Graphviz of @hpcc-js/wasm-graphviz to Python
IN_PACKAGE: Final = """
import json, sys, pygraphviz
for source in json.load(sys.stdin):
    graph = pygraphviz.AGraph(string=source)
    for format in sys.argv[1].split(","):
        drawn = graph.draw(prog="dot", format=format)
        sys.stdout.buffer.write(b"%d\\n%b" % (len(drawn), drawn))
"""
NONE: Final = (
    "there is no Graphviz to lay the picture out. Install its program dot (apt install graphviz, apk add graphviz, brew "
    "install graphviz, winget install graphviz), so that dot -V answers; or pip install pygraphviz, where that has a wheel. "
    "Without either, tree() and explain() write the graph, and save() describes the picture in a .dot file"
)


class Engine(Protocol):
    """A Graphviz. Another one needs only this method, and a line in `engine`."""

    def __call__(self, sources: Sequence[str], formats: Sequence[str], patience: float) -> list[bytes]:
        """Lay out pictures and draw them, each in each format.

        Arguments:
            sources: the pictures in the DOT language.
            formats: such as "svg" or "png".
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
        return partial(by_program, program)
    if importlib.util.find_spec("pygraphviz"):
        return by_package
    raise RuntimeError(NONE)


def by_program(program: str, sources: Sequence[str], formats: Sequence[str], patience: float) -> list[bytes]:
    """Run the program `dot`, once for each picture and format."""
    return [in_process([program, f"-T{format}"], source, patience) for source in sources for format in formats]


def by_package(sources: Sequence[str], formats: Sequence[str], patience: float) -> list[bytes]:
    """Run Python with pygraphviz, once for all."""
    command = [sys.executable, "-c", IN_PACKAGE, ",".join(formats)]
    out = io.BytesIO(in_process(command, json.dumps(sources), patience))
    return [out.read(int(out.readline())) for _ in sources for _ in formats]


def in_process(command: list[str], given: str, patience: float) -> bytes:
    """Run a command that draws what it reads, as Graphviz is not safe in threads, cannot be stopped, and speaks on stderr."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(part for part in sys.path if part)}
    try:
        done = subprocess.run(command, input=given.encode(), capture_output=True, env=environment, timeout=patience)
    except subprocess.TimeoutExpired:
        raise TimeoutError from None
    if done.returncode or not done.stdout:
        raise ValueError(done.stderr.decode(errors="replace").strip())
    return done.stdout


def in_browser(sources: Sequence[str], formats: Sequence[str], patience: float) -> list[bytes]:
    """Ask the page. It draws text formats alone, and whoever waits too long can close it."""
    layout = importlib.import_module(IN_BROWSER).layout
    try:
        return [layout(source, format, "dot").encode() for source in sources for format in formats]
    except Exception as error:  # one of JavaScript's, which here has no class of its own
        raise ValueError(str(error)) from None
