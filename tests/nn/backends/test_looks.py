"""A model whose outcome depends on what the numbers of its parameters are just now is not recorded in silence."""

import pytest

from autograd_lite import Value, maximum
from autograd_lite import sum as ag_sum
from nn import SGD, Parameter, Sequential, fit
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


def set_to_its_half(w, x):
    w.data = w.data / 2
    return w


LOOKS = {
    "compared with a number": lambda w, x: w * (0.5 if w > 2 else 1.0),
    "compared from the other side": lambda w, x: w * (0.5 if 2 < w else 1.0),  # noqa: SIM300
    "compared with an input": lambda w, x: w * (0.5 if w > x else 1.0),
    "the largest": lambda w, x: w * max(w, 2.0),
    "sorted": lambda w, x: sorted([w, 2 * w, Value(4.0)])[0],
    "equal": lambda w, x: w * (0.5 if w == 3.0 else 1.0),
    "true": lambda w, x: w if w else 1.0,
    "its number read": lambda w, x: w * (0.5 if w.data > 2 else 1.0),
    "its number taken": lambda w, x: w * w.data,
    "its number set": set_to_its_half,
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


def test_a_parameter_that_is_frozen_is_one_too():
    class Frozen(Looking):
        def __init__(self):
            super().__init__(lambda w, x: w * (0.5 if self.fixed > 1 else 1.0))
            self.fixed = Parameter(2.0)
            self.fixed.requires_grad = False

    with pytest.raises(ValueError, match="the number of a parameter was looked at"):
        trained(Frozen(), "native")


def test_all_parameters_may_be_used_in_a_forward():
    def decayed(w, x):
        return w + 0.01 * ag_sum([p * p for p in model.parameters()])

    model = Looking(decayed)
    found = trained(model, "native")
    model = Looking(decayed)
    assert found == pytest.approx(trained(model, "eager"), rel=1e-12)
    assert [type(p) for p in Sequential(model).parameters()] == [Parameter]
