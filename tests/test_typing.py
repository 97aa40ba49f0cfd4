"""What a user's type checker knows: the programs in tests/typing say it with `assert_type`, and one is made from the table."""

from __future__ import annotations

import inspect
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

import autograd_lite
from autograd_lite.ops import TABLE
from autograd_lite.scalar import Scalar

ROOT = Path(__file__).parents[1]
pytestmark = pytest.mark.slow
PROGRAMS = sorted((ROOT / "tests" / "typing").glob("*.py"))


def of_the_table() -> Iterator[str]:
    """A program that calls each public operation of the table, and each method, on Values and on numbers."""
    yield "from typing import assert_type"
    yield "import autograd_lite as ag"
    yield "x = ag.Value(0.5)"
    for name, operation in TABLE.items():
        parameters = inspect.signature(operation).parameters.values()
        count = sum(p.default is p.empty for p in parameters)
        many = operation.primitive.variadic
        if name in autograd_lite.__all__:
            for operand, result in (("x", "ag.Value"), ("1.0", "float")):
                operands = ", ".join([f"[{operand}]" if many else operand] * count)
                yield f"assert_type(ag.{name}({operands}), {result})"
            yield f"assert_type(ag.{name}.primitive.name, str)" if not many and count < 3 and len(parameters) == count else ""
        if name in vars(Scalar):
            yield f"assert_type(x.{name}({', '.join(['x'] * (count - 1))}), ag.Value)"


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    path = tmp_path_factory.mktemp("typing") / "operations.py"
    path.write_text("\n".join(of_the_table()))
    return [*map(str, PROGRAMS), str(path)]


def test_mypy_accepts_the_programs_of_users(programs: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    api = pytest.importorskip("mypy.api")
    monkeypatch.setenv("MYPYPATH", str(ROOT))
    without_numpy = tmp_path / "mypy.ini"  # whose stubs take longer to read than all else
    without_numpy.write_text("[mypy]\n[mypy-numpy.*]\nfollow_imports = skip\n", encoding="utf-8")
    settings = [f"--config-file={without_numpy}", "--strict", "--follow-imports=silent", f"--cache-dir={tmp_path}"]
    out, err, status = api.run([*settings, *programs])
    assert status == 0, out + err


@pytest.mark.skipif(shutil.which("pyright") is None, reason="pyright is not installed")
def test_pyright_accepts_the_programs_of_users(programs: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    done = subprocess.run(["pyright", *programs], capture_output=True, text=True, cwd=ROOT, timeout=600, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
