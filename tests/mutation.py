"""How strong the tests are: plant faults in `autograd_lite`, one at a time, and count those that a test notices.

python tests/mutation.py --sample 300

The mutants are cosmic-ray's, which reach what the table consists of: decorated functions and module-level lambdas. They are
planted in a copy of the project, in random order, so that what is done by the time of an interruption is a random sample too.
What survives is shown; `mutation.md` says why.
"""

import argparse
import os
import random
import resource
import shutil
import sys
import tempfile
from collections import Counter
from pathlib import Path

from cosmic_ray.ast import ast_nodes, get_ast_from_path
from cosmic_ray.mutating import mutate_and_test
from cosmic_ray.plugins import get_operator, operator_names
from cosmic_ray.testing import run_tests
from cosmic_ray.work_item import MutationSpec, TestOutcome

ROOT = Path(__file__).resolve().parent.parent
ENGINE = ("value", "rules", "ops", "functions", "transforms", "trees", "domains", "errors", "modes")
TOOLS = {  # what stands on the engine, and the tests that are about it
    "checking": ("test_checking.py",),
    "numerical": ("test_checking.py",),
    "strategies": ("test_strategies.py", "test_checking.py"),
    "notation": ("test_notation.py", "../visualize/test_explain.py"),
    "compiler/arguments": ("compiler",),
    "compiler/front": ("compiler",),
    "compiler/source": ("compiler",),
    "compiler/tape": ("compiler",),
    "compiler/trace": ("compiler",),
}
SECONDS, BYTES = 300, 8 << 30  # what the tests of one mutant may take: some never end, some grow for ever


def mutants(module: str) -> list[MutationSpec]:
    """All faults to plant in a module."""
    path = f"autograd_lite/{module}.py"
    tree = get_ast_from_path(path)
    found = []
    for name in operator_names():
        operator = get_operator(name)
        if "BitOr_" in name or operator.arguments():  # `X | Y` occurs in types only
            continue
        positions = [position for node in ast_nodes(tree) for position in operator().mutation_positions(node)]
        found += [MutationSpec(path, name, k, start, end) for k, (start, end) in enumerate(positions)]
    return found


def test_command(module: str) -> str:
    """The tests to run, those of the module itself first."""
    folder = Path("tests/autograd_lite")
    slow = {name for names in TOOLS.values() for name in names}
    files = [folder / name for name in TOOLS.get(module, ())] or [f for f in folder.glob("test_*.py") if f.name not in slow]
    if module not in TOOLS:
        files.sort(key=lambda path: (path.stem != f"test_{module}", path.stem))
    options = "-n 0 -x -p no:cacheprovider --hypothesis-profile=mutants"
    return f"{sys.executable} -m pytest {options} {' '.join(map(str, files))}"


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("modules", nargs="*", default=[*ENGINE, *TOOLS], help="of autograd_lite (default: all but native code)")
    parser.add_argument("--sample", type=int, help="how many mutants to try, drawn at random (default: all)")
    parser.add_argument("--seed", type=int, default=0, help="of the drawing")
    options = parser.parse_args()
    resource.setrlimit(resource.RLIMIT_AS, (BYTES, BYTES))

    with tempfile.TemporaryDirectory() as project:
        for name in ("autograd_lite", "nn", "visualize", "tests"):
            shutil.copytree(ROOT / name, Path(project, name), ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copy(ROOT / "pyproject.toml", project)
        os.chdir(project)
        outcome, output = run_tests(test_command(""), SECONDS)
        if outcome != TestOutcome.SURVIVED:
            sys.exit(f"the tests fail without any mutant:\n{output}")

        chosen = [(module, mutant) for module in options.modules for mutant in mutants(module)]
        total = len(chosen)
        chosen = random.Random(options.seed).sample(chosen, options.sample or total)
        outcomes: Counter[TestOutcome] = Counter()
        for module, mutant in chosen:
            result = mutate_and_test([mutant], test_command(module), SECONDS)
            if result.test_outcome is None or result.test_outcome == TestOutcome.INCOMPETENT:
                sys.exit(f"{mutant} could not be tried:\n{result.output}")
            outcomes[result.test_outcome] += 1
            if result.test_outcome == TestOutcome.SURVIVED:
                print(result.diff)
            elif result.output == "timeout":
                print(f"{mutant} ended by the time limit")
            print(f"{outcomes[TestOutcome.KILLED]} killed of {outcomes.total()} tried, of {total} in all", flush=True)


if __name__ == "__main__":
    main()
