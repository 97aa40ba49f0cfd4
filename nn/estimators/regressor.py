"""A regressor for scikit-learn."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from sklearn.base import RegressorMixin
from sklearn.utils import Tags

from autograd_lite.basics.elsewhere import answers_calls
from nn.estimators.base import Array, NetworkEstimator


@answers_calls
class MLPRegressor(RegressorMixin, NetworkEstimator):
    """A network with one output for each target: an estimator of scikit-learn's.

    What is called as in scikit-learn's own MLPRegressor means the same. Targets far from 0 and 1 are learnt faster when they
    are scaled: `TransformedTargetRegressor(MLPRegressor(), transformer=StandardScaler())`.

    Arguments:
        hidden_layer_sizes, activation, solver, weight_decay, batch_size, learning_rate_init, max_iter, shuffle, random_state,
        early_stopping, validation_fraction, n_iter_no_change, warm_start, verbose, backend: those of `MLPClassifier`.
        loss: the name of a loss of numbers, "mse", "mae" or "huber"; or a function of `(output, target)`.

    Attributes:
        model_, history_, n_iter_, loss_: those of `NetworkEstimator`.

    Example:
        >>> from nn import MLPRegressor
        >>> inputs = [[x / 10] for x in range(-10, 11)]
        >>> targets = [x**2 for [x] in inputs]
        >>> regressor = MLPRegressor([16], "tanh", learning_rate_init=0.02, max_iter=500, random_state=0)
        >>> regressor.fit(inputs, targets).score(inputs, targets) > 0.99
        True
    """

    def __init__(
        self,
        hidden_layer_sizes: Any = (100,),
        activation: str = "relu",
        *,
        loss: Any = "mse",
        solver: str = "adam",
        weight_decay: float = 0.0,
        batch_size: int | str = "auto",
        learning_rate_init: float = 0.001,
        max_iter: int = 200,
        shuffle: bool = True,
        random_state: Any = None,
        early_stopping: bool = False,
        validation_fraction: float = 0.1,
        n_iter_no_change: int = 10,
        warm_start: bool = False,
        verbose: bool = False,
        backend: str = "auto",
    ) -> None:
        self.hidden_layer_sizes = hidden_layer_sizes
        self.activation = activation
        self.loss = loss
        self.solver = solver
        self.weight_decay = weight_decay
        self.batch_size = batch_size
        self.learning_rate_init = learning_rate_init
        self.max_iter = max_iter
        self.shuffle = shuffle
        self.random_state = random_state
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.n_iter_no_change = n_iter_no_change
        self.warm_start = warm_start
        self.verbose = verbose
        self.backend = backend

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:  # noqa: N803
        """Train a new network; with `warm_start` that which there is.

        Arguments:
            X: the samples, one row of numbers for each.
            y: the target of each, or one row of targets.
            sample_weight: how much each sample counts, at least 0.

        Raises:
            ValueError: what does not fit, or a setting out of its range.
        """
        return self._learn(X, y, sample_weight)

    def partial_fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:  # noqa: N803
        """Train for one epoch more, on these samples: on data that comes, or is read, bit by bit.

        Arguments:
            X, y, sample_weight: those of `fit`.

        Raises:
            ValueError: what does not fit.
        """
        self._check_partial()
        return self._learn(X, y, sample_weight, is_partial=True)

    def _learn(self, X: Any, y: Any, sample_weight: Any, is_partial: bool = False) -> Self:  # noqa: N803
        is_new = not (is_partial and hasattr(self, "model_"))
        inputs, targets, weights = self._checked(X, y, sample_weight, multi_output=True, y_numeric=True, reset=is_new)
        self._alone = targets.ndim == 1
        width = 1 if self._alone else targets.shape[1]
        self._train(inputs, np.asarray(targets, float), width, self.loss, weights, is_partial)
        return self

    def predict(self, X: Any) -> Array:  # noqa: N803
        """The prediction for each sample: a number, or one row where there were rows of targets."""
        found = self._outputs(X)
        return found[:, 0] if self._alone else found

    def __sklearn_tags__(self) -> Tags:
        """What scikit-learn asks of an estimator: this one takes several targets."""
        tags: Tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags
