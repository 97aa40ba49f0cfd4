"""The native backend: a tape as machine code that runs over lanes of samples. Its files, in reading order.

From a tape to a program:
    plan: what to compute in which order.
    fusion: primitives that are computed in one pass.
    layout: where every number lies.
    assembly: the program while it is written.
    operations, results: from the plan to instructions.
    code: the finished program, and the memory of a run.
    program: batches of any size, threads.
    entry: a call of a small program, from Python's objects to Python's objects in machine code.
    training: whole epochs.
    strips: weights updated while the rest of the gradient is still to come.

What an instruction is:
    kernel: its fields, declared once by name.
    fixed, generated: all kernels that there are.
    tiles: products of matrices that are too small for BLAS.
    translate, mathlib: from Python's functions of numbers to what numba compiles.
    meaning: what a function computes, as a text.
    disk: machine code kept for functions of the same meaning.
    machine: what runs instructions one after the other.
"""

from autograd_lite.compiler.native.program import NativeProgram

__all__ = ["NativeProgram"]
