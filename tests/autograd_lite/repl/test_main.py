"""`python -m autograd_lite`, as a shell calls it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import autograd_lite
from autograd_lite import __main__ as command
from autograd_lite.repl import console, ipython, session

ROOT = Path(__file__).parents[3]


def run(*arguments: str, lines: str = "", folder: Path = ROOT) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8", "PAGER": "cat"}
    command = [sys.executable, "-m", "autograd_lite", *arguments]
    return subprocess.run(
        command, input=lines, capture_output=True, encoding="utf-8", env=environment, cwd=folder, timeout=600, check=False
    )


def test_banner_is_three_lines_whose_suggestions_work() -> None:
    shown = session.BANNER.format(version=autograd_lite.__version__).splitlines()
    assert len(shown) == 3
    assert max(map(len, shown)) < 80
    first, then = (line[5:].strip() for line in session.BANNER.splitlines()[1:])
    done = run(lines="\n".join([first, *(call for call in then.split("   ") if "save" not in call)]) + "\n")
    assert done.returncode == 0
    assert "Traceback" not in done.stderr
    assert "1.542" in done.stdout
    assert "path 2: y ← x" in done.stdout
    assert "∂tanh/∂x = sech²(x)" in done.stdout


def test_names_of_all_packages_are_at_hand() -> None:
    names = session.names()
    assert set(autograd_lite.__all__) < set(names)
    assert {"draw", "tree", "explain", "save", "help", "nn", "MLP", "math", "Value"} < set(names)


def test_a_file_is_run_with_the_names_and_its_arguments(tmp_path: Path) -> None:
    (tmp_path / "beside.py").write_text("number = 2.0\n")
    program = tmp_path / "program.py"
    program.write_text(
        "import sys\nfrom beside import number\nprint(__name__, sys.argv[1:], tanh(number) == math.tanh(2.0), MLP(1, [1]))\n"
    )
    done = run(str(program), "a", "--b")
    assert done.stdout == "__main__ ['a', '--b'] True MLP(\n  layers.0: Layer(1 → 1, identity): 2 parameters\n): 2 parameters\n"
    assert (done.returncode, done.stderr) == (0, "")


def test_a_program_in_the_command_is_run_with_its_arguments() -> None:
    done = run("-c", "import sys; x = Value(2.0)\nprint(tree(x * x), sys.argv[1:])", "-x", "1")
    assert "x × x" in done.stdout
    assert "['-x', '1']" in done.stdout


@pytest.fixture
def called(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str]]:
    """The command, called in this process: its status, and what it wrote to stderr."""
    monkeypatch.setattr("sys.path", [*sys.path])
    monkeypatch.setattr("sys.argv", [*sys.argv])

    def call(*arguments: str) -> tuple[int, str]:
        try:
            status = command.main(arguments)
        except SystemExit as end:
            status = int(str(end))
        return status, capsys.readouterr().err

    return call


def test_an_error_of_a_program_shows_its_lines_and_not_the_librarys(called: Callable[..., Any], tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text("def f(x):\n    return log(x)\nf(Value(-1.0))\n")
    for status, written in (called(str(program)), called("-c", program.read_text())):
        assert status == 1
        assert "    return log(x)\n" in written
        assert "outside the domain" in written
        assert str(ROOT / "autograd_lite") not in written
        assert "runpy" not in written
    program.write_text("x = (\n")
    status, written = called(str(program))
    assert (status, "SyntaxError" in written, "runpy" in written) == (1, True, False)


def test_a_program_ends_with_its_own_status(called: Callable[..., Any]) -> None:
    assert called("-c", "raise SystemExit(7)") == (7, "")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nowhere.py"], "no file 'nowhere.py'"),
        (["-c"], "-c needs the program"),
        (["--verzion"], "there is no option '--verzion': did you mean '--version'?"),
        (["--fast"], "there is no option '--fast'"),
    ],
)
def test_a_wrong_call_is_told_in_a_line(arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(arguments) == 2
    assert capsys.readouterr().err == f"python -m autograd_lite: {message} (see python -m autograd_lite --help)\n"


def test_help_and_version() -> None:
    assert run("--version").stdout == f"autograd_lite {autograd_lite.__version__}\n"
    assert "[FILE.py | -c CODE]" in run("--help").stdout


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("nn.py", []),
        ("nn.py", ["-c", "1"]),
        ("nn.py", ["program.py"]),
        ("visualize.py", []),
        ("nn/__init__.py", ["program.py"]),
        ("code.py", ["-c", "1"]),
    ],
)
def test_a_file_that_hides_a_package_is_named_in_one_line(name: str, arguments: list[str], tmp_path: Path) -> None:
    hiding = tmp_path / name
    hiding.parent.mkdir(exist_ok=True)
    hiding.write_text("raise SystemError('run')\n")
    (tmp_path / "program.py").write_text("print(1)\n")
    done = run(*arguments, folder=tmp_path)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert f"{hiding} hides" in done.stderr
    assert "rename it, or start in another folder" in done.stderr


def test_a_terminal_gets_ipython_where_it_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    opened = []
    monkeypatch.setattr(ipython, "interact", lambda names, banner: opened.append("ipython"))
    monkeypatch.setattr(console, "interact", lambda names, banner: opened.append("standard"))
    for terminal in (True, False):
        for installed in (object(), None):
            monkeypatch.setattr("sys.stdin", SimpleNamespace(isatty=lambda terminal=terminal: terminal))
            monkeypatch.setattr("importlib.util.find_spec", lambda name, installed=installed: installed)
            session.open_prompt()
    assert opened == ["ipython", "standard", "standard", "standard"]


def test_the_command_opens_the_prompt(monkeypatch: pytest.MonkeyPatch) -> None:
    opened = []
    monkeypatch.setattr(session, "open_prompt", lambda: opened.append(True))
    assert command.main([]) == 0
    assert opened


def test_ipython_names_values_completes_keywords_and_shows_short_errors() -> None:
    pytest.importorskip("IPython")
    script = """
from IPython.terminal.embed import InteractiveShellEmbed
from autograd_lite.repl.ipython import interact
from autograd_lite.repl.session import names
cells = ("x = Value(2.0)", "y = x * x", "y.backward()", "explain(y, wrt=x)", "y", "log(-x)")
def play(shell):
    for cell in cells:
        shell.run_cell(cell)
    print(f"{shell.enable_tip=}", shell.complete("output_ac", "MLP(2, [1], output_ac", 21))
InteractiveShellEmbed.__call__ = play
interact(names(), "")
"""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-W", "ignore", "-c", script]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", env=environment, timeout=600, check=False)
    assert "∂y/∂x = 2.0 + 2.0 = 4.0" in done.stdout, done.stderr
    assert "label='y'" in done.stdout
    assert "shell.enable_tip=False" in done.stdout
    assert "output_activation=" in done.stdout
    assert "outside the domain" in done.stdout
    assert "operation.py" not in done.stdout
