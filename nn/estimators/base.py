"""What both estimators have in common: a network made from the settings, and trained by `fit`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted, validate_data

from autograd_lite.checks import one_of, whole_number
from nn.inference import outputs
from nn.layers import MLP
from nn.losses import Loss
from nn.optimizers import SGD, Adam, AdamW, Optimizer, RMSprop
from nn.training import History, fit

Array = NDArray[Any]

SOLVERS: Final[dict[str, Any]] = {"adam": Adam, "adamw": AdamW, "sgd": SGD, "rmsprop": RMSprop}


class NetworkEstimator(BaseEstimator):
    """A network that is made and trained when `fit` is called.

    Attributes:
        model_: the trained `MLP`, for `draw`, `derive`, `save` and all else.
        history_: what was measured in each epoch.
        n_iter_: the number of epochs.
        loss_: the mean loss in the last of them.
        n_features_in_, feature_names_in_: how many features there are, and the names that a data frame has for them.
    """

    hidden_layer_sizes: Any
    activation: str
    solver: str
    weight_decay: float
    batch_size: int | str
    learning_rate_init: float
    max_iter: int
    shuffle: bool
    random_state: Any
    early_stopping: bool
    validation_fraction: float
    n_iter_no_change: int
    verbose: bool
    backend: str

    model_: MLP
    history_: History

    def _train(self, inputs: Array, targets: Array, width: int, loss: str | Loss, sample_weight: Array | None) -> None:
        """Make the network and train it."""
        hidden = self.hidden_layer_sizes
        sizes = list(hidden) if isinstance(hidden, Sequence | np.ndarray) else [hidden]
        sizes = [whole_number("hidden_layer_sizes", size) for size in sizes]
        count = len(inputs)
        batch_size = min(200, count) if self.batch_size == "auto" else whole_number("batch_size", self.batch_size)
        seed = int(check_random_state(self.random_state).randint(2**31 - 1))
        activation = "sigmoid" if self.activation == "logistic" else self.activation
        self.model_ = MLP(inputs.shape[1], [*sizes, width], activation=activation, seed=seed)
        self.history_ = fit(
            self.model_,
            inputs,
            targets,
            loss=loss,
            optimizer=self._optimizer(),
            epochs=whole_number("max_iter", self.max_iter),
            batch_size=batch_size,
            shuffle=self.shuffle,
            seed=seed,
            validation=self.validation_fraction if self.early_stopping else None,
            sample_weight=sample_weight,
            patience=self.n_iter_no_change if self.early_stopping else None,
            backend=self.backend,
            progress=bool(self.verbose),
        )
        self.n_iter_ = self.history_.epochs
        self.loss_ = self.history_["loss"][-1] if self.n_iter_ else float("nan")

    def _optimizer(self) -> Optimizer:
        name = one_of("solver", self.solver, SOLVERS)
        optimizer: Optimizer = SOLVERS[name](
            self.model_.parameters(), lr=self.learning_rate_init, weight_decay=self.weight_decay
        )
        return optimizer

    def _checked(self, X: Any, y: Any, sample_weight: Any, **checks: Any) -> tuple[Array, Array, Array | None]:  # noqa: N803
        """The samples, the targets and the weights, as scikit-learn checks them."""
        inputs, targets = validate_data(self, X, y, dtype=np.float64, **checks)
        weights = None if sample_weight is None else np.asarray(sample_weight, float)
        return inputs, targets, weights

    def _outputs(self, X: Any) -> Array:  # noqa: N803
        """The outputs of the trained network, one row for each sample."""
        check_is_fitted(self)
        inputs = validate_data(self, X, dtype=np.float64, reset=False)
        found: Array = outputs(self.model_, inputs, backend=self.backend)
        return found
