"""Colours in a terminal that has them."""

from __future__ import annotations

import os
import sys

STYLES = {"bold": "1", "blue": "34"}


def has_colors() -> bool:
    """Whether the output is a terminal with colours, and nobody asked for none: https://no-color.org."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def in_color(text: str, style: str) -> str:
    """Text in a style: "bold" or "blue"."""
    return f"\x1b[{STYLES[style]}m{text}\x1b[0m" if text else text
