"""What a type checker is told of outputs, which no type can tell: whether they are one Value or a list of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, TypeAlias

from autograd_lite import Value

if TYPE_CHECKING:

    class OneOrMany(Value):
        """What a network gives: the Value of its only output node, or the list of those of several.

        Their number is in the network and not in its type. So a type checker accepts what either of them can do.
        """

        def __getitem__(self, place: int) -> Value:
            """The Value of one of several output nodes."""
            raise NotImplementedError

        def __iter__(self) -> Iterator[Value]:
            """The Values of several output nodes."""
            raise NotImplementedError

        def __len__(self) -> int:
            """How many output nodes there are, if several."""
            raise NotImplementedError

else:
    OneOrMany: TypeAlias = Any
