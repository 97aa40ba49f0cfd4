"""The page's second view: the engine's numbers, the steps of the graph, and the chain rule as `derive` has it."""

import re

import pytest

from autograd_lite.notation import number
from nn import MLP, derive, sum_squared_error
from visualize import stepper

X, Y = [0.5, -1.0], [1.0, 0.0]


def network(sizes=(3, 2), **options) -> MLP:
    return MLP(2, list(sizes), activation="sigmoid", output_activation="sigmoid", seed=0, **options)


def press(page, identifier: str) -> None:
    page.locator(f"#{identifier}").dispatch_event("click")


def test_nodes_and_weights_have_the_engines_numbers_before_and_after_an_edit(opened) -> None:
    model = network()
    page = opened(stepper(model, X, Y))
    press(page, "see-network")
    press(page, "last")
    for typed in (None, 0.25):
        if typed is not None:
            page.get_by_label("number of w₀₁⁽¹⁾", exact=True).fill(str(typed))
            page.keyboard.press("Enter")
            model.layers[0].neurons[0].w[1].data = typed
        model.zero_grad()
        activations = [model.layers[0](X), model(X)]
        sum_squared_error(activations[1], Y).backward()
        shown = {
            element.get_attribute("id"): element.get_attribute("aria-label")
            for element in page.locator("#network [role=button]").all()
        }
        for depth, layer in enumerate(model.layers, start=1):
            for j, neuron in enumerate(layer.neurons):
                assert f" {number(activations[depth - 1][j].data)}, grad" in shown[f"a-{depth}-{j}"]
                for k, w in enumerate(neuron.w):
                    assert shown[f"w-{depth}-{j}-{k}"] == f"{w.label} {number(w.data)}, grad {number(w.grad)}"


def test_the_wider_a_line_the_larger_its_weight_and_its_hue_is_the_sign_of_weight_or_gradient(opened) -> None:
    model = network()
    page = opened(stepper(model, X, Y))
    press(page, "see-network")
    press(page, "last")
    sum_squared_error(model(X), Y).backward()
    weights = {
        f"w-{depth}-{j}-{k}": w
        for depth, layer in enumerate(model.layers, start=1)
        for j, neuron in enumerate(layer.neurons)
        for k, w in enumerate(neuron.w)
    }
    style = (
        "lines => Object.fromEntries(lines.map(line => [line.id, line.querySelector('path').style]).map(([id, style]) => "
        "[id, { width: parseFloat(style.strokeWidth), stroke: style.stroke }]))"
    )
    for choice, size in (("sign", "data"), ("gradient", "grad")):
        page.locator("#color").select_option(choice)
        drawn = page.locator("#network .edge[role]").evaluate_all(style)
        assert drawn.keys() == weights.keys()
        by_width = sorted(weights, key=lambda one: drawn[one]["width"])
        assert by_width == sorted(weights, key=lambda one: abs(weights[one].data))
        for one, weight in weights.items():
            assert ("--positive" in drawn[one]["stroke"]) == (getattr(weight, size) >= 0)


def test_each_step_is_lit_in_both_views(opened) -> None:
    page = opened(stepper(network(), X, Y))
    names = {"z": "a", "a": "a", "b": "a", "w": "w", "x": "a"}
    steps = page.evaluate(
        """() => Array.from({ length: Number(document.getElementById("slider").max) }, () => {
            document.getElementById("next").click();
            return [[...document.querySelectorAll("#network .target")].map(one => one.id),
                document.querySelectorAll("#picture .target").length, document.getElementById("step").textContent];
        })"""
    )
    for lit, graph, step in steps:
        assert graph == 1
        name = re.match(r"([a-zC])([₀-₉]*)(?:⁽(\d|[⁰-⁹¹²³])⁾)?", step)
        if name[1] in names and name[2]:
            indices = name[2].translate(str.maketrans("₀₁₂₃", "0123"))
            layer = (name[3] or "⁰").translate(str.maketrans("⁰¹²³", "0123"))
            assert lit == [f"{names[name[1]]}-{layer}-{'-'.join(indices)}"]
        elif name[1] in "vC":
            assert lit == ["loss"]


def test_a_node_opens_its_scalar_graph_in_the_frame_until_the_next_step(opened) -> None:
    page = opened(stepper(network(), X, Y))
    press(page, "see-network")
    assert page.locator("#picture").is_hidden()
    press(page, "a-1-2")
    assert page.locator("#network").is_hidden()
    assert page.locator("#derivation h3").text_content() == "a₂⁽¹⁾"
    page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    frame, boxes, names = page.evaluate(
        """() => {
            const opened = [...document.querySelectorAll("#picture .opened")];
            const box = (one) => one.getBoundingClientRect().toJSON();
            const labels = opened.map((one) => one.getAttribute("aria-label"));
            return [box(document.getElementById("picture")), opened.map(box), labels];
        }"""
    )
    expected = ["x₀", "x₁", "w₂₀⁽¹⁾", "w₂₁⁽¹⁾", "b₂⁽¹⁾", "z₂⁽¹⁾", "a₂⁽¹⁾"]
    assert len(names) == len(expected)
    assert all(any(one in name for name in names) for one in expected)
    for box in boxes:
        assert frame["left"] <= box["left"] <= box["right"] <= frame["right"]
        assert frame["top"] <= box["top"] <= box["bottom"] <= frame["bottom"]
    press(page, "next")
    assert page.locator("#picture .opened").count() == 0


def same(shown: str) -> float:
    return float(shown.strip().replace("−", "-").strip("()"))


@pytest.mark.parametrize("index", [(2, 1, 0), (1, 2, 1)])
def test_a_weight_opens_its_chain_rule_with_the_factors_of_derive(opened, index) -> None:
    model = network()
    derivation = derive(model, X, Y, weight=index)
    page = opened(stepper(model, X, Y))
    press(page, f"w-{'-'.join(map(str, index))}")
    rule, where = (block.get_attribute("aria-label") for block in page.locator("#derivation .formulas").all())
    symbols, _, numbers, value = rule.splitlines()
    name, product = symbols.split(" = ")
    assert name == derivation.symbol.text
    assert product.split(" · ") == [factor.symbol.text for factor in derivation.factors]
    assert [same(part) for part in numbers.removeprefix("=").split("·")] == pytest.approx(
        [factor.value for factor in derivation.factors], rel=1e-3
    )
    assert same(value.removeprefix("= ")) == pytest.approx(derivation.value, rel=1e-3)
    if index[0] == 1:  # a sum over the nodes of the next layer, each with its product
        sums = derivation.factors[0].chain
        products = [line.split(" = ")[-1] for line in where.splitlines()[1 : 1 + len(sums.terms)]]
        assert [same(part) for part in products] == pytest.approx(sums.term_values(), rel=1e-3)
    else:
        assert "= 2 × (a₁⁽²⁾ − y₁)" in where
    assert page.locator("#derivation math mfrac").count() > 3


def test_a_wide_layer_is_folded_and_says_so(opened) -> None:
    page = opened(stepper(network((17, 1)), X, 1.0))
    press(page, "see-network")
    assert page.locator("#network .node[role]").count() == 2 + 8 + 1 + 1
    assert "9 more" in page.locator("#network").text_content()
    lit = page.evaluate(
        """() => Array.from({ length: Number(document.getElementById("slider").max) }, () => {
            document.getElementById("next").click();
            return document.querySelectorAll("#network .target").length;
        })"""
    )
    assert set(lit) == {1}  # what is folded lights the note of it


@pytest.mark.parametrize(("sizes", "width", "height"), [((16, 1), 1600, 900), ((2, 1), 560, 500), ((16, 1), 390, 844)])
def test_a_network_is_seen_whole_and_so_is_its_caption(opened, sizes, width, height) -> None:
    page = opened(stepper(network(sizes), X, 1.0), width=width, height=height)
    press(page, "see-network")
    page.locator("#color").select_option("gradient")
    parts = page.locator("#network, #network svg, #caption text")
    frame, picture, caption = parts.evaluate_all("all => all.map(one => one.getBoundingClientRect().toJSON())")
    for outer, inner in ((frame, picture), (picture, caption)):
        assert outer["left"] <= inner["left"] <= inner["right"] <= outer["right"]
        assert outer["top"] <= inner["top"] <= inner["bottom"] <= outer["bottom"]
    assert caption["left"] + caption["right"] == pytest.approx(picture["left"] + picture["right"], abs=2)


def test_a_node_of_many_inputs_opens_them_all_on_a_sheet_of_its_own(opened) -> None:
    page = opened(stepper(network((12, 2)), X, Y))
    press(page, "see-network")
    press(page, "a-2-1")
    count = page.locator("#picture g.opened").count()
    assert count == 12 + 12 + 1 + 2
    page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    frame, *boxes = page.locator("#picture, #picture g.opened").evaluate_all(
        "all => all.map(one => one.getBoundingClientRect().toJSON())"
    )
    for box in boxes:
        assert frame["left"] <= box["left"] <= box["right"] <= frame["right"]
        assert frame["top"] <= box["top"] <= box["bottom"] <= frame["bottom"]
    assert page.locator("#picture .edge").count() == 12 + 12 + 1 + 1
    press(page, "last")
    assert page.locator("#picture g.opened").count() == 0
    press(page, "a-2-0")
    page.locator("#way button").first.click()
    assert page.locator("#picture g.node[role]").count() > count


def test_of_a_batch_the_network_shows_the_sample_of_the_step_and_a_weight_sums_over_all(opened) -> None:
    model, inputs = network(), [[0.5, -1.0], [1.5, 0.25]]
    w = model.layers[0].neurons[0].w[0]
    loss = sum((sum_squared_error(model(x), Y) for x in inputs), start=0.01 * w**2)
    page = opened(stepper(loss))
    loss.backward()
    press(page, "see-network")
    steps = page.evaluate(
        """() => Array.from({ length: Number(document.getElementById("slider").max) }, () => {
            document.getElementById("next").click();
            return [document.getElementById("step").textContent, document.getElementById("shown-run").value,
                [...document.querySelectorAll("#network .target")].map(one => one.id)];
        })"""
    )
    forward = [(sample, lit) for step, sample, lit in steps if re.match(r"a₂⁽¹⁾ = ", step)]
    assert forward == [("0", ["a-1-2"]), ("1", ["a-1-2"])]
    page.locator("#shown-run").select_option("0")
    shown = page.locator("#a-0-0").get_attribute("aria-label")
    assert shown.startswith("x₀ of sample 1 0.5")
    press(page, "w-1-0-0")
    rows = page.locator("#derivation .formulas").first.get_attribute("aria-label").splitlines()
    by_sample = [same(row.split(" = ")[-1]) for row in rows[:2]]
    assert "by other uses" in rows[2]
    assert same(rows[3].removeprefix("= ")) == pytest.approx(w.grad, rel=1e-3)
    assert sum(by_sample) + 0.02 * w.data == pytest.approx(w.grad, rel=1e-3)


def test_what_is_no_number_is_hatched_and_a_small_gradient_beside_a_huge_one_is_coloured(opened) -> None:
    model = MLP(2, [2], seed=0)
    outputs = model([1e150, 1.0])
    page = opened(stepper(outputs[0] * 1.0 + outputs[1] * float("nan")))
    press(page, "see-network")
    press(page, "last")
    page.locator("#color").select_option("gradient")
    styles = {
        f"{j}{k}": page.locator(f"#w-1-{j}-{k} path").first.evaluate("path => [path.style.strokeDasharray, path.style.stroke]")
        for j in range(2)
        for k in range(2)
    }
    assert styles["10"][0] != "none"
    assert "quiet" in styles["10"][1]
    assert styles["01"][0] == "none"
    assert "dashed: infinite or no number" in page.locator("#caption").text_content()
    assert "15%" in styles["01"][1]
    assert "100%" in styles["00"][1]
    assert "hatch" in page.locator("#loss ellipse").evaluate("one => one.style.fill")
