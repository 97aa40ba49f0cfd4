"""What tests of sources share: sources written as long ones are, in functions of any length."""

from contextlib import contextmanager

import pytest

from autograd_lite.compiler.python import expressions, functions, source


@contextmanager
def written_in_pieces(length):
    """Every source is written as a long one is: in functions of so many characters, its lists two numbers at a time.

    For None it is written as ever.
    """
    with pytest.MonkeyPatch.context() as patch:
        if length is not None:
            for module in (source, expressions):
                patch.setattr(module, "LONG", 0)
                patch.setattr(module, "PIECE", 2)
            patch.setattr(functions, "SECTION", length)
        yield


@pytest.fixture(scope="session")
def cut():
    """A context manager in which sources are cut into functions of a length."""
    return written_in_pieces


@pytest.fixture(params=[None, 0, 80])
def length(request):
    """Of the functions that a source is cut into; None: it is not cut."""
    return request.param
