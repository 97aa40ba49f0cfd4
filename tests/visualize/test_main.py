"""`python -m visualize`, as a shell calls it."""

import inspect
import json
import math
import os
import subprocess
import sys
from typing import Any

import pytest

import autograd_lite
from autograd_lite import Value
from visualize import dot
from visualize.__main__ import PICTURE, main
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
        ([], "which expression? As in: python -m visualize 'x*x' x=2"),
        (["x=2", "x*x"], "'x=2' is no expression: it comes first, and then its numbers"),
        (["x^2", "x=1"], "'x^2': a power is written with **, as in x**2, and not with ^"),
        (["tahn(x)", "x=1"], "the function 'tahn' is not known: did you mean 'tanh'?"),
        (["sigmiod(x)", "x=1"], "the function 'sigmiod' is not known: did you mean 'sigmoid'?"),
        (["ln(x)", "x=1"], "did you mean 'log'?"),
        (["arctanh(x)", "x=1"], "did you mean 'atanh'?"),
        (["2x", "x=1"], "'2x': a product needs its sign, as in 2*x"),
        (["2 x", "x=1"], "'2 x': a function has brackets, as in sin(x), and a product its sign"),
        (["sinh(x)cosh(x)", "x=1"], "a product needs its sign"),
        (["x(x + 1)", "x=1"], "x is no function: for the product write (x)*(x + 1)"),
        (["(x + 1)(x - 1)", "x=1"], "for the product write (x + 1)*(x - 1)"),
        (["x = 2", "x=2"], "a variable gets its number behind the expression"),
        (["x²", "x=2"], "a power is written with **"),
        (["x*x", "x", "=", "2"], "a variable must be NAME=NUMBER, got 'x': write it without spaces, as in x=2"),
        (["x", "x=1,5"], "x must be a number, got '1,5': write 1.5"),
        (["x", "x=1e400"], "x must be a number that a float can hold, got '1e400'"),
        (["lambda*2", "lambda=1"], "the name of a variable must be no word of Python's own, got 'lambda'"),
        (["x", "x=1", "--colour"], "there is no option '--colour': did you mean '--colors'?"),
        (["x", "x=1", "--order", "3"], "--order must be 1 or 2, got '3'"),
        (["x", "x=1", "--colors"], "--colors is for a picture: say where it goes, with -o FILE.svg"),
        (
            ["x", "x=1", "--colors", "-o", "y.html"],
            "--colors is for a picture (.svg .png .pdf .dot), and y.html is the page",
        ),
        (["x", "x=1", "--json", "--tree"], "--json and --tree do not go together"),
        (["1 + 1", "--compile"], "there is nothing to compile: the expression has no variables"),
        (["x.real", "x=1"], "'x.real' is not allowed"),
        (["__import__('os')", "x=1"], "the function '__import__' is not known; known are abs, "),
        (["(lambda: 1)()"], "is not allowed"),
        (["[x for x in y]", "y=1"], "is not allowed"),
        (["x", "x=a"], "x must be a number, got 'a'"),
        (["x", "x"], "a variable must be NAME=NUMBER, got 'x'"),
        (["x + y", "x=1"], "the name 'y' has no value: give one, y=NUMBER"),
        (["x", "x=1", "x=2"], "x must be given once, got 1.0 and 2.0"),
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
        (
            ["x*x", "x=1", "-o", "graph.jpg"],
            "the suffix of 'graph.jpg' must be one of .svg, .png, .pdf, .dot, ",
        ),
        (["x*x", "x=1", "-o", ""], "the suffix of '.' must be one of .svg, .png, .pdf, .dot, "),
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
    assert main(["-x", "x=2"]) == 2
    assert "what begins with a minus goes behind --, as in: -- '-x'" in capsys.readouterr().err
    assert main(["--", "-x", "x=2"]) == 0


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(arguments) == 0
    return capsys.readouterr().out


def test_json_has_every_digit_and_second_derivatives(capsys: pytest.CaptureFixture[str]) -> None:
    found = json.loads(printed(capsys, "sin(x)*y", "x=0.1", "y=3", "--json", "--order", "2"))
    assert found["expression"] == "sin(x)*y"
    assert found["variables"] == {"x": 0.1, "y": 3.0}
    assert found["value"] == math.sin(0.1) * 3
    assert found["gradient"] == {"x": math.cos(0.1) * 3, "y": math.sin(0.1)}
    assert found["hessian"] == {"x": {"x": -math.sin(0.1) * 3, "y": math.cos(0.1)}, "y": {"x": math.cos(0.1), "y": 0.0}}


def test_json_knows_no_infinity_and_so_it_is_a_text(capsys: pytest.CaptureFixture[str]) -> None:
    found = json.loads(printed(capsys, "sum([x, -x])", "x=inf", "--json"), parse_constant=pytest.fail)
    assert found["variables"] == {"x": "Infinity"}
    assert found["value"] == "NaN"


def test_second_derivatives_are_printed_each_once(capsys: pytest.CaptureFixture[str]) -> None:
    lines = printed(capsys, "x**2 * y", "x=3", "y=5", "--order", "2").splitlines()
    assert lines[-3:] == ["∂²f/∂x²  = 10.0", "∂²f/∂x∂y = 6.0", "∂²f/∂y²  = 0.0"]
    latex = printed(capsys, "x**2 * y", "x=3", "y=5", "--order", "2", "--latex")
    assert r"\frac{\partial^2 f}{\partial x \, \partial y} = 6.0" in latex


def test_latex_is_the_formula_or_the_explanation(capsys: pytest.CaptureFixture[str]) -> None:
    assert printed(capsys, "tanh(w*x)", "w=1", "x=2", "--latex") == "f = \\tanh\\left(w \\cdot x\\right)\n"
    assert printed(capsys, "x*x", "x=2", "--latex", "--explain", "x").startswith(
        "\\begin{aligned}\n\\frac{\\partial f}{\\partial x}"
    )


@pytest.mark.parametrize(("order", "results"), [("1", [12.0, 12.0, 4.0]), ("2", [6.0, 4.0, 4.0, 0.0])])
def test_the_compiled_source_is_a_program(order: str, results: list[float], capsys: pytest.CaptureFixture[str]) -> None:
    namespace: dict[str, Any] = {}
    exec(printed(capsys, "x*x*y", "x=2", "y=3", "--compile", "--order", order), namespace)
    (function,) = [thing for name, thing in namespace.items() if name.startswith("f")]
    assert function(2.0, 3.0) == results


def test_the_options_of_a_picture_are_those_of_draw(tmp_path, capsys: pytest.CaptureFixture[str]) -> None:
    own = {"size", "steps"}  # of `draw` for any subject, and of `save`
    assert set(PICTURE) - own == set(inspect.signature(dot.draw).parameters) - {"value", "format", "names"}
    path = tmp_path / "f.svg"
    options = ["--colors", "--local-derivatives", "--theme", "dark", "--rankdir", "TB", "--limit", "50"]
    printed(capsys, "w*x", "w=0.5", "x=2", "-o", str(path), *options)
    w, x = Value(0.5, "w"), Value(2.0, "x")
    y = w * x
    y.label = "f"
    y.backward()
    drawn = dot.draw(y, colors=True, local_derivatives=True, theme="dark", rankdir="TB", limit=50)
    assert path.read_text() == drawn.pipe("svg", encoding="utf-8")


def test_constants_and_names_in_any_form(capsys: pytest.CaptureFixture[str]) -> None:
    found = json.loads(printed(capsys, "e*x + pi + µ", "x=pi/2", "μ=1", "--json"))
    assert found["value"] == pytest.approx(math.e * math.pi / 2 + math.pi + 1)
    assert json.loads(printed(capsys, "𝑥 * 2", "ｘ=3", "--json"))["gradient"] == {"x": 2.0}


def test_numbers_may_stand_between_options(capsys: pytest.CaptureFixture[str]) -> None:
    assert "f = a × b" in printed(capsys, "a*b", "a=2", "--tree", "b=3")


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


def test_the_version(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--version"])
    assert ended.value.code == 0
    assert capsys.readouterr().out == f"autograd_lite {autograd_lite.__version__}\n"
