"""Loops of a recorded function: one step is recorded, and run any number of times. Its files, in reading order.

body: one step as a graph of its own, and its derivatives.
source: a loop over steps, and the sweep back through it, as Python functions; the native backend translates these.
loop: what a loop computes, how it is differentiated, and its results as Values.
record: from the user's function to a loop.
"""

from autograd_lite.compiler.loops.record import record_loop

__all__ = ["record_loop"]
