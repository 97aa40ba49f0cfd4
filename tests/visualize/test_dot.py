"""Pictures: they hold each node once, show every label as its characters, and never grow beyond what can be read."""

import os
import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd_lite
import visualize
from autograd_lite import Value, dot, primitive, sin, tanh
from autograd_lite.bundles import Bundle
from autograd_lite.notation import number
from visualize import draw, draw_dot, save, stepper, to_svg
from visualize.dot import MOST_WORK, THEMES, folded, layout_work
from visualize.graph import Graph
from visualize.layers import find_layers
from visualize.rendering import render

SVG = "{http://www.w3.org/2000/svg}"
NASTY = [
    '"]; x [label="',
    "<b>bold</b>",
    "back\\slash\\n\\N",
    "two\nlines",
    "😀 emoji",
    "</script><script>alert(1)</script>",
    "a&amp;b",
    "\x00\x1b",
    "<",
    ">",
]


def parts(svg: str, kind: str) -> list[ElementTree.Element]:
    return [group for group in ElementTree.fromstring(svg).iter(f"{SVG}g") if group.get("class") == kind]


def shown_texts(element: ElementTree.Element) -> str:
    return "".join("".join(text.itertext()).replace("\xa0", " ") for text in element.iter(f"{SVG}text"))


def mlp(sizes: Sequence[int]) -> Value:
    """A network as the layers of `nn` build it: neurons that share their inputs, two nodes each."""
    outputs: list[Value] = [Value(0.5, f"x{k}") for k in range(sizes[0])]
    for layer, size in enumerate(sizes[1:], start=1):
        inputs = Bundle(outputs)
        outputs = [
            tanh(
                dot(
                    Bundle([Value(0.1 * (j + k), f"w{layer}{j}{k}") for k in range(len(inputs))]),
                    inputs,
                    Value(0.1, f"b{layer}{j}"),
                )
            )
            for j in range(size)
        ]
    return outputs[0]


def test_the_picture_is_valid_xml_and_holds_each_node_once_and_each_operand_as_an_edge() -> None:
    a, b = Value(3.0, "a"), Value(-2.0, "b")
    c = a * b
    y = c + a * c
    svg = to_svg(y)
    assert sorted(node.get("id", "") for node in parts(svg, "node")) == ["n0", "n1", "n2", "n3", "n4"]
    assert len(parts(svg, "edge")) == 6


def test_an_operation_of_ones_own_on_a_number_and_a_sequence_is_drawn_with_all_its_operands() -> None:
    @primitive(variadic=True, derivatives=[lambda out, s, xs: xs[0], lambda out, s, xs: [s] + [0] * (len(xs) - 1)])
    def first(s, xs):
        return s * xs[0]

    y = first(Value(2.0, "s"), [Value(3.0, "a"), Value(4.0, "b")])
    svg = to_svg(y)
    assert (len(parts(svg, "node")), len(parts(svg, "edge"))) == (4, 3)
    assert "<!DOCTYPE html>" in stepper(y)


def test_a_box_shows_name_formula_number_and_gradient() -> None:
    a, b = Value(3.0, "a"), Value(-2.0, "b")
    y = a * b
    y.label = "y"
    y.backward()
    texts = {shown_texts(node).replace(" ", "") for node in parts(to_svg(y), "node")}
    assert texts == {"adata3.0grad-2.0", "bdata-2.0grad3.0", "×y=a×bdata-6.0grad1.0"}


@pytest.mark.parametrize("label", NASTY)
def test_a_label_is_drawn_as_its_characters(label: str) -> None:
    svg = to_svg(Value(2.0, label) * 3)
    (node,) = [n for n in parts(svg, "node") if n.get("id") == "n0"]
    expected = label.replace("\n", "").replace("\x00", "␀").replace("\x1b", "␛")
    assert shown_texts(node).startswith(expected)
    assert len(parts(svg, "node")) == 3
    assert "<script" not in svg


@given(st.lists(st.text(max_size=30), min_size=10, max_size=10))
@settings(max_examples=3, deadline=None)
def test_any_label_gives_one_node_and_valid_dot(labels: list[str]) -> None:
    values = [Value(2.0, label) for label in labels]
    assert len(parts(to_svg(autograd_lite.sum(values)), "node")) == len(values) + 1


def test_names_come_from_the_callers_variables_unless_a_label_is_given_or_they_are_turned_off() -> None:
    w, x = Value(0.5), Value(2.0, label="input")
    weights = [w, Value(1.0)]
    y = w * x + weights[1]
    graph = Graph(y)
    assert [graph.name(node) for node in graph.nodes] == ["w", "input", "v₁", "weights[1]", "y"]
    assert w.label == y.label == ""
    assert "<b>w</b>" in draw(y).source
    assert "<b>w</b>" not in draw(y, names=False).source


def test_constants_show_their_number_and_no_gradient() -> None:
    x = Value(2.0, "x")
    svg = to_svg(x * 7)
    assert {shown_texts(node).replace(" ", "") for node in parts(svg, "node")} >= {"7"}


def test_edges_show_local_derivatives_whose_product_along_the_path_is_the_derivative() -> None:
    x = Value(0.7, "x")
    y = sin(x * 3.0)
    y.backward()
    (inner, outer) = [float(shown_texts(on_edge)) for on_edge in parts(to_svg(y, local_derivatives=True), "node derivative")]
    assert inner * outer == pytest.approx(x.grad, rel=1e-3)


@pytest.mark.parametrize("sizes", [(2, 3, 1), ()])
def test_a_local_derivative_stands_on_its_edge_between_the_operand_and_the_result(sizes: Sequence[int]) -> None:
    a, b = Value(3.0, "a"), Value(-2.0, "b")
    output = mlp(sizes) if sizes else (a * b) * (a * a) + a * b * 2
    svg = to_svg(output, local_derivatives=True)
    ends = [edge.find(f"{SVG}title").text.split("->") for edge in parts(svg, "edge")]  # type: ignore[union-attr]
    shown = {node.get("id"): shown_texts(node).strip() for node in parts(svg, "node derivative")}
    graph = Graph(output)
    boxes = {f"n{index}": node for node, index in graph.index.items()}
    for middle, text in shown.items():
        ((start, _),) = [pair for pair in ends if pair[1] == middle]
        ((_, end),) = [pair for pair in ends if pair[0] == middle]
        node, position = (int(part) for part in middle[1:].split("-")[:2])
        user = graph.nodes[node]
        assert boxes[start] is user.parents[position]
        assert boxes[end] is user or boxes[end] in user.parents  # an input reaches its neuron through the weight's box
        assert text == number(user.local_derivatives[position])
    assert len(shown) == sum(not parent.is_constant for node in graph.nodes for parent in node.parents)


@pytest.mark.parametrize("name", THEMES)
def test_colours_tell_the_sign_of_the_gradient_and_come_with_a_legend(name: str) -> None:
    a, b = Value(3.0, "a"), Value(-3.0, "b")
    y = a * b
    y.backward()
    y.grad = 0.0  # so that a and b have the largest gradients, of either sign
    svg = to_svg(y, colors=True, theme=name)
    fills = {node.get("id"): {path.get("fill") for path in node.iter(f"{SVG}path")} for node in parts(svg, "node")}
    assert (a.grad, b.grad) == (-3.0, 3.0)
    assert THEMES[name].negative in fills["n0"]
    assert THEMES[name].positive in fills["n1"]
    legend = "grad-3.0-1.5-0.30.00.31.53.0"
    assert legend in shown_texts(ElementTree.fromstring(svg)).replace(" ", "")
    assert svg.count(THEMES[name].positive) > 1  # the box and the legend
    assert legend not in shown_texts(ElementTree.fromstring(to_svg(y))).replace(" ", "")


def test_without_a_gradient_there_is_no_legend_but_a_note_that_says_why() -> None:
    y = Value(3.0, "a") * 2
    for marked in (False, True):
        whole = shown_texts(ElementTree.fromstring(to_svg(y, colors=True)))
        assert ("no colours: every gradient is 0" in whole) == (not marked)
        assert ("-2.0" in whole) == marked
        y.backward()


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours by WCAG 2."""

    def luminance(color: str) -> float:
        channels = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        red, green, blue = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", THEMES.values(), ids=THEMES)
def test_text_is_readable_on_every_colour(theme) -> None:
    for ground in (theme.page, theme.node, theme.badge, theme.group, theme.positive, theme.negative):
        assert contrast(theme.ink, ground) >= 4.5, ground
    for ground in (theme.page, theme.node, theme.group):
        assert contrast(theme.quiet, ground) >= 4.5, ground


def test_neurons_that_share_inputs_are_framed_as_a_layer_with_weights_on_the_way_from_their_inputs() -> None:
    output = mlp([2, 3, 1])
    layers = find_layers(Graph(output))
    assert [(layer.level, len(layer.sums), len(layer.outputs), len(layer.parameters)) for layer in layers] == [
        (1, 3, 3, 9),
        (2, 1, 1, 4),
    ]
    svg = to_svg(output)
    assert [shown_texts(cluster) for cluster in parts(svg, "cluster")] == ["layer 1", "layer 2"]
    ids = {re.sub(r"\W", "", shown_texts(node)).split("data")[0]: node.get("id") for node in parts(svg, "node")}
    titles = {edge.find(f"{SVG}title").text for edge in parts(svg, "edge")}  # type: ignore[union-attr]
    assert f"{ids['x0']}->{ids['w100']}" in titles
    assert f"{ids['x1']}->{ids['w101']}" in titles


@pytest.mark.parametrize("local_derivatives", [False, True])
def test_the_neurons_and_weights_of_a_layer_stand_in_their_order_from_the_top(local_derivatives: bool) -> None:
    output = mlp([2, 4, 3, 1])
    graph = Graph(output)
    heights = {
        node.get("id"): float(node.find(f".//{SVG}text").get("y"))  # type: ignore[union-attr, arg-type]
        for node in parts(to_svg(output, local_derivatives=local_derivatives), "node")
    }
    for layer in find_layers(graph):
        for column in (layer.parameters, layer.sums, layer.outputs):
            column_heights = [heights[f"n{graph.index[node]}"] for node in column]
            assert column_heights == sorted(column_heights)


def test_a_script_beside_the_package_is_a_caller() -> None:
    scope: dict[str, object] = {"Value": Value, "draw": draw}
    code = "w = Value(2.0)\npicture = draw(w * 3)"
    exec(compile(code, f"{Path(visualize.__file__).parent}_demo.py", "exec"), scope)
    assert "<b>w</b>" in scope["picture"].source  # type: ignore[attr-defined]


def test_a_large_network_is_folded_by_layers_and_says_so() -> None:
    output = mlp([2, 16, 16, 1])
    svg = to_svg(output)
    assert len(parts(svg, "node")) == 2 + 3
    whole = shown_texts(ElementTree.fromstring(svg))
    assert "16 neurons, tanh" in whole
    assert "folded: 403 nodes into 3 layers" in whole


def test_a_layer_that_runs_on_several_samples_says_that_its_parameters_are_shared() -> None:
    weights = [Bundle([Value(0.1, f"w{j}{k}") for k in range(2)]) for j in range(3)]
    samples = [Bundle([Value(float(i)), Value(1.0)]) for i in range(2)]
    outputs = [tanh(dot(row, sample)) for sample in samples for row in weights]
    whole = shown_texts(ElementTree.fromstring(to_svg(autograd_lite.sum(outputs), limit=10)))
    assert whole.count("2 inputs, 6 parameters") == 2
    assert whole.count("6 parameters, shared") == 1


def test_many_inputs_of_a_folded_network_are_one_box() -> None:
    svg = to_svg(mlp([64, 8, 2]))
    assert len(parts(svg, "node")) == 3
    assert "64 numbers" in shown_texts(ElementTree.fromstring(svg))


def test_a_large_graph_is_folded_to_the_nodes_nearest_the_output_and_says_so() -> None:
    y = x = Value(1.0, "x")
    for _ in range(5_000):
        y = y * 0.9999
    svg = to_svg(y, limit=20)
    assert len(parts(svg, "node")) == 20
    assert "not drawn: 9,982 of 10,001 nodes" in shown_texts(ElementTree.fromstring(svg))
    assert x.label == "x"


def test_a_graph_of_500_nodes_is_drawn_whole_when_the_limit_allows() -> None:
    y = Value(1.0, "x")
    for position in range(125):
        y = sin(sin(y)) + Value(0.5, f"b{position}")
    assert len(parts(to_svg(y, limit=1000), "node")) == len(Graph(y).nodes) == 501


def test_a_graph_of_many_long_edges_is_folded_below_the_limit_and_says_so() -> None:
    nodes = [Value(0.1, "x")]
    while len(nodes) < 500:
        nodes.append(autograd_lite.sum(nodes))
    svg = to_svg(nodes[-1], limit=10_000)
    assert len(parts(svg, "node")) < 100
    whole = shown_texts(ElementTree.fromstring(svg))
    assert "not drawn: " in whole
    assert "fewer boxes than the limit" in whole
    graph = Graph(nodes[-1])
    boxes, _ = folded(graph, [], 10_000)
    assert layout_work(graph, boxes) > MOST_WORK
    with pytest.raises(ValueError, match="too many and too long to lay out"):
        stepper(nodes[300])


def test_the_work_of_a_layout_grows_with_the_edges_that_pass_each_rank() -> None:
    x, late = Value(1.0, "x"), Value(2.0, "late")
    y = sin(sin(sin(x)) + late) * x
    boxes, _ = folded(Graph(y), [], 100)
    from_x, others = 1 + 5, 5  # `late` stands beside its sum
    assert layout_work(Graph(y), boxes) == 40 * (from_x + others) + ((from_x + others) ** 2 - from_x**2 - 5) / 5


def test_a_node_of_many_operands_is_drawn_with_as_many_of_them_as_the_limit_allows() -> None:
    terms = [Value(float(k), f"x{k}") for k in range(3_000)]
    svg = to_svg(autograd_lite.sum(terms), limit=40)
    assert len(parts(svg, "node")) == 40
    assert "not drawn: 2,962 of 3,001 nodes" in shown_texts(ElementTree.fromstring(svg))


@pytest.mark.parametrize(
    ("suffix", "start"),
    [(".svg", b"<?xml"), (".png", b"\x89PNG"), (".pdf", b"%PDF"), (".dot", b"digraph"), (".html", b"<!DOCTYPE html>")],
)
def test_save_writes_the_format_that_the_suffix_names(suffix: str, start: bytes, tmp_path) -> None:
    path = save(Value(2.0, "x") * 3, tmp_path / f"graph{suffix}")
    assert path.read_bytes().startswith(start)


def test_pictures_need_no_dot_program(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    picture = draw(Value(2.0, "x") * 3)
    assert picture.pipe(format="svg", encoding="utf-8").count('class="node"') == 3
    assert "image/svg+xml" in picture._repr_mimebundle_()
    assert os.path.exists(picture.render(str(tmp_path / "rendered")))


def test_render_takes_what_graphviz_takes_and_nothing_in_silence(tmp_path) -> None:
    picture = draw(Value(2.0, "x") * 3)
    path = picture.render(tmp_path / "graph.v1", format="png", cleanup=False)
    assert path == str(tmp_path / "graph.v1.png")
    assert (tmp_path / "graph.v1").read_text() == picture.source
    with pytest.raises(TypeError, match="outfile"):
        picture.render(outfile="graph.png")
    with pytest.raises(TypeError, match="renderer"):
        picture.pipe("svg", renderer="cairo")


def test_a_file_is_written_whole_or_not_at_all(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    path = tmp_path / "graph.svg"
    path.write_text("before")

    def full(self: Path, content: bytes) -> None:
        with open(self, "wb") as file:
            file.write(content[:10])
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_bytes", full)
        with pytest.raises(OSError, match=r"No space left on device: .*graph\.svg"):
            save(Value(2.0, "x") * 3, path)
    assert path.read_text() == "before"
    assert os.listdir(tmp_path) == ["graph.svg"]
    link = tmp_path / "link.svg"
    link.symlink_to(path)
    save(Value(2.0, "x") * 3, link)
    assert link.is_symlink()
    assert "<svg" in path.read_text()
    (tmp_path / "folder.svg").mkdir()
    with pytest.raises(IsADirectoryError):
        save(Value(2.0, "x") * 3, tmp_path / "folder.svg")


def test_a_dot_program_on_the_path_is_used(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    program = tmp_path / "dot"
    program.write_text('#!/bin/sh\necho "drawn by dot $1"\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    assert render("digraph {}", "svg") == b"drawn by dot -Tsvg\n"


def test_a_layout_that_takes_too_long_is_made_again_with_less_polish_and_then_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("visualize.rendering.PATIENCE", (1e-6, 60))
    assert b"<svg" in render("digraph { a -> b }", "svg")
    monkeypatch.setattr("visualize.rendering.PATIENCE", (1e-6, 1e-6))
    with pytest.raises(RuntimeError, match="draw fewer boxes with a lower limit"):
        render("digraph { a -> b }", "svg")


def test_a_large_picture_is_laid_out_quickly_at_the_first_attempt(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("visualize.rendering.PATIENCE", (60, 1e-6))
    y = Value(1.0, "x")
    for _ in range(100):
        y = sin(y) * y
    with pytest.raises(RuntimeError, match="has not laid out"):
        to_svg(y, limit=1000)


def test_bad_input_is_named() -> None:
    x = Value(1.0, "x")
    with pytest.raises(ValueError, match=r"suffix '\.gif' is unknown; known are \.svg"):
        save(x, "graph.gif")
    with pytest.raises(ValueError, match="unknown theme 'pink': known are 'light', 'dark'"):
        draw(x, theme="pink")
    with pytest.raises(ValueError, match=r"unknown theme \['dark'\]"):
        draw(x, theme=["dark"])  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="limit must be a whole number of at least 2, got 1"):
        draw(x, limit=1)
    with pytest.raises(TypeError, match=r"expected a Value, got 3\.0 \(float\)"):
        draw(3.0)  # type: ignore[arg-type]
    with pytest.raises(RuntimeError, match="Graphviz could not draw"):
        render("digraph {", "svg")
    with pytest.raises(OSError, match="No such file"):
        save(x * 2, "/nowhere/graph.svg")
    assert draw_dot is draw


def test_gradients_beyond_the_floats_are_drawn_and_coloured() -> None:
    for large in (10**400, Fraction(10**400, 3)):
        x = Value(large, "x")
        y = x * x - x
        y.backward()
        assert f"{number(y.data)} </text>" in to_svg(y, colors=True)


def test_a_label_of_several_lines_takes_no_more_lines_than_it_has() -> None:
    x = Value(1.0, "one\ntwo")
    (title,) = re.findall(r'<td colspan="2" align="left">(.*?)</td>', draw(x).source)
    assert title == '<b>one<br align="left"/>two</b><br align="left"/>'
