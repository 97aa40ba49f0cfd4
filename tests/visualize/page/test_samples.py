"""Learning from samples on the page: the numbers of the engine, whatever a step learns from, and the surface that changes."""

import pytest

from autograd_lite import Value, log, sigmoid
from nn import MLP, binary_cross_entropy, cross_entropy, hinge, mse, sum_squared_error
from visualize import stepper

XOR = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], [0.0, 1.0, 1.0, 0.0]


def network() -> MLP:
    return MLP(2, [2, 1], activation="tanh", output_activation="sigmoid", seed=1)


def shown_weights(page, cell, model) -> list[float]:
    return [float(cell(page, weight.label, "data")) for weight in model.parameters()]


def course_of(model: MLP, batches, rate: float = 0.1) -> list[float]:
    """The weights after one step for each batch of samples, as the engine takes them."""
    for batch in batches:
        model.zero_grad()
        for x, y in batch:
            sum_squared_error(model(x), y).backward()
        for weight in model.parameters():
            weight.data -= rate * weight.grad / len(batch)
    return [weight.data for weight in model.parameters()]


SAMPLES = list(zip(*XOR, strict=True))
WAYS = [
    ("all", [SAMPLES] * 50),
    ("next", [[SAMPLES[k % 4]] for k in range(50)]),
    ("one", [[SAMPLES[0]]] * 50),
]


@pytest.mark.parametrize(("way", "batches"), WAYS, ids=[way for way, _ in WAYS])
def test_fifty_steps_have_the_engines_numbers_whatever_a_step_learns_from(opened, cell, way, batches) -> None:
    page = opened(stepper(network(), *XOR))
    page.locator("#taking").select_option(way)
    for _ in range(5):
        page.locator("#ten").click()
    model = network()
    expected = course_of(model, batches)
    assert shown_weights(page, cell, model) == pytest.approx(expected, rel=1e-9)
    mean = sum(sum_squared_error(model(x), y).data for x, y in SAMPLES) / 4
    shown = page.locator("#course").text_content()
    assert shown.startswith("After 50 steps mean C₀ of 4 samples = ")
    assert float(shown.split(" = ")[1].split(";")[0]) == pytest.approx(mean, rel=1e-3)


def test_a_sample_is_chosen_and_the_next_one_follows_a_step(opened, cell) -> None:
    page = opened(stepper(network(), *XOR))
    page.locator("#sample").select_option("2")
    assert [cell(page, name, "data") for name in ("x₀", "x₁", "y₀")] == ["1", "0", "1"]
    page.locator("#taking").select_option("next")
    page.locator("#descend").click()
    assert page.locator("#sample").input_value() == "3"
    page.locator("#undo").click()
    assert page.locator("#sample").input_value() == "2"
    page.get_by_label("number of x₀", exact=True).fill("0.5")
    page.keyboard.press("Enter")
    assert page.locator("#sample").input_value() == "-1"


def test_looking_at_another_sample_keeps_what_was_learnt(opened, cell) -> None:
    page = opened(stepper(network(), *XOR))
    page.locator("#ten").click()
    course = page.locator("#course").text_content()
    page.locator("#sample").select_option("2")
    assert page.locator("#course").text_content() == course
    page.locator("#undo").click()
    assert page.locator("#course").text_content().startswith("After 9 steps")
    assert (page.locator("#sample").input_value(), cell(page, "x₀", "data")) == ("2", "1")


def test_an_averaged_step_shows_the_mean_it_follows(opened) -> None:
    model = network()
    page = opened(stepper(model, *XOR))
    page.get_by_label("last step", exact=True).click()
    for x, y in SAMPLES:
        sum_squared_error(model(x), y).backward()
    bias = model.parameters()[-1]
    shown = page.locator("#step").text_content()
    assert f"{bias.label} ← {bias.label} − 0.1 · (the mean of {bias.label}.grad over 4 samples)" in shown
    assert float(shown.split(" = ")[-1]) == pytest.approx(bias.data - 0.1 * bias.grad / 4, rel=1e-3)


def test_numbers_that_a_network_was_given_are_rows_that_can_be_edited(opened, assert_agrees) -> None:
    model = network()
    page = opened(mse(model([0.5, -1.0]), 1.0))
    for name, typed in (("x₀", "2"), ("x₁", "0.25"), ("y₀", "-1")):
        assert not page.get_by_label(f"{name} learns", exact=True).is_checked()
        page.get_by_label(f"number of {name}", exact=True).fill(typed)
        page.keyboard.press("Enter")
    page.get_by_label("last step", exact=True).click()
    x, y = [Value(2.0, "x₀"), Value(0.25, "x₁")], Value(-1.0, "y₀")
    assert_agrees(page, mse(model(x), y), [*x, y, *model.parameters()])


def test_a_class_that_a_loss_was_given_is_a_number_in_one_row(opened, cell, assert_agrees) -> None:
    model = MLP(2, [2, 3], activation="tanh", seed=1)
    page = opened(cross_entropy(model([0.5, -1.0]), 1))
    row = page.get_by_label("class", exact=True)
    assert row.input_value() == "1"
    for typed in ("3", "0.5", "-1"):
        row.fill(typed)
        row.press("Enter")
        assert page.locator("#problem").text_content() == "class: a class is needed, one of 0 to 2. It stays 1."
    row.fill("2")
    row.press("Enter")
    assert [cell(page, name, "data") for name in ("y₀", "y₁", "y₂")] == ["0", "0", "1"]
    page.get_by_label("last step", exact=True).click()
    assert_agrees(page, cross_entropy(model([0.5, -1.0]), 2), model.parameters())
    page.get_by_label("number of y₀", exact=True).fill("0.5")
    page.keyboard.press("Enter")
    assert row.input_value() == "several"


def test_a_sample_that_has_no_value_is_told_and_changes_nothing(opened, cell) -> None:
    x, w = Value(1.0, "x"), Value(2.0, "w")
    page = opened(stepper(log(x * w) * w, samples=[{"x": 1.0}, {"x": -1.0}]))
    told = page.locator("#descent-problem")
    assert "log(v₁) has no value at v₁ = -2.0 (it is defined for v₁ > 0)" in told.text_content()
    assert page.locator("#taking").input_value() == "one"
    page.locator("#sample").select_option("1")
    assert told.text_content().startswith("Sample 2: log(v₁) has no value")
    assert (page.locator("#sample").input_value(), cell(page, "x", "data")) == ("0", "1")
    page.locator("#taking").select_option("all")
    assert page.locator("#taking").input_value() == "one"
    page.locator("#descend").click()
    assert page.locator("#course").text_content().startswith("After 1 step")


def test_a_number_that_leaves_another_sample_without_a_value_is_refused_and_nothing_has_changed(opened, cell) -> None:
    x, w = Value(1.0, "x"), Value(2.0, "w")
    page = opened(stepper(log(x + w) * w, samples=[{"x": 1.0}, {"x": 3.0}]))
    page.locator("#sample").select_option("1")
    page.get_by_label("number of w", exact=True).fill("-2")
    page.keyboard.press("Enter")
    told = "w: log(v₁) has no value at v₁ = -1.0 (it is defined for v₁ > 0). It stays 2.0."
    assert page.locator("#problem").text_content() == told
    assert (cell(page, "w", "data"), cell(page, "x", "data")) == ("2", "3")
    page.locator("#descend").click()
    assert page.locator("#course").text_content().startswith("After 1 step")


SURFACE = """() => {
    const { width, height } = document.getElementById("heat");
    const { data } = document.getElementById("heat").getContext("2d").getImageData(0, 0, width, height);
    return Array.from({ length: Math.ceil((width * height) / 997) }, (_, k) => {
        const pixel = 997 * k;
        return [(pixel % width) / width, Math.floor(pixel / width) / height, data[4 * pixel], data[4 * pixel + 2]];
    });
}"""

COPY = "document.getElementById('heat').toDataURL()"


def test_the_surface_has_the_hue_of_the_networks_output_and_changes_with_it(opened) -> None:
    model = network()
    page = opened(stepper(model, *XOR))
    before = page.evaluate(COPY)
    seen = set()
    for across, down, red, blue in page.evaluate(SURFACE):
        output = model([-0.2 + 1.4 * across, 1.2 - 1.4 * down]).data
        if abs(output - 0.5) > 0.02:  # elsewhere the colours are those of the page
            assert (blue > red) == (output > 0.5)
            seen.add(blue > red)
    assert seen == {True, False}
    page.locator("#ten").click()
    assert page.evaluate(COPY) != before
    page.locator("#reset").click()
    assert page.evaluate(COPY) == before
    assert page.locator("#points .above").count() == page.locator("#points .below").count() == 2


def test_samples_of_a_value_are_given_by_name(opened, cell) -> None:
    w, b, x, y = Value(0.5, "w"), Value(0.0, "b"), Value(1.0, "x"), Value(1.0, "y")
    loss = (sigmoid(w * x + b) - y) ** 2
    page = opened(stepper(loss, samples=[{"x": 1.0, y: 1.0}, {"x": -2.0, y: 0.0}]))
    assert [page.get_by_label(f"{name} learns", exact=True).is_checked() for name in "wbxy"] == [True, True, False, False]
    page.locator("#descend").click()
    gradient = 0.0
    for number, target in ((1.0, 1.0), (-2.0, 0.0)):
        x.data, y.data = number, target
        w.grad = 0
        loss.recompute().backward()
        gradient += w.grad / 2
    assert float(cell(page, "w", "data")) == pytest.approx(0.5 - 0.1 * gradient, rel=1e-12)


LOSSES = [
    (binary_cross_entropy, "sigmoid", 1, [0.0, 1.0]),
    (cross_entropy, "identity", 2, [0, 1]),
    (hinge, "tanh", 1, [-1.0, 1.0]),
]


@pytest.mark.parametrize(("loss", "activation", "outputs", "targets"), LOSSES, ids=[loss.__name__ for loss, *_ in LOSSES])
def test_the_page_takes_any_loss_and_names_its_targets(opened, cell, loss, activation, outputs, targets) -> None:
    model = MLP(2, [2, outputs], activation="tanh", output_activation=activation, seed=1)
    page = opened(stepper(model, XOR[0][:2], targets, loss=loss))
    page.locator("#descend").click()
    for x, y in zip(XOR[0][:2], targets, strict=True):
        (loss(model(x), y) / 2).backward()
    expected = [weight.data - 0.1 * weight.grad for weight in model.parameters()]
    assert shown_weights(page, cell, model) == pytest.approx(expected, rel=1e-9)
    assert page.locator("#network").count() == 1
    assert {row.removeprefix("derivation of ") for row in labels(page)} >= {f"y{digit}" for digit in "₀₁"[:outputs]}


def labels(page) -> list[str]:
    return [button.get_attribute("aria-label") for button in page.locator("#values th button").all()]


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        ((network(),), {}, r"stepper\(model, inputs, targets\)"),
        ((network(), [[0.0, 1.0]], [1.0, 2.0]), {}, "targets must be 1, one for each sample, got 2"),
        (
            (network(), [[0.0, 1.0], [1.0]], [1.0, 2.0]),
            {},
            "sample 1 must be 2 inputs and 1 target, as the first is, got 1 input and 1 target",
        ),
        ((MLP(2, [2]), [0.0, 1.0], 2), {}, "a target must be 2 numbers, or the index of one of the 2 outputs, got 2"),
        ((network(), [0.0, 1.0], 1.0), {"loss": "mse"}, "loss must be a function"),
        ((Value(1.0, "x") * 2, [1.0]), {}, "a Value has samples"),
        ((Value(1.0, "x") * 2,), {"samples": []}, "one sample or more"),
        (
            (Value(1.0, "x") * 2,),
            {"samples": [{"z": 1.0}]},
            r"the name of a value must be one that is in the graph, such as 'x', 'arguments\[0\]', got 'z'",
        ),
        (
            (Value(1.0, "x") * 2,),
            {"samples": [{"x": 1.0}, {}]},
            r"samples\[1\] must be numbers for x, as samples\[0\] is, got some for nothing",
        ),
        ((Value(1.0, "x") * 2,), {"samples": [{"x": "one"}]}, "must be a number, got 'one'"),
        (
            (Value(1.0, "x") * 2,),
            {"samples": [{Value(1.0): 1.0}]},
            r"a key of samples must be a leaf of the graph, or the name of one, got Value\(data=1\.0, grad=0\)",
        ),
        ((1.0,), {}, "value must be a Value, or a model"),
    ],
)
def test_what_does_not_fit_together_is_named(arguments, options, message) -> None:
    with pytest.raises((TypeError, ValueError), match=message):
        stepper(*arguments, **options)
