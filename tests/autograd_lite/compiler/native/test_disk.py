"""Machine code on disk is used again just where it is whole, of this user, and means the same; else it is compiled anew."""

import hashlib
import itertools
import os
import pickle
from pathlib import Path

import pytest

numba = pytest.importorskip("numba")
pytest.importorskip("numpy")

from autograd_lite.compiler.native import disk  # noqa: E402
from autograd_lite.compiler.native.disk import MAGIC, cache_directory, keep_code, tell_once  # noqa: E402

FLOAT = (numba.float64,)


@pytest.fixture
def folder(monkeypatch, tmp_path):
    """An empty folder for machine code."""
    tell_once.cache_clear()
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path / "cache" / "autograd_lite"


def compiled():
    """Whether a function's code came from the disk."""
    function = numba.njit(lambda x: x * 2.0)
    keep_code(function, "double", "twice x")
    assert function(3.0) == 6.0
    return bool(function.stats.cache_hits)


def compile_context():
    """What numba compiles for on this machine."""
    return numba.core.registry.cpu_target.target_context


class Trap:
    def __reduce__(self):
        return os.mkdir, ("executed",)


def test_code_is_kept_and_what_is_damaged_or_foreign_is_compiled_anew(folder, monkeypatch):
    monkeypatch.chdir(folder.parent.parent)
    assert [compiled(), compiled()] == [False, True]
    (path,) = folder.iterdir()
    assert (path.stat().st_mode & 0o777, folder.stat().st_mode & 0o777) == (0o600, 0o700)
    whole, trap, checksum = path.read_bytes(), pickle.dumps(Trap()), len(MAGIC) + 32
    damaged = [b"", whole[:1], whole[: len(whole) // 2], whole[:-1], whole + b"0", trap, MAGIC + trap, whole[:checksum] + trap]
    damaged += [MAGIC + hashlib.sha256(trap).digest() + trap]  # whole, but of another name
    damaged += [whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :] for place in range(0, len(whole), 100)]
    kept = disk.KeptCode("double", "twice x")
    context = compile_context()
    assert kept.path(FLOAT, context) == path
    for content in damaged:
        path.write_bytes(content)
        assert kept.load_overload(FLOAT, context) is None
    assert [compiled(), compiled()] == [False, True]
    assert path.read_bytes()[: len(MAGIC)] == MAGIC
    assert not Path("executed").exists()


def test_what_another_user_could_have_written_is_not_used(folder, monkeypatch):
    assert [compiled(), compiled()] == [False, True]
    (path,) = folder.iterdir()
    path.chmod(0o666)
    assert [compiled(), compiled()] == [False, True]
    real = os.getuid()
    os.chown(path, real + 1, -1)
    assert [compiled(), compiled()] == [False, True]


def test_what_lies_in_the_way_of_a_file_is_told(folder):
    compiled()
    (path,) = folder.iterdir()
    path.unlink()
    path.mkdir()
    with pytest.warns(UserWarning, match=r"machine code is kept in memory alone: .* cannot be written \(Is a directory\)"):
        assert not compiled()


def test_functions_are_numbered_as_in_no_other_process(folder, monkeypatch):
    numbers = [next(disk.FunctionIdentity._unique_ids)]
    disk.number_functions_anew()
    numbers.append(next(disk.FunctionIdentity._unique_ids))
    assert min(numbers) >= disk.LEAST_NUMBER
    assert abs(numbers[0] - numbers[1]) > 1000
    monkeypatch.setattr(disk.FunctionIdentity, "_unique_ids", itertools.count(1))
    assert [compiled(), compiled()] == [False, False]  # another process may have given this number, too
    assert [*folder.iterdir()] == []


def in_the_temporary_folder(monkeypatch, tmp_path):
    """The folder for code, and the user's part of the temporary folder, where the user's own cache cannot be used."""
    tell_once.cache_clear()
    temporary = tmp_path / "temporary"
    temporary.mkdir(exist_ok=True)
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    for name in ("NUMBA_CACHE_DIR", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", os.devnull)
    return temporary / f"user-{os.getuid()}"


def test_where_the_users_cache_cannot_be_written_code_is_kept_among_temporary_files_of_the_user(monkeypatch, tmp_path):
    spare = in_the_temporary_folder(monkeypatch, tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    assert cache_directory() == tmp_path / "cache" / "autograd_lite"
    before = os.umask(0)
    try:
        for home in (os.devnull, "~nobody"):  # no home is known
            monkeypatch.setenv("XDG_CACHE_HOME", home)
            assert cache_directory() == spare / "autograd_lite"
    finally:
        os.umask(before)
    assert [folder.stat().st_mode & 0o777 for folder in (spare, spare / "autograd_lite")] == [0o700, 0o700]


def make_open(spare):
    (spare / "autograd_lite").mkdir(parents=True)
    spare.chmod(0o777)


def make_its_inside_open(spare):
    (spare / "autograd_lite").mkdir(parents=True)
    (spare / "autograd_lite").chmod(0o770)


def make_it_a_link(spare):
    spare.with_name("elsewhere").mkdir()
    spare.symlink_to(spare.with_name("elsewhere"))


def make_it_a_link_to_nowhere(spare):
    spare.symlink_to(spare.with_name("nowhere"))


def make_its_inside_a_link(spare):
    spare.mkdir(0o700)
    spare.with_name("elsewhere").mkdir()
    (spare / "autograd_lite").symlink_to(spare.with_name("elsewhere"))


def make_it_a_file(spare):
    spare.touch()


def make_it_another_users(spare):
    spare.mkdir(0o700)
    os.chown(spare, os.getuid() + 1, -1)


def make_what_is_above_open(spare):
    spare.parent.chmod(0o777)


@pytest.mark.parametrize(
    "prepare",
    [
        make_open,
        make_its_inside_open,
        make_it_a_link,
        make_it_a_link_to_nowhere,
        make_its_inside_a_link,
        make_it_a_file,
        pytest.param(make_it_another_users, marks=pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")),
        make_what_is_above_open,
    ],
)
def test_a_temporary_folder_that_others_may_have_prepared_is_not_used(monkeypatch, tmp_path, prepare):
    spare = in_the_temporary_folder(monkeypatch, tmp_path)
    prepare(spare)
    with pytest.warns(UserWarning, match=r"in memory alone: neither .* nor .* is a folder that you, and only you, can write"):
        assert cache_directory() is None
    assert cache_directory() is None  # which is told once
