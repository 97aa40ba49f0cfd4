"""What the plots share: their colours, the axis that they are drawn on, and numbers as a user gives them."""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from autograd_lite.basics.checks import wrong_type
from autograd_lite.basics.files import write_whole
from autograd_lite.operands import data_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COLORS = ("#0b62c4", "#d9730d", "#2a8a57", "#8250c4", "#b3294e", "#5b6675")  # told apart with any kind of colour vision


def opened(to: str | os.PathLike[str] | Axes | None) -> tuple[Axes, Callable[[], None]]:
    """An axis to draw on, and what to do when it is drawn."""
    try:
        from matplotlib import axes
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ImportError as error:
        raise ImportError("plots need matplotlib: pip install 'autograd-lite[plot]'") from error
    if isinstance(to, axes.Axes):
        return to, lambda: None
    if to is not None and not isinstance(to, str | os.PathLike):
        raise wrong_type("to", "a path or a matplotlib axis", to)
    figure = Figure(figsize=(6.4, 4.2), layout="constrained")
    FigureCanvasAgg(figure)
    axis = figure.add_subplot()
    return axis, (lambda: _save(figure, Path(to))) if to is not None else (lambda: None)


def _save(figure: Figure, path: Path) -> None:
    content = io.BytesIO()
    figure.savefig(content, format=path.suffix[1:] or "png", dpi=144)
    write_whole(path if path.suffix else path.with_suffix(".png"), content.getvalue())


def numbers_of(name: str, given: Any) -> list[float]:
    """A list of numbers, or of Values, as floats."""
    try:
        return [float(data_of(number)) for number in given]
    except (TypeError, ValueError) as error:
        raise wrong_type(name, "a list of numbers", given) from error
