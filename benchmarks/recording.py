"""What has to be waited for before the first result: machine code, large recordings, a network's first step.

Each is measured in a process of its own, with its machine code on the disk. Seconds are those of the clock, with those of the
processor behind them, which say more where others work on the machine.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from argparse import Namespace

from benchmarks import timing

START = "import time; began = time.perf_counter()\n"
END = "\nprint(time.perf_counter() - began, time.process_time())"
NEURON = """import numpy
from autograd_lite import compile, dot, tanh
compile(lambda w: tanh(dot(w, w)), backend="native").value_and_grad(numpy.ones(3))"""
RECORDED = """import numpy
from autograd_lite import compile, sin
def pendulum(p):
    angle, speed, length = p
    for _ in range({steps}):
        speed, angle = speed - 0.01 * sin(angle) / length, angle + 0.01 * speed
    return angle * angle
f = compile(pendulum, backend="native")
f.value_and_grad(numpy.array([0.1, 0.2, 0.9]))
count = f.tape.count"""
FIT = """import numpy
from nn import MLP, SGD, fit
random = numpy.random.default_rng(0)
x, y = random.random((64, 784)), numpy.eye(10)[random.integers(0, 10, 64)]
model = MLP(784, [128, 10], seed=0)
optimizer = SGD(model.parameters(), lr=0.1)
for _ in range({times}):
    began = time.perf_counter()
    fit(model, x, y, optimizer=optimizer, epochs=1, batch_size=64, backend="native", progress=False)"""


def seconds(program: str, cache: str | None = None) -> tuple[float, float]:
    """How long a program takes, without Python's own start: by the clock, and of the processor."""
    environment = os.environ if cache is None else os.environ | {"NUMBA_CACHE_DIR": cache}
    command = [sys.executable, "-c", START + program + END]
    *_, last = subprocess.run(command, check=True, capture_output=True, text=True, env=environment).stdout.splitlines()
    wall, processor = map(float, last.split())
    return wall, processor


def show(name: str, measured: tuple[float, float]) -> None:
    wall, processor = measured
    print(f"  {name:64} {wall:7.2f} s   (processor {processor:.2f} s)", flush=True)


def run(options: Namespace) -> None:
    print("\nUntil the first result\n")
    steps = 500 if timing.dry else 50_000
    with tempfile.TemporaryDirectory() as empty:
        show("value and gradient of a neuron, no machine code on the disk", seconds(NEURON, empty))
        show("the same in the next process", seconds(NEURON, empty))
    program = RECORDED.format(steps=steps)
    seconds(RECORDED.format(steps=2))
    show(f"{steps:,} steps of a pendulum, recorded, laid out and run", seconds(program))
    seconds(FIT.format(times=1))
    show("fit of 784-128-10 to its first step (the clock: the call)", seconds(FIT.format(times=1)))
    show("fit once more", seconds(FIT.format(times=2)))
