"""Both passes, step by step, as a film or as numbered files."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from autograd_lite.basics.checks import check_range, one_of, wrong_value
from autograd_lite.basics.files import write_whole
from visualize.film.frames import frames
from visualize.graph.nodes import Graph, check_value
from visualize.picture.rendering import Picture, check_size, draw_all
from visualize.picture.themes import DIRECTIONS, THEMES

SECONDS = 1.4  # that a step is shown
COLORS = 64  # of a .gif
FORMATS = ("svg", "png", "pdf")


def pictures(
    value: Any, *, names: bool = True, theme: str = "auto", rankdir: str = "LR", size: tuple[int, int] | None = None
) -> list[Picture]:
    """The picture of each step."""
    one_of("theme", theme, ["auto", *THEMES])
    one_of("rankdir", rankdir, DIRECTIONS)
    graph = Graph(check_value("value", value), names)
    shown = list(frames(graph, "light" if theme == "auto" else theme, rankdir))
    for picture in shown:
        picture.size = check_size(size)
    return shown


def save_film(value: Any, path: Path, *, seconds: float = SECONDS, **options: Any) -> None:
    """Write a film, .gif or .mp4.

    Arguments:
        value: the end of the graph.
        path: the file.
        seconds: that each step is shown.
        options: names, theme, rankdir and size.

    Raises:
        ImportError: of a .gif, Pillow is not installed.
        RuntimeError: of an .mp4, the program ffmpeg is not there, or fails.
    """
    check_range("seconds", seconds, 0.02, 60)
    encode = _gif if path.suffix.lower() == ".gif" else _mp4
    write_whole(path, encode(draw_all(pictures(value, **options), "png"), seconds))


def save_steps(value: Any, path: Path, **options: Any) -> Path:
    """Write a file for each step, numbered from that of the path on: step-001.svg, step-002.svg …; the first of them."""
    suffix = path.suffix[1:].lower()
    if suffix not in FORMATS:
        raise wrong_value("the suffix of numbered steps", "one of .svg, .png, .pdf", path.suffix)
    shown = pictures(value, **options)
    stem, number = re.fullmatch(r"(.*?)(\d*)", path.stem).groups()  # type: ignore[union-attr]
    stem, first, digits = (stem, int(number), len(number)) if number else (f"{stem}-", 1, max(3, len(str(len(shown)))))
    names = [path.with_name(f"{stem}{count:0{digits}}{path.suffix}") for count in range(first, first + len(shown))]
    for name, content in zip(names, draw_all(shown, suffix), strict=True):
        write_whole(name, content)
    return names[0]


def _gif(images: list[bytes], seconds: float) -> bytes:
    try:
        from PIL import Image
    except ImportError as error:
        raise ImportError("a .gif is made by Pillow: pip install 'autograd-lite[film]'") from error
    first, *rest = (Image.open(io.BytesIO(image)).convert("RGB").quantize(COLORS) for image in images)
    out = io.BytesIO()
    first.save(out, "GIF", save_all=True, append_images=rest, duration=round(1000 * seconds), loop=0)
    return out.getvalue()


def _mp4(images: list[bytes], seconds: float) -> bytes:
    program = shutil.which("ffmpeg")
    if program is None:
        raise RuntimeError("an .mp4 is made by the program ffmpeg, which is not there: install it, or save the film as .gif")
    even = "pad=ceil(iw/2)*2:ceil(ih/2)*2:color=white,format=yuv420p"  # which every player shows
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder, "film.mp4")
        command = [program, "-loglevel", "error", "-f", "image2pipe", "-framerate", f"{1 / seconds:.6f}", "-i", "-"]
        command += ["-vf", f"{even},fps=10", "-movflags", "+faststart", str(out)]
        done = subprocess.run(command, input=b"".join(images), capture_output=True)
        if done.returncode:
            raise RuntimeError(f"ffmpeg could not make the film: {done.stderr.decode(errors='replace').strip()}")
        return out.read_bytes()
