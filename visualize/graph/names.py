"""What the nodes of a graph are called: by their label, by the variable that holds them, or by a number."""

from __future__ import annotations

import sys
from collections.abc import Container, Iterator, Mapping, Sequence
from pathlib import Path
from types import FrameType
from typing import Any

import autograd_lite
from autograd_lite.bundles import Bundle
from autograd_lite.notation import SUBSCRIPTS, number
from autograd_lite.value import Value

# Where code is not the user's own: in this package, and in the REPL of the engine. Each ends with a separator, since a file
# `visualize_demo.py` beside the package is no part of it.
PACKAGES = tuple(str(folder / "_")[:-1] for folder in (Path(__file__).parents[1], Path(autograd_lite.__file__).parent))


def names_of(nodes: Sequence[Value], variables: Mapping[Value, str]) -> dict[Value, str]:
    """A name for each node: its label; of a constant its number; else the name of its variable; else v₁, v₂ … in order."""
    taken = {node.label for node in nodes}
    names: dict[Value, str] = {}
    count = 0
    for node in nodes:
        name = node.label or (number(node.data) if node.is_constant else variables.get(node, ""))
        while not name:
            count += 1
            numbered = f"v{count}".translate(SUBSCRIPTS)
            name = "" if numbered in taken else numbered
        names[node] = name
    return names


def callers_variables(nodes: Container[Value]) -> dict[Value, str]:
    """The variables of the code that called this package, and of its module, that hold one of these nodes: `x`, or `w[0]`."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and frame.f_code.co_filename.startswith(PACKAGES):
        frame = frame.f_back
    found: dict[Value, str] = {}
    scopes = (frame.f_locals, frame.f_globals) if frame else ()
    for held_in in (_alone, _in_list):  # a variable of its own is the better name
        for scope in scopes:
            for name, held in list(scope.items()):
                if name.isidentifier() and not name.startswith("_"):  # private, IPython's history, pytest's own variables
                    found.update(
                        (value, name + place) for value, place in held_in(held) if value in nodes and value not in found
                    )
    return found


def _alone(held: Any) -> Iterator[tuple[Value, str]]:
    if isinstance(held, Value):
        yield held, ""


def _in_list(held: Any) -> Iterator[tuple[Value, str]]:
    """The Values in a list, or in the lists in it, each with its place. Only Python's own sequences are looked into."""
    if type(held) in (list, tuple, Bundle):
        for position, item in enumerate(held):
            if isinstance(item, Value):
                yield item, f"[{position}]"
            elif type(item) in (list, tuple, Bundle):
                yield from ((v, f"[{position}][{k}]") for k, v in enumerate(item) if isinstance(v, Value))
