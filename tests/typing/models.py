"""A user's program: what a type checker knows of models and of functions of sequences."""

from typing import assert_type

from autograd_lite import Value, log_softmax, mean, softmax
from nn import MLP, Layer, Module, Neuron

x = Value(2.0)
assert_type(2 * x + x * x, Value)
assert_type(x.tanh(), Value)
assert_type(mean([1.0, 2.0]), float)
assert_type(mean([x, x * x]), Value)
assert_type(softmax([1.0, 2.0]), list[float])
assert_type(softmax([x, 2 * x]), list[Value])
assert_type(log_softmax([x, 2 * x]), list[Value])


class Line(Module):
    def __init__(self) -> None:
        self.slope, self.offset = Value(2.0), Value(1.0)

    def forward(self, x: float) -> Value:
        return self.slope * x + self.offset


assert_type(Line()(3.0), Value)
assert_type(Neuron(2)([1.0, 2.0]), Value)
assert_type(Layer(2, 3)([1.0, 2.0]), list[Value])
model = MLP(2, [3, 1])
assert_type(model.layers[0], Layer)
assert_type(model.layers[0].neurons[0], Neuron)
assert_type(model.parameters(), list[Value])
