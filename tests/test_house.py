"""The plan of the house: which package may import which, and what importing the engine costs."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("autograd_lite", "nn", "visualize")
MAY_IMPORT = {"autograd_lite": set(), "nn": {"autograd_lite"}, "visualize": {"autograd_lite"}}


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
        tree = ast.parse(path.read_text(encoding="utf-8"))
        is_command = path.name in ("__main__.py", "session.py") or path.parent.name == "commands"
        nodes = tree.body if is_command else ast.walk(tree)  # a command may draw what it made, inside its functions
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
