"""The prompt of the page that runs the library in a browser."""

from __future__ import annotations

import sys

import pytest

from autograd_lite.repl.browser import Session

Shown = list[tuple[str, str]]


@pytest.fixture
def shown() -> Shown:
    return []


@pytest.fixture
def session(shown: Shown) -> Session:
    return Session(lambda kind, text: shown.append((kind, text)))


def printed(shown: Shown) -> str:
    return "".join(text for kind, text in shown if kind == "text")


def test_a_program_shows_what_its_expressions_give_and_what_it_prints_in_their_order(session: Session, shown: Shown) -> None:
    assert session.run("1 + 1\nprint('two')\nNone\nfor i in range(2):\n    i\n'end'")
    assert printed(shown) == "2\ntwo\n0\n1\n'end'\n"
    assert session.run("_")
    assert printed(shown).endswith("'end'\n'end'\n")


def test_variables_stay_and_name_what_they_hold_in_what_is_shown(session: Session, shown: Shown) -> None:
    session.run("w = Value(2.0)\ny = w * w")
    assert session.run("y.backward()\nprint(tree(y))\nw")
    assert "y = w × w" in printed(shown)
    assert printed(shown).endswith("Value(data=2.0, grad=4.0)\n")


def test_a_picture_shows_itself_a_page_in_its_frame(session: Session, shown: Shown) -> None:
    assert session.run("x = Value(2.0)\ndraw(x * x)\ndraw(x * x, theme='dark')\nto_svg(x * x)\nstepper(x * x)")
    assert [kind for kind, _ in shown] == ["html", "svg", "svg", "html"]
    assert all("<svg" in text for _, text in shown[:3])
    assert "<iframe" in shown[3][1]
    assert "sandbox" in shown[3][1]


def test_an_error_ends_the_program_and_shows_the_users_lines_alone(session: Session, shown: Shown) -> None:
    assert not session.run("def f(p):\n    return log(p)\n\nf(Value(-1.0, 'p'))\nprint('not reached')")
    (only,) = shown
    assert only[0] == "error"
    assert "    return log(p)\n" in only[1]
    assert only[1].count("File ") == 2
    assert only[1].endswith("log(p=-1.0): outside the domain: the function is defined for x > 0\n")
    assert session.run("1")  # the session goes on


@pytest.mark.parametrize(
    ("program", "message"),
    [
        ("x = (1", "'(' was never closed"),
        ("raise SystemExit(3)", "SystemExit: 3"),
        ("nothing", "name 'nothing' is not defined"),
    ],
)
def test_whatever_ends_a_program_is_shown(session: Session, shown: Shown, program: str, message: str) -> None:
    displayhook, stdout = sys.displayhook, sys.stdout
    assert not session.run(program)
    assert [kind for kind, _ in shown] == ["error"]
    assert message in shown[0][1]
    assert "autograd_lite" not in shown[0][1]
    assert (sys.displayhook, sys.stdout) == (displayhook, stdout)
