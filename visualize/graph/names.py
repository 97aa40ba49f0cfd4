"""What the nodes of a graph are called: by their label, by the variable that holds them, or by a number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from autograd_lite.notation import SUBSCRIPTS, number
from autograd_lite.value import Value


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
