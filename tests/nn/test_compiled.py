"""`fit` on compiled code gives what the eager engine gives, and keeps its promises."""

import math
from fractions import Fraction

import pytest

from autograd_lite import Value, compile, exp, log, logsumexp, sqrt
from autograd_lite import sum as ag_sum
from nn import (
    MLP,
    SGD,
    Adam,
    AdamW,
    DivergedError,
    Dropout,
    Layer,
    RMSprop,
    Sequential,
    binary_cross_entropy,
    cosine,
    datasets,
    fit,
)
from nn.module import Module

pytest.importorskip("numba")
numpy = pytest.importorskip("numpy")

INPUTS, CLASSES = datasets.moons(45, seed=3)
compiled = pytest.mark.parametrize("backend", ["python", "native"])
OPTIMIZERS = {
    "SGD": lambda p: SGD(p, lr=0.1),
    "momentum": lambda p: SGD(p, lr=0.1, momentum=0.9, nesterov=True, weight_decay=1e-3),
    "Adam": lambda p: Adam(p, lr=0.02),
    "AdamW": lambda p: AdamW(p, lr=0.02),
    "RMSprop": lambda p: RMSprop(p, lr=0.01, momentum=0.5),
}


def train(backend, optimizer="SGD", *, outputs=2, output_activation="identity", targets=CLASSES, model=None, **settings):
    model = model or MLP(2, [6, outputs], activation="tanh", output_activation=output_activation, seed=5)
    options = {"loss": "cross_entropy", "epochs": 2, "batch_size": 8, "seed": 1, "progress": False} | settings
    optimizer = OPTIMIZERS[optimizer](model.parameters())
    return model, optimizer, fit(model, INPUTS, targets, optimizer=optimizer, backend=backend, **options)


def assert_same(one, other):
    (model, optimizer, history), (again, optimizer_again, history_again) = one, other
    assert [p.data for p in model.parameters()] == pytest.approx([p.data for p in again.parameters()], rel=1e-9, abs=1e-12)
    assert dict(history) == {name: pytest.approx(numbers, rel=1e-9) for name, numbers in history_again.items()}
    assert optimizer.steps == optimizer_again.steps
    for name, numbers in optimizer.buffers.items():
        assert numbers == pytest.approx(optimizer_again.buffers[name], rel=1e-9, abs=1e-12)


@compiled
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("batch_size", [1, 8, 45, 100])
def test_the_same_as_eager(optimizer, batch_size, backend):
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
        {"loss": lambda a, y: (a - y) ** 4, "outputs": 1, "targets": CLASSES},
        {"loss": "mae", "outputs": 1, "targets": [float(c) for c in CLASSES]},
    ],
    ids=lambda settings: ", ".join(settings),
)
def test_every_setting_of_fit_holds(settings, backend):
    assert_same(train(backend, **settings), train("eager", **settings))


class Masked(Module):
    """A third class that no sample is of, and that the model rules out."""

    def __init__(self):
        self.two = MLP(2, [4, 2], activation="tanh", seed=5)

    def forward(self, x):
        return [*self.two(x), -math.inf]


@compiled
@pytest.mark.parametrize("targets", [CLASSES, datasets.one_hot(CLASSES, 3)])
def test_a_class_that_the_model_rules_out_costs_nothing(targets, backend):
    two = train("eager", model=MLP(2, [4, 2], activation="tanh", seed=5))
    assert_same(train(backend, model=Masked(), targets=targets), two)
    assert_same(train("eager", model=Masked(), targets=targets), two)


@pytest.mark.parametrize("targets", [CLASSES, [[1.0 - c, float(c)] for c in CLASSES], numpy.eye(2)[CLASSES]])
def test_a_metric_gets_the_same_plain_numbers_on_every_backend(targets):
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
def test_a_metric_that_gives_no_number_is_named(backend):
    def undecided(output, target):
        return None

    with pytest.raises(TypeError, match=r"the metric 'undecided' gave None \(NoneType\): expected a number"):
        train(backend, metrics=[undecided], epochs=1)


def test_auto_takes_native_and_says_so(capsys):
    train("auto", progress=True)
    assert "epoch 2/2 (native)" in capsys.readouterr().err


def test_what_cannot_be_recorded_runs_eagerly_or_says_why(capsys):
    model = Sequential(Layer(2, 4, "tanh", seed=1), Dropout(0.5, seed=2), Layer(4, 2, seed=3))
    with pytest.warns(UserWarning, match=r"cannot be compiled and runs eagerly.*Dropout.*backend='eager'"):
        train("auto", model=model, progress=True)
    assert "epoch 2/2 (eager)" in capsys.readouterr().err
    with pytest.raises(ValueError, match=r"backend 'native' cannot run this training: Dropout.*backend='eager'"):
        train("native", model=model)


def test_a_loss_that_picks_an_output_by_the_class_says_that_it_runs_eagerly():
    def own(output, target):
        return logsumexp(output) - output[int(target)]

    with pytest.warns(UserWarning, match=r"runs eagerly, many times as slow: .*converted to a plain number"):
        by_class = train("auto", loss=own, metrics=["accuracy"])
    assert_same(by_class, train("eager", loss=own, metrics=["accuracy"]))
    with pytest.raises(ValueError, match=r"backend 'native' cannot run this training.*converted to a plain number"):
        train("native", loss=own)


@pytest.mark.parametrize(
    ("own", "reason"),
    [
        (lambda output, target: (output[target] - 1) ** 2, "used as an index"),
        (lambda output, target: {0: output[0], 1: output[1]}[target] ** 2, "KeyError: Value"),
        (lambda output, target: output[0] ** 2 * target.bit_length(), "AttributeError: .*bit_length"),
    ],
)
def test_whatever_keeps_a_loss_from_being_compiled_the_slow_way_is_not_taken_in_silence(own, reason):
    with pytest.warns(UserWarning, match=f"runs eagerly, many times as slow: .*{reason}"):
        slow = train("auto", loss=own, epochs=1)
    assert_same(slow, train("eager", loss=own, epochs=1))
    with pytest.raises(ValueError, match=f"backend 'python' cannot run this training: .*{reason}"):
        train("python", loss=own)


def test_a_loss_that_fails_by_itself_is_told_without_a_warning():
    with pytest.raises(IndexError):
        train("auto", loss=lambda output, target: output[7])


def test_a_model_that_is_another_one_at_each_call_is_not_recorded():
    class Moody(Module):
        def __init__(self):
            self.w = Value(0.5)
            self.calls = 0

        def forward(self, x):
            self.calls += 1
            return self.w * x[0] * self.calls

    with pytest.raises(ValueError, match="something else each time"):
        train("native", model=Moody(), loss="mse", targets=[float(c) for c in CLASSES])


@compiled
def test_a_checkpoint_takes_a_run_up_to_the_bit(tmp_path, backend):
    whole = train(backend, "momentum", epochs=4)
    path = tmp_path / "run.json"
    train(backend, "momentum", epochs=2, checkpoint=path)
    again = train(backend, "momentum", epochs=4, checkpoint=path)
    assert again[0].state_dict() == whole[0].state_dict()
    assert dict(again[2]) == dict(whole[2])


@compiled
def test_callbacks_see_the_model_and_may_change_it(backend):
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
def test_what_callbacks_change_and_the_mode_at_the_start_count_as_in_eager(changed, trained_before, backend):
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


class Normalized(SGD):
    """All parameters together move by `lr`."""

    def step(self):
        self.steps += 1
        norm = sqrt(ag_sum([p.grad * p.grad for p in self.parameters]))
        for parameter in self.parameters:
            parameter.data -= self.lr / norm * parameter.grad


def test_a_step_of_ones_own_is_not_taken_apart_by_machine_code(monkeypatch):
    monkeypatch.setitem(OPTIMIZERS, "own", lambda parameters: Normalized(parameters, lr=0.1))
    assert_same(train("python", "own"), train("eager", "own"))
    with pytest.warns(UserWarning, match=r"runs eagerly.*Normalized has a step\(\) of its own"):
        assert_same(train("auto", "own"), train("eager", "own"))
    with pytest.raises(ValueError, match=r"backend 'native' cannot run this training: Normalized has a step"):
        train("native", "own")
    model = MLP(2, [2], seed=0)
    optimizer = SGD(model.parameters())
    optimizer.step = lambda: None
    monkeypatch.setitem(OPTIMIZERS, "own", lambda parameters: optimizer)
    with pytest.raises(ValueError, match=r"SGD has a step\(\) of its own"):
        train("native", "own", model=model)


@compiled
def test_a_loss_that_overflows_names_the_sample_and_keeps_the_last_good_weights(backend):
    def run(chosen):
        model = MLP(1, [1], init=lambda *_: 1.0)
        with pytest.raises(DivergedError) as caught:
            fit(
                model,
                [[1.0], [0.5]],
                [0.0, 0.0],
                loss=lambda a, y: -exp(a),
                optimizer=SGD(model.parameters(), lr=3.0),
                batch_size=1,
                shuffle=False,
                epochs=9,
                backend=chosen,
                progress=False,
            )
        return [p.data for p in model.parameters()], str(caught.value)

    weights, message = run(backend)
    expected, told = run("eager")
    assert weights == pytest.approx(expected, rel=1e-9)
    assert message.partition(": the result")[0].partition("(")[0] == told.partition(": the result")[0].partition("(")[0]
    assert message.partition("at step")[2] == told.partition("at step")[2]


@compiled
def test_a_loss_that_becomes_infinite_is_told_like_eager(backend):
    def run(chosen):
        model = MLP(1, [1], init=lambda *_: 1.0)
        with pytest.raises(DivergedError) as caught:
            fit(
                model,
                [[1.0], [0.5], [0.25]],
                [0.0, 0.0, 0.0],
                loss=lambda a, y: a * a * a * a,
                optimizer=SGD(model.parameters(), lr=3.0),
                batch_size=2,
                shuffle=False,
                epochs=40,
                backend=chosen,
                progress=False,
            )
        return [p.data for p in model.parameters()], str(caught.value)

    weights, message = run(backend)
    expected, told = run("eager")
    assert weights == pytest.approx(expected, rel=1e-9)
    assert message == told


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


def test_a_domain_error_inside_the_model_is_that_of_eager():
    class Logarithm(Module):
        def __init__(self):
            self.w = Value(0.5, label="w")

        def forward(self, x):
            return log(self.w) * x

    for backend in ("eager", "python", "native"):
        model = Logarithm()
        with pytest.raises(DivergedError, match=r"sample 0: log\(w=-.*: outside the domain"):
            fit(
                model,
                [1.0],
                [-9.0],
                loss="mse",
                optimizer=SGD(model.parameters(), lr=1.0),
                epochs=9,
                backend=backend,
                progress=False,
            )


@compiled
def test_binary_cross_entropy_looks_at_every_sample(backend):
    loss = compile(binary_cross_entropy, in_axes=(0, 0), backend=backend)
    assert loss([0.5, 0.25], [1.0, 0.0]) == pytest.approx((math.log(2) - math.log(0.75)) / 2, rel=1e-15)
    assert math.isnan(loss([0.5, math.nan], [1.0, 0.0]))
    with pytest.raises(ValueError, match=r"target=2.0\): binary_cross_entropy expects numbers between 0 and 1: give the model"):
        loss([0.5] * 700, [1.0] * 699 + [2.0])
    with pytest.raises(ValueError, match=r"output=-0.5\): binary_cross_entropy expects"):
        loss.grad([0.5] * 699 + [-0.5], [1.0] * 700)


@compiled
def test_an_output_that_leaves_0_to_1_in_training_is_named(backend):
    model = MLP(1, [1], output_activation="identity", seed=0)
    (neuron,) = model.layers[0].neurons
    neuron.w[0].data, neuron.b.data = 0.4, 0.1
    with pytest.raises(DivergedError, match=r"sample 0: probability\(.*=1\.1.*\): binary_cross_entropy expects numbers"):
        fit(model, [[1.0], [2.0], [0.5]], [1.0] * 3, loss="binary_cross_entropy", epochs=9, batch_size=2, shuffle=False,
            backend=backend, progress=False)  # fmt: skip


def test_parameters_that_are_no_floats_run_eagerly_and_say_so():
    model = MLP(2, [2], seed=0)
    model.parameters()[0].data = Fraction(1, 2)
    with pytest.raises(ValueError, match="the parameters must be floats"):
        fit(model, INPUTS, CLASSES, loss="cross_entropy", epochs=1, backend="python", progress=False)
    with pytest.warns(UserWarning, match="runs eagerly, many times as slow: the parameters must be floats"):
        fit(model, INPUTS, CLASSES, loss="cross_entropy", epochs=1, progress=False)
