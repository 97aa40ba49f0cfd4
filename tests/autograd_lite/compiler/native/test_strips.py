"""Parameters that are updated as soon as their gradient is there end up as if all were updated at the end, to the bit."""

import pytest

from nn import MLP, SGD, Adam, fit

numpy = pytest.importorskip("numpy")
pytest.importorskip("numba")
from autograd_lite.compiler.native import strips, training, updates  # noqa: E402

ROWS, TARGETS = numpy.random.default_rng(0).normal(size=(16, 40)), numpy.random.default_rng(1).normal(size=(16, 3))


@pytest.fixture
def taken(monkeypatch):
    """How many strips each program was written in; 0: none."""
    counts = []

    def watched(*arguments):
        found = strips.take_strips(*arguments)
        counts.append(0 if found is None else len(found[1]))
        return found

    def watched_products(*arguments):
        found = strips.take_products(*arguments)
        if found is not None:
            counts.append(f"{len(found)} products")
        return found

    monkeypatch.setattr(updates, "take_strips", watched)
    monkeypatch.setattr(updates, "take_products", watched_products)
    monkeypatch.setattr(strips, "STRIP", 50)
    return counts


def trained(optimizer, batch_size, monkeypatch, *, whole=False, clip_norm=None, **options):
    """The parameters of a small network after some epochs; `whole`: with one update at the end of each step."""
    with monkeypatch.context() as patch:
        if whole:
            patch.setattr(strips, "find_writers", lambda assembly, batch: None)
        model = MLP(40, [11, 3], activation="tanh", seed=0, **options)
        made = optimizer(model.parameters(), lr=0.01)
        fit(
            model, ROWS, TARGETS, optimizer=made, epochs=2, batch_size=batch_size, seed=0, backend="native", progress=False,
            clip_norm=clip_norm,
        )  # fmt: skip
    return [parameter.data for parameter in model.parameters()]


def momentum(parameters, lr):
    return SGD(parameters, lr=lr, momentum=0.9, weight_decay=0.1)


@pytest.mark.parametrize("options", [{}, {"bias": False}])
@pytest.mark.parametrize("optimizer", [SGD, momentum, Adam])
def test_strips_change_no_bit(optimizer, options, taken, monkeypatch):
    for batch_size in (1, 8):  # 8 lanes fill a register of any processor
        whole = trained(optimizer, batch_size, monkeypatch, whole=True, **options)
        assert trained(optimizer, batch_size, monkeypatch, **options) == whole
    products = "4 products" if options.get("bias", True) else "2 products"
    assert taken == [0, products, 0, 3]  # strips of four neurons, and the second layer belongs to the last one


def groups_that_cut_rows(parameters, lr):
    return SGD([{"params": parameters[:45]}, {"params": parameters[45:], "weight_decay": 0.1}], lr=lr, momentum=0.5)


def groups_of_layers(parameters, lr):
    first = 41 * 11
    return SGD([{"params": parameters[first:]}, {"params": parameters[:first], "momentum": 0.9}], lr=lr)


@pytest.mark.parametrize(("optimizer", "how"), [(groups_that_cut_rows, 3), (groups_of_layers, "4 products")])
def test_each_group_has_its_rule(optimizer, how, taken, monkeypatch):
    whole = trained(optimizer, 1, monkeypatch, whole=True)
    assert trained(optimizer, 1, monkeypatch) == whole
    assert taken == [0, how]


def test_a_gradient_that_must_be_known_as_a_whole_is_not_taken_in_strips(taken, monkeypatch):
    trained(SGD, 1, monkeypatch, clip_norm=0.1)
    assert taken == []


def test_several_blocks_of_samples_are_summed_up_first(taken, monkeypatch):
    monkeypatch.setattr(training, "even_block", lambda samples, largest: 2)
    found = trained(SGD, 4, monkeypatch)
    assert taken == [0]
    monkeypatch.undo()
    assert found == pytest.approx(trained(SGD, 4, monkeypatch))
