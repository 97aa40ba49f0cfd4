"""The estimators are scikit-learn's: all of its own checks pass, and its tools take them."""

import pickle
import subprocess
import sys

import numpy
import pytest
from sklearn.datasets import load_diabetes, load_iris, load_wine
from sklearn.model_selection import GridSearchCV, StratifiedKFold, cross_val_score
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

from nn import MLP, MLPClassifier, MLPRegressor, datasets, predict

QUICK = {"learning_rate_init": 0.03, "max_iter": 60}
INPUTS, LABELS = (numpy.array(part) for part in datasets.moons(60, seed=1))


@parametrize_with_checks([MLPClassifier([10], **QUICK), MLPRegressor([10], **QUICK)])
def test_scikit_learns_own_checks(estimator, check):
    check(estimator)


def test_cross_validation_of_a_pipeline_reads_wine_and_iris():
    for load in (load_wine, load_iris):
        inputs, labels = load(return_X_y=True, as_frame=True)
        network = make_pipeline(StandardScaler(), MLPClassifier([16], random_state=0, **QUICK))
        assert cross_val_score(network, inputs, labels, cv=3).mean() > 0.94


def test_a_pipeline_learns_numbers():
    inputs, targets = load_diabetes(return_X_y=True, scaled=False)
    network = make_pipeline(StandardScaler(), MLPRegressor([16], random_state=0, **QUICK))
    scaled = (targets - targets.mean()) / targets.std()
    assert cross_val_score(network, inputs, scaled, cv=3).mean() > 0.4


def test_a_grid_search_finds_the_setting_that_learns():
    grid = {"mlp__hidden_layer_sizes": [(1,), (12,)], "mlp__activation": ["tanh"], "mlp__learning_rate_init": [1e-6, 0.05]}
    network = Pipeline([("scale", StandardScaler()), ("mlp", MLPClassifier(random_state=0, max_iter=100))])
    search = GridSearchCV(network, grid, cv=StratifiedKFold(2, shuffle=True, random_state=0)).fit(INPUTS, LABELS)
    assert search.best_params_["mlp__learning_rate_init"] == 0.05
    assert search.best_score_ > 0.85


@pytest.mark.parametrize("backend", ["eager", "python", "native"])
def test_every_backend_comes_to_the_same(backend):
    settings = {"max_iter": 5, "random_state": 3, "batch_size": 16}
    expected = MLPClassifier([4], **settings).fit(INPUTS, LABELS).predict_proba(INPUTS)
    network = MLPClassifier([4], backend=backend, **settings).fit(INPUTS, LABELS)
    assert network.predict_proba(INPUTS) == pytest.approx(expected)


def test_classes_keep_their_names_and_probabilities_their_order():
    names = numpy.array(["no", "yes"])[LABELS]
    network = MLPClassifier([12], "tanh", random_state=0, **QUICK).fit(INPUTS, names)
    assert network.classes_.tolist() == ["no", "yes"]
    found = network.predict_proba(INPUTS)
    assert found.sum(1) == pytest.approx(numpy.ones(60))
    assert (network.classes_[found.argmax(1)] == network.predict(INPUTS)).all()
    assert numpy.exp(network.predict_log_proba(INPUTS)) == pytest.approx(found)
    assert network.score(INPUTS, names) > 0.9


@pytest.mark.parametrize("estimator", [MLPClassifier([4], **QUICK), MLPRegressor([4], **QUICK)])
def test_a_trained_estimator_can_be_pickled_and_its_model_looked_at(estimator):
    estimator.fit(INPUTS, LABELS)
    again = pickle.loads(pickle.dumps(estimator))
    assert (again.predict(INPUTS) == estimator.predict(INPUTS)).all()
    assert isinstance(again.model_, MLP)
    assert estimator.n_iter_ == estimator.history_.epochs == len(estimator.history_["loss"])
    assert estimator.loss_ == estimator.history_["loss"][-1]


def test_balanced_classes_are_weights_of_their_samples():
    labels = (numpy.arange(60) < 8).astype(int)
    weights = numpy.array(datasets.balanced_weights(labels))[labels]
    settings = {"hidden_layer_sizes": [4], "max_iter": 4, "random_state": 0}
    by_class = MLPClassifier(class_weight="balanced", **settings).fit(INPUTS, labels)
    by_sample = MLPClassifier(**settings).fit(INPUTS, labels, sample_weight=weights)
    assert by_class.predict_proba(INPUTS) == pytest.approx(by_sample.predict_proba(INPUTS), rel=1e-9)


def test_the_settings_reach_the_network():
    network = MLPClassifier(
        (5, 3), "logistic", solver="sgd", weight_decay=0.1, label_smoothing=0.2, early_stopping=True, n_iter_no_change=1,
        learning_rate_init=0.5, max_iter=50, validation_fraction=0.25, batch_size=7, random_state=0,
    ).fit(INPUTS, LABELS)  # fmt: skip
    assert [(layer.nout, layer.activation) for layer in network.model_.layers] == [
        (5, "sigmoid"),
        (3, "sigmoid"),
        (2, "identity"),
    ]
    assert "val_loss" in network.history_
    assert network.history_.stopped.startswith("no better val_loss for 1 epoch")
    assert MLPClassifier([], max_iter=3).fit(INPUTS, LABELS).model_.layers[0].nin == 2
    assert MLPRegressor(7, loss="huber", max_iter=3).fit(INPUTS, LABELS).model_.layers[0].nout == 7


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"solver": "lbfgs"}, "solver must be one of 'adam', 'adamw', 'sgd', 'rmsprop', got 'lbfgs'"),
        ({"hidden_layer_sizes": [0]}, "hidden_layer_sizes must be a whole number of at least 1, got 0"),
        ({"activation": "softmax"}, "train with loss='cross_entropy'"),
        ({"max_iter": 0}, "max_iter must be a whole number of at least 1, got 0"),
        ({"batch_size": "all"}, "batch_size must be a whole number of at least 1, got 'all'"),
        ({"early_stopping": True, "n_iter_no_change": 0}, "patience must be a whole number of at least 1"),
    ],
)
def test_settings_out_of_their_range(settings, message):
    with pytest.raises((TypeError, ValueError), match=message):
        MLPClassifier(**settings).fit(INPUTS, LABELS)


def test_scikit_learn_is_imported_when_an_estimator_is_asked_for_and_named_where_it_is_missing():
    program = (
        "import sys, nn; print('sklearn' in sys.modules); sys.modules['sklearn'] = None\n"
        "try:\n    nn.MLPClassifier\nexcept ImportError as error:\n    print(error)"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert run.stdout.splitlines() == [
        "False",
        "the estimators need scikit-learn: pip install 'autograd-lite[sklearn]'",
    ]


def test_a_sample_of_a_frame_with_other_columns_is_refused_by_name():
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(INPUTS, columns=["width", "height"])
    network = MLPClassifier([4], max_iter=2).fit(frame, LABELS)
    assert predict(network.model_, INPUTS[:1])[0] == network.predict(frame[:1])[0]
    with pytest.raises(ValueError, match=r"(?s)feature names should match.*depth"):
        network.predict(frame.rename(columns={"height": "depth"}))


def test_parts_of_the_samples_are_learnt_one_after_another_with_the_optimizer_as_it_is():
    one, other = (MLPClassifier([6], random_state=2, batch_size=60, shuffle=False) for _ in range(2))
    one.set_params(max_iter=5).fit(INPUTS, LABELS)
    for _ in range(5):
        other.partial_fit(INPUTS, LABELS, classes=[1, 0])
    assert other.n_iter_ == 5
    assert other.history_["loss"] == pytest.approx(one.history_["loss"])  # Adam's moments went on
    names = numpy.array(["no", "yes"])[LABELS]
    network = MLPClassifier([6], random_state=0).partial_fit(INPUTS[:5], names[:5], classes=["no", "yes"])
    assert network.partial_fit(INPUTS[5:], names[5:]).predict(INPUTS).tolist() <= ["yes"] * 60
    regressor = MLPRegressor([6], random_state=0)
    for _ in range(200):
        regressor.partial_fit(INPUTS, INPUTS[:, :1] - INPUTS[:, 1:])
    assert regressor.score(INPUTS, INPUTS[:, :1] - INPUTS[:, 1:]) > 0.5


def test_what_partial_fit_cannot_do_is_told():
    with pytest.raises(ValueError, match="classes must be passed on the first call"):
        MLPClassifier().partial_fit(INPUTS, LABELS)
    with pytest.raises(ValueError, match=r"a class of y must be one of classes=\[0, 1\], got 2"):
        MLPClassifier([3]).partial_fit(INPUTS, LABELS + 1, classes=[0, 1])
    with pytest.raises(ValueError, match="class_weight must be a dictionary of weights for partial_fit"):
        MLPClassifier(class_weight="balanced").partial_fit(INPUTS, LABELS, classes=[0, 1])
    for estimator in (MLPClassifier(early_stopping=True), MLPRegressor(early_stopping=True)):
        with pytest.raises(ValueError, match="early_stopping must be False for partial_fit"):
            estimator.partial_fit(INPUTS, LABELS)


def test_a_warm_start_goes_on_with_the_network_that_there_is():
    network = MLPClassifier([6], "tanh", random_state=0, warm_start=True, **QUICK).fit(INPUTS, LABELS)
    first, model = network.loss_, network.model_
    assert network.fit(INPUTS, LABELS).loss_ < first
    assert network.model_ is model
    with pytest.raises(
        ValueError,
        match=r"of the sizes \[2, 7, 2\], .* has \[2, 6, 2\]; warm_start=False makes a new one",
    ):
        network.set_params(hidden_layer_sizes=[7]).fit(INPUTS, LABELS)
    with pytest.raises(
        ValueError, match=r"y must be of the classes \[0, 1\], which the network to go on with has,.*makes a new one"
    ):
        network.fit(INPUTS, numpy.arange(60) % 3)
    assert network.set_params(warm_start=False).fit(INPUTS, LABELS).model_ is not model
