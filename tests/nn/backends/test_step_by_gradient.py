"""The optimizer's step by a gradient that comes from elsewhere is the same on every backend."""

import pytest

from nn import MLP, SGD, Adam, losses
from nn.backends.backend import NonFiniteError, Training, state_of
from nn.backends.choice import make_backend
from nn.samples import check_set

np = pytest.importorskip("numba") and pytest.importorskip("numpy")
RNG = np.random.default_rng(0)


def made(backend, optimizer, clip_norm=None, frozen=0):
    """A backend for a network whose first weights are frozen."""
    model, loss = MLP(2, [3, 1], seed=0), losses.mse
    parameters = model.parameters()
    for parameter in parameters[:frozen]:
        parameter.requires_grad = False
    rows, targets = check_set(model, [[0.5, -1.0]], [0.3], loss)
    return make_backend(backend, Training(model, rows, targets, loss, {}, optimizer(parameters), clip_norm, 1))


def in_groups(parameters):
    return SGD([{"params": parameters[:4]}, {"params": parameters[4:], "lr": 0.5, "momentum": 0.3}], lr=0.1)


@pytest.mark.parametrize("optimizer", ["SGD", "momentum", "Adam", "AdamW", "RMSprop", in_groups])
@pytest.mark.parametrize(("clip_norm", "frozen"), [(None, 0), (0.5, 2), (0.5, 4)])
def test_a_step_by_a_gradient_is_the_same_in_machine_code(optimizer_of, optimizer, clip_norm, frozen):
    optimizer = optimizer if optimizer is in_groups else optimizer_of(optimizer)
    backends = [made(backend, optimizer, clip_norm, frozen) for backend in ("native", "python", "eager")]
    states, before = ([state_of(backend.training.optimizer) for backend in backends] for _ in range(2))
    for rate in (0.1, 0.05):
        gradient, given = RNG.normal(size=13), states
        states = [backend.after(state, gradient, rate) for backend, state in zip(backends, given, strict=True)]
        if rate == 0.1:
            assert given == before == [state_of(backend.training.optimizer) for backend in backends]  # all is as it was
    for state in states[1:]:
        assert state.steps == states[0].steps == 2
        np.testing.assert_allclose(states[0].parameters, state.parameters, rtol=1e-12)
        for one, other in zip(states[0].buffers, state.buffers, strict=True):
            np.testing.assert_allclose(one, other, rtol=1e-12)


@pytest.mark.parametrize("backend", ["native", "python"])
def test_a_formula_that_has_no_result_is_an_error_that_names_the_optimizer(backend):
    there = made(backend, lambda parameters: Adam(parameters, eps=0.0))
    with pytest.raises(NonFiniteError, match=r"the step of Adam\(.*eps=0.0\): .*division by zero"):
        there.after(state_of(there.training.optimizer), np.zeros(13), 0.1)
