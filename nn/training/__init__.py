"""Training: `fit` checks what it gets, a `Run` goes through the epochs, and a `Checkpoint` takes it up again."""

from nn.training.fitting import fit
from nn.training.history import History
from nn.training.run import DivergedError

__all__ = ["DivergedError", "History", "fit"]
