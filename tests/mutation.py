"""How strong the tests are: plant faults in `autograd_lite`, one at a time, and count those that a test notices.

python tests/mutation.py --sample 300

The mutants are cosmic-ray's, which reach what the table consists of: decorated functions and module-level lambdas. They are
planted in a copy of the project, in random order, so that what is done by the time of an interruption is a random sample too.
Each is tested in a fork of this process, which has imported already what the tests need from elsewhere. What survives is
shown; `mutation.md` says why.
"""

import argparse
import difflib
import importlib
import multiprocessing
import os
import random
import resource
import shutil
import sys
import tempfile
from collections import Counter
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from cosmic_ray.ast import ast_nodes, get_ast_from_path
from cosmic_ray.mutating import use_mutation
from cosmic_ray.plugins import get_operator, operator_names

ROOT = Path(__file__).resolve().parent.parent
ENGINE = ("value", "unrolled", "graph/derivatives", "operation", "operators", "ops")
ENGINE += ("functions", "gradients", "recording", "transforms", "trees", "basics/domains", "errors", "modes", "graph/storage")
PYTHON = ("expressions", "functions", "names", "program", "results", "source", "statements")
COMPILER = ("answers", "arguments", "backend", "compiled", "means", "prepared")
COMPILER += ("request", "simplify", "tape", "trace", "training", "update")
COMPILER += tuple(f"python/{name}" for name in PYTHON)
NATIVE = ("assembly", "code", "layout", "operations", "plan", "program", "results", "training")
TOOLS = {  # what stands on the engine, and the tests that are about it
    "checking/analytic": ("checking",),
    "checking/check": ("checking",),
    "checking/comparison": ("checking",),
    "checking/explanation": ("checking",),
    "checking/faults": ("checking",),
    "checking/gradients": ("checking",),
    "checking/local": ("checking",),
    "checking/messages": ("checking",),
    "checking/subject": ("checking",),
    "numerical/derivative": ("numerical", "checking"),
    "numerical/differences": ("numerical", "checking"),
    "numerical/estimate": ("numerical", "checking"),
    "numerical/evaluation": ("numerical", "checking"),
    "numerical/rounding": ("numerical", "checking"),
    "numerical/sides": ("numerical", "checking"),
    "strategies/drawing": ("strategies", "checking"),
    "strategies/function": ("strategies", "checking"),
    "strategies/growing": ("strategies", "checking"),
    "notation": ("test_notation.py", "test_names_and_numbers.py", "../visualize/test_explain.py"),
    "symbolic": ("test_symbolic.py", "test_notation.py", "../visualize/test_explain.py"),
    **dict.fromkeys((f"compiler/{name}" for name in COMPILER), ("compiler", "compiler/python")),
    **dict.fromkeys((f"compiler/native/{name}" for name in NATIVE), ("compiler", "../nn/backends")),
    **dict.fromkeys((f"repl/{name}" for name in ("completion", "labels", "manual", "tracebacks")), ("repl",)),
}
IMPORTED = ("hypothesis", "mpmath", "numba", "numpy", "scipy.special", "sympy", "torch")
SECONDS, BYTES = 120, 8 << 30  # what the tests of one mutant may take: some never end, some grow for ever

Mutant = tuple[str, str, int]  # a module, the kind of fault, and which of all places for it


def mutants(module: str) -> list[Mutant]:
    """All faults to plant in a module."""
    nodes = list(ast_nodes(get_ast_from_path(f"autograd_lite/{module}.py")))
    found = []
    for name in operator_names():
        operator = get_operator(name)
        if operator.arguments() or "BitOr_" in name or name.endswith(("Is_Eq", "Eq_Is", "IsNot_NotEq", "NotEq_IsNot")):
            continue  # `X | Y` occurs in types only; whether `is` and `==` differ is up to what Python happens to share
        places = [node for node in nodes for _ in operator().mutation_positions(node)]
        found += [(module, name, k) for k, node in enumerate(places) if not asserts(node)]
    return found


def asserts(node: Any) -> bool:
    """Whether a node is that of `strict=True`, which asserts of a `zip` what holds however it is called."""
    return node.parent.type == "argument" and node.parent.get_code().strip() == "strict=True"


def tests_of(module: str) -> list[str]:
    """The tests to run, those of the module itself first; and the examples in it."""
    folder = Path("tests/autograd_lite")
    about = [folder / name for name in TOOLS.get(module, ("",))]
    files = [
        file
        for path in about
        for file in (path.glob("**/test_*.py" if path != folder else "test_*.py") if path.is_dir() else [path])
    ]
    files.sort(key=lambda file: (file.stem != f"test_{Path(module).name}", file.stem))
    return [*map(str, files), f"autograd_lite/{module}.py"]


def run(tests: list[str]) -> None:
    """Run tests in this process, and end it with 0 if they pass."""
    resource.setrlimit(resource.RLIMIT_AS, (BYTES, BYTES))
    with Path("output.txt").open("w") as output:
        os.dup2(output.fileno(), 1)
        os.dup2(output.fileno(), 2)
        options = "-n 0 -x -p no:cacheprovider --hypothesis-profile=mutants -W ignore::pytest.PytestAssertRewriteWarning"
        status = pytest.main([*options.split(), *tests])
    os._exit(status)


def passes(tests: list[str], seconds: float = SECONDS) -> bool:
    """Whether tests pass, in a process of their own and in so many seconds."""
    process = multiprocessing.get_context("fork").Process(target=run, args=(tests,))
    process.start()
    process.join(seconds)
    if process.is_alive():
        print(f"more than {seconds} seconds")
        process.kill()
        process.join()
    return process.exitcode == 0


def survives(mutant: Mutant) -> bool:
    """Whether the tests pass with this mutant planted, which is then shown."""
    module, name, place = mutant
    path = Path(f"autograd_lite/{module}.py")
    times = path.stat()
    try:
        with use_mutation(path, get_operator(name)(), place) as (original, mutated):
            if not passes(tests_of(module)):
                return False
    finally:
        os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))  # so that its bytecode is of use again
    lines = difflib.unified_diff(original.splitlines(), mutated.splitlines(), str(path), name, n=0, lineterm="")
    print("\n".join(lines))
    return True


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("modules", nargs="*", default=[*ENGINE, *TOOLS], help="default: all but what becomes machine code")
    parser.add_argument("--sample", type=int, help="how many mutants to try, drawn at random (default: all)")
    parser.add_argument("--seed", type=int, default=0, help="of the drawing")
    options = parser.parse_args()
    for name in IMPORTED:
        if find_spec(name.partition(".")[0]):
            importlib.import_module(name)

    with tempfile.TemporaryDirectory() as project:
        for name in ("autograd_lite", "nn", "visualize", "tests"):
            shutil.copytree(ROOT / name, Path(project, name), ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copy(ROOT / "pyproject.toml", project)
        os.chdir(project)
        sys.path[0] = project
        sys.dont_write_bytecode = False  # what the first run compiles, the others need not
        if not passes([*dict.fromkeys(test for module in options.modules for test in tests_of(module))], 10 * SECONDS):
            sys.exit(f"the tests fail without any mutant:\n{Path('output.txt').read_text()}")
        sys.dont_write_bytecode = True
        chosen = [mutant for module in options.modules for mutant in mutants(module)]
        total = len(chosen)
        random.Random(options.seed).shuffle(chosen)
        tried, killed = Counter[str](), Counter[str]()
        for mutant in chosen[: options.sample]:
            tried[mutant[0]] += 1
            killed[mutant[0]] += not survives(mutant)
            print(f"{killed.total()} killed of {tried.total()} tried, of {total} in all", flush=True)
        for module in options.modules:
            print(f"{module}: {killed[module]} of {tried[module]}")


if __name__ == "__main__":
    main()
