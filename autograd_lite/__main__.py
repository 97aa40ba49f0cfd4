"""`python -m autograd_lite`: a prompt with the public names at hand; or a program, run with them."""

from __future__ import annotations

import argparse
import importlib.util
import os
import sys
import sysconfig
from collections.abc import Sequence
from pathlib import Path

from autograd_lite import __version__
from autograd_lite.basics.command_line import Parser, UsageError, run

EPILOG = """\
At the prompt and in programs the names of autograd_lite and visualize are at hand, MLP, nn and math too.
An error shows your lines and the message, without those of the library.

examples:
  python -m autograd_lite
  python -m autograd_lite -c "x = Value(2.0); y = x * sin(x); y.backward(); print(tree(y))"
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Open the prompt, or run a program; the exit status: 1 after an error of the program, 2 after one line on stderr."""
    return run("python -m autograd_lite", lambda: _run(arguments))


def _run(arguments: Sequence[str] | None) -> int:
    parser = _parser()
    options = parser.options(arguments)
    if options.code == []:
        parser.error("-c needs the program")
    if options.file is not None:
        if not os.path.exists(options.file):
            parser.error(f"no file {options.file!r}")
        sys.path[0] = os.path.dirname(os.path.abspath(options.file))  # as Python has it for a program
    hidden = hidden_package()
    if hidden is not None:
        raise UsageError(hidden)
    from autograd_lite.repl import session  # now that all that it imports is found

    if options.code is not None:
        code, *others = options.code
        sys.argv = ["-c", *others]
        return session.run_code(code)
    if options.file is not None:
        sys.argv = [options.file, *options.arguments]
        return session.run_file(options.file)
    session.open_prompt()
    return 0


def _parser() -> Parser:
    parser = Parser(
        prog="python -m autograd_lite",
        usage="%(prog)s [--help] [--version] [FILE.py | -c CODE] [ARGUMENT ...]",
        description="Explore at a prompt: IPython's where it is installed, else Python's; or run a program.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"autograd_lite {__version__}")
    parser.add_argument("-c", dest="code", metavar="CODE", nargs=argparse.REMAINDER, help="run the program CODE")
    parser.add_argument("file", metavar="FILE.py", nargs="?", help="run the program in this file")
    parser.add_argument("arguments", metavar="ARGUMENT", nargs=argparse.REMAINDER, help="of the program: its sys.argv[1:]")
    return parser


def hidden_package() -> str | None:
    """What to say if a file of the user's hides a package that a session needs; None if none does."""
    library, python = Path(__file__).parents[1], Path(sysconfig.get_path("stdlib"))
    for name, place in {"nn": library / "nn", "visualize": library / "visualize", "code": python}.items():
        spec = importlib.util.find_spec(name)
        if spec is not None and spec.origin is not None and not os.path.samefile(Path(spec.origin).parent, place):
            whose = "Python's own module" if place is python else "the package"
            return f"{spec.origin} hides {whose} {name!r}: rename it, or start in another folder"
    return None


if __name__ == "__main__":
    sys.exit(main())
