"""A process may be forked while a model is trained, and train in its turn: `fit` starts no thread that may hold a lock then."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import nn

pytest.importorskip("fcntl", reason="a process forks where there is Unix")

# It runs in a process of its own, since other tests start threads.
SCRIPT = """
import os, signal, sys, threading
from nn import MLP, datasets, fit

inputs, labels = datasets.moons(30, noise=0.1, seed=5)

def train(told=None):
    model = MLP(2, [4, 2], "tanh", seed=2)
    callbacks = [] if told is None else [told]
    fit(model, inputs, labels, loss="cross_entropy", epochs=2, batch_size=8, seed=1, backend=backend, progress=True,
        validation=0.2, callbacks=callbacks)
    return model.state_dict()

def told(epoch, model, history):
    started = {*threading.enumerate()} - before
    assert not started, started
    child = os.fork()
    if not child:
        signal.alarm(600)  # a child that waits for ever is killed
        os._exit(0 if train() == alone else 1)
    statuses.append(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))

before = {*threading.enumerate()}
for backend in sys.argv[1:]:
    statuses, alone = [], train()
    assert train(told) == alone
    assert statuses == [0, 0], (backend, statuses)
"""


def test_fit_starts_no_thread_and_a_process_forked_from_it_trains_to_the_same_weights():
    pytest.importorskip("numba")
    environment = os.environ | {"PYTHONPATH": str(Path(nn.__file__).parents[1])}
    command = [sys.executable, "-c", SCRIPT, "eager", "python", "native"]
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr
