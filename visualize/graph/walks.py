"""Two walks from the end of a graph, neither with recursion, so that a graph may be of any depth."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from typing import TypeVar

Node = TypeVar("Node")


def operands_first(end: Node, behind: Callable[[Node], Iterable[Node]]) -> list[Node]:
    """The end and all that lies behind it, each after what lies behind it.

    Arguments:
        end: where to begin.
        behind: gives for each what lies directly behind it, in the order in which it is to be listed.
    """
    done: dict[Node, None] = {}
    entered: set[Node] = set()
    stack = [(end, False)]
    while stack:
        node, left = stack.pop()
        if left:
            done[node] = None
        elif node not in entered:
            entered.add(node)
            stack.append((node, True))
            stack += [(one, False) for one in reversed([*behind(node)]) if one not in entered]
    return list(done)


def nearest(end: Node, behind: Callable[[Node], Iterable[Node]], most: int) -> set[Node]:
    """The end and what is nearest to it, by the number of steps; at most so many, but always the end itself."""
    near = {end}
    queue = deque([end])
    while queue and len(near) < most:
        for one in behind(queue.popleft()):
            if one not in near and len(near) < most:
                near.add(one)
                queue.append(one)
    return near
