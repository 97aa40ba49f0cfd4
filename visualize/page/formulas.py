"""Formulas that the page fills in, with names or with the numbers of the moment."""

from __future__ import annotations

import re
from typing import Any

from autograd_lite.escaping import in_file

PLACE = re.compile("\ue000(\\d+)\ue001")


def in_place(index: int) -> str:
    """What stands in a formula for the node of this number, until it is taken apart."""
    return f"\ue000{index}\ue001"


def tokens(formula: str) -> list[Any]:
    """A formula as its texts and, between them, the numbers of nodes."""
    parts = PLACE.split(formula)
    return [int(part) if i % 2 else in_file(part) for i, part in enumerate(parts) if part]
