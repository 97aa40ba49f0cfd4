"""Every script in examples/ does, in small, what it says."""

from __future__ import annotations

import importlib.util
import math
import random
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

EXAMPLES = Path(__file__).parents[1] / "examples"


def load(name: str) -> Any:
    spec = importlib.util.spec_from_file_location(name, EXAMPLES / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module: ModuleType = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_example_is_tested() -> None:
    text = Path(__file__).read_text(encoding="utf-8")
    assert [path.stem for path in EXAMPLES.glob("*.py") if f'load("{path.stem}")' not in text] == []


def test_newton_finds_the_minimum_with_quadratic_convergence() -> None:
    newton = load("newton")
    assert newton.main() == pytest.approx([1, 1], abs=1e-12)
    errors = [math.dist(point, (1, 1)) for point in newton.minimize(newton.rosenbrock, [0.9, 0.8])]
    assert all(after < 60 * before**2 + 1e-12 for before, after in zip(errors[-4:], errors[-3:], strict=False))


def test_projectile_lands_on_the_target() -> None:
    projectile = load("projectile")
    assert projectile.main() == pytest.approx(35, abs=1e-8)
    without_drag = 30**2 * math.sin(2 * 0.5) / 9.81
    projectile.DRAG = 0.0
    assert projectile.landing(0.5) == pytest.approx(without_drag, rel=3e-3)  # the error of the time step


def test_projectile_says_when_the_target_is_out_of_range() -> None:
    with pytest.raises(ValueError, match="no angle found that reaches 500"):
        load("projectile").aim(500.0)


def test_scipy_fit_recovers_the_parameters() -> None:
    pytest.importorskip("scipy")
    scipy_fit = load("scipy_fit")
    assert scipy_fit.main() == pytest.approx(list(scipy_fit.TRUE), rel=0.05)


def test_wine_leads_from_a_frame_to_a_confusion_matrix(capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("sklearn")
    wine = load("wine")
    assert wine.matrix.accuracy > 0.95
    assert wine.matrix.counts.sum() == len(wine.test_targets) == 45
    assert capsys.readouterr().out == f"{wine.matrix}\n"


def test_sympy_agrees_on_the_derivatives() -> None:
    pytest.importorskip("sympy")
    assert load("sympy_lambdify").main() < 1e-14


def test_char_rnn_learns_its_text_by_heart() -> None:
    char_rnn = load("char_rnn")
    assert char_rnn.main(steps=25, text="chain, chain") == "chain, chain"


@pytest.fixture(scope="module")
def gpt() -> Any:
    pytest.importorskip("numpy")
    return load("gpt")


def test_gpt_has_the_parameters_of_its_size(gpt: Any) -> None:
    assert gpt.SIZE == 27 * 16 + 16 * 16 + 4 * 16 * 16 + 2 * 4 * 16 * 16 + 27 * 16


def test_gpt_learns(gpt: Any, capsys: pytest.CaptureFixture[str]) -> None:
    losses = gpt.main(["--steps", "20"])
    assert losses[0] == pytest.approx(math.log(27), abs=0.3)  # it begins knowing nothing of 27 tokens
    assert sum(losses[-5:]) < 0.9 * sum(losses[:5])
    assert capsys.readouterr().out.count(",") >= 9


def test_gpt_compiled_is_gpt_eager(gpt: Any) -> None:
    names = ["ada", "bob", "eve"]
    runs = [gpt.train(names, gpt.start(1), 4, backend) for backend in ("eager", "python")]
    assert runs[1] == pytest.approx(runs[0], abs=1e-12)


def test_gpt_predicts_each_token_from_those_before_alone(gpt: Any) -> None:
    weights = gpt.shaped(gpt.start(2))
    logits = [
        [[z.data for z in row] for row in gpt.predict(weights, gpt.tokens_of(name)[:-1], ([], []))] for name in ("anna", "anno")
    ]
    assert logits[0][:4] == logits[1][:4]
    assert logits[0][4] != logits[1][4]
    past: tuple[list[Any], list[Any]] = ([], [])
    one_by_one = [gpt.predict(weights, [token], past)[0] for token in gpt.tokens_of("anno")[:-1]]
    assert [[z.data for z in row] for row in one_by_one] == logits[1]


def test_gpt_takes_a_token_by_its_index_or_its_one_hot_row(gpt: Any) -> None:
    weights = gpt.shaped(gpt.start(3))
    sequence = gpt.tokens_of("eve")
    rows = gpt.ONE_HOT[sequence].tolist()
    by_rows = gpt.loss(weights, rows[:-1], rows[1:])
    assert by_rows.data == pytest.approx(gpt.loss(weights, sequence[:-1], sequence[1:]).data, abs=1e-14)


def test_gpt_takes_names_of_letters_alone(gpt: Any, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="at most 15 letters from a to z, got 'zoë'"):
        gpt.tokens_of("zoë")
    assert len(gpt.tokens_of("a" * 15)) == gpt.CONTEXT + 1
    with pytest.raises(ValueError, match="at most 15 letters"):
        gpt.tokens_of("a" * 16)
    path = tmp_path / "names.txt"
    path.write_text("Ada\nBob\n")
    assert len(gpt.main([str(path), "--steps", "2"])) == 2
    path.write_text("")
    with pytest.raises(SystemExit):
        gpt.main([str(path)])


def test_gpt_makes_up_names(gpt: Any) -> None:
    name = gpt.sample(gpt.start(3), random.Random(0))
    assert set(name) <= set(gpt.LETTERS)
    assert len(name) <= gpt.CONTEXT
