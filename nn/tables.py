"""The one door for data: whatever holds numbers in rows becomes an array, or a list where NumPy can't hold it exactly.

Lists, arrays of any type and order, data frames and series of pandas and Polars, tensors, and whatever offers `__array__` or
`__dlpack__`. None of these libraries is imported for it.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from itertools import chain
from numbers import Real
from typing import Any, Final, NamedTuple

from autograd_lite import Value
from autograd_lite.basics.arraylike import (
    columns_of,
    has_shape,
    is_arraylike,
    is_frame,
    is_frame_on_chunks,
    is_lazy_frame,
    is_masked,
    is_numpy_float,
    is_of_pandas,
    is_on_chunks,
    is_sequence,
    is_series,
    is_sparse,
    is_sparse_series,
    is_tensor,
    offers_array,
    plain,
    requires_gradient,
)
from autograd_lite.basics.checks import wrong_element, wrong_entry, wrong_type

NONE_HIDDEN: Final = "numbers of which none is hidden"


class Table(NamedTuple):
    """Rows of numbers as an array, and the labels of its columns, where it is a data frame."""

    array: Any
    labels: Sequence[Any] = ()


def as_table(items: Any, name: str) -> Table | list[Any]:
    """The rows of what a user gave: a table, or else a list of plain lists and numbers, of which nothing is known yet.

    Arguments:
        items: anything that holds rows.
        name: what messages call it, such as `the inputs`.

    Raises:
        TypeError: it is no such thing: its numbers have no order, some are hidden, missing, or no numbers.
    """
    if isinstance(items, str | bytes | dict | set | frozenset) or not (isinstance(items, Iterable) or is_tensor(items)):
        way_out = "collect it first, items.collect()" if is_lazy_frame(items) else ""
        raise wrong_type(name, "a sequence, one for each sample", items, way_out)
    if is_frame_on_chunks(items) or (is_on_chunks(items) and not is_tensor(items)):
        lies = "; with cluster=Client(...) fit takes it as it lies" if is_frame_on_chunks(items) else ""
        way_out = f"bring it here, items.compute(){lies}"
        raise wrong_type(name, "in this process's memory", items, way_out, told=f"a {type(items).__name__} of Dask's")
    if is_frame(items):
        return frame_table(items, name)
    if isinstance(items, list | tuple):
        return list_table([plain_row(item, name) for item in items], name)
    if is_sparse(items):
        raise wrong_type(name, "dense", items, "pass items.toarray()", told=f"a sparse {type(items).__name__}")
    if is_series(items):
        column = getattr(items, "name", None)
        return Table(column_array(items, f"{name}, column {column!r}," if column is not None else name))
    if is_tensor(items):
        array = tensor_array(items, name)
        if array.dtype.kind == "O" or (array.dtype.kind == "f" and array.dtype.itemsize > 8):  # longdouble is no float
            return list_table(array.tolist(), name)
        return Table(checked_array(array, name))
    return list_table([plain_row(item, name) for item in items], name)


def with_rows(table: Any) -> Any:
    """A table of the user's, if its rows can be taken by their places; as an array of NumPy's, if it is one of another kind."""
    if is_sparse(table):
        return table.tocsr()
    is_view = isinstance(table, memoryview) or not hasattr(table, "__getitem__")
    return tensor_array(table, "a table") if is_view and is_tensor(table) else table


def count_rows(table: Any) -> int:
    """How many rows there are in a table of the user's.

    Raises:
        TypeError: it has none.
    """
    if isinstance(table, str | dict | set) or not (has_shape(table) or is_sequence(table)):
        raise wrong_type("a table", "a list, an array or a data frame with one row for each sample", table)
    return int(table.shape[0]) if has_shape(table) else len(table)


def take_rows(table: Any, places: Sequence[int]) -> Any:
    """These rows of a table of the user's, as a table of its kind."""
    if is_of_pandas(table):
        return table.iloc[places]
    if has_shape(table):
        return table[places]
    return type(table)(table[i] for i in places) if type(table) is tuple else [table[i] for i in places]


def tensor_array(tensor: Any, name: str) -> Any:
    """An array of any library as one of NumPy's."""
    import numpy

    refuse_gradient(tensor, name)
    try:
        array = numpy.asanyarray(tensor) if offers_array(tensor) else numpy.from_dlpack(tensor)
    except (TypeError, ValueError, BufferError, RuntimeError) as error:
        way_out = "move a tensor to the CPU, and to a type that NumPy has, a sparse one to_dense(): tensor.cpu().float()"
        told = f"a {type(tensor).__name__} of which NumPy can make none ({error})"
        raise wrong_type(name, "an array", tensor, way_out, told) from error
    if is_masked(array):
        raise wrong_type(name, NONE_HIDDEN, array, "fill them, items.filled(0), or leave their rows out", told="a masked array")
    return numpy.asarray(array)


def refuse_gradient(tensor: Any, name: str) -> None:
    """Raise a TypeError for a tensor that another library differentiates by."""
    if requires_gradient(tensor):
        told = "a tensor that requires a gradient, which would end here"
        raise wrong_type(name, "plain numbers", tensor, "pass tensor.detach()", told)


def checked_array(array: Any, name: str) -> Any:
    """An array of real numbers, with at least one dimension; True and False count as 1 and 0."""
    if array.dtype.kind == "b":
        array = array.astype("uint8")
    if array.dtype.kind not in "fiu":
        raise wrong_type(name, "real numbers", array, way_out(name, array), told=f"an array of the type {array.dtype}")
    if not array.ndim:
        raise wrong_type(name, "an array with one row for each sample", array.item())
    return array


def frame_table(frame: Any, name: str) -> Table:
    """A data frame, column by column: each is a feature."""
    import numpy

    columns = columns_of(frame)
    labels = list(frame.columns)
    if not columns:
        raise wrong_type(name, "a data frame of at least one column", frame, told="one without columns")
    arrays = [column_array(column, f"{name}, column {str(label)!r},") for column, label in zip(columns, labels, strict=True)]
    return Table(numpy.stack(arrays, 1), labels)


def column_array(column: Any, name: str) -> Any:
    """One column of a data frame as an array of numbers."""

    if is_sparse_series(column):
        way_dense = "pass frame.sparse.to_dense(), or of a series series.sparse.to_dense()"
        raise wrong_type(name, "dense", column, way_dense, told="a sparse series")
    told = f"a series of the type {getattr(column, 'dtype', getattr(column, 'type', ''))}"
    try:
        array = array_of(column)
    except Exception as error:  # each library has its own
        told = f"{told}, of which NumPy can make none ({error})"
        raise wrong_type(name, "numbers", column, "cast it to a type that NumPy has, to floats say", told) from error
    if array.ndim != 1:
        raise wrong_type(name, "one number in each row", column, "make each of them a column of its own", told)
    if array.dtype.kind == "b":
        return array.astype("uint8")
    if array.dtype.kind in "fiu":
        return array
    if array.dtype.kind == "O":
        items = array.tolist()
        place = name.removesuffix(",")
        for row, item in enumerate(items):
            if not isinstance(item, Real):
                raise wrong_element(f"{place}, row {row},", "a number", item, way_to_number(item, name))
        try:
            return array.astype(float)
        except OverflowError:
            row = next(row for row, item in enumerate(items) if abs(item) > sys.float_info.max)
            raise wrong_entry(f"{place}, row {row},", "a number that a float can hold", items[row]) from None
    raise wrong_type(name, "numbers", column, way_out(name, array), told)


def array_of(column: Any) -> Any:
    """A series as an array of NumPy's. Those of Arrow give by `to_numpy` only what is not to be copied."""
    import numpy

    try:
        return numpy.asarray(column.to_numpy())
    except Exception:
        return numpy.asarray(column)


OF_COMPLEX: Final = "give its real and imaginary parts, .real and .imag"
OF_DATES: Final = "make it a number of days, say, (dates - dates.min()) / numpy.timedelta64(1, 'D')"


def way_to_number(item: Any, name: str) -> str:
    """How to make a number of what is none, or what to do without it; `name` is that of what it is in."""
    if item is None or type(item).__name__ in ("NAType", "NaTType"):
        return "leave such rows out (dropna), or fill them (fillna)"
    if isinstance(item, str | bytes):
        return way_out_of_words(name)
    if isinstance(item, complex):
        return OF_COMPLEX
    if isinstance(item, date | timedelta):
        return OF_DATES
    if isinstance(item, Decimal):
        return "float(number), or of a column .astype(float), makes a float of it"
    if isinstance(item, Value):
        return "the number in a Value is its .data"
    return "make it one number, or leave it out"


def way_out_of_words(name: str) -> str:
    """How to make numbers of words in what has this name."""
    if name.partition(",")[0].endswith(("targets", "target")):
        return "datasets.encode_labels makes classes of words, .astype(float) numbers of text"
    if ", column " in name:
        return "make it numbers (pandas.get_dummies, or to_dummies: a column of 0 and 1 for each word), or leave it out (drop)"
    return ".astype(float) makes numbers of text; a column of words becomes one of 0 and 1 for each word, datasets.one_hot"


def way_out(name: str, array: Any) -> str:
    """How to make numbers of what an array holds."""
    kind = array.dtype.kind
    if kind == "c":
        return OF_COMPLEX
    if kind in "mM":
        return OF_DATES
    if kind == "V" and array.dtype.names is None:  # a bfloat16, say
        return ".astype('float32') makes them floats that NumPy knows"
    if kind == "V":
        return "give its fields as columns, numpy.lib.recfunctions.structured_to_unstructured"
    return way_out_of_words(name)


def plain_row(item: Any, name: str) -> Any:
    """One sample as a list or a number."""
    if is_masked(item):
        raise wrong_type(f"a row of {name}", NONE_HIDDEN, item, "fill them, item.filled(0)", told="a masked array")
    refuse_gradient(item, f"a row of {name}")
    return plain(item)


def plain_leaves(item: Any, name: str) -> Any:
    """Nested lists with the numbers of array libraries made Python's."""
    if isinstance(item, list | tuple):
        return [plain_leaves(part, name) for part in item]
    refuse_gradient(item, f"a number of {name}")
    number = plain(item)
    if is_numpy_float(number):  # a longdouble: of all other types there are Python's
        way_out = "float(number), or of an array .astype(float), rounds it"
        if float(number) != number and number == number:
            raise wrong_type(f"a number of {name}", "one that a float holds", number, way_out)
        return float(number)
    return number


def list_table(rows: list[Any], name: str) -> Table | list[Any]:
    """Lists of one length, of floats or whole numbers, as a table, if NumPy is there and holds them exactly."""
    kinds = kinds_in(rows)
    if any(map(is_arraylike, kinds)):
        rows = [plain_leaves(row, name) for row in rows]
        kinds = kinds_in(rows)
    if not kinds or not kinds <= {float, int} or (len(kinds) > 1 and not isinstance(rows[0], list | tuple)):
        return rows
    try:
        import numpy

        array = numpy.array(rows)
    except (ImportError, OverflowError, ValueError):
        return rows
    whole = len(kinds) > 1 and not abs(array).max() < 2**53  # a whole number among floats, maybe rounded
    return rows if whole or array.dtype.kind not in "fi" else Table(array)


def kinds_in(rows: list[Any]) -> set[type]:
    """The types of what is in nested lists that have one length at each depth; none where their lengths differ."""
    level = rows
    while (kinds := {*map(type, level)}) and kinds <= {list, tuple}:
        if len({*map(len, level)}) != 1:
            return set()
        level = list(chain.from_iterable(level))
    return kinds
