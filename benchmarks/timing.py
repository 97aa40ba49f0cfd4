"""Contestants side by side, each in a process of its own: checked to give the same numbers, timed in turns, compared."""

from __future__ import annotations

import multiprocessing
import os
import signal
import statistics
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from typing import Any, Final

Step = Callable[[], float]  # one unit of work; gives a number that all contestants must agree on


@dataclass
class Contestant:
    """One way of doing the work.

    `prepare` gives the step; what it raises is shown instead of a time. `units` is how many units of work one step does.
    """

    name: str
    prepare: Callable[[], Step]
    units: int = 1


SETTLING: Final = 0.5  # seconds that the processes of a contestant get to come back to themselves before they are timed

dry = False  # only show that it runs: no peers, one short round


def compare(
    title: str,
    contestants: Sequence[Contestant],
    rounds: int = 7,
    budget: float = 0.3,
    check: int = 2,
    tolerance: float = 1e-9,
    least: int = 3,
) -> dict[str, list[float]]:
    """Print a table of the time of one unit of work, and how many times as long as the first contestant each takes.

    The times are medians; beside them stand those of the quickest rounds, on which a machine that others use shows the least.

    All must give the same numbers, within the tolerance. The row is kept for `markdown`, the table of all that was compared in
    this run.

    Arguments:
        title, contestants: what is compared.
        rounds: how often each is timed.
        budget: seconds that a round takes at least.
        check: how many steps must give the same numbers.
        tolerance: relative, of these numbers.
        least: steps in a round. With three a library whose graphs wait for the garbage collector pays for it, as it does in a
            training loop.

    Returns:
        The seconds of each contestant that ran, in each round.
    """
    if dry:
        contestants, rounds, budget = [c for c in contestants if c.name.startswith("autograd_lite")], 1, 0.0
    print(f"\n{title}", flush=True)
    with ExitStack() as stack:
        workers: dict[str, Worker] = {}
        missing: dict[str, str] = {}
        reference: tuple[str, list[float]] | None = None
        for contestant in contestants:
            worker = Worker(contestant, check, budget, least)
            stack.callback(worker.end)
            numbers, seconds, failure = worker.answer()
            if failure:
                missing[contestant.name] = failure
                continue
            workers[contestant.name] = worker
            reference = reference or (contestant.name, numbers)
            for number, expected in zip(numbers, reference[1], strict=True):
                if abs(number - expected) > tolerance * (1 + abs(expected)):
                    raise AssertionError(f"{contestant.name} gives {numbers}, {reference[0]} {reference[1]}")
            print(f"  ready: {contestant.name} ({seconds:.2f} s to prepare, with the first {check} steps)", flush=True)
        times: dict[str, list[float]] = {name: [] for name in workers}
        for _ in range(rounds):
            for name, worker in workers.items():
                times[name].append(worker.another_round())
    medians = {name: statistics.median(seconds) for name, seconds in times.items()}
    first = next(iter(medians.values()))
    _rows.append((title, medians))
    print(f"  {'':38} {'times as long':>14} {'one step':>14} {'at its quickest':>16}")
    for contestant in contestants:
        if contestant.name in missing:
            print(f"  {contestant.name:38} {missing[contestant.name]}")
        else:
            median = medians[contestant.name]
            quickest = min(times[contestant.name])
            print(f"  {contestant.name:38} {median / first:14.2f} {shown(median):>14} {shown(quickest):>16}")
    return times


_rows: list[tuple[str, dict[str, float]]] = []  # for each comparison its title and the seconds by contestant


def markdown() -> str:
    """The comparisons of this run as the README shows them: how many times as long each takes as the first of its row."""
    names = list(dict.fromkeys(name for _, seconds in _rows for name in list(seconds)[1:]))
    lines = [f"| one step of | autograd_lite | {' | '.join(names)} |", "| --- | ---: |" + " ---: |" * len(names)]
    for title, seconds in _rows:
        (ours, first), *_ = seconds.items()
        cells = [f"{float(f'{seconds[name] / first:.3g}'):,g}" if name in seconds else "" for name in names]
        lines.append(f"| {title} | {ours.removeprefix('autograd_lite, ')}, **1** ({shown(first)}) | {' | '.join(cells)} |")
    return "\n".join(lines)


class Worker:
    """The processes of a contestant, so that nobody pays for another's imports, threads or garbage.

    They sleep while it is another's turn: a cluster or a pool of threads is busy even when it has nothing to do.
    """

    def __init__(self, contestant: Contestant, check: int, budget: float, least: int) -> None:
        context = multiprocessing.get_context("fork")
        self.connection, theirs = context.Pipe()
        self.process = context.Process(target=serve, args=(theirs, contestant, check, budget, least), daemon=True)
        self.process.start()
        theirs.close()  # so that a process that ends is noticed

    def answer(self) -> Any:
        """What it says next; then it sleeps."""
        answer = self.connection.recv()
        self.signal(signal.SIGSTOP)
        return answer

    def another_round(self) -> Any:
        """The time of another round."""
        self.signal(signal.SIGCONT)
        time.sleep(SETTLING)
        self.connection.send("another round")
        return self.answer()

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to all of its processes."""
        with suppress(ProcessLookupError, PermissionError):  # it has ended
            os.killpg(self.process.pid, number)

    def end(self) -> None:
        """End it; processes that it has started notice that."""
        self.process.kill()
        self.signal(signal.SIGCONT)


def serve(connection: Any, contestant: Contestant, check: int, budget: float, least: int) -> None:
    """Prepare, tell the numbers of the first steps and how long they took, or what failed; then time a round when asked to."""
    os.setpgrp()  # with all processes that are started here
    began = time.perf_counter()
    try:
        step = contestant.prepare()
        numbers = [step() for _ in range(check)]
    except Exception as error:
        connection.send(([], 0.0, f"{type(error).__name__}: {str(error).strip().splitlines()[0][:90]}"))
        return
    connection.send((numbers, time.perf_counter() - began, ""))
    while connection.recv():
        step()  # what has slept finds the processor's caches taken by others
        connection.send(time_once(step, budget, least) / contestant.units)


def time_once(step: Step, budget: float, least: int) -> float:
    """The mean time of a step, over as many as fit into the budget."""
    steps, began = 0, time.perf_counter()
    while steps < least or time.perf_counter() - began < budget:
        step()
        steps += 1
    return (time.perf_counter() - began) / steps


def shown(seconds: float) -> str:
    """A time with a fitting unit."""
    for unit, size in (("s", 1.0), ("ms", 1e-3)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds * 1e6:.3g} µs"
