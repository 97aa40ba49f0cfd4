"""What kernels read is what they declare, and they look for errors where Python raises some."""

import ast
import builtins
import ctypes
import inspect
from itertools import product

import pytest

import autograd_lite as ag
from autograd_lite.compiler.update import UpdateRule
from autograd_lite.ops import TABLE

numpy = pytest.importorskip("numpy")
pytest.importorskip("numba")
from autograd_lite.compiler.native import fixed  # noqa: E402
from autograd_lite.compiler.native.generated import many, mapped, update_kernel  # noqa: E402
from autograd_lite.compiler.native.kernel import Kernel, Kernels, kernel, kernels_of  # noqa: E402
from autograd_lite.compiler.native.state import Integers, Numbers, RunState  # noqa: E402


@ag.primitive(derivatives=[lambda out, x: 2])
def doubled(x):
    return x + x


def generated():
    """All kernels that are made of primitives and formulas."""
    for primitive in (*[operation.primitive for operation in TABLE.values()], doubled.primitive):
        arity = len(primitive.derivatives)
        if not primitive.variadic:
            yield mapped(primitive, arity)
        else:
            yield many(primitive, (True,) * arity)
            yield many(primitive, (True, False, True)[:arity])
    for changed in ([], [True], [True, False]):
        rule = UpdateRule(lambda number, gradient, rate, steps, *rest: [number - rate * gradient / steps, *rest], len(changed))
        yield update_kernel(rule.source, rule.namespace, changed)


FIXED = [kernel for kernel in vars(fixed).values() if isinstance(kernel, Kernel)]


def names(tree):
    """The names that are read in a piece of code, and those that are assigned to."""
    found = [node for node in ast.walk(tree) if isinstance(node, ast.Name)]
    return tuple({node.id for node in found if isinstance(node.ctx, kind)} for kind in (ast.Load, ast.Store))


@pytest.mark.parametrize("made", [*FIXED, *generated()], ids=lambda made: made.name)
def test_a_kernel_reads_just_the_fields_that_it_declares(made):
    entry = ast.parse(made.text).body[-1]
    loaded, stored = names(entry)
    assert loaded >= {*made.fields}
    assert loaded <= stored | {"memory", "p", "s", "guarded", "rest_of", *made.scope(), *vars(builtins)}


@pytest.mark.parametrize("made", FIXED, ids=lambda made: made.name)
def test_a_function_that_is_a_kernel_reads_each_of_its_parameters(made):
    function = made.scope()[made.name].py_func
    (definition,) = ast.parse(inspect.getsource(function)).body
    loaded, _ = names(ast.Module(definition.body, []))
    assert loaded >= {*inspect.signature(function).parameters}


@kernel
def note(memory: Numbers, lanes: int, start: int, pointers: Integers, /, out: int, b: int, a: int, rest: Integers) -> None:
    memory[out] = a
    memory[out + 1] = b
    memory[out + 2] = lanes
    memory[out + 3] = start
    memory[out + 4] = pointers[1]
    memory[out + 5] = rest[1]


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_a_kernel_finds_under_a_name_what_was_given_under_it(dtype):
    memory = numpy.zeros(8, dtype)
    parameters = numpy.array(note.pack({"a": 1, "rest": [2, 3], "out": 1, "b": 4}))
    fields = dict.fromkeys(("block", "kernels", "parameters", "before", "inside", "after"), 0)
    state = numpy.array([*RunState(**fields, start=5, lanes=6, pointers=7), 8])
    entry = ctypes.CFUNCTYPE(ctypes.c_int64, *[ctypes.c_int64] * 3)(Kernels(dtype).address(note))
    assert entry(memory.ctypes.data, parameters.ctypes.data, state.ctypes.data) == 0
    assert memory.tolist() == [0, 1, 4, 6, 5, 8, 3, 0]


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"out": 1, "count": 2, "width": 1}, r"missing \['sources'\], unknown \[\]"),
        ({"out": 1, "count": 2, "width": 1, "source": [1]}, r"missing \['sources'\], unknown \['source'\]"),
        ({"out": 1, "count": 2, "width": 1, "sources": [1], "lane": 1}, r"missing \[\], unknown \['lane'\]"),
    ],
)
def test_a_field_that_is_missing_misspelt_or_surplus_is_an_error_at_once(fields, fault):
    assert fixed.gather.pack({"sources": [3, 1, 4, 1], "width": 1, "count": 2, "out": 9}) == (9, 2, 1, 3, 1, 4, 1)
    with pytest.raises(TypeError, match="the kernel gather has the fields out, count, width, sources; " + fault):
        fixed.gather.pack(fields)


EDGES = [0.0, -0.0, 1.0, -1.0, 2.5, 1.7e308, -1.7e308, 5e-324, float("inf"), float("-inf"), float("nan")]


def fails_somewhere(primitive):
    """Whether Python refuses to compute it at some of the edges."""
    pairs = map(list, product(EDGES, repeat=2))
    bundles = [(p,) if len(primitive.derivatives) == 1 else (p, p[::-1]) for p in pairs]
    for point in bundles if primitive.variadic else product(EDGES, repeat=len(primitive.derivatives)):
        try:
            primitive.compute(*point)
        except (ArithmeticError, ValueError):
            return True
    return False


def test_kernels_look_for_errors_just_where_python_raises_some():
    table = [operation.primitive for operation in TABLE.values()]
    assert {p for p in table if not fails_somewhere(p)} == {p for p in table if p.total}


def test_the_exponential_has_all_digits_of_single_precision():
    edges = [numpy.inf, -numpy.inf, numpy.nan, 0.0, -0.0, 1e30, -1e30]
    x = numpy.concatenate([numpy.linspace(-105.0, 88.72, 10_001), edges]).astype("float32")
    memory = numpy.concatenate([x, numpy.zeros_like(x)])
    exponential = mapped(TABLE["exp"].primitive, 1)
    fields = {"out": len(x), "rows": 1, "width": len(x), "place0": 0, "row0": 0, "lane0": 1}
    parameters = numpy.array(exponential.pack(fields), numpy.int64)
    run = ctypes.CFUNCTYPE(ctypes.c_int64, *[ctypes.c_void_p] * 3)(kernels_of("float32").address(exponential))
    run(memory.ctypes.data, parameters.ctypes.data, parameters.ctypes.data)
    with numpy.errstate(over="ignore", under="ignore"):
        wanted = numpy.exp(x.astype("float64")).astype("float32")
    found, usual = memory[len(x) :], numpy.isfinite(wanted)
    numpy.testing.assert_array_equal(found[~usual], wanted[~usual])
    numpy.testing.assert_array_max_ulp(found[usual], wanted[usual], 1)
