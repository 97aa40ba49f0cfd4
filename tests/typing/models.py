"""A user's program: what a type checker knows of models, losses, optimizers and training."""

from typing import assert_type

from autograd_lite import Value
from nn import MLP, SGD, Adam, History, Layer, Module, Neuron, backprop, cross_entropy, derive, evaluate, fit, mse
from nn.documents.derivation import Derivation


class Line(Module):
    def __init__(self) -> None:
        self.slope, self.offset = Value(2.0), Value(1.0)

    def forward(self, x: float) -> Value:
        return self.slope * x + self.offset


assert_type(Line()(3.0), Value)
assert_type(Line().slope.grad, float)
assert_type(Neuron(2)([1.0, 2.0]), Value)
assert_type(Layer(2, 3)([1.0, 2.0]), list[Value])

model = MLP(2, [3, 1])
assert_type(model.layers, list[Layer])
assert_type(model.layers[0].neurons, list[Neuron])
assert_type(model.layers[0].neurons[0].w[1], Value)
assert_type(model.layers[0].neurons[0].w[1].grad, float)
assert_type(model.layers[0].neurons[0].b, Value | None)
assert_type([weight.data for weight in model.layers[0].neurons[0].w], list[float])
assert_type(model.parameters(), list[Value])
assert_type(dict(model.named_parameters()), dict[str, Value])
assert_type(model.zero_grad(), None)

# Of one output node or of several: a type checker accepts what either can do
output = model([1.0, 2.0])
output.backward()
assert_type(output.data, float)
assert_type(output[0].data, float)
assert_type([value.data for value in output], list[float])
assert_type(len(output), int)
assert_type(output * 2, Value)

# Losses: of Values a Value, of numbers a number
loss = mse(output, [1.0])
assert_type(loss, Value)
assert_type(loss.backward(), None)
assert_type(mse([1.0], [2.0]), float)
assert_type(mse(Layer(2, 3)([1.0, 2.0]), [0.0, 1.0, 0.0]), Value)
assert_type(cross_entropy(Layer(2, 3)([1.0, 2.0]), 2, label_smoothing=0.1), Value)

optimizer = SGD(model.parameters(), lr=0.1, momentum=0.9)
assert_type(optimizer.step(), None)
assert_type(optimizer.lr, float)
assert_type(optimizer.zero_grad(), None)

history = fit(model, [[1.0, 2.0]], [[1.0]], loss=mse, optimizer=Adam(model.parameters()), epochs=2, progress=False)
assert_type(history, History)
assert_type(history["loss"], list[float])
assert_type(history["loss"][-1], float)
assert_type(history.epochs, int)
assert_type(evaluate(model, [[1.0, 2.0]], [[1.0]])["loss"], float)

derivation = derive(model, [1.0, 2.0], [1.0], weight=(1, 0, 1))
assert_type(derivation, Derivation)
assert_type(derivation.value, float)
assert_type(str(derivation), str)
assert_type(derivation.latex(), str)
backprop(model, [1.0, 2.0], [1.0])
