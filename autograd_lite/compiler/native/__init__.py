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
    strips: weights updated as soon as their gradient is there.

What an instruction is:
    kernel: its fields, declared once by name.
    fixed, generated: all kernels that there are.

Where machine code comes from:
    addresses: from the disk, or else from numba.
    meaning: what a function computes, as a text.
    disk: machine code kept for functions of the same meaning.
    linking: how it is loaded, without numba.
    blas: the one function that is SciPy's.

What is imported only if numba has something to compile:
    building: what is compiled, and what a kernel's function finds around it.
    machine: what runs instructions one after the other; `state` is what it and Python tell each other.
    answering: a call's way from Python's objects to Python's objects; `table` is what it is told.
    tiles: products of matrices that are too small for BLAS.
    translate, adapted, mathlib, elementary: from Python's functions of numbers to what numba compiles.
"""

from autograd_lite.compiler.native.program import NativeProgram

__all__ = ["NativeProgram"]
