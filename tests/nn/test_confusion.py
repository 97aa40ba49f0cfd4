"""The confusion matrix: its counts are scikit-learn's, and it prints as a table that can be read."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nn import confusion_matrix

words = st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("abc"), st.floats(0, 3)), min_size=1, max_size=20)


@settings(max_examples=15)
@given(words, st.booleans())
def test_counts_and_shares_are_scikit_learns(samples, weighted):
    metrics = pytest.importorskip("sklearn.metrics")
    true, found, weights = map(list, zip(*samples, ("c", "b", 1.0), strict=True))  # of one class alone they have another form
    weights = [weight + 0.5 for weight in weights] if weighted else None
    matrix = confusion_matrix(true, found, sample_weight=weights)
    assert matrix.counts == pytest.approx(metrics.confusion_matrix(true, found, sample_weight=weights))
    report = metrics.precision_recall_fscore_support(true, found, sample_weight=weights, zero_division=0.0)
    for numbers, theirs in zip((matrix.precision, matrix.recall, matrix.f1), report, strict=False):
        assert numbers == pytest.approx(theirs)
    assert matrix.accuracy == pytest.approx(metrics.accuracy_score(true, found, sample_weight=weights))


def test_it_prints_names_that_are_longer_than_numbers_and_dots_for_nothing():
    matrix = confusion_matrix([0, 0, 1, 2], [0, 0, 2, 2], names=["barolo", "barbera", "grignolino"])
    assert str(matrix).splitlines() == [
        "            predicted",
        "true            barolo     barbera  grignolino   recall",
        "barolo               2           ·           ·   1.0000",
        "barbera              ·           ·           1   0.0000",
        "grignolino           ·           ·           1   1.0000",
        "precision       1.0000      0.0000      0.5000   accuracy 0.7500",
    ]


def test_what_holds_classes_is_any_table_of_one_column():
    numpy, pandas, polars = (pytest.importorskip(name) for name in ("numpy", "pandas", "polars"))
    true, found = [0, 1, 1, 0], [0, 1, 0, 0]
    expected = confusion_matrix(true, found).counts.tolist()
    for kind in (
        numpy.array,
        pandas.Series,
        polars.Series,
        tuple,
        lambda y: numpy.array(y)[:, None],
        lambda y: [[n] for n in y],
    ):
        assert confusion_matrix(kind(true), kind(found)).counts.tolist() == expected


@pytest.mark.parametrize(
    ("arguments", "settings", "error", "message"),
    [
        (([0, 1], [0]), {}, ValueError, "predicted must be 2, one for each target, got 1"),
        (([], []), {}, ValueError, r"targets must be at least one class, got \[\]"),
        (([0, "a"], [0, 0]), {}, TypeError, r"the classes must be all numbers, or all words, got what cannot be sorted"),
        (([0, 2], [0, 0]), {"names": ["no", "yes"]}, ValueError, "a class must be from 0 to 1, as there are 2 names, got 2"),
        (
            ([0, 1], [[0.2, 0.8], [0.9, 0.1]]),
            {},
            TypeError,
            r"predicted\[0\] must be one class, got .* take the largest: argmax",
        ),
        (([0, 1], [0, 1]), {"sample_weight": [1.0]}, ValueError, "sample_weight must be 2 numbers, one for each sample, got 1"),
    ],
)
def test_what_it_refuses(arguments, settings, error, message):
    with pytest.raises(error, match=message):
        confusion_matrix(*arguments, **settings)
