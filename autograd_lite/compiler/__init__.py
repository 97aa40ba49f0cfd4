"""`compile`: a function recorded once and run as often as wanted, with its gradient, at the speed of the machine."""

from autograd_lite.compiler.front import Compiled, compile

__all__ = ["Compiled", "compile"]
