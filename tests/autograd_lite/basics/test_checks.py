"""One dialect of messages about arguments, and one place that asks what a user gave."""

import ast
import math
import re
from pathlib import Path

import pytest

from autograd_lite.basics import checks
from autograd_lite.basics.checks import (
    wrong_data,
    wrong_element,
    wrong_entry,
    wrong_length,
    wrong_names,
    wrong_type,
    wrong_value,
)

ROOT = Path(__file__).parents[3]
OF_ARRAYS = {"__array__", "__dlpack__", "__dask_graph__", "tolist", "toarray", "to_numpy", "iloc", "shape", "dtype", "ndim"}
OF_FILES = {"text.py"}  # says what is in a file, and not what an argument is


def test_a_message_has_the_name_what_is_wanted_what_there_is_and_a_way_out():
    assert str(wrong_type("x", "a number", "a", "say 1")) == "x must be a number, got 'a' (str): say 1"
    assert str(wrong_value("x", "above 0", -1)) == "x must be above 0, got -1"
    assert str(wrong_value("x", "dense", [], told="a sparse one")) == "x must be dense, got a sparse one"
    assert str(wrong_length("w", 2, "weight", "input", 1)) == "w must be 2 weights, one for each input, got 1"
    assert str(wrong_length("ys", 2, "", "x", 1)) == "ys must be 2, one for each x, got 1"
    assert str(wrong_names("s", "abcde", ["z"])) == "s does not fit: missing: a, b, c and 2 more; unknown: z"
    assert str(wrong_element("x[0]", "a number", "a")) == "x[0] is 'a' (str): expected a number"
    assert str(wrong_entry("x[0]", "a finite number", 1e999, "leave it out")) == (
        "x[0] is inf: expected a finite number: leave it out"
    )
    assert str(wrong_data("MLP", "numbers", None)) == "MLP expects numbers, got None (NoneType)"


@pytest.mark.parametrize(
    ("check", "wrong_kinds", "wrong_values", "right"),
    [
        (lambda x: checks.whole_number("x", x), ["2", None, True, 1j, [1]], [0, -1, 2.5, 2.0, math.nan], 3),
        (lambda x: checks.check_range("x", x, 0, 1), ["0.5", None, 1j], [1, -0.5, math.nan, math.inf], 0.5),
        (lambda x: checks.one_of("x", x, ["a", "b"]), [None, 1, ["a"]], ["", "c"], "a"),
    ],
)
def test_a_wrong_kind_is_a_type_error_and_a_wrong_value_a_value_error(check, wrong_kinds, wrong_values, right):
    for given in wrong_kinds:
        with pytest.raises(TypeError, match=rf"^x must be .*, got {re.escape(repr(given))} \({type(given).__name__}\)$"):
            check(given)
    for given in wrong_values:
        with pytest.raises(ValueError, match=rf"^x must be .*, got {re.escape(repr(given))}$"):
            check(given)
    check(right)


def test_a_value_is_shown_in_one_line_and_a_long_one_by_its_ends():
    class Lines:
        def __repr__(self):
            return "first\n   second\x1b"

    assert checks.shown(Lines()) == r"first second\x1b"
    shown = checks.shown([0.5] * 10**5)
    assert shown.startswith("[0.5, ")
    assert shown.endswith(" 0.5]")
    assert "more characters" in shown
    assert len(shown) < 300


@pytest.fixture(scope="module")
def sources():
    """The syntax of every file of `nn` and `visualize`."""
    return {
        path: ast.parse(path.read_text("utf-8")) for folder in ("nn", "visualize") for path in (ROOT / folder).rglob("*.py")
    }


def words(node):
    """The text of a string, or that between the braces of an f-string."""
    return "".join(part.value for part in ast.walk(node) if isinstance(part, ast.Constant) and isinstance(part.value, str))


@pytest.mark.parametrize("phrase", [" must be ", ", got "])
def test_no_message_about_an_argument_is_written_by_hand(phrase, sources):
    by_hand = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path, tree in sources.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call) and path.name not in OF_FILES
        if isinstance(node.exc.func, ast.Name) and node.exc.func.id in ("TypeError", "ValueError")
        if phrase in words(node.exc)
    ]
    assert by_hand == []


def test_whether_something_is_an_array_or_a_table_is_asked_in_one_place(sources):
    asking = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path, tree in sources.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "hasattr"
        if isinstance(node.args[1], ast.Constant) and node.args[1].value in OF_ARRAYS
    ]
    assert asking == []
