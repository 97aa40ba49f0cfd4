"""What machine code and Python tell each other about a run: fields of arrays of numbers, each in its place.

Memory is one array of numbers, and a place in it is an index. An instruction is a kernel and the kernel's parameters. Addresses
are known only when a program runs, so what is compiled knows none of them, and can be kept on disk.
"""

from __future__ import annotations

from typing import Annotated, Any, NamedTuple

Numbers = Any  # an array of floats at an address
Integers = Annotated[Any, "int64"]  # an array of integers at an address


class RunState(NamedTuple):
    """What is known of a run: the fields of an array of integers, in order."""

    block: int  # how many samples a block has room for
    kernels: int  # the address of the kernels' addresses, one for each instruction
    parameters: int  # the address of the addresses of their parameters
    before: int  # how many instructions come before all blocks
    inside: int  # how many are run for each block
    after: int  # how many come after all blocks
    once: int = 0  # how many come before all others, and are run before the first step of a training alone
    samples: int = 0  # how many samples there are in all blocks
    order: int = 0  # the address of the samples' rows, in the order in which they are taken; 0 if they are taken as they lie
    next_order: int = 0  # the same of the next step's
    start: int = 0  # the first sample of the block
    lanes: int = 0  # how many samples the block has
    pointers: int = 0  # from here on the addresses of the batched arguments, then that of the results by sample


AT = RunState(*range(len(RunState._fields)))  # where each field is: `state[AT.lanes]`
MEAN_FACTOR = 0  # the place of 1 / number of samples
ROWS = 4  # of a product that are computed at a time; see `tiles`


class EpochWatch(NamedTuple):
    """What is watched at the end of each epoch: the fields of an array of floats, in order."""

    before: Any  # how many epochs came before the first of these
    best: Any  # the least mean loss so far
    epoch: Any  # the epoch that it is of, from 1
    patience: Any  # stop after so many epochs without a lesser one; 0: never
    outcome: Any = 0.0  # why it stopped: one of the next three


GOES_ON, WEIGHT_NOT_FINITE, NO_PATIENCE = 0, 1, 2
SEEN = EpochWatch(*range(len(EpochWatch._fields)))  # where each field is: `watch[SEEN.best]`


class Course(NamedTuple):
    """The steps of a training: the fields of an array of integers, in order."""

    memory: int  # the addresses of what the program runs on
    state: int
    first: int  # the steps, counted from the beginning of the first epoch: from the one to before the other
    last: int
    trusted: int  # the step in which Python refuses nothing, as it was asked already; -1: none
    batch: int  # how many samples a step has
    total: int  # how many samples an epoch has
    orders: int  # the address of the samples' rows, for each epoch in its order; 0 if they are taken as they lie, in one batch
    rates: int  # the address of the learning rate of each step
    rate: int  # the places of the learning rate and of the count of steps
    steps: int
    by_sample: int  # which of the state's pointers is to the results by sample; the losses come first
    columns: int  # how many results by sample there are for each
    item: int  # the bytes of one
    results: int  # their address
    kept: int  # whether those of all epochs are kept, not only of the latest
    sums: int  # the addresses of the sum of the losses of each step, and of their mean over each epoch
    means: int
    watch: int  # the address of an `EpochWatch`
    parameters: int  # where the parameters are, and how many
    size: int
    best: int  # the address of the parameters after the best epoch


OF = Course(*range(len(Course._fields)))  # where each field is: `course[OF.memory]`
