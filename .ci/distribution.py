"""Checks of what is uploaded, from the files themselves: `python .ci/distribution.py DIST`."""

import re
import sys
import tarfile
import zipfile
from email import message_from_bytes
from pathlib import Path

PACKAGES = {"autograd_lite", "nn", "visualize"}
wheel_paths = sorted(Path(sys.argv[1]).glob("*.whl"))
(source_path,) = Path(sys.argv[1]).glob("*.tar.gz")


def need(true: object, message: str) -> None:
    """End with the message unless that is true."""
    if not true:
        sys.exit(f"the distribution: {message}")


need(wheel_paths, "there is no wheel")
for wheel_path in wheel_paths:
    with zipfile.ZipFile(wheel_path) as wheel:
        names = wheel.namelist()
        (metadata_name,) = (name for name in names if name.endswith(".dist-info/METADATA"))
        metadata = message_from_bytes(wheel.read(metadata_name))
        commands = wheel.read(metadata_name.replace("METADATA", "entry_points.txt")).decode()
    info = metadata_name.partition("/")[0]
    packages = {name.partition("/")[0] for name in names}
    needed = {re.match(r"[\w-]+", line)[0] for line in metadata.get_all("Requires-Dist") if "extra ==" not in line}
    platform = wheel_path.stem.rpartition("-")[2]

    need(packages == PACKAGES | {info}, f"{wheel_path.name} holds more or less than the three packages")
    need(all(f"{package}/py.typed" in names for package in PACKAGES), "the types of a package are not marked")
    need(any(name.endswith("licenses/LICENSE") for name in names), "the licence is missing")
    need(("pygraphviz" in needed) == (platform != "any"), f"{wheel_path.name} needs {', '.join(sorted(needed))}")
need(metadata["Requires-Python"] == ">=3.11", "it does not say which Python it needs")
need({*re.findall(r"^[\w-]+", commands, re.MULTILINE)} >= {"autograd-lite", "autograd-lite-nn"}, "commands are missing")
urls = dict(url.split(", ", 1) for url in metadata.get_all("Project-URL"))
need({"Homepage", "Documentation", "Changelog", "Issues", "Security"} <= urls.keys(), "a URL of the project is missing")

prose = re.sub(r"^```.*?^```", "", metadata.get_payload(), flags=re.MULTILINE | re.DOTALL)
links = re.findall(r"\]\(([^)\s]+)", prose)
relative = [link for link in links if not link.startswith(("https://", "#"))]
need(links, "the description has no links")
need(not relative, f"these links lead nowhere on a package index: {relative}")
root = Path(__file__).parents[1]
paths = [
    match[1]
    for link in links
    if (match := re.fullmatch(r"https://[^/]+/autograd-lite/autograd_lite/(?:blob/)?v[\d.]+/(.*)", link))
]
need(paths, "no link of the description leads to this release")
need(all((root / path).exists() for path in paths), "a link of the description leads to a file that is not there")

with tarfile.open(source_path) as archive:
    kept = {name.partition("/")[2] for name in archive.getnames()}
wanted = {"CHANGELOG.md", "LICENSE", "README.md", "SECURITY.md", "hatch_build.py", "pyproject.toml", ".ci/run"}
wanted |= {"docs/reference/public-names.txt", "docs/try/worker.js"}
need(kept >= wanted, f"the source archive lacks {wanted - kept}")
wheels = ", ".join(path.name for path in wheel_paths)
print(f"{wheels}: {len(names)} files, {len(links)} links, all absolute; {source_path.name}: {len(kept)} files")
