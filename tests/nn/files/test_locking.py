"""A file has one writer at a time, and a lock is never left behind."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import nn
from nn.files.locking import only_writer

pytest.importorskip("fcntl", reason="without it nothing is locked")


def test_of_many_threads_one_at_a_time_has_the_lock(tmp_path):
    inside, most = [], []

    def write(number):
        for _ in range(50):
            try:
                with only_writer(tmp_path / "run.json"):
                    inside.append(number)
                    most.append(len(inside))
                    inside.remove(number)
            except BlockingIOError:
                pass

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, range(8)))
    assert set(most) == {1}
    assert os.listdir(tmp_path) == []


def test_the_lock_of_a_killed_process_is_free(tmp_path):
    script = """
import os, signal, sys
from nn.files.locking import only_writer
with only_writer(sys.argv[1]):
    print(flush=True)
    sys.stdin.readline()
"""
    environment = os.environ | {"PYTHONPATH": str(Path(nn.__file__).parents[1])}
    path = tmp_path / "run.json"
    command = [sys.executable, "-c", script, path]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment) as other:
        other.stdout.readline()
        with pytest.raises(BlockingIOError, match=f"process {other.pid} "), only_writer(path):
            pass
        other.kill()
        other.wait()
        with only_writer(path):
            pass
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("plant", [Path.symlink_to, Path.hardlink_to])
def test_a_planted_lock_opens_no_other_file(tmp_path, plant):
    victim = tmp_path / "victim"
    victim.write_text("precious")
    plant(tmp_path / ".run.json.lock", victim)
    with pytest.raises(OSError, match=r"(symbolic links: '.*|is no lock of .*)run\.json"), only_writer(tmp_path / "run.json"):
        pass
    assert victim.read_text() == "precious"


def test_where_nothing_can_be_locked_it_is_said(tmp_path, monkeypatch):
    def unsupported(*_):
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr("fcntl.flock", unsupported)
    told = pytest.warns(UserWarning, match=r"run\.json cannot be locked here \(Operation not supported\)")
    with told, only_writer(tmp_path / "run.json"):
        pass
