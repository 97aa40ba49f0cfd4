"""Everything that README.md, CONTRIBUTING.md and docs/ show is true: sessions, programs, commands, pictures, links."""

from __future__ import annotations

import importlib
import importlib.util
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

import autograd_lite
import nn
import visualize

ROOT = Path(__file__).parents[1]


def load(name: str) -> Any:
    spec = importlib.util.spec_from_file_location(name, ROOT / "docs" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # where its dataclass looks for its types
    spec.loader.exec_module(module)
    return module


sessions = load("sessions")
PAGES = sessions.pages()
names = [str(page.relative_to(ROOT)) for page in PAGES]


@pytest.mark.parametrize("page", PAGES, ids=names)
def test_sessions_print_what_the_page_shows(page: Path) -> None:
    wrong = sessions.run_session(page.read_text(encoding="utf-8"), page.name)
    assert not wrong, "\n".join(f"line {e.lineno + 1}: >>> {e.source}prints\n{got}" for e, got in wrong)


FOR_THOSE_WHO_COME = sorted((ROOT / "docs" / "how-to").glob("from-*.md"))


@pytest.mark.parametrize("page", FOR_THOSE_WHO_COME, ids=lambda page: page.stem)
def test_every_row_of_a_table_of_names_is_run(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    heads = [i for i, line in enumerate(text.splitlines()) if (sessions.cells(line) or [""])[-1] == "gives"]
    lines = text.splitlines()
    run = {example.lineno for example in sessions.rows(text)}
    assert heads
    for head in heads:
        row = head + 2
        while row < len(lines) and lines[row].startswith("|"):
            assert row in run, lines[row]
            row += 1


def code_in_tables(page: str) -> list[str]:
    """The code in the first cells of a page's tables that say what each name is here."""
    text = (ROOT / "docs" / "how-to" / f"{page}.md").read_text(encoding="utf-8")
    inside, found = False, []
    for line in text.splitlines():
        row = sessions.cells(line)
        inside = row[-1:] == ["gives"] or (inside and bool(row))
        found += re.findall(r"`([^`]+)`", row[0] if inside else "")
    return found


def names_in_tables(page: str) -> set[str]:
    """The words of that code."""
    return {word for code in code_in_tables(page) for word in re.findall(r"\w+", code)}


def without_row(names: Iterable[str], page: str) -> set[str]:
    """Those of some names that are in no table of a page: neither a word of its code nor of a kind, as `cudnn_*` is."""
    kinds = [code for code in code_in_tables(page) if re.fullmatch(r"\w+\*|\*\w+", code)]
    return {name for name in {*names} - names_in_tables(page) if not any(fnmatchcase(name, kind) for kind in kinds)}


def public_names(there: ModuleType) -> list[str]:
    """What a module offers to its users; not JAX's primitives, which are for those who write transformations."""
    names = getattr(there, "__all__", None) or [name for name, thing in vars(there).items() if callable(thing)]
    return [name for name in names if not name.startswith("_") and not name.endswith("_p")]


@pytest.mark.parametrize(
    ("page", "module"),
    [
        ("from-hips-autograd", "autograd"),
        ("from-hips-autograd", "autograd.extend"),
        ("from-hips-autograd", "autograd.misc"),
        ("from-jax", "jax"),
        ("from-jax", "jax.lax"),
        ("from-jax", "jax.nn"),
        ("from-jax", "jax.nn.initializers"),
        ("from-jax", "jax.numpy"),
        ("from-jax", "jax.random"),
        ("from-jax", "jax.scipy.special"),
        ("from-jax", "jax.tree_util"),
        ("from-pytorch", "torch"),
        ("from-pytorch", "torch.autograd"),
        ("from-pytorch", "torch.func"),
        ("from-pytorch", "torch.nn.modules"),
        ("from-pytorch", "torch.nn.utils"),
        ("from-pytorch", "torch.optim"),
        ("from-pytorch", "torch.optim.lr_scheduler"),
        ("from-pytorch", "torch.special"),
    ],
)
def test_every_public_name_of_there_has_a_row(page: str, module: str) -> None:
    assert without_row(public_names(pytest.importorskip(module)), page) == set()


@pytest.mark.parametrize(
    ("page", "names"),
    [
        ("from-hips-autograd", ["check_grads", "sgd", "rmsprop", "adam", "unflatten_optimizer", "fixed_point", "getval"]),
        ("from-hips-autograd", ["make_jvp_reversemode", "flatten_func", "full_graph", "const_graph_unary", "check_vjp"]),
        ("from-jax", ["check_grads", "stop_gradient", "tree_flatten"]),
        ("from-pytorch", ["jacobian", "hessian", "hvp", "vhp", "jvp", "vjp"]),
        ("from-pytorch", ["backward", "data", "detach", "detach_", "grad", "grad_fn", "is_leaf", "item", "numpy", "tolist"]),
        ("from-pytorch", ["register_hook", "register_post_accumulate_grad_hook", "requires_grad", "requires_grad_"]),
        ("from-pytorch", ["retain_grad", "retains_grad", "calculate_gain", "constant_", "dirac_", "eye_", "kaiming_normal_"]),
        ("from-pytorch", ["kaiming_uniform_", "normal_", "ones_", "orthogonal_", "sparse_", "trunc_normal_", "uniform_"]),
        ("from-pytorch", ["xavier_normal_", "xavier_uniform_", "zeros_"]),
    ],
)
def test_so_has_every_name_that_matters_of_what_has_others_too(page: str, names: list[str]) -> None:
    assert {*names} - names_in_tables(page) == set()


def test_so_has_every_function_of_torch_nn_functional() -> None:
    overrides = pytest.importorskip("torch.overrides")
    functional = pytest.importorskip("torch.nn.functional")
    functions = overrides.get_overridable_functions()[functional]
    names = {name for name, thing in vars(functional).items() if thing in functions and not name.startswith("_")}
    assert len(names) > 100
    assert names - names_in_tables("from-pytorch") == set()


def test_so_has_every_attribute_of_a_tensor() -> None:
    tensor = pytest.importorskip("torch").Tensor
    assert without_row((name for name in dir(tensor) if name[0] != "_"), "from-pytorch") == set()


def test_so_has_every_method_of_pytorchs_modules_and_optimizers() -> None:
    torch = pytest.importorskip("torch")
    names = {name for kind in (torch.nn.Module, torch.optim.Optimizer) for name, thing in vars(kind).items() if callable(thing)}
    internal = {"OptimizerPreHook", "OptimizerPostHook"}
    assert {name for name in names if name[0] != "_"} - internal - names_in_tables("from-pytorch") == set()


@pytest.mark.parametrize(("page", "module"), [("from-jax", "jax.numpy"), ("from-hips-autograd", "autograd.numpy")])
def test_so_has_every_elementwise_function_of_an_array_library(page: str, module: str) -> None:
    there = pytest.importorskip(module)
    elementwise = {name for name, thing in vars(np).items() if isinstance(thing, np.ufunc) and hasattr(there, name)}
    assert len(elementwise) > 90
    assert elementwise - names_in_tables(page) == set()


def test_so_has_every_function_that_hips_autograd_has_a_rule_of() -> None:
    rules = pytest.importorskip("autograd.core").primitive_vjps
    table = names_in_tables("from-hips-autograd")
    for module in ("autograd.numpy", "autograd.scipy.special"):
        there = pytest.importorskip(module)
        names = {name for name, thing in vars(there).items() if callable(thing) and thing in rules and name[0] != "_"}
        assert len(names) > 20
        assert names - table == set()


def test_so_has_every_attribute_of_micrograd() -> None:
    engine, networks = pytest.importorskip("micrograd.engine"), pytest.importorskip("micrograd.nn")
    things: list[Any] = [engine.Value(1.0), networks.Neuron(1), networks.Layer(1, 1), networks.MLP(1, [1]), networks.Module()]
    names = {type(thing).__name__ for thing in things}
    for thing in things:
        names |= {name for name in (*vars(type(thing)), *vars(thing)) if not name.startswith("__")}
    assert names - names_in_tables("from-micrograd") == set()
    assert vars(engine.Value).keys() - dir(autograd_lite.Value) == {"__dict__"}


@pytest.mark.parametrize(
    ("page", "module"),
    [
        ("from-pytorch", "torch"),
        ("from-jax", "jax.numpy"),
        ("from-jax", "jax.scipy.special"),
        ("from-hips-autograd", "autograd.numpy"),
        ("from-hips-autograd", "autograd.scipy.special"),
    ],
)
def test_every_operation_that_is_here_is_there_on_its_page(page: str, module: str) -> None:
    there = pytest.importorskip(module)
    known = {name for name in autograd_lite.__all__ if callable(getattr(there, name, None))} - {
        "Value"
    }  # torch has another one
    assert known
    assert known - names_in_tables(page) == set()


def test_a_false_row_is_found_and_corrected() -> None:
    table = "| there | here | gives |\n| --- | --- | --- |\n| a | `1 + 1` | `3` |\n| b | `x = 1` | |\n"
    failures = sessions.run_session(table, "page")
    assert [got for _, got in failures] == ["2\n"]
    assert sessions.run_session(sessions.corrected(table, failures), "page") == []


@pytest.mark.parametrize("page", PAGES, ids=names)
def test_programs_and_commands_run(page: Path) -> None:
    problems = sessions.run_programs(page.read_text(encoding="utf-8"))
    assert not problems, "\n".join(problems)


@pytest.mark.slow
def test_each_benchmark_of_the_readme_runs() -> None:
    (command,) = re.findall(r"&& python (-m benchmarks .*)", (ROOT / "README.md").read_text(encoding="utf-8"))
    subprocess.run([sys.executable, *command.split(), "--dry"], cwd=ROOT, check=True)


def test_every_reason_not_to_run_a_command_or_all_of_it_has_its_command() -> None:
    blocks = [block for page in PAGES for block in sessions.blocks(page.read_text(encoding="utf-8"))]
    commands = [command for block in blocks if block.language == "bash" for command in sessions.commands(block)]
    assert set(sessions.SHORTER) <= {command for command in commands if not sessions.is_elsewhere(command)}
    for beginning in sessions.ELSEWHERE:
        assert any(command.startswith(beginning) for command in commands), beginning


def test_what_is_run_elsewhere_is_run_there() -> None:
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    for command in ("-m venv", "pip install", "readme_command 'python -m pytest'", "zensical build --strict"):
        assert command in script


@pytest.mark.parametrize("page", PAGES, ids=names)
def test_every_block_has_a_language_that_is_run(page: Path) -> None:
    assert {block.language for block in sessions.blocks(page.read_text(encoding="utf-8"))} <= {"pycon", "python", "bash"}


@pytest.mark.parametrize("page", PAGES, ids=names)
def test_links_lead_to_files(page: Path) -> None:
    prose = re.sub(r"(?ms)^```.*?^```|`[^`\n]*`", "", page.read_text(encoding="utf-8"))
    targets = re.findall(r"\]\(([^)#]+?)(?:#[^)]*)?\)", prose)
    assert [target for target in targets if "://" not in target and not (page.parent / target).exists()] == []


def test_every_page_is_in_the_navigation() -> None:
    navigation = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    docs = ROOT / "docs"
    assert [page for page in docs.rglob("*.md") if str(page.relative_to(docs)) not in navigation] == []


def in_the_reference() -> Iterator[Any]:
    """What the pages of the reference show: each object that `:::` names, and of a module its members."""
    for page in (ROOT / "docs" / "reference").glob("*.md"):
        for path, options in re.findall(r"(?m)^::: (\S+)\n((?:    .*\n)*)", page.read_text(encoding="utf-8")):
            package, _, name = path.rpartition(".")
            if "show_root_heading" not in options:
                yield getattr(importlib.import_module(package), name)
                continue
            module = importlib.import_module(path)
            members = re.search(r"members: \[(.*)\]", options)
            for member in members[1].split(", ") if members else vars(module):
                if hasattr(module, "__path__"):  # where the site would show the module of that name
                    assert importlib.util.find_spec(f"{path}.{member}") is None
                yield getattr(module, member)


def test_every_public_name_is_in_the_reference() -> None:
    shown = {(thing.__module__, thing.__name__) for thing in in_the_reference() if callable(thing)}
    public = [getattr(package, name) for package in (autograd_lite, nn, visualize) for name in package.__all__]
    assert [thing for thing in public if callable(thing) and (thing.__module__, thing.__name__) not in shown] == []


@pytest.mark.parametrize(
    ("block", "problem"),
    [
        ("```pycon\n>>> 1 + 1\n3\n```\n", "2\n"),
        ("```pycon\n>>> print('a\\n\\nb')\na\n\nc\n```\n", "a\n\nb\n"),
        ("```pycon\n>>> 1 / 0\n```\n", "Traceback (most recent call last):\nZeroDivisionError: division by zero\n"),
    ],
)
def test_a_broken_session_is_found_and_corrected(block: str, problem: str) -> None:
    failures = sessions.run_session(block, "page")
    assert [got for _, got in failures] == [problem]
    assert sessions.run_session(sessions.corrected(block, failures), "page") == []


@pytest.mark.parametrize(
    "block",
    [
        "```python\nassert False\n```\n",
        "```bash\nfalse\n```\n",
        "```bash\ntrue && false  # so\n```\n",
        "```bash\npip install . && false\n```\n",
        "```bash\npipe install\n```\n",
    ],
)
def test_a_broken_program_is_found(block: str) -> None:
    assert len(sessions.run_programs(block)) == 1


def test_no_picture_is_stale(capsys: pytest.CaptureFixture[str]) -> None:
    assert load("pictures").main(write=False) == 0, capsys.readouterr().out


def test_a_stale_picture_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pictures = load("pictures")
    monkeypatch.setattr(pictures, "FOLDER", tmp_path / "pictures")
    monkeypatch.setattr(pictures, "PICTURES", {"square": pictures.square})
    assert pictures.main(write=False) == 1
    assert pictures.main(write=True) == 0
    assert pictures.main(write=False) == 0
    path = tmp_path / "pictures" / "square.svg"
    path.write_text(path.read_text(encoding="utf-8").replace("6.0", "7.0"), encoding="utf-8")
    assert pictures.main(write=False) == 1


def test_every_page_that_plays_has_a_screenshot_in_the_tutorial_and_every_screenshot_is_small_and_shown() -> None:
    pages = {page: page.read_text(encoding="utf-8") for page in PAGES}
    tutorial = "".join(text for page, text in pages.items() if page.parent.name == "tutorial")
    shown = set(re.findall(r"pictures/steppers/([\w-]+)\.png", tutorial))
    assert shown == set(load("steppers").PAGES)
    for path in (ROOT / "docs" / "pictures" / "steppers").glob("*.png"):
        assert path.stat().st_size < 80_000
        assert any(f"pictures/steppers/{path.name}" in text for text in pages.values())


def test_no_screenshot_is_stale() -> None:
    assert load("screenshots").stale() == [], "run python docs/screenshots.py"


def test_a_screenshot_is_stale_when_a_word_or_a_rule_of_its_page_changes_and_not_when_something_is_moved() -> None:
    essence = load("screenshots").essence
    page = '<style>h1 { color: red }</style><svg width="9pt"><text x="1.5">tanh</text></svg><script>f(0.123456)</script>'
    assert essence(page) == essence(page.replace("1.5", "2.5").replace("9pt", "8pt").replace("0.123456", "0.123457"))
    for before, after in (("red", "blue"), ("tanh", "sin"), ("0.1", "0.2"), ("f(", "g(")):
        assert essence(page) != essence(page.replace(before, after))


def test_the_notebook_shows_what_it_prints() -> None:
    pytest.importorskip("nbclient")
    pytest.importorskip("ipykernel")
    command = [sys.executable, str(ROOT / "docs" / "notebook.py")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stdout + done.stderr
