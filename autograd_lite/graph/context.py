"""The active mode (`no_grad`, say), or None, which is the usual case: a state of the thread and context alone.

The modes are in `autograd_lite.modes`, which makes nodes and so imports them. A node has to ask for the active mode; to do so
without importing `modes` in its turn, it finds here what every mode offers.
"""

from __future__ import annotations

from contextvars import ContextVar
from typing import Any, Protocol

from autograd_lite.graph.bundles import BundleNumbers
from autograd_lite.primitive import Primitive


class ActiveMode(Protocol):
    """What the engine asks of a mode."""

    records: bool
    constants: bool
    guards: bool
    slopes: list[Any] | None
    outer: ActiveMode | None

    def node(self, primitive: Primitive, operands: tuple[Any, ...], data: Any) -> Any:
        """The Value `data`, computed by `primitive` from `operands`."""

    def looked_at(self, value: Any) -> None:
        """The number of `value` is read, while something is recorded."""

    def pull_back(self, node: Any, numbers: BundleNumbers) -> None:
        """Pass the gradient of `node` on to its operands."""


mode: ContextVar[ActiveMode | None] = ContextVar("autograd_lite mode", default=None)
