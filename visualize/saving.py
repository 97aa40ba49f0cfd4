"""A graph in a file: as a picture, or as the page."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from autograd_lite.basics.checks import wrong_type, wrong_value
from autograd_lite.basics.elsewhere import answers_calls
from autograd_lite.basics.files import write_whole
from autograd_lite.value import Value
from visualize.drawing import draw
from visualize.film.film import save_film, save_steps
from visualize.network.model import Network
from visualize.stepper import stepper


@answers_calls
def save(value: Value | Network, path: str | os.PathLike[str], *, steps: bool = False, **options: Any) -> Path:
    """Write a picture, a page or a film to a file, in the format that its suffix names.

    Arguments:
        value: the end of the graph; of a picture or a page also a model.
        path: ends in .svg, .png, .pdf or .dot for the picture of `draw`, in .html for the page of `stepper`, in .gif or .mp4
            for a film of both passes, step by step.
        steps: write a picture of each step of both passes: for "step-001.svg" also step-002.svg, step-003.svg …, for slides.
        options: those of `draw`, or of `stepper`; of a film, and of steps, `names`, `theme`, `rankdir` and `size`; of a film
            also `seconds`, how long each step is shown.

    Returns:
        The path; of several files that of the first.

    Raises:
        ValueError: the suffix is unknown; a film of more than 200 nodes.
        OSError: the file cannot be written.
        ImportError: of a .gif, Pillow is not installed.
        RuntimeError: of an .mp4, the program ffmpeg is not there.

    Example:
        >>> import tempfile
        >>> from autograd_lite import Value
        >>> from visualize import save
        >>> with tempfile.TemporaryDirectory() as directory:
        ...     save(Value(2.0, "a") * 3, f"{directory}/product.svg").name
        'product.svg'
    """
    if not isinstance(path, str | os.PathLike):
        raise wrong_type("path", "the name of a file", path, "save(value, path) has it second")
    path = Path(path)
    suffix = path.suffix.lower()
    if steps:
        return save_steps(value, path, **options)
    if suffix in (".gif", ".mp4"):
        save_film(value, path, **options)
        return path
    if suffix == ".html":
        content: bytes | str = stepper(value, **options)
    elif suffix == ".dot":
        content = draw(value, **options).source
    elif suffix in (".svg", ".png", ".pdf"):
        content = draw(value, **options).pipe(suffix[1:])
    else:
        raise wrong_value(f"the suffix of {str(path)!r}", "one of .svg, .png, .pdf, .dot, .html, .gif, .mp4", suffix)
    write_whole(path, content)
    return path
