"""All that is known of one operation: its value on numbers, its rules, which are its local derivatives, and its notation."""

from __future__ import annotations

import inspect
import operator
from collections.abc import Callable, Sequence
from dataclasses import KW_ONLY, dataclass
from string import Formatter
from typing import Any, Final, NoReturn, TypeAlias

from autograd_lite.basics.checks import wrong_type
from autograd_lite.basics.domains import Interval
from autograd_lite.basics.escaping import in_message
from autograd_lite.basics.wording import counted

PYTHONS_SIGNS: Final = str.maketrans("−×÷", "-*/")  # for those that a picture shows

Derivative: TypeAlias = Callable[..., Any] | None  # None: nothing is passed on to this operand


def _is_a_leaf(*_: Any) -> NoReturn:
    raise TypeError("a leaf is not computed from anything")


@dataclass(slots=True, eq=False, repr=False)
class Primitive:
    """What is known of one operation. Its rules are its local derivatives, one for each parameter.

    A rule is a function of `(output, *inputs)`. It is written with functions that take numbers and Values alike. On numbers it
    gives the number that `backward` multiplies; on Values it gives a graph, which is what makes derivatives of derivatives.

    Attributes:
        name: what it is called in messages and by `Value.op`.
        compute: its value, a function of numbers. A variadic operation gets a list of numbers for each bundle of operands.
        derivatives: the rules, one for each parameter, or None where nothing is passed on: the operand only chooses (the
            condition of where), the function is constant but for jumps (floor), or it is meant so (stop_gradient).
        symbol: what a picture shows.
        latex: a template for formulas, with `{0}` for the first operand.
        precedence: 1 for sums, 2 for products, 3 for powers; 0 for what is written as a function call.
        neutral: for each of two operands the number that leaves the other one as it is, or None: (0, 0) for a sum.
        domain: for each operand the interval where the function is defined; all real numbers if not given.
        kink: a function of the inputs that is zero where the derivative jumps.
        variadic: whether an operand may be a bundle of many.
        chooses: whether the result is one of several formulas, chosen by the operands' numbers, as of relu and where.
        total: whether `compute` gives a number for any floats, and raises no error for them.
        finite_derivatives: whether the local derivatives are finite wherever the value is.
        singular: whether the value is infinite or NaN at some finite numbers, where an ordinary operation raises an error.
        result_of: the loop that it gives one of the results of, and which one: see `autograd_lite.compiler.loops`; else None.
        pull_back: how a node of it passes its gradient on, as `value.pull_back` says; set when the primitive is defined.
    """

    name: str
    compute: Callable[..., Any]
    derivatives: Sequence[Any]
    _: KW_ONLY
    symbol: str = ""
    latex: str = ""
    precedence: int = 0
    neutral: tuple[float | None, float | None] | None = None
    domain: Sequence[Interval] = ()
    kink: Callable[..., Any] | None = None
    variadic: bool = False
    chooses: bool = False
    total: bool = False
    finite_derivatives: bool = False
    singular: bool = False
    result_of: tuple[Any, int] | None = None
    pull_back: Callable[[Any, Any], None] = _is_a_leaf

    def __post_init__(self) -> None:
        self.symbol = self.symbol or self.name
        self.derivatives, self.domain = tuple(self.derivatives), tuple(self.domain)

    @property
    def stops_gradient(self) -> bool:
        """Whether no derivative passes through it by intention: there are none, and no jumps to explain that."""
        return self.kink is None and not any(self.derivatives)

    @property
    def method(self) -> str:
        """The method by which Python asks for it, such as `__mul__`; "" for what is none of Python's operators."""
        method = f"__{self.name}__"
        return method if hasattr(operator, method) else ""

    @property
    def sign(self) -> str:
        """The sign that Python writes for it, such as `*`; "" for what is written as a function call."""
        return self.symbol.translate(PYTHONS_SIGNS) if self.method and self.precedence else ""

    def __repr__(self) -> str:
        return f"<primitive {in_message(self.name)}>"

    def __reduce__(self) -> NoReturn:
        raise TypeError(f"the primitive {self.name!r} cannot be pickled: import it where it is needed")


LEAF: Final = Primitive("", _is_a_leaf, ())  # of a variable: a Value that the user made
CONSTANT: Final = Primitive("", _is_a_leaf, ())  # of a plain number in an expression: nobody can ask for its gradient


def check_definition(primitive: Primitive, parameters: list[inspect.Parameter]) -> None:
    """Check what is said of an operation against the parameters of its function.

    Raises:
        TypeError, ValueError: they do not agree. The message names the primitive.
    """
    if any(p.kind not in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD) for p in parameters):
        raise TypeError(
            f"primitive {primitive.name!r}: parameters must be positional; pass many operands as one sequence, "
            "with variadic=True"
        )
    if len(primitive.derivatives) != len(parameters):
        raise TypeError(
            f"primitive {primitive.name!r}: {counted(len(parameters), 'argument')}, "
            f"got {counted(len(primitive.derivatives), 'derivative')}: one for each is needed"
        )
    _check_description(primitive, len(parameters))
    required = [p for p in parameters if p.default is p.empty]
    for position, derivative in enumerate(primitive.derivatives):
        if derivative is None:
            continue
        try:
            inspect.signature(derivative).bind(None, *parameters)
            inspect.signature(derivative).bind(None, *required)
        except TypeError as error:
            wanted = ", ".join(["output", *(p.name for p in parameters)])
            raise TypeError(f"primitive {primitive.name!r}: derivative {position} must take ({wanted}): {error}") from error


def _check_description(primitive: Primitive, count: int) -> None:
    if len(primitive.domain) > count or not all(isinstance(interval, Interval) for interval in primitive.domain):
        raise wrong_type(f"domain of the primitive {primitive.name!r}", "one Interval for each argument", primitive.domain)
    if not (primitive.kink is None or callable(primitive.kink)):
        raise wrong_type(f"kink of the primitive {primitive.name!r}", "a function of the inputs", primitive.kink)
    own = r"braces of LaTeX's own are doubled, as in \sqrt{{{0}}}"
    try:
        places = [place for _, place, _, _ in Formatter().parse(primitive.latex) if place is not None]
    except ValueError as error:
        raise ValueError(f"primitive {primitive.name!r}: latex {primitive.latex!r}: {error}: {own}") from error
    for place in places:
        if place not in map(str, range(count)):
            raise ValueError(f"primitive {primitive.name!r}: latex {primitive.latex!r}: {{{place}}} is no operand: {own}")
