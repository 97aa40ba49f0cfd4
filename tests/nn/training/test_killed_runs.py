"""Runs killed at random moments, with no chance to tidy up: they go on to the same weights and the same history.

    python -m pytest -n 0 -m slow --hypothesis-profile=thorough tests/nn/training/test_killed_runs.py

kills 200 runs of each kind.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import settings

import nn

pytestmark = pytest.mark.slow
pytest.importorskip("fcntl", reason="runs are killed in forks of one process, which saves starting one for each")
KILLS = max(4, settings.default.max_examples // 50)
KINDS = ["eager", "python", "native", *(["command"] if KILLS == 200 else [])]  # a command takes a second, for its pictures

# Each run is a fork of one process, which has compiled everything before.
DRIVER = """
import os, random, signal, sys, time, contextlib, io
from pathlib import Path
import nn.commands
sys.modules["matplotlib.figure"] = None  # no plots
from nn import MLP, Adam, datasets, fit

backend, kills, folder = sys.argv[1], int(sys.argv[2]), Path(sys.argv[3])
inputs, labels = datasets.moons(40, noise=0.1, seed=5)

def run(place):
    place.mkdir(exist_ok=True)
    if backend == "command":
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            options = ["--epochs", "4", "--batch-size", "50", "--checkpoint", str(place / "run.json"), "--output", str(place)]
            assert nn.commands.main(["train", "xor", *options]) == 0
        for path in place.iterdir():  # pictures, and half a file: no later command knows that none writes it
            if path.suffix in (".svg", ".part") and not path.name.startswith(".run.json."):
                path.unlink()
        return
    model = MLP(2, [6, 2], "tanh", seed=2)
    optimizer = Adam(model.parameters(), lr=0.02)
    history = fit(model, inputs, labels, loss="cross_entropy", optimizer=optimizer, epochs=8, batch_size=3, seed=1,
                  progress=False, backend=backend, checkpoint=place / "run.json")
    (place / "told").write_text(repr((model.state_dict(), dict(history), history.seed)))

def forked(place, most=None):
    child = os.fork()
    if not child:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})
        try:
            run(place)
        except BaseException as error:
            print(repr(error), file=sys.__stderr__, flush=True)
            os._exit(1)
        os._exit(0)
    if most is not None and signal.sigtimedwait({signal.SIGCHLD}, most) is None:
        os.kill(child, signal.SIGKILL)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    while signal.sigtimedwait({signal.SIGCHLD}, 0):
        pass
    return status

def content(place):
    return {path.name: path.read_bytes() for path in place.iterdir()}

signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD})
run(folder / "first")
whole = folder / "whole"
begun = time.perf_counter()
assert forked(whole) == 0
took = time.perf_counter() - begun
moments, killed = random.Random(0), 0
while killed < kills:
    place = folder / str(killed)
    statuses = [forked(place, took * moments.random()) for _ in range(2)]
    if -signal.SIGKILL not in statuses:
        for path in place.iterdir():
            path.unlink()
        continue
    killed += statuses.count(-signal.SIGKILL)
    if statuses[-1]:
        assert forked(place) == 0, place
    assert content(place) == content(whole), (place, content(place).keys())
print("killed", killed)
"""


@pytest.mark.parametrize("backend", KINDS)
def test_runs_killed_at_random_moments_end_with_the_same_weights_and_history(tmp_path, backend):
    if backend in ("native", "command"):
        pytest.importorskip("numba")
    environment = os.environ | {"PYTHONPATH": str(Path(nn.__file__).parents[1])}
    command = [sys.executable, "-c", DRIVER, backend, str(KILLS), str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout.split()[-1]) >= KILLS
