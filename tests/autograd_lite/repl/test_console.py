"""The standard prompt, as a person types at it."""

from __future__ import annotations

import importlib.util
import io
import os
import sys
from pathlib import Path

import pytest

from autograd_lite import Value
from autograd_lite.repl.console import Console, interact
from autograd_lite.repl.labels import label_variables
from autograd_lite.repl.session import names

ROOT = Path(__file__).parents[3]


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


def test_an_error_shows_the_lines_that_were_typed_and_not_the_librarys(capsys: pytest.CaptureFixture[str]) -> None:
    console = Console(names())
    for line in ("p = Value(-1.0)", "def f(a):", "    return sqrt(a) + 1", "", "f(p)"):
        console.push(line)
    error = capsys.readouterr().err
    assert "f(p)\n" in error
    assert "return sqrt(a) + 1\n" in error
    assert "sqrt(p=-1.0): outside the domain: the function is defined for x ≥ 0" in error
    assert ".py" not in error
    assert "math domain error" not in error


@pytest.mark.parametrize("word", ["exit", "quit", "exit()", " quit "])
def test_exit_ends_the_session(word: str) -> None:
    with pytest.raises(SystemExit):
        Console(names()).push(word.strip())


def test_a_variable_called_exit_is_a_variable(capsys: pytest.CaptureFixture[str]) -> None:
    console = Console(names())
    for line in ("exit = 5", "exit"):
        console.push(line)
    assert capsys.readouterr().out == "5\n"


def test_without_readline_there_is_a_session_all_the_same(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "readline", None)
    stdin = io.StringIO("x = Value(2.0)\nx * x\n")
    monkeypatch.setattr(stdin, "isatty", lambda: True)
    monkeypatch.setattr("sys.stdin", stdin)
    interact(names(), "welcome")
    shown = capsys.readouterr()
    assert "data=4.0" in shown.out
    assert "welcome" in shown.err


SESSION = "from autograd_lite.repl.console import interact; from autograd_lite.repl.session import names; interact(names(), '')"


@pytest.mark.skipif(importlib.util.find_spec("readline") is None, reason="Python has no readline here")
def test_tab_and_the_history_of_earlier_sessions_work_in_a_terminal(tmp_path: Path) -> None:
    pexpect = pytest.importorskip("pexpect")
    environment = {**os.environ, "HOME": str(tmp_path), "PYTHONPATH": str(ROOT), "TERM": "dumb"}
    (tmp_path / "drawing.svg").touch()
    for keys, shown in (
        ("MLP(2, [3], outp\t'tanh')\r", "2 → 3, tanh"),
        ("\x10\x10\r", "2 → 3, tanh"),
        ("open('draw\t').name\r", "drawing.svg"),
    ):
        child = pexpect.spawn(sys.executable, ["-c", SESSION], env=environment, cwd=tmp_path, encoding="utf-8", timeout=600)
        child.expect(">>> ")
        child.send(keys)
        child.expect(rf"\n.*{shown}")
        child.expect(">>> ")
        child.send("exit\r")
        child.expect(pexpect.EOF)
    assert "MLP(2, [3], output_activation='tanh')\n" in (tmp_path / ".autograd_lite_history").read_text()
