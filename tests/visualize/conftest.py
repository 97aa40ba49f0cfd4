"""What the tests of pictures share: an SVG's parts, a network to be drawn, and a neuron to be played."""

import json
import select
import subprocess
import sys
import threading
import xml.etree.ElementTree as ElementTree
from collections.abc import Sequence

import pytest

from autograd_lite import Value, dot, tanh
from autograd_lite.graph.bundles import Bundle
from visualize.picture import engines
from visualize.picture.engines import in_process

SVG = "{http://www.w3.org/2000/svg}"


# Draws what it is asked for, picture after picture, by the program that would be started for each.
DRAWING = """
import io, json, sys
program, lines, out = compile(sys.argv[1], "the program of a picture", "exec"), sys.stdin, sys.stdout.buffer
for line in lines:
    formats, given = json.loads(line)
    sys.argv[1:], sys.stdin, sys.stdout = [formats], io.StringIO(given), io.TextIOWrapper(io.BytesIO())
    try:
        exec(program)
        drawn = sys.stdout.buffer.getvalue()
    except Exception:
        drawn = b""
    out.write(b"%d\\n%b" % (len(drawn), drawn))
    out.flush()
"""


class OneGraphviz:
    """Draws in one process what else a process each would draw: to start that takes ten times as long as a small picture.

    What many tests draw alike is drawn once.
    """

    def __init__(self) -> None:
        self.process: subprocess.Popen[bytes] | None = None
        self.asked = threading.Lock()
        self.drawn: dict[tuple[str, str], bytes] = {}

    def __call__(self, command: list[str], given: str, patience: float) -> bytes:
        if command[:-1] != [sys.executable, "-c", engines.IN_PACKAGE] or patience < 1:  # a test of one's patience
            return in_process(command, given, patience)
        formats = command[-1]
        with self.asked:
            if (formats, given) not in self.drawn:
                self.drawn[formats, given] = self.ask(formats, given, patience)
        return self.drawn[formats, given] or in_process(command, given, patience)  # which says what is wrong

    def ask(self, formats: str, given: str, patience: float) -> bytes:
        if self.process is None:
            command = [sys.executable, "-c", DRAWING, engines.IN_PACKAGE]
            self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self.process.stdin.write(json.dumps([formats, given]).encode() + b"\n")
        self.process.stdin.flush()
        if not select.select([self.process.stdout], [], [], patience)[0]:
            self.end()
            raise TimeoutError
        return self.process.stdout.read(int(self.process.stdout.readline()))

    def end(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.communicate()
            self.process = None


@pytest.fixture(scope="session", autouse=True)
def one_graphviz():
    """Graphviz is started once for all pictures."""
    drawing = OneGraphviz()
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(engines, "in_process", drawing)
        yield
    drawing.end()


@pytest.fixture(scope="session")
def parts():
    """The groups of one class in the text of an SVG."""

    def parts(svg: str, kind: str) -> list[ElementTree.Element]:
        return [group for group in ElementTree.fromstring(svg).iter(f"{SVG}g") if group.get("class") == kind]

    return parts


@pytest.fixture(scope="session")
def shown_texts():
    """All that is written in an element of an SVG."""

    def shown_texts(element: ElementTree.Element) -> str:
        return "".join("".join(text.itertext()).replace("\xa0", " ") for text in element.iter(f"{SVG}text"))

    return shown_texts


@pytest.fixture(scope="session")
def mlp():
    """A network as the layers of `nn` build it: neurons that share their inputs, two nodes each."""

    def mlp(sizes: Sequence[int]) -> Value:
        outputs: list[Value] = [Value(0.5, f"x{k}") for k in range(sizes[0])]
        for layer, size in enumerate(sizes[1:], start=1):
            inputs = Bundle(outputs)
            outputs = [
                tanh(
                    dot(
                        Bundle([Value(0.1 * (j + k), f"w{layer}{j}{k}") for k in range(len(inputs))]),
                        inputs,
                        Value(0.1, f"b{layer}{j}"),
                    )
                )
                for j in range(size)
            ]
        return outputs[0]

    return mlp


@pytest.fixture(scope="session")
def neuron():
    """A neuron whose first input is used twice more, so that its gradient has three parts; and its leaves."""

    def neuron() -> tuple[Value, list[Value]]:
        w, a, b = [Value(0.5, "w1"), Value(-1.5, "w2")], [Value(2.0, "a1"), Value(0.75, "a2")], Value(-0.3, "b")
        return tanh(dot(w, a, b)) * a[0] + a[0] * 2, [*w, *a, b]

    return neuron
