"""Optimizers against PyTorch's, step by step, and what they refuse."""

import math

import pytest

import nn
from autograd_lite import Value
from nn import MLP, SGD, Adam, AdamW, RMSprop, cosine, datasets, fit
from nn.optimizers import OPTIMIZERS, Optimizer

STEPS = 60
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
def test_60_steps_agree_with_pytorch(kind, name, settings):
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
        epochs=STEPS // 10,  # of 40 samples in batches of 4
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
    with pytest.raises(ValueError, match="optimizer of the saved state must be 'Adam', got 'SGD'"):
        Adam([Value(1.0)]).load_state_dict(state)
    with pytest.raises(ValueError, match="the saved state does not fit: missing: buffers, steps; unknown: none"):
        SGD([Value(1.0)], lr=0.1).load_state_dict({key: state[key] for key in ("optimizer", "settings")})
    with pytest.raises(ValueError, match=r"settings of the saved state must be.*0\.0, 'nesterov': False\}"):
        SGD([Value(1.0)], lr=0.2).load_state_dict(state)
    with pytest.raises(ValueError, match="with a number for each of 2 parameters"):
        SGD([Value(1.0), Value(2.0)], lr=0.1).load_state_dict(state)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda p: SGD(p, lr=-0.1), "lr must be at least 0 and below inf, got -0.1"),
        (lambda p: SGD(p, lr=math.nan), "lr must be at least 0 and below inf, got nan"),
        (lambda p: SGD(p, lr=0.1, momentum=1.0), "momentum must be at least 0 and below 1, got 1.0"),
        (
            lambda p: SGD(p, lr=0.1, nesterov=True),
            r"momentum must be above 0 for Nesterov's method, which looks ahead along it, got 0\.0",
        ),
        (lambda p: SGD(p, lr=0.1, weight_decay=-1), "weight_decay must be at least 0 and below inf, got -1"),
        (lambda p: Adam(p, betas=(0.9, 1.0)), "each of betas must be at least 0 and below 1, got 1.0"),
        (lambda p: Adam(p, betas=0.9), "betas must be two numbers, got 0.9"),
        (lambda p: Adam(p, betas=(0.9, 0.9, 0.9)), "betas must be two numbers, got"),
        (
            lambda p: SGD(p * 2),
            r"the parameters of SGD must be given once each, got Value\(data=1\.0, grad=0\): a step would change it twice",
        ),
        (lambda p: Adam(p, eps=-1.0), "eps must be at least 0 and below inf, got -1.0"),
        (lambda p: RMSprop(p, alpha=1.5), "alpha must be at least 0 and below 1, got 1.5"),
        (lambda p: SGD([]), r"the parameters of SGD must be at least one Value, got \[\]: pass model\.parameters\(\)"),
        (
            lambda p: SGD([2 * p[0]]),
            r"a parameter of SGD must be a leaf, got Value\(data=2\.0, grad=0\): pass model\.parameters\(\)",
        ),
    ],
)
def test_settings_out_of_range(make, message):
    with pytest.raises(ValueError, match=message):
        make([Value(1.0)])


def test_what_is_no_parameter():
    with pytest.raises(TypeError, match=r"a parameter of SGD must be a Value, got 1.0 \(float\): pass model.parameters\(\)"):
        SGD([1.0])
    with pytest.raises(
        TypeError, match=r"the parameters of SGD must be a sequence of Values, got MLP\((.|\n)*pass model.parameters\(\)"
    ):
        SGD(MLP(1, [1]))
    with pytest.raises(TypeError, match=r"lr must be a number, got '0.1' \(str\)"):
        SGD([Value(1.0)], lr="0.1")
    with pytest.raises(NotImplementedError, match="Optimizer defines no step"):
        Optimizer([Value(1.0)], 0.1, 0.0).step()


def test_repr_shows_the_settings():
    assert repr(SGD([Value(1.0)], lr=0.1)) == "SGD(lr=0.1, weight_decay=0.0, momentum=0.0, nesterov=False)"


def test_a_saved_state_stays_what_it_was():
    optimizer = Adam([Value(1.0)], betas=(0.9, 0.99))
    state = optimizer.state_dict()
    optimizer.settings["betas"][0] = 0.5
    assert state["settings"]["betas"] == [0.9, 0.99]
