"""`python -m visualize`, as a shell calls it."""

import os
import subprocess
import sys

import pytest

from autograd_lite import Value
from visualize.__main__ import main
from visualize.expressions import FUNCTIONS, evaluate


def test_the_picture_of_a_neuron(tmp_path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "neuron.svg"
    assert main(["tanh(w*x + b)", "w=0.5", "x=2", "b=-0.3", "-o", str(path)]) == 0
    assert capsys.readouterr().out == f"{path}\n"
    assert path.read_text().count('class="node"') == 6


def test_tree_and_explanation_are_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["x*x", "x=3", "--explain", "x", "--tree"]) == 0
    out = capsys.readouterr().out
    assert "∂f/∂x = 3.0 + 3.0 = 6.0" in out
    assert "f = x × x" in out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["x.real", "x=1"], "'x.real' is not allowed"),
        (["__import__('os')", "x=1"], "the function '__import__' is not known"),
        (["(lambda: 1)()"], "is not allowed"),
        (["[x for x in y]", "y=1"], "is not allowed"),
        (["x", "x=a"], "'a' is not a number"),
        (["x", "x"], "a variable must be NAME=NUMBER, got 'x'"),
        (["x + y", "x=1"], "the name 'y' has no value: give one, y=NUMBER"),
        (["x", "x=1", "x=2"], "x is given twice: 1.0 and 2.0"),
        (["x", "x=1", "y=2"], "the expression does not use y"),
        (["x +", "x=1"], "cannot read the expression"),
        (["log(x)", "x=-1"], "log(x=-1.0): outside the domain"),
        (["sin(x, x)", "x=1"], "cannot compute 'sin(x, x)'"),
        (["[x]", "x=1"], "is a list, not one number"),
        (["9**9**9*x", "x=1"], "pow(9.0, 387420489.0): the result is too large"),
        (["[1]*9999999999"], "cannot compute '[1]*9999999999'"),
        (["(-8)**(1/3)*x", "x=1"], "outside the domain"),
        (["x.a" + "a" * 100, "x=1"], "'x." + "a" * 57 + "…' is not allowed"),
        (["True"], "'True' is not allowed"),
        (["x*x", "x=1", "-o", "graph.gif"], "the suffix '.gif' is unknown"),
        (["x*x", "x=1", "-o", ""], "cannot save '.': the suffix '' is unknown"),
        (["x*x", "x=1", "-o", "/nowhere/graph.svg"], "cannot write '/nowhere/graph.svg': No such file or directory"),
        (["x*x", "x=1", "--explain", "z"], "--explain must be one of the variables (x), got 'z'"),
    ],
)
def test_bad_input_is_one_line_and_status_2(arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 2
    captured = capsys.readouterr()
    assert message in captured.err
    assert captured.err.count("\n") == 1


def test_what_begins_with_a_minus_is_told_where_to_go(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["-x", "x=2"])
    assert "what begins with a minus goes behind --, as in: -- '-x' x=2" in capsys.readouterr().err
    assert main(["--", "-x", "x=2"]) == 0


def test_it_runs_as_a_module() -> None:
    done = subprocess.run([sys.executable, "-m", "visualize", "x**2", "x=3"], capture_output=True, text=True, check=True)
    assert "f = x ** 2" in done.stdout
    assert done.stderr == ""


def test_a_reader_that_has_seen_enough_is_no_error() -> None:
    command = [sys.executable, "-u", "-m", "visualize", "x**2", "x=3"]
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(command, stdout=writing, stderr=subprocess.PIPE, text=True, check=False)
    os.close(writing)
    assert (done.returncode, done.stderr) == (0, "")


def test_an_output_without_the_characters_is_told_how_to_have_them() -> None:
    environment = os.environ | {"PYTHONIOENCODING": "ascii"}
    command = [sys.executable, "-m", "visualize", "x**2", "x=3"]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 2
    assert "the encoding of the output, ascii, has no" in done.stderr
    assert done.stderr.endswith("set PYTHONIOENCODING=utf-8\n")


def test_expressions_compute_what_python_does() -> None:
    variables = {"x": Value(0.5), "y": Value(2.0)}
    for expression, expected in {
        "x + y*2 - 1/y": 4.0,
        "-x**2": -0.25,
        "+x": 0.5,
        "pi*x": 3.141592653589793 / 2,
        "x > 0": 1,
        "x < 0": 0,
    }.items():
        assert evaluate(expression, variables).data == pytest.approx(expected)
    assert evaluate("dot([x, 1], (y, 3), 4)", variables).data == 8.0
    assert evaluate("2 + 3", {}).data == 5
    assert "eval" not in FUNCTIONS


def test_deep_nesting_is_an_error_not_a_crash() -> None:
    with pytest.raises(ValueError, match=r"nested|cannot read"):
        evaluate("-" * 100_000 + "1", {})
