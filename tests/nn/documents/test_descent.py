"""The steps of gradient descent that are shown are those that an optimizer takes (D17, D19)."""

import pytest

from nn import MLP, SGD, descend, evaluate, fit, sum_squared_error, walk

X, Y = [0.5, -1.0, 2.0], [0.0, 1.0, 0.0, 0.25]
XS, YS = [X, [1.0, 0.0, 0.0], [0.0, 1.0, -1.0]], [Y, [1.0, 0.0, 0.0, 0.0], [0.5, 0.5, 0.5, 0.5]]


def biased():
    return MLP(3, [4, 4], activation="tanh", output_activation="sigmoid", seed=3)


def test_d17_one_step_is_that_of_the_optimizer_and_the_model_stays_as_it_is():
    model = biased()
    before = model.state_dict()
    descent = descend(model, X, Y, lr=0.25)
    assert model.state_dict() == before
    assert descent.loss == sum_squared_error(model(X), Y).data
    sum_squared_error(model(X), Y).backward()
    SGD(model.parameters(), lr=0.25).step()
    after = model.state_dict()
    assert descent.loss_after == pytest.approx(sum_squared_error(model(X), Y).data, rel=1e-14)
    model.load_state_dict(before)
    descent.apply()
    assert model.state_dict() == pytest.approx(after, rel=1e-14)


@pytest.mark.parametrize("batch_size", [1, 2, None])
def test_d17_per_sample_per_batch_and_averaged_the_steps_are_those_of_fit(batch_size):
    shown, trained = biased(), biased()
    descent = descend(shown, XS, YS, lr=0.3, batch_size=batch_size)
    assert descent.loss == pytest.approx(evaluate(trained, XS, YS, "sum_squared_error")["loss"], rel=1e-14)
    descent.apply()
    fit(
        trained,
        XS,
        YS,
        loss="sum_squared_error",
        optimizer=SGD(trained.parameters(), lr=0.3),
        epochs=1,
        batch_size=batch_size or 3,
        shuffle=False,
        progress=False,
    )
    assert shown.state_dict() == pytest.approx(trained.state_dict(), rel=1e-12)
    assert descent.loss_after == pytest.approx(evaluate(trained, XS, YS, "sum_squared_error")["loss"], rel=1e-12)
    assert [step.samples for step in descent.steps] == {1: [[0], [1], [2]], 2: [[0, 1], [2]], None: [[0, 1, 2]]}[batch_size]


def test_d19_the_weights_move_in_proportion_to_their_derivatives():
    descent = descend(biased(), X, Y, lr=0.1)
    updates = descent.steps[0].updates
    assert len(updates) == 4 * 4 + 5 * 4
    sizes = [abs(update.derivative) for update in updates]
    assert sizes == sorted(sizes, reverse=True)
    for update in updates:
        assert update.after == update.before - 0.1 * update.derivative
    share = f"{sizes[3] / sizes[0]:.0%} of the largest move"
    assert share in str(descent)
    assert share.replace("% ", r"\% \text{ ") in descent.latex()
    assert "… and 26 more, which move by" in str(descent)


def test_a_model_without_biases_has_none_after_the_step():
    model = MLP(3, [2, 4], bias=False, seed=0)
    descend(model, X, Y).apply()
    assert all(neuron.b is None for layer in model.layers for neuron in layer.neurons)


def test_d8_each_update_of_a_batch_is_of_a_mean_whose_terms_are_printed():
    model = biased()
    each = [descend(model, x, y).steps[0].update((2, 0, 1)).derivative for x, y in zip(XS, YS, strict=True)]
    step = descend(model, XS, YS, limit=None)
    terms = " + ".join(f"({d:.4g})" if d < 0 else f"{d:.4g}" for d in each).replace("-", "−")
    assert f"\n∂C/∂w₀₁⁽²⁾ = (1/3) ({terms}) = " in str(step)
    assert "limit=None" not in str(step)
    assert "\nw ← w − η · ∂C/∂w,  η = 0.1\n" in f"\n{step}"
    assert str(descend(model, XS, YS, batch_size=1)).startswith("w ← w − η · ∂Cᵢ/∂w,  η = 0.1\n")
    assert str(descend(model, X, Y)).startswith("w ← w − η · ∂C₀/∂w,  η = 0.1\n")
    assert "C = (1/n) Σᵢ₌₂³ Cᵢ,  n = 2\n  = (1/2) (C₂ + C₃)\n" in str(descend(model, [*XS, X], [*YS, Y], batch_size=2))


def test_what_descend_refuses():
    with pytest.raises(ValueError, match="batch_size must be a whole number of at least 1, got 0"):
        descend(biased(), XS, YS, batch_size=0)
    with pytest.raises(ValueError, match="lr must be at least 0"):
        descend(biased(), XS, YS, lr=-0.1)
    with pytest.raises(ValueError, match="lr must be above 0, got 0"):
        descend(biased(), XS, YS, lr=0)
    with pytest.raises(TypeError, match="lr must be a number, got 'fast'"):
        descend(biased(), XS, YS, lr="fast")


def test_the_walk_tells_the_story_of_one_sample():
    story = walk(biased(), X, Y, weight=(1, 2, 0), lr=0.2)
    assert story.derivation.agrees
    update = story.step.update((1, 2, 0))
    assert update.derivative == pytest.approx(story.derivation.value, rel=1e-14)
    assert story.step.loss_after < story.step.loss
    assert [section.title for section in story.sections] == [
        "1. Forward",
        "2. The loss",
        "3. The derivative by w₂₀⁽¹⁾",
        "4. The step",
        "5. The loss again",
    ]
    assert story._repr_markdown_().count("### ") == 5
    assert story.markdown().count(r"$$\begin{aligned}") == 5
    assert story._repr_latex_() is None  # of which a notebook shows one
    assert all(latex.startswith(r"\begin{aligned}") for latex in (story.latex(), *(part.latex() for part in story.sections)))
    assert r"\text{3. The derivative by } w_{20}^{(1)}" in story.latex()
    assert "### 3. The derivative by $w_{20}^{(1)}$" in story.markdown()
    in_symbols = walk(biased(), X, Y, weight=(1, 2, 0), numbers=False, layers="letters")
    assert [section.title for section in in_symbols.sections][2:] == ["3. The derivative by w₂₀⁽ᴸ⁻¹⁾", "4. The step"]
    with pytest.raises(ValueError, match="walk expects 1 sample, got 3: derive and descend take many"):
        walk(biased(), XS, YS, weight=(1, 2, 0))
