"""The variables of the user's code, for names of values that have no label."""

from __future__ import annotations

import sys
from collections.abc import Container, Iterator, Sequence
from pathlib import Path
from types import FrameType
from typing import Any, Final

from autograd_lite.graph.bundles import Bundle
from autograd_lite.scalar import Scalar


def folder_of(inside: str | Path) -> str:
    """The folder of what is in it, with a separator at its end: a file `nn_demo.py` beside the folder `nn` is no part of it."""
    return str(Path(inside).parent / "_")[:-1]


ENGINE: Final = folder_of(Path(__file__).parent)


def callers_variables(nodes: Container[Any], packages: Sequence[str] = ()) -> dict[Any, str]:
    """The variables of the code that called this package, and of its module, that hold one of these nodes: `x`, or `w[0]`.

    Arguments:
        nodes: which to look for.
        packages: folders of code that is not the user's own either, as `folder_of` gives them.
    """
    own = (ENGINE, *packages)
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and frame.f_code.co_filename.startswith(own):
        frame = frame.f_back
    found: dict[Any, str] = {}
    scopes = (frame.f_locals, frame.f_globals) if frame else ()
    for held_in in (_alone, _in_list):  # a variable of its own is the better name
        for scope in scopes:
            for name, held in list(scope.items()):
                if name.isidentifier() and not name.startswith("_"):  # private, IPython's history, pytest's own variables
                    found.update(
                        (value, name + place) for value, place in held_in(held) if value in nodes and value not in found
                    )
    return found


def _alone(held: Any) -> Iterator[tuple[Any, str]]:
    if isinstance(held, Scalar):
        yield held, ""


def _in_list(held: Any) -> Iterator[tuple[Any, str]]:
    """The values in a list, or in the lists in it, each with its place. Only Python's own sequences are looked into."""
    if type(held) in (list, tuple, Bundle):
        for position, item in enumerate(held):
            if isinstance(item, Scalar):
                yield item, f"[{position}]"
            elif type(item) in (list, tuple, Bundle):
                yield from ((v, f"[{position}][{k}]") for k, v in enumerate(item) if isinstance(v, Scalar))
