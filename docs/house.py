"""The picture of the house: which room imports which, read off the source. `docs/pictures.py` draws it with the others."""

from __future__ import annotations

import ast
from pathlib import Path

from visualize.picture.rendering import Picture
from visualize.picture.themes import THEMES

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("nn", "autograd_lite", "visualize")
ENTRANCES = ("__init__", "__main__")  # the doors of a package, which lead to all of its rooms

Room = tuple[str, str]  # a package, and in it a module or a folder


def room_of(module: str) -> Room | None:
    """The room of a module by its dotted name; None for what is none: another package, or a door of this one."""
    package, _, rest = module.partition(".")
    room = rest.partition(".")[0]
    return (package, room) if package in PACKAGES and room and room not in ENTRANCES else None


def imports() -> dict[Room, set[Room]]:
    """For each room the rooms that it imports, be it in a function or for a type alone."""
    found: dict[Room, set[Room]] = {}
    for path in sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py")):
        own = room_of(".".join(path.relative_to(ROOT).with_suffix("").parts))
        if own is None:
            continue
        taken = found.setdefault(own, set())
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module:
                whole = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
                taken.update(room for room in map(room_of, whole) if room not in (None, own) and room in known_rooms())
    return found


def known_rooms() -> set[Room]:
    """All rooms that there are: a name that is imported from a package may be a function."""
    paths = (path for package in PACKAGES for path in (ROOT / package).iterdir())
    return {(path.parent.name, path.stem) for path in paths if path.suffix == ".py" or (path / "__init__.py").exists()}


def needed(found: dict[Room, set[Room]]) -> dict[Room, set[Room]]:
    """The same without the arrows that go without saying, since a longer way leads along others."""
    beyond: dict[Room, set[Room]] = {}

    def reached(room: Room) -> set[Room]:
        if room not in beyond:
            beyond[room] = set().union(*({other} | reached(other) for other in found[room]))
        return beyond[room]

    return {room: {o for o in others if not any(o in reached(between) for between in others)} for room, others in found.items()}


def picture() -> str:
    """The rooms of each package in a frame, and an arrow from each room to those that it stands on."""
    theme = THEMES["light"]
    font = {"fontname": "Helvetica,Arial,sans-serif", "fontcolor": theme.ink}
    drawing = Picture(
        graph_attr={"rankdir": "TB", "bgcolor": theme.page, "nodesep": "0.12", "ranksep": "0.3", "pad": "0.2", **font},
        node_attr={
            "shape": "box", "style": "rounded,filled", "color": theme.line, "fillcolor": theme.node, "fontsize": "12",
            "margin": "0.08,0.03", "height": "0.25", "width": "0.3", **font,
        },
        edge_attr={"color": theme.line, "arrowsize": "0.5"},
        format="svg",
    )  # fmt: skip
    found = needed(imports())
    for package in PACKAGES:
        with drawing.subgraph(name=f"cluster_{package}") as frame:
            frame.attr(label=package, style="rounded,filled", color=theme.group, fillcolor=theme.group, fontsize="14")
            for owner, room in found:
                if owner == package:
                    folder = (ROOT / package / room).is_dir()
                    frame.node(f"{package}.{room}", f"{room}/" if folder else room, penwidth="2" if folder else "1")
    for room, others in found.items():
        for other in sorted(others):
            if room[0] == other[0]:
                drawing.edge(".".join(room), ".".join(other))
    return str(drawing.pipe("svg", encoding="utf-8"))
