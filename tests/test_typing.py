"""What a user's type checker knows: the programs in tests/typing say it with `assert_type`."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PROGRAMS = ROOT / "tests" / "typing"
OTHERS = ("IPython", "hypothesis", "matplotlib", "numba", "numpy", "pandas", "polars", "torch")


def test_mypy_accepts_the_programs_of_users(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    api = pytest.importorskip("mypy.api")
    monkeypatch.setenv("MYPYPATH", str(ROOT))
    alone = tmp_path / "mypy.ini"  # other packages, of which the programs use nothing, take longer to read than all else
    alone.write_text(f"[mypy]\n[mypy-{','.join(f'{name}.*' for name in OTHERS)}]\nfollow_imports = skip\n", encoding="utf-8")
    settings = [f"--config-file={alone}", "--strict", "--follow-imports=silent", f"--cache-dir={tmp_path}"]
    out, err, status = api.run([*settings, *map(str, sorted(PROGRAMS.glob("*.py")))])
    assert status == 0, out + err


@pytest.mark.skipif(shutil.which("pyright") is None, reason="pyright is not installed")
def test_pyright_accepts_the_programs_of_users() -> None:
    done = subprocess.run(["pyright", *sorted(PROGRAMS.glob("*.py"))], capture_output=True, text=True, cwd=ROOT, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
