"""What functions and nodes are called in the messages of a check."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autograd_lite.errors import describe_call
from autograd_lite.value import Value


def function_name(f: Callable[..., Any], otherwise: str) -> str:
    """What to call a function: its own text if it shows one, else its name, and `otherwise` where it has none."""
    if not repr(f).startswith("<"):
        return repr(f)
    name = getattr(f, "__name__", otherwise)
    return otherwise if name == "<lambda>" else name


def describe_node(node: Value) -> str:
    """A node as a call with its value."""
    return f"{describe_call(node.primitive, node.operands)} = {node.data!r}"
