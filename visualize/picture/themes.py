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


HIGHLIGHTS = {"light": ("#0b62c4", "#b35300"), "dark": ("#6cb2ff", "#ffa64d")}  # of a step forward, and backward
DIRECTIONS = ("LR", "TB")  # from left to right, from top to bottom
HATCH = 0.25  # how strong the stripes are: what is written on them stays readable
STRIPES = 4  # of two colours, on a box whose gradient is no number

THEMES = {
    "light": Theme("#ffffff", "#1a2330", "#5b6675", "#7b8796", "#f6f8fa", "#dfe5ec", "#eef1f5", "#85b8f2", "#f7ac5f"),
    "dark": Theme("#11161d", "#eef2f7", "#a3afbf", "#7d8a9b", "#1f2731", "#36424f", "#19202a", "#1f62b5", "#a5560c"),
}


FAINTEST = 0.15  # the strength of the smallest gradient: it is still told from zero
WIDEST = 1e4  # between the smallest and the largest gradient, up to which the strength is the root of the size; else its log


class GradientColors:
    """A colour for each gradient of a picture: its hue says the sign, and its strength the size beside the largest one."""

    def __init__(self, theme: Theme, gradients: Iterable[Any]) -> None:
        self.theme = theme
        numbers = [_within_floats(gradient) for gradient in gradients]
        sizes = [abs(number) for number in numbers if number and math.isfinite(number)]
        self.largest = max(sizes, default=1)
        self.smallest = min(sizes, default=0)
        self.not_finite = [shown for shown in ("inf", "-inf", "nan") if shown in map(str, numbers)]
        self.all_zero = not any(numbers)

    def of(self, gradient: Any) -> str:
        """The colour of a gradient; of one that is not finite the colour of its stripes."""
        gradient = _within_floats(gradient)
        if math.isnan(gradient):
            return self.theme.quiet
        full = self.theme.positive if gradient > 0 else self.theme.negative
        return mixed(self.theme.node, full, self._strength(abs(gradient)))

    def fill(self, gradient: Any) -> dict[str, str]:
        """The attributes of a box with this gradient: its colour; hatched where it is infinite or no number."""
        if math.isfinite(_within_floats(gradient)):
            return {"fillcolor": self.of(gradient)}
        return {"fillcolor": ":".join(self.stripes(gradient)), "style": "striped"}

    def stripes(self, gradient: Any) -> list[str]:
        """The colours of a hatch."""
        return [self.theme.node, mixed(self.theme.node, self.of(gradient), HATCH)] * STRIPES

    def steps(self) -> list[float]:
        """Sizes for a legend, from the largest down to a small one."""
        if self.smallest == 0:
            return []
        if self._is_linear:
            return [share * self.largest for share in (1, 0.5, 0.1)]
        return [self.largest, math.sqrt(self.largest) * math.sqrt(self.smallest), self.smallest]

    @property
    def _is_linear(self) -> bool:
        return self.smallest == 0 or self.largest / WIDEST <= self.smallest

    def _strength(self, size: float) -> float:
        """From 0 to 1."""
        if size == 0:
            return 0
        if self._is_linear:
            share = math.sqrt(min(1, size / self.largest))
        else:
            lowest, highest = math.log(self.smallest), math.log(self.largest)
            share = min(1, max(0, (math.log(size) - lowest) / (highest - lowest)) if math.isfinite(size) else 1)
        return FAINTEST + (1 - FAINTEST) * share


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
