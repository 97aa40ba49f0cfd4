"""From Python functions of numbers to what numba compiles: its gaps in `math` filled, and machine code kept on disk."""

from __future__ import annotations

import builtins
import dis
import hashlib
import math
import os
import sys
import tempfile
import types as python_types
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numba
from llvmlite import ir  # type: ignore[import-untyped]
from numba import njit, types
from numba.extending import intrinsic, overload

from autograd_lite.ops import TABLE
from autograd_lite.rules import rule_of

# What numba lacks of Python's math


@overload(math.cbrt)
def _cbrt(x: Any) -> Any:
    def implementation(x: Any) -> Any:
        if x == 0 or math.isinf(x) or math.isnan(x):
            return x
        size = abs(x)
        root = size ** (1 / 3)
        root -= (root * root * root - size) / (3 * root * root)  # one step of Newton's method gives the last bits
        return math.copysign(root, x)

    return implementation


@overload(math.prod)
def _prod(factors: Any) -> Any:
    def implementation(factors: Any) -> Any:
        product = 1.0
        for factor in factors:
            product *= factor
        return product

    return implementation


@overload(max)
def _max(numbers: Any) -> Any:
    if not isinstance(numbers, types.Array):
        return None

    def implementation(numbers: Any) -> Any:
        largest = numbers[0]
        for number in numbers:
            if number > largest:
                largest = number
        return largest

    return implementation


# An exponential that the compiler can run on several lanes at once, as it cannot that of the C library


@intrinsic  # type: ignore[untyped-decorator]
def power_of_two(typing: Any, exponent: Any) -> Any:
    """2 to a whole power from -1022 to 1023, by writing the exponent's bits."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        word = ir.IntType(64)
        biased = builder.add(builder.fptosi(arguments[0], word), word(1023))
        return builder.bitcast(builder.shl(biased, word(52)), ir.DoubleType())

    return types.float64(types.float64), generate


@njit(error_model="numpy", fastmath={"contract"})  # type: ignore[untyped-decorator]
def exponential(x: float) -> float:
    """eˣ = 2ᵏ·eʳ with |r| ≤ ½ log 2; eʳ by its series, to the last bits."""
    inside = x if -1000.0 < x < 1000.0 else (1000.0 if x > 0.0 else -1000.0)
    k = math.floor(inside * 1.4426950408889634 + 0.5)
    r = (inside - k * 0.693145751953125) - k * 1.4286068203094172e-06
    series = 1.0 / 6227020800.0
    series = series * r + 1.0 / 479001600.0
    series = series * r + 1.0 / 39916800.0
    series = series * r + 1.0 / 3628800.0
    series = series * r + 1.0 / 362880.0
    series = series * r + 1.0 / 40320.0
    series = series * r + 1.0 / 5040.0
    series = series * r + 1.0 / 720.0
    series = series * r + 1.0 / 120.0
    series = series * r + 1.0 / 24.0
    series = series * r + 1.0 / 6.0
    series = series * r + 0.5
    series = series * r * r + r + 1.0
    half = math.floor(k * 0.5)
    result = series * power_of_two(half) * power_of_two(k - half)  # in two steps, so that the smallest numbers come out too
    return result if x == x else x


# What a translated function finds under the name `math`
lanes_math = python_types.ModuleType("lanes_math")
vars(lanes_math).update({name: value for name, value in vars(math).items() if not name.startswith("__")}, exp=exponential)


# The same in an operation of the user's: an error where Python's function raises one, since what comes of NaN or infinity
# afterwards may look like a result
strict_math = python_types.ModuleType("strict_math")
vars(strict_math).update(vars(lanes_math), __name__="strict_math")


def _strict(function: Any) -> Any:
    def strict(x: Any) -> Any:
        y = function(x)
        if (math.isnan(y) and not math.isnan(x)) or (math.isinf(y) and math.isfinite(x)):
            raise ValueError
        return y

    return njit(strict)


STRICT = "exp expm1 sinh cosh log log1p log2 log10 sqrt sin cos tan asin acos acosh atanh gamma lgamma"
vars(strict_math).update({name: _strict(getattr(lanes_math, name)) for name in STRICT.split()})


# Translating


def _power_limit(x: Any, y: Any) -> Any:
    return math.inf if x == 0 and y < 0 else x**y  # machine code has infinity where Python raises an OverflowError


# Functions that numba cannot take as they are: it knows no `except` of one kind of error
ADAPTED: dict[Any, Any] = {TABLE["power_limit"].primitive.compute: _power_limit}
_translated: dict[Any, Any] = {}


def translated(function: Any, strict: bool = False) -> Any:
    """A function of numbers as numba compiles it, with the functions of numbers of the operations that it calls.

    A `strict` one raises an error where Python raises one on the way (but for a power that has no value or overflows).
    """
    function = ADAPTED.get(function, function)
    if (function, strict) in _translated:
        return _translated[function, strict]
    python = function if isinstance(function, python_types.FunctionType) else lambda *operands: function(*operands)
    code, cells = python.__code__, python.__closure__ or ()
    around = {**python.__globals__, **dict(zip(code.co_freevars, [c.cell_contents for c in cells], strict=True))}
    scope: dict[str, Any] = {"__name__": __name__, "__builtins__": builtins}
    for name in sorted(global_names(code) & around.keys()):
        value = around[name]
        if value is math:
            value = strict_math if strict else lanes_math
        elif (rule := rule_of(value)) is not None:
            value = translated(rule.compute, strict)
        elif isinstance(value, python_types.FunctionType):
            value = translated(value, strict)
        scope[name] = value
    closure = tuple([python_types.CellType(scope[name]) for name in code.co_freevars])
    copied = python_types.FunctionType(code, scope, python.__name__, python.__defaults__, closure)
    _translated[function, strict] = njit(error_model="python" if strict else "numpy")(copied)
    return _translated[function, strict]


def global_names(code: python_types.CodeType) -> set[str]:
    """The names that a piece of code takes from around it."""
    taking = ("LOAD_GLOBAL", "LOAD_NAME", "LOAD_DEREF")
    return {i.argval for part in pieces(code) for i in dis.get_instructions(part) if i.opname in taking}


def pieces(code: python_types.CodeType) -> Iterator[python_types.CodeType]:
    """A piece of code, and those of the functions in it."""
    yield code
    for constant in code.co_consts:
        if isinstance(constant, python_types.CodeType):
            yield from pieces(constant)


def fingerprint(function: Any) -> str:
    """A text that changes when the meaning of a translated function does: its code, and whatever it takes from around it."""
    python = getattr(function, "py_func", function)
    code, around = python.__code__, python.__globals__
    taken = [(name, meaning(around[name], attributes(code))) for name in sorted(global_names(code) & around.keys())]
    return repr((code_text(code), python.__defaults__, taken))


def code_text(code: python_types.CodeType) -> str:
    """The instructions, constants and names of a piece of code, and of the functions in it."""
    constants = [code_text(c) if isinstance(c, python_types.CodeType) else repr(c) for c in code.co_consts]
    return repr((code.co_code.hex(), constants, code.co_names))


def attributes(code: python_types.CodeType) -> set[str]:
    """The names in a piece of code that may be of something in a module."""
    return {name for part in pieces(code) for name in part.co_names}


def meaning(value: Any, names: set[str]) -> str:
    """A text that changes when a value does; of a module when what has one of these names in it does."""
    if hasattr(value, "py_func"):
        return fingerprint(value)
    if isinstance(value, python_types.ModuleType):
        parts = [(name, meaning(vars(value)[name], names - {name})) for name in sorted(names & vars(value).keys())]
        return repr((value.__name__, parts))
    if callable(value):
        return f"{value.__module__}.{getattr(value, '__qualname__', value)}"
    if hasattr(value, "dtype"):  # an array, of which `repr` shows a part
        return repr((value.dtype, value.shape, value.tobytes()))
    return repr(tuple(meaning(item, names) for item in value) if isinstance(value, tuple) else value)


def kept_on_disk(name: str, text: str, compute: Any) -> Callable[..., int]:
    """The kernel that `text` defines, as a file in the cache: numba keeps the machine code of what has a file beside it."""
    own = Path(__file__).read_text(encoding="utf-8")  # kernels take parts of this module in
    key = "|".join((text, fingerprint(compute), own, numba.__version__, sys.version))
    digest = hashlib.sha256(key.encode()).hexdigest()[:20]
    path = cache_directory() / f"{''.join(c for c in name if c.isalnum())}_{digest}.py"
    if not path.exists():
        with tempfile.NamedTemporaryFile("w", dir=path.parent, delete=False, encoding="utf-8") as file:
            file.write(text)
        os.replace(file.name, path)
    import numpy

    scope: dict[str, Any] = {"__name__": __name__, "compute": compute, "math": math, "numba": numba, "numpy": numpy}
    exec(compile(text, str(path), "exec"), scope)
    return scope["kernel"]  # type: ignore[no-any-return]


def cache_directory() -> Path:
    """Where compiled kernels are kept: the user's cache; if that cannot be written, the user's own temporary files."""
    named = os.environ.get("NUMBA_CACHE_DIR") or os.environ.get("XDG_CACHE_HOME") or os.environ.get("LOCALAPPDATA")
    own = named or os.path.expanduser("~/.cache")  # the ~ stays where no home is known
    user = os.getuid() if hasattr(os, "getuid") else 0
    spare = Path(tempfile.gettempdir()) / f"user-{user}"
    for parent in (spare,) if own.startswith("~") else (Path(own), spare):
        directory = parent / "autograd_lite"
        try:
            directory.mkdir(0o700, parents=True, exist_ok=True)
            owner = parent.stat().st_uid
        except OSError:
            continue
        if os.access(directory, os.W_OK) and (parent != spare or owner == user):  # what others may write is not to be run
            return directory
    raise OSError(f"no directory to keep compiled code in: make {parent} writable, or set NUMBA_CACHE_DIR")


def let_numba_keep_code() -> None:
    """Where neither this package's folder nor the user's cache can be written, numba keeps its code where we keep ours."""
    try:
        njit(cache=True)(exponential.py_func)
    except RuntimeError:  # no place was found
        numba.config.CACHE_DIR = str(cache_directory())  # type: ignore[attr-defined]


let_numba_keep_code()
