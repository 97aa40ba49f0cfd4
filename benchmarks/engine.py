"""The eager engine: the moons step op by op and fused, forward and backward alone, a long chain, a wide sum, memory a node."""

from __future__ import annotations

import gc
import sys
import time
import tracemalloc
from argparse import Namespace
from collections.abc import Callable
from itertools import pairwise
from typing import Any

from benchmarks.moons import DECAY, RATE, SIZES, START, X, Y, eager, micrograd
from benchmarks.timing import Contestant, Step, compare, shown


def op_by_op() -> Step:
    """The step with micrograd's own neuron: one node for each + and ×."""
    from autograd_lite import Value

    numbers = iter(START)
    network = [
        [([Value(next(numbers)) for _ in range(nin)], Value(next(numbers))) for _ in range(nout)]
        for nin, nout in pairwise(SIZES)
    ]
    parameters = [p for layer in network for weights, bias in layer for p in (*weights, bias)]

    def score(x: Any) -> Any:
        for layer in network:
            z = [sum((w * a for w, a in zip(weights, x, strict=True)), bias) for weights, bias in layer]
            x = z if len(z) == 1 else [node.relu() for node in z]
        return x[0]

    def run() -> float:
        losses = [(1 + -y * score([Value(number) for number in x])).relu() for x, y in zip(X, Y, strict=True)]
        total = sum(losses) * (1.0 / len(losses)) + DECAY * sum(p * p for p in parameters)
        for p in parameters:
            p.grad = 0
        total.backward()
        for p in parameters:
            p.data -= RATE * p.grad
        return float(total.data)

    return run


def chain(make: Callable[[float], Any], number: Callable[[Any], float], length: int = 1000) -> Callable[[], Step]:
    """y = x·c·c·…·c with scalars, forward and backward."""

    def prepare() -> Step:
        def run() -> float:
            x, factor = make(2.0), make(1.0001)
            y = x
            for _ in range(length):
                y = y * factor
            y.backward()
            return number(x.grad)

        return run

    return prepare


def lite_value(data: float) -> Any:
    from autograd_lite import Value

    return Value(data)


def micrograd_value(data: float) -> Any:
    from micrograd.engine import Value

    return Value(data)


def torch_scalar(data: float) -> Any:
    import torch

    return torch.tensor(data, dtype=torch.float64, requires_grad=True)


def mygrad_scalar(data: float) -> Any:
    import mygrad

    return mygrad.tensor(data)


def hips_chain(length: int = 1000) -> Step:
    import autograd

    def product(x: Any, factor: Any) -> Any:
        y = x
        for _ in range(length):
            y = y * factor
        return y

    gradient = autograd.grad(product, (0, 1))
    return lambda: float(gradient(2.0, 1.0001)[0])


def memory_of_a_node(make: Callable[[float], Any], length: int = 10_000) -> float:
    """Bytes that one factor of a long product takes."""
    y, factor = make(1.0), make(1.0001)
    tracemalloc.start()
    for _ in range(length):
        y = y * factor
    size = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    return size / length


def split(build: Callable[[], Any], rounds: int = 3, collector: bool = True) -> tuple[float, float, float]:
    """The best times of building a graph, of its backward pass, and of dropping it with the garbage collector off."""
    best = [float("inf")] * 3
    for _ in range(rounds):
        if not collector:
            gc.disable()
        times = [time.perf_counter()]
        output = build()
        times.append(time.perf_counter())
        output.backward()
        times.append(time.perf_counter())
        gc.disable()
        del output
        times.append(time.perf_counter())
        gc.enable()
        best = [min(old, after - before) for old, (before, after) in zip(best, pairwise(times), strict=True)]
    return best[0], best[1], best[2]


def long_chain(length: int) -> Any:
    y, factor = lite_value(1.0), lite_value(1.0000001)
    for _ in range(length):
        y = y * factor
    return y


def wide_sum(width: int) -> Any:
    from autograd_lite import sum as add_up

    return add_up([lite_value(1.0) for _ in range(width)])


def fused_graph() -> Callable[[], Any]:
    from nn import MLP

    model = MLP(2, [16, 16, 1], seed=0)

    def build() -> Any:
        losses = [(1 - y * output).relu() for output, y in zip(model.batch(X), Y, strict=True)]
        return sum(losses) * (1 / len(losses))

    return build


def run(options: Namespace) -> None:
    sys.setrecursionlimit(10_000)  # micrograd sorts its graph by recursion
    compare(
        "The moons step, eager",
        [
            Contestant("autograd_lite, fused neurons", eager),
            Contestant("autograd_lite, single + and ×", op_by_op),
            Contestant("micrograd", micrograd),
        ],
    )
    compare(
        "A product of 1,000 scalars, forward and backward",
        [
            Contestant("autograd_lite, eager", chain(lite_value, float)),
            Contestant("micrograd", chain(micrograd_value, float)),
            Contestant("PyTorch eager", chain(torch_scalar, float)),
            Contestant("MyGrad", chain(mygrad_scalar, float)),
            Contestant("HIPS autograd", hips_chain),
        ],
    )
    print(f"\n  {'best of 3':38} {'forward':>10} {'backward':>10} {'dropped':>10}")
    works: dict[str, Callable[[], Any]] = {"the moons graph, fused": fused_graph(), "a sum of 10^6": lambda: wide_sum(10**6)}
    works |= {f"a chain of 10^{power}": lambda power=power: long_chain(10**power) for power in range(3, 8)}
    for name, build in works.items():
        print(f"  {name:38}", *(f"{shown(seconds):>10}" for seconds in split(build)))
        if name == "a chain of 10^6":
            alone = split(build, collector=False)
            print(f"  {'the same, no garbage collector':38}", *(f"{shown(seconds):>10}" for seconds in alone))
    print("\n  bytes a node of a long product:", end="")
    print(f"  autograd_lite {memory_of_a_node(lite_value):.0f}, micrograd {memory_of_a_node(micrograd_value):.0f}")
