"""Splitting keeps samples together and proportions; scaling is that of the samples to learn from."""

import math
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nn import Standardizer, standardize, train_test_split

numpy = pytest.importorskip("numpy")


@given(st.integers(2, 60), st.floats(0.01, 0.99), st.integers(0, 9))
def test_each_sample_is_in_one_part_with_its_target(count, size, seed):
    inputs, targets = [[float(i), 0.0] for i in range(count)], list(range(count))
    if math.ceil(size * count) == count:
        with pytest.raises(ValueError, match=r"at least 1 is in each part"):
            train_test_split(inputs, targets, test_size=size, seed=seed)
        return
    train, test, train_targets, test_targets = train_test_split(inputs, targets, test_size=size, seed=seed)
    assert sorted(train_targets + test_targets) == targets
    assert [x for x, _ in train] == train_targets
    assert [x for x, _ in test] == test_targets
    assert train_test_split(inputs, targets, test_size=size, seed=seed)[3] == test_targets


@given(st.lists(st.sampled_from("aabbc"), min_size=8, max_size=50), st.integers(1, 7), st.integers(0, 9))
def test_stratified_each_class_has_its_share_up_to_one_sample(labels, size, seed):
    train, test = train_test_split(labels, test_size=size, seed=seed, stratify=labels)
    assert (len(train), len(test)) == (len(labels) - size, size)
    for label, count in Counter(labels).items():
        assert abs(test.count(label) - count * size / len(labels)) < 1


def test_the_number_to_test_with_is_scikit_learns():
    selection = pytest.importorskip("sklearn.model_selection")
    for count in range(4, 30):
        for size in (0.1, 0.25, 1 / 3, 0.5, 2):
            rows = list(range(count))
            theirs = selection.train_test_split(rows, test_size=size)
            assert [*map(len, train_test_split(rows, test_size=size))] == [*map(len, theirs)]


def test_each_table_stays_of_its_kind():
    pandas, polars = pytest.importorskip("pandas"), pytest.importorskip("polars")
    frame = pandas.DataFrame({"a": range(8), "b": list("abcdefgh")}, index=list("stuvwxyz"))
    tables = [
        frame,
        frame["a"],
        polars.DataFrame(frame),
        polars.Series(range(8)),
        numpy.arange(16).reshape(8, 2),
        tuple(range(8)),
    ]
    parts = train_test_split(*tables, test_size=3, seed=0)
    for k, table in enumerate(tables):
        train, test = parts[2 * k : 2 * k + 2]
        assert type(train) is type(test) is type(table)
        assert (len(train), len(test)) == (5, 3)
    assert parts[0]["a"].tolist() == parts[2].tolist() == parts[4]["a"].to_list() == list(parts[10])
    assert parts[0].index.tolist() == [list("stuvwxyz")[i] for i in parts[0]["a"]]


@pytest.mark.parametrize(
    ("tables", "settings", "error", "message"),
    [
        ((), {}, TypeError, r"train_test_split expects at least one table, got none: train_test_split\(inputs, targets\)"),
        (([1, 2], [1]), {}, ValueError, r"the rows of the tables must be as many in each, got \[2, 1\]: one for each sample"),
        (
            ([1, 2],),
            {"stratify": [0]},
            ValueError,
            r"the rows of the tables must be as many in each, got \[2, 1\]: one for each sample",
        ),
        (([1],), {}, ValueError, r"test_size must be such that of 1 sample at least 1 is in each part, got 0\.25"),
        (([1, 2],), {"test_size": 2}, ValueError, "test_size must be such that of 2 samples at least 1 is in each part, got 2"),
        (
            ([1, 2],),
            {"test_size": 1.5},
            ValueError,
            "test_size must be a share between 0 and 1, or a number .*, got 1.5",
        ),
        (([1, 2],), {"test_size": True}, ValueError, "test_size must be a share"),
        ((5,), {}, TypeError, "a table must be a list, an array or a data frame .*, got 5"),
    ],
)
def test_what_a_split_refuses(tables, settings, error, message):
    with pytest.raises(error, match=message):
        train_test_split(*tables, **settings)


@given(st.lists(st.lists(st.floats(-1e3, 1e3), min_size=2, max_size=2), min_size=2, max_size=20))
def test_the_scale_is_scikit_learns(rows):
    preprocessing = pytest.importorskip("sklearn.preprocessing")
    column = [row[0] for row in rows]
    if 0 < max(column) - min(column) < 1e-3:
        return  # what is nearly constant is a matter of rounding
    theirs = preprocessing.StandardScaler().fit(rows)
    constant = len({*column}) == 1
    mine = Standardizer(rows)
    assert mine.mean == pytest.approx(theirs.mean_, abs=1e-9)
    assert constant or mine.scale[0] == pytest.approx(theirs.scale_[0])
    assert not constant or set(mine(rows)[:, 0]) == {0.0}


def test_a_scale_says_of_how_many_features_it_is():
    assert repr(Standardizer([[1.0, 2.0]])) == "Standardizer of 2 features"


def test_others_get_the_scale_of_the_first_and_sequences_one_for_all_steps():
    train, test = standardize([[0.0, 1.0], [2.0, 1.0]], numpy.array([[4, 2]], "uint8"))
    assert train.tolist() == [[-1.0, 0.0], [1.0, 0.0]]
    assert test.tolist() == [[3.0, 1.0]]
    sequences = numpy.arange(24.0).reshape(2, 3, 4)
    scaled = standardize(sequences)
    assert scaled.shape == sequences.shape
    assert scaled.reshape(6, 4).mean(0) == pytest.approx(numpy.zeros(4))
    assert scaled.reshape(6, 4).std(0) == pytest.approx(numpy.ones(4))


@pytest.mark.parametrize(
    ("tables", "message"),
    [
        (([[1.0, 2.0]], [[1.0]]), "the scale expects 2 features, got 1: so many had the inputs that it was made from"),
        (([1.0, 2.0],), r"the inputs must be rows of numbers, one for each sample, got \[1\.0,.*1\)\) makes each number a row"),
        (([],), r"the inputs must be rows of numbers, one for each sample, got \[\]"),
        (([[1.0], [float("nan")]],), "input 1, feature 0, is nan"),
    ],
)
def test_what_a_scale_refuses(tables, message):
    with pytest.raises(ValueError, match=message):
        standardize(*tables)


def test_what_shows_itself_as_an_array_is_split_as_one(shown):
    array = numpy.arange(8.0).reshape(4, 2)
    expected = train_test_split(array, seed=0)
    for table in (memoryview(array), shown(array)):
        assert [part.tolist() for part in train_test_split(table, seed=0)] == [part.tolist() for part in expected]
    scipy = pytest.importorskip("scipy.sparse")
    for kind in (scipy.csr_array, scipy.coo_matrix):
        assert train_test_split(kind(array), seed=0)[1].toarray().tolist() == expected[1].tolist()


def test_classes_to_stratify_by_may_stand_in_a_column():
    samples, classes = list(range(8)), numpy.array([[0], [1]] * 4)
    assert train_test_split(samples, stratify=classes, seed=0) == train_test_split(samples, stratify=classes[:, 0], seed=0)
    with pytest.raises(ValueError, match=r"stratify must be one class for each sample, got \[0, 1\]"):
        train_test_split(samples, stratify=[[0, 1]] * 8)
