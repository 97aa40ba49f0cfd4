"""BLAS's matrix product, which SciPy has."""

from __future__ import annotations

import ctypes
import importlib.machinery
import importlib.util
import sys
from functools import cache
from pathlib import Path
from typing import Any, Final

NAME: Final = "scipy.linalg.cython_blas"


@cache
def gemm_address(dtype: str) -> int:
    """Where the matrix product for a type of number is."""
    capsule = cython_blas().__pyx_capi__["sgemm" if dtype == "float32" else "dgemm"]
    name, pointer = ctypes.pythonapi.PyCapsule_GetName, ctypes.pythonapi.PyCapsule_GetPointer
    name.restype, name.argtypes = ctypes.c_char_p, [ctypes.py_object]
    pointer.restype, pointer.argtypes = ctypes.c_void_p, [ctypes.py_object, ctypes.c_char_p]
    return int(pointer(capsule, name(capsule)))


def cython_blas() -> Any:
    """The module of SciPy that tells its address, without the rest of `scipy.linalg`, which takes long to import."""
    if NAME in sys.modules:
        return sys.modules[NAME]
    import scipy

    spec = importlib.machinery.PathFinder.find_spec(NAME, [str(Path(scipy.__file__).with_name("linalg"))])
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
