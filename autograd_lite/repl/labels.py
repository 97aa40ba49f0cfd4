"""In a session a variable's name becomes its value's label."""

from __future__ import annotations

from typing import Any

from autograd_lite.value import Value


def label_variables(namespace: dict[str, Any], given: dict[str, Value]) -> None:
    """Give every value that a variable holds that variable's name as its label, unless it has one.

    A value loses the label that it was `given` when the variable goes on to another: in `x = x + 1` one of the two is x.
    """
    for name, value in list(given.items()):
        if namespace.get(name) is not value:
            del given[name]
            if value.label == name:
                value.label = ""
    for name, value in namespace.items():
        if isinstance(value, Value) and not value.label and not name.startswith("_"):
            value.label = name
            given[name] = value
