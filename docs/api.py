"""The public names with their signatures, in one file: `python docs/api.py` says what changed, `--write` writes it anew.

What is in `docs/reference/public-names.txt` is what a release promises. A test holds the file and the code together.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import re
import sys
import textwrap
from collections.abc import Iterator
from dataclasses import is_dataclass
from difflib import unified_diff
from pathlib import Path
from types import ModuleType
from typing import Any

from autograd_lite.basics.elsewhere import Elsewhere
from autograd_lite.graph.storage import NoRoom

FILE = Path(__file__).parent / "reference" / "public-names.txt"
MODULES = ("autograd_lite", "autograd_lite.strategies", "nn", "nn.datasets", "nn.micrograd", "visualize")
RESULTS = (  # what functions give: one writes down their attributes, but not their names
    "autograd_lite.compiler.compiled.Compiled",
    "nn.documents.backpropagation.Backpropagation",
    "nn.documents.derivation.Derivation",
    "nn.documents.descent.Descent",
    "nn.documents.forward_pass.Forward",
    "nn.documents.moves.Moves",
    "nn.documents.operations.OperationCount",
    "nn.documents.products.Product",
    "nn.documents.walk.Walk",
    "visualize.explanation.Explanation",
    "visualize.explanation.Explanations",
    "visualize.picture.rendering.Picture",
)
OURS = {module.partition(".")[0] for module in MODULES}
INTERNAL = {"first", "second", "sweep", "kinds", "was_changed"}  # of a Value, where a leading underscore would cost time
HEAD = (
    "# The public names of version {version}: what may be written in a program. Written by docs/api.py.\n"
    "# A line that goes or changes needs a new major version.\n"
)


def public_names() -> list[str]:
    """A line for each public name, and for each public attribute of a class."""
    things = {f"{module}.{name}": thing for module in MODULES for name, thing in exported(importlib.import_module(module))}
    classes = {thing: path for path, thing in reversed(things.items()) if inspect.isclass(thing)}
    lines = [line for path, thing in things.items() for line in described(path, thing, classes)]
    for path in RESULTS:
        module, _, name = path.rpartition(".")
        lines += [f"a {name}: {member}" for member in members(getattr(importlib.import_module(module), name))]
    return lines


def exported(module: ModuleType) -> list[tuple[str, Any]]:
    """The public names of a module: those that it lists, or else its own functions and classes."""
    names = getattr(module, "__all__", None) or [
        name for name, thing in vars(module).items() if getattr(thing, "__module__", "") == module.__name__ and name[0] != "_"
    ]
    return [(name, getattr(module, name)) for name in sorted(names) if not inspect.ismodule(getattr(module, name))]


def described(path: str, thing: Any, classes: dict[type, str]) -> Iterator[str]:
    """The lines of a function or a class, and of what is on it but not on the one of `classes` that it is derived from."""
    if not inspect.isclass(thing):
        yield f"{path}{signature(thing)}"
        return
    if classes[thing] != path:
        yield f"class {path} is {classes[thing]}"
        return
    bases = [base for base in thing.__mro__[1:] if base in classes]
    yield f"class {path}{signature(thing)}{f' of {classes[bases[0]]}' if bases else ''}"
    inherited = {line for base in bases for line in members(base)}
    yield from (f"{path}.{line}" for line in members(thing) if line not in inherited)


def members(kind: type) -> list[str]:
    """The public attributes of a class: those of the class, and those that its `__init__` gives to what is made of it."""
    names = set()
    for base in kind.__mro__:
        if base.__module__.partition(".")[0] in OURS:
            names |= {*vars(base), *vars(base).get("__annotations__", ()), *assigned(base)}
    absent = {name for name in names if isinstance(inspect.getattr_static(kind, name, None), NoRoom | Elsewhere)}
    public = sorted(name for name in names - absent if name[0] != "_" and name not in INTERNAL)
    return [name + (signature(thing) if callable(thing := getattr(kind, name, None)) else "") for name in public]


def assigned(kind: type) -> set[str]:
    """The attributes of `self` that a class assigns in its `__init__`."""
    if "__init__" not in vars(kind) or is_dataclass(kind):
        return set()
    tree = ast.parse(textwrap.dedent(inspect.getsource(vars(kind)["__init__"])))
    return {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store) and ast.unparse(node.value) == "self"
    }


def signature(thing: Any) -> str:
    """The parameters of a function or a class: their names, kinds and defaults."""
    try:
        found = inspect.signature(thing)
    except (TypeError, ValueError):
        return ""
    plain = [parameter.replace(annotation=parameter.empty) for parameter in found.parameters.values()]
    shown = str(found.replace(parameters=plain, return_annotation=found.empty))
    return re.sub(r"<function (\S+) at 0x\w+>", r"\1", shown)


def broken(then: list[str], now: list[str]) -> list[str]:
    """The lines of a release that do not hold any more: of what is gone, or cannot be called as before."""
    kept = {line.partition("(")[0]: line for line in now}
    return [line for line in then if line not in now and not extends(kept.get(line.partition("(")[0], ""), line)]


def extends(now: str, then: str) -> bool:
    """Whether a signature takes all calls that it took: at most arguments with a default have come, behind those of before."""
    if "(" not in now or now.rpartition(")")[2] != then.rpartition(")")[2]:
        return False
    (places, names, required), (old_places, old_names, old_required) = parameters(now), parameters(then)
    same = all(name in names and default in ("", names[name]) for name, default in old_names.items())
    return same and places[: len(old_places)] == old_places and required <= old_required


def parameters(line: str) -> tuple[list[str], dict[str, str], set[str]]:
    """Of a line's signature the positional arguments in their order, all with their defaults, and those that have none."""
    text = re.sub(r"<\w+>", "function", line[line.index("(") : line.rindex(")") + 1])
    given = ast.parse(f"def f{text}: pass").body[0].args  # type: ignore[attr-defined]
    places = [argument.arg for argument in [*given.posonlyargs, *given.args]]
    named = [argument.arg for argument in given.kwonlyargs]
    defaults = [*[None] * (len(places) - len(given.defaults)), *given.defaults, *given.kw_defaults]
    stars = [f"*{star.arg}" for star in (given.vararg, given.kwarg) if star]
    written = ["" if default is None else ast.unparse(default) for default in defaults]
    names = dict(zip([*places, *named], written, strict=True)) | dict.fromkeys(stars, "*")
    return places, names, {name for name, default in names.items() if not default}


def main() -> int:
    """Write the file anew, or say how it differs from the code; the exit status is 1 if it does."""
    version = importlib.import_module("autograd_lite").__version__
    now = [*HEAD.format(version=version).splitlines(keepends=True), *(f"{line}\n" for line in public_names())]
    if "--write" in sys.argv[1:]:
        FILE.write_text("".join(now), encoding="utf-8")
        return 0
    then = FILE.read_text(encoding="utf-8").splitlines(keepends=True)
    sys.stdout.writelines(unified_diff(then, now, str(FILE), "the code", n=0))
    return int(then != now)


if __name__ == "__main__":
    sys.exit(main())
