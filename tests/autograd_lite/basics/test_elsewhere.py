"""Names that people bring from other libraries: the error says what to write instead."""

import copy
import inspect
import pickle
import re
from types import ModuleType
from typing import Any

import pytest

import autograd_lite
import nn
import visualize
from autograd_lite import Value
from autograd_lite.basics.elsewhere import ALONG, OF_CALLS, OF_ENGINE, OF_LISTS, OF_VALUE, answered
from autograd_lite.operation import primitive_of
from nn.elsewhere import OF_MODULE, OF_NN, OF_OPTIMIZER

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
    labels, classes = re.findall(r"\w+", OF_NN["one_hot"])[-2:]
    assert [labels, classes] == arguments_of(nn.datasets.one_hot)


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


def test_an_attribute_of_a_model_or_an_optimizer_of_others_says_what_to_write_unless_one_has_it() -> None:
    class Own(nn.Module):
        fit = "its own"

    model = nn.MLP(1, [1])
    optimizer = nn.SGD(model.parameters())
    things: list[tuple[Any, dict[str, str]]] = [(model, OF_MODULE), (optimizer, OF_OPTIMIZER)]
    for thing, names in things:
        assert names.keys().isdisjoint(dir(thing))
        for name, instead in names.items():
            assert not hasattr(type(thing), name)
            kind = type(thing).__name__
            with pytest.raises(AttributeError, match=f"^{re.escape(f'{kind!r} object has no attribute {name!r}: {instead}')}$"):
                getattr(thing, name)
    assert (Own().fit, "fit" in dir(Own())) == ("its own", True)


class Trainer:
    """A base of a user's, behind one of the library: it has names of the tables, and a `__getattr__`."""

    def fit(self) -> str:
        return "the trainer's"

    to = predict = save = minimize = fit

    def __getattr__(self, name: str) -> str:
        if name == "score":
            return "computed"
        raise AttributeError(f"the trainer has no {name}")


class Net(nn.Module, Trainer): ...


class Descent(nn.SGD, Trainer): ...


def test_a_base_behind_the_librarys_has_its_own_methods_and_errors() -> None:
    for thing in (Net(), Descent([nn.Parameter(1.0)])):
        for name in ("fit", "to", "predict", "save", "minimize"):
            assert (getattr(thing, name)(), name in dir(thing)) == ("the trainer's", True)
        assert thing.score == "computed"
        with pytest.raises(AttributeError, match=r"^the trainer has no summary$"):
            thing.summary  # noqa: B018


def test_any_other_attribute_is_missing_as_python_says_it() -> None:
    class Broken(nn.Module):
        @property
        def device(self) -> Any:
            return self.unheard  # type: ignore[attr-defined]

    model = nn.MLP(1, [1])
    things: tuple[tuple[Any, str, str], ...] = (
        (model, "forwrd", "forwrd"),
        (model, "__unheard__", "__unheard__"),
        (nn.SGD(model.parameters()), "stepp", "stepp"),
        (Broken(), "device", "unheard"),  # not what a device would be, but what the property failed at
    )
    for thing, name, missing in things:
        with pytest.raises(AttributeError) as raised:
            getattr(thing, name)
        assert str(raised.value) == f"{type(thing).__name__!r} object has no attribute {missing!r}"
        assert (raised.value.name, raised.value.obj) == (missing, thing)


def test_models_and_optimizers_are_copied_and_pickled() -> None:
    model = nn.MLP(2, [2, 1], seed=0)
    optimizer = nn.SGD(model.parameters(), lr=0.5)
    for twin in (copy.copy(model), copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
        assert twin.state_dict() == model.state_dict()
    for other in (copy.copy(optimizer), copy.deepcopy(optimizer), pickle.loads(pickle.dumps(optimizer))):
        assert other.state_dict() == optimizer.state_dict()
    with pytest.raises(AttributeError, match="'MLP' object has no attribute 'layers'"):
        nn.MLP.__new__(nn.MLP).layers  # noqa: B018


# What is not wrapped: the results of the library and its errors; and what is called for each number of a model.
BARE = {"Chain", "ConfusionMatrix", "DivergedError", "Factor", "History", "Interval", "Module", "NotCheckableError"}
HOT = {"Parameter", "Value", "glorot_normal", "glorot_uniform", "he_normal", "he_uniform", "unit_uniform"}
DATASETS = {
    f"datasets.{name}": function
    for name, function in vars(nn.datasets).items()
    if getattr(function, "__module__", "") == "nn.datasets" and name[0] != "_"
}
PUBLIC = DATASETS | {
    f"{module.__name__}.{name}": getattr(module, name)
    for module in (autograd_lite, nn, visualize)
    for name in module.__all__
    if callable(getattr(module, name)) and primitive_of(getattr(module, name)) is None and name not in BARE | HOT
}


def arguments_of(function: Any) -> list[str]:
    return [name for name in inspect.signature(function).parameters if name != "self"]


@pytest.mark.parametrize("function", PUBLIC.values(), ids=PUBLIC)
def test_an_argument_that_there_is_not_says_which_there_are_or_what_to_write(function: Any) -> None:
    kinds = {parameter.kind for parameter in inspect.signature(function).parameters.values()}
    if inspect.Parameter.VAR_KEYWORD in kinds:
        return
    owner, there = function.__name__, arguments_of(function)
    for name in ("unheard", *[name for name in OF_CALLS if name.isidentifier() and name not in there]):
        own, general = OF_CALLS.get(f"{owner}({name})", ""), OF_CALLS.get(name, "")
        fits = {*re.findall(r"\bwrite (\w+)=", general)} <= {*there}
        said = own or (general if fits else "") or (f"its arguments are {', '.join(there)}" if there else "it takes none")
        with pytest.raises(TypeError, match=re.escape(f"{owner}() got an unexpected keyword argument {name!r}: {said}") + "$"):
            function(**{name: 0})
    required = [name for name, p in inspect.signature(function).parameters.items() if p.default is p.empty and name != "self"]
    if required and inspect.Parameter.VAR_POSITIONAL not in kinds:
        with pytest.raises(TypeError, match=rf"^{owner}\(\) missing .*: its arguments are {', '.join(there)}$"):
            function()
    if inspect.Parameter.VAR_POSITIONAL not in kinds:
        with pytest.raises(TypeError, match=rf"{owner}\(\) takes .* were given: |{owner}\(\) takes .* was given: "):
            function(*[0] * (len(there) + 1))


def test_an_argument_of_one_function_says_what_to_write_for_that_function() -> None:
    own = [(*re.findall(r"\w+", key), instead) for key, instead in OF_CALLS.items() if re.search(r"\(\w+\)$", key)]
    for owner, name, instead in own:
        if owner != "backward":  # which has the arguments, and refuses them: below
            function: Any = getattr(autograd_lite, owner, None) or getattr(nn, owner)
            with pytest.raises(TypeError, match=re.escape(f"{owner}() got an unexpected keyword argument {name!r}: {instead}")):
                function(Value(1.0), **{name: 0.0})
            assert {*re.findall(r"\bwrite (\w+)=", instead)} <= {*arguments_of(function)}, instead


def test_an_argument_is_told_only_of_a_function_that_has_it() -> None:
    calls: list[tuple[Any, str, str]] = [
        (nn.fit, "verbose", "write progress=False, or progress=True"),
        (nn.ReduceLROnPlateau, "verbose", "its arguments are factor, patience, "),
        (nn.Embedding, "dim", "write embedding_dim=3"),
        (nn.fit, "lr", "write optimizer=SGD(model.parameters(), lr=0.1)"),
        (nn.SGD, "learning_rate", "write lr=0.1"),
        (nn.datasets.moons, "random_state", "write seed=0"),
        (nn.mse, "axis", "its arguments are output, target"),
    ]
    for function, name, said in calls:
        with pytest.raises(TypeError, match=re.escape(f"() got an unexpected keyword argument {name!r}: {said}")):
            function(**{name: 0})


@pytest.mark.parametrize("name", OF_LISTS)
def test_a_dimension_says_what_to_write_by_position_too(name: str) -> None:
    function: Any = getattr(autograd_lite, name)
    for numbers in ([1.0, 2.0], [Value(1.0), 2.0]):
        with pytest.raises(TypeError, match=re.escape(f"takes 1 positional argument but 2 were given: {ALONG}")):
            function(numbers, -1)
        with pytest.raises(TypeError, match=re.escape(f"{name}() got an unexpected keyword argument 'dim': {ALONG}")):
            function(numbers, dim=-1)


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
    wrong.append(({"inputs": [w]}, "backward(inputs)"))
    for arguments, name in wrong:
        with pytest.raises(TypeError, match=re.escape(f"backward(): {OF_CALLS[name]}")):
            y.backward(**arguments)
    assert w.grad == 8.0


def test_what_python_guesses_gives_way_to_what_is_known() -> None:
    error = TypeError("grad() got an unexpected keyword argument 'argnum'. Did you mean 'argnums'?")
    assert (
        str(answered(error, autograd_lite.grad)) == f"grad() got an unexpected keyword argument 'argnum': {OF_CALLS['argnum']}"
    )
