"""Where in the user's code something was asked for: warnings and messages are shown there."""

from __future__ import annotations

import sys
from types import FrameType


def frame_outside(*packages: str) -> tuple[FrameType, int]:
    """The innermost frame of code outside of these packages that led here, and its level as warnings count it, from 1."""
    frame, level = sys._getframe(1), 1
    while frame.f_back is not None and str(frame.f_globals.get("__name__", "")).partition(".")[0] in packages:
        frame, level = frame.f_back, level + 1
    return frame, level
