"""Optimizers against PyTorch's, step by step, and against their formulas."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

import nn
from autograd_lite import Value
from nn import MLP, SGD, Adam, AdamW, RMSprop, clip_grad_norm, clip_grad_value, cosine, datasets, fit, step_decay, warm_up
from nn.optimizers import OPTIMIZERS, Optimizer

STEPS = 200

RECIPES = [
    (SGD, "SGD", {"lr": 0.05}),
    (SGD, "SGD", {"lr": 0.05, "weight_decay": 0.01}),
    (SGD, "SGD", {"lr": 0.02, "momentum": 0.9}),
    (SGD, "SGD", {"lr": 0.02, "momentum": 0.9, "nesterov": True, "weight_decay": 0.001}),
    (Adam, "Adam", {"lr": 0.01}),
    (Adam, "Adam", {"lr": 0.01, "betas": (0.8, 0.95), "eps": 1e-6, "weight_decay": 0.02}),
    (AdamW, "AdamW", {"lr": 0.01}),
    (AdamW, "AdamW", {"lr": 0.01, "weight_decay": 0.1}),
    (RMSprop, "RMSprop", {"lr": 0.005}),
    (RMSprop, "RMSprop", {"lr": 0.002, "alpha": 0.9, "momentum": 0.5, "weight_decay": 0.01}),
]


def torch_network(torch, model):
    """The same network in PyTorch, with the same weights."""
    parts = []
    for layer in model.layers:
        linear = torch.nn.Linear(layer.nin, layer.nout, dtype=torch.float64)
        with torch.no_grad():
            linear.weight[:] = torch.tensor([[w.data for w in neuron.w] for neuron in layer.neurons], dtype=torch.float64)
            linear.bias[:] = torch.tensor([neuron.b.data for neuron in layer.neurons], dtype=torch.float64)
        parts += [linear, torch.nn.Tanh()]
    return torch.nn.Sequential(*parts[:-1])


@pytest.mark.parametrize(("kind", "name", "settings"), RECIPES)
def test_200_steps_agree_with_pytorch(kind, name, settings):
    torch = pytest.importorskip("torch")
    inputs, labels = datasets.moons(12, seed=3)
    model = MLP(2, [5, 2], activation="tanh", seed=4)
    theirs = torch_network(torch, model)
    own = kind(model.parameters(), **settings)
    other = getattr(torch.optim, name)(theirs.parameters(), **settings)
    x, y = torch.tensor(inputs, dtype=torch.float64), torch.tensor(labels)
    for step in range(STEPS):
        chosen = [(3 * step + i) % len(inputs) for i in range(4)]
        own.zero_grad()
        (nn.losses.average([nn.cross_entropy(model(inputs[i]), labels[i]) for i in chosen])).backward()
        own.step()
        other.zero_grad()
        torch.nn.functional.cross_entropy(theirs(x[chosen]), y[chosen]).backward()
        other.step()
    assert_same_weights(model, theirs)


@pytest.mark.parametrize("backend", ["eager", "native"])
def test_fit_with_a_schedule_and_clipping_agrees_with_pytorch(backend):
    torch = pytest.importorskip("torch")
    if backend == "native":
        pytest.importorskip("numba")
    inputs, labels = datasets.moons(40, seed=3)
    model = MLP(2, [5, 2], activation="tanh", seed=4)
    theirs = torch_network(torch, model)
    fit(
        model,
        inputs,
        labels,
        loss="cross_entropy",
        optimizer=Adam(model.parameters(), lr=0.01),
        schedule=cosine(),
        clip_norm=0.1,
        epochs=20,
        batch_size=4,
        shuffle=False,
        backend=backend,
        progress=False,
    )
    x, y = torch.tensor(inputs, dtype=torch.float64), torch.tensor(labels)
    other = torch.optim.Adam(theirs.parameters(), lr=0.01)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(other, STEPS)
    for step in range(STEPS):
        chosen = slice(4 * step % 40, 4 * step % 40 + 4)
        other.zero_grad()
        torch.nn.functional.cross_entropy(theirs(x[chosen]), y[chosen]).backward()
        torch.nn.utils.clip_grad_norm_(theirs.parameters(), 0.1)
        other.step()
        schedule.step()
    assert_same_weights(model, theirs)


def assert_same_weights(model, theirs):
    for layer, linear in zip(model.layers, list(theirs)[::2], strict=True):
        for neuron, weights, bias in zip(layer.neurons, linear.weight.tolist(), linear.bias.tolist(), strict=True):
            assert [w.data for w in neuron.w] == pytest.approx(weights, rel=1e-10, abs=1e-10)
            assert neuron.b.data == pytest.approx(bias, rel=1e-10, abs=1e-10)


SCHEDULES = [
    (step_decay(3, 0.5), lambda torch, o: torch.StepLR(o, 3, 0.5)),
    (cosine(0.1), lambda torch, o: torch.CosineAnnealingLR(o, 20, eta_min=0.1)),
    (warm_up(5, 0.25), lambda torch, o: torch.LinearLR(o, 0.25, 1.0, 5)),
    (
        warm_up(5, 0.25, then=cosine()),
        lambda torch, o: torch.SequentialLR(o, [torch.LinearLR(o, 0.25, 1.0, 5), torch.CosineAnnealingLR(o, 15)], [5]),
    ),
]


@pytest.mark.parametrize(("own", "theirs"), SCHEDULES)
def test_schedules_agree_with_pytorch(own, theirs):
    torch = pytest.importorskip("torch")
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
    schedule = theirs(torch.optim.lr_scheduler, optimizer)
    for epoch in range(20):
        assert own(epoch, 20) == pytest.approx(optimizer.param_groups[0]["lr"], abs=1e-12)
        optimizer.step()
        schedule.step()


LOSSES = [
    ("mse", "mse_loss", [0.5, -1.5, 3.0], [1.0, 1.0, 1.0]),
    ("mae", "l1_loss", [0.5, -1.5, 3.0], [1.0, 1.0, 1.0]),
    ("huber", "huber_loss", [0.5, -1.5, 3.0], [1.0, 1.0, 1.0]),
    ("binary_cross_entropy", "binary_cross_entropy", [0.5, 0.25, 1.0], [1.0, 0.0, 0.0]),
    ("cross_entropy", "cross_entropy", [0.5, -1.5, 3.0], 1),
    ("cross_entropy", "cross_entropy", [0.5, -1.5, 3.0], [0.25, 0.5, 0.25]),
]


@pytest.mark.parametrize(("own", "theirs", "outputs", "target"), LOSSES)
def test_losses_and_their_gradients_agree_with_pytorch(own, theirs, outputs, target):
    torch = pytest.importorskip("torch")
    values = [Value(output) for output in outputs]
    loss = nn.losses.LOSSES[own](values, target)
    loss.backward()
    x = torch.tensor(outputs, dtype=torch.float64, requires_grad=True)
    y = torch.tensor(target) if isinstance(target, int) else torch.tensor(target, dtype=torch.float64)
    expected = getattr(torch.nn.functional, theirs)(x, y)
    expected.backward()
    assert loss.data == pytest.approx(expected.item(), rel=1e-12)
    gradients = [gradient if math.isfinite(gradient) and abs(gradient) < 1e9 else None for gradient in x.grad.tolist()]
    for value, gradient in zip(values, gradients, strict=True):
        if gradient is not None:  # of a probability of exactly 1 for what should be 0, PyTorch's is its limit, 1e12
            assert value.grad == pytest.approx(gradient, rel=1e-12)


@pytest.mark.parametrize("kind", OPTIMIZERS.values())
def test_the_state_goes_on_with_the_same_bits(kind):
    def run(steps, w, optimizer):
        for _ in range(steps):
            optimizer.zero_grad()
            ((w - 1) ** 2).backward()
            optimizer.step()
        return w.data

    settings = {"momentum": 0.9} if kind in (SGD, RMSprop) else {}
    w = Value(3.0)
    whole = run(10, w, kind([w], lr=0.1, **settings))
    w = Value(3.0)
    first = kind([w], lr=0.1, **settings)
    run(4, w, first)
    second = kind([w], lr=0.1, **settings)
    second.load_state_dict(first.state_dict())
    assert run(6, w, second) == whole


def test_a_state_of_another_optimizer_is_refused():
    state = SGD([Value(1.0)], lr=0.1).state_dict()
    with pytest.raises(ValueError, match="of optimizer SGD, not Adam"):
        Adam([Value(1.0)]).load_state_dict(state)
    with pytest.raises(ValueError, match="the saved state has no buffers, steps"):
        SGD([Value(1.0)], lr=0.1).load_state_dict({key: state[key] for key in ("optimizer", "settings")})
    with pytest.raises(ValueError, match="of settings"):
        SGD([Value(1.0)], lr=0.2).load_state_dict(state)
    with pytest.raises(ValueError, match="does not fit 2 parameters"):
        SGD([Value(1.0), Value(2.0)], lr=0.1).load_state_dict(state)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda p: SGD(p, lr=-0.1), "lr must be at least 0 and below inf, got -0.1"),
        (lambda p: SGD(p, lr=math.nan), "lr must be at least 0 and below inf, got nan"),
        (lambda p: SGD(p, lr=0.1, momentum=1.0), "momentum must be at least 0 and below 1, got 1.0"),
        (lambda p: SGD(p, lr=0.1, nesterov=True), "needs momentum > 0"),
        (lambda p: SGD(p, lr=0.1, weight_decay=-1), "weight_decay must be at least 0 and below inf, got -1"),
        (lambda p: Adam(p, betas=(0.9, 1.0)), "each of betas must be at least 0 and below 1, got 1.0"),
        (lambda p: Adam(p, betas=0.9), "betas must be two numbers, got 0.9"),
        (lambda p: Adam(p, betas=(0.9, 0.9, 0.9)), "betas must be two numbers, got"),
        (lambda p: SGD(p * 2), "SGD got a parameter twice"),
        (lambda p: Adam(p, eps=-1.0), "eps must be at least 0 and below inf, got -1.0"),
        (lambda p: RMSprop(p, alpha=1.5), "alpha must be at least 0 and below 1, got 1.5"),
        (lambda p: SGD([]), "got no parameters"),
        (lambda p: SGD([2 * p[0]]), "is no parameter: it was computed"),
    ],
)
def test_settings_out_of_range(make, message):
    with pytest.raises(ValueError, match=message):
        make([Value(1.0)])


def test_what_is_no_parameter():
    with pytest.raises(TypeError, match=r"a parameter of SGD must be a Value, got 1.0 \(float\): pass model.parameters\(\)"):
        SGD([1.0])
    with pytest.raises(TypeError, match=r"the parameters of SGD must be a sequence of Values, got MLP\((.|\n)*pass model.parameters\(\)"):
        SGD(MLP(1, [1]))
    with pytest.raises(TypeError, match=r"lr must be a number, got '0.1' \(str\)"):
        SGD([Value(1.0)], lr="0.1")
    with pytest.raises(NotImplementedError, match="Optimizer defines no step"):
        Optimizer([Value(1.0)], 0.1, 0.0).step()


def test_repr_shows_the_settings():
    assert repr(SGD([Value(1.0)], lr=0.1)) == "SGD(lr=0.1, weight_decay=0.0, momentum=0.0, nesterov=False)"


@given(st.integers(1, 50), st.integers(1, 50), st.floats(0, 1))
def test_schedules_begin_and_end_where_they_say(length, rest, final):
    epochs = length + rest
    assert cosine(final)(0, epochs) == pytest.approx(1.0)
    assert cosine(final)(epochs, epochs) == pytest.approx(final)
    schedule = warm_up(length, start=final, then=cosine())
    assert schedule(0, epochs) == final
    assert schedule(length, epochs) == pytest.approx(1.0)
    assert schedule(epochs, epochs) == pytest.approx(0.0)
    assert warm_up(length)(epochs, epochs) == 1.0
    assert step_decay(length, 0.5)(2 * length, epochs) == 0.25


def test_schedules_out_of_range():
    with pytest.raises(ValueError, match="every must be at least 1 and below inf, got 0"):
        step_decay(0)
    with pytest.raises(ValueError, match="length must be at least 1 and below inf, got 0"):
        warm_up(0)
    for make, name in (
        (lambda: step_decay(3, factor=-0.5), "factor"),
        (lambda: cosine(-0.5), "final"),
        (lambda: warm_up(3, start=-0.5), "start"),
    ):
        with pytest.raises(ValueError, match=f"{name} must be at least 0 and below inf, got -0.5"):
            make()


@given(st.lists(st.floats(-100, 100), min_size=1, max_size=6), st.floats(0.01, 10))
def test_a_clipped_gradient_points_the_same_way_and_is_no_longer_than_asked(gradients, limit):
    values = [Value(0.0) for _ in gradients]
    for value, gradient in zip(values, gradients, strict=True):
        value.grad = gradient
    norm = clip_grad_norm(values, limit)
    assert norm == math.hypot(*gradients)
    assert math.hypot(*(value.grad for value in values)) <= min(limit, norm) * (1 + 1e-12)
    for value, gradient in zip(values, gradients, strict=True):
        assert value.grad * norm == pytest.approx(gradient * min(norm, limit * norm / (norm + 1e-6)), rel=1e-9, abs=1e-9)


@given(st.lists(st.sampled_from([0.0, 3.0, -1e5, math.nan]), min_size=2, max_size=4), st.floats(0.01, 10))
def test_a_gradient_that_is_no_number_is_clipped_as_in_pytorch(gradients, limit):
    torch = pytest.importorskip("torch")
    values, theirs = [Value(0.0) for _ in gradients], [torch.zeros((), dtype=torch.float64) for _ in gradients]
    for value, tensor, gradient in zip(values, theirs, gradients, strict=True):
        value.grad, tensor.grad = gradient, torch.tensor(gradient, dtype=torch.float64)
    clip_grad_norm(values, limit)
    torch.nn.utils.clip_grad_norm_(theirs, limit)
    assert [value.grad for value in values] == pytest.approx([tensor.grad.item() for tensor in theirs], nan_ok=True)


def test_clipping_by_value_keeps_what_is_in_range():
    values = [Value(0.0) for _ in range(3)]
    for value, gradient in zip(values, (-5.0, 0.5, 2.0), strict=True):
        value.grad = gradient
    clip_grad_value(values, 1.0)
    assert [value.grad for value in values] == [-1.0, 0.5, 1.0]
    with pytest.raises(ValueError, match="max_value must be at least 0 and below inf, got -1"):
        clip_grad_value(values, -1)


def test_a_saved_state_stays_what_it_was():
    optimizer = Adam([Value(1.0)], betas=(0.9, 0.99))
    state = optimizer.state_dict()
    optimizer.settings["betas"][0] = 0.5
    assert state["settings"]["betas"] == [0.9, 0.99]
