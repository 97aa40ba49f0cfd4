"""Names that people bring from other libraries: the error says what to write instead."""

import re
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest

import autograd_lite
import nn
from autograd_lite import Value
from autograd_lite.basics.elsewhere import OF_CALLS, OF_ENGINE, OF_VALUE, answered
from nn.elsewhere import OF_NN

MODULES = [(autograd_lite, OF_ENGINE), (nn, OF_NN)]


@pytest.mark.parametrize(("module", "names"), MODULES)
def test_a_name_from_elsewhere_says_what_to_write_whether_it_is_imported_or_asked_for(
    module: ModuleType, names: dict[str, str]
) -> None:
    for name, instead in names.items():
        assert name not in module.__all__
        assert not hasattr(module, name)
        with pytest.raises(AttributeError, match=re.escape(f"has no attribute {name!r}: {instead}")):
            getattr(module, name)
        with pytest.raises(ImportError, match=re.escape(f"cannot import name {name!r} from {module.__name__!r}: {instead}")):
            exec(f"from {module.__name__} import {name}", {})


@pytest.mark.parametrize("module", [autograd_lite, nn])
def test_any_other_name_says_where_the_tables_are(module: ModuleType) -> None:
    with pytest.raises(AttributeError, match=r"has no attribute 'unheard': the tables of docs/how-to/from-\*\.md"):
        module.unheard  # noqa: B018
    with pytest.raises(AttributeError, match=r"has no attribute '_private'$"):
        module._private  # noqa: B018


def test_what_is_written_instead_is_there() -> None:
    for module, names in MODULES:
        for instead in names.values():
            for name in re.findall(r"write (?:with |@)?([A-Za-z_]+)\(", instead):
                assert hasattr(module, name), instead


def test_an_attribute_of_a_tensor_says_what_a_value_has() -> None:
    value = Value(2.0)
    for name, instead in OF_VALUE.items():
        assert not hasattr(value, name)
        assert name not in dir(value)
        with pytest.raises(AttributeError, match=re.escape(f"'Value' object has no attribute {name!r}: {instead}")):
            getattr(value, name)
    parameter = nn.Parameter(2.0)
    parameter.value = 3.0
    assert (parameter.value, parameter.requires_grad) == (3.0, True)


LOSSES = [
    *(nn.sum_squared_error, nn.half_squared_error, nn.mse, nn.mae, nn.huber, nn.hinge, nn.cross_entropy),
    *(nn.binary_cross_entropy, nn.binary_cross_entropy_with_logits),
]
OF_LISTS: list[Any] = [getattr(autograd_lite, name) for name in ("sum", "prod", "mean", "logsumexp", "softmax", "log_softmax")]
OF_FUNCTIONS: list[Any] = [getattr(autograd_lite, name) for name in ("grad", "value_and_grad", "jacobian", "jacfwd", "hessian")]


@pytest.mark.parametrize(
    ("functions", "arguments", "names"),
    [
        (LOSSES, ([0.5, 0.5], [1, 1]), ["reduction", "size_average", "reduce"]),
        ([nn.cross_entropy], ([0.5, 0.5], 1), ["weight"]),
        (OF_LISTS, ([1.0, 2.0],), ["dim", "axis", "keepdim", "keepdims"]),
        (OF_FUNCTIONS, (abs,), ["argnum", "argnames", "wrt", "holomorphic", "allow_int"]),
        ([nn.train_test_split], ([1, 2],), ["random_state", "train_size"]),
    ],
)
def test_an_argument_from_elsewhere_says_what_to_write(
    functions: list[Callable[..., Any]], arguments: tuple[Any, ...], names: list[str]
) -> None:
    for function in functions:
        for name in names:
            said = f"{function.__name__}() got an unexpected keyword argument {name!r}: {OF_CALLS[name]}"
            with pytest.raises(TypeError, match=f"^{re.escape(said)}$"):
                function(*arguments, **{name: 0})
        with pytest.raises(TypeError, match=r"got an unexpected keyword argument 'unheard'$"):
            function(*arguments, unheard=0)


@pytest.mark.parametrize("function", [autograd_lite.mean, autograd_lite.softmax, autograd_lite.log_softmax])
def test_a_dimension_by_position_says_what_to_write(function: Any) -> None:
    with pytest.raises(TypeError, match=re.escape(f"takes 1 positional argument but 2 were given: {OF_CALLS['dim']}")):
        function([1.0, 2.0], -1)


def test_an_error_within_a_call_is_told_as_it_is() -> None:
    def broken(x: Value) -> Value:
        return nn.mse([x], [0.0], unheard=1)  # type: ignore[call-arg]

    with pytest.raises(TypeError, match="unheard"):
        autograd_lite.grad(broken)(1.0)
    with pytest.raises(TypeError, match=r"^f must be a function"):
        autograd_lite.grad(1.0)  # type: ignore[call-overload]


def test_backward_takes_what_pytorchs_programs_say_or_tells_what_to_write() -> None:
    w = Value(2.0)
    y = w * w
    y.backward(retain_graph=True)
    y.backward(retain_graph=False)
    assert w.grad == 8.0
    wrong: list[tuple[dict[str, Any], str]] = [({"gradient": 1.0}, "gradient"), ({"create_graph": True}, "create_graph")]
    for arguments, name in wrong:
        with pytest.raises(TypeError, match=re.escape(f"backward(): {OF_CALLS[name]}")):
            y.backward(**arguments)
    assert w.grad == 8.0


def test_what_python_guesses_gives_way_to_what_is_known() -> None:
    error = TypeError("grad() got an unexpected keyword argument 'argnum'. Did you mean 'argnums'?")
    assert str(answered(error)) == f"grad() got an unexpected keyword argument 'argnum': {OF_CALLS['argnum']}"
