"""Samples of several inputs, for a model whose `forward` takes several: a recurrent cell, `cell(x, h)`."""

from __future__ import annotations

import inspect
import math
from collections.abc import Sequence
from typing import Any

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
    own = type(model).__call__ is Module.__call__
    try:
        taken = inspect.signature(model.forward if own else model).parameters.values()
    except (TypeError, ValueError):  # not every function tells
        return 1, 1
    places = [
        parameter for parameter in taken if parameter.kind in (parameter.POSITIONAL_ONLY, parameter.POSITIONAL_OR_KEYWORD)
    ]
    most = math.inf if any(parameter.kind is parameter.VAR_POSITIONAL for parameter in taken) else len(places)
    return len([parameter for parameter in places if parameter.default is parameter.empty]), most


def is_several(model: Module, sample: Any) -> bool:
    """Whether a sample is several inputs of the model. If the model may take one alone, a tuple of numbers is that one."""
    least, most = arity(model)
    return isinstance(sample, tuple) and most > 1 and (least > 1 or any(map(is_ordered, sample)))
