"""What the page "Try it" loads: the library's wheel and those that it needs, Python and Graphviz as WebAssembly, examples.

And the pages that play in the tutorial: see `docs/steppers.py`.

python docs/try.py             # makes docs/try/built, before the site is built; needs npm
"""

from __future__ import annotations

import doctest
import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import tomllib
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "docs"))

import sessions  # noqa: E402
import steppers  # noqa: E402

BUILT = ROOT / "docs" / "try" / "built"
PACKAGES = {  # of npm: the release, the folder of the page that it goes to, and those of its files that the page loads
    "pyodide": (
        "314.0.7",
        "pyodide",
        ["pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm", "python_stdlib.zip", "pyodide-lock.json"],
    ),
    "@hpcc-js/wasm-graphviz": ("1.29.2", "graphviz", ["dist/index.js"]),
}
IN_BROWSER = {"sys_platform": "emscripten", "platform_system": "Emscripten", "platform_machine": "wasm32", "os_name": "posix"}
PICTURES = (
    "\n# The graph as a picture, and as a page to play: change a number there, and step through it.\ndraw(y)\nstepper(y)\n"
)
WITHIN = [
    "within them: CPython, PSF-2.0, https://docs.python.org/3/license.html; Graphviz, EPL-2.0, https://graphviz.org/license"
]
FETCHED = (".whl", ".wasm", ".zip", ".json")  # what the page can count while it arrives


def npm_package(name: str, release: str, folder: Path, files: list[str]) -> dict[str, Any]:
    """Put files of a package into a folder, its licence too; what the package says of itself."""
    with tempfile.TemporaryDirectory() as work:
        packed = subprocess.run(
            ["npm", "pack", "--silent", "--pack-destination", work, f"{name}@{release}"],
            check=True,
            capture_output=True,
            text=True,
        )
        with tarfile.open(Path(work, packed.stdout.split()[-1])) as archive:
            archive.extractall(work, filter="data")
        package = Path(work, "package")
        folder.mkdir(parents=True)
        for file in [*files, *(found.name for found in package.glob("LICEN[CS]E*"))]:
            shutil.copy(package / file, folder)
        about: dict[str, Any] = json.loads((package / "package.json").read_text(encoding="utf-8"))
        return about


def wheels(folder: Path) -> list[str]:
    """Build or fetch the wheels of the library and of what it needs in a browser; their names."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    needed = [
        requirement
        for requirement in map(Requirement, project["dependencies"])
        if requirement.marker is None or requirement.marker.evaluate(IN_BROWSER)
    ]
    wanted = [str(ROOT), *(f"{one.name}{one.specifier}" for one in needed)]
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(folder), *wanted]
    subprocess.run(command, check=True, env={**os.environ, "WHEEL_FOR": "any"})
    found = sorted(path.name for path in folder.glob("*.whl"))
    impure = [name for name in found if not name.endswith("-none-any.whl")]
    if impure:
        raise SystemExit(f"no browser can run {', '.join(impure)}: mark what they are for in pyproject.toml")
    return found


def examples() -> list[dict[str, str]]:
    """The programs that the page offers: the first session of README.md, with pictures, and each page of the tutorial."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    first = next(block for block in sessions.blocks(readme) if block.language == "pycon")
    found = [{"title": "A first session", "code": typed("\n".join(first.lines)) + PICTURES}]
    for page in sorted((ROOT / "docs" / "tutorial").glob("*.md")):
        text = page.read_text(encoding="utf-8")
        title = text.partition("\n")[0].removeprefix("# ")
        blocks = ["\n".join(block.lines) for block in sessions.blocks(text) if block.language == "pycon"]
        found.append({"title": f"Tutorial: {title}", "code": "\n".join(map(typed, blocks))})
    return found


def typed(session: str) -> str:
    """What is typed in a session, without what it prints, and without what is to fail: a program would end there."""
    return "".join(example.source for example in doctest.DocTestParser().get_examples(session) if example.exc_msg is None)


def main() -> None:
    """Make the folder anew."""
    shutil.rmtree(BUILT, ignore_errors=True)
    BUILT.mkdir(parents=True)
    steppers.write(BUILT / "steppers")
    about = {name: npm_package(name, release, BUILT / to, files) for name, (release, to, files) in PACKAGES.items()}
    lock = BUILT / "pyodide" / "pyodide-lock.json"
    told = json.loads(lock.read_text(encoding="utf-8"))
    lock.write_text(json.dumps({**told, "packages": {}}), encoding="utf-8")  # of the packages there, none is here
    of_wheels = wheels(BUILT)
    library = next(name for name in of_wheels if name.startswith("autograd_lite-")).split("-")[1]
    parts = {
        "python": f"Python {told['info']['python']}",
        "graphviz": f"Graphviz (WebAssembly {PACKAGES['@hpcc-js/wasm-graphviz'][0]})",
        "library": f"autograd_lite {library}",
    }
    (BUILT / "examples.json").write_text(json.dumps(examples(), ensure_ascii=False, indent=1), encoding="utf-8")
    licences = [
        f"{name} {one['version']}: {one['license']}, its source: {one['repository']['url'].removeprefix('git+')}"
        for name, one in about.items()
    ]
    (BUILT / "LICENSES.txt").write_text("\n".join([*licences, *WITHIN]) + "\n", encoding="utf-8")
    sizes = {
        path.name: path.stat().st_size for path in BUILT.rglob("*") if path.suffix in FETCHED and path.name != "examples.json"
    }
    (BUILT / "files.json").write_text(
        json.dumps({"parts": parts, "wheels": of_wheels, "sizes": sizes}, indent=1), encoding="utf-8"
    )
    print(f"{BUILT.relative_to(ROOT)}: {sum(path.stat().st_size for path in BUILT.rglob('*')) / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
