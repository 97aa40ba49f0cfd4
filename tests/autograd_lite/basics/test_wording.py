from functools import partial

import pytest

from autograd_lite import compile, exp, grad, jacobian, no_grad, tanh
from autograd_lite.basics.wording import counted, function_name
from nn import MLP, huber


class Callable:
    def __call__(self, x):
        return [x, x]


def test_a_function_goes_by_its_name_and_an_object_by_its_class():
    assert [*map(function_name, (tanh, compile(exp), huber, Callable(), MLP(1, [1]), "relu"))] == [
        "tanh",
        "exp",
        "huber",
        "Callable",
        "MLP",
        "relu",
    ]


def test_of_a_partial_the_arguments_are_told():
    assert function_name(partial(huber, delta=2.0)) == "huber(delta=2.0)"
    assert function_name(partial(partial(map, tanh), [1])) == "map(tanh, [1])"


def test_what_has_no_name_may_be_given_one():
    assert function_name(lambda x: x) == "<lambda>"
    assert [function_name(f, "f") for f in (lambda x: x, Callable(), tanh)] == ["f", "f", "tanh"]


@pytest.mark.parametrize("transform", [grad, lambda f: jacobian(grad(f))])
def test_messages_of_transforms_name_the_function(transform):
    with pytest.raises(TypeError, match="the gradient of Callable needs one number as its result"):
        transform(Callable())(1.0)


def test_a_block_as_a_decorator_names_the_generator():
    def numbers():
        yield 1

    with pytest.raises(TypeError, match="before the body of numbers runs"):
        no_grad()(numbers)


def test_of_one_thing_there_is_no_plural():
    assert [counted(n, "input") for n in (0, 1, 2)] == ["0 inputs", "1 input", "2 inputs"]
    assert counted(12345, "sample", ",") == "12,345 samples"
