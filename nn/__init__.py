"""A small neural-network library of scalar Values, whose networks explain their own gradients."""

from nn import datasets
from nn.backpropagation import backprop, count_operations, output_moves
from nn.checkpoint import from_text, load, save, to_text
from nn.derivation import derive
from nn.initializers import glorot_normal, glorot_uniform, he_normal, he_uniform
from nn.layers import MLP, Dropout, Layer, Sequential
from nn.losses import (
    binary_cross_entropy,
    cross_entropy,
    half_squared_error,
    hinge,
    huber,
    mae,
    mse,
    sum_squared_error,
)
from nn.metrics import accuracy, evaluate, predict
from nn.module import Module
from nn.neurons import Neuron
from nn.optimizers import SGD, Adam, AdamW, RMSprop, clip_grad_norm, clip_grad_value, cosine, step_decay, warm_up
from nn.training import DivergedError, History, fit

__all__ = [
    "MLP",
    "SGD",
    "Adam",
    "AdamW",
    "DivergedError",
    "Dropout",
    "History",
    "Layer",
    "Module",
    "Neuron",
    "RMSprop",
    "Sequential",
    "accuracy",
    "backprop",
    "binary_cross_entropy",
    "clip_grad_norm",
    "clip_grad_value",
    "cosine",
    "count_operations",
    "cross_entropy",
    "datasets",
    "derive",
    "evaluate",
    "fit",
    "from_text",
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
    "output_moves",
    "predict",
    "save",
    "step_decay",
    "sum_squared_error",
    "to_text",
    "warm_up",
]
