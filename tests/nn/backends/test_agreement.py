"""`fit` on compiled code gives what the eager engine gives."""

import math
from functools import partial

import pytest

from autograd_lite import grad
from nn import (
    MLP,
    SGD,
    cosine,
    cross_entropy,
    datasets,
    fit,
    outputs,
)
from nn.module import Module

pytest.importorskip("numba")
numpy = pytest.importorskip("numpy")
INPUTS, CLASSES = datasets.moons(45, seed=3)
WEIGHTS = [0.25 * (i % 5) for i in range(45)]
compiled = pytest.mark.parametrize("backend", ["python", "native"])


@compiled
@pytest.mark.parametrize("optimizer", ["SGD", "momentum", "Adam", "AdamW", "RMSprop"])
@pytest.mark.parametrize("batch_size", [1, 8, 45, 100])
def test_the_same_as_eager(optimizer, batch_size, backend, train, assert_same):
    assert_same(train(backend, optimizer, batch_size=batch_size), train("eager", optimizer, batch_size=batch_size))


@compiled
@pytest.mark.parametrize(
    "settings",
    [
        {"clip_norm": 0.05},
        {"schedule": cosine()},
        {"shuffle": False},
        {"validation": (INPUTS[:7], CLASSES[:7])},
        {"validation": (INPUTS[:7], datasets.one_hot(CLASSES[:7], 2))},
        {"targets": datasets.one_hot(CLASSES, 2), "validation": (INPUTS[:7], CLASSES[:7])},
        {"targets": [[0.9 - 0.8 * c, 0.1 + 0.8 * c] for c in CLASSES]},
        {"validation": (INPUTS[:7], [[0.9 - 0.8 * c, 0.1 + 0.8 * c] for c in CLASSES[:7]])},
        {"loss": "hinge", "outputs": 1, "targets": [2 * c - 1 for c in CLASSES]},
        {"loss": "mse", "outputs": 1, "targets": [float(c) for c in CLASSES], "metrics": [lambda a, y: abs(a - y)]},
        {"loss": "half_squared_error", "targets": [[1.0 - c, float(c)] for c in CLASSES], "metrics": ["accuracy"]},
        {"loss": "huber", "outputs": 1, "targets": [float(3 * c) for c in CLASSES]},
        {"loss": "binary_cross_entropy", "outputs": 1, "output_activation": "sigmoid", "targets": CLASSES},
        {"loss": "binary_cross_entropy_with_logits", "outputs": 1, "targets": [0.1 + 0.8 * c for c in CLASSES]},
        {"loss": lambda a, y: (a - y) ** 4, "outputs": 1, "targets": CLASSES},
        {"loss": "mae", "outputs": 1, "targets": [float(c) for c in CLASSES]},
        {"loss": partial(cross_entropy, label_smoothing=0.1)},
        {"loss": partial(cross_entropy, class_weights=[0.5, 2.0]), "validation": 0.2},
        {"loss": lambda a, y: cross_entropy(a, y, label_smoothing=0.2, class_weights=[0.0, 2.0])},
        {"loss": lambda a, y: cross_entropy(a, y, 0.2, [3.0, 2.0]), "targets": datasets.one_hot(CLASSES, 2)},
        {"sample_weight": WEIGHTS, "validation": 0.3},
        {"sample_weight": WEIGHTS, "targets": datasets.one_hot(CLASSES, 2), "validation": (INPUTS[:7], CLASSES[:7])},
        {"sample_weight": WEIGHTS, "loss": "mse", "targets": datasets.one_hot(CLASSES, 2), "metrics": ["r2", "mae", "f1"]},
        {"sample_weight": WEIGHTS, "loss": "huber", "outputs": 1, "targets": [float(3 * c) for c in CLASSES]},
        {"validation": (INPUTS[:7], CLASSES[:7], WEIGHTS[:7]), "metrics": ["precision", "accuracy", lambda a, y: a[0]]},
    ],
    ids=lambda settings: ", ".join(settings),
)
def test_every_setting_of_fit_holds(settings, backend, train, assert_same):
    assert_same(train(backend, **settings), train("eager", **settings))


class Masked(Module):
    """A third class that no sample is of, and that the model rules out."""

    def __init__(self):
        self.two = MLP(2, [4, 2], activation="tanh", seed=5)

    def forward(self, x):
        return [*self.two(x), -math.inf]


@compiled
@pytest.mark.parametrize("targets", [CLASSES, datasets.one_hot(CLASSES, 3)])
def test_a_class_that_the_model_rules_out_costs_nothing(targets, backend, train, assert_same):
    two = train("eager", model=MLP(2, [4, 2], activation="tanh", seed=5))
    assert_same(train(backend, model=Masked(), targets=targets), two)
    assert_same(train("eager", model=Masked(), targets=targets), two)


@pytest.mark.parametrize("targets", [CLASSES, [[1.0 - c, float(c)] for c in CLASSES], numpy.eye(2)[CLASSES]])
def test_a_metric_gets_the_same_plain_numbers_on_every_backend(targets, train):
    kinds = set()

    def right(output, target):
        kinds.add((type(output), type(output[0]), type(target)))
        return output.index(max(output)) == (target if isinstance(target, int) else target.index(1.0))

    def train_and_validate(backend):
        held_out = (INPUTS[:7], targets[:7])
        return train(backend, targets=targets, metrics=[right, "accuracy"], validation=held_out)[2]

    histories = [train_and_validate(backend) for backend in ("eager", "python", "native")]
    assert kinds == {(list, float, int if targets is CLASSES else list)}
    assert histories[0]["right"] == histories[0]["accuracy"] == histories[1]["right"] == histories[2]["right"]
    assert histories[0]["val_right"] == histories[0]["val_accuracy"] == histories[1]["val_right"] == histories[2]["val_right"]


@pytest.mark.parametrize("backend", ["eager", "python", "native"])
def test_a_metric_that_gives_no_number_is_named(backend, train):
    def undecided(output, target):
        return None

    with pytest.raises(TypeError, match=r"what the metric 'undecided' gives must be a number, got None \(NoneType\)"):
        train(backend, metrics=[undecided], epochs=1)


@compiled
def test_a_checkpoint_takes_a_run_up_to_the_bit(tmp_path, backend, train):
    whole = train(backend, "momentum", epochs=4)
    path = tmp_path / "run.json"
    train(backend, "momentum", epochs=2, checkpoint=path)
    again = train(backend, "momentum", epochs=4, checkpoint=path)
    assert again[0].state_dict() == whole[0].state_dict()
    assert dict(again[2]) == dict(whole[2])


@compiled
def test_callbacks_see_the_model_and_may_change_it(backend, train, assert_same):
    def halve(epoch, model, history):
        for parameter in model.parameters():
            parameter.data *= 0.5

    assert_same(train(backend, "Adam", callbacks=[halve], epochs=3), train("eager", "Adam", callbacks=[halve], epochs=3))


class Scaled(Module):
    """Its output depends on a plain number, and on whether it is being trained."""

    def __init__(self):
        self.inner = MLP(2, [3, 1], activation="tanh", seed=2)
        self.scale = 1.0

    def forward(self, x):
        output = self.inner(x) * self.scale
        return output if self.training else output * output


@compiled
@pytest.mark.parametrize("changed", ["model", "loss", "momentum", "nothing"])
@pytest.mark.parametrize("trained_before", [True, False])
def test_what_callbacks_change_and_the_mode_at_the_start_count_as_in_eager(changed, trained_before, backend, assert_same):
    def run(chosen):
        model, weight = Scaled().train(trained_before), [1.0]
        optimizer = SGD(model.parameters(), lr=0.1, momentum=0.9)

        def anneal(epoch, model, history):
            if changed == "model":
                model.scale *= 0.5
            elif changed == "loss":
                weight[0] *= 0.5
            elif changed == "momentum":
                optimizer.settings["momentum"] = 0.1

        targets = [float(c) for c in CLASSES]
        history = fit(
            model,
            INPUTS,
            targets,
            loss=lambda a, y: weight[0] * (a - y) ** 2,
            optimizer=optimizer,
            epochs=3,
            seed=1,
            validation=(INPUTS[:7], targets[:7]),
            callbacks=[anneal],
            backend=chosen,
            progress=False,
        )
        assert model.training == trained_before
        return model, optimizer, history

    assert_same(run(backend), run("eager"))


@compiled
def test_frozen_parameters_take_part(backend):
    def run(chosen):
        model = MLP(2, [4, 2], seed=1)
        optimizer = SGD(model.layers[1].parameters(), lr=0.1)
        fit(model, INPUTS, CLASSES, loss="cross_entropy", optimizer=optimizer, seed=1, epochs=2, backend=chosen, progress=False)
        return [p.data for p in model.parameters()]

    assert run(backend) == pytest.approx(run("eager"), rel=1e-9)


def test_arrays_are_trained_on_without_lists():
    inputs, targets = numpy.array(INPUTS), numpy.eye(2)[CLASSES]
    one, other = (MLP(2, [6, 2], activation="tanh", seed=5) for _ in range(2))
    fit(one, inputs, targets, loss="cross_entropy", epochs=2, seed=1, progress=False)
    fit(other, inputs.tolist(), targets.tolist(), loss="cross_entropy", epochs=2, seed=1, progress=False, backend="eager")
    assert [p.data for p in one.parameters()] == pytest.approx([p.data for p in other.parameters()], rel=1e-9)
    inputs[3, 1] = math.nan
    with pytest.raises(ValueError, match="input 3, feature 1, is nan"):
        fit(one, inputs, targets, loss="cross_entropy", progress=False)


@pytest.mark.parametrize("optimizer", ["SGD", "momentum", "Adam"])
def test_single_precision_is_double_precision_to_its_digits(optimizer, train):
    one, other = (train("native", optimizer, batch_size=7, dtype=dtype) for dtype in ("float32", "float64"))
    weights, expected = ([p.data for p in model.parameters()] for model, *_ in (one, other))
    assert weights == pytest.approx(expected, rel=1e-3, abs=1e-4)
    assert weights != expected
    assert weights == [float(numpy.float32(weight)) for weight in weights]


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize(
    ("source", "order"),
    [*[(source, "C") for source in ("float32", "uint8", "int16", "bool", ">f4", "float16")], ("float32", "F"), ("uint8", "F")],
)
def test_samples_of_any_type_are_those_of_their_numbers(source, order, dtype):
    given = numpy.asarray(numpy.array(INPUTS) * 8 + 20, source, order=order)

    def trained(samples):
        model = MLP(2, [3, 2], activation="tanh", seed=0)
        history = fit(
            model, samples, CLASSES, loss="cross_entropy", epochs=2, batch_size=8, seed=0, dtype=dtype, progress=False
        )
        return model.state_dict(), history

    assert trained(given) == trained(given.astype(float))


def test_a_dtype_that_a_backend_has_not_is_an_error():
    model = MLP(2, [3, 2])
    for backend in ("eager", "python"):
        with pytest.raises(ValueError, match="backend must be 'native', of the extra 'fast', for float32, got"):
            fit(model, INPUTS, CLASSES, loss="cross_entropy", dtype="float32", backend=backend, progress=False)
    with pytest.raises(ValueError, match="dtype"):
        fit(model, INPUTS, CLASSES, loss="cross_entropy", dtype="float16", progress=False)

    class Own(SGD):
        def step(self):
            super().step()

    with pytest.raises(ValueError, match="backend 'native' cannot run this training: Own has a step"):
        fit(model, INPUTS, CLASSES, loss="cross_entropy", dtype="float32", optimizer=Own(model.parameters()), progress=False)


def test_a_dozen_classes_are_trained_in_machine_code_as_eagerly() -> None:
    inputs = [[0.1 * ((3 * i + 5 * k) % 11) - 0.5 for k in range(4)] for i in range(36)]
    labels = [i % 12 for i in range(36)]
    histories = []
    for backend in ("eager", "native"):
        model = MLP(4, [5, 12], seed=0)
        histories.append(fit(model, inputs, labels, epochs=3, loss="cross_entropy", seed=0, backend=backend)["loss"])
    assert histories[1] == pytest.approx(histories[0], rel=1e-10)


class WithSlope(Module):
    """A model whose output has the derivative of a network in it."""

    def __init__(self):
        self.net = MLP(2, [3, 1], activation="tanh", seed=1)

    def __call__(self, x):
        return grad(self.net)(list(x))[0] * 2 + self.net(x)


def test_a_derivative_within_a_model_is_trained_and_evaluated_by_each_backend(train, assert_same):
    settings = {"loss": "mse", "targets": [0.0] * len(INPUTS), "validation": (INPUTS[:5], [0.0] * 5), "batch_size": 15}
    runs = [train(backend, model=WithSlope(), **settings) for backend in ("eager", "python", "native")]
    assert_same(runs[0], runs[1])
    assert_same(runs[0], runs[2])
    models = [run[0] for run in runs]
    assert outputs(models[2], INPUTS[:3]).ravel() == pytest.approx([models[0](x).data for x in INPUTS[:3]], rel=1e-9)
