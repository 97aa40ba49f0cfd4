"""What functions and nodes are called in the messages of a check."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autograd_lite.basics.wording import function_name
from autograd_lite.errors import describe_call
from autograd_lite.value import Value


def as_written(f: Callable[..., Any], nameless: str) -> str:
    """A function as it can stand in a line of Python: its own text if it shows one, else its name."""
    text = repr(f)
    return function_name(f, nameless) if text.startswith("<") else text


def describe_node(node: Value) -> str:
    """A node as a call with its value."""
    return f"{describe_call(node.primitive, node.operands)} = {node.data!r}"
