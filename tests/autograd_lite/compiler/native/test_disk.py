"""Machine code on disk is used again just where it is whole, of this user, and means the same; else it is compiled anew."""

import ctypes
import hashlib
import os
import subprocess
import sys

import pytest

pytest.importorskip("numba")
pytest.importorskip("numpy")

from autograd_lite.compiler.native import building, disk, linking
from autograd_lite.compiler.native.addresses import address_of
from autograd_lite.compiler.native.disk import MAGIC, cache_directory, code_path, kept_code, tell_once


@pytest.fixture
def folder(monkeypatch, tmp_path):
    """An empty folder for machine code."""
    tell_once.cache_clear()
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path / "cache" / "autograd_lite"


def compiled(function=lambda x: x * 2.0):
    """Whether a function was compiled, and not taken from the disk."""
    asked = []

    def python():
        asked.append(function)
        return function

    address = address_of("double", "twice x", "float64(float64)", python)
    assert ctypes.CFUNCTYPE(ctypes.c_double, ctypes.c_double)(address)(3.0) == 6.0
    return bool(asked)


def test_code_is_kept_and_what_is_damaged_or_foreign_is_compiled_anew(folder):
    assert [compiled(), compiled()] == [True, False]
    (path,) = folder.iterdir()
    assert (path.stat().st_mode & 0o777, folder.stat().st_mode & 0o777) == (0o600, 0o700)
    whole, checksum = path.read_bytes(), len(MAGIC) + 32
    damaged = [b"", whole[:1], whole[: len(whole) // 2], whole[:-1], whole + b"0", whole[checksum:]]
    damaged += [MAGIC + hashlib.sha256(whole[checksum:]).digest() + whole[checksum:]]  # whole, but of another name
    damaged += [whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :] for place in range(0, len(whole), 100)]
    assert code_path("double", repr(("twice x", "float64(float64)"))) == path
    for content in damaged:
        path.write_bytes(content)
        assert kept_code(path) is None
    assert [compiled(), compiled()] == [True, False]
    assert path.read_bytes()[: len(MAGIC)] == MAGIC


def test_what_another_user_could_have_written_is_not_used(folder, monkeypatch):
    assert [compiled(), compiled()] == [True, False]
    (path,) = folder.iterdir()
    path.chmod(0o666)
    assert [compiled(), compiled()] == [True, False]
    if os.geteuid() == 0:  # only root gives files away
        os.chown(path, os.getuid() + 1, -1)
        assert [compiled(), compiled()] == [True, False]


def test_what_lies_in_the_way_of_a_file_is_told(folder):
    compiled()
    (path,) = folder.iterdir()
    path.unlink()
    path.mkdir()
    with pytest.warns(UserWarning, match=r"machine code is kept in memory alone: .* cannot be written \(Is a directory\)"):
        assert compiled()


def test_code_that_calls_what_is_not_there_is_compiled_anew(folder):
    assert compiled()
    (path,) = folder.iterdir()
    disk.keep_code(path, kept_code(path)._replace(needs=("a function of nobody",)))
    assert compiled()


def test_code_that_makes_arrays_is_kept_too(folder):
    def total(x):
        parts = numpy.empty(int(x) + 2)
        parts[:] = x
        return parts.sum() / (x + 2) * 2

    numpy = pytest.importorskip("numpy")
    assert [compiled(total), compiled(total)] == [True, False]


def test_code_with_addresses_of_this_process_is_not_kept(folder):
    """A function that numba knows by its address alone."""
    cosine = ctypes.CFUNCTYPE(ctypes.c_double, ctypes.c_double)(linking.binding.address_of_symbol("cos"))
    assert [compiled(lambda x: x * 2.0 + 0.0 * cosine(x)) for _ in range(2)] == [True, True]


@pytest.mark.parametrize("terminal", [True, False])
def test_at_a_terminal_it_says_once_what_there_is_to_wait_for(folder, monkeypatch, capsys, terminal):
    building.tell.cache_clear()
    monkeypatch.setattr(sys.stderr, "isatty", lambda: terminal)
    assert compiled()
    (path,) = folder.iterdir()
    path.unlink()
    assert compiled()
    assert capsys.readouterr().err.count(building.NOTICE) == terminal


def test_numba_is_not_imported_where_all_code_is_on_the_disk():
    # Which the first run makes sure of, in the user's own folder: from nothing it would compile for a quarter of a minute.
    program = (
        "import sys, numpy; from autograd_lite import compile, dot, tanh; from nn import MLP, fit\n"
        "f = compile(lambda x: tanh(dot(x, x)), backend='native'); print(f.value_and_grad(numpy.ones(3)))\n"
        "fit(MLP(2, [3, 1]), [[0.0, 1.0], [1.0, 0.0]], [0.0, 1.0], epochs=2, seed=0, backend='native', progress=False)\n"
        "print([name for name in ('numba', 'scipy.linalg') if name in sys.modules])"
    )

    def run():
        return subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True).stdout

    first, second = run().splitlines(), run().splitlines()
    assert first[0] == second[0]
    assert second[1] == "[]"


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
