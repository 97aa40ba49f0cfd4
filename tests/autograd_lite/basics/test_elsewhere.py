"""Names that people bring from other libraries: the error says what to write instead."""

import re
from types import ModuleType

import pytest

import autograd_lite
import nn
from autograd_lite import Value
from autograd_lite.basics.elsewhere import OF_ENGINE, OF_VALUE
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
