"""Films and numbered files: one picture for each step, all of one size."""

import io
import re
import shutil

import pytest

from autograd_lite import Value, tanh
from visualize import save
from visualize.film.frames import frames
from visualize.film.steps import steps_of
from visualize.graph.nodes import Graph


@pytest.fixture
def neuron_and_steps() -> tuple[Value, int]:
    y = tanh(Value(0.5, "w") * Value(2.0, "x"))
    return y, len(list(steps_of(Graph(y))))


def test_a_gif_has_a_frame_for_each_step(neuron_and_steps, tmp_path) -> None:
    image = pytest.importorskip("PIL.Image")
    y, count = neuron_and_steps
    with image.open(save(y, tmp_path / "film.gif", size=(640, 360), seconds=0.5)) as film:
        assert (film.n_frames, film.size, film.info["duration"]) == (count, (640, 360), 500)


def test_an_mp4_needs_ffmpeg_and_says_so(neuron_and_steps, tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    y, _ = neuron_and_steps
    if shutil.which("ffmpeg"):
        assert save(y, tmp_path / "film.mp4").read_bytes()[4:8] == b"ftyp"
    monkeypatch.setattr(shutil, "which", lambda program: None)
    with pytest.raises(RuntimeError, match=r"ffmpeg, which is not there: install it, or save the film as \.gif"):
        save(y, tmp_path / "none.mp4")
    assert not (tmp_path / "none.mp4").exists()


@pytest.mark.parametrize(
    ("name", "first"), [("step-001.svg", "step-001.svg"), ("slide.svg", "slide-001.svg"), ("s07.svg", "s07.svg")]
)
def test_numbered_files_show_each_step_at_the_same_places(neuron_and_steps, tmp_path, name: str, first: str) -> None:
    y, count = neuron_and_steps
    assert save(y, tmp_path / name, steps=True).name == first
    files = sorted(tmp_path.iterdir())
    assert (len(files), files[0].name) == (count, first)
    pictures = [file.read_text(encoding="utf-8") for file in files]
    assert len({re.search("<svg [^>]*>", picture)[0] for picture in pictures}) == 1  # type: ignore[index]
    assert len({tuple(re.findall(r'id="n\d+".*?\bd="([^"]*)"', picture, re.DOTALL)) for picture in pictures}) == 1
    assert re.search(r"\?\s*</text>", pictures[0])
    assert "backward" in pictures[-1]


def test_names_from_right_to_left_are_set_apart_in_what_is_said_of_a_step() -> None:
    y = Value(2.0, "שלום") - Value(3.0, "مرحبا")
    y.label = "y"
    said = [picture.source for picture in frames(Graph(y), "light", "LR")]
    assert "y = \u2068שלום\u2069 − \u2068مرحبا\u2069 = 2.0 − 3.0 = -1.0" in said[1]
    assert ">\u200e\u2068مرحبا\u2069.grad" in said[-1]
    brought = [picture.source for picture in frames(Graph(Value(2.0, "\u2068א") * 2), "light", "LR")]
    assert "\u2068\\\\u2068א\u2069 × 2" in brought[1]  # one that a label brings is shown, not obeyed


def test_bad_input_is_named(neuron_and_steps, tmp_path) -> None:
    y, _ = neuron_and_steps
    long = y
    for _ in range(150):
        long = long * 2.0
    for wrong, message in (
        (lambda: save(long, tmp_path / "film.gif"), "up to 200 nodes, got 304"),
        (lambda: save(y, tmp_path / "film.gif", seconds=0), "seconds"),
        (lambda: save(y, tmp_path / "film.gif", theme="pink"), "theme must be one of"),
        (lambda: save(y, tmp_path / "film.gif", size=3), "size must be a width and a height"),
        (lambda: save(y, tmp_path / "step.dot", steps=True), r"one of \.svg, \.png, \.pdf"),
    ):
        with pytest.raises(ValueError, match=message):
            wrong()


def test_a_picture_of_a_given_size_has_it_in_every_format(neuron_and_steps, tmp_path) -> None:
    image = pytest.importorskip("PIL.Image")
    y, _ = neuron_and_steps
    assert image.open(io.BytesIO(save(y, tmp_path / "a.png", size=(800, 450)).read_bytes())).size == (800, 450)
    assert 'width="800pt" height="450pt"' in save(y, tmp_path / "a.svg", size=(800, 450)).read_text(encoding="utf-8")
