"""Files are written whole or not at all, whoever else writes or reads them."""

import os
import stat
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd_lite.basics import files
from autograd_lite.basics.files import read_whole, remove_unfinished, write_whole


@given(st.binary() | st.text())
def test_what_is_written_is_read(tmp_path_factory, content):
    path = tmp_path_factory.mktemp("files") / "file"
    write_whole(path, content)
    assert read_whole(path) == (content.encode() if isinstance(content, str) else content)


def test_writers_and_a_reader_at_once_see_whole_files_only(tmp_path):
    path = tmp_path / "file"
    contents = {bytes([number]) * 100_000 for number in range(4)}
    write_whole(path, b"\0" * 100_000)
    begun, done = threading.Event(), threading.Event()

    def read():
        begun.set()
        while not done.is_set():
            assert read_whole(path) in contents

    with ThreadPoolExecutor(5) as pool:
        reader = pool.submit(read)
        begun.wait()
        list(pool.map(lambda content: [write_whole(path, content) for _ in range(25)], contents))
        done.set()
        reader.result()
    assert os.listdir(tmp_path) == ["file"]


@pytest.mark.parametrize("failing", ["fsync", "replace", "chmod"])
def test_a_write_that_fails_leaves_the_old_file_and_no_other(tmp_path, monkeypatch, failing):
    def fail(*_, **__):
        raise OSError(28, "No space left on device")

    path = tmp_path / "file"
    write_whole(path, "before")
    monkeypatch.setattr(os, failing, fail)
    with pytest.raises(OSError, match=r"No space left on device: '.*file'$"):
        write_whole(path, "after")
    assert path.read_text() == "before"
    assert os.listdir(tmp_path) == ["file"]


def test_a_new_file_has_the_mode_of_the_umask_and_an_old_one_keeps_its_own(tmp_path):
    path = tmp_path / "file"
    before = os.umask(0o027)
    try:
        write_whole(path, "new")
        assert stat.S_IMODE(path.stat().st_mode) == 0o640
        for mode in (0o600, 0o644, 0o666, 0o755):
            path.chmod(mode)
            write_whole(path, "old")
            assert stat.S_IMODE(path.stat().st_mode) == mode
    finally:
        os.umask(before)


def test_a_link_stays_a_link_and_its_target_is_written(tmp_path):
    (tmp_path / "folder").mkdir()
    link, target = tmp_path / "link", tmp_path / "folder" / "target"
    link.symlink_to(target)
    for content in ("to a target that is not there yet", "to one that is"):
        write_whole(link, content)
        assert link.is_symlink()
        assert target.read_text() == content
    assert os.listdir(target.parent) == ["target"]


def test_what_is_no_file_is_neither_written_nor_read(tmp_path):
    pipe, loop = tmp_path / "pipe", tmp_path / "loop"
    os.mkfifo(pipe)
    loop.symlink_to(loop)
    for path, message in (
        ("/dev/null", "It is no file, but a device or a pipe: '/dev/null'"),
        (pipe, "It is no file, but a device or a pipe: '.*pipe'"),
        (tmp_path, "Is a directory: "),
        (loop, "Too many levels of symbolic links: '.*loop'"),
    ):
        for use in (read_whole, lambda path: write_whole(path, "")):
            with pytest.raises(OSError, match=message):
                use(path)
    assert sorted(os.listdir(tmp_path)) == ["loop", "pipe"]


def test_a_protected_file_is_not_replaced(tmp_path, monkeypatch):
    path = tmp_path / "file"
    write_whole(path, "before")
    monkeypatch.setattr(os, "access", lambda *_: False)  # as for a user who is not root
    with pytest.raises(PermissionError, match=r"Permission denied: '.*file'"):
        write_whole(path, "after")
    assert path.read_text() == "before"


def test_a_planted_link_is_not_followed(tmp_path, monkeypatch):
    victim = tmp_path / "victim"
    victim.write_text("precious")
    monkeypatch.setattr(files.secrets, "token_hex", lambda _: "0123456789abcdef")  # were it known before
    (tmp_path / ".file.0123456789abcdef.part").symlink_to(victim)
    with pytest.raises(FileExistsError):
        write_whole(tmp_path / "file", "content")
    assert victim.read_text() == "precious"


def test_a_name_may_be_as_long_as_the_system_allows(tmp_path):
    for name in ("n" * 255, "ä" * 127, "n" * 200):
        write_whole(tmp_path / name, "content")
        assert os.listdir(tmp_path) == [name]
        (tmp_path / name).unlink()


def test_what_a_killed_write_left_is_removed_and_nothing_else(tmp_path):
    others = {".run.json.bak.0123456789abcdef.part", ".run.json.part", "run.json", ".arun.json.0123456789abcdef.part"}
    for name in {".run.json.0123456789abcdef.part", *others}:
        (tmp_path / name).touch()
    remove_unfinished(tmp_path / "run.json")
    assert {*os.listdir(tmp_path)} == others
