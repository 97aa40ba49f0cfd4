"""Plots of a training run, with matplotlib: its curves, where it decides, how large its gradients are."""

from visualize.plots.boundary import plot_decision_boundary
from visualize.plots.training import plot_gradients, plot_history

__all__ = ["plot_decision_boundary", "plot_gradients", "plot_history"]
