"""Machine code kept on disk: one file for each function, whose name says what it means, and which a checksum guards.

A file that is damaged, foreign, or that another user could have written is as good as none: the code is compiled anew, and
takes its place. Where there is no folder that only this user may write, code is kept in memory.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import stat
import sys
import tempfile
import warnings
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Final

from autograd_lite.basics.escaping import in_message
from autograd_lite.basics.files import read_whole, write_whole, written_by_user_alone
from autograd_lite.compiler.native.linking import ObjectCode, processor
from autograd_lite.compiler.native.meaning import OWN, digest

MAGIC: Final = b"autograd_lite machine code 2\n"


def code_path(name: str, text: str) -> Path | None:
    """The file for the machine code of a function, if there is a folder for it.

    Arguments:
        name: of the function.
        text: its meaning and its types; a function of the same text has the same code.
    """
    folder = cache_directory()
    plain = "".join(c for c in name if c.isalnum())
    return folder and folder / f"{plain}_{digest(repr((text, processor(), _around())))}.code"


def kept_code(path: Path) -> ObjectCode | None:
    """The code in a file; None where there is none, or none to be trusted."""
    try:
        content = read_whole(path, own=True)
        start = len(MAGIC) + hashlib.sha256().digest_size
        if content[:start] != header(path.name, content[start:]):
            return None
        names, _, code = content[start:].partition(b"\n")
        symbol, *needs = json.loads(names)
        return ObjectCode(symbol, tuple(needs), code)
    except (OSError, ValueError):
        return None


def keep_code(path: Path, code: ObjectCode) -> None:
    """Keep code in a file."""
    content = json.dumps([code.symbol, *code.needs]).encode() + b"\n" + code.content
    try:
        write_whole(path, header(path.name, content) + content, private=True)
    except OSError as error:
        tell_once(f"{in_message(path)} cannot be written ({error.strerror})")


def header(name: str, content: bytes) -> bytes:
    """What a file of this name and content begins with."""
    return MAGIC + hashlib.sha256(name.encode() + content).digest()


@cache
def _around() -> str:
    """A digest of what shapes machine code besides what `meaning` sees: the `OWN` modules, and the libraries."""
    own = [Path(__file__).with_name(f"{module.rpartition('.')[2]}.py").read_text(encoding="utf-8") for module in OWN]
    return digest(repr((own, [version(library) for library in ("numba", "llvmlite", "numpy")], sys.version)))


def cache_directory() -> Path | None:
    """The folder for compiled code: in the user's cache; if that cannot be used, in the user's part of the temporary files."""
    named = os.environ.get("NUMBA_CACHE_DIR") or os.environ.get("XDG_CACHE_HOME") or os.environ.get("LOCALAPPDATA")
    own = named or os.path.expanduser("~/.cache")  # the ~ stays where no home is known
    user = os.getuid() if hasattr(os, "getuid") else 0
    folder = Path(own, "autograd_lite")
    if not own.startswith("~") and is_private(folder, links=True):
        return folder
    spare = Path("no temporary folder")
    with contextlib.suppress(FileNotFoundError):  # of no temporary folder
        shared = Path(tempfile.gettempdir())
        spare = shared / f"user-{user}"
        if _is_safe(shared) and is_private(spare) and is_private(spare / "autograd_lite"):
            return spare / "autograd_lite"
    tell_once(f"neither {folder} nor {spare} is a folder that you, and only you, can write")
    return None


def is_private(folder: Path, links: bool = False) -> bool:
    """Whether it is a folder that this user, and no other, can write, made for it if it was not there.

    Arguments:
        links: whether it may be a link to such a folder.
    """
    try:
        for level in [*reversed(folder.parents), folder]:
            if not level.exists():
                level.mkdir(0o700, exist_ok=True)  # at each level: what is above a folder decides what the folder is
        state = folder.stat() if links else folder.lstat()
    except OSError:
        return False
    return stat.S_ISDIR(state.st_mode) and os.access(folder, os.W_OK) and written_by_user_alone(state)


def _is_safe(shared: Path) -> bool:
    """Whether nobody can put something else in the place of a folder of ours in it."""
    state = shared.stat()
    return written_by_user_alone(state) or (state.st_uid == 0 and bool(state.st_mode & stat.S_ISVTX))


@cache
def tell_once(reason: str) -> None:
    """Say why code is compiled in each process anew."""
    warnings.warn(f"machine code is kept in memory alone: {reason}. NUMBA_CACHE_DIR can name a folder for it", stacklevel=2)
