"""One run at a time for a file: the system holds the lock, and lets it go when the process ends, however it ends."""

from __future__ import annotations

import os
import socket
import stat
import sys
import threading
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from autograd_lite.basics.escaping import in_message
from autograd_lite.basics.files import remove_unfinished, target_of
from nn.files.json_file import check_folder

if sys.platform != "win32":
    import fcntl


@contextmanager
def only_writer(path: str | Path) -> Iterator[None]:
    """Be the only run, of all processes and threads of this machine, that writes a file in this block.

    Beside the file is one with `.lock` behind its name, which says who has it. On Windows nothing is locked.

    Raises:
        BlockingIOError: another run has it; the message says which.
        OSError: the folder cannot be written.
    """
    if sys.platform == "win32":
        yield
        return
    check_folder(path)
    target = target_of(path)
    lock = target.with_name(f".{target.name}.lock")
    try:
        descriptor = _locked(lock, path)
    except OSError as error:
        if error.errno is None:  # it is ours, and says all
            raise
        raise OSError(error.errno, error.strerror, os.fspath(path)) from error
    try:
        remove_unfinished(target)
        yield
    finally:
        lock.unlink(missing_ok=True)  # while it is locked, so that it is ours
        os.close(descriptor)


def _locked(lock: Path, path: str | Path) -> int:
    """The open lock file, locked, with a line in it that says by whom."""
    while True:
        descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o666)
        try:
            state = os.fstat(descriptor)
            if not stat.S_ISREG(state.st_mode) or state.st_nlink > 1:  # a file of someone else, put here under a second name
                raise PermissionError(f"{in_message(lock)} is no lock of {in_message(path)}: remove it")
            _lock(descriptor, path)
            if _is_at(lock, descriptor):  # and was not removed by the run before in the meantime
                holder = f"process {os.getpid()} ({threading.current_thread().name}) on {socket.gethostname()}"
                os.truncate(descriptor, 0)
                os.write(descriptor, f"{holder} since {time.strftime('%Y-%m-%d %H:%M:%S')}".encode())
                return descriptor
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)


def _is_at(path: Path, descriptor: int) -> bool:
    try:
        return os.path.samestat(path.stat(), os.fstat(descriptor))
    except FileNotFoundError:
        return False


def _lock(descriptor: int, path: str | Path) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        holder = os.read(descriptor, 200).decode(errors="replace") or "another run"
        raise BlockingIOError(
            f"{in_message(path)} is being written by {in_message(holder)}: wait for that run to end, or give this one a file "
            "of its own"
        ) from None
    except OSError as error:
        warnings.warn(
            f"{in_message(path)} cannot be locked here ({error.strerror}): see to it that no other run writes it", stacklevel=7
        )
