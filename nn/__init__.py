"""A small neural-network library of scalar Values, whose networks explain their own gradients."""

from typing import TYPE_CHECKING, Any

from autograd_lite.basics.elsewhere import not_there
from nn import datasets
from nn.clipping import clip_grad_norm, clip_grad_value
from nn.confusion import ConfusionMatrix, confusion_matrix
from nn.documents.backpropagation import backprop
from nn.documents.chain import Chain, Factor
from nn.documents.derive import derive
from nn.documents.descent import descend
from nn.documents.forward_pass import forward
from nn.documents.moves import output_moves
from nn.documents.operations import count_operations
from nn.documents.products import dot_product, outer_product
from nn.documents.walk import walk
from nn.dropout import Dropout
from nn.elsewhere import OF_NN
from nn.embedding import Embedding
from nn.files.model_file import load, save
from nn.files.text import from_text, to_text
from nn.inference import evaluate, outputs, predict
from nn.initializers import glorot_normal, glorot_uniform, he_normal, he_uniform, unit_uniform
from nn.interchange import from_torch, to_torch
from nn.layers import MLP, Layer, Sequential
from nn.losses import (
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    cross_entropy,
    half_squared_error,
    hinge,
    huber,
    mae,
    mse,
    sum_squared_error,
)
from nn.metrics import accuracy
from nn.module import Module, Parameter
from nn.neurons import Neuron
from nn.normalization import LayerNorm
from nn.optimizers import SGD, Adam, AdamW, RMSprop
from nn.preparation import Standardizer, standardize, train_test_split
from nn.schedules import ReduceLROnPlateau, cosine, step_decay, warm_up
from nn.training import DivergedError, History, fit

if TYPE_CHECKING:
    from nn.estimators import MLPClassifier, MLPRegressor

__all__ = [
    "MLP",
    "SGD",
    "Adam",
    "AdamW",
    "Chain",
    "ConfusionMatrix",
    "DivergedError",
    "Dropout",
    "Embedding",
    "Factor",
    "History",
    "MLPClassifier",
    "MLPRegressor",
    "Layer",
    "LayerNorm",
    "Module",
    "Neuron",
    "Parameter",
    "RMSprop",
    "ReduceLROnPlateau",
    "Sequential",
    "Standardizer",
    "accuracy",
    "backprop",
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "clip_grad_norm",
    "clip_grad_value",
    "confusion_matrix",
    "cosine",
    "count_operations",
    "cross_entropy",
    "datasets",
    "derive",
    "descend",
    "dot_product",
    "evaluate",
    "fit",
    "forward",
    "from_text",
    "from_torch",
    "glorot_normal",
    "glorot_uniform",
    "half_squared_error",
    "he_normal",
    "he_uniform",
    "hinge",
    "huber",
    "load",
    "mae",
    "mse",
    "outer_product",
    "output_moves",
    "outputs",
    "predict",
    "save",
    "standardize",
    "step_decay",
    "sum_squared_error",
    "to_text",
    "to_torch",
    "train_test_split",
    "unit_uniform",
    "walk",
    "warm_up",
]


if not TYPE_CHECKING:  # for a type checker all names are there that are

    def __getattr__(name: str) -> Any:
        if name in ("MLPClassifier", "MLPRegressor"):
            from nn import estimators

            return getattr(estimators, name)
        raise not_there(__name__, name, OF_NN)
