"""Samples of several inputs, for a model whose `forward` takes several: a recurrent cell, `cell(x, h)`."""

from __future__ import annotations

import inspect
import math
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Final

from autograd_lite.basics.arraylike import is_ordered
from nn.module import Module


class Inputs(tuple[Any, ...]):
    """The inputs of one sample."""

    __slots__ = ()


class SeveralRows(Sequence[Any]):
    """The inputs of each sample. Their first parts are alike, and so are their second ones: each is a column."""

    def __init__(self, columns: Sequence[Sequence[Any]]) -> None:
        self.columns = columns

    def __len__(self) -> int:
        return len(self.columns[0])

    def __getitem__(self, index: Any) -> Any:
        parts = [column[index] for column in self.columns]
        return [*map(Inputs, zip(*parts, strict=True))] if isinstance(index, slice) else Inputs(parts)


def answer(model: Module, sample: Any) -> Any:
    """What a model gives for a sample of one input or several."""
    return model(*sample) if type(sample) is Inputs else model(sample)


def arity(model: Module) -> tuple[int, float]:
    """How many inputs a model takes at least, and at most."""
    called = model.forward if type(model).__call__ is Module.__call__ else model.__call__
    function = getattr(called, "__func__", None)
    try:
        if function is None:  # one of the model's own, which a cache would keep alive
            return places(called)
        least, most = places_of_method(function)
    except (TypeError, ValueError):  # not every function tells
        return 1, 1
    return max(0, least - 1), most - 1  # the first place is the model's


def places(function: Any) -> tuple[int, float]:
    """How many things a function takes by their places at least, and at most."""
    taken = inspect.signature(function).parameters.values()
    one_each = [
        parameter for parameter in taken if parameter.kind in (parameter.POSITIONAL_ONLY, parameter.POSITIONAL_OR_KEYWORD)
    ]
    most = math.inf if any(parameter.kind is parameter.VAR_POSITIONAL for parameter in taken) else len(one_each)
    return len([parameter for parameter in one_each if parameter.default is parameter.empty]), most


places_of_method: Final = lru_cache(places)


def is_several(model: Module, sample: Any) -> bool:
    """Whether a sample is several inputs of the model. If the model may take one alone, a tuple of numbers is that one."""
    least, most = arity(model)
    return isinstance(sample, tuple) and most > 1 and (least > 1 or any(map(is_ordered, sample)))
