"""The error of a check that comes to no verdict."""


class NotCheckableError(AssertionError):
    """There is no verdict on the gradient, and the message says why.

    The function has a kink at the point, an infinite derivative or the value NaN; or rounding, a jump or an oscillation hides
    its derivative; or it is not a function of its arguments: it differs between two calls, changes its arguments, or does not
    depend on them.

    It is an `AssertionError`, for a test that has nothing to say must not pass; to skip such points, catch it.

    Example:
        >>> from autograd_lite import NotCheckableError, check_grads, relu
        >>> try:
        ...     check_grads(relu, (0.0,))
        ... except NotCheckableError:
        ...     print("relu has a kink at 0")
        relu has a kink at 0
    """

    __module__ = "autograd_lite.checking"  # where users import it from, so that a traceback shows that name
