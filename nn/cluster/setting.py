"""Where a training runs: on which workers, in how many shares, how many steps between two averages."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from autograd_lite.basics.arraylike import is_on_chunks
from autograd_lite.basics.checks import whole_number, wrong_value
from autograd_lite.parcels import pack
from nn.backends.backend import Backend, Training
from nn.backends.choice import make_backend
from nn.cluster.backend import ClusterBackend
from nn.cluster.crew import Crew
from nn.cluster.shares import RemoteRows, Shares, cut_chunks, cut_samples, stretch
from nn.losses import Loss
from nn.module import Module
from nn.samples import Rows, check_set


class Setting:
    """The cluster that `fit` was given.

    Arguments:
        client: a `distributed.Client`.
        shares: into how many the samples are cut; None for one for each thread of the workers.
        local_steps: the steps of a round.
    """

    def __init__(self, client: Any, shares: int | None, local_steps: int) -> None:
        self.local_steps = whole_number("local_steps", local_steps)
        self.crew = Crew(client)
        self.count = self.crew.size if shares is None else whole_number("shares", shares)

    def check_set(self, model: Module, inputs: Any, targets: Any, loss: Loss, name: str = "") -> tuple[Rows, Rows]:
        """`nn.samples.check_set`, but samples that are Dask's are cut and checked where they lie."""
        if not is_on_chunks(inputs) and not is_on_chunks(targets):
            return check_set(model, inputs, targets, loss, name)
        return cut_chunks(self.crew, pack((model, loss)), inputs, targets, self.count, name).rows()

    @staticmethod
    def check_weights(inputs: Any, targets: Any, sample_weight: Any, validation: Any) -> None:
        """Raise a TypeError if samples have weights, be it those of one set alone, while some are Dask's."""
        tables = [inputs, targets, *(validation if isinstance(validation, tuple) else ())]
        weights = {"sample_weight": sample_weight, "validation[2], the weights,": tables[4] if len(tables) > 4 else None}
        for name, given in weights.items():
            if given is not None and any(map(is_on_chunks, tables)):
                raise TypeError(
                    f"{name} beside samples of Dask's, which take no weights: make the weight a second number of each target, "
                    "and let the loss multiply by it, loss=lambda output, target: target[1] * (output - target[0]) ** 2"
                )

    def make_backend(self, backend: str, training: Training, held_out: tuple[Rows, Rows] | None) -> Backend:
        """The backend of that name, on the workers."""
        if training.dtype != "float64":
            raise wrong_value("dtype", "'float64' on a cluster", training.dtype)
        first = slice(0, 1)
        one = replace(training, rows=stretch(training.rows, first), targets=stretch(training.targets, first), batch_size=1)
        local = make_backend(backend, one, between=1)
        native = local.name == "native"
        validation = None if held_out is None else self.shares_of(*held_out, native)
        shares = self.shares_of(training.rows, training.targets, native)
        made = ClusterBackend(training, local, shares, validation, self.local_steps)
        self.crew.check_versions(made.recipe)
        return made

    def shares_of(self, rows: Rows, targets: Rows, as_floats: bool) -> Shares:
        """The shares of some samples."""
        if isinstance(rows, RemoteRows):
            return rows.shares
        return cut_samples(self.crew, rows, targets, self.count, as_floats)
