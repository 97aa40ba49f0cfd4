"""A compiled function gives what the eager engine gives: to the last bit in Python, to 1e-12 in machine code."""

import math
import sys
from itertools import pairwise

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import autograd_lite as ag
from autograd_lite import compile, grad, hessian, value_and_grad
from autograd_lite.operands import as_bundle
from autograd_lite.ops import TABLE
from autograd_lite.strategies import functions

numpy = pytest.importorskip("numpy")
pytest.importorskip("numba")

ALL = tuple(TABLE.values())


def same_bits(a, b):
    return (a == b and math.copysign(1, a) == math.copysign(1, b)) or (math.isnan(a) and math.isnan(b))


@settings(max_examples=4 * settings.default.max_examples)
@given(functions(3))
def test_python_backend_agrees_with_eager_to_the_last_bit(f):
    argnums = tuple(range(len(f.point)))
    compiled = compile(f, argnums, backend="python")
    value, gradient = value_and_grad(f, argnums)(*f.point)
    assert same_bits(compiled(*f.point), value)
    compiled_value, compiled_gradient = compiled.value_and_grad(*f.point)
    assert same_bits(compiled_value, value)
    assert all(same_bits(a, b) for a, b in zip(compiled_gradient, gradient, strict=True))
    assert compiled.grad(*f.point) == compiled_gradient


@settings(max_examples=4 * settings.default.max_examples)
@given(functions(3), st.lists(st.sampled_from([0.0, -0.0, 1.0, -1.0]), min_size=3, max_size=3))
def test_python_backend_agrees_with_eager_on_the_signs_of_zeros(f, numbers):
    argnums, point = tuple(range(len(f.point))), numbers[: len(f.point)]
    try:
        value, gradient = value_and_grad(f, argnums)(*point)
    except (ArithmeticError, ValueError):
        return
    compiled = compile(f, argnums, backend="python")
    compiled.value_and_grad(*f.point)  # recorded elsewhere
    compiled_value, compiled_gradient = compiled.value_and_grad(*point)
    assert all(map(same_bits, (compiled_value, *compiled_gradient), (value, *gradient)))


@pytest.mark.parametrize("slope", [grad, lambda f: lambda x: ag.jvp(f, (x,), (1.0,))[1]])
def test_a_slope_within_is_0_with_the_sign_that_it_has_on_values(slope):
    def side(x):
        return ag.atan2(slope(lambda z: -(z * z))(x), -1.0)

    assert compile(side, backend="python")(0.0) == side(ag.Value(0.0)).data == -math.pi


@given(functions(3), st.sampled_from([0.0, -1.0, 2.0, math.inf, math.nan]), st.booleans())
def test_a_gradient_is_no_number_where_eager_has_an_error(f, number, second):
    argnums, point = tuple(range(len(f.point))), [number] * len(f.point)
    first = (lambda *x: ag.sum(list(grad(f, argnums)(*x)))) if second else f

    def outcome(derivative):
        try:
            return list(map(repr, derivative(*point)))
        except (ArithmeticError, ValueError) as error:
            return type(error)

    compiled = compile(first, argnums, backend="python")
    compiled.grad(*f.point)  # recorded where all is well
    found, expected = outcome(compiled.grad), outcome(grad(first, argnums))
    if not math.isfinite(number) and isinstance(found, list) and any(step.primitive.chooses for step in f.steps):
        expected = [new if new == "nan" else old for new, old in zip(found, expected, strict=True)]  # the documented exception
    assert found == expected


@given(functions(3))
def test_native_backend_agrees_with_eager(f):
    argnums = tuple(range(len(f.point)))
    compiled = compile(f, argnums, backend="native")
    value, gradient = value_and_grad(f, argnums)(*f.point)
    compiled_value, compiled_gradient = compiled.value_and_grad(*f.point)
    scale = 1 + max(abs(value), *map(abs, gradient))
    assert compiled_value == pytest.approx(value, rel=1e-12, abs=1e-12 * scale)
    assert compiled_gradient == pytest.approx(gradient, rel=1e-12, abs=1e-12 * scale)


STEPS = {  # each makes three numbers of bundles of three
    "layer": lambda a, b, c: ag.affine([a, b, a], c),
    "offset": lambda a, b, c: ag.affine([a, a, b], c, [b[0], c[1], a[2]]),
    "activation": lambda a, b, c: [ag.tanh(value) for value in a],
    "attention": lambda a, b, c: ag.softmax([ag.dot(a, b), ag.dot(b, c), ag.dot(a, a)]),
    "mixed": lambda a, b, c: [a[0], 0.5, ag.dot(a, b, c[1])],
    "reduced": lambda a, b, c: [ag.sum(a), ag.prod(b), ag.logsumexp(a)],
    "constant": lambda a, b, c: [1.0, -0.5, 2.0],
    "turned": lambda a, b, c: [a[2], b[1], a[0]],
}
step = st.tuples(st.sampled_from([*STEPS]), *[st.integers(0, 3)] * 3)


@given(st.lists(step, min_size=2, max_size=6), st.lists(st.floats(-1, 1), min_size=6, max_size=6))
def test_bundles_that_nodes_of_many_levels_share(steps, numbers):
    def f(w, x, bundle=as_bundle):
        made = [bundle(w), bundle(x)]
        for kind, *chosen in steps:
            made.append(bundle(STEPS[kind](*[made[-1 - n % len(made)] for n in chosen])))
        return ag.tanh(ag.dot(made[-2], made[-1]) / 100) + ag.dot(made[-1], made[0]) / 10

    w, x = numbers[:3], numbers[3:]
    value, gradient = value_and_grad(f, (0, 1))(w, x)
    close = {"rel": 1e-9, "abs": 1e-9 * (1 + max(map(abs, [value, *gradient[0], *gradient[1]])))}
    apart = value_and_grad(lambda w, x: f(w, x, bundle=list), (0, 1))(w, x)  # each node with bundles of its own
    native = compile(f, (0, 1), backend="native").value_and_grad(w, x)
    for other_value, other_gradient in (apart, native):
        assert other_value == pytest.approx(value, **close)
        assert other_gradient[0] == pytest.approx(gradient[0], **close)
        assert other_gradient[1] == pytest.approx(gradient[1], **close)
    assert compile(f, (0, 1), backend="python").value_and_grad(w, x) == (value, gradient)


@given(functions(2), st.integers(2, 5))
def test_a_batch_is_the_mean_over_its_samples(f, samples):
    assume(len(f.point) == 2)
    rows = [f.point[1]] * samples
    for backend in ("python", "native"):
        compiled = compile(f, (0, 1), in_axes=(None, 0), backend=backend)
        value, (shared, per_row) = value_and_grad(f, (0, 1))(*f.point)
        compiled_value, (by_shared, by_rows) = compiled.value_and_grad(f.point[0], rows)
        scale = 1 + max(abs(value), abs(shared), abs(per_row))
        assert compiled_value == pytest.approx(value, rel=1e-12, abs=1e-12 * scale)
        assert by_shared == pytest.approx(shared, rel=1e-12, abs=1e-12 * scale)
        assert by_rows == pytest.approx([per_row / samples] * samples, rel=1e-12, abs=1e-12 * scale)
        assert compiled.per_sample(f.point[0], rows) == pytest.approx([value] * samples, rel=1e-12, abs=1e-12 * scale)


POINTS = [0.3, -0.7, 0.0, 1.0, -1.0, 2.5, -40.5, 800.0, math.inf, -math.inf, math.nan]


@pytest.mark.parametrize("operation", ALL, ids=lambda operation: operation.primitive.name)
@pytest.mark.parametrize("backend", ["python", "native"])
def test_every_primitive_gives_the_value_or_the_error_of_eager(operation, backend):
    entry = operation.primitive

    def f(*xs):
        if entry.variadic:
            return operation(list(xs), list(reversed(xs))) if entry.name == "dot" else operation(list(xs))
        return operation(*xs)

    arity = 3 if entry.variadic or len(entry.derivatives) == 3 else len(entry.derivatives)
    compiled = {}
    for a in POINTS:
        for b in POINTS if arity > 1 else [0.0]:
            point = (a, b, 0.5)[:arity]
            try:
                expected = f(*map(ag.Value, point)).data
            except (ArithmeticError, ValueError) as error:
                with pytest.raises(type(error)):
                    compiled.setdefault("f", compile(f, backend=backend))(*point)
                continue
            if isinstance(expected, complex):  # power_limit, where `pow` itself has no real value
                continue
            got = compiled.setdefault("f", compile(f, backend=backend))(*point)
            if backend == "python":
                assert same_bits(got, expected), (point, got, expected)
            else:
                assert got == pytest.approx(expected, rel=1e-12, abs=1e-300, nan_ok=True), point


@pytest.mark.parametrize("backend", ["python", "native"])
def test_a_compiled_hessian_is_the_hessian(backend):
    def rosenbrock(x):
        return ag.sum([100 * (b - a**2) ** 2 + (1 - a) ** 2 for a, b in pairwise(x)])

    x = [0.5, -1.5, 0.25, 2.0]
    assert compile(lambda x: hessian(rosenbrock)(x), backend=backend)(x) == pytest.approx(numpy.array(hessian(rosenbrock)(x)))


def network(sizes, activation):
    def forward(w, x, y):
        a, p = list(x), 0
        for nin, nout in pairwise(sizes):
            a = [
                activation(ag.dot(w[p + j * (nin + 1) : p + j * (nin + 1) + nin], a, w[p + j * (nin + 1) + nin]))
                for j in range(nout)
            ]
            p += (nin + 1) * nout
        return ag.sum([(o - t) ** 2 for o, t in zip(a, y, strict=True)]) + 0.01 * ag.dot(w, w)

    return forward, sum((m + 1) * n for m, n in pairwise(sizes))


@pytest.mark.parametrize("sizes", [(3, 5, 2), (4, 40, 40, 3), (1, 1, 1), (2, 1, 9, 1)])
@pytest.mark.parametrize("samples", [1, 7, 300])
@pytest.mark.parametrize("backend", ["python", "native"])
def test_networks_agree_with_eager(sizes, samples, backend):
    f, parameters = network(sizes, ag.tanh)
    random = numpy.random.default_rng(1)
    w = random.normal(size=parameters).tolist()
    x, y = random.normal(size=(samples, sizes[0])), random.normal(size=(samples, sizes[-1]))
    compiled = compile(f, in_axes=(None, 0, 0), backend=backend)
    value, gradient = compiled.value_and_grad(w, x, y)
    few = range(0, samples, max(samples // 3, 1))
    if samples <= 7:
        expected, by_w = value_and_grad(lambda w: ag.mean([f(w, a, b) for a, b in zip(x.tolist(), y.tolist(), strict=True)]))(w)
        assert value == pytest.approx(expected, rel=1e-12)
        assert gradient == pytest.approx(by_w, rel=1e-9, abs=1e-12)
    each = compiled.per_sample(w, x, y)
    assert value == pytest.approx(sum(each) / samples, rel=1e-12)
    assert [each[i] for i in few] == pytest.approx([f(list(map(ag.Value, w)), x[i], y[i]).data for i in few], rel=1e-12)


@pytest.mark.parametrize("threads", [2, 3])
@pytest.mark.parametrize("samples", [1, 2, 5, 700])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_threads_over_lanes_give_what_one_thread_gives(threads, samples, dtype):
    def f(w, c, x):  # a shared gradient, one that no sample changes, one for each sample; results that vary, and that do not
        return ag.dot(w, x) ** 2 * w[0] + c**3

    random = numpy.random.default_rng(samples)
    w, c, x = random.normal(size=3), 1.5, random.normal(size=(samples, 3))
    one, many = (compile(f, (0, 1, 2), in_axes=(None, None, 0), backend="native", dtype=dtype, threads=n) for n in (1, threads))
    close = {"rel": 1e-12} if dtype == "float64" else {"rel": 1e-4, "abs": 1e-6}
    value, gradients = many.value_and_grad(w, c, x)
    expected, by = one.value_and_grad(w, c, x)
    assert value == pytest.approx(expected, **close)
    for gradient, reference in zip(gradients, by, strict=True):
        assert gradient == pytest.approx(reference, **close)
    assert many.per_sample(w, c, x) == one.per_sample(w, c, x)
    again, gradients_again = many.value_and_grad(w, c, x)
    assert again == value
    assert all(numpy.array_equal(a, b) for a, b in zip(gradients, gradients_again, strict=True))


def test_threads_add_infinities_without_a_warning():
    f = compile(lambda w, x: w * x, in_axes=(None, 0), backend="native", threads=2)
    assert math.isnan(f(1.0, [math.inf, -math.inf]))
    assert f(1.0, [1e308, 1e308, 1.7e308, 1.7e308]) == math.inf


def test_threads_raise_what_python_raises_for_the_first_sample_that_it_refuses():
    f = compile(lambda w, x: w / x, in_axes=(None, 0), backend="native", threads=2)
    assert f(1.0, [1.0, 2.0, 4.0, 8.0]) == 0.46875
    with pytest.raises(ag.errors.DivisionByZeroError, match=r"x=0\.0"):
        f(1.0, [1.0, 2.0, 4.0, 0.0])
    assert f(1.0, [1.0, 2.0, 4.0, 8.0]) == 0.46875


def test_both_backends_give_one_gradient_for_many_samples():
    f, parameters = network((4, 12, 6, 3), ag.sigmoid)
    random = numpy.random.default_rng(2)
    w, x, y = random.normal(size=parameters).tolist(), random.normal(size=(1000, 4)), random.normal(size=(1000, 3))
    one, other = (compile(f, in_axes=(None, 0, 0), backend=backend).value_and_grad(w, x, y) for backend in ("python", "native"))
    assert one[0] == pytest.approx(other[0], rel=1e-12)
    assert one[1] == pytest.approx(other[1], rel=1e-10, abs=1e-14)


@pytest.mark.parametrize("backend", ["python", "native"])
@pytest.mark.parametrize(
    ("f", "point"),
    [
        (lambda x, y: ag.erf(ag.cosh(ag.where(y, 1.0, x))), (math.inf, 0.0)),
        (lambda x, y: y * TABLE["sign"](ag.sqrt(x)), (0.0, 1.0)),
    ],
)
def test_an_operand_that_only_chooses_gets_the_gradient_of_eager(f, point, backend):
    gradient = compile(f, (0, 1), backend=backend).grad(*point)
    assert list(map(repr, gradient)) == list(map(repr, value_and_grad(f, (0, 1))(*point)[1]))


# Shapes of functions that are rare


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


@pytest.mark.parametrize("backend", ["python", "native"])
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


@pytest.mark.parametrize("backend", ["python", "native"])
def test_a_gradient_with_many_products_and_a_shared_part(backend):
    n = 40
    f = compile(lambda w, x, s: ag.dot(w, x) * s + ag.dot(w, w), in_axes=(None, 0, 0), backend=backend)
    w, x = [0.5 * i for i in range(n)], [1.0 - i for i in range(n)]
    assert f.grad(w, [x, x], [2.0, 4.0]) == pytest.approx([3 * b + 2 * a for a, b in zip(w, x, strict=True)], rel=1e-13)


@pytest.mark.parametrize("backend", ["python", "native"])
def test_a_dot_product_of_nothing_is_its_offset(backend):
    assert compile(lambda b: ag.dot([], [], b), backend=backend).value_and_grad(3.0) == (3.0, 1.0)
    batch = compile(lambda w, b: ag.dot(w, [], b) * 2, 1, in_axes=(None, 0), backend=backend)
    assert batch.value_and_grad([], [1.0, 2.0]) == (3.0, [1.0, 1.0])
