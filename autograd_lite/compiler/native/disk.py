"""Machine code kept on disk: one file for each function, whose name says what it means, and which a checksum guards.

numba would keep code itself, but it trusts whatever lies in its folder. So numba is given a store of ours in the place of its
own. A file that is damaged, foreign, or that another user could have written is as good as none: the code is compiled anew, and
takes its place. Where there is no folder that only this user may write, code is kept in memory.
"""

from __future__ import annotations

import contextlib
import hashlib
import itertools
import os
import pickle
import re
import secrets
import stat
import sys
import tempfile
import warnings
from functools import cache
from pathlib import Path
from typing import Any, Final

import llvmlite  # type: ignore[import-untyped]
import numba
import numpy as np
from numba.core.bytecode import FunctionIdentity
from numba.core.caching import NullCache
from numba.core.compiler import CompileResult
from numba.core.serialize import dumps

from autograd_lite.compiler.native.meaning import OWN, digest
from autograd_lite.escaping import in_message
from autograd_lite.files import read_whole, write_whole, written_by_user_alone

MAGIC: Final = b"autograd_lite machine code 1\n"
LEAST_NUMBER: Final = 2**47  # of a function: see `number_functions_anew`
NUMBER: Final = re.compile(r"B\d+v(\d+)B")  # in the name by which a function is linked


class KeptCode(NullCache):
    """Where numba looks for the machine code of one function before it compiles, and puts it afterwards.

    Arguments:
        name: of the function, for its file.
        text: its meaning; a function of the same meaning has the same code.
    """

    def __init__(self, name: str, text: str) -> None:
        self.name, self.text = "".join(c for c in name if c.isalnum()), text

    def path(self, signature: Any, context: Any) -> Path | None:
        """The file for the arguments of a signature on the processor of a context, if there is a folder for it."""
        folder = cache_directory()
        machine = context.codegen().magic_tuple()
        return folder and folder / f"{self.name}_{digest(repr((self.text, str(signature), machine, _around())))}.code"

    def load_overload(self, signature: Any, context: Any) -> Any:
        """The kept code, ready to run; None where there is none, or none to be trusted."""
        path = self.path(signature, context)
        if path is None:
            return None
        try:
            content = read_whole(path, own=True)
            start = len(MAGIC) + hashlib.sha256().digest_size
            if content[:start] != header(path.name, content[start:]):
                return None
            context.refresh()
            return CompileResult._rebuild(context, *pickle.loads(content[start:]))
        except Exception:  # of whatever kind: what cannot be used is compiled anew
            return None

    def save_overload(self, signature: Any, result: Any) -> None:
        """Keep what was compiled, unless it holds addresses of this process, or functions with numbers that others may have."""
        path = self.path(signature, result.target_context)
        if path is None or result.library.has_dynamic_globals or any(result.lifted) or has_small_numbers(result):
            return
        content = dumps(result._reduce())
        try:
            write_whole(path, header(path.name, content) + content, private=True)
        except OSError as error:
            tell_once(f"{in_message(path)} cannot be written ({error.strerror})")


def number_functions_anew() -> None:
    """Let the numbers by which numba tells functions of one name apart begin where those of no other process do.

    They are part of the names by which code is linked. If all processes began at 1, code that two of them kept could take the
    place of each other when a third one loads it, and compute something else.
    """
    FunctionIdentity._unique_ids = itertools.count(LEAST_NUMBER + secrets.randbits(47))


def has_small_numbers(result: Any) -> bool:
    """Whether there is a function in compiled code whose number another process may have given to another function."""
    numbers = [NUMBER.search(function.name) for function in result.library._final_module.functions]
    return any(number is not None and int(number[1]) < LEAST_NUMBER for number in numbers)


number_functions_anew()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=number_functions_anew)


def keep_code(compiled: Any, name: str, text: str) -> None:
    """Let numba keep the code of a function that it is going to compile; the arguments are those of `KeptCode`."""
    compiled._cache = KeptCode(name, text)


def header(name: str, content: bytes) -> bytes:
    """What a file of this name and content begins with."""
    return MAGIC + hashlib.sha256(name.encode() + content).digest()


@cache
def _around() -> str:
    """A digest of what shapes machine code besides what `meaning` sees: the `OWN` modules, and the libraries."""
    own = [Path(__file__).with_name(f"{module.rpartition('.')[2]}.py").read_text(encoding="utf-8") for module in OWN]
    return digest(repr((own, numba.__version__, llvmlite.__version__, np.__version__, sys.version)))


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
