"""The python backend: a tape written out as straight-line Python, to be read and to be run. It needs nothing but Python.

`program` runs the source that `source` writes. For this, `names` gives names, `expressions` knows what stands for each slot of
the tape, and `results` writes what is returned. Where the source is long, `functions` cuts it into short functions.
"""

from autograd_lite.compiler.python.program import PythonProgram

__all__ = ["PythonProgram"]
