"""Networks as scikit-learn's estimators: for pipelines, grid search and cross-validation. It needs the extra `sklearn`."""

try:
    import sklearn  # noqa: F401 - for what to say where it is missing
except ImportError as missing:
    raise ImportError("the estimators need scikit-learn: pip install 'autograd-lite[sklearn]'") from missing

from nn.estimators.classifier import MLPClassifier
from nn.estimators.regressor import MLPRegressor

__all__ = ["MLPClassifier", "MLPRegressor"]
