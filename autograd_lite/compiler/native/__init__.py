"""The native backend: a tape as machine code that runs over lanes of samples. Its files, in the order of travel:

From a tape to a program: `plan` (what to compute in which order), `layout` (where every number lies), `assembly` (the
instructions, as they are written), `operations` and `results` (from a plan to instructions), `code` (the finished program and
its memory), `program` (calls, batches, threads), `training` (whole epochs).

What an instruction is: `kernel` (its fields, declared once), `fixed` and `generated` (all kernels there are), `translate` (from
Python's functions of numbers to what numba compiles), `disk` (machine code is kept), `machine` (what runs instructions).
"""

from autograd_lite.compiler.native.program import NativeProgram

__all__ = ["NativeProgram"]
