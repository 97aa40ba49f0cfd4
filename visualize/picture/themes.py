"""The colours of a picture, and those that stand for a gradient."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Theme:
    """Colours of a picture, as `#rrggbb`. Positive is blue and negative orange: told apart with any kind of colour vision."""

    page: str
    ink: str
    quiet: str  # secondary text
    line: str
    node: str
    badge: str
    group: str
    positive: str  # the fill at the largest gradient
    negative: str


THEMES = {
    "light": Theme("#ffffff", "#1a2330", "#5b6675", "#7b8796", "#f6f8fa", "#dfe5ec", "#eef1f5", "#85b8f2", "#f7ac5f"),
    "dark": Theme("#11161d", "#eef2f7", "#a3afbf", "#7d8a9b", "#1f2731", "#36424f", "#19202a", "#1f62b5", "#a5560c"),
}


class GradientColors:
    """A colour for each gradient of a picture: its hue says the sign, and its strength the size beside the largest one."""

    def __init__(self, theme: Theme, gradients: Iterable[Any]) -> None:
        self.theme = theme
        numbers = [_within_floats(gradient) for gradient in gradients]
        self.largest = max((abs(number) for number in numbers if math.isfinite(number)), default=0) or 1
        self.all_zero = not any(numbers)

    def of(self, gradient: Any) -> str:
        """The colour of a gradient: by the root of its size, so that small ones are still told from zero."""
        gradient = _within_floats(gradient)
        if not math.isfinite(gradient):
            return self.theme.node
        full = self.theme.positive if gradient > 0 else self.theme.negative
        return mixed(self.theme.node, full, math.sqrt(min(1, abs(gradient) / self.largest)))


def _within_floats(gradient: Any) -> float:
    """A gradient as a float; a whole number or a fraction beyond them as the largest."""
    try:
        return float(gradient)
    except OverflowError:
        return sys.float_info.max if gradient > 0 else -sys.float_info.max


def mixed(start: str, end: str, share: float) -> str:
    """The colour that lies this share of the way between two others."""
    parts = [(int(start[i : i + 2], 16), int(end[i : i + 2], 16)) for i in (1, 3, 5)]
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in parts)
