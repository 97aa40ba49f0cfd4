"""Graphviz lays a picture out, wherever it is, in seconds or not at all."""

import pytest

from autograd_lite import Value, sin
from visualize import draw, to_svg
from visualize.picture.rendering import render


def test_render_takes_what_graphviz_takes_and_nothing_in_silence(tmp_path) -> None:
    picture = draw(Value(2.0, "x") * 3)
    path = picture.render(tmp_path / "graph.v1", format="png", cleanup=False)
    assert path == str(tmp_path / "graph.v1.png")
    assert (tmp_path / "graph.v1").read_text() == picture.source
    with pytest.raises(TypeError, match="outfile"):
        picture.render(outfile="graph.png")
    with pytest.raises(TypeError, match="renderer"):
        picture.pipe("svg", renderer="cairo")


def test_a_layout_that_takes_too_long_is_made_again_with_less_polish_and_then_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("visualize.picture.rendering.PATIENCE", (1e-6, 1e-6, 60))
    assert b"<svg" in render("digraph { a -> b }", "svg")[0]
    monkeypatch.setattr("visualize.picture.rendering.PATIENCE", (1e-6, 1e-6, 1e-6))
    with pytest.raises(RuntimeError, match="draw fewer boxes with a lower limit"):
        render("digraph { a -> b }", "svg")


def test_a_large_picture_is_laid_out_quickly_at_the_first_attempt(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("visualize.picture.rendering.PATIENCE", (60, 1e-6, 1e-6))
    a = [Value(1.0, f"x{k}") for k in range(14)]
    y = a[0]
    for k in range(150):
        y = sin(y) * a[k % 14]
    with pytest.raises(RuntimeError, match="has not laid out"):
        to_svg(y, limit=1000)
