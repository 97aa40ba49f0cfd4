"""The notebook, and the page of the site made from it: run it, and compare with what they show, or write that anew.

python docs/notebook.py             # exit status 1 if a cell fails or shows something else
python docs/notebook.py --write     # put the real output in its place
"""

from __future__ import annotations

import ast
import os
import re
import sys
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient

sys.path.insert(0, str(Path(__file__).resolve().parent))

import sessions

PATH = Path(__file__).with_name("backpropagation.ipynb")
PAGE = PATH.with_suffix(".md")
PICTURES = PATH.with_name("pictures") / "notebook"


def shown(cell: Any) -> str:
    """What a cell shows: its text, in however many pieces it arrived, and of a picture that it is one."""
    parts = []
    for output in cell.get("outputs", []):
        data = output.get("data", {})
        pictures = sorted(kind for kind in data if kind.startswith("image/"))
        parts.append("".join(pictures) or output.get("text") or data.get("text/latex") or data.get("text/plain", ""))
    return re.sub(r" at 0x[0-9a-f]+", "", "".join(parts))


def page(notebook: Any) -> tuple[str, dict[str, str]]:
    """The notebook as a page of sessions, and its pictures by the names of their files."""
    parts, drawn = [], {}
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            parts.append(cell.source)
            continue
        kinds = [output.get("data", {}) for output in cell.outputs]
        svg = next((data["image/svg+xml"] for data in kinds if "image/svg+xml" in data), None)
        in_formulas = any("text/latex" in data or "text/markdown" in data for data in kinds)
        parts.append(f"```pycon\n{as_session(cell.source, in_formulas)}\n```")
        if svg is not None:
            drawn[f"{len(drawn) + 1}.svg"] = svg
            parts.append(f"![What the last line draws](pictures/notebook/{len(drawn)}.svg)")
    text = "\n\n".join(parts) + "\n"
    text = text.replace("\n\n", f"\n\nThis page is the notebook [{PATH.name}]({PATH.name}); its formulas are text here.\n\n", 1)
    return sessions.corrected(text, sessions.run_session(text, PAGE.name)), drawn


def as_session(source: str, printed: bool) -> str:
    """The code of a cell as it is typed at a prompt; its last expression printed, if it shows itself as formulas."""
    lines, typed = source.splitlines(), []
    statements = ast.parse(source).body
    for statement in statements:
        first, *others = lines[statement.lineno - 1 : statement.end_lineno]
        if printed and statement is statements[-1]:
            first, *others = ("print(" + "\n".join([first, *others]) + ")").splitlines()
        typed += [f">>> {first}", *(f"... {line}".rstrip() for line in others)]
    return "\n".join(typed)


def main(write: bool) -> int:
    """Run the notebook; the number of cells that show something else than before."""
    os.environ["PYTHONPATH"] = os.pathsep.join([str(PATH.parents[1]), os.environ.get("PYTHONPATH", "")])
    saved = nbformat.read(PATH, as_version=4)
    before = [shown(cell) for cell in saved.cells]
    NotebookClient(saved, timeout=120, kernel_name="python3").execute()
    stale = [number for number, (cell, old) in enumerate(zip(saved.cells, before, strict=True)) if shown(cell) != old]
    text, drawn = page(saved)
    if write:
        PAGE.write_text(text, encoding="utf-8")
        PICTURES.mkdir(parents=True, exist_ok=True)
        for name, svg in drawn.items():
            (PICTURES / name).write_text(svg, encoding="utf-8")
        for cell in saved.cells:
            cell.metadata.pop("execution", None)
        saved.metadata.pop("language_info", None)  # names the version of Python that happened to run it
        nbformat.write(saved, PATH)
        return 0
    if not PAGE.exists() or PAGE.read_text(encoding="utf-8") != text:
        print(f"{PAGE.name} is stale; run python docs/notebook.py --write")
        return 1
    if stale:
        print(f"cells {stale} show something else now; run python docs/notebook.py --write")
    return len(stale)


if __name__ == "__main__":
    sys.exit(main("--write" in sys.argv))
