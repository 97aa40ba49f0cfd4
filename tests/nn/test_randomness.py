"""Where random numbers come from: a seed, a generator, or Python's own, which `random.seed` governs."""

import copy
import random
from random import Random

import pytest

from nn import MLP, SGD, Dropout, Layer, Neuron, datasets, fit
from nn.layers import Sequential
from nn.randomness import generator

DRAWS = {
    "Neuron": lambda seed: Neuron(3, seed=seed).state_dict(),
    "Layer": lambda seed: Layer(3, 2, seed=seed).state_dict(),
    "MLP": lambda seed: MLP(2, [3, 1], seed=seed).state_dict(),
    "normal": lambda seed: MLP(2, [3, 1], init="he_normal", seed=seed).state_dict(),
    "dropout": lambda seed: Dropout(0.5, seed)([1.0] * 20),
    "xor": lambda seed: datasets.xor(20, seed),
    "moons": lambda seed: datasets.moons(20, seed=seed),
}


@pytest.fixture(autouse=True)
def _leave_the_global_generator_alone():
    state = random.getstate()
    yield
    random.setstate(state)


@pytest.mark.parametrize("name", DRAWS)
def test_without_a_seed_pythons_own_governs(name):
    draw = DRAWS[name]
    random.seed(1337)
    first, second = draw(None), draw(None)
    random.seed(1337)
    assert draw(None) == first != second
    assert draw(1337) == first == draw(Random(1337))


@pytest.mark.parametrize("name", DRAWS)
def test_a_seed_leaves_pythons_own_alone(name):
    before = random.getstate()
    DRAWS[name](5)
    assert random.getstate() == before


def test_weights_are_drawn_neuron_by_neuron_as_a_program_would_write_it():
    random.seed(1337)
    model = MLP(2, [3, 1], init="unit_uniform")
    random.seed(1337)
    weights = [random.uniform(-1, 1) for _ in range(2 * 3 + 3)]
    assert [w.data for layer in model.layers for neuron in layer.neurons for w in neuron.w] == weights


def test_a_seed_of_another_kind_is_an_error_that_says_what_it_may_be():
    for seed in (1.5, "1337", [1]):
        with pytest.raises(TypeError, match=r"seed must be a whole number, a random\.Random or None, got"):
            generator(seed)


def test_fit_without_a_seed_is_repeated_by_pythons_own_and_leaves_dropout_its_generator():
    def run():
        random.seed(7)
        model = Sequential(Layer(2, 4, "tanh"), Dropout(0.5), Layer(4, 1, "identity"))
        history = fit(model, *datasets.xor(), epochs=2, backend="eager", optimizer=SGD(model.parameters()), progress=False)
        assert model.layers[1].random is generator(None)
        return history.seed, dict(history), model.state_dict(), random.random()

    assert run() == run()


def test_a_copy_of_dropout_draws_by_itself():
    twin = copy.deepcopy(Dropout(0.5))
    before = random.getstate()
    twin([1.0] * 5)
    assert random.getstate() == before
