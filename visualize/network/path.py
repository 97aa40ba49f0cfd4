"""The way from a weight or a node of a network to its loss: what the chain rule of its derivative is made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from autograd_lite.basics.checks import wrong_type, wrong_value


@dataclass(frozen=True)
class NetworkPath:
    """The way from node `j` of layer `l` to the loss; `k` is the node before it, if the way begins with a weight."""

    l: int
    j: int
    k: int | None

    def keep(self) -> list[tuple[int, int]]:
        """The nodes (layer, node) that have to be drawn."""
        return [(self.l, self.j), *([(self.l - 1, self.k)] if self.k is not None else [])]

    def is_chosen(self, l: int, j: int, k: int) -> bool:
        """Whether it is the weight that the way begins with."""
        return (l, j, k) == (self.l, self.j, self.k)

    def has_node(self, l: int, j: int) -> bool:
        """Whether a node is on the way; so are all behind the next layer."""
        return l > self.l or (l, j) == (self.l, self.j) or (self.k is not None and (l, j) == (self.l - 1, self.k))

    def has_edge(self, l: int, j: int, k: int) -> bool:
        """Whether a weight is on the way."""
        return self.is_chosen(l, j, k) or l > self.l + 1 or (l == self.l + 1 and k == self.j)


def path_of(highlight: Any, sizes: Sequence[int]) -> NetworkPath | None:
    """The way of a derivation, or of (l, j, k) or (l, j); None if nothing is to be highlighted.

    Raises:
        TypeError: it is something else.
        ValueError: the network has no such weight or node.
    """
    if highlight is None:
        return None
    index = getattr(highlight, "index", highlight) if not isinstance(highlight, tuple) else highlight
    if not isinstance(index, tuple) or len(index) not in (2, 3) or not all(isinstance(i, int) for i in index):
        raise wrong_type("highlight", "a derivation, or a tuple (l, j, k) or (l, j)", highlight)
    l, j, *k = index
    inside = 0 <= l < len(sizes) and 0 <= j < sizes[l] and (not k or (l > 0 and 0 <= k[0] < sizes[l - 1]))
    if not inside:
        raise wrong_value("highlight", f"a place in the network, whose layers have {', '.join(map(str, sizes))} nodes", index)
    return NetworkPath(l, j, k[0] if k else None)
