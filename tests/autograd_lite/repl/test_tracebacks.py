"""What is left of a traceback for the user."""

from __future__ import annotations

import json
import traceback
from collections.abc import Callable
from pathlib import Path

import pytest

import nn
from autograd_lite import Value, compile, grad, log
from autograd_lite.repl.tracebacks import without_library


def shown(program: Callable[[], object]) -> str:
    try:
        program()
    except Exception as error:
        return "".join(traceback.format_exception(without_library(error)))
    raise AssertionError("no error")


def of_the_user(x: Value) -> Value:
    return log(x) + 1


def failing_with_a_cause() -> None:
    try:
        of_the_user(Value(-1.0))
    except ValueError as error:
        raise RuntimeError("seen") from error


@pytest.mark.parametrize(
    ("program", "lines"),
    [
        (lambda: of_the_user(Value(-1.0)), ["of_the_user", "return log(x) + 1"]),
        (lambda: grad(of_the_user)(-1.0), ["grad(of_the_user)", "return log(x) + 1"]),
        (lambda: compile(of_the_user, backend="python")(-1.0), ["compile(of_the_user"]),
        (lambda: nn.MLP(2, [1])([1.0]), ["nn.MLP(2, [1])([1.0])", "MLP expects 2 inputs, got 1"]),
        (lambda: nn.load(__file__), ["nn.load(__file__)"]),
    ],
)
def test_only_the_users_lines_are_shown(program: Callable[[], object], lines: list[str]) -> None:
    text = shown(program)
    files = {line.split('"')[1] for line in text.splitlines() if line.startswith("  File")}
    assert files == {__file__}
    assert all(line in text for line in lines)
    assert text.count("Traceback") == 1


def test_what_the_user_calls_without_the_library_is_shown() -> None:
    assert "decoder.py" in shown(lambda: json.loads("{"))


def test_the_users_own_causes_are_shown() -> None:
    text = shown(failing_with_a_cause)
    assert "outside the domain" in text.partition("direct cause")[0]
    assert "RuntimeError: seen" in text
    assert text.count("Traceback") == 2


def test_what_the_user_does_within_the_library_is_shown(tmp_path: Path) -> None:
    def callback(*_: object) -> None:
        json.loads("{")

    text = shown(lambda: nn.fit(nn.MLP(1, [1]), [[1.0]], [[1.0]], epochs=1, progress=False, callbacks=[callback]))
    assert "callback" in text
    assert "decoder.py" in text
    assert "fitting.py" not in text
