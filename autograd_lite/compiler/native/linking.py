"""From machine code in a file to a function at an address: by LLVM alone, without numba, whose import takes half a second."""

from __future__ import annotations

import os
from functools import cache
from typing import Any, NamedTuple

from llvmlite import binding


class ObjectCode(NamedTuple):
    """Machine code as LLVM writes it to a file.

    Attributes:
        symbol: the name of its function.
        needs: the names of what it calls elsewhere.
        content: the file's.
    """

    symbol: str
    needs: tuple[str, ...]
    content: bytes


_engines: list[Any] = []  # kept, so that no program runs freed memory


def link(code: ObjectCode) -> int:
    """The address of a function, or 0 where something that it calls is not to be found.

    Code that makes arrays, or raises errors, calls functions of numba, which must then be there. Each file is an engine of its
    own, so that it matters to nobody what is called by the same name in another one.
    """
    engine = new_engine()  # which first makes known what Python itself has
    if not all(map(is_known, code.needs)):
        load_numba()
        if not all(map(is_known, code.needs)):
            return 0
    engine.add_object_file(binding.ObjectFileRef.from_data(code.content))
    engine.finalize_object()
    _engines.append(engine)
    return int(engine.get_function_address(code.symbol))


def is_known(name: str) -> bool:
    """Whether something of this name is to be found in this process."""
    return binding.address_of_symbol(name) is not None


def new_engine() -> Any:
    """An engine without code."""
    binding.initialize_native_target()
    binding.initialize_native_asmprinter()
    machine = binding.Target.from_default_triple().create_target_machine(jit=True)
    return binding.create_mcjit_compiler(binding.parse_assembly(""), machine)


@cache
def load_numba() -> None:
    """Let numba make known what its code calls."""
    from numba.core.registry import cpu_target

    cpu_target.target_context.refresh()


@cache
def processor() -> tuple[Any, ...]:
    """What machine code is made for: the processor, and numba's settings."""
    settings = [(name, value) for name, value in os.environ.items() if name.startswith("NUMBA_") and name != "NUMBA_CACHE_DIR"]
    features = sorted(binding.get_host_cpu_features().items())
    return binding.get_default_triple(), binding.get_host_cpu_name(), features, sorted(settings)


@cache
def vector_bytes() -> int:
    """How many bytes a vector register of this processor has."""
    features = binding.get_host_cpu_features()
    return 64 if features.get("avx512f") else 32 if features.get("avx2") else 16
