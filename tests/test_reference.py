"""The reference: the table of operations is the engine's, and every public name has an example."""

from __future__ import annotations

import importlib.util
import math
import re
import sys
from pathlib import Path
from typing import Any

import pytest

import autograd_lite
import nn
import visualize
from autograd_lite import Value, grad
from autograd_lite.ops import TABLE
from autograd_lite.scalar import Scalar

ROOT = Path(__file__).parents[1]


def operations() -> Any:
    spec = importlib.util.spec_from_file_location("operations", ROOT / "docs" / "operations.py")
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules["operations"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def in_the_table() -> set[str]:
    page = ROOT / "docs" / "reference" / "operations.md"
    return set(re.findall(r'(?m)^\| <span id="(\w+)">', page.read_text(encoding="utf-8")))


def test_the_table_of_operations_is_that_of_the_engine(capsys: pytest.CaptureFixture[str]) -> None:
    assert operations().main(write=False) == 0, capsys.readouterr().out


def test_the_table_has_what_users_call_and_no_helpers() -> None:
    operators = {name for name in TABLE if f"__{name}__" in vars(Scalar)}
    assert in_the_table() == operators | {name for name in TABLE if name in autograd_lite.__all__} | {"round"}


def test_every_public_name_has_an_example() -> None:
    public = [getattr(package, name) for package in (autograd_lite, nn, visualize) for name in package.__all__]
    without = [thing.__name__ for thing in public if callable(thing) and ">>>" not in (thing.__doc__ or "")]
    assert set(without) <= in_the_table()


def test_every_curve_is_drawn_and_shown() -> None:
    module = operations()
    shown = module.PAGE.read_text(encoding="utf-8")
    folder = ROOT / "docs" / "pictures" / "operations"
    assert {path.stem for path in folder.glob("*.svg")} == set(module.CURVES)
    assert all(f"(../pictures/operations/{name}.svg)" in shown for name in module.CURVES)


def test_the_second_derivatives_of_the_table_are_those_of_the_engine() -> None:
    module = operations()
    for name in module.rows():
        operation = TABLE[name]
        if operation.primitive.variadic:
            continue
        count = len(module.parameters(operation))
        start = next(start for start in module.STARTS if math.isfinite(value_or_nan(operation, start, count)))
        numbers = [start + place / 3 for place in range(count)]
        for i in range(count):
            for j in range(i, count):
                formula = module.mixed(operation(*map(Value, numbers)), i, j)
                truth = grad(grad(operation, i), j)(*numbers)
                assert getattr(formula, "data", formula) == pytest.approx(truth, rel=1e-12), (name, i, j)


def value_or_nan(operation: Any, start: float, count: int) -> float:
    try:
        return float(operation(*(start + place / 3 for place in range(count))))
    except ArithmeticError:
        return math.nan


def test_a_stale_table_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    module = operations()
    monkeypatch.setattr(module, "PAGE", tmp_path / "operations.md")
    assert module.main(write=False) == 1
    assert module.main(write=True) == 0
    assert module.main(write=False) == 0
