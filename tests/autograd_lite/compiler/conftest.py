"""What tests of the names that compiled functions read have in common."""

import pytest

from autograd_lite import compile, grad


@pytest.fixture
def notices():
    """Checks that a compiled function, which gives twice its argument, notices what makes it give three times that."""

    def check(function, make_it_another):
        f = compile(function, backend="python")
        assert [f(1.0), f(5.0), f.grad(1.0)] == [2.0, 10.0, 2.0]
        latest = f.latest
        assert [f.grad(1.0), f.latest is latest] == [2.0, True]
        make_it_another()
        eager = [function(1.0), function(5.0), grad(function)(1.0)]
        assert [f(1.0), f(5.0), f.grad(1.0)] == eager == [3.0, 15.0, 3.0]

    return check
