"""Whether so many weights fit into the memory of this machine."""

from __future__ import annotations

import os
from typing import Final

WEIGHT_BYTES: Final = 300  # of memory that a weight takes as a Value with its label, and while it is trained


def check_memory(what: str, weights: int) -> None:
    """Raise a MemoryError at once where the machine would only find out after a long time.

    Arguments:
        what: what is to be made.
        weights: how many it has.
    """
    try:
        there = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):  # not every system tells
        return
    if weights * WEIGHT_BYTES > there:
        raise MemoryError(
            f"{what} has {weights:,} weights, which take about {weights * WEIGHT_BYTES / 1e9:,.0f} GB as Values; this machine "
            f"has {there / 1e9:,.0f} GB: make the layers smaller"
        )
