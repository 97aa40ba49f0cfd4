"""The plan of the house: which package may import which, and what importing the engine costs."""

from __future__ import annotations

import ast
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("autograd_lite", "nn", "visualize")
MAY_IMPORT = {"autograd_lite": set(), "nn": {"autograd_lite"}, "visualize": {"autograd_lite"}}


@cache
def parsed(path: Path) -> ast.Module:
    """A file's syntax, which several tests look at."""
    return ast.parse(path.read_text(encoding="utf-8"))


def imported(node: ast.AST) -> set[str]:
    """The top-level names that one statement imports."""
    if isinstance(node, ast.Import):
        return {alias.name.partition(".")[0] for alias in node.names}
    if isinstance(node, ast.ImportFrom) and node.module:
        return {node.module.partition(".")[0]}
    return set()


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_imports_only_what_the_plan_allows(package: str) -> None:
    for path in (ROOT / package).rglob("*.py"):
        tree = parsed(path)
        is_command = path.name in ("__main__.py", "session.py") or path.parent.name == "commands"
        nodes = tree.body if is_command else statements(tree)  # a command may draw what it made, inside its functions
        names = set().union(*map(imported, nodes)) & set(PACKAGES) - {package}
        assert names <= MAY_IMPORT[package], f"{path.relative_to(ROOT)} imports {names}"


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_is_typed(package: str) -> None:
    assert (ROOT / package / "py.typed").exists()


def test_importing_the_engine_loads_no_third_party_module() -> None:
    program = (
        "import sys; before = set(sys.modules); import autograd_lite; "
        "loaded = {name.partition('.')[0] for name in set(sys.modules) - before}; "
        "print(*sorted(loaded - set(sys.stdlib_module_names) - {'autograd_lite'}))"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT)
    assert run.stdout.split() == []


def test_the_import_contracts_name_every_module() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]["contracts"]
    assert all(contract["exhaustive"] for contract in contracts if "containers" in contract)
    (hidden,) = [contract["forbidden_modules"] for contract in contracts if contract["type"] == "forbidden"]
    rooms = {path.stem for path in (ROOT / "autograd_lite" / "compiler").iterdir() if not path.stem.startswith("_")}
    assert {name.rpartition(".")[2] for name in hidden} == rooms - {"training"}


MICROGRADS = ROOT / "nn" / "micrograd.py"  # has micrograd's classes, by their names there


def test_the_name_of_a_class_means_one_thing() -> None:
    places: dict[str, list[str]] = {}
    for path in (path for package in PACKAGES for path in (ROOT / package).rglob("*.py") if path != MICROGRADS):
        for node in statements(parsed(path)):
            if isinstance(node, ast.ClassDef):
                places.setdefault(node.name, []).append(str(path.relative_to(ROOT)))
    assert {name: where for name, where in places.items() if len(where) > 1} == {}


LONGEST_FILE, LONGEST_FUNCTION = 400, 60  # lines; those of a docstring are not a function's
TABLE = ROOT / "autograd_lite" / "ops.py"  # is a table, and as long as there are operations
FOLDERS = (*PACKAGES, "benchmarks", "docs", "examples", "tests")
SOURCES = sorted(path for folder in FOLDERS for path in (ROOT / folder).rglob("*") if path.suffix in (".py", ".js"))


def statements(tree: ast.AST) -> Iterator[ast.AST]:
    """What stands in a file line by line, of any depth; what is within an expression is not looked at."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.stmt | ast.ExceptHandler | ast.match_case):
            yield node
            yield from statements(node)


def python_functions(path: Path) -> Iterator[tuple[str, int]]:
    """Each function with the number of its lines."""
    for node in statements(parsed(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            first = node.body[0]
            said = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str)
            documented = (first.end_lineno or 0) - first.lineno + 1 if said else 0
            yield node.name, (node.end_lineno or 0) - node.lineno + 1 - documented


def javascript_functions(path: Path) -> Iterator[tuple[str, int]]:
    """The same: a function begins with a line that ends in a brace, and ends where one stands at the same depth."""
    lines = path.read_text(encoding="utf-8").splitlines()
    for start, line in enumerate(lines):
        if line.endswith("{") and ("function" in line or "=>" in line):
            depth = len(line) - len(line.lstrip())
            ends = (i for i in range(start + 1, len(lines)) if lines[i][: depth + 1] == " " * depth + "}")
            yield line.strip(), next(ends) - start + 1


def test_no_file_is_too_long() -> None:
    long = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in SOURCES if path != TABLE}
    assert {str(path): count for path, count in long.items() if count > LONGEST_FILE} == {}


def test_no_function_is_too_long() -> None:
    long = {}
    for path in SOURCES:
        functions = python_functions if path.suffix == ".py" else javascript_functions
        for name, count in functions(path):
            if count > LONGEST_FUNCTION:
                long[f"{path.relative_to(ROOT)}: {name}"] = count
    assert long == {}


def test_what_counts_as_long(tmp_path: Path) -> None:
    python, javascript = tmp_path / "f.py", tmp_path / "f.js"
    python.write_text('def f():\n    """Said.\n\n    More.\n    """\n    def g():\n        return 1\n    return g\n')
    assert dict(python_functions(python)) == {"f": 4, "g": 2}
    javascript.write_text("function f() {\n  each(() => {\n    one();\n  });\n}\n")
    assert [*javascript_functions(javascript)] == [("function f() {", 5), ("each(() => {", 3)]
