"""The error of a check that comes to no verdict."""


class NotCheckableError(AssertionError):
    """There is no verdict on the gradient, and the message says why.

    The function has a kink at the point, an infinite derivative or the value NaN; or it is not a function of its arguments: it
    differs between two calls, changes its arguments, or does not depend on them.
    """

    __module__ = "autograd_lite.checking"  # where users import it from, so that a traceback shows that name
