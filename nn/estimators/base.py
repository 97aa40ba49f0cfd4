"""What both estimators have in common: a network made from the settings, and trained by `fit`."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted, validate_data

from autograd_lite.basics.arraylike import listed, plain
from autograd_lite.basics.checks import one_of, whole_number, wrong_value
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
        n_iter_: the number of epochs; those of `partial_fit` are counted on.
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
    warm_start: bool
    verbose: bool
    backend: str

    model_: MLP
    history_: History

    def _train(
        self, inputs: Array, targets: Array, width: int, loss: str | Loss, sample_weight: Array | None, partial: bool = False
    ) -> None:
        """Train the network, which is made first unless there is one to go on with.

        Arguments:
            inputs, targets, sample_weight: checked.
            width: of the output layer.
            loss: as `fit` takes it.
            partial: whether it is one epoch more, with the optimizer as it is, or a run of its own.
        """
        batch_size = min(200, len(inputs)) if self.batch_size == "auto" else whole_number("batch_size", self.batch_size)
        goes_on = (partial or self.warm_start) and hasattr(self, "model_")
        if not goes_on:
            self._seeds = check_random_state(self.random_state)
        seed = int(self._seeds.randint(2**31 - 1))
        sizes = [inputs.shape[1], *self._hidden(), width]
        if not goes_on:
            activation = "sigmoid" if self.activation == "logistic" else self.activation
            self.model_ = MLP(sizes[0], sizes[1:], activation=activation, seed=seed)
        elif sizes != (there := [self.model_.layers[0].nin, *[layer.nout for layer in self.model_.layers]]):
            raise ValueError(
                f"data and hidden_layer_sizes ask for a network of the sizes {sizes}, and the one to go on with has {there}; "
                "warm_start=False makes a new one"
            )
        if not (partial and goes_on):
            self._optimizer = self._new_optimizer()
        stops = self.early_stopping and not partial
        history = fit(
            self.model_,
            inputs,
            targets,
            loss=loss,
            optimizer=self._optimizer,
            epochs=1 if partial else whole_number("max_iter", self.max_iter),
            batch_size=batch_size,
            shuffle=self.shuffle,
            seed=seed,
            validation=self.validation_fraction if stops else None,
            sample_weight=sample_weight,
            patience=self.n_iter_no_change if stops else None,
            backend=self.backend,
            progress=bool(self.verbose),
        )
        if partial and goes_on:
            self.history_.extend(history)
        else:
            self.history_ = history
        self.n_iter_ = self.history_.epochs
        self.loss_ = self.history_["loss"][-1] if self.n_iter_ else float("nan")

    def _hidden(self) -> list[int]:
        """The sizes of the hidden layers."""
        return [whole_number("a size of hidden_layer_sizes", size) for size in listed(plain(self.hidden_layer_sizes))]

    def _check_partial(self) -> None:
        """Check that what is set makes sense for a part of the samples."""
        if self.early_stopping:
            raise wrong_value("early_stopping", "False for partial_fit, which trains for one epoch", self.early_stopping)

    def _new_optimizer(self) -> Optimizer:
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
