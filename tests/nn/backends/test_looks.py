"""A model whose outcome depends on what the numbers of its parameters are just now is not recorded in silence."""

import copy

import pytest

from autograd_lite import Value, fori, maximum, no_grad
from autograd_lite import sum as ag_sum
from nn import SGD, Parameter, Sequential, fit, outputs
from nn.module import Module

pytest.importorskip("numba")
INPUTS, TARGETS = [[1.0], [2.0], [-1.0]], [1.0, 2.5, 0.5]


class Looking(Module):
    """A number times x, which a function of that parameter and of x changes."""

    def __init__(self, changed, kind=Parameter):
        self.w = kind(3.0)
        self.changed = changed

    def forward(self, x):
        return [self.changed(self.w, x[0]) * x[0]]


LOOKS = {
    "compared with a number": lambda w, x: w * (0.5 if w > 2 else 1.0),
    "compared from the other side": lambda w, x: w * (0.5 if 2 < w else 1.0),  # noqa: SIM300
    "compared with an input": lambda w, x: w * (0.5 if w > x else 1.0),
    "the largest": lambda w, x: w * max(w, 2.0),
    "sorted": lambda w, x: sorted([w, 2 * w, Value(4.0)])[0],
    "equal": lambda w, x: w * (0.5 if w == 3.0 else 1.0),
    "true": lambda w, x: w if w else 1.0,
    "its number read": lambda w, x: w * (0.5 if w.data > 2 else 1.0),
    "copied": lambda w, x: w * copy.copy(w).data,
    "its number taken": lambda w, x: w * w.data,
}


def trained(model, backend):
    fit(model, INPUTS, TARGETS, loss="mse", optimizer=SGD([model.w], lr=0.1), epochs=3, seed=0, backend=backend, progress=False)
    return model.w.data


@pytest.mark.parametrize("kind", [Parameter, Value])
@pytest.mark.parametrize("look", LOOKS)
def test_a_look_at_a_parameter_is_told(look, kind):
    for backend in ("python", "native"):
        model = Looking(LOOKS[look], kind)
        with pytest.raises(ValueError, match=rf"backend '{backend}' cannot run this training: .*test_looks.*would keep"):
            trained(model, backend)
        assert type(model.w) is kind
    with pytest.warns(UserWarning, match="runs eagerly"):
        slow = trained(Looking(LOOKS[look], kind), "auto")
    assert slow == trained(Looking(LOOKS[look], kind), "eager")


@pytest.mark.parametrize(
    "changed",
    [
        lambda w, x: maximum(w, 2.0),
        lambda w, x: w if any(p is w for p in [w]) else 0.0,
        lambda w, x: w if w in [Value(1.0), w] and w == w and {w: 1}[w] else 0.0,
        lambda w, x: w if repr(w) and f"{w:.3g}" and isinstance(w, Value) else 0.0,
        lambda w, x: w * (1.0 if Value(2.0) > 1 else 0.0),  # a Value of the moment
    ],
)
def test_what_is_no_look_is_none(changed):
    assert trained(Looking(changed), "native") == pytest.approx(trained(Looking(changed), "eager"), rel=1e-12)


@pytest.mark.parametrize("look", [lambda limit: limit > 2, lambda limit: limit.data > 2])
@pytest.mark.parametrize("backend", ["python", "native"])
def test_the_number_of_a_value_that_is_not_trained_counts_as_it_is_when_the_training_begins(look, backend):
    limit = Value(3.0)
    models = [Looking(lambda w, x: w * (0.5 if look(limit) else 1.0)) for _ in range(2)]
    for limit.data in (3.0, 1.0, 2.5):
        assert trained(models[0], backend) == pytest.approx(trained(models[1], "eager"), rel=1e-12)
        assert outputs(models[0], INPUTS)[:, 0].tolist() == pytest.approx([models[1](x)[0].data for x in INPUTS], rel=1e-12)


def test_a_look_in_the_steps_of_a_loop_is_one():
    def stepped(w, x):
        return fori(2, lambda i, c: c * (0.5 if w > 2 else 1.0), w)

    with pytest.raises(ValueError, match=r"the number of a parameter was read at .*test_looks"):
        trained(Looking(stepped), "native")


def test_a_look_without_gradients_is_one():
    def scaled(w, x):
        with no_grad():
            scale = w.data
        return w * scale

    with pytest.raises(ValueError, match=r"the number of a parameter was read at .*test_looks"):
        trained(Looking(scaled), "python")


def test_classes_of_parameters_are_as_ever_while_a_model_is_recorded():
    def curious(w, x):
        return w * (2.0 if type(w) is Parameter else 1.0)

    assert trained(Looking(curious), "native") == pytest.approx(trained(Looking(curious), "eager"), rel=1e-12)


def test_all_parameters_may_be_used_in_a_forward():
    def decayed(w, x):
        return w + 0.01 * ag_sum([p * p for p in model.parameters()])

    model = Looking(decayed)
    found = trained(model, "native")
    model = Looking(decayed)
    assert found == pytest.approx(trained(model, "eager"), rel=1e-12)
    assert [type(p) for p in Sequential(model).parameters()] == [Parameter]
