"""What a user gave, turned into Python's own numbers and lists: the one place that asks whether something is an array.

NumPy is never imported for this. An array is whatever has `__array__` and `tolist`, as NumPy's arrays and numbers and the
tensors of other libraries have. What has a length is a sequence; what has none is one number.
"""

from __future__ import annotations

import sys
from typing import Any


def is_numpy_array(item: Any) -> bool:
    """Whether it is an array of NumPy itself. Where NumPy was not imported, or only in part so far, there can be none."""
    return isinstance(item, getattr(sys.modules.get("numpy"), "ndarray", ()))


def is_arraylike(item: Any) -> bool:
    """Whether it is an array, or one of an array library's numbers."""
    return hasattr(item, "__array__") and hasattr(item, "tolist")


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
