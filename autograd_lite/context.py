"""Which mode is active: the engine's one piece of state, local to the thread and its context, and usually none at all.

What a mode can change, and the modes there are, is in `autograd_lite.modes`. This module is below the node, so that the node
can ask for the mode, and `modes` can make nodes, without a circle.
"""

from __future__ import annotations

from contextvars import ContextVar
from typing import Any, Protocol

from autograd_lite.bundles import BundleNumbers
from autograd_lite.primitive import Primitive


class ActiveMode(Protocol):
    """What the engine asks of a mode."""

    records: bool

    def node(self, primitive: Primitive, operands: tuple[Any, ...], data: Any) -> Any:
        """The Value `data`, computed by `primitive` from `operands`."""

    def pull_back(self, node: Any, numbers: BundleNumbers) -> None:
        """Pass the gradient of `node` on to its operands."""


mode: ContextVar[ActiveMode | None] = ContextVar("autograd_lite mode", default=None)
