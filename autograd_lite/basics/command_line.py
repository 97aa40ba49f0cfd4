"""What the commands of the packages share: a usage error in one line, and an orderly end whatever becomes of the output."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Iterable, Sequence
from difflib import get_close_matches
from typing import Any, NoReturn, TypeVar

from autograd_lite.basics.checks import MUST, must_be, one_of, whole_number
from autograd_lite.basics.escaping import in_terminal

Read = TypeVar("Read")


class UsageError(Exception):
    """What the user has to mend, in one line."""


class Parser(argparse.ArgumentParser):
    """A parser whose errors are one line, which for an option that is not known names the one that was meant."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings, exit_on_error=False)

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """The arguments that are known, and the others; an error names the argument as the functions of the library do."""
        try:
            return super().parse_known_args(args, namespace)
        except argparse.ArgumentError as error:
            ours = error.argument_name is not None and error.message.startswith(MUST)
            self.error(f"{error.argument_name} {error.message}" if ours else str(error))

    def error(self, message: str) -> NoReturn:
        """Say what is wrong, to end with status 2."""
        raise UsageError(f"{message} (see {self.prog} --help)")

    def options(self, arguments: Sequence[str] | None, several: str = "") -> argparse.Namespace:
        """The options that were given; an error for what is none of them.

        `several` is the argument that takes many: argparse gives it those that stand together, and here it gets the others too.
        """
        options: argparse.Namespace
        options, others = self.parse_known_args(arguments)
        if several and not any(other.startswith("-") for other in others):
            getattr(options, several).extend(others)
        elif others:
            self.error(self.unknown(others))
        return options

    def unknown(self, arguments: Sequence[str]) -> str:
        """What to say of arguments that are none of the options."""
        option = next((argument for argument in arguments if argument.startswith("-")), None)
        if option is None:
            return f"one argument too many: {arguments[0]!r}"
        name = option.partition("=")[0]
        way_out = suggestion(name, self._option_string_actions)
        if not way_out and not name.startswith("--"):
            way_out = f": what begins with a minus goes behind --, as in: -- {option!r}"
        return f"there is no option {name!r}{way_out}"


def reading(read: Callable[[str], Read], wanted: str) -> Callable[[str], Read]:
    """What reads an argument of a command: `read`, whose ValueError says that the text is not what is `wanted`."""

    def argument(text: str) -> Read:
        try:
            return read(text)
        except ValueError:
            raise argparse.ArgumentTypeError(must_be(wanted, text)) from None

    return argument


def whole(least: int) -> Callable[[str], int]:
    """What reads a whole number of at least so much."""
    return reading(lambda text: whole_number("it", int(text), least), f"a whole number of at least {least}")


def number(fits: Callable[[float], bool], wanted: str) -> Callable[[str], float]:
    """What reads a number that `fits`."""

    def read(text: str) -> float:
        found = float(text)
        if not fits(found):
            raise ValueError
        return found

    return reading(read, wanted)


def one_word(*known: str) -> dict[str, Any]:
    """The settings of an argument that is one of these words."""
    wanted = f"one of {', '.join(map(repr, known))}"
    return {"type": reading(lambda text: one_of("it", text, known), wanted), "metavar": f"{{{','.join(known)}}}"}


def suggestion(word: str, known: Iterable[str]) -> str:
    """`: did you mean …?`, if one of the known words has the same letters as this one, or nearly so; else nothing."""
    words = list(known)
    swapped = [other for other in words if sorted(other) == sorted(word)]
    close = swapped or get_close_matches(word, words, n=1)
    return f": did you mean {close[0]!r}?" if close else ""


def run(name: str, command: Callable[[], int]) -> int:
    """Run a command to its end; its exit status, or 2 after a line on stderr, which begins with `name`; 130 after Ctrl-C."""
    try:
        status = command()
        sys.stdout.flush()
    except UsageError as error:
        return refuse(name, str(error))
    except UnicodeEncodeError as error:
        shown = error.object[error.start]
        return refuse(name, f"the encoding of the output, {error.encoding}, has no {shown!a}: set PYTHONIOENCODING=utf-8")
    except KeyboardInterrupt:
        refuse(name, "interrupted")
        return 130
    except BrokenPipeError:  # who reads the output, such as `head`, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # what is left to be flushed at the end
        return 0
    return status


def refuse(name: str, message: str) -> int:
    """Say in a line what is wrong; the exit status."""
    print(in_terminal(f"{name}: {message}"), file=sys.stderr)
    return 2
