"""A tape as machine code: calls, batches of any size, threads, and Python's own errors."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from autograd_lite.compiler.backend import Asked
from autograd_lite.compiler.native.code import Code, assemble
from autograd_lite.compiler.native.entry import Entry, entry_of
from autograd_lite.compiler.native.plan import Plan, even_block
from autograd_lite.compiler.python import PythonProgram
from autograd_lite.compiler.tape import Argument, Tape


@cache
def workers(count: int) -> ThreadPoolExecutor:
    """At most so many threads; the machine code that they run does not hold Python's lock."""
    return ThreadPoolExecutor(count, "autograd_lite")


if hasattr(os, "register_at_fork"):  # threads do not live on in a forked process
    os.register_at_fork(after_in_child=workers.cache_clear)


class NativeProgram:
    """A tape as machine code.

    Arguments:
        tape: what it computes.
        arguments: where the inputs come from.
        reduced: for each output whether it is averaged over the batch.
        dtype: the type of number.
        python: makes the same program in Python, which knows what is an error.
        threads: how many share the samples of a batch.
    """

    def __init__(
        self,
        tape: Tape,
        arguments: Sequence[Argument],
        reduced: Sequence[bool],
        dtype: str,
        python: Callable[[], PythonProgram],
        threads: int,
    ) -> None:
        self.threads = threads
        self.dtype = np.dtype(dtype)
        self.batched = [index for index, argument in enumerate(arguments) if argument.batched]
        self.unbatched = [index for index, argument in enumerate(arguments) if not argument.batched]
        self.plan = Plan(tape, arguments, reduced)
        self.all_averaged = all(reduced)
        self.python = python
        self.largest_block = self.plan.largest_block(self.dtype.itemsize)
        self.by_samples: dict[int, Code] = {}
        self._entry: Entry | None = None
        if not self.plan.batched:
            self.only = self.code(self.largest_block)

    def code(self, samples: int) -> Code:
        """The program for batches of this size; sizes that need blocks of about the same size share one."""
        code = self.by_samples.get(samples)
        if code is None:
            block = even_block(samples, self.largest_block)
            fits = [code for code in self.by_samples.values() if block <= code.block <= 2 * block]
            code = self.by_samples[samples] = fits[0] if fits else Code(assemble(self.plan, block, self.dtype))
        return code

    def run(self, arguments: Sequence[Any]) -> Any:
        """The outputs: an array; or a list, if some are not averaged over the batch, with an array for each of those."""
        if not self.plan.batched:
            workspace = self.only.borrow()
            refused = workspace.run(arguments)
            results = workspace.results.copy()
            self.only.give_back(workspace)
            if refused >= 0:
                self.ask_python(arguments, refused)
            return results
        batched = [np.ascontiguousarray(arguments[index], self.dtype) for index in self.batched]
        unbatched = [arguments[index] for index in self.unbatched]
        samples, *_ = map(len, batched)
        if self.threads == 1 or samples == 1:
            part = run_part(self.code(samples), batched, unbatched, samples, 0)
        else:
            part = self._run_parts(batched, unbatched, samples, min(self.threads, samples))
        if part.refused >= 0:
            self.ask_python(arguments, part.refused)
        if self._entry is not None and self._entry.samples != samples:
            self._entry.bind(self.code(samples), samples)
        if self.all_averaged:
            return part.averaged
        one, many = iter(part.averaged.tolist()), iter(part.by_sample)
        return [next(one) if is_averaged else next(many) for is_averaged in self.plan.reduced]

    def entry(self, asked: Asked, samples: int) -> Callable[[tuple[Any, ...], Any], Any] | None:
        """`run`, optimized: see `entry`."""
        if self.threads > 1 or self.dtype != np.float64:
            return None
        self._entry = entry_of(self.code(samples) if self.plan.batched else self.only, asked, samples)
        return self._entry.call if self._entry is not None else None

    def _run_parts(self, batched: list[Any], unbatched: list[Any], samples: int, count: int) -> PartialRun:
        """Let each of so many threads run over a part of the samples, the first one here.

        A part is a number of whole blocks, if there are enough: so what a sample gives is, to the bit, what one thread gives.
        """
        whole = self.code(samples)
        blocks = -(-samples // whole.block)
        if blocks < count:
            edges = [samples * part // count for part in range(count + 1)]
        else:
            edges = [min(samples, whole.block * (blocks * part // count)) for part in range(count + 1)]
        calls = [
            (
                self.code(stop - start) if blocks < count else whole,
                [rows[start:stop] for rows in batched],
                unbatched,
                samples,
                start,
            )
            for start, stop in pairwise(edges)
        ]
        others = [workers(self.threads).submit(run_part, *call) for call in calls[1:]]
        averaged, by_sample, refused = run_part(*calls[0])
        for other in others:  # in the order of the samples, so that sums come out the same in every run
            part = other.result()
            with np.errstate(all="ignore"):  # infinity less infinity is NaN, as within one thread
                averaged += part.averaged
            by_sample = np.concatenate([by_sample, part.by_sample], 1)
            refused = part.refused if refused < 0 else refused
        return PartialRun(averaged, by_sample, refused)

    def ask_python(self, arguments: Sequence[Any], first: int) -> None:
        """A kernel met what Python may refuse: let Python compute the samples from there on, and raise its error if it does."""
        rest = [argument[first:] if index in self.batched else argument for index, argument in enumerate(arguments)]
        self.python().run(rest)


class PartialRun(NamedTuple):
    """What a run over a part of the samples gives."""

    averaged: Any  # its part of the means
    by_sample: Any  # the other results: one row for each, with one number per sample
    refused: int  # the first sample of all that Python may refuse, or -1


def run_part(code: Code, batched: list[Any], unbatched: list[Any], total: int, start: int) -> PartialRun:
    """Run over a part of `total` samples, the one that begins with sample `start`; `batched` are its rows."""
    samples, *_ = map(len, batched)
    by_sample = np.empty((code.results.by_sample, samples), code.dtype)
    workspace = code.borrow()
    workspace.point_at(*batched, by_sample)
    refused = workspace.run_lanes(unbatched, samples, total, not start)
    averaged = workspace.results.copy()
    code.give_back(workspace)
    return PartialRun(averaged, by_sample, refused + start if refused >= 0 else -1)
