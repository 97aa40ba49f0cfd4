"""Files written whole or not at all, and read only where they are files: the one place that does it, for all three packages."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import secrets
import stat
from pathlib import Path
from typing import Final

LONGEST: Final = 200  # bytes of a name: of the 255 that a system allows, the rest is for what a temporary name adds
UNFINISHED: Final = re.compile(r"\.(.+)\.[0-9a-f]{16}\.part", re.DOTALL)


def write_whole(path: str | os.PathLike[str], content: bytes | str, private: bool = False) -> None:
    """Write a file so that at any moment, a crash included, there is the old one or the new one, never a part.

    The content goes to a file beside it, of a name that nobody can know before, which then takes its place. What was there
    before keeps its owner and its mode, and a link stays a link: what it points to is written.

    Arguments:
        path: of the file; its folder must be there.
        content: bytes, or text to be encoded as UTF-8.
        private: whether only this user may read and write it, whosoever the old one was.

    Raises:
        OSError: the file cannot be written, is protected, or is a folder, a device or a pipe; the error names `path`.
    """
    target = target_of(path)
    try:
        old = None if private else _writable(target)
        part = target.with_name(_temporary_name(target.name))
        mode = 0o600 if private else 0o666 if old is None else stat.S_IMODE(old.st_mode)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)  # exclusively: no planted link is followed
        descriptor = os.open(part, flags, mode)
        try:
            with open(descriptor, "wb") as file:
                file.write(content.encode() if isinstance(content, str) else content)
                file.flush()
                os.fsync(descriptor)
            if old is not None:
                _take_after(part, old)
            os.replace(part, target)
        except BaseException:
            part.unlink(missing_ok=True)
            raise
        _synchronise(target.parent)
    except OSError as error:
        raise OSError(error.errno, error.strerror, os.fspath(path)) from error


def target_of(path: str | os.PathLike[str]) -> Path:
    """The file that is written where a path is given: what it points to, if it is a link."""
    return Path(os.path.realpath(path))


def remove_unfinished(target: Path) -> None:
    """Remove what killed processes have left of a file. Its only writer has to be the caller."""
    for path in target.parent.iterdir():
        unfinished = UNFINISHED.fullmatch(path.name)
        if unfinished and unfinished[1] == target.name:
            path.unlink(missing_ok=True)


def _temporary_name(name: str) -> str:
    kept = name if len(os.fsencode(name)) <= LONGEST else name[:40]
    return f".{kept}.{secrets.token_hex(8)}.part"


def read_whole(path: str | os.PathLike[str], own: bool = False) -> bytes:
    """The content of a file. A device or a pipe, which might never end, is refused.

    Arguments:
        path: of the file.
        own: whether to refuse one that another user may have written.

    Raises:
        OSError: it is none, or cannot be read, or is to be refused.
    """
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0))
    try:
        state = os.fstat(descriptor)
        _refuse_other_than_file(state, os.fspath(path))
        if own and not written_by_user_alone(state):
            raise PermissionError(errno.EPERM, "Another user may have written it", os.fspath(path))
        with open(descriptor, "rb", closefd=False) as file:  # of a folder it would name the descriptor alone
            return file.read()
    finally:
        os.close(descriptor)


def written_by_user_alone(state: os.stat_result) -> bool:
    """Whether a file or folder belongs to this user, and no other may write it. Where there are no such modes, it does."""
    if not hasattr(os, "getuid"):
        return True
    return state.st_uid == os.getuid() and not state.st_mode & (stat.S_IWGRP | stat.S_IWOTH)


def _writable(target: Path) -> os.stat_result | None:
    """The state of the file that is there, if there is one and it may be written."""
    try:
        old = os.lstat(target)  # a link here points to itself
    except FileNotFoundError:
        return None
    if stat.S_ISLNK(old.st_mode):
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))
    _refuse_other_than_file(old)
    if not os.access(target, os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    return old


def _refuse_other_than_file(state: os.stat_result, *path: str) -> None:
    if stat.S_ISDIR(state.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), *path)
    if not stat.S_ISREG(state.st_mode):
        raise OSError(errno.EINVAL, "It is no file, but a device or a pipe", *path)


def _take_after(part: Path, old: os.stat_result) -> None:
    """Give a new file the mode of the old one, and its owner, as far as that is allowed."""
    new = part.stat()
    if hasattr(os, "chown") and (new.st_uid, new.st_gid) != (old.st_uid, old.st_gid):
        with contextlib.suppress(PermissionError):
            os.chown(part, old.st_uid, old.st_gid)
    part.chmod(stat.S_IMODE(old.st_mode))


def _synchronise(folder: Path) -> None:
    """Let the new name outlive a power failure, too, where the system can do that for a folder."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
