"""A training for each backend and optimizer, and whether two of them came to the same."""

import pytest

from nn import MLP, SGD, Adam, AdamW, RMSprop, datasets, fit

INPUTS, CLASSES = datasets.moons(45, seed=3)
OPTIMIZERS = {
    "SGD": lambda p: SGD(p, lr=0.1),
    "momentum": lambda p: SGD(p, lr=0.1, momentum=0.9, nesterov=True, weight_decay=1e-3),
    "Adam": lambda p: Adam(p, lr=0.02),
    "AdamW": lambda p: AdamW(p, lr=0.02),
    "RMSprop": lambda p: RMSprop(p, lr=0.01, momentum=0.5),
}


@pytest.fixture
def optimizer_of():
    """A function that gives, for a name, what makes an optimizer of parameters."""
    return OPTIMIZERS.__getitem__


@pytest.fixture
def train():
    """A function that trains on a backend; gives the model, the optimizer and the history."""

    def run(backend, optimizer="SGD", *, outputs=2, output_activation="identity", targets=CLASSES, model=None, **settings):
        model = model or MLP(2, [6, outputs], activation="tanh", output_activation=output_activation, seed=5)
        options = {"loss": "cross_entropy", "epochs": 2, "batch_size": 8, "seed": 1, "progress": False} | settings
        optimizer = OPTIMIZERS.get(optimizer, optimizer)(model.parameters())
        return model, optimizer, fit(model, INPUTS, targets, optimizer=optimizer, backend=backend, **options)

    return run


@pytest.fixture
def assert_same():
    """A function that compares two trainings, up to rounding."""

    def compare(one, other):
        (model, optimizer, history), (again, optimizer_again, history_again) = one, other
        assert [p.data for p in model.parameters()] == pytest.approx([p.data for p in again.parameters()], rel=1e-9, abs=1e-12)
        assert dict(history) == {name: pytest.approx(numbers, rel=1e-9) for name, numbers in history_again.items()}
        assert optimizer.steps == optimizer_again.steps
        for name, numbers in optimizer.buffers.items():
            assert numbers == pytest.approx(optimizer_again.buffers[name], rel=1e-9, abs=1e-12)

    return compare
