"""A recurrent network takes a sequence of vectors for each sample: an array (n, steps, features)."""

import numpy
import pytest

from nn import Adam, Layer, Module, evaluate, fit, outputs, predict

RANDOM = numpy.random.default_rng(0)
SEQUENCES = RANDOM.normal(size=(20, 4, 2))
CLASSES = (SEQUENCES.sum((1, 2)) > 0).astype(int)


class Recurrent(Module):
    """Its state after the last vector decides."""

    def __init__(self):
        self.step, self.head = Layer(5, 3, "tanh", seed=0), Layer(3, 2, "identity", seed=1)

    def forward(self, vectors):
        state = [0.0] * 3
        for vector in vectors:
            state = self.step([*vector, *state])
        return self.head(state)


def trained(inputs=SEQUENCES, **settings):
    model = Recurrent()
    options = {"epochs": 4, "optimizer": Adam(model.parameters(), lr=0.05), "seed": 0, "progress": False, "batch_size": 8}
    return model, fit(model, inputs, CLASSES, loss="cross_entropy", **options | settings)


@pytest.mark.parametrize("backend", ["python", "native"])
@pytest.mark.parametrize("settings", [{}, {"validation": 0.25, "sample_weight": [1.0, 2.0] * 10, "metrics": ["f1"]}])
def test_compiled_is_as_eager(backend, settings):
    model, history = trained(backend=backend, **settings)
    other, expected = trained(backend="eager", **settings)
    assert dict(history) == {name: pytest.approx(numbers) for name, numbers in expected.items()}
    found = outputs(model, SEQUENCES, backend=backend)
    assert found == pytest.approx(outputs(other, SEQUENCES, backend="eager"))
    assert predict(model, SEQUENCES).tolist() == found.argmax(1).tolist()
    assert predict(model, SEQUENCES[0]) == found[0].argmax()
    assert evaluate(model, SEQUENCES, CLASSES, "cross_entropy", backend=backend) == pytest.approx(
        evaluate(other, SEQUENCES, CLASSES, "cross_entropy", backend="eager")
    )


def test_lists_of_lists_are_an_array():
    assert trained(SEQUENCES.tolist())[1] == trained()[1]


def test_a_run_goes_on_from_its_checkpoint_to_the_same_bits(tmp_path):
    trained(epochs=2, checkpoint=tmp_path / "run.json")
    model, _ = trained(checkpoint=tmp_path / "run.json")
    assert model.state_dict() == trained()[0].state_dict()


def test_a_number_that_is_missing_is_found_in_its_step():
    holes = SEQUENCES.copy()
    holes[7, 2, 1] = numpy.nan
    with pytest.raises(ValueError, match=r"input 7, feature \(2, 1\), is nan"):
        trained(holes)
