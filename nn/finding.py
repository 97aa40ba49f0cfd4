"""Where the parameters and the parts of a module are found: in its attributes, and in lists, tuples and dictionaries there."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import compress, repeat
from operator import attrgetter
from random import Random
from types import BuiltinFunctionType, FunctionType, ModuleType
from typing import Any, Final, NoReturn

from autograd_lite import Value
from autograd_lite.arraylike import is_arraylike, is_object_array
from autograd_lite.bundles import BUNDLES
from autograd_lite.escaping import in_message
from autograd_lite.primitive import LEAF

COLLECTION: Final = (list, tuple, dict)
OWN: Final = ("autograd_lite", "nn")  # packages whose objects hide nothing


class Part:
    """What is looked into: the base of `Module`."""


class Parameter(Value):
    """A leaf with room for attributes of a user's own, as optimizers keep them (`p.momentum = 0`), and for weak references.

    The weights and biases of neurons are of this class. A plain Value has no such room: so the nodes of a graph are small.
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
    if {*map(type, parameters)} == {Parameter}:
        return [*compress(parameters, map(attrgetter("requires_grad"), parameters))]
    return [*filter(is_trained, parameters)]


PRIMITIVE: Final = attrgetter("primitive")
PART: Final = (Value, Part)
DEEPER: Final = (Part, *COLLECTION)


def members(items: Iterable[tuple[Any, Any]]) -> Iterator[tuple[str, Any]]:
    """The Values and modules in the attributes of a module, and in collections there, each with its name.

    Raises:
        ValueError: a collection contains itself.
    """
    stack: list[tuple[str, int, Iterator[tuple[Any, Any]]]] = [("", 0, iter(items))]
    while stack:
        before, _, rest = stack[-1]
        name, item = next(rest, (None, stack))
        if item is stack:
            stack.pop()
        elif type(item) is Parameter or isinstance(item, PART):
            yield f"{before}{name}", item
        elif isinstance(item, COLLECTION):
            if any(id(item) == outer for _, outer, _ in stack):
                raise ValueError(f"the {type(item).__name__} {in_message(f'{before}{name}')} of a module contains itself")
            within = iter(item.items() if isinstance(item, dict) else enumerate(item))
            stack.append((f"{before}{name}.", id(item), within))


NO_MODULES: Final = frozenset({bool, int, float, str, type(None), Value, Parameter, *BUNDLES})  # these and what is in them
NOTHING_BELOW: Final = frozenset({bool, int, float, str, type(None)})


def _inside(part: Any) -> Iterator[Any]:
    """What is in a module or in a collection, in order."""
    return iter(vars(part).values() if isinstance(part, Part) else part.values() if isinstance(part, dict) else part)


def _items(part: Any) -> Iterator[tuple[Any, Any]]:
    """What is in a module or in a collection, each with its name or its place."""
    within = vars(part) if isinstance(part, Part) else part
    return iter(within.items() if isinstance(within, dict) else enumerate(within))


def modules_below(module: Any) -> Iterator[Any]:
    """All modules below one, each once, in order.

    Raises:
        ValueError: a part contains itself.
    """
    seen, path = {id(module)}, [id(module)]
    stack = [_inside(module)]  # and no recursion, which would end at a depth of a thousand
    while stack:
        for part in stack[-1]:
            if type(part) not in NO_MODULES and isinstance(part, DEEPER):
                if id(part) not in seen:
                    seen.add(id(part))
                    if isinstance(part, Part):
                        yield part
                    stack.append(_inside(part))
                    path.append(id(part))
                    break
                if id(part) in path:
                    refuse_circle(module)
        else:
            stack.pop()
            path.pop()


def refuse_circle(module: Part) -> NoReturn:
    """Raise the error for a module in which a part contains itself; it names the part."""
    stack: list[tuple[str, Any, Iterator[tuple[Any, Any]]]] = [("", module, _items(module))]
    whole = {id(module)}  # those on the way and those that were looked through
    while stack:
        before, _, rest = stack[-1]
        for key, part in rest:
            if isinstance(part, DEEPER):
                name = f"{before}{key}"
                if any(part is outer for _, outer, _ in stack):
                    raise ValueError(
                        f"{in_message(name)} of a {type(module).__name__} is the {type(part).__name__} that it is in: a module "
                        "knows its parts, and not what is around it; weakref.ref(it) would do"
                    )
                if id(part) not in whole:
                    whole.add(id(part))
                    stack.append((f"{name}.", part, _items(part)))
                    break
        else:
            stack.pop()
    raise AssertionError("no part contains itself")


def collect(module: Part) -> list[Value]:
    """The parameters in a module, each once, in order.

    Raises:
        TypeError: there are others where nobody looks for them.
        ValueError: a part contains itself.
    """
    found: dict[Value, None] = {}
    others: list[Any] = []
    seen, path = {id(module)}, [id(module)]
    stack = [_inside(module)]
    while stack:
        for part in stack[-1]:
            if type(part) is Parameter or isinstance(part, Value):
                if part.primitive is LEAF:
                    found[part] = None
            elif type(part) in BUNDLES and {*map(type, part)} == {Parameter} and {*map(PRIMITIVE, part)} == {LEAF}:
                found.update(zip(part, repeat(None)))  # the weights of a neuron, say
            elif type(part) not in NOTHING_BELOW:
                if not isinstance(part, DEEPER):
                    if may_hide(part.__class__):
                        others.append(part)
                elif id(part) not in seen:
                    seen.add(id(part))
                    stack.append(_inside(part))
                    path.append(id(part))
                    break
                elif id(part) in path:
                    refuse_circle(module)
        else:
            stack.pop()
            path.pop()
    for other in others:
        for parameter in hidden_in(other):
            if parameter not in found:
                raise TypeError(
                    f"{parameter!r} is in {_kind(other)}, into which a {type(module).__name__} does not look, so it would "
                    "never be trained: put it into a list, a tuple or a dictionary, or make it an attribute of the module"
                )
    return list(found)


def names_of(module: Part) -> dict[Value, str]:
    """The name of each parameter in a module, in their order: the first that there is, of one that is in several places."""
    names: dict[Value, str] = {}
    seen = {id(module)}
    stack = [("", _items(module))]
    while stack:
        before, rest = stack[-1]
        for key, part in rest:
            if isinstance(part, Value):
                if part.primitive is LEAF:
                    names.setdefault(part, f"{before}{key}")
            elif type(part) in BUNDLES:
                place = f"{before}{key}"
                for k, parameter in enumerate(part):
                    if parameter.primitive is LEAF:
                        names.setdefault(parameter, f"{place}.{k}")
            elif isinstance(part, DEEPER) and id(part) not in seen:
                seen.add(id(part))
                stack.append((f"{before}{key}.", _items(part)))
                break
        else:
            stack.pop()
    return names


def count_values(module: Part) -> int:
    """How many Values there are in a module, counted bundle by bundle; one that is there twice counts twice."""
    count = 0
    seen: set[int] = set()
    stack: list[Any] = [module]
    while stack:
        for part in _inside(stack.pop()):
            if type(part) in BUNDLES:
                count += len(part)
            elif isinstance(part, Value):
                count += 1
            elif isinstance(part, DEEPER) and id(part) not in seen:
                seen.add(id(part))
                stack.append(part)
    return count


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
