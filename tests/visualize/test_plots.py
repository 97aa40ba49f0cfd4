"""Plots, to a file and to an axis."""

import sys

import pytest
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from autograd_lite import Value, tanh
from visualize import plot_decision_boundary, plot_gradients, plot_history
from visualize.plots.axes import COLORS


def test_history_has_a_curve_for_each_measure(tmp_path) -> None:
    axis = plot_history(
        {"loss": [1.0, 0.1, 0.001], "val_loss": [1.0, 0.2, 0.1], "accuracy": [0.5, 0.9, 1.0]}, tmp_path / "loss.png"
    )
    assert (tmp_path / "loss.png").read_bytes().startswith(b"\x89PNG")
    assert [text.get_text() for text in axis.get_legend().get_texts()] == ["loss", "val_loss", "accuracy"]
    assert axis.get_yscale() == "log"
    assert list(axis.get_lines()[0].get_ydata()) == [1.0, 0.1, 0.001]
    given = Figure().add_subplot()
    assert plot_history({"accuracy": [0.5]}, given) is given


def test_decision_boundary_shows_every_sample_and_where_the_output_crosses(tmp_path) -> None:
    inputs, targets = [[0.0, 0.0], [1.0, 1.0], [0.5, 0.0]], [0, 1, 1]
    axis = plot_decision_boundary(lambda x: [tanh(Value(x[0]) + x[1])], inputs, targets, tmp_path / "plane.svg", resolution=5)
    assert sum(len(points.get_offsets()) for points in axis.collections[-2:]) == 3
    assert (tmp_path / "plane.svg").exists()
    assert plot_decision_boundary(lambda x: [x[0], x[1], 0.1], inputs, [0, 1, 2], resolution=5).get_ylabel() == "x₂"


def test_a_region_has_the_colour_of_its_class_and_there_is_none_between_two_classes() -> None:
    inputs, targets = [[-1.0, 0.0], [1.0, 0.0]], [0, 2]
    axis = plot_decision_boundary(lambda x: [-x[0], -10.0, x[0]], inputs, targets, resolution=8)
    *regions, left, right = axis.collections
    colors = [to_hex(drawn.get_facecolor()[0]) for drawn in (*regions, left, right)]
    assert colors == [COLORS[0], COLORS[2], COLORS[0], COLORS[2]]
    edges = [path.vertices[:, 0] for region in regions for path in region.get_paths()]
    assert max(edges[0]) == pytest.approx(0, abs=1e-9)  # they meet where the classes are level
    assert min(edges[1]) == pytest.approx(0, abs=1e-9)


def test_gradients_of_each_layer_are_counted() -> None:
    weights = [Value(float(k)) for k in range(1, 5)]
    (weights[0] * weights[1] * weights[2] + weights[3]).backward()
    axis = plot_gradients({"layer 1": weights[:2], "layer 2": weights[2:]})
    assert [text.get_text() for text in axis.get_legend().get_texts()] == ["layer 1 (2)", "layer 2 (2)"]


def test_bad_input_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValueError, match=r"history must be of at least one epoch, got \{\}"):
        plot_history({})
    with pytest.raises(ValueError, match=r"sample 1 is \[1\.0, 2\.0, 3\.0\]: expected 2 finite numbers, a place in the plane"):
        plot_decision_boundary(sum, [[1, 2], [1, 2, 3]], [0, 1])
    with pytest.raises(ValueError, match="targets must be 2, one for each sample, got 1"):
        plot_decision_boundary(sum, [[1, 2], [1, 2]], [0])
    with pytest.raises(ValueError, match="at least one sample"):
        plot_decision_boundary(sum, [], [])
    with pytest.raises(ValueError, match="resolution must be a whole number of at least 2, got 1"):
        plot_decision_boundary(sum, [[1, 2]], [0], resolution=1)
    with pytest.raises(ValueError, match="resolution must be at most 200, got 201"):
        plot_decision_boundary(sum, [[1, 2]], [0], resolution=201)
    with pytest.raises(ValueError, match="at least one list with a parameter in it"):
        plot_gradients({})
    with pytest.raises(TypeError, match="history must be a dictionary from names to lists, got 3"):
        plot_history(3)  # type: ignore[arg-type]
    for wrong in (0.3, ["a"]):
        with pytest.raises(TypeError, match=r"history\['loss'\] must be a list of numbers, got"):
            plot_history({"loss": wrong})  # type: ignore[dict-item]
    with pytest.raises(TypeError, match="to must be a path or a matplotlib axis, got 3"):
        plot_history({"loss": [1.0]}, 3)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=r"sample 0 must be a list of numbers, got \['a', 2\]"):
        plot_decision_boundary(sum, [["a", 2]], [0])  # type: ignore[list-item]
    with pytest.raises(ValueError, match=r"sample 1 is \[nan, 2.0\]: expected 2 finite numbers"):
        plot_decision_boundary(sum, [[1, 2], [float("nan"), 2]], [0, 1])
    with pytest.raises(ValueError, match=r"target 0 must be the number of a class, got \[0.0, 1.0\]: of a one-hot list"):
        plot_decision_boundary(sum, [[1, 2]], [[0, 1]])
    with pytest.raises(ValueError, match=r"what the model gives at \[0.0, 1.0\] is nan"):
        plot_decision_boundary(lambda x: float("nan"), [[1, 2]], [0], resolution=2)
    with pytest.raises(ValueError, match="target 0 must be one of the model's classes, 0 to 1, got 3"):
        plot_decision_boundary(lambda x: x, [[1, 2]], [3], resolution=2)
    with pytest.raises(TypeError, match="layers must be a dictionary from names to lists"):
        plot_gradients([Value(1.0)])  # type: ignore[arg-type]
    for wrong in (Value(1.0), [3]):
        with pytest.raises(TypeError, match="the parameters of 'layer 1' must be a list of Values"):
            plot_gradients({"layer 1": wrong})  # type: ignore[dict-item]
    broken = Value(1.0)
    broken.grad = float("nan")
    with pytest.raises(ValueError, match="the gradient of parameter 0 of 'layer 1' is nan"):
        plot_gradients({"layer 1": [broken]})
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(ImportError, match=r"pip install 'autograd-lite\[plot\]'"):
        plot_history({"loss": [1.0]})


def test_gradients_are_shown_by_their_size_whatever_it_is() -> None:
    for sizes in ([1e-300, 1.0], [1e-290, 1e290], [0.0, 0.0], [0.5], [3.0, 3.0, 3.0]):
        values = [Value(1.0) for _ in sizes]
        for value, size in zip(values, sizes, strict=True):
            value.grad = -size
        axis = plot_gradients({"layer 1": values})
        assert axis.get_xscale() == "log"
        shares = sum(patch.get_path().vertices[:, 1].max() for patch in axis.patches)
        assert (shares > 0) == any(sizes)
    assert "2 of them 0" in plot_gradients({"a": [Value(1.0), Value(2.0)]}).get_legend().get_texts()[0].get_text()
