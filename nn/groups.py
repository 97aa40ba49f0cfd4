"""Groups of parameters that have settings of their own, and how they are shown: as PyTorch's dictionaries."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, MutableMapping
from dataclasses import dataclass
from typing import Any

from autograd_lite import Value
from autograd_lite.basics.checks import wrong_type
from nn.module import Module


@dataclass(frozen=True)
class Group:
    """Parameters side by side that have settings of their own.

    Attributes:
        start, stop: their places among the parameters of the optimizer.
        own: these settings, by name; what is not among them is that of the optimizer.
    """

    start: int
    stop: int
    own: dict[str, Any]


class ShownGroup(dict[str, Any]):
    """A group as PyTorch shows it, its parameters and all of its settings. What is set in it, `put` hands to the optimizer."""

    def __init__(self, contents: Mapping[str, Any], put: Callable[[str, Any], None]) -> None:
        super().__init__(contents)
        self._put = put

    def __setitem__(self, name: str, setting: Any) -> None:
        self._put(name, setting)
        super().__setitem__(name, setting)

    update = MutableMapping.update  # one by one, as above


def parts_of(name: str, parameters: Any) -> list[tuple[list[Any], dict[str, Any]]]:
    """Parameters as they were given to the optimizer of that name, in groups: those of each, and its own settings."""
    if isinstance(parameters, Module) or not isinstance(parameters, Iterable):  # some modules give their parts one by one
        raise wrong_type(f"the parameters of {name}", "a sequence of Values", parameters, "pass model.parameters()")
    given = list(parameters)
    if not any(issubclass(kind, dict) for kind in {*map(type, given)}):
        return [(given, {})]
    parts = []
    for place, part in enumerate(given):
        if not isinstance(part, dict) or "params" not in part:
            raise wrong_type(f"group {place} of {name}", 'a dictionary with the key "params"', part)
        params, own = part["params"], {key: setting for key, setting in part.items() if key != "params"}
        ((values, _),) = parts_of(name, [params] if isinstance(params, Value) else params)
        parts.append((values, {key: list(own[key]) if isinstance(own[key], tuple) else own[key] for key in own}))
    return parts
