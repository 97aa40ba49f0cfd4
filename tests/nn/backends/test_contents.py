"""What functions and objects refer to: a change in any of it is seen, and where that cannot be told, nothing is claimed."""

from functools import partial
from threading import Lock

import pytest

from nn.backends.contents import contents, same_contents

numpy = pytest.importorskip("numpy")


class Settings:
    """A class of a user's own: its attributes are what can change."""

    start = 1.0

    def __init__(self, rate):
        self.rate = rate
        self.table = numpy.array([1.0, 2.0])

    def scaled(self, x):
        return self.rate * x * self.start

    @staticmethod
    def doubled(x):
        return 2 * x

    @property
    def half(self):
        return self.rate / 2


def by_method(settings):
    return settings.scaled


def by_partial(settings):
    return partial(max, settings.rate)


def by_attributes(settings):
    return lambda x: settings.half * settings.doubled(x) + settings.table[0]


@pytest.mark.parametrize("function", [by_method, by_partial, by_attributes])
def test_what_a_function_refers_to_is_the_same_until_something_in_it_changes(function):
    settings = Settings(0.5)
    before = contents(function(settings))
    assert before is not None
    assert same_contents(before, contents(function(settings)))
    settings.rate = 0.25
    assert not same_contents(before, contents(function(settings)))


def test_a_small_array_that_changes_is_seen():
    settings = Settings(0.5)
    before = contents(by_attributes(settings))
    settings.table[0] = 3.0
    assert not same_contents(before, contents(by_attributes(settings)))


def test_of_what_cannot_be_looked_into_nothing_is_claimed():
    lock = Lock()
    assert contents(lambda x: lock and x) is None
