"""What Tab completes."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from autograd_lite.repl.completion import Completer, files, keywords
from autograd_lite.repl.session import names

NAMES = names()


def completions(typed: str, text: str) -> list[str]:
    completer, found = Completer(NAMES, lambda: typed), []
    while (completion := completer.complete(text, len(found))) is not None:
        found.append(completion)
    return found


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("grad(", ["f=", "argnums=", "has_aux="]),
        ("grad(f, ", ["argnums=", "has_aux="]),
        ("grad(f, has_aux=True, ", ["argnums="]),
        ("grad(lambda x: sin(x, (1, 2)), [1, 2], ", ["has_aux="]),
        ("check_grads(f, ('),',), order=2, modes=", ["rtol="]),
        ("y = value_and_grad(f)(grad(f, argnums=1, ", ["has_aux="]),
        ("draw(y, ", ["colors=", "theme=", "local_derivatives=", "highlight=", "edges="]),
        ("MLP(2, [3, 1], ", ["activation=", "seed="]),
        ("nn.Adam(model.parameters(), ", ["lr="]),
    ],
)
def test_a_call_offers_the_keywords_that_it_can_still_be_given(typed: str, found: list[str]) -> None:
    offered = keywords(typed, NAMES)
    assert set(found) <= set(offered)
    assert not any(f"{keyword}" in typed for keyword in offered)
    if typed.startswith("grad"):
        assert offered == found


@pytest.mark.parametrize(
    "typed",
    ["", "x = 1", "grad", "grad(f)", "(", "[", "MLP(2, [", "unknown(", "'grad(", "1 + (2, ", "grad(f)(", "tanh("],
)
def test_where_no_call_takes_keywords_none_are_offered(typed: str) -> None:
    assert keywords(typed, NAMES) == []


def test_names_and_attributes_complete_as_at_pythons_prompt() -> None:
    assert {"tanh("} == set(completions("tanh", "tanh"))
    assert "math.sqrt(" in completions("math.sq", "math.sq")
    assert completions("grad(f, arg", "arg") == ["argnums="]
    assert "sinh(" in completions("grad(f, si", "si")
    assert completions("", "")


def test_a_text_completes_names_of_files_from_where_the_word_begins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "out").mkdir()
    for name in ("a-graph.svg", "a-great.svg", "*.txt"):
        (tmp_path / "out" / name).touch()
    monkeypatch.chdir(tmp_path)
    assert completions("save(y, 'ou", "ou") == [f"out{os.sep}"]
    assert completions("save(y, 'out/a-gr", "gr") == ["graph.svg", "great.svg"]
    assert completions("save(y, 'out/*", "") == [".txt"]
    assert completions("save(y, 'nothing", "nothing") == []
    monkeypatch.setenv("HOME", str(tmp_path))
    assert files("~/ou", "ou") == [f"out{os.sep}"]
