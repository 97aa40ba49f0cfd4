"""The one door for data: whatever holds numbers in rows becomes an array, or a list where NumPy can't hold it exactly.

Lists, arrays of any type and order, data frames and series of pandas and Polars, tensors, and whatever offers `__array__` or
`__dlpack__`. None of these libraries is imported for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from itertools import chain
from numbers import Real
from typing import Any, NamedTuple

from autograd_lite.arraylike import is_masked, is_sequence, plain, requires_gradient
from autograd_lite.checks import wrong_type


class Table(NamedTuple):
    """Rows of numbers as an array, and the names of its columns, where they have names."""

    array: Any
    names: Sequence[str] = ()


def as_table(items: Any, name: str) -> Table | list[Any]:
    """The rows of what a user gave: a table, or else a list of plain lists and numbers, of which nothing is known yet.

    Arguments:
        items: anything that holds rows.
        name: what messages call it, such as `the inputs`.

    Raises:
        TypeError: it is no such thing: its numbers have no order, some are hidden, missing, or no numbers.
    """
    if isinstance(items, str | bytes | dict | set | frozenset) or not (isinstance(items, Iterable) or is_tensor(items)):
        way_out = "collect it first, items.collect()" if hasattr(items, "collect") else ""
        raise wrong_type(name, "a sequence, one for each sample", items, way_out)
    if is_frame(items):
        return frame_table(items, name)
    if isinstance(items, list | tuple):
        return list_table([plain_row(item, name) for item in items])
    if hasattr(items, "toarray") and hasattr(items, "nnz"):
        raise TypeError(f"{name} are a sparse {type(items).__name__}: pass items.toarray()")
    if hasattr(items, "to_numpy"):  # a series
        column = getattr(items, "name", None)
        return Table(column_array(items, f"{name}, column {column!r}," if column is not None else name))
    if is_masked(items):
        raise TypeError(
            f"{name} are a masked array, of which some numbers are hidden: fill them, items.filled(0), or leave their rows out"
        )
    if is_tensor(items):
        array = tensor_array(items, name)
        return list_table(array.tolist()) if array.dtype.kind == "O" else Table(checked_array(array, name))
    return list_table([plain_row(item, name) for item in items])


def is_frame(items: Any) -> bool:
    """Whether it is a data frame: named columns, each of a type of its own."""
    return hasattr(items, "columns") and hasattr(items, "dtypes")


def is_of_pandas(items: Any) -> bool:
    """Whether it is a data frame or a series of pandas', which has rows by their places."""
    return hasattr(items, "iloc")


def count_rows(table: Any) -> int:
    """How many rows there are in a table of the user's.

    Raises:
        TypeError: it has none.
    """
    if isinstance(table, str | dict | set) or not (hasattr(table, "shape") or is_sequence(table)):
        raise wrong_type("a table", "a list, an array or a data frame with one row for each sample", table)
    return int(table.shape[0]) if hasattr(table, "shape") else len(table)


def take_rows(table: Any, places: Sequence[int]) -> Any:
    """These rows of a table of the user's, as a table of its kind."""
    if is_of_pandas(table):
        return table.iloc[places]
    if hasattr(table, "shape"):
        return table[places]
    return type(table)(table[i] for i in places) if type(table) is tuple else [table[i] for i in places]


def dimensions(x: Any) -> int:
    """How deep numbers lie in lists, or how many dimensions an array or a data frame has."""
    if hasattr(x, "ndim") or is_frame(x):
        return int(getattr(x, "ndim", 2))
    return 1 + dimensions(next(iter(x), 0.0)) if is_sequence(x) and not isinstance(x, str | dict) else 0


def is_tensor(items: Any) -> bool:
    """Whether it is an array, or can be seen as one."""
    return hasattr(items, "__array__") or hasattr(items, "__dlpack__") or isinstance(items, memoryview)


def tensor_array(tensor: Any, name: str) -> Any:
    """An array of any library as one of NumPy's."""
    import numpy

    if requires_gradient(tensor):
        raise TypeError(f"{name} are a tensor that requires a gradient, which would end here: pass tensor.detach()")
    try:
        known = hasattr(tensor, "__array__") or isinstance(tensor, memoryview)
        return numpy.asarray(tensor) if known else numpy.from_dlpack(tensor)
    except (TypeError, ValueError, BufferError, RuntimeError) as error:
        way_out = "move a tensor to the CPU, and to a type that NumPy has: tensor.cpu().float()"
        raise TypeError(f"{name} ({type(tensor).__name__}) cannot be made an array: {error}. {way_out}") from error


def checked_array(array: Any, name: str) -> Any:
    """An array of real numbers, with at least one dimension; True and False count as 1 and 0."""
    if array.dtype.kind == "b":
        array = array.astype("uint8")
    if array.dtype.kind not in "fiu":
        raise TypeError(f"{name} are an array of the type {array.dtype}, expected real numbers: {way_out(name, array)}")
    if not array.ndim:
        raise TypeError(f"{name} are one number, {array!r}: expected an array with one row for each sample")
    return array


def frame_table(frame: Any, name: str) -> Table:
    """A data frame, column by column: each is a feature."""
    import numpy

    columns = frame.get_columns() if hasattr(frame, "get_columns") else [frame.iloc[:, k] for k in range(frame.shape[1])]
    names = [str(column) for column in frame.columns]
    if not columns:
        raise TypeError(f"{name} are a data frame without columns")
    arrays = [column_array(column, f"{name}, column {known!r},") for column, known in zip(columns, names, strict=True)]
    return Table(numpy.stack(arrays, 1), names)


def column_array(column: Any, name: str) -> Any:
    """One column of a data frame as an array of numbers."""
    import numpy

    if hasattr(column, "sparse"):
        raise TypeError(f"{name} is sparse: pass frame.sparse.to_dense(), or of a series series.sparse.to_dense()")
    array = numpy.asarray(column.to_numpy())
    if array.dtype.kind == "b":
        return array.astype("uint8")
    if array.dtype.kind in "fiu":
        return array
    kind = f"of the type {column.dtype}"
    if array.dtype.kind == "O":
        for row, item in enumerate(array.tolist()):
            if item is None or type(item).__name__ in ("NAType", "NaTType"):
                raise TypeError(f"{name} has nothing in row {row}: leave such rows out (dropna), or fill them (fillna)")
            if not isinstance(item, Real):
                kind = f"of {type(item).__name__}: row {row} is {item!r}"
                break
        else:
            with suppress(OverflowError, ValueError):
                return array.astype(float)
    raise TypeError(f"{name} is {kind}, expected numbers: {way_out(name, array)}")


def way_out(name: str, array: Any) -> str:
    """How to make numbers of what an array holds."""
    kind = array.dtype.kind
    if kind == "c":
        return "give its real and imaginary parts, .real and .imag"
    if kind in "mM":
        return "make it a number of days, say, (dates - dates.min()) / numpy.timedelta64(1, 'D')"
    if kind == "V":
        return "give its fields as columns, numpy.lib.recfunctions.structured_to_unstructured"
    if name.partition(",")[0].endswith("targets"):
        return "datasets.encode_labels makes classes of words, .astype(float) numbers of text"
    if ", column " in name:
        return "make it numbers (pandas.get_dummies, or to_dummies: a column of 0 and 1 for each word), or leave it out (drop)"
    return ".astype(float) makes numbers of text; a column of words becomes one of 0 and 1 for each word, datasets.one_hot"


def plain_row(item: Any, name: str) -> Any:
    """One sample as a list or a number."""
    if is_masked(item):
        raise TypeError(f"{name} hold a masked array, of which some numbers are hidden: fill them, item.filled(0)")
    if requires_gradient(item):
        raise TypeError(f"{name} hold a tensor that requires a gradient, which would end here: pass tensor.detach()")
    return plain(item)


def list_table(rows: list[Any]) -> Table | list[Any]:
    """Lists of one length, of Python's floats or whole numbers, as a table, if NumPy is there and holds them exactly."""
    level = rows
    while (kinds := {*map(type, level)}) and kinds <= {list, tuple}:
        if len({*map(len, level)}) != 1:
            return rows
        level = list(chain.from_iterable(level))
    if len(kinds) > 1 and level is rows:
        return rows
    if not kinds or not kinds <= {float, int}:
        return rows
    try:
        import numpy

        array = numpy.array(rows)
    except (ImportError, OverflowError, ValueError):
        return rows
    whole = len(kinds) > 1 and not abs(array).max() < 2**53  # a whole number among floats, maybe rounded
    return rows if whole or array.dtype.kind not in "fi" else Table(array)
