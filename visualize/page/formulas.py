"""Formulas that the page fills in, with names or with the numbers of the moment."""

from __future__ import annotations

from autograd_lite.escaping import in_file
from visualize.graph.formulas import parts


def tokens(formula: str) -> list[str | int]:
    """A formula as its texts and, between them, the numbers of nodes."""
    return [in_file(part) if isinstance(part, str) else part for part in parts(formula)]
