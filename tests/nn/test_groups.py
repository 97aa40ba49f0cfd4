"""Groups of parameters with settings of their own, and frozen parameters, as in PyTorch, on every backend."""

import pytest

from autograd_lite import Value
from nn import MLP, SGD, Adam, AdamW, RMSprop, clip_grad_norm, cosine, datasets, fit

INPUTS, CLASSES = datasets.moons(20, seed=3)
KINDS = {
    "SGD": (SGD, [{"lr": 0.5, "momentum": 0.5}, {"weight_decay": 0.1}]),
    "Adam": (Adam, [{"lr": 0.5, "betas": (0.5, 0.75)}, {"eps": 0.125}]),
    "AdamW": (AdamW, [{"weight_decay": 0.5}, {"lr": 0.25}]),
    "RMSprop": (RMSprop, [{"alpha": 0.5}, {"momentum": 0.5, "lr": 0.125}]),
}


def numbers(optimizer, parameters, gradients):
    """What three steps make of the parameters."""
    for factor in (1.0, -0.5, 2.0):
        for parameter, gradient in zip(parameters, gradients, strict=True):
            parameter.grad = gradient(factor)
        optimizer.step()
    return parameters


@pytest.mark.parametrize("name", KINDS)
def test_groups_step_as_in_pytorch(name):
    torch = pytest.importorskip("torch")
    kind, own = KINDS[name]
    ours = [Value(1.0), Value(-2.0), Value(0.5)]
    theirs = [torch.tensor(p.data, dtype=torch.float64, requires_grad=True) for p in ours]
    for parameters, optimizer, gradient in (
        (ours, kind, lambda slope: lambda factor: slope * factor),
        (theirs, getattr(torch.optim, name), lambda slope: lambda factor: torch.tensor(slope * factor, dtype=torch.float64)),
    ):
        groups = [{"params": parameters[:2], **own[0]}, {"params": parameters[2], **own[1]}]
        numbers(optimizer(groups, lr=0.0625), parameters, [gradient(slope) for slope in (0.5, 1.5, -1.0)])
    assert [p.data for p in ours] == pytest.approx([p.item() for p in theirs], rel=1e-12)


def trained(backend, name, frozen=False):
    model = MLP(2, [4, 3, 2], activation="tanh", seed=1)
    kind, own = KINDS[name]
    groups = [{"params": layer.parameters(), **settings} for layer, settings in zip(model, [*own, {}], strict=True)]
    optimizer = kind(groups, lr=0.0625)
    model[1].requires_grad_(not frozen)
    history = fit(
        model, INPUTS, CLASSES, loss="cross_entropy", optimizer=optimizer, epochs=3, batch_size=8, seed=0,
        schedule=cosine(0.5), clip_norm=0.5, backend=backend, progress=False,
    )  # fmt: skip
    return model.state_dict(), history["loss"], optimizer.state_dict()


@pytest.mark.parametrize("frozen", [False, True])
@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("backend", ["python", "native"])
def test_compiled_training_with_groups_is_the_eager_one(backend, name, frozen):
    if backend == "native":
        pytest.importorskip("numba")
    weights, losses, state = trained("eager", name, frozen)
    for found, expected in zip(trained(backend, name, frozen)[:2], (weights, losses), strict=True):
        assert found == pytest.approx(expected, rel=1e-9)
    buffers = trained(backend, name, frozen)[2]["buffers"]
    for buffer in buffers:
        assert buffers[buffer] == pytest.approx(state["buffers"][buffer], rel=1e-9, abs=1e-15)


def test_frozen_parameters_stay_and_thawed_ones_move_again():
    model = MLP(2, [3, 2], seed=0)
    model[0].requires_grad_(False)
    states = []

    def thaw(epoch, model, history):
        states.append(model.state_dict())
        model[0].requires_grad_(epoch >= 2)

    start = model.state_dict()
    optimizer = SGD(model.parameters(), 0.1, weight_decay=0.5)
    fit(model, INPUTS, CLASSES, loss="cross_entropy", optimizer=optimizer, epochs=3, seed=0, callbacks=[thaw], progress=False)
    moved = [{name for name in start if start[name] != state[name]} for state in states]
    assert not any(name.startswith("layers.0") for name in moved[1])
    assert any(name.startswith("layers.0") for name in moved[2])
    assert any(name.startswith("layers.1") for name in moved[0])


def test_clipping_leaves_frozen_ones_out():
    model = MLP(1, [1], seed=0)
    weight, bias = model.parameters()
    weight.requires_grad, weight.grad, bias.grad = False, 100.0, 3.0
    assert clip_grad_norm([weight, bias], 1.5) == 3.0
    assert weight.grad == 100.0


def test_a_model_without_anything_to_train_is_an_error():
    with pytest.raises(ValueError, match=r"all parameters are frozen.*requires_grad_\(\)"):
        fit(MLP(2, [1]).requires_grad_(False), INPUTS, CLASSES, progress=False)


def test_what_is_wrong_with_groups_is_said():
    w, b = Value(1.0), Value(2.0)
    with pytest.raises(
        ValueError, match="a key of a group of SGD must be one of params, lr, weight_decay, momentum, nesterov, got 'rate'"
    ):
        SGD([{"params": [w], "rate": 0.1}])
    with pytest.raises(TypeError, match='group 1 of SGD must be a dictionary with the key "params"'):
        SGD([{"params": [w]}, b])
    with pytest.raises(ValueError, match="momentum"):
        SGD([{"params": [w], "momentum": 2.0}])
    with pytest.raises(
        ValueError,
        match=r"the parameters of SGD must be given once each, got Value\(.*\): a step would",
    ):
        SGD([{"params": [w]}, {"params": [w]}])
    state = SGD([{"params": [w], "lr": 0.5}, {"params": [b]}]).state_dict()
    with pytest.raises(ValueError, match=r"settings of the saved state must be.*'lr': 0\.5\}, \{'params': 1\}\]\}"):
        SGD([w, b]).load_state_dict(state)


def test_what_is_set_in_a_group_that_is_shown_is_set_in_the_optimizer():
    whole = SGD([Value(1.0)], lr=0.5, momentum=0.5)
    for group in whole.param_groups:
        group["lr"] *= 0.5
        group.update(momentum=0.25)
    assert (whole.lr, whole.settings["momentum"]) == (0.25, 0.25)
    parts = Adam([{"params": [Value(1.0)], "lr": 0.5}, {"params": [Value(2.0)]}], lr=0.25)
    parts.lr = 0.125  # as under a schedule: the rates of groups keep their ratio to it
    for group, rate in zip(parts.param_groups, (2.0, 4.0), strict=True):
        group["lr"], group["betas"] = rate, (0.5, 0.75)
    assert [(group["lr"], group["betas"]) for group in parts.param_groups] == [(2.0, [0.5, 0.75]), (4.0, [0.5, 0.75])]
    assert (parts.lr, parts.settings["betas"]) == (0.125, [0.9, 0.999])


@pytest.mark.parametrize(
    ("name", "setting", "message"),
    [
        ("lr", -1.0, "lr must be at least 0"),
        ("damping", 0.5, "a key of a group of SGD must be one of params, lr, .*, got 'damping'"),
        ("params", [], "params must be left as they are, got others: the parameters of a group are those that"),
    ],
)
def test_what_cannot_be_set_in_a_group_changes_nothing(name, setting, message):
    optimizer = SGD([Value(1.0)], lr=0.5)
    with pytest.raises(ValueError, match=message):
        optimizer.param_groups[0][name] = setting
    assert optimizer.param_groups == SGD(optimizer.parameters, lr=0.5).param_groups


def test_a_setting_that_a_callback_sets_in_a_group_counts_from_the_next_epoch_on():
    def trained(backend):
        model = MLP(2, [2], seed=0)
        optimizer = SGD([{"params": model[0].neurons[0].parameters()}, {"params": model[0].neurons[1].parameters()}], lr=0.5)
        callbacks = [lambda *_: optimizer.param_groups[1].update(lr=0.125)]
        settings = {"loss": "cross_entropy", "optimizer": optimizer, "callbacks": callbacks, "seed": 0, "progress": False}
        fit(model, INPUTS, CLASSES, epochs=2, backend=backend, **settings)
        return list(model.state_dict().values())

    eager = trained("eager")
    assert trained("python") == pytest.approx(eager, rel=1e-12)
    assert trained("native") == pytest.approx(eager, rel=1e-12)
