"""The names in a source: each is of one thing, and is a label where there is one."""

from __future__ import annotations

import keyword
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any


class Names:
    """The names of one source.

    Attributes:
        namespace: the things that the source refers to, by name.

    Arguments:
        namespace: those that are there before anything is written.
        taken: further names that nothing else may have.
    """

    def __init__(self, namespace: Mapping[str, Any], taken: Iterable[str]) -> None:
        self.namespace = dict(namespace)
        self._taken = {*namespace, *taken}
        self._latest: dict[str, int] = defaultdict(lambda: 1)  # what stands behind a name that was wanted more than once

    def unique(self, wanted: str) -> str:
        """`wanted`, or with a number behind it if that is taken."""
        name = wanted
        while name in self._taken or keyword.iskeyword(name):
            self._latest[wanted] += 1
            name = f"{wanted}_{self._latest[wanted]}"
        self._taken.add(name)
        return name

    def bind(self, wanted: str, thing: Any) -> str:
        """A unique name by which the source refers to a thing."""
        name = self.unique(wanted)
        self.namespace[name] = thing
        return name
