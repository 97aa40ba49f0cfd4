"""See every derivative: graphs as pictures, as text, as formulas, and as a page to step through."""

from visualize.drawing import draw, to_svg
from visualize.explain import explain
from visualize.plots import plot_decision_boundary, plot_gradients, plot_history
from visualize.saving import save
from visualize.stepper import stepper
from visualize.tree import tree

draw_dot = draw  # micrograd's name

__all__ = [
    "draw",
    "draw_dot",
    "explain",
    "plot_decision_boundary",
    "plot_gradients",
    "plot_history",
    "save",
    "stepper",
    "to_svg",
    "tree",
]
