"""Embedding beside PyTorch's, in every backend, and what it says of a row that is not there."""

import pytest

from autograd_lite import Value, compile
from nn import Embedding, Layer, Module, fit, load, save

PAIRS = [[i % 4, (3 * i + 1) % 4] for i in range(12)]
CLASSES = [i % 3 for i in range(12)]


class Words(Module):
    def __init__(self):
        self.table = Embedding(4, 3, seed=0)
        self.layer = Layer(6, 3, "identity", seed=1)

    def forward(self, x):
        one, other = self.table(x)
        return self.layer([*one, *other])


@pytest.mark.parametrize("backend", ["python", "native"])
def test_compiled_training_is_the_eager_one(backend):
    if backend == "native":
        pytest.importorskip("numba")
    models = Words(), Words()
    for model, kind in zip(models, ("eager", backend), strict=True):
        fit(model, PAIRS, CLASSES, loss="cross_entropy", epochs=3, batch_size=5, seed=0, backend=kind, progress=False)
    (before, after), start = (model.state_dict() for model in models), Words().state_dict()
    assert after == pytest.approx(before, rel=1e-9)
    assert after != start


def test_it_gives_the_rows_and_the_gradients_that_pytorch_gives():
    torch = pytest.importorskip("torch")
    ours, theirs = Embedding(5, 2, seed=3), torch.nn.Embedding(5, 2, dtype=torch.float64)
    theirs.weight.data = torch.tensor(ours.weight)
    rows, expected = ours([1, 4, 1]), theirs(torch.tensor([1, 4, 1]))
    assert [[w.data for w in row] for row in rows] == expected.tolist()
    sum(w * w for row in rows for w in row).backward()
    (expected * expected).sum().backward()
    assert [[w.grad for w in row] for row in ours.rows] == theirs.weight.grad.tolist()


@pytest.mark.parametrize("place", [-1, 4, 2.5, "a", None, float("nan")])
def test_a_row_that_is_not_there_is_an_error(place):
    with pytest.raises((ValueError, TypeError), match=r"Embedding\(4, 2\)"):
        Embedding(4, 2)(place)


def test_a_row_that_is_not_there_is_an_error_in_compiled_code_too():
    table = Embedding(4, 2, seed=0)
    row = compile(lambda place: table(place), backend="python")
    assert row(3.0) == [w.data for w in table(3)]
    with pytest.raises(ZeroDivisionError):
        row(4.0)


def test_what_names_a_row_may_be_a_value_or_an_array():
    table = Embedding(4, 2)
    assert table(Value(2.0)) == table(2)
    numpy = pytest.importorskip("numpy")
    assert table(numpy.array(2.0)) == table(2)
    assert table(numpy.array([2, 0])) == [table(2), table(0)]


def test_a_file_keeps_it(tmp_path):
    table = Embedding(3, 2)
    save(table, tmp_path / "table.json")
    assert load(tmp_path / "table.json").state_dict() == table.state_dict()
    with pytest.raises(
        ValueError, match=r"the weight of Embedding\(3, 2\): 6 parameters must be of the shape \(3, 2\), got \(1, 2\)"
    ):
        table.weight = [[1.0, 2.0]]
