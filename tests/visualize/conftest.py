"""What the tests of pictures share: an SVG's parts, a network to be drawn, and a neuron to be played."""

import xml.etree.ElementTree as ElementTree
from collections.abc import Sequence

import pytest

from autograd_lite import Value, dot, tanh
from autograd_lite.graph.bundles import Bundle

SVG = "{http://www.w3.org/2000/svg}"


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
