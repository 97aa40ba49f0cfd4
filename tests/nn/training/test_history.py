"""The history of a run."""

import csv
import io

from nn import History


def test_the_history_as_a_table():
    history = History(seed=1)
    assert repr(history) == "History(0 epochs)"
    history.add({"loss": 0.5, "accuracy": 1.0})
    history.add({"loss": 0.25, "accuracy": 1.0})
    assert history.to_csv() == "epoch,loss,accuracy\n1,0.5,1.0\n2,0.25,1.0\n"
    named = History(seed=0)
    named.add({"loss": 0.1, "near(a=1, b=2)": 1e-300})  # as a metric made by functools.partial is called
    assert list(csv.reader(io.StringIO(named.to_csv()))) == [["epoch", "loss", "near(a=1, b=2)"], ["1", "0.1", "1e-300"]]
