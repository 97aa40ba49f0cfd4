"""What dropout draws: one after another, or many at once, or given from outside."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd_lite import Value, compile
from autograd_lite.errors import TracingError
from nn import Dropout, Layer, Sequential
from nn.dropout import draw_array, draw_lists, dropout_calls, keeping
from nn.randomness import uniform


class OwnRandom(Random):
    def random(self):
        return super().random() / 2


@given(
    seed=st.integers(0, 2**32),
    before=st.integers(0, 700),
    count=st.integers(0, 1500),
    kind=st.sampled_from([Random, OwnRandom]),
)
def test_many_random_numbers_at_once_are_those_one_after_another(seed, before, count, kind):
    pytest.importorskip("numpy")
    one, other = kind(seed), kind(seed)
    assert [one.random() for _ in range(before)] == [other.random() for _ in range(before)]
    assert uniform(one, count).tolist() == [other.random() for _ in range(count)]
    assert (one.gauss(0, 1), one.random()) == (other.gauss(0, 1), other.random())


@given(
    calls=st.lists(st.tuples(st.integers(0, 2), st.integers(1, 5)), min_size=1, max_size=5),
    samples=st.integers(0, 9),
    shared=st.booleans(),
)
def test_what_is_kept_is_the_same_in_an_array_and_in_lists(calls, samples, shared):
    pytest.importorskip("numpy")

    def drawn(draw):
        random = Random(0)
        dropouts = [Dropout(p, random if shared else seed) for seed, p in enumerate((0.2, 0.5, 0.9))]
        kept = draw([(dropouts[k], count) for k, count in calls], samples)
        return kept, [dropout.random.random() for dropout in dropouts]

    (array, after), (lists, expected) = drawn(draw_array), drawn(draw_lists)
    assert array.tolist() == lists
    assert after == expected


def test_while_it_is_given_what_to_keep_it_draws_nothing():
    dropout = Dropout(0.75, seed=3)
    state = dropout.random.getstate()
    with keeping([1, 0, 1]) as source:
        assert dropout([1.0, 2.0]) == [4.0, 0.0]
        assert dropout([3.0]) == [12.0]
    assert source.calls == [(dropout, 2), (dropout, 1)]
    assert dropout.random.getstate() == state
    for given_numbers in ([1], [1, 1, 1]):
        with pytest.raises(TracingError, match="another number of inputs each time"), keeping(given_numbers):
            dropout([1.0, 2.0])


def test_the_calls_for_a_sample_are_those_of_parts_that_drop_something():
    idle, off, on = Dropout(0.0), Dropout(0.5).eval(), Dropout(0.5)
    model = Sequential(Layer(2, 3), idle, off, on, Layer(3, 1))
    assert dropout_calls(model, [1.0, 2.0]) == [(on, 3)]
    assert dropout_calls(model.eval(), [1.0, 2.0]) == []


def test_compile_has_no_random_numbers_to_give():
    model = Sequential(Layer(2, 3), Dropout(0.5))
    with pytest.raises(ValueError, match=r"compile records one: call model.eval\(\) first"):
        compile(lambda x: model(x)[0])([1.0, 2.0])
    assert isinstance(model.eval()([Value(1.0), 2.0])[0], Value)
