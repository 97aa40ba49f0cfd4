"""Work that is asked of workers directly gives what tasks give, and is left to tasks where something is wrong."""

import asyncio
import math
import operator
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd_lite.basics import direct
from autograd_lite.basics.direct import Direct, balanced, done_here, least_loaded


@pytest.fixture
def asking(client, monkeypatch):
    """What asks directly from the first work on, with rows of two numbers each, on both workers."""
    monkeypatch.setattr(direct, "SHORT", math.inf)
    asking = Direct(client)
    asking.seconds, asking.seen = 0.0, math.inf
    workers = sorted(client.nthreads())
    rows = [[client.scatter([number], workers=[workers[i % 2]], hash=False)[0] for number in (i, 2)] for i in range(5)]
    return asking, rows


def refused():
    raise AssertionError("done by tasks")


def test_results_come_in_the_order_of_the_rows_with_the_arguments_of_each(asking):
    asking, rows = asking
    assert asking.results(operator.pow, rows, [()] * 5, refused) == [0, 1, 4, 9, 16]
    assert asking.results(pow, rows, [(3,), (3,), (3,), (5,), (7,)], refused) == [0, 1, 1, 4, 2]
    assert len({*asking.places}) == 2


def test_what_goes_wrong_is_left_to_tasks(asking):
    asking, rows = asking
    assert asking.results(operator.truediv, rows, [()] * 5, lambda: ["by tasks"]) == [0.0, 0.5, 1.0, 1.5, 2.0]
    assert asking.results(operator.index, rows, [()] * 5, lambda: ["by tasks"]) == ["by tasks"]  # an error of the work
    assert asking.results(operator.pow, rows, [()] * 5, lambda: ["by tasks"]) != ["by tasks"]
    asking.places = ["tcp://127.0.0.1:1"] * 5  # nobody listens there
    assert asking.results(operator.pow, rows, [()] * 5, lambda: ["by tasks"]) == ["by tasks"]


def test_what_lies_nowhere_or_not_on_one_worker_is_left_to_tasks(asking):
    asking, rows = asking
    mixed = [[rows[0][0], rows[1][1]]]
    assert asking.results(operator.pow, mixed, [()], lambda: ["by tasks"]) == ["by tasks"]
    asking.client.cancel(rows[0][0])
    assert asking.results(operator.pow, rows, [()] * 5, lambda: ["by tasks"]) == ["by tasks"]


def test_long_work_and_after_a_while_any_is_done_by_tasks(asking, monkeypatch):
    asking, rows = asking
    monkeypatch.setattr(direct, "SHORT", 0.0)
    assert asking.results(operator.pow, rows, [()] * 5, lambda: ["by tasks"]) == ["by tasks"]
    monkeypatch.setattr(direct, "SHORT", math.inf)
    assert asking.results(operator.pow, rows, [()] * 5, refused) == [0, 1, 4, 9, 16]
    monkeypatch.setattr(direct, "SEEN", 0.0)
    assert asking.results(operator.pow, rows, [()] * 5, lambda: ["by tasks"]) == ["by tasks"]


def test_of_several_workers_that_hold_a_thing_one_with_less_to_do_takes_it():
    assert least_loaded({"a": 1, "b": 1}, [["a", "b"], ["a"], ["a", "b"], ["b", "a"]]) == ["a", "a", "b", "b"]
    assert least_loaded({"a": 1, "b": 2}, [["a", "b"]] * 6) == ["a", "b", "b", "a", "b", "b"]


def test_a_worker_answers_with_nothing_where_something_goes_wrong():
    worker = SimpleNamespace(data={"a": 2, ("b", 1): 3}, state=SimpleNamespace(nthreads=2))
    rows = [(["a", ("b", 1)], ()), ([("b", 1)], (4,))]
    assert asyncio.run(done_here(pow, rows, worker)) == [8, 81]
    assert asyncio.run(done_here(pow, [(["c"], ())], worker)) is None


@given(st.dictionaries(st.sampled_from("abcd"), st.integers(1, 4), min_size=1), st.lists(st.sampled_from("abcd"), min_size=1))
def test_no_worker_has_so_much_to_do_that_another_should_have_a_part_of_it(threads, places):
    places = [place for place in places if place in threads] or [min(threads)]
    found = balanced(threads, places)
    has = {worker: found.count(worker) for worker in threads}
    for most in threads:
        for other in threads:
            assert has[most] / threads[most] <= (has[other] + 1) / threads[other]
    assert balanced(threads, found) == found
