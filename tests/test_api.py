"""What a release promises: the public names and their signatures, and that the guard of them sees each kind of break."""

import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import autograd_lite
import nn
import visualize

ROOT = Path(__file__).parents[1]
SPEC = importlib.util.spec_from_file_location("api", ROOT / "docs" / "api.py")
api: Any = importlib.util.module_from_spec(SPEC)  # type: ignore[arg-type]
SPEC.loader.exec_module(api)  # type: ignore[union-attr]


def test_what_the_release_lists_is_there_and_is_called_as_it_was() -> None:
    listed = api.FILE.read_text(encoding="utf-8").splitlines()[2:]
    broken = api.broken(listed, api.public_names())
    assert not broken, f"gone, or called in another way, which needs a new major version: {broken}"


@pytest.mark.parametrize(
    ("then", "now", "holds"),
    [
        ("f(a, b=1)", "f(a, b=1, c=None)", True),
        ("f(a, *, b=1)", "f(a, *, c=0, b=1)", True),
        ("f(a, b)", "f(a, b=2)", True),
        ("f(a, b=1)", "f(a, c=0, b=1)", False),
        ("f(a, b=1)", "f(a, b=2)", False),
        ("f(a, b=1)", "f(a, b=1, *, c)", False),
        ("f(a, b=1)", "f(a, *, b=1)", False),
        ("f(a)", "f", False),
        ("class C(a) of B", "class C(a, b=1)", False),
        ("f(then=<lambda>)", "f(then=<lambda>, x=-inf)", True),
    ],
)
def test_an_argument_may_come_only_where_every_call_stays_as_it_is(then: str, now: str, holds: bool) -> None:
    assert (api.broken([then], [now]) == []) == holds


def test_the_list_is_of_this_version_and_the_changelog_knows_it() -> None:
    version = autograd_lite.__version__
    assert f"version {version}:" in api.FILE.read_text(encoding="utf-8")
    assert f"## [{version}]" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert f"\nversion: {version}\n" in (ROOT / "CITATION.cff").read_text(encoding="utf-8")


def without_tanh(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(autograd_lite, "__all__", [name for name in autograd_lite.__all__ if name != "tanh"])


def with_another_name(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(nn, "load", lambda file: None)


def with_another_default(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(visualize, "tree", lambda value, *, depth=1, limit=200, width=None, names=True: None)


def without_a_method(patch: pytest.MonkeyPatch) -> None:
    patch.delattr(nn.Module, "state_dict")


def without_an_attribute(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(nn.Neuron, "__init__", lambda self, nin: None)


@pytest.mark.parametrize(
    "broken", [without_tanh, with_another_name, with_another_default, without_a_method, without_an_attribute]
)
def test_the_guard_sees_what_is_removed_or_changed(broken: Callable[[pytest.MonkeyPatch], None]) -> None:
    before = {*api.public_names()}
    with pytest.MonkeyPatch.context() as patch:
        broken(patch)
        assert api.broken(sorted(before), api.public_names())


def test_the_script_says_what_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(api, "FILE", tmp_path / "names.txt")
    monkeypatch.setattr(sys, "argv", ["api.py", "--write"])
    assert api.main() == 0
    monkeypatch.setattr(sys, "argv", ["api.py"])
    assert api.main() == 0
    without_tanh(monkeypatch)
    assert api.main() == 1
    assert "-autograd_lite.tanh(x, /)" in capsys.readouterr().out
