"""What a session shows of an error: the user's own lines and the message, not what the library did on the way."""

from __future__ import annotations

import os
import sysconfig
from pathlib import Path
from types import FrameType, TracebackType

ROOT = Path(__file__).parents[2]
LIBRARY = tuple(f"{ROOT / package}{os.sep}" for package in ("autograd_lite", "nn", "visualize"))
INSTALLED = (*(sysconfig.get_path(kind) + os.sep for kind in ("stdlib", "platstdlib", "purelib", "platlib")), "<frozen ")


def without_library(error: BaseException) -> BaseException:
    """The error without the frames of the library and of what the library itself called; so too the errors behind it.

    An error that the library caught and put into better words is left out.
    """
    error.__traceback__ = _of_users(error.__traceback__)
    for behind in (error.__cause__, error.__context__):
        if behind is not None and behind.__traceback__ is not None:
            without_library(behind)
    shown = error.__context__ if error.__cause__ is None else error.__cause__
    if shown is not None and shown.__traceback__ is None:
        error.__cause__, error.__suppress_context__ = None, True
    return error


def _of_users(traceback: TracebackType | None) -> TracebackType | None:
    """The part of a traceback that is of the user's making: the user's code, and what that calls without the library."""
    kept = []
    within = True  # what comes first runs the user's code
    while traceback is not None:
        within = _is_library(traceback.tb_frame) or (within and _is_installed(traceback.tb_frame))
        if not within:
            kept.append(traceback)
        traceback = traceback.tb_next
    result = None
    for part in reversed(kept):
        result = TracebackType(result, part.tb_frame, part.tb_lasti, part.tb_lineno)
    return result


def _is_library(frame: FrameType) -> bool:
    """Whether this runs code of the library, or code that it wrote: that is in no module."""
    return frame.f_code.co_filename.startswith(LIBRARY) or "__name__" not in frame.f_globals


def _is_installed(frame: FrameType) -> bool:
    """Whether this runs code of Python's own library or of an installed package."""
    return frame.f_code.co_filename.startswith(INSTALLED)
