"""The notebook: run it, and compare with what it shows, or write what it shows anew.

python docs/notebook.py             # exit status 1 if a cell fails or shows something else
python docs/notebook.py --write     # put the real output in its place
"""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient

PATH = Path(__file__).with_name("backpropagation.ipynb")


def shown(cell: Any) -> str:
    """What a cell shows: its text, in however many pieces it arrived, and of a picture that it is one."""
    parts = []
    for output in cell.get("outputs", []):
        data = output.get("data", {})
        pictures = sorted(kind for kind in data if kind.startswith("image/"))
        parts.append("".join(pictures) or output.get("text") or data.get("text/latex") or data.get("text/plain", ""))
    return re.sub(r" at 0x[0-9a-f]+", "", "".join(parts))


def main(write: bool) -> int:
    """Run the notebook; the number of cells that show something else than before."""
    os.environ["PYTHONPATH"] = os.pathsep.join([str(PATH.parents[1]), os.environ.get("PYTHONPATH", "")])
    saved = nbformat.read(PATH, as_version=4)
    before = [shown(cell) for cell in saved.cells]
    NotebookClient(saved, timeout=120, kernel_name="python3").execute()
    stale = [number for number, (cell, old) in enumerate(zip(saved.cells, before, strict=True)) if shown(cell) != old]
    if write:
        for cell in saved.cells:
            cell.metadata.pop("execution", None)
        saved.metadata.pop("language_info", None)  # names the version of Python that happened to run it
        nbformat.write(saved, PATH)
        return 0
    if stale:
        print(f"cells {stale} show something else now; run python docs/notebook.py --write")
    return len(stale)


if __name__ == "__main__":
    sys.exit(main("--write" in sys.argv))
