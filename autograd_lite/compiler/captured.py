"""What a recorded function takes from around it besides its arguments, and whether it has changed since the recording.

A recording holds the numbers that were around the function when it was made, and the Values: in closures and global names, as
defaults and in a `partial`, in arrays, and in those attributes of objects and of the user's classes and modules that its code
names, be they in lists and dicts. The number of a Value is read anew by every run; but if the function reads it itself, as in
`w > 0` and `w.data`, it counts as one of those numbers. If one of them is another at a later call, or a method or the code of a
helper is, the function is recorded anew. What changes in a large array or within what an object of a library refers to is not
looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property, partial, partialmethod
from inspect import getattr_static
from types import BuiltinFunctionType, FunctionType, MappingProxyType, MemberDescriptorType, MethodType, ModuleType
from typing import Any, Final, NamedTuple, TypeAlias

from autograd_lite.basics.arraylike import is_numpy_array
from autograd_lite.basics.bytecode import all_names, texts
from autograd_lite.basics.references import LARGEST, MISSING, content_of, is_users, references, wrapped_by
from autograd_lite.compiler.watched import (
    COLLECTIONS,
    NUMBERS,
    CapturedArray,
    CapturedName,
    CapturedNumber,
    attribute,
    signs,
    within,
)
from autograd_lite.operation import primitive_of
from autograd_lite.value import Value

LASTING: Final = (ModuleType, type, BuiltinFunctionType)  # what nobody gives another meaning in the middle of a program
METHODS: Final = (FunctionType, staticmethod, classmethod, property, cached_property, partialmethod)
# Python calls these without naming them, but they compute nothing.
SHOWING: Final = frozenset({"__repr__", "__str__", "__format__", "__hash__", "__eq__", "__reduce__", "__del__"})
MAKING: Final = frozenset({"__init__", "__new__", "__post_init__"})  # an object that is there already
BY_TEXT: Final = frozenset({"getattr", "attrgetter", "vars", "__dict__"})  # what reads attributes whose names may be computed


class Captured:
    """The names that a function, and those that it calls, read from around them.

    Arguments:
        function: which was recorded.
        looks: the Values around it whose numbers it reads, each with the line.

    Attributes:
        names: each once.
    """

    def __init__(self, function: Callable[..., Any], looks: Mapping[Value, str] = MappingProxyType({})) -> None:
        names = [*captured_names(function), *[CapturedNumber(value, line) for value, line in looks.items()]]
        # Its own code is looked at only beside something else: a function that refers to nothing is called without a look.
        self.names = names if any(one.home is not function or one.name != "__code__" for one in names) else []

    def changed(self) -> CapturedName | None:
        """The first name that stands for something else than when the function was recorded."""
        return next((captured for captured in self.names if captured.changed()), None)

    def guarding(self, at_once: Callable[..., Any]) -> Callable[..., Any]:
        """The same function of the arguments of a call, and maybe an array; but None if one of them may have changed.

        An optimization of `changed`, which is asked at every call (benchmark neuron).
        """
        if not self.names:
            return at_once
        around: dict[str, Any] = {"at_once": at_once, "signs": signs}
        for i, one in enumerate(self.names):
            around |= {f"home{i}": one.home, f"content{i}": one.content, f"items{i}": one.items}
        conditions = [condition for i, one in enumerate(self.names) for condition in one.conditions(i)]
        source = f"""def guarded(args, out=None):
    try:
        if not ({" and ".join(conditions)}):
            return None
    except Exception:  # an attribute is gone, or an array was put in the place of another
        return None
    return at_once(args, out)
"""
        exec(source, around)
        guarded: Callable[..., Any] = around["guarded"]
        return guarded


class Found(NamedTuple):
    """Something that a function refers to.

    Attributes:
        item: the thing.
        names: the names of attributes in the code that refers to it.
    """

    item: Any
    names: frozenset[str] = frozenset()


Taken: TypeAlias = Iterator[CapturedName | Found]


def captured_names(function: Callable[..., Any]) -> Iterator[CapturedName]:
    """The names that a function reads, and those of the user's functions that it calls, that stand for what may change."""
    stack = [Found(function)]
    seen: dict[Any, Any] = {}  # what was met, by its identity, which no other thing gets as long as it is held here
    while stack:
        found = stack.pop()
        if (id(found.item), found.names) not in seen:
            seen[id(found.item), found.names] = found.item
            for part in taken(found):
                if isinstance(part, Found):
                    stack.append(part)
                elif part.key not in seen:
                    seen[part.key] = part
                    yield part


def taken(found: Found) -> Taken:
    """The names by which something takes what may change from around it, and what else it refers to."""
    item, names = found
    if (primitive := primitive_of(item)) is not None:
        yield from map(Found, (primitive.compute, *primitive.derivatives))
    elif isinstance(item, FunctionType):
        yield from taken_by_function(item, names)
    elif isinstance(item, MethodType):
        yield from bound(item.__func__, item.__self__)
    elif isinstance(item, partial):
        for name, given in (("args", item.args), ("keywords", item.keywords)):
            yield CapturedName(name, item, given)
            yield Found(given, names_in(item.func))
        yield Found(item.func)
    elif "__wrapped__" in getattr(item, "__dict__", ()):  # a cache, or a Compiled
        yield Found(item.__wrapped__)
    elif is_numpy_array(item):
        if item.nbytes <= LARGEST:
            yield CapturedArray(item)
    else:
        if isinstance(item, COLLECTIONS):
            yield from (Found(part, names) for part in within(item) if not is_plain(part))
        yield from taken_of_object(item, names)


def is_plain(item: Any) -> bool:
    """Whether it is a number or a text, or a Value, whose number is read anew."""
    return item is None or isinstance(item, (*NUMBERS, str, Value))


def bound(function: Any, owner: Any) -> Iterator[Found]:
    """A function, and what it is a method of."""
    yield Found(function)
    yield Found(owner, names_in(function))


def names_in(function: Any) -> frozenset[str]:
    """The names of attributes, and others, that a function may read; none of one that is not Python's."""
    return all_names(function.__code__) | texts(function.__code__) if isinstance(function, FunctionType) else frozenset()


def taken_by_function(function: FunctionType, of_others: frozenset[str]) -> Taken:
    """The same of a function: its code, its defaults, the variables of functions around it, and global names.

    So are its attributes of those names that others read.
    """
    if not is_users(function):  # such as `grad` gives: what it is the gradient of
        yield from (Found(content_of(cell)) for cell in function.__closure__ or ())
        return
    yield CapturedName("__code__", function, function.__code__, function)
    yield from attributes(function, of_others.intersection(vars(function)), [])
    names = names_in(function)
    for name, home, content in references(function):
        if type(home) is not dict or may_change(content):
            yield CapturedName(name, home, content)
        yield Found(content, names)


def may_change(content: Any) -> bool:
    """Whether a global name may come to stand for something else: not if it is what one imports."""
    primitive = primitive_of(content)
    content = content if primitive is None else primitive.compute
    return not isinstance(content, LASTING) and not (isinstance(content, FunctionType) and not is_users(content))


def taken_of_object(item: Any, names: frozenset[str]) -> Taken:
    """The same of an object or a class: how it is called, and its attributes of these names.

    Of the user's own so are its methods, and those that Python calls without a name, as for an operator.
    """
    kind = item if isinstance(item, type) else type(item)
    for call in [vars(base)["__call__"] for base in type(item).__mro__ if "__call__" in vars(base)][:1]:
        yield from bound(call, item)
    users, own = [base for base in kind.__mro__ if is_users(base)], own_attributes(item)
    if users:
        special = {name for base in users for name, method in vars(base).items() if is_special(name, method)} - SHOWING
        by_text = own if names & BY_TEXT else ()
        yield from attributes(item, names.union(special if item is kind else special - MAKING, by_text), users)
    else:
        yield from attributes(item, names.intersection(own), [])


def own_attributes(item: Any) -> dict[str, Any]:
    """The attributes that an object has itself, and not its class; of a class and of a module none."""
    own = None if isinstance(item, type | ModuleType) else attribute(item, "__dict__")
    return own if isinstance(own, dict) else {}


def is_special(name: str, content: Any) -> bool:
    """Whether it is a method that Python calls without a name."""
    return name.startswith("__") and isinstance(content, FunctionType)


def attributes(item: Any, names: frozenset[str], users: list[type]) -> Taken:
    """Of an object or a class the attributes and methods of these names; `users` are its classes that are the user's."""
    own = own_attributes(item)
    for name in sorted(names):
        content = getattr_static(item, name, MISSING)
        if name not in own and isinstance(content, METHODS):
            yield from methods(item, name, users)
        elif name in own or isinstance(content, MemberDescriptorType) or not hasattr(type(content), "__get__"):
            content = attribute(item, name)
            if content is not MISSING:
                yield CapturedName(name, item, content, item)
                yield Found(content, names)
        elif is_users(content):  # a descriptor
            yield Found(content, names)


def methods(item: Any, name: str, users: list[type]) -> Taken:
    """A method where Python may find it: in the object itself, and in its classes, of which `super()` asks a later one."""
    places: list[Any] = [*type(item).__mro__]
    if isinstance(item, type):
        places = [*item.__mro__, *places]
    elif hasattr(item, "__dict__"):
        places.insert(0, item)
    for owner in places:
        namespace = vars(owner)
        content = namespace.get(name, MISSING)
        if owner is item or owner in users:
            yield CapturedName(name, namespace, content, owner)
        if content is not MISSING:
            for part in wrapped_by(content) or (content,):
                yield from bound(part, item)
