"""`python -m nn train table`: from a CSV file to a model that takes the file's own numbers; what is wrong is named."""

import csv
import json
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

import nn
from nn.commands import main
from nn.commands.csv_file import read_csv

pytest.importorskip("sklearn")
QUICK = ["--epochs", "20", "--hidden", "4"]


@pytest.fixture(autouse=True)
def without_matplotlib(monkeypatch):
    """As if it were not installed: these tests are not about plots."""
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)


def train(path, *options, target="target", output="out"):
    return main(["train", "table", str(path), "--target", target, "--output", str(path.parent / output), *map(str, options)])


@pytest.fixture
def iris(tmp_path):
    """The irises as a file, their species as words."""
    from sklearn.datasets import load_iris

    data = load_iris(as_frame=True)
    frame = data.frame.assign(target=[data.target_names[k] for k in data.target])
    frame.to_csv(tmp_path / "iris.csv", index=False)
    return tmp_path / "iris.csv"


def raw_rows(path, described, model):
    """The outputs of a model for each row of a file, and the cells of its target."""
    with path.open() as file:
        rows = list(csv.DictReader(file))

    def number(row, name):
        column, _, word = name.partition("=")
        return float(row[column] == word if word else row[column])

    inputs = [[number(row, name) for name in described["inputs"]] for row in rows]
    return nn.outputs(model, inputs), [row[described["target"]] for row in rows]


def test_the_model_that_is_left_takes_the_numbers_of_the_file(iris, capsys):
    assert train(iris, "--epochs", 60) == 0
    printed = capsys.readouterr().out
    assert "120 rows to learn from, 30 to test with" in printed
    assert "target 'target': classes setosa, versicolor, virginica" in printed
    described = json.loads((iris.parent / "out" / "columns.json").read_text())
    assert described["classes"] == ["setosa", "versicolor", "virginica"]
    model = nn.load(iris.parent / "out" / "model.json")
    found, species = raw_rows(iris, described, model)
    right = sum(described["classes"][k] == name for k, name in zip(found.argmax(1), species, strict=True))
    assert right >= 143
    assert "accuracy 0.9" in printed or "accuracy 1.0" in printed


def test_of_numbers_it_gives_numbers_as_they_are_in_the_file(tmp_path, capsys):
    path = tmp_path / "houses.csv"
    rows = [
        (size, kind, 1000 + 50 * size + (400 if kind == "villa" else 0))
        for size in range(40, 100)
        for kind in ("flat", "villa")
    ]
    path.write_text("size,kind,price\n" + "".join(f"{size},{kind},{price}\n" for size, kind, price in rows))
    assert train(path, "--epochs", 150, target="price") == 0
    assert "target 'price': numbers" in (printed := capsys.readouterr().out)
    assert float(printed.partition("r2 ")[2].split(",")[0]) > 0.99
    described = json.loads((tmp_path / "out" / "columns.json").read_text())
    assert described == {"inputs": ["size", "kind=flat", "kind=villa"], "target": "price", "classes": []}
    found, prices = raw_rows(path, described, nn.load(tmp_path / "out" / "model.json"))
    assert abs(found[:, 0] - [float(price) for price in prices]).mean() < 100


@pytest.mark.parametrize(
    ("cells", "options", "said"),
    [
        (["1", "0"], [], "classes 0, 1"),
        (["1", "0"], ["--task", "numbers"], "numbers"),
        (["1.5", "0"], [], "numbers"),
        (["1.5", "0"], ["--task", "classes"], "classes 0.0, 1.5"),
        (["yes", "no"], [], "classes no, yes"),
    ],
)
def test_what_the_target_is_taken_for_is_said_and_can_be_chosen(tmp_path, capsys, cells, options, said):
    path = tmp_path / "data.csv"
    path.write_text("x,target\n" + "".join(f"{i},{cells[i % 2]}\n" for i in range(40)))
    assert train(path, *QUICK, *options) == 0
    assert f"target 'target': {said}\n" in capsys.readouterr().out


def test_rows_in_which_something_is_missing_can_be_left_out_and_columns_too(tmp_path, capsys):
    path = tmp_path / "data.csv"
    path.write_text("x,z,target\n" + "".join(f"{i},{'NA' if i == 3 else i * i},{'ab'[i % 2]}\n" for i in range(20)))
    assert train(path, *QUICK) == 2
    assert "line 5: column 'z' has nothing in it" in capsys.readouterr().err
    assert train(path, *QUICK, "--drop-missing") == 0
    assert "15 rows to learn from, 4 to test with" in capsys.readouterr().out
    assert train(path, *QUICK, "--ignore", "z", output="without z") == 0
    assert "16 rows to learn from, 4 to test with" in capsys.readouterr().out


numbers = st.floats(allow_nan=False, allow_infinity=False)
words = (
    st.text("abc ,;\"'é\n|", min_size=1)
    .filter(lambda word: word.strip() == word)
    .filter(lambda word: any(map(str.isalpha, word)))
)
columns = st.lists(st.lists(numbers, min_size=3, max_size=3) | st.lists(words, min_size=3, max_size=3), min_size=2, max_size=4)


@given(columns, st.sampled_from(",;\t|"), st.booleans())
def test_what_a_file_holds_is_read_as_it_was_written(tmp_path_factory, columns, separator, mark):
    path = tmp_path_factory.mktemp("csv") / "data.csv"
    with path.open("w", encoding="utf-8-sig" if mark else "utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=separator)
        writer.writerows([[f"column {k}" for k in range(len(columns))], *zip(*columns, strict=True)])
    file = read_csv(path)
    assert [file.column(name).cells for name in file.names] == columns


def test_a_decimal_comma_is_read_where_columns_are_parted_by_another_sign(tmp_path):
    path = tmp_path / "data.csv"
    path.write_text("x;y\n1,5;2\n-3,25;4,0\n")
    assert [read_csv(path).column(name).cells for name in "xy"] == [[1.5, -3.25], [2.0, 4.0]]


@pytest.mark.parametrize(
    ("text", "options", "message"),
    [
        ("", [], "has nothing in it: it needs a line of names, and rows under it"),
        ("x,target\n", [], "has no rows: it needs a line of names"),
        ("1,2\n3,4\n", [], "the first line of {path} has numbers, expected the names of the columns"),
        ("x,x,target\n1,2,3\n", [], "has two columns 'x': rename one"),
        ("x,,target\n1,2,3\n", [], "column 2 of {path} has no name: give it one; if it counts the rows"),
        ("x,y\n1,2\n", [], "must be one of 'x', 'y', got 'target'"),
        ("x,target\n1,2\n", ["--ignore", "z"], "must be one of 'x', 'target', got 'z'"),
        ("x,target\n1,2\n", ["--ignore", "target"], "--ignore leaves out the target 'target': name other columns"),
        ("target\n1\n0\n", [], "has no column besides the target 'target': there is nothing to learn from"),
        ("x,target\n1,2\n\n3\n", [], "line 4 has 1 cells, its first line 2"),
        ('x,target\n1,"2\n', [], "line 2: unexpected end of data"),
        (
            "x,target\n1,a\n?,b\n",
            [],
            "line 3: column 'x' has nothing in it: fill it, or leave such rows out with --drop-missing, or",
        ),
        ("x,target\n1,a\n2,\n", [], "'target' has nothing in it: fill it, or leave such rows out with --drop-missing\n"),
        ("x,target\n?,a\n?,b\n", ["--drop-missing"], "in every row something is missing"),
        ("x,target\n1,a\ntwo,b\n", [], "column 'x' is neither numbers nor words: '1' in line 2, 'two' in line 3"),
        ("x,target\n1,a\ninf,b\n", [], "column 'x' is neither numbers nor words: '1' in line 2, 'inf' in line 3"),
        ("x,target\n1,a\n2,a\n", [], "column 'target' is 'a' in every row: there is nothing to learn"),
        ("x,target\n1,a\n2,b\n", ["--task", "numbers"], "column 'target' is words, as 'a': leave out --task numbers"),
        (
            "x,target\n1,a\n2,b\n",
            ["--test-size", "0.9"],
            "test_size must be such that of 2 samples at least 1 is in each part, got 0.9",
        ),
        ("x,target\n" + "".join(f"w{i % 51},{i % 2}\n" for i in range(60)), [], "column 'x' has 51 different words, as 'w0'"),
        ("x,target\na,1\nb,2\nc,1\n", [], "column 'x' has another word in each row, as 'a' and 'c'"),
    ],
)
def test_what_cannot_be_learnt_from_is_one_line_that_says_where(tmp_path, capsys, text, options, message):
    path = tmp_path / "data.csv"
    path.write_text(text)
    assert train(path, *options) == 2
    told = capsys.readouterr()
    assert told.err.startswith("nn: ")
    assert message.format(path=path) in told.err
    assert told.err.count("\n") == 1
    assert told.out == ""
    assert not (tmp_path / "out").exists()


def test_a_file_that_is_no_text_or_not_there(tmp_path, capsys):
    (tmp_path / "data.csv").write_bytes(b"x,target\n\xff,1\n")
    assert train(tmp_path / "data.csv") == 2
    assert "is no text in UTF-8 (byte 9): save it as UTF-8" in capsys.readouterr().err
    assert train(tmp_path / "none.csv") == 2
    assert capsys.readouterr().err == f"nn: no file {tmp_path / 'none.csv'}\n"
    assert train(tmp_path) == 2
    assert "Is a directory" in capsys.readouterr().err


def test_what_cannot_be_seen_in_a_file_is_written_out(tmp_path, capsys):
    path = tmp_path / "a\x1b[31m.csv"
    path.write_text("wi\x1b[31mdth,target\n1,a\nb,c\n")
    assert train(path) == 2
    told = capsys.readouterr().err
    assert told.removesuffix("\n").isprintable()
    assert r"--ignore 'wi\x1b[31mdth'" in told
