"""The checkpoint of a run: a file that holds all that is needed to go on from it to the same bits."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from autograd_lite.basics.arraylike import plain
from autograd_lite.basics.escaping import in_message
from autograd_lite.basics.wording import function_name
from nn.backends.backend import Best, Training
from nn.backends.recording import checksum
from nn.files.json_file import VERSION, read_json, write_json
from nn.files.schema import anything, by_name, integer, list_of, number, record, text, whole
from nn.schedules import ReduceLROnPlateau
from nn.training.history import History
from nn.training.options import RunOptions

CHECKPOINT_FORMAT: Final = "autograd_lite checkpoint"

SCHEMA: Final = record(
    {
        "format": text,
        "version": whole(1),
        "settings": by_name(anything),
        "parameters": by_name(number),
        "beside": list_of(number),
        "optimizer": record(
            {"optimizer": text, "settings": by_name(anything), "steps": whole(0), "buffers": by_name(list_of(number))},
            others=True,  # an optimizer may be the user's
        ),
        "history": record({"columns": by_name(list_of(number)), "seed": integer, "stopped": text}),
        "best": record({"weights": list_of(number), "epoch": whole(0), "score": number}),
        "schedule": list_of(number),
    },
    optional=["beside"],
)


class Checkpoint:
    """The checkpoint file of a run.

    Arguments:
        path: where it is, or will be.
        training, options: of the run.
        backend: the name of what runs it; another one would not give the same bits.
    """

    def __init__(self, path: Path, training: Training, options: RunOptions, backend: str) -> None:
        self.path, self.training, self.options, self.backend = path, training, options, backend

    def write(self, history: History, best: Best) -> None:
        """Write the state of the run, whole or not at all.

        Raises:
            OSError: the file cannot be written.
            TypeError: the model has numbers that a checkpoint cannot hold.
        """
        training = self.training
        write_json(
            self.path,
            {
                "format": CHECKPOINT_FORMAT,
                "version": VERSION,
                "settings": self.settings(),
                "parameters": training.model.state_dict(),
                "beside": [parameter.data for parameter in training.beside],
                "optimizer": training.optimizer.state_dict(),
                "history": {"columns": history, "seed": history.seed, "stopped": history.stopped},
                "best": {"weights": plain(best.weights), "epoch": best.epoch, "score": best.score},
                "schedule": self.past_factors(history.epochs),
            },
        )

    def take_over(self, history: History, best: Best) -> None:
        """Put back what the file holds: into the model, the optimizer, the history and the best weights.

        Raises:
            ValueError: it is of another run, or no checkpoint.
        """
        content = read_json(self.path, CHECKPOINT_FORMAT)
        training = self.training
        try:
            SCHEMA("", content)
            saved = content["history"]
            self._check_settings(content["settings"] | {"seed": saved["seed"]})
            self._check_sizes(content, len(best.weights))
            self._check_schedule(content["schedule"])
            training.optimizer.load_state_dict(content["optimizer"])
            training.model.load_state_dict(content["parameters"])
        except (KeyError, TypeError, ValueError, AttributeError) as error:  # an optimizer may be the user's
            raise ValueError(f"the checkpoint {in_message(self.path)} does not fit: {error}") from error
        best.weights, best.epoch, best.score = (content["best"][name] for name in ("weights", "epoch", "score"))
        history.update(saved["columns"])
        history.seed, history.stopped = saved["seed"], saved["stopped"]
        for parameter, data in zip(training.beside, content.get("beside", ()), strict=True):
            parameter.data = data

    def settings(self) -> dict[str, Any]:
        """What must be the same when the run is resumed."""
        training, validation, schedule = self.training, self.options.validation, self.options.schedule
        return {
            "model": " ".join(repr(training.model).split()),
            "samples": len(training.rows),
            "checksum of the samples": self.checksum,
            "parameters": len(training.parameters),
            "loss": function_name(training.loss),
            "batch_size": training.batch_size,
            "shuffle": self.options.shuffle,
            "clip_norm": training.clip_norm,
            "backend": self.backend,
            "metrics": list(training.metrics),
            "validation": 0 if validation is None else len(validation[0]),
            **({"schedule": repr(schedule)} if isinstance(schedule, ReduceLROnPlateau) else {}),
        }

    @cached_property
    def checksum(self) -> int:
        """Tells other samples from these, so that a run does not go on with them by mistake."""
        check = 0
        for part in (self.training.rows, self.training.targets, *(self.options.validation or ())):
            check = checksum(part, check)
        return check

    def past_factors(self, epochs: int) -> list[float]:
        """The factor of the learning rate in the last step of so many epochs. They tell another schedule from this one."""
        batches = self.training.batches
        return [self.options.rate_factor(epoch + (batches - 1) / batches) for epoch in range(epochs)]

    def _check_settings(self, then: dict[str, Any]) -> None:
        seed = self.options.seed
        now = self.settings() | {"seed": then["seed"] if seed is None else seed}
        differing = [f"{key} {then.get(key)!r} (now {now[key]!r})" for key in now if then.get(key) != now[key]]
        if differing:
            raise ValueError(f"it is of a run with {', '.join(differing)}: use another file, or remove this one")

    def _check_sizes(self, content: dict[str, Any], weights: int) -> None:
        """There is a number for each parameter, and for each epoch one of all that is measured."""
        by_name(number, self.training.model.state_dict())("parameters", content["parameters"])
        list_of(number, len(self.training.beside))("beside", content.get("beside", []))
        list_of(number, weights)("best.weights", content["best"]["weights"])
        measured = ["loss", *self.training.metrics]
        if self.options.validation is not None:
            measured += [f"val_{name}" for name in measured]
        columns = content["history"]["columns"]
        epochs = len(columns.get("loss", ()))
        by_name(list_of(number, epochs), measured if columns else ())("history.columns", columns)
        list_of(number, epochs)("schedule", content["schedule"])

    def _check_schedule(self, then: Sequence[float]) -> None:
        epochs = self.options.epochs
        for epoch, (was, is_now) in enumerate(zip(then, self.past_factors(len(then)), strict=True), 1):
            if was != is_now:
                raise ValueError(
                    f"in its epoch {epoch} the schedule gave the factor {was:g}, with this one and {epochs} epochs it would be "
                    f"{is_now:g}: give those of the run, or use another file"
                )
