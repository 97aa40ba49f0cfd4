"""What a user gave, turned into Python's own numbers and lists: the one place that asks whether something is an array.

What a Value takes from NumPy: whole numbers, bools and float64 become Python's int, bool and float, so nothing wraps and errors
are the engine's. Python has no float16, float32 and longdouble: such a number is kept, and decides the type of what is computed
from it (`autograd_lite.numpy_floats`). A plain number in an expression becomes Python's if that can hold it.

A number of a class derived from Python's int or float, such as a member of an IntEnum, becomes an int or a float, too: no other
number can be made of its class.

NumPy is never imported for this. An array is whatever has `__array__` and `tolist`, as NumPy's arrays and numbers and the
tensors of other libraries have. What has a length is a sequence; what has none is one number.
"""

from __future__ import annotations

import sys
from contextlib import AbstractContextManager, nullcontext
from typing import Any, Final

PYTHON: Final = frozenset({float, int})  # nearly all numbers: asking for these first is quicker (benchmark engine)


def is_numpy_array(item: Any) -> bool:
    """Whether it is an array of NumPy itself. Where NumPy was not imported, or only in part so far, there can be none."""
    return isinstance(item, getattr(sys.modules.get("numpy"), "ndarray", ()))


def is_plain_array(item: Any) -> bool:
    """Whether it is an array of NumPy itself and of no class derived from it, and holds floats or whole numbers."""
    return type(item) is getattr(sys.modules.get("numpy"), "ndarray", None) and item.dtype.kind in "fiu"


def is_numpy_number(item: Any) -> bool:
    """Whether it is one number of NumPy's types, and no array."""
    return isinstance(item, getattr(sys.modules.get("numpy"), "generic", ()))


def is_numpy_float(item: Any) -> bool:
    """Whether it is a float of a type that only NumPy has: float16, float32 or longdouble."""
    return isinstance(item, getattr(sys.modules.get("numpy"), "floating", ())) and not isinstance(item, float)


def python_number(item: Any) -> Any:
    """A number of NumPy, or of a class derived from Python's, as Python's of the same value, if there is one: longdouble stays.

    So is the number in an array without dimensions. Anything else stays as it is.
    """
    if is_numpy_array(item) and item.shape == () and item.dtype != object:
        item = item[()]
    if is_numpy_number(item):
        return item.item()
    if isinstance(item, float):
        return float.__pos__(item)  # the float itself, whatever its class makes of float(item)
    return int.__pos__(item) if isinstance(item, int) and not isinstance(item, bool) else item


def number_to_keep(item: Any) -> Any:
    """What a Value keeps of a number, by the rule above."""
    return item if is_numpy_float(item) else python_number(item)


def without_warnings() -> AbstractContextManager[Any]:
    """A block in which NumPy says nothing of overflow or NaN: the engine has its own rules for them."""
    numpy = sys.modules.get("numpy")
    return nullcontext() if numpy is None else numpy.errstate(all="ignore")


def is_arraylike(item: Any) -> bool:
    """Whether it is an array, or one of an array library's numbers."""
    return hasattr(item, "__array__") and hasattr(item, "tolist")


def is_array(item: Any) -> bool:
    """Whether it is an array, which computes element by element, and not one number of NumPy's."""
    return hasattr(item, "__array__") and not is_numpy_number(item)


def is_object_array(item: Any) -> bool:
    """Whether it is an array of objects, which may be Values."""
    return is_arraylike(item) and str(getattr(item, "dtype", "")) == "object"


def is_masked(item: Any) -> bool:
    """Whether it is a masked array of NumPy's: only these have a mask that can be filled."""
    return hasattr(item, "mask") and hasattr(item, "filled")


def is_tensor(item: Any) -> bool:
    """Whether it is an array of any library, or can be seen as one."""
    return offers_array(item) or hasattr(item, "__dlpack__")


def offers_array(item: Any) -> bool:
    """Whether NumPy can make an array of it by itself."""
    return hasattr(item, "__array__") or isinstance(item, memoryview)


def is_sparse(item: Any) -> bool:
    """Whether it is a sparse matrix or array of SciPy's, which holds what is not 0."""
    return hasattr(item, "toarray") and hasattr(item, "nnz")


def is_frame(item: Any) -> bool:
    """Whether it is a data frame: named columns, each of a type of its own."""
    return hasattr(item, "columns") and hasattr(item, "dtypes")


def is_lazy_frame(item: Any) -> bool:
    """Whether it is a query of Polars', whose rows are still to be collected."""
    return hasattr(item, "collect")


def is_series(item: Any) -> bool:
    """Whether it is a series, a column of a data frame by itself."""
    return hasattr(item, "to_numpy")


def is_of_pandas(item: Any) -> bool:
    """Whether it is a data frame or a series of pandas', which has rows by their places."""
    return hasattr(item, "iloc")


def is_sparse_series(item: Any) -> bool:
    """Whether it is a series of pandas' that holds what is not 0."""
    return hasattr(item, "sparse")


def columns_of(frame: Any) -> list[Any]:
    """The columns of a data frame of pandas' or Polars', each a series."""
    return [frame.iloc[:, k] for k in range(frame.shape[1])] if is_of_pandas(frame) else list(frame.get_columns())


def is_on_chunks(item: Any) -> bool:
    """Whether it is an array, a data frame or a series of Dask's."""
    return hasattr(item, "__dask_graph__")


def is_frame_on_chunks(item: Any) -> bool:
    """Whether it is a data frame or a series of Dask's. Its class is asked: an object of `dask.delayed` has any name."""
    return hasattr(type(item), "to_dask_array")


def has_shape(item: Any) -> bool:
    """Whether it says how many rows it has, as arrays and data frames do."""
    return hasattr(item, "shape")


def dimensions(item: Any) -> int:
    """How deep numbers lie in lists, or how many dimensions an array or a data frame has."""
    if hasattr(item, "ndim") or is_frame(item):
        return int(getattr(item, "ndim", 2))
    return 1 + dimensions(next(iter(item), 0.0)) if is_sequence(item) and not isinstance(item, str | dict) else 0


def requires_gradient(item: Any) -> bool:
    """Whether it is a tensor that another library differentiates by: taken for a number, its gradient would end here."""
    return bool(getattr(item, "requires_grad", False))


def is_sequence(item: Any) -> bool:
    """Whether it holds several things, and not just one number."""
    return hasattr(item, "__len__")


def is_ordered(item: Any) -> bool:
    """Whether it holds several things in an order, as lists and arrays do: not a set, a dict or a text."""
    return is_sequence(item) and hasattr(item, "__getitem__") and not isinstance(item, str | bytes | dict)


def plain(item: Any) -> Any:
    """An array as nested lists and an array library's number as Python's; anything else as it is."""
    return item.tolist() if hasattr(item, "tolist") else item


def listed(item: Any) -> list[Any]:
    """The things in a sequence, as a list; one number alone as a list of one."""
    return list(item) if is_sequence(item) else [item]
