"""A finished program for blocks of so many lanes, and the memory that a run of it needs."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import Any

import numpy as np

from autograd_lite.compiler.native.addresses import function
from autograd_lite.compiler.native.assembly import Assembly
from autograd_lite.compiler.native.layout import aligned
from autograd_lite.compiler.native.operations import Operations
from autograd_lite.compiler.native.plan import Plan
from autograd_lite.compiler.native.results import write_results
from autograd_lite.compiler.native.state import AT, MEAN_FACTOR, RunState


def assemble(plan: Plan, block: int, dtype: np.dtype[Any], sources: Sequence[str] = ()) -> Assembly:
    """The program of a plan: all of its instructions."""
    assembly = Assembly(plan, block, dtype, sources)
    Operations(assembly).write()
    assembly.results = write_results(assembly)
    return assembly


class Code:
    """A finished program.

    Attributes:
        block: how many lanes a block has room for.
        size: how many numbers its memory has.
        results: where the results are, and how many.
        batched: how many arguments have one row per sample.
        unbatched: for each other argument the places of its numbers.
        outside: the places of Values that the function refers to, and these Values.
        counts: how many instructions come before all blocks, inside each, and after all.
        once: how many come before the first step of a training.
        kernels: the address of each instruction's kernel.
        parameters: the address of each instruction's parameters, which lie in `numbers`.
        template: the memory before a run.
        free: the workspaces that no run uses now.
    """

    def __init__(self, assembly: Assembly) -> None:
        plan, layout = assembly.plan, assembly.layout
        self.plan = plan
        self.block = layout.block
        self.dtype = assembly.dtype
        self.size = layout.size
        self.results = assembly.results
        self.batched = assembly.batched
        self.unbatched = [
            slice(place, place + len(argument.slots))
            for argument, place in zip(plan.arguments, layout.arguments, strict=True)
            if not argument.batched
        ]
        self.outside = [(layout.place[slot], value) for slot, value in plan.tape.outside.items()]
        parts = (assembly.before, assembly.inside, assembly.after)
        self.once = len(assembly.once)
        instructions = [instruction for part in (assembly.once, *parts) for instruction in part]
        self.counts = [len(part) for part in parts]
        self.kernels = np.array([assembly.kernels.address(kernel) for kernel, _ in instructions], np.int64)
        self.numbers = np.fromiter(chain.from_iterable(parameters for _, parameters in instructions), np.int64)
        starts = np.cumsum([0, *[len(parameters) for _, parameters in instructions]])[:-1]
        self.parameters = self.numbers.ctypes.data + 8 * np.asarray(starts, np.int64)
        self.template = np.zeros(self.size, self.dtype)
        for slot, number in plan.tape.constants.items():
            self.template[layout.place[slot]] = number
        self.free: list[Workspace] = []

    def borrow(self) -> Workspace:
        """A workspace of one's own, so that two threads can run at once."""
        try:
            return self.free.pop()
        except IndexError:
            return Workspace(self)

    def give_back(self, workspace: Workspace) -> None:
        """Keep a workspace for the next run."""
        self.free.append(workspace)


class Workspace:
    """The memory and the state of one run of a program."""

    def __init__(self, code: Code) -> None:
        self.code = code
        self.memory = aligned(code.template)
        self.unbatched = [self.memory[places] for places in code.unbatched]
        starts, stops = [places.start for places in code.unbatched], [places.stop for places in code.unbatched]
        together = starts and not code.plan.batched and all(argument.is_number for argument in code.plan.arguments)
        self.all_numbers = slice(min(starts), max(stops)) if together else None
        place, averaged, _ = code.results
        self.results = self.memory[place : place + averaged]
        self.memory_address = self.memory.ctypes.data
        before, inside, after = code.counts
        state = RunState(
            block=code.block,
            kernels=code.kernels.ctypes.data,
            parameters=code.parameters.ctypes.data,
            before=before,
            inside=inside,
            after=after,
            once=code.once,
        )
        self.state = np.array([*state, *[0] * code.batched], np.int64)
        self.state_address = self.state.ctypes.data
        self._run = function("machine", "run", "int64", "int64")
        self.lately: tuple[int, int, bool] | None = None  # what the latest run was of

    def point_at(self, *arrays: Any) -> None:
        """Take the batched arguments from these arrays, and put the results by sample into the last one."""
        self.state[AT.pointers :] = [array.ctypes.data for array in arrays]

    def run(self, unbatched: Sequence[Any]) -> int:
        """Run; -1, or the first sample of a block in which Python would refuse something."""
        memory = self.memory
        if self.all_numbers:
            memory[self.all_numbers] = unbatched
        else:
            for places, numbers in zip(self.unbatched, unbatched, strict=True):
                places[:] = numbers
        for place, value in self.code.outside:
            memory[place] = value.data
        return int(self._run(self.memory_address, self.state_address))

    def run_lanes(self, unbatched: Sequence[Any], samples: int, total: int, first: bool) -> int:
        """Run over some of all `total` samples; see `run`.

        The results are their part of the means. What is uniform is added to the `first` part alone.
        """
        self.prepare(samples, total, first)
        if not first:
            self.results[:] = 0
        return self.run(unbatched)

    def prepare(self, samples: int, total: int, first: bool = True) -> None:
        """Get ready to run over so many samples; the arguments are those of `run_lanes`."""
        if (samples, total, first) != self.lately:
            self.lately = samples, total, first
            self.state[AT.samples] = samples
            self.state[AT.after] = self.code.counts[2] if first else 0
            self.memory[MEAN_FACTOR] = 1 / total
