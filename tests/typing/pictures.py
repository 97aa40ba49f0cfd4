"""A user's program: what a type checker knows of pictures and explanations."""

from pathlib import Path
from typing import assert_type

from autograd_lite import Value, tanh
from nn import MLP
from visualize import draw, explain, save, stepper, to_svg, tree

x = Value(2.0, "x")
y = tanh(3 * x)
text: str = tree(y)
page: str = stepper(y)
svg: str = to_svg(y, colors=True)
assert_type(save(y, "graph.svg", theme="dark"), Path)
assert_type(str(draw(y, colors=True, local_derivatives=True).source), str)
assert_type(str(draw(MLP(2, [1]), edges="gradients").source), str)
assert_type(explain(y, wrt=x).value, float)
assert_type([one.value for one in explain(y)], list[float])
