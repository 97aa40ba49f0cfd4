"""`python -m autograd_lite`, as a person drives it."""

from __future__ import annotations

import inspect
import io
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

import autograd_lite
from autograd_lite import Value
from autograd_lite.__main__ import BANNER, Console, derivatives, label_variables, names, page
from autograd_lite.notation import name_of
from autograd_lite.ops import TABLE

ROOT = Path(__file__).parents[1]


def repl(lines: str) -> subprocess.CompletedProcess[str]:
    paths = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths), "PYTHONIOENCODING": "utf-8", "PAGER": "cat"}
    command = [sys.executable, "-m", "autograd_lite"]
    return subprocess.run(command, input=lines, capture_output=True, text=True, encoding="utf-8", env=environment, timeout=60)


def test_banner_is_three_lines_whose_suggestions_work() -> None:
    shown = BANNER.format(version=autograd_lite.__version__).splitlines()
    assert len(shown) == 3
    assert max(map(len, shown)) < 80
    first, then = (line[5:].strip() for line in BANNER.splitlines()[1:])
    done = repl("\n".join([first, *(call for call in then.split("   ") if "save" not in call)]) + "\n")
    assert done.returncode == 0
    assert "Traceback" not in done.stderr
    assert "1.542" in done.stdout
    assert "path 2: y ← x" in done.stdout
    assert "∂tanh/∂x = sech²(x)" in done.stdout


def test_public_names_and_pictures_are_at_hand() -> None:
    assert set(autograd_lite.__all__) < set(names())
    assert {"draw", "tree", "explain", "save", "help"} < set(names())


def test_variables_name_their_values() -> None:
    console = Console(names())
    for line in ("x = Value(2.0)", "y = x * 3", "_z = Value(1.0)", "named = Value(1.0, 'own')", "again = x"):
        console.push(line)
    values = console.locals
    assert [values[name].label for name in ("x", "y", "_z", "named", "again")] == ["x", "y", "", "own", "x"]


def test_a_statement_of_several_lines_names_its_values() -> None:
    console = Console(names())
    for line in ("for i in range(2):", "    w = Value(i)", ""):
        console.push(line)
    assert console.locals["w"].label == "w"


def test_labels_show_in_what_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    console = Console(names())
    for line in ("a = Value(2.0)", "b = a * a", "b.backward()", "tree(b)", "explain(b, wrt=a)"):
        console.push(line)
    out = capsys.readouterr().out
    assert "b = a × a" in out
    assert "∂b/∂a = 2.0 + 2.0 = 4.0" in out


def test_the_tree_takes_names_from_the_session_and_not_from_the_repl(capsys: pytest.CaptureFixture[str]) -> None:
    console = Console(names())
    for line in ("u, v = Value(2.0), [Value(3.0), Value(4.0)]", "tree(u * v[0] + v[1])"):
        console.push(line)
    out = capsys.readouterr().out
    assert "value" not in out
    assert "= u × v[0]" in out
    assert "└─ v[1]" in out


def test_a_name_is_that_of_the_value_which_has_it_now(capsys: pytest.CaptureFixture[str]) -> None:
    console = Console(names())
    for line in ("x = kept = Value(2.0)", "own = Value(3.0, 'own')", "old = own", "x = x * own", "own = 1", "tree(x)"):
        console.push(line)
    values = console.locals
    assert [values[name].label for name in ("x", "kept", "old")] == ["x", "kept", "own"]
    assert "x = kept × own" in capsys.readouterr().out
    for line in ("del kept", "x = x + 1"):
        console.push(line)
    product = values["x"].parents[0]
    assert [product.label, product.parents[0].label, values["x"].label] == ["", "", "x"]


def test_only_values_are_labelled() -> None:
    namespace = {"n": 1, "text": "x", "v": Value(1.0)}
    label_variables(namespace, {})
    assert namespace["n"] == 1
    assert namespace["v"].label == "v"  # type: ignore[attr-defined]


def test_an_error_leaves_the_session_open(capsys: pytest.CaptureFixture[str]) -> None:
    console = Console(names())
    for line in ("p = Value(-1.0)", "log(p)", "q = p + 1", "q"):
        console.push(line)
    captured = capsys.readouterr()
    assert "log(p=-1.0): outside the domain" in captured.err
    assert "Value(data=0.0, grad=0, label='q')" in captured.out


@pytest.mark.parametrize("name", TABLE)
def test_help_shows_the_rule_of_every_operation(name: str) -> None:
    operation = TABLE[name]
    shown = page(operation)
    assert "Any" not in shown.partition("\n")[0]
    assert (inspect.getdoc(operation) or "").partition("\n")[0] in shown
    rows = derivatives(operation)
    assert rows
    assert all(f"∂{name}/∂{parameter} = {formula}" in shown for parameter, formula in rows)
    assert ("no derivative where" in shown) == (operation.primitive.kink is not None)
    assert ("defined for" in shown) == any(interval.bounded for interval in operation.primitive.domain)


@pytest.mark.parametrize(
    ("name", "heading", "rule"),
    [
        ("log", "log(x, /)", ["∂log/∂x = 1 ÷ x", "defined for x > 0", "v.log()"]),
        ("truediv", "truediv(a, b, /)", ["∂truediv/∂a = 1 ÷ b", "∂truediv/∂b = −truediv(a, b) ÷ b", "defined for b ≠ 0"]),
        ("dot", "dot(w, a, b=0)", ["∂dot/∂w₀ = a₀", "∂dot/∂w₁ = a₁", "∂dot/∂a₀ = w₀", "∂dot/∂a₁ = w₁", "∂dot/∂b = 1"]),
        ("acosh", "acosh(x, /)", ["∂acosh/∂x = 1/(sqrt(x − 1)) × 1/(sqrt(x + 1))", "defined for x ≥ 1", "v.acosh()"]),
        (
            "leaky_relu",
            "leaky_relu(x, negative_slope=0.01)",
            [
                "∂leaky_relu/∂x = where(x > 0, 1, negative_slope)",
                "∂leaky_relu/∂negative_slope = where(x > 0, 0, x)",
                "no derivative where x = 0: the convention is above",
                "v.leaky_relu()",
            ],
        ),
        (
            "maximum",
            "maximum(a, b, /)",
            [
                "∂maximum/∂a = where(a = b, 0.5, a > b)",
                "∂maximum/∂b = where(a = b, 0.5, b > a)",
                "no derivative where a − b = 0: the convention is above",
            ],
        ),
        ("sum", "sum(terms)", ["∂sum/∂terms₀ = 1", "∂sum/∂terms₁ = 1"]),
    ],
)
def test_help_is_a_page_with_the_docstring_and_the_rule(name: str, heading: str, rule: list[str]) -> None:
    docstring = [f"    {line}".rstrip() for line in (inspect.getdoc(TABLE[name]) or "").splitlines()]
    lines = page(TABLE[name]).splitlines()
    assert lines[: len(docstring) + 4] == [heading, "", *docstring, "", "    From its rule:"]
    rest = [line.strip() for line in lines[len(docstring) + 4 :]]
    *others, last = rule
    assert rest == ([*others, "", f"Also a method: {last}"] if last.startswith("v.") else rule)


def test_a_terminal_gets_ipython_where_it_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    from autograd_lite import __main__ as module

    opened = []
    monkeypatch.setattr(module, "_ipython", lambda names, banner: opened.append("ipython"))
    monkeypatch.setattr(module, "_standard", lambda names, banner: opened.append("standard"))
    for terminal in (True, False):
        for installed in (object(), None):
            monkeypatch.setattr("sys.stdin", SimpleNamespace(isatty=lambda terminal=terminal: terminal))
            monkeypatch.setattr("importlib.util.find_spec", lambda name, installed=installed: installed)
            module.main()
    assert opened == ["ipython", "standard", "standard", "standard"]


def test_without_readline_there_is_a_session_all_the_same(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from autograd_lite.__main__ import _standard

    monkeypatch.setitem(sys.modules, "readline", None)
    monkeypatch.setattr("sys.stdin", io.StringIO("x = Value(2.0)\nx * x\n"))
    _standard(names(), "welcome")
    shown = capsys.readouterr()
    assert "data=4.0" in shown.out
    assert "welcome" in shown.err


def test_help_formulas_are_the_derivatives() -> None:
    x = Value(0.3, "x")
    for name in ("sin", "exp", "tanh", "log1p", "sigmoid"):
        node = TABLE[name](x)
        ((_, formula),) = derivatives(TABLE[name])
        python = formula.replace("×", "*").replace("÷", "/").replace("−", "-")
        python = python.replace("sech²", "sech_squared").replace("σ", "sigmoid")
        value = eval(python, dict(TABLE), {"x": 0.3})
        assert value == pytest.approx(node.local_derivatives[0], rel=1e-12)
    assert name_of(x) == "x"


def test_help_of_other_things_is_pythons(capsys: pytest.CaptureFixture[str]) -> None:
    helper = names()["help"]
    helper(autograd_lite.grad)
    assert "gives the gradient" in capsys.readouterr().out
    assert "help(tanh)" in repr(helper)


def test_ipython_names_values_too() -> None:
    pytest.importorskip("IPython")
    script = """
from IPython.terminal.embed import InteractiveShellEmbed
from autograd_lite.__main__ import BANNER, _ipython, names
cells = ("x = Value(2.0)", "y = x * x", "y.backward()", "explain(y, wrt=x)", "y")
InteractiveShellEmbed.__call__ = lambda shell: [shell.run_cell(cell) for cell in cells] and print(f"{shell.enable_tip=}")
_ipython(names(), BANNER)
"""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])}
    command = [sys.executable, "-W", "ignore", "-c", script]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", env=environment, timeout=120)
    assert "∂y/∂x = 2.0 + 2.0 = 4.0" in done.stdout, done.stderr
    assert "label='y'" in done.stdout
    assert "shell.enable_tip=False" in done.stdout
