"""What a model or a loss does not choose passes nothing on, though it is infinite: compiled training goes on as eager does."""

import pytest

from autograd_lite import clip, grad, greater, maximum, minimum, relu, scan, sqrt, where
from nn import MLP, SGD, Adam, DivergedError, Dropout, evaluate, fit, outputs
from nn.backends import native
from nn.backends.backend import Training
from nn.backends.choice import make_backend
from nn.losses import loss_function
from nn.module import Module
from nn.samples import check_set

pytest.importorskip("numba")
np = pytest.importorskip("numpy")
compiled = pytest.mark.parametrize("backend", ["python", "native"])
INPUTS, TARGETS = [[1.0], [0.5], [1.0], [-2.0]], [1.0, 1e200, 0.5, -1e200]  # the square of a target may be infinite

LOSSES = {
    "where": lambda a, y: where(greater(y, 1e100), (a - 1) ** 2, where(greater(-y, 1e100), a * a, a * (y * y))),
    "relu": lambda a, y: relu(-(a * a + 1) * (y * y)) + (a - 1) ** 2,
    "minimum": lambda a, y: minimum((a * a + 1) * (y * y), (a - 1) ** 2),
    "maximum": lambda a, y: maximum((a - 1) ** 2, -(a * a + 1) * y * y),
    "clip": lambda a, y: clip((a * a + 1) * y * y, -1.0, 1.0) + (a - 1) ** 2,
    "a loop": lambda a, y: scan(lambda c, _: (relu(c * y * y), None), -a * a - 0.1, length=2)[0] + (a - 1) ** 2,
}


def train(backend, loss, model=None, make=SGD, **settings):
    model = model or MLP(1, [1], seed=0)
    optimizer = make(model.parameters(), lr=0.05)
    options = {"batch_size": 1, "shuffle": False, "epochs": 3, "progress": False} | settings
    history = fit(model, INPUTS, TARGETS, loss=loss, optimizer=optimizer, backend=backend, **options)
    return [*model.state_dict().values(), *history["loss"]]


@pytest.mark.parametrize("loss", LOSSES.values(), ids=LOSSES)
def test_a_training_goes_on_as_eagerly_to_the_bit_in_python_and_to_rounding_in_machine_code(loss):
    for settings in ({}, {"make": Adam}, {"model": MLP(1, [3, 1], activation="relu", seed=1)}):
        before = {name: p.data for name, p in settings["model"].named_parameters()} if "model" in settings else {}
        found = []
        for backend in ("eager", "python", "native"):
            if before:
                settings["model"].load_state_dict(before)
            found.append(train(backend, loss, **settings))
        eager, python, native = found
        assert python == eager
        assert native == pytest.approx(eager, rel=1e-9)


@compiled
@pytest.mark.parametrize("settings", [{"batch_size": 2}, {"batch_size": 4, "clip_norm": 0.1}, {"patience": 1, "epochs": 9}])
def test_so_it_does_in_batches(settings, backend):
    for loss in (LOSSES["where"], LOSSES["relu"]):
        assert train(backend, loss, **settings) == pytest.approx(train("eager", loss, **settings), rel=1e-9)


def test_how_the_steps_are_cut_into_calls_changes_nothing(monkeypatch):
    whole = train("native", LOSSES["where"], epochs=20, seed=1, shuffle=True)
    assert train("native", LOSSES["where"], epochs=20, seed=1, shuffle=True, callbacks=[lambda *_: None]) == whole
    monkeypatch.setattr(native, "PAUSE", 0.0)
    assert train("native", LOSSES["where"], epochs=20, seed=1, shuffle=True) == whole


class Dropping(Module):
    """A model that draws at random in training."""

    def __init__(self):
        self.inner, self.dropout = MLP(1, [8, 1], seed=3), Dropout(0.5)

    def forward(self, x):
        hidden, last = self.inner.layers
        return last(self.dropout(hidden(x)))[0]


def test_what_dropouts_keep_is_drawn_once():
    eager, python, machine = (
        train(backend, LOSSES["where"], model=Dropping(), seed=5) for backend in ("eager", "python", "native")
    )
    assert python == pytest.approx(eager, rel=1e-9)
    assert machine == pytest.approx(eager, rel=1e-9)


@compiled
def test_a_nan_that_is_no_choices_fault_is_told_as_before(backend):
    def loss(a, y):
        return relu(a) + a * a * (0.0 * (y * y))  # 0 times infinity

    def told(backend):
        model = MLP(1, [1], seed=0)
        with pytest.raises(DivergedError) as caught:
            fit(model, INPUTS, TARGETS, loss=loss, batch_size=1, shuffle=False, backend=backend, progress=False)
        return str(caught.value), model.state_dict()

    assert told(backend) == told("eager")


@compiled
def test_the_gradient_and_the_steps_that_a_share_of_a_cluster_takes_are_guarded_too(backend):
    def backend_of(kind):
        model = MLP(1, [1], seed=0)
        loss = loss_function(LOSSES["relu"])
        rows, targets = check_set(model, INPUTS, TARGETS, loss)
        training = Training(model, rows, targets, loss, {}, SGD(model.parameters(), lr=0.05), None, 2)
        return make_backend(kind, training)

    for work in (lambda b: b.gradient([0, 1]), lambda b: (b.some_steps([0, 1, 2, 3], [0.05, 0.05]), b.state().parameters)):
        found, expected = (np.hstack([*map(np.ravel, flat(work(backend_of(kind))))]) for kind in (backend, "eager"))
        assert np.isfinite(found).all()
        assert found == pytest.approx(expected, rel=1e-9)


def flat(numbers):
    """The arrays and numbers in nested tuples."""
    if isinstance(numbers, tuple):
        return [array for part in numbers for array in flat(part)]
    return [np.asarray(numbers, float)]


def of_a_slope(a, y):
    """A loss in which there is a slope, of what is infinite where it is not chosen."""
    slope = grad(lambda a: a * relu(-(a * a + 1) * (y * y)))(a)
    return (slope + a - 1) ** 2


class Slopes(Module):
    """A model that gives such a slope."""

    def __init__(self):
        self.inner = MLP(1, [1], seed=0)

    def forward(self, x):
        return grad(lambda a: a * relu(-(a * a + 1) * (x[0] * x[0])) + a * a)(self.inner(x) * 0.1)


@compiled
def test_a_loss_and_a_model_with_slopes_of_their_own_are_guarded_in_whatever_is_asked_of_them(backend):
    far = [[1.0], [-1e200], [0.5]]
    for loss in (of_a_slope, lambda a, y: sqrt(relu(of_a_slope(a, y)) + 1.0)):
        assert train(backend, loss) == pytest.approx(train("eager", loss), rel=1e-9)
        validated = [train(kind, loss, validation=(INPUTS, TARGETS))[-3:] for kind in (backend, "eager")]
        assert validated[0] == pytest.approx(validated[1], rel=1e-9)
        model = MLP(1, [1], seed=0)
        found, expected = (evaluate(model, INPUTS, TARGETS, loss, backend=kind) for kind in (backend, "eager"))
        assert found == pytest.approx(expected, rel=1e-9)
        assert np.isfinite(found["loss"])
    model = Slopes()
    assert outputs(model, far, backend=backend) == pytest.approx(outputs(model, far, backend="eager"), rel=1e-9)
    assert np.isfinite(outputs(model, far, backend=backend)).all()


def test_ctrl_c_while_the_guarded_step_is_made_takes_no_step_that_nobody_has_heard_of(monkeypatch):
    def interrupted(backend):
        raise KeyboardInterrupt

    monkeypatch.setattr(native.NativeBackend, "guarded_native", interrupted)
    model = MLP(1, [1], seed=0)
    before = model.state_dict()
    inputs, targets = INPUTS * 8, [*[1.0] * 20, 1e200, *[1.0] * 11]
    history = fit(model, inputs, targets, loss=LOSSES["relu"], batch_size=1, shuffle=False, backend="native", progress=False)
    taken = int(history.stopped.split("after ")[1].split()[0])
    assert 0 < taken < 20
    again = MLP(1, [1], seed=0)
    fit(
        again,
        inputs[:taken],
        targets[:taken],
        loss=LOSSES["relu"],
        batch_size=1,
        shuffle=False,
        epochs=1,
        backend="native",
        progress=False,
    )
    assert model.state_dict() == again.state_dict() != before
