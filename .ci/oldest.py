"""The oldest release that `pyproject.toml` allows of each dependency, as constraints of pip: `python .ci/oldest.py EXTRA …`."""

import re
import sys
import tomllib
from pathlib import Path

project = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text(encoding="utf-8"))["project"]
lists = [project["dependencies"], *(project["optional-dependencies"][extra] for extra in sys.argv[1:])]
for requirement in (requirement for listed in lists for requirement in listed):
    bound = re.fullmatch(r"([\w-]+)(?:\[.*\])?>=([\d.]+)(?:,.*)?", requirement)
    if bound:
        print(f"{bound[1]}=={bound[2]}")
    elif not requirement.startswith(project["name"]):
        sys.exit(f"pyproject.toml does not say which {requirement} is the oldest")
