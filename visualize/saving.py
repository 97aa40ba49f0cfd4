"""A graph in a file: as a picture, or as the page."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from autograd_lite.files import write_whole
from autograd_lite.value import Value
from visualize.drawing import draw
from visualize.stepper import stepper


def save(value: Value, path: str | os.PathLike[str], **options: Any) -> Path:
    """Write a picture to a file, in the format that its suffix names.

    Arguments:
        value: the end of the graph.
        path: ends in .svg, .png, .pdf or .dot for the picture of `draw`, or in .html for the page of `stepper`.
        options: those of `draw`, or of `stepper`.

    Returns:
        The path.

    Raises:
        ValueError: the suffix is unknown.
        OSError: the file cannot be written.

    Example:
        >>> import tempfile
        >>> from autograd_lite import Value
        >>> from visualize import save
        >>> with tempfile.TemporaryDirectory() as directory:
        ...     save(Value(2.0, "a") * 3, f"{directory}/product.svg").name
        'product.svg'
    """
    path = Path(path)
    suffix = path.suffix.lower()
    if suffix == ".html":
        content: bytes | str = stepper(value, **options)
    elif suffix == ".dot":
        content = draw(value, **options).source
    elif suffix in (".svg", ".png", ".pdf"):
        content = draw(value, **options).pipe(suffix[1:])
    else:
        raise ValueError(
            f"cannot save {str(path)!r}: the suffix {suffix!r} is unknown; known are .svg, .png, .pdf, .dot and .html"
        )
    write_whole(path, content)
    return path
