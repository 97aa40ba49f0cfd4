"""Where the parameters and the parts of a module are found: in its attributes, and in lists, tuples and dictionaries there."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cache, lru_cache
from itertools import compress, repeat
from operator import attrgetter
from random import Random
from types import BuiltinFunctionType, FunctionType, ModuleType
from typing import Any, Final

from autograd_lite import Value
from autograd_lite.basics.arraylike import is_arraylike, is_object_array
from autograd_lite.basics.escaping import in_message
from autograd_lite.graph.bundles import BUNDLES, Bundle
from autograd_lite.primitive import LEAF

COLLECTION: Final = (list, tuple, dict)
OWN: Final = ("autograd_lite", "nn")  # packages whose objects hide nothing


class Part:
    """What is looked into: the base of `Module`."""


class Parameter(Value):
    """A leaf with room for attributes of a user's own, as optimizers keep them (`p.momentum = 0`).

    The weights and biases of neurons are of this class. A plain Value has no such room: so the nodes of a graph are small. With
    it each would take 16 to 32 bytes more, as Python's version decides.
    Nor could it be given room later: Python decides that when an object is made, and a `__setattr__` for unknown names would
    be called whenever a gradient is set. Were all leaves of a class with room, other than that of the results, steps of
    single operations would take a seventh longer, since Python's access to attributes is quick for one class only.

    Attributes:
        requires_grad: whether optimizers change it; False for a frozen one.

    Example:
        >>> from nn import MLP
        >>> for p in MLP(2, [3, 1]).parameters():
        ...     p.momentum = 0.0
    """

    requires_grad: bool = True


def is_trained(parameter: Value) -> bool:
    """Whether a parameter is not frozen; only a `Parameter` can be."""
    return bool(getattr(parameter, "requires_grad", True))


def trained(parameters: Sequence[Value]) -> list[Value]:
    """Those that are not frozen."""
    try:
        return [*compress(parameters, map(attrgetter("requires_grad"), parameters))]
    except AttributeError:  # there are plain Values among them
        return [*filter(is_trained, parameters)]


DEEPER: Final = (Part, *COLLECTION)
NOTHING_BELOW: Final[frozenset[Any]] = frozenset({bool, int, float, str, type(None)})
NO_MODULES: Final = NOTHING_BELOW | {Value, Parameter, *BUNDLES}  # these and what is in them


def walk(
    module: Any, ignored: frozenset[Any] = NOTHING_BELOW, into: tuple[type, ...] = DEEPER
) -> Iterator[tuple[list[Any], Any, Any]]:
    """All that is in a module, in order, with the keys that lead to it. What is asked of a module is read off this walk.

    What is met again is given again, but looked into once. The stack is its own: Python's would end at a depth of a thousand.

    Arguments:
        module: where it begins.
        ignored: types that are passed over.
        into: what is looked into besides the module.

    Returns:
        Keys of what is around an item, which last until the next item; its own key; the item.

    Raises:
        ValueError: a part contains itself.
    """
    keys: list[Any] = []
    around, seen = [module], {id(module)}
    stack = [_items(module)]
    while stack:
        for key, part in stack[-1]:
            if type(part) in ignored:
                continue
            yield keys, key, part
            if type(part) in BUNDLES or not isinstance(part, DEEPER):
                continue
            if id(part) not in seen:
                if isinstance(part, into):
                    seen.add(id(part))
                    keys.append(key)
                    around.append(part)
                    stack.append(_items(part))
                    break
            elif any(part is outer for outer in around):
                raise ValueError(
                    f"{in_message(dotted(keys, key))} of a {type(module).__name__} is the {type(part).__name__} that it is in: "
                    "a module knows its parts, and not what is around it; weakref.ref(it) would do"
                )
        else:
            stack.pop()
            around.pop()
            del keys[-1:]


def _items(part: Any) -> Iterator[tuple[Any, Any]]:
    """What is in a module or in a collection, each with its name or its place."""
    within = vars(part) if isinstance(part, Part) else part
    return iter(within.items() if isinstance(within, dict) else enumerate(within))


def dotted(keys: Sequence[Any], key: Any) -> str:
    """The name of what has this key, within what these lead to."""
    return ".".join(map(str, (*keys, key)))


def children(module: Part) -> Iterator[tuple[str, Any]]:
    """The modules directly below one, in its attributes and in collections there, with their names."""
    return ((dotted(keys, key), part) for keys, key, part in walk(module, NO_MODULES, COLLECTION) if isinstance(part, Part))


def modules_below(module: Part) -> Iterator[tuple[list[Any], Any, Any]]:
    """All modules below one, each once, as `walk` gives them."""
    seen: set[int] = set()
    for keys, key, part in walk(module, NO_MODULES):
        if isinstance(part, Part) and id(part) not in seen:
            seen.add(id(part))
            yield keys, key, part


def collect(module: Part) -> list[Value]:
    """The parameters in a module, each once, in order.

    Raises:
        TypeError: there are others where nobody looks for them.
        ValueError: a part contains itself.
    """
    found: dict[Value, None] = {}
    others: list[Any] = []
    for _, _, part in walk(module):
        if type(part) in BUNDLES:
            found.update(zip(leaves_in(part), repeat(None)))
        elif isinstance(part, Value):
            if part.primitive is LEAF:
                found[part] = None
        elif not isinstance(part, DEEPER) and may_hide(part.__class__):
            others.append(part)
    for other in others:
        for parameter in hidden_in(other):
            if parameter not in found:
                raise TypeError(
                    f"{parameter!r} is in {_kind(other)}, into which a {type(module).__name__} does not look, so it would "
                    "never be trained: put it into a list, a tuple or a dictionary, or make it an attribute of the module"
                )
    return list(found)


def leaves_in(bundle: Bundle[Value]) -> Sequence[Value]:
    """The leaves in a bundle: the weights of a neuron, say, are nothing else."""
    return bundle if {*map(attrgetter("primitive"), bundle)} == {LEAF} else [part for part in bundle if part.primitive is LEAF]


def names_of(module: Part) -> dict[Value, str]:
    """The name of each parameter in a module, in their order: the first that there is, of one that is in several places."""
    names: dict[Value, str] = {}
    for keys, key, part in walk(module):
        if type(part) in BUNDLES:
            place = f"{dotted(keys, key)}."
            if leaves_in(part) is part and names.keys().isdisjoint(part):  # as nearly all are
                names.update(zip(part, map(place.__add__, counting(len(part))), strict=True))
                continue
            for k, parameter in enumerate(part):
                if parameter.primitive is LEAF:
                    names.setdefault(parameter, f"{place}{k}")
        elif isinstance(part, Value) and part.primitive is LEAF:
            names.setdefault(part, dotted(keys, key))
    return names


@lru_cache
def counting(count: int) -> list[str]:
    """The whole numbers below `count`, as texts."""
    return [*map(str, range(count))]


def count_values(module: Part) -> int:
    """How many Values there are in a module, counted bundle by bundle; one that is there twice counts twice."""
    return sum(len(part) if type(part) in BUNDLES else isinstance(part, Value) for _, _, part in walk(module))


@cache
def may_hide(kind: Any) -> bool:
    """Whether there may be parameters in something of this kind: in a collection, an array, an object of the user's own."""
    if issubclass(kind, type | FunctionType | BuiltinFunctionType | ModuleType | str | bytes | Random):
        return False
    if kind.__module__.partition(".")[0] in OWN or issubclass(kind, Iterator):
        return False  # an optimizer, say; to look into a generator would empty it
    return issubclass(kind, Collection) or is_arraylike(kind) or hasattr(kind, "__dict__")


def hidden_in(item: Any) -> Iterator[Value]:
    """The leaves in something that a module does not look into."""
    stack, seen = [item], {id(item)}
    while stack:
        part = stack.pop()
        inside: Iterable[Any] = ()
        if isinstance(part, Value):
            if part.primitive is LEAF:
                yield part
        elif isinstance(part, Part):
            inside = vars(part).values()
        elif is_arraylike(part):
            inside = part.ravel().tolist() if is_object_array(part) else ()
        elif isinstance(part, Mapping):
            inside = part.values()
        elif isinstance(part, Collection) and not isinstance(part, str | bytes | range):
            inside = part
        elif may_hide(part.__class__):
            inside = [getattr(part, name, None) for name in (*getattr(part, "__dict__", ()), *getattr(part, "__slots__", ()))]
        for other in inside:
            if type(other) not in NOTHING_BELOW and id(other) not in seen:
                seen.add(id(other))
                stack.append(other)


def _kind(item: Any) -> str:
    return f"a {type(item).__name__}" + (" of objects" if is_arraylike(item) else "")
