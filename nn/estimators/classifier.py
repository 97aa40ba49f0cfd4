"""A classifier for scikit-learn."""

from __future__ import annotations

from functools import partial
from typing import Any, Self

import numpy as np
from scipy.special import log_softmax
from sklearn.base import ClassifierMixin
from sklearn.utils.class_weight import compute_sample_weight
from sklearn.utils.multiclass import _check_partial_fit_first_call, check_classification_targets

from autograd_lite.basics.checks import wrong_value
from autograd_lite.basics.elsewhere import answers_calls
from nn.estimators.base import Array, NetworkEstimator
from nn.losses import cross_entropy


@answers_calls
class MLPClassifier(ClassifierMixin, NetworkEstimator):
    """A network with one output for each class, trained by cross-entropy: an estimator of scikit-learn's.

    What is called as in scikit-learn's own MLPClassifier means the same.

    Arguments:
        hidden_layer_sizes: the neurons of each hidden layer.
        activation: of the hidden layers, the name of a one-argument primitive: relu, tanh, sigmoid (or logistic), gelu …
        solver: the optimizer: "adam", "adamw", "sgd", "rmsprop".
        weight_decay: the optimizer's, at least 0.
        batch_size: the samples of a step; "auto" is all of them up to 200.
        learning_rate_init: the learning rate, above 0.
        max_iter: epochs: so many, or fewer with early stopping.
        shuffle: whether the samples come in a new order in each epoch.
        random_state: a seed or a `RandomState`, for the same network again.
        early_stopping: whether to hold samples out, and to stop where their loss no longer falls.
        validation_fraction: the share that is held out then, of each class alike.
        n_iter_no_change: stop after so many epochs without a better loss, with the best weights.
        warm_start: whether `fit` goes on with the network that there is.
        class_weight: a dictionary of weights by class; "balanced" makes classes count alike.
        label_smoothing: as in `cross_entropy`.
        verbose: whether to show a progress bar.
        backend: as in `fit` of this package: "auto", "native", "python", "eager".

    Attributes:
        classes_: the classes, sorted.
        model_, history_, n_iter_, loss_: those of `NetworkEstimator`.

    Example:
        >>> from nn import MLPClassifier, datasets
        >>> inputs, targets = datasets.moons(100, seed=0)
        >>> classifier = MLPClassifier([16], learning_rate_init=0.02, random_state=0).fit(inputs, targets)
        >>> classifier.score(inputs, targets) > 0.95, classifier.predict_proba(inputs[:3]).shape
        (True, (3, 2))
    """

    classes_: Array

    def __init__(
        self,
        hidden_layer_sizes: Any = (100,),
        activation: str = "relu",
        *,
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
        class_weight: Any = None,
        label_smoothing: float = 0.0,
        verbose: bool = False,
        backend: str = "auto",
    ) -> None:
        self.hidden_layer_sizes = hidden_layer_sizes
        self.activation = activation
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
        self.class_weight = class_weight
        self.label_smoothing = label_smoothing
        self.verbose = verbose
        self.backend = backend

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:  # noqa: N803
        """Train a new network; with `warm_start` that which there is, on the same classes.

        Arguments:
            X: the samples, one row of numbers for each.
            y: the class of each: numbers or words.
            sample_weight: how much each sample counts, at least 0.

        Raises:
            ValueError: what does not fit, or a setting out of its range.
        """
        inputs, labels, weights = self._checked(X, y, sample_weight)
        check_classification_targets(labels)
        classes: Array = np.unique(labels)
        if len(classes) < 2:
            raise wrong_value("y", "of at least 2 classes", classes, told=f"1 class, {classes.tolist()[0]!r}")
        if self.warm_start and hasattr(self, "model_") and not np.array_equal(classes, self.classes_):
            wanted = f"of the classes {self.classes_.tolist()}, which the network to go on with has"
            raise wrong_value("y", wanted, classes.tolist(), "warm_start=False makes a new one")
        self.classes_ = classes
        self._learn(inputs, labels, weights)
        return self

    def partial_fit(self, X: Any, y: Any, classes: Any = None, sample_weight: Any = None) -> Self:  # noqa: N803
        """Train for one epoch more, on these samples: on data that comes, or is read, bit by bit.

        Arguments:
            X, y, sample_weight: those of `fit`.
            classes: all classes that there will be; to be given at the first call.

        Raises:
            ValueError: what does not fit; a class that was not announced.

        Example:
            >>> from nn import MLPClassifier, datasets
            >>> inputs, targets = datasets.moons(100, seed=0)
            >>> classifier = MLPClassifier([16], learning_rate_init=0.02, random_state=0)
            >>> for _ in range(30):
            ...     for start in range(0, 100, 25):
            ...         part = slice(start, start + 25)
            ...         _ = classifier.partial_fit(inputs[part], targets[part], classes=[0, 1])
            >>> classifier.n_iter_, classifier.score(inputs, targets) > 0.9
            (120, True)
        """
        self._check_partial()
        if self.class_weight == "balanced":
            raise wrong_value("class_weight", "a dictionary of weights for partial_fit, which has not all samples", "balanced")
        is_first = _check_partial_fit_first_call(self, classes)
        inputs, labels, weights = self._checked(X, y, sample_weight, reset=is_first)
        unknown = np.setdiff1d(labels, self.classes_)
        if len(unknown):
            raise wrong_value("a class of y", f"one of classes={self.classes_.tolist()}", unknown.tolist()[0])
        self._learn(inputs, labels, weights, is_partial=True)
        return self

    def _learn(self, inputs: Array, labels: Array, weights: Array | None, is_partial: bool = False) -> None:
        """Train on labels that are of the known classes."""
        if self.class_weight is not None:
            of_class = compute_sample_weight(self.class_weight, labels)
            weights = of_class if weights is None else weights * of_class
        loss = partial(cross_entropy, label_smoothing=self.label_smoothing) if self.label_smoothing else "cross_entropy"
        targets = np.searchsorted(self.classes_, labels)
        self._train(inputs, targets, len(self.classes_), loss, weights, is_partial)

    def predict(self, X: Any) -> Array:  # noqa: N803
        """The most probable class of each sample."""
        places = self._outputs(X).argmax(1)
        return np.asarray(self.classes_[places])

    def predict_proba(self, X: Any) -> Array:  # noqa: N803
        """The probability of each class, in the order of `classes_`, for each sample."""
        return np.asarray(np.exp(self.predict_log_proba(X)))

    def predict_log_proba(self, X: Any) -> Array:  # noqa: N803
        """The logarithms of these probabilities."""
        return np.asarray(log_softmax(self._outputs(X), axis=1))
