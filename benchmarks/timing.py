"""Running contestants side by side: they are checked to give the same numbers, then timed in turns, and compared."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

Step = Callable[[], float]  # one unit of work; gives a number that all contestants must agree on


@dataclass
class Contestant:
    """One way of doing the work.

    `prepare` gives the step; what it raises is shown instead of a time. `units` is how many units of work one step does.
    """

    name: str
    prepare: Callable[[], Step]
    units: int = 1
    seconds: list[float] = field(default_factory=list)
    step: Step | None = None
    missing: str = ""


def compare(title: str, contestants: Sequence[Contestant], rounds: int = 7, budget: float = 0.3, check: int = 2) -> None:
    """Print a table of the time of one unit of work, and how many times as long as the first contestant each takes."""
    print(f"\n{title}")
    results = {}
    for contestant in contestants:
        try:
            began = time.perf_counter()
            contestant.step = contestant.prepare()
            results[contestant.name] = [contestant.step() for _ in range(check)]
            print(f"  ready: {contestant.name} ({time.perf_counter() - began:.2f} s to prepare, with the first {check} steps)")
        except Exception as error:
            contestant.step, contestant.missing = None, f"{type(error).__name__}: {str(error).strip().splitlines()[0][:90]}"
    running = [contestant for contestant in contestants if contestant.step]
    reference = results[running[0].name]
    for name, numbers in results.items():
        for number, expected in zip(numbers, reference, strict=True):
            if abs(number - expected) > 1e-9 * (1 + abs(expected)):
                raise AssertionError(f"{name} gives {numbers}, {running[0].name} {reference}")
    gc.collect()
    gc.freeze()  # what the libraries keep for good is not walked again in everybody's time
    for _ in range(rounds):
        for contestant in running:
            gc.collect()  # nobody pays for what the one before left behind
            contestant.seconds.append(time_once(contestant, budget))
    first = statistics.median(running[0].seconds)
    print(f"  {'':38} {'times as long':>14} {'one step':>14}")
    for contestant in contestants:
        if contestant.step is None:
            print(f"  {contestant.name:38} {contestant.missing}")
            continue
        median = statistics.median(contestant.seconds)
        print(f"  {contestant.name:38} {median / first:14.2f} {shown(median):>14}")


def time_once(contestant: Contestant, budget: float) -> float:
    """The mean time of a unit of work, over as many steps as fit into the budget; at least three, so that a library whose
    graphs wait for the garbage collector pays for its own, as it does in a training loop."""
    assert contestant.step is not None
    steps, began = 0, time.perf_counter()
    while steps < 3 or time.perf_counter() - began < budget:
        contestant.step()
        steps += 1
    return (time.perf_counter() - began) / steps / contestant.units


def shown(seconds: float) -> str:
    """A time with a fitting unit."""
    for unit, size in (("s", 1.0), ("ms", 1e-3)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds * 1e6:.3g} µs"
