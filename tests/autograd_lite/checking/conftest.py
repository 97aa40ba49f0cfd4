"""How the tests of `check_grads` ask for the message of its error."""

import re

import pytest

from autograd_lite import NotCheckableError, check_grads


@pytest.fixture
def message(request):
    """A function: the message of `check_grads`, without the text of lines of the tests that it quotes."""
    files = "|".join(map(re.escape, (str(request.path), __file__)))

    def raised(f, args, kind=AssertionError, **options):
        with pytest.raises(kind) as failure:
            check_grads(f, args, **options)
        assert type(failure.value) is kind
        return re.sub(rf"((?:{files}):\d+): .*", r"\1", str(failure.value))

    return raised


@pytest.fixture
def verdictless(message):
    """The same where there is no verdict."""
    return lambda f, args, **options: message(f, args, NotCheckableError, **options)
