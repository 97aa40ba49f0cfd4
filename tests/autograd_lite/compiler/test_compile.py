"""`compile`: what it promises besides the numbers: structures, batches, messages, source, simplification."""

import math
import sys
import threading
from fractions import Fraction

import pytest

import autograd_lite as ag
from autograd_lite import Value, compile
from autograd_lite.compiler.source import identifier
from autograd_lite.errors import DivisionByZeroError, DomainError, TracingError

numpy = pytest.importorskip("numpy")
pytest.importorskip("numba")
backends = pytest.mark.parametrize("backend", ["python", "native"])


# Recording is honest


@pytest.mark.parametrize(
    ("f", "what"),
    [
        (lambda x: x if x > 0 else -x, "compared"),
        (lambda x: x if x < 0 else -x, "compared"),
        (lambda x: x if x >= 0 else -x, "compared"),
        (lambda x: x if x <= 0 else -x, "compared"),
        (lambda x: max(x, 2 * x), "compared"),
        (lambda x: x if x == 2 else -x, "compared"),
        (lambda x: x if x != 2 * x else -x, "compared"),
        (lambda x: x if x else -x, "bool"),
        (lambda x: x * float(x), "converted"),
        (lambda x: x * int(x), "converted"),
        (lambda x: x * math.exp(x), "converted"),
        (lambda x: x * math.floor(x), "converted"),
        (lambda x: numpy.maximum(x, 0), "compared"),
        (lambda x: x * (x in [1.0]), "compared"),
        (lambda x: sorted([x, 2 * x])[0], "compared"),
        (lambda x: not x, "bool"),
        (lambda x: setattr(x, "data", 3.0), "number of a traced value was set"),
        (lambda x: x * x.data, "number of a traced value was read"),
        (lambda x: (x * x).backward() or x, "backward"),
        (lambda x: [x, 2 * x][x], "index"),
        (lambda x: sum(x for _ in range(x)), "count"),
    ],
)
def test_what_a_recording_cannot_keep_names_the_line_and_the_way_out(f, what):
    with pytest.raises(
        TracingError, match=rf"(?s){what}.*test_compile.py:\d+.*(where\(greater|Value itself|differentiate|plain number)"
    ):
        compile(f)(2.0)


def test_no_grad_inside_is_refused():
    def f(x):
        with ag.no_grad():
            return x * x

    with pytest.raises(TracingError, match="no_grad"):
        compile(f)(2.0)


def test_where_records_the_choice():
    f = compile(lambda x: ag.where(ag.greater(x, 0), x * x, -x))
    assert [f(2.0), f(-3.0), f.grad(2.0), f.grad(-3.0)] == [4.0, 3.0, 4.0, -1.0]


@backends
def test_values_from_outside_are_read_anew_and_get_no_gradient(backend):
    scale = Value(2.0, label="scale")
    f = compile(lambda x: scale * x * x, backend=backend)
    assert (f(3.0), f.grad(3.0)) == (18.0, 12.0)
    scale.data = 5.0
    assert (f(3.0), f.grad(3.0)) == (45.0, 30.0)
    assert scale.grad == 0


def test_a_compiled_function_inside_another_is_part_of_it():
    square = compile(lambda x: x * x)
    assert compile(lambda x: square(x) + x).grad(3.0) == 7.0
    assert compile(lambda x: square(2.0) * x).grad(3.0) == 4.0
    product = compile(lambda x, y: x[0] * x[1] * y, argnums=(0, 1))
    assert compile(lambda x: product(x, 5.0) + product([2.0, x[0]], x[1])).grad([3.0, 4.0]) == [
        4.0 * 5 + 2 * 4,
        3.0 * 5 + 2 * 3,
    ]
    assert compile(lambda x: compile(lambda y: x * y)(3.0)).value_and_grad(2.0) == (6.0, 3.0)
    slope = compile(lambda x: square.grad(x) * x)
    assert slope.value_and_grad(3.0) == (18.0, 12.0)

    def both(x):
        value, (by_x, by_y) = product.value_and_grad(x, x[0])
        return value + by_x[1] + by_y

    assert compile(both)([3.0, 4.0]) == 3.0 * 4 * 3 + 3 * 3 + 3 * 4


@backends
@pytest.mark.parametrize(
    ("f", "message"),
    [
        (ag.log, r"log\(x=-1\.0\)"),
        (lambda x: ag.grad(ag.log)(x), r"log\(x=-1\.0\)"),
        (lambda x: x**0.5, r"pow\(x=-1\.0, 0\.5\)"),
        (lambda x: x / (x + 1) + x / 4, r"truediv\(x=-1\.0, 0\.0\)"),
        (lambda x: (-2) ** (x + 0.5), r"pow\(-2, -0\.5\)"),
        (lambda x: 3 * ag.acos(x - 1), r"acos\(-2\.0\)"),
    ],
)
def test_there_is_no_derivative_where_there_is_no_value(f, message, backend):
    derivative, of_batch = compile(f, backend=backend), compile(f, in_axes=(0,), backend=backend)
    assert repr(derivative.grad(0.5)) == repr(ag.grad(f)(0.5))
    with pytest.raises(ArithmeticError, match=message):
        derivative.grad(-1.0)
    assert repr(of_batch.grad([0.5, 0.5])) == repr([ag.grad(f)(0.5) / 2] * 2)
    with pytest.raises(ArithmeticError, match=message):
        of_batch.grad([0.5, -1.0, 0.5])


def test_what_has_a_value_everywhere_is_not_computed_in_vain():
    for f in (lambda x: x**3, lambda x: ag.atan(x) / 4, ag.sinh, lambda x: 2 ** (x**2)):
        derivative = compile(f, backend="python")
        derivative.grad(0.5)
        assert "no result needs it" not in derivative.source
    derivative = compile(lambda x: x**math.inf, backend="python")
    derivative.grad(0.5)
    assert "v2 = pow(x, inf)  # no result needs it; it is an error where it has no value" in derivative.source


@backends
def test_a_value_from_outside_is_read_anew_by_way_of_a_compiled_function_too(backend):
    scale = Value(2.0, label="scale")
    scaled = compile(lambda x: scale * x, backend=backend)
    assert scaled(3.0) == 6.0
    f = compile(lambda y: scaled(3.0) * y, backend=backend)
    assert (f(1.0), f.grad(1.0)) == (6.0, 6.0)
    scale.data = 5.0
    assert (f(1.0), f.grad(1.0)) == (15.0, 15.0)


@backends
def test_a_value_kept_from_an_earlier_recording_is_refused(backend):
    kept = []

    def f(x):
        kept.append(x[0] * 2)
        return kept[0] * x[0]

    forgetful = compile(f, backend=backend)
    assert forgetful([3.0]) == 18.0
    with pytest.raises(ag.errors.TracingError, match=r"uses Value\(.*label='x\[0\]'\) of an earlier recording.*keep no Values"):
        forgetful([3.0, 4.0])


# Bad input


@backends
@pytest.mark.parametrize(
    ("arguments", "kind", "message"),
    [
        ((Value(1.0), [1.0], [1.0]), TypeError, "takes plain numbers"),
        (
            ([1.0, 2.0], [[1.0], [1.0, 2.0]], [1.0, 2.0]),
            ValueError,
            r"f: argument x is ragged: row 1 has 2 numbers \(list of .*\), row 0 has 1 ",
        ),
        ((1.0, [1.0, 2.0], [1.0]), ValueError, "f: argument y has 1 sample, the batched argument before it 2"),
        ((1.0, [], []), ValueError, "at least one"),
        ((1.0, 2.0, [1.0]), ValueError, "one row per sample"),
        ((1.0, [1.0]), ValueError, "in_axes .* is of length 3, f was called with 2 arguments"),
        (("1.0", [1.0], [1.0]), TypeError, "f: argument w is '1.0'"),
        ((2**53 + 1, [1.0], [1.0]), ValueError, "no float equals"),
        ((10**400, [1.0], [1.0]), ValueError, "no float equals"),
        ((numpy.array([1j]), [1.0], [1.0]), TypeError, "complex"),
        ((1.0, [[1.0], (2.0,)], [1.0, 2.0]), ValueError, r"row 1 has 1 number \(tuple of \(a number\)\), row 0 has 1 \(list"),
        ((1.0, [None], [1.0]), TypeError, r"argument x\[0\] is None"),
        ((1.0, numpy.array(2.0), [1.0]), ValueError, "one row per sample"),
        ((1.0, numpy.ones((0, 2)), [1.0]), ValueError, "at least one"),
        ((1.0, numpy.ma.array([1.0, 2.0], mask=[0, 1]), [1.0, 2.0]), TypeError, "masked array"),
    ],
)
def test_bad_arguments_of_a_batch(arguments, kind, message, backend):
    def f(w, x, y):
        return w * x - y

    with pytest.raises(kind, match=message):
        compile(f, in_axes=(None, 0, 0), backend=backend)(*arguments)


@backends
def test_an_array_without_dimensions_is_no_batch_after_a_good_call_either(backend):
    f = compile(lambda x: x * x, in_axes=(0,), backend=backend)
    assert f(numpy.array([1.0, 3.0])) == 5.0
    with pytest.raises(ValueError, match="one row per sample"):
        f(numpy.array(2.0))
    with pytest.raises(ValueError, match="at least one"):
        f(numpy.array([]))


@backends
def test_arguments_by_name_are_refused(backend):
    f = compile(lambda w, x: w * x, in_axes=(None, 0), backend=backend)
    for call in (f, f.grad, f.value_and_grad, f.per_sample):
        with pytest.raises(TypeError, match="f got x by name: a compiled function takes its arguments by position"):
            call(2.0, x=[1.0])
    with pytest.raises(TypeError, match="by name"):
        compile(lambda w: f(w, x=2.0), backend=backend)(1.0)


@backends
def test_an_error_of_the_function_in_a_later_recording_tells_what_changed(backend):
    f = compile(lambda w, x: w[0] * x + w[1], in_axes=(None, 0), backend=backend)
    f([1.0, 2.0], [1.0, 2.0])
    with pytest.raises(IndexError) as caught:
        f([1.0], [1.0, 2.0])
    (note,) = caught.value.__notes__
    assert note == (
        "f was being recorded anew, since its arguments changed: w is list of (a number), it was list of (a number, a number)"
    )
    assert f.grad([1.0, 2.0, 9.0], [1.0, 2.0]) == [1.5, 1.0, 0.0]  # a longer list is another structure, and a good one


def test_whoever_records_a_function_over_and_over_is_told():
    f = compile(lambda x: ag.sum(x), backend="python")
    for length in range(1, 17):
        assert f([1.0] * length) == length
    with pytest.warns(UserWarning, match="f has been recorded 16 times.*Pad lists to one length"):
        assert f([1.0] * 17) == 17


@backends
def test_lists_and_arrays_of_one_number_beside_numbers(backend):
    f = compile(lambda a, b, c: a * b[0] * c, argnums=(0, 1, 2), backend=backend)
    assert f.value_and_grad(2.0, [3.0], numpy.array(4.0)) == (24.0, (12.0, [8.0], 6.0))
    assert compile(lambda a, b: a[0] * b[0], backend=backend)([3.0], [4.0]) == 12.0
    assert compile(lambda x: x * 2, backend=backend)(numpy.True_) == 2.0


@backends
def test_rows_may_be_arrays_and_mean_what_lists_mean(backend):
    f = compile(lambda x: x[0] / x[1], in_axes=(0,), backend=backend)
    value, gradient = f.value_and_grad([numpy.array([1.0, 2.0]), numpy.array([3.0, 2.0])])
    assert type(value) is float
    assert value == 1.0
    assert [row.tolist() for row in gradient] == [[0.25, -0.125], [0.25, -0.375]]
    with pytest.raises(DivisionByZeroError):
        f([numpy.array([1.0, 0.0])])


def test_arguments_to_differentiate_by_are_indices_each_named_once():
    for argnums in ("0", 1.5, True, (0, None)):
        with pytest.raises(TypeError, match="argnums must be an index or several"):
            compile(lambda x: x, argnums)
    with pytest.raises(ValueError, match="names an argument twice"):
        compile(lambda x, y: x * y, (0, -2)).grad(1.0, 2.0)
    with pytest.raises(TypeError, match=r"in_axes 0: expected one entry for each argument"):
        compile(lambda x: x, in_axes=0)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"in_axes": (None, None)}, "names no batched argument"),
        ({"in_axes": (None, 1)}, "each entry is None"),
        ({"backend": "cuda"}, "expected one of 'auto', 'python', 'native'"),
        ({"dtype": "float16"}, "expected 'float64' or 'float32'"),
        ({"dtype": "float32", "backend": "python"}, "needs the native backend"),
        ({"threads": 0}, "threads 0: expected how many"),
        ({"threads": True}, "threads True: expected how many"),
        ({"threads": 2, "in_axes": (0,), "backend": "python"}, "need the native backend"),
        ({"threads": 2}, "share the samples of a batch"),
    ],
)
def test_bad_settings(settings, message):
    with pytest.raises(ValueError, match=message):
        compile(lambda x, y: x, **settings)


def test_a_missing_backend_names_the_command(monkeypatch):
    monkeypatch.setattr("autograd_lite.compiler.front.find_spec", lambda name: None)
    with pytest.raises(ImportError, match=r"pip install 'autograd-lite\[fast\]'"):
        compile(lambda x: x, backend="native")
    assert compile(lambda x: x * x, backend="auto").backend == "python"


def test_results_that_are_no_values():
    for result in ("text", None, 1j, {1.0}, [1.0, "text"], iter([1.0])):
        for backend in ("python", "native"):
            with pytest.raises(TypeError, match="returns a Value, or a list"):
                compile(lambda x, result=result: result, backend=backend)(1.0)
    with pytest.raises(TypeError, match="needs one number as its result, got 2 numbers"):
        compile(lambda x: [x, x]).grad(1.0)
    with pytest.raises(ValueError, match="f has no argument 3 to differentiate by: it was called with 1"):
        compile(lambda x: x, argnums=3).grad(1.0)
    with pytest.raises(RuntimeError, match="call it once"):
        compile(lambda x: x).source  # noqa: B018
    with pytest.raises(ValueError, match="there are no samples"):
        compile(lambda x: x).per_sample(1.0)


@backends
def test_errors_are_those_of_eager_with_labels(backend):
    f = compile(lambda rate: ag.log(rate), backend=backend)
    assert f(1.0) == 0.0
    with pytest.raises(DomainError, match=r"log\(rate=-1.0\): outside the domain: the function is defined for x > 0"):
        f(-1.0)
    g = compile(lambda x, y: x / y, in_axes=(None, 0), backend=backend)
    assert g(1.0, [1.0, 2.0]) == 0.75
    with pytest.raises(DivisionByZeroError, match=r"truediv\(x=1.0, y=0.0\)"):
        g(1.0, [1.0] * 1000 + [0.0])


@backends
def test_nan_and_infinity_flow_through(backend):
    f = compile(lambda x: x * 2 - x, backend=backend)
    assert math.isnan(f(math.nan))
    assert math.isnan(f(math.inf))
    root = compile(ag.sqrt, backend=backend)
    assert root.grad(4.0) == 0.25
    assert root.grad(0.0) == math.inf
    assert compile(lambda x: 0 * x, backend=backend)(1.0) == 0.0
    assert math.isnan(compile(lambda x: 0 * x, backend=backend)(math.inf))


# Structures


@backends
def test_results_have_the_structure_of_the_function_and_gradients_that_of_the_arguments(backend):
    f = compile(lambda p: {"sum": p["a"] + p["b"][0], "list": [p["a"] * 2, (p["b"][1],)]}, backend=backend)
    assert f({"a": 1.0, "b": [2.0, 3.0]}) == {"sum": 3.0, "list": [2.0, (3.0,)]}
    g = compile(lambda p: p["a"] * p["b"][0] * p["b"][1], backend=backend)
    assert g.grad({"a": 1.0, "b": [2.0, 3.0]}) == {"a": 6.0, "b": [3.0, 2.0]}


@backends
def test_arrays_give_arrays(backend):
    f = compile(lambda x: (x * x).sum(), backend=backend)
    for shape in ((3,), (2, 3), (1, 2, 2)):
        x = numpy.arange(1.0, 1 + math.prod(shape)).reshape(shape)
        value, gradient = f.value_and_grad(x)
        assert value == (x * x).sum()
        assert isinstance(gradient, numpy.ndarray)
        assert (gradient == 2 * x).all()
        assert (f.grad(x.astype("float32")) == 2 * x).all()


@backends
def test_another_structure_is_recorded_anew(backend):
    f = compile(lambda x: ag.sum([v * v for v in x]), backend=backend)
    assert f([1.0, 2.0]) == 5.0
    assert f([1.0, 2.0, 3.0]) == 14.0
    assert f((1, True)) == 2.0
    assert f.grad([1.0, 2.0]) == [2.0, 4.0]


@backends
def test_a_result_that_does_not_depend_on_the_argument(backend):
    f = compile(lambda x, y: y * 3, backend=backend)
    assert f.value_and_grad(1.0, 2.0) == (6.0, 0.0)
    assert compile(lambda x: 7.0, backend=backend).value_and_grad(1.0) == (7.0, 0.0)


@backends
def test_several_outputs_of_a_batch(backend):
    f = compile(lambda w, x: [w * x, x], in_axes=(None, 0), backend=backend)
    assert f(2.0, [1.0, 2.0, 6.0]) == [6.0, 3.0]
    assert f.per_sample(2.0, [1.0, 2.0, 6.0]) == [[2.0, 1.0], [4.0, 2.0], [12.0, 6.0]]


def test_custom_primitives():
    @ag.primitive(derivatives=[lambda out, x: 3 * x * x])
    def cube(x):
        if x > 100:
            raise ValueError("too large")
        return x**3

    for backend in ("python", "native"):
        f = compile(lambda x: cube(x) + x, backend=backend)
        assert f.value_and_grad(2.0) == (10.0, 13.0)
        with pytest.raises(DomainError, match="too large"):
            f(200.0)


@backends
def test_a_custom_primitive_may_refuse_several_samples_of_a_batch(backend):
    @ag.primitive(derivatives=[lambda out, x: 1.0])
    def small(x):
        if x > 100:
            raise ValueError("too large")
        return x

    @ag.primitive(variadic=True, derivatives=[lambda out, xs: [1.0] * len(xs)])
    def small_sum(xs):
        if xs[0] > 100:
            raise ValueError("too large")
        return xs[0] + xs[1]

    for f in (small, lambda x: small_sum([x, x])):
        compiled = compile(f, in_axes=(0,), backend=backend)
        assert compiled.grad([1.0, 2.0]) == pytest.approx([0.5 * (1 + (f is not small))] * 2)
        for xs in ([200.0, 300.0], [1.0] * 699 + [200.0], [200.0] * 5 + [1.0] * 600):
            with pytest.raises(DomainError, match="too large"):
                compiled(xs)


@backends
def test_a_custom_primitive_of_many_operands_may_have_none(backend):
    @ag.primitive(variadic=True, derivatives=[lambda out, xs, y: [1.0] * len(xs), lambda out, xs, y: 1.0])
    def added(xs, y):
        for x in xs:
            y = y + x
        return y

    for count in range(3):
        f = compile(lambda x, count=count: added([x] * count, x), in_axes=(0,), backend=backend)
        assert f([1.0, 2.0]) == 1.5 * (count + 1)


def test_a_custom_primitive_that_numba_cannot_take_is_an_error_that_says_so():
    table = {0: 1.0}

    @ag.primitive(derivatives=[lambda out, x: 0 * x])
    def looked_up(x):
        return table.get(round(x), str(x))

    with pytest.raises(TypeError, match=r"native backend cannot compile the primitive 'looked_up'.*backend='python'"):
        compile(lambda x: looked_up(x), backend="native")(0.0)


def test_single_precision():
    f = compile(lambda x: ag.sum([ag.sin(v) for v in x]), backend="native", dtype="float32")
    x = [0.1 * i for i in range(20)]
    value, gradient = f.value_and_grad(x)
    assert value == pytest.approx(math.fsum(map(math.sin, x)), rel=1e-6)
    assert gradient == pytest.approx([math.cos(v) for v in x], rel=1e-6)


def test_threads_do_not_disturb_each_other():
    f = compile(lambda x: ag.sum([v * v for v in x]), backend="native")
    f([0.0] * 50)
    wrong = []

    def work(number):
        for _ in range(200):
            if f([number] * 50) != 50 * number * number:
                wrong.append(number)

    threads = [threading.Thread(target=work, args=(float(i),)) for i in range(1, 5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


# What it became


def test_the_source_reads_as_it_was_written():
    def loss(w, b, x, y):
        z = w * x + b
        z.label = "z"
        a = ag.tanh(z)
        a.label = "a"
        return (a - y) ** 2

    f = compile(loss, argnums=(0, 1), backend="python")
    f.value_and_grad(1.0, 2.0, 3.0, 4.0)
    lines = [line.strip() for line in f.source.splitlines()]
    assert lines[0] == "def loss_value_and_grad(w, b, x, y):"
    assert "z = w * x + b" in lines
    assert "a = tanh(z)" in lines
    assert any(line.startswith("d_a = ") for line in lines)
    assert any(line.startswith("d_z = ") for line in lines)
    assert "operations recorded" in repr(f)


def test_the_source_says_where_the_chain_rule_sums():
    f = compile(lambda x: x * x * x + x, backend="python")
    f.grad(2.0)
    assert "d_x = " in f.source
    assert "# the chain rule sums over" in f.source


def test_the_source_stays_in_proportion():
    f = compile(lambda w, x: ag.dot(w, x), backend="python")
    n = 5000
    f.value_and_grad([1.0] * n, [2.0] * n)
    assert len(f.source) < 500, f.source[:1000]


def test_simplification():
    def count(f, *args):
        compiled = compile(f, backend="python")
        compiled(*args)
        return compiled.tape.count

    assert count(lambda x: x * 1 + (2 * ag.exp(ag.Value(0.0) * 0 + 0) - 2) * 0, 3.0) >= 1
    assert count(lambda x: ag.sin(x) * ag.sin(x), 3.0) == 2
    assert count(lambda x, y: (x + y) * (y + x), 3.0, 4.0) == 2
    assert count(lambda x: (-x) * -1, 3.0) == 0
    assert count(lambda x: [x * 1, x / 1, x - 0, x**1, 1 * x][0], 3.0) == 0
    assert count(lambda x: x * 0, 3.0) == 1  # infinity times 0 is not 0
    assert count(lambda x: x + 0, 3.0) == 1  # -0.0 + 0 is 0.0
    assert math.copysign(1, compile(lambda x: x + 0, backend="python")(-0.0)) == 1
    unused = compile(lambda x: (ag.exp(x), x * 2)[1], backend="python")
    unused(1.0)
    assert (unused.tape.recorded, unused.tape.count) == (2, 1)


@pytest.mark.parametrize(
    ("label", "name"),
    [("w[0][1]", "w_0_1"), ("z₁⁽²⁾", "z1_2"), ("", ""), ("2x", "_2x"), ("δ", "δ"), ("learning rate", "learning_rate")],
)
def test_labels_become_names(label, name):
    assert identifier(label) == name


def test_labels_cannot_change_what_the_source_means():
    def f(x):
        y = x * 2
        y.label = "x"
        z = y * 3
        z.label = "return"
        u = ag.exp(z)
        u.label = "exp"
        return ag.exp(u) + x

    point = 0.01
    assert compile(f, backend="python")(point) == f(Value(point)).data


def test_chains_longer_than_the_stack_is_deep():
    def f(x):
        y = x
        for _ in range(2 * sys.getrecursionlimit()):
            y = ag.sin(y) + x
        return y

    expected, slope = ag.value_and_grad(f)(0.1)
    for backend in ("python", "native"):
        value, gradient = compile(f, backend=backend).value_and_grad(0.1)
        assert value == pytest.approx(expected, rel=1e-12)
        assert gradient == pytest.approx(slope, rel=1e-9)


def test_a_choice_between_constants_of_one_truth_is_no_choice():
    square = compile(lambda x: x**2, backend="python")
    assert square.value_and_grad(-3.0) == (9.0, -6.0)
    assert "where" not in square.source


# Shapes of tapes that are rare


@backends
def test_fused_sums_with_other_terms(backend):
    def f(w, x):
        products = [a * b for a, b in zip(w, x, strict=True)]
        total = products[0] + ag.sin(x[0])
        for product in products[1:]:
            total = total + product
        return (total + ag.cos(w[0])) * 2

    w, x = [0.5, -1.0, 2.0, 0.25, 3.0], [1.0, 2.0, -0.5, 4.0, 0.125]
    expected = ag.value_and_grad(f, (0, 1))(w, x)
    value, (dw, dx) = compile(f, (0, 1), backend=backend).value_and_grad(w, x)
    assert value == pytest.approx(expected[0], rel=1e-13)
    assert dw == pytest.approx(expected[1][0], rel=1e-12)
    assert dx == pytest.approx(expected[1][1], rel=1e-12)


@backends
def test_a_gradient_that_is_an_argument_itself(backend):
    n = 40
    f = compile(lambda w, x: ag.dot(w, x), (0, 1), backend=backend)
    w, x = [0.5 * i for i in range(n)], [1.0 - i for i in range(n)]
    assert f.grad(w, x) == (x, w)
    batch = compile(lambda w, x: ag.dot(w, x) + ag.sum([v * v for v in w]), in_axes=(None, 0), backend=backend)
    assert batch.grad(w, [x, x]) == pytest.approx([b + 2 * a for a, b in zip(w, x, strict=True)], rel=1e-13)


@backends
def test_fractions_stay_what_they_are(backend):
    third = Fraction(1, 3)
    f = compile(lambda x: x * third + ag.sin(x), backend=backend)
    assert f(0.5) == pytest.approx(0.5 / 3 + math.sin(0.5), rel=1e-15)


def test_tapes_are_equal_where_they_compute_the_same():
    def tape(f):
        compiled = compile(f, backend="python")
        compiled(2.0)
        return compiled.tape

    assert tape(lambda x: x * x + 1) == tape(lambda x: x * x + 1)
    assert tape(lambda x: x * x + 1) != tape(lambda x: x * x + 1.0)
    assert tape(lambda x: x * x) != "a tape"


def test_what_is_not_called_yet_says_so():
    assert repr(compile(lambda x: x, backend="python")) == "<compiled f, backend python, not called yet>"
    with pytest.raises(TypeError, match="compile expects a function, got 3"):
        compile(3)


def test_a_function_without_a_signature_names_its_arguments_by_position():
    with pytest.raises(TypeError, match=r"argument x0 is 'a'"):
        compile(max, backend="python")("a")


@backends
def test_arrays_of_python_objects(backend):
    f = compile(lambda x: ag.sum(x), in_axes=(0,), backend=backend)
    assert f(numpy.array([[1, Fraction(1, 2)], [3, 4.5]], dtype=object)) == 4.5
    with pytest.raises(TypeError, match="element 1 of the array is None"):
        f(numpy.array([[1.0, None]], dtype=object))


@backends
def test_a_gradient_with_many_products_and_a_shared_part(backend):
    n = 40
    f = compile(lambda w, x, s: ag.dot(w, x) * s + ag.dot(w, w), in_axes=(None, 0, 0), backend=backend)
    w, x = [0.5 * i for i in range(n)], [1.0 - i for i in range(n)]
    assert f.grad(w, [x, x], [2.0, 4.0]) == pytest.approx([3 * b + 2 * a for a, b in zip(w, x, strict=True)], rel=1e-13)


def test_a_choice_that_makes_no_difference_is_none():
    f = compile(lambda x, y: ag.where(ag.greater(x, 1), y, y), backend="python")
    assert f(3.0, 4.0) == 4.0
    assert f.tape.count == 0


@backends
def test_a_dot_product_of_nothing_is_its_offset(backend):
    assert compile(lambda b: ag.dot([], [], b), backend=backend).value_and_grad(3.0) == (3.0, 1.0)
    batch = compile(lambda w, b: ag.dot(w, [], b) * 2, 1, in_axes=(None, 0), backend=backend)
    assert batch.value_and_grad([], [1.0, 2.0]) == (3.0, [1.0, 1.0])
