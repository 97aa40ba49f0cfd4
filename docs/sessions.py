"""The code blocks of README.md and docs/: run them, or write what they really print into the page.

    python docs/sessions.py             # run every session; exit status 1 if one shows something false
    python docs/sessions.py --write     # put the real output in its place

A ```pycon block is a REPL session; all those of a page are one session, each continuing the one before. A ```python block is a
program of its own, a ```bash block is commands, run one after the other in an empty directory that holds the examples; `a && b`
is two of them. Those that take too long for a test are run with less to do (SHORTER), and those that cannot be run here at all
are listed with the reason (ELSEWHERE).
"""

from __future__ import annotations

import contextlib
import doctest
import io
import os
import re
import runpy
import shlex
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))  # what the pages import is this checkout
FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
ELSEWHERE = {  # how a command begins that is not run here, and why
    "pip install": "needs the network; .ci/run installs what README.md says, in fresh environments",
    "git clone": "needs the network; this is the checkout",
    "cd": "leads to the checkout",
    "python -m venv": "takes long; .ci/run makes fresh environments",
    "source": "the environment is that of the tests",
    "pre-commit install": "would change the hooks of this checkout",
    "python -m pytest": "is what runs this; .ci/run takes the line from README.md",
    "python -m build": "needs the network; .ci/run builds the distribution",
    "twine check": "needs what the line before makes",
    "python .ci/distribution.py": "needs it too",
    "for platform in": "needs what the line before needs",
    "python -m benchmarks": "takes long; .ci/run sees that each benchmark runs, by a slow test",
    "python docs/try.py": "needs npm; .ci/run makes what the page loads",
    "zensical build": "needs the extra `docs`; .ci/run builds the site",
    "zensical serve": "runs until it is stopped",
}
SHORTER = {  # a command, and what is added so that it takes seconds
    "python -m nn train digits": "--epochs 1",
    "python examples/gpt.py --steps 5 --backend python": "--steps 1",
}


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, the index of its first line of code, and its lines."""

    language: str
    start: int
    lines: list[str]


def pages() -> list[Path]:
    """README.md and everything in docs/."""
    return [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]


def blocks(text: str) -> Iterator[Block]:
    """The fenced blocks of a page."""
    language, start, lines = None, 0, []
    for index, line in enumerate(text.splitlines()):
        if language is None:
            if line.startswith("```"):
                language, start, lines = line[3:].strip(), index + 1, []
        elif line.startswith("```"):
            yield Block(language, start, lines)
            language = None
        else:
            lines.append(line)


def cells(line: str) -> list[str]:
    """The cells of a row of a table; none of another line."""
    return [cell.strip() for cell in line.split("|")[1:-1]] if line.startswith("|") else []


def rows(text: str) -> Iterator[doctest.Example]:
    """The rows of the tables whose last column is `gives`: what the code in the column before it gives."""
    gives = False
    for index, line in enumerate(text.splitlines()):
        row = cells(line)
        if row[-1:] == ["gives"]:
            gives = True
        elif not row:
            gives = False
        elif gives and set(row[-1]) != {"-"}:
            code = re.search(r"`([^`]+)`", row[-2])
            if code:
                yield doctest.Example(code[1], row[-1].strip("`"), lineno=index)


def session(text: str, name: str) -> doctest.DocTest:
    """All ```pycon blocks and the rows of tables of a page as one session. A blank line in an output is just that."""
    kept = [""] * len(text.splitlines())
    for block in blocks(text):
        if block.language == "pycon":
            for index, line in enumerate(block.lines):
                following = next((other for other in block.lines[index:] if other.strip()), ">>>")
                kept[block.start + index] = line if line.strip() or following.startswith(">>>") else "<BLANKLINE>"
    whole = doctest.DocTestParser().get_doctest("\n".join(kept), {"__name__": "__main__"}, name, name, 0)
    whole.examples = sorted([*whole.examples, *rows(text)], key=lambda example: example.lineno)
    return whole


Failure = tuple[doctest.Example, str]  # an example, and what it printed instead of what the page shows


class Runner(doctest.DocTestRunner):
    """Runs a session and keeps what each example printed that is not on the page."""

    def __init__(self) -> None:
        super().__init__(optionflags=FLAGS)
        self.wrong: list[Failure] = []

    def report_failure(self, out: Callable[[str], object], test: doctest.DocTest, example: doctest.Example, got: str) -> None:
        """Note a wrong output; of an exception the message, as a page shows it."""
        lines = got.splitlines()
        if lines and lines[0].startswith("Traceback"):
            last = max(index for index, line in enumerate(lines) if line.startswith("Traceback"))
            message = next(index for index in range(last + 1, len(lines)) if not lines[index].startswith(" "))
            got = "\n".join([lines[0], *lines[message:]]) + "\n"
        self.wrong.append((example, got))

    def report_unexpected_exception(self, out: Any, test: doctest.DocTest, example: doctest.Example, exc_info: Any) -> None:
        """Note an exception where the page shows none."""
        self.report_failure(out, test, example, "".join(traceback.format_exception(*exc_info)))


def run_session(text: str, name: str) -> list[Failure]:
    """The examples that printed something else than the page shows, each with what it printed."""
    runner = Runner()
    runner.run(session(text, name), out=lambda _: None)
    return runner.wrong


def corrected(text: str, failures: list[Failure]) -> str:
    """The page with what the examples printed."""
    lines = text.splitlines()
    for example, got in reversed(failures):
        row = cells(lines[example.lineno])
        if row:
            row[-1] = f"`{got.strip()}`" if got else ""
            lines[example.lineno] = "| " + " | ".join(row) + " |"
            continue
        start = example.lineno + example.source.count("\n")
        lines[start : start + example.want.count("\n")] = got.rstrip("\n").splitlines() if got else []
    return "\n".join(lines) + "\n"


def environment() -> dict[str, str]:
    """In which `python` is this one, and finds the packages; Hypothesis draws the same examples in each run, at any pace."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    found = os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
    return {**os.environ, "PATH": path, "PYTHONPATH": found, "MPLBACKEND": "Agg", "CI": "true"}


def commands(block: Block) -> Iterator[str]:
    """The commands of a ```bash block, as the page has them."""
    for line in block.lines:
        shown = line.partition("  #")[0].strip()
        if shown and not shown.startswith("#"):
            yield from shown.split(" && ")


def is_elsewhere(command: str) -> bool:
    """Whether a command is one of those that are not run here."""
    return any(f"{command} ".startswith(f"{beginning} ") for beginning in ELSEWHERE)


def run_command(command: str, directory: str) -> tuple[int, str]:
    """Run a command of the shell in a directory: its exit status, and what it wrote.

    `python -m` with a package of this checkout runs in this process, which has imported what it needs.
    """
    words = shlex.split(command)
    if words[:2] == ["python", "-m"] and (ROOT / words[2] / "__main__.py").exists():
        return run_package(words[2], words[3:], directory)
    done = subprocess.run(
        ["bash", "-c", command], cwd=directory, env=environment(), capture_output=True, text=True, timeout=300
    )
    return done.returncode, done.stdout + done.stderr


def run_package(package: str, arguments: list[str], directory: str) -> tuple[int, str]:
    """Run the command of a package in a directory: its exit status, and what it wrote."""
    written, before = io.StringIO(), sys.argv
    sys.argv = [package, *arguments]
    try:
        with contextlib.chdir(directory), contextlib.redirect_stdout(written), contextlib.redirect_stderr(written):
            runpy.run_path(str(ROOT / package / "__main__.py"), run_name="__main__")
    except SystemExit as end:
        return int(end.code or 0), written.getvalue()
    finally:
        sys.argv = before
    return 0, written.getvalue()


def run_programs(text: str) -> list[str]:
    """Run the ```python and ```bash blocks of a page; what failed, in words."""
    problems = []
    with tempfile.TemporaryDirectory() as directory:
        os.symlink(ROOT / "examples", Path(directory, "examples"))
        for block in blocks(text):
            runs: list[str] = []
            if block.language == "python":
                runs = [shlex.join(["python", "-c", "\n".join(block.lines)])]
            elif block.language == "bash":
                here = [command for command in commands(block) if not is_elsewhere(command)]
                runs = [" ".join([command, *filter(None, [SHORTER.get(command)])]) for command in here]
            for run in runs:
                status, written = run_command(run, directory)
                if status:
                    problems.append(f"line {block.start + 1}: {run}\n{written}")
    return problems


def main(write: bool) -> int:
    """Run all sessions; the number of pages that show something false. No exception is written where the page shows none."""
    wrong = 0
    for path in pages():
        text = path.read_text(encoding="utf-8")
        failures = run_session(text, path.name)
        wrong += bool(failures)
        for example, got in failures:
            print(f"{path.relative_to(ROOT)}:{example.lineno + 1}\n>>> {example.source}prints\n{got}")
        broken = any(got.startswith("Traceback") and not example.exc_msg for example, got in failures)
        if broken:
            print(f"{path.relative_to(ROOT)} is left as it is: an example fails")
        elif write and failures:
            path.write_text(corrected(text, failures), encoding="utf-8")
            wrong -= 1
    return wrong


if __name__ == "__main__":
    sys.exit(main("--write" in sys.argv))
