"""Machine code computes what Python does, however operands lie in memory: in rows, in columns, backwards, scattered, shared."""

from itertools import pairwise, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd_lite as ag
from autograd_lite import compile
from autograd_lite.trees import flatten

numpy = pytest.importorskip("numpy")
pytest.importorskip("numba")
from autograd_lite.compiler.native import assembly, operations  # noqa: E402
from autograd_lite.compiler.native.code import assemble  # noqa: E402
from autograd_lite.compiler.native.plan import Plan  # noqa: E402


@pytest.mark.parametrize("axes", [axes for axes in product((None, 0), repeat=3) if any(axis == 0 for axis in axes)])
@pytest.mark.parametrize("count", [1, 3])
def test_any_part_of_a_dot_product_may_be_what_differs_from_sample_to_sample(axes, count):
    rows = ([0.5, -1.0, 2.0][:count], [1.5, 0.25, -0.5][:count], 0.75)
    other = ([-0.25, 2.0, 1.0][:count], [0.5, 3.0, -2.0][:count], -1.25)
    args = [row if axis is None else [row, another] for row, another, axis in zip(rows, other, axes, strict=True)]
    values = [
        compile(lambda w, a, b: ag.dot(w, a, b) ** 2, (0, 1, 2), in_axes=axes, backend=backend).value_and_grad(*args)
        for backend in ("native", "python")
    ]
    (native_leaves, _), (python_leaves, _) = map(flatten, values)
    assert native_leaves == pytest.approx(python_leaves, rel=1e-14)


LAYOUTS = {  # the weights of row j of m rows and n columns, of the m·n there are
    "rows": lambda w, j, m, n: w[j * n : (j + 1) * n],
    "columns": lambda w, j, m, n: w[j::m],
    "rows backwards": lambda w, j, m, n: w[j * n : (j + 1) * n][::-1],
    "rows in another order": lambda w, j, m, n: w[(m - 1 - j) * n : (m - j) * n],
    "columns backwards": lambda w, j, m, n: w[::-1][j::m],
    "overlapping": lambda w, j, m, n: w[j : j + n],
    "the same": lambda w, j, m, n: w[:n],
    "scattered": lambda w, j, m, n: [w[(7 * (j * n + i) + 3) % (m * n)] for i in range(n)],
}


def layers(layout, sizes, shared):
    """A network whose layers take their weights from one list; the offset of a neuron, if any, is one of them too."""

    def f(w, x):
        a = list(x)
        for m in sizes:
            rows = [LAYOUTS[layout](w[: m * len(a)], j, m, len(a)) for j in range(m)]
            a = [ag.tanh(ag.dot(row, a, *([w[j]] if shared else []))) for j, row in enumerate(rows)]
        return ag.sum([v * v for v in a]) + a[0] * w[0] - ag.dot(w[:5], w[5:10]) * a[-1]

    return f


def assembled(f, *arguments, kind="value", block=8, **options):
    compiled = compile(f, backend="python", **options)
    (compiled if kind == "value" else getattr(compiled, kind))(*arguments)
    prepared = compiled.latest
    return assemble(Plan(prepared.tape, prepared.arguments, prepared.reduced), block, numpy.dtype("float64"))


def laid_out(*arguments, **options):
    """How many calls of kernels there are before the samples, for each block of them, and after them; and numbers in memory."""
    made = assembled(*arguments, **options)
    return (len(made.before), len(made.inside), len(made.after)), made.layout.size


LANES = 8
FORWARD = [({"block": 1}, lambda x: x), ({"block": LANES, "in_axes": (None, 0)}, lambda x: [x])]  # a point; a batch of points


def network(layout, wider, options, batch):
    """How a network of three layers, so many times as wide, is laid out."""
    f, inputs = layers(layout, (3 * wider, 4 * wider, 2 * wider), False), 3 * wider
    return laid_out(f, [0.1] * 30 * wider**2, batch([0.5] * inputs), **options)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize(("options", "batch"), FORWARD)
def test_a_network_takes_as_many_calls_however_wide_its_layers_are(layout, options, batch):
    wide, wider = (network(layout, width, options, batch) for width in (2, 3))
    assert wide[0] == wider[0]


@pytest.mark.parametrize("layout", ["rows", "columns"])
def test_the_gradient_of_weights_that_lie_in_rows_or_columns_takes_no_more_calls_if_there_are_more(layout):
    options, batch = {"in_axes": (None, 0), "kind": "value_and_grad"}, lambda x: [x]
    assert sum(network(layout, 3, options, batch)[0]) <= sum(network(layout, 2, options, batch)[0])


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize(("options", "batch"), FORWARD)
def test_weights_that_lie_otherwise_are_gathered_first_and_numbers_of_neurons_put_in_order(layout, options, batch):
    (fewest, least), (calls, size) = network("rows", 1, options, batch), network(layout, 1, options, batch)
    weights, neurons, several = 3 * 3 + 3 * 4 + 4 * 2, 3 + 4 + 2, 3
    assert sum(fewest) <= sum(calls) <= sum(fewest) + 2 * several
    assert size <= least + weights + neurons * options["block"]
    assert network("columns", 1, options, batch) == (fewest, least)


@pytest.mark.parametrize(("options", "batch"), FORWARD)
@pytest.mark.parametrize(
    "f",
    [
        lambda w, x: [ag.sin(v) for v in w],
        lambda w, x: [a * b for a, b in zip(w, x, strict=True)],
        lambda w, x: [a * b for a, b in zip(w, x[::-1], strict=True)],
        lambda w, x: [a * b for a, b in zip(w[::2], x, strict=False)],
        lambda w, x: [w[0] * b for b in x],
        lambda w, x: ag.sum(w) + ag.sum(x[::2]) + ag.sum([x[0], x[3], x[4]]),
        lambda w, x: [*x[::-1], *w],
        lambda w, x: ag.logsumexp(w[:2]) * x[0] + ag.logsumexp(x) + ag.dot(x[:3], x[3:6]),
        lambda w, x: [ag.dot(w[j::5], x[: len(w) // 5]) for j in range(2)],
        lambda w, x: [ag.dot(w[j : j + 1], x[:1]) for j in range(len(w))],
        lambda w, x: [ag.dot(w[5 * j : 5 * j + 2], x[:2]) for j in range(len(w) // 5)],
        lambda w, x: ag.dot([], [], x[0]) + ag.dot(w, x),
        lambda w, x: [a * b + w[0] * c for a, b, c in zip(w, x, x[::-1], strict=True)],
    ],
)
def test_operands_side_by_side_are_one_call(f, options, batch):
    (few, _), (many, _) = (laid_out(f, [1.0] * count, batch([1.0] * count), **options) for count in (10, 30))
    assert few == many
    assert sum(few) <= 8


def calls_of(made, name):
    """The calls of a kernel, each as a dictionary of its fields."""
    parts = (made.before, made.inside, made.after)
    return [dict(zip(kernel.fields, given, strict=True)) for part in parts for kernel, given in part if kernel.name == name]


@pytest.mark.parametrize(
    ("f", "single", "batch"),
    [
        (lambda w, x: [a * b for a, b in zip(x[:3], x[4:], strict=False)], [(1, 3)], [(1, 24)]),
        (lambda w, x: [a * b for a, b in zip(x[:3], x[:2:-1], strict=False)], [(1, 3)], [(3, 8)]),
        (lambda w, x: [a * b for a, b in zip(x, w, strict=True)], [(1, 9)], [(9, 8)]),
        (lambda w, x: [w[2] * b for b in x], [(1, 9)], [(1, 72)]),
        (lambda w, x: [w[0] * b for b in x[::2]], [(1, 5)], [(5, 8)]),
        (lambda w, x: [x[1] * x[2]], [(1, 1)], [(1, 8)]),
        (lambda w, x: [a * b for a, b in zip(w[:3], w[4:], strict=False)], [(1, 3)], [(1, 3)]),
    ],
)
def test_rows_side_by_side_are_one_long_row(f, single, batch):
    for x, options, expected in (([1.0] * 9, {"block": 1}, single), ([[1.0] * 9], {"in_axes": (None, 0)}, batch)):
        made = assembled(f, [1.0] * 9, x, kind="per_sample" if "in_axes" in options else "value", **options)
        assert [(call["rows"], call["width"]) for call in calls_of(made, "mul")] == expected


@pytest.mark.parametrize(
    ("f", "calls"),
    [
        (lambda w, x: [a * b for a in x[:3] for b in x[3:7]], [(3, 4, True)]),
        (lambda w, x: [a * b for a in x[:6:2] for b in x[1::2]], [(3, 4, True)]),
        (lambda w, x: [x[0] * b for b in x[1:]], [(1, 8, True)]),
        (lambda w, x: [x[0] * b for b in x[1:3]], [(1, 2, True)]),
        (lambda w, x: [a * b for a in x[:2] for b in x[3:5]], [(2, 2, True)]),
        (lambda w, x: [x[0] * b for b in x[:0:-1]], [(1, 8, False)]),
        (lambda w, x: [a * b for a in x[2::-1] for b in x[3:7]], [(3, 4, False)]),
        (lambda w, x: [a * b for b in x[3:7] for a in x[:3]], [(3, 4, False)]),
        (lambda w, x: [a * b for a, b in zip(x[:4], x[5:], strict=True)], [(4, 1, False)]),
        (lambda w, x: [a * x[i + k] for i, a in enumerate(x[:3]) for k in range(3, 6)], [(3, 3, False)]),
        (lambda w, x: [a * b for a in w[:3] for b in x[:4]], [(3, 4, False)]),
        (lambda w, x: [x[0] * x[0]], [(1, 1, False)]),
        (lambda w, x: [x[1] + x[0] * b for b in x[2:]], [(1, 7, True)]),
    ],
)
def test_means_of_all_products_of_some_rows_with_others_are_a_matrix_product(f, calls, monkeypatch):
    monkeypatch.setattr(assembly, "LARGEST", 0)  # of products that are not for BLAS
    made = assembled(f, [1.0] * 9, [[1.0] * 9], in_axes=(None, 0))
    found = [(call["rows"], call["columns"], call["gemm"] != 0) for call in calls_of(made, "mean_products")]  # 0: BLAS cannot
    assert found == calls


def neurons(w, x):
    return [ag.dot(w[i : i + 40], x, w[i]) for i in range(3)]


@pytest.mark.parametrize(
    ("f", "by_sample"),
    [
        (neurons, True),
        (lambda w, x: [ag.tanh(z) * ag.dot(x, w[1:41]) for z in neurons(w, x)], True),
        (lambda w, x: [ag.dot(w[i::3][:40], x) for i in range(3)], True),  # weights that do not lie in rows
        (lambda w, x: [ag.dot(w[:40], x, ag.dot(w[1:41], x))], True),
        (lambda w, x: [*neurons(w, x), x[3]], False),
        (lambda w, x: [z + x[0] for z in neurons(w, x)], False),
        (lambda w, x: [*neurons(w, x), ag.dot(w[:39], x[:39])], False),
        (lambda w, x: [ag.dot(w[:40], x, x[0])], False),
        (lambda w, x: [ag.dot(x, x), *neurons(w, x)], False),
        (lambda w, x: [ag.dot([v * z for v in w[:40]], x) for z in neurons(w, x)], False),
        (lambda w, x: [ag.sum(x), *neurons(w, x)], False),
        (lambda w, x: [x[0] * x[1], *neurons(w, x)], False),
        (lambda w, x: [a + ag.dot(w[:20], x[:20]) for a in x[20:]], False),
    ],
)
def test_what_is_read_whole_lies_sample_by_sample(f, by_sample):
    random = numpy.random.default_rng(0)
    w, x = random.normal(size=130), random.normal(size=(11, 40))
    assert bool(assembled(f, w.tolist(), x, kind="per_sample", in_axes=(None, 0)).layout.by_sample) == by_sample
    native, python = (compile(f, in_axes=(None, 0), backend=backend) for backend in ("native", "python"))
    numpy.testing.assert_allclose(native.per_sample(w, x), python.per_sample(w, x), rtol=1e-12)
    assert native(w, x) == pytest.approx(python(w, x), rel=1e-12)


RUN = st.tuples(st.integers(0, 8), st.sampled_from([-3, -1, 0, 1, 2, 3]), st.integers(1, 4))


@given(st.lists(st.tuples(RUN, RUN, st.booleans(), st.booleans()), min_size=1, max_size=3), st.sampled_from([1, 2, 3, 257]))
def test_means_of_products_of_any_rows_are_what_python_gives(parts, samples):
    def f(w, x):
        results = []
        for one, other, shared, turned in parts:
            a, b = ([numbers[(start + step * i) % 9] for i in range(count)] for numbers, (start, step, count) in
                    ((w if shared else x, one), (x, other)))  # fmt: skip
            products = [p * q for q in b for p in a] if turned else [p * q for p in a for q in b]
            results += [product + w[i % 9] * x[i % 4] * x[5] if i % 3 == 2 else product for i, product in enumerate(products)]
        return results

    x = numpy.sin(numpy.arange(9 * samples)).reshape(samples, 9)
    native, python = (compile(f, in_axes=(None, 0), backend=backend)(x[0] + 1, x) for backend in ("native", "python"))
    assert native == pytest.approx(python, rel=1e-12, abs=1e-14)


@pytest.mark.parametrize("first", [0, 1])
@pytest.mark.parametrize(
    "row",
    [
        lambda j: slice(6 * j, 6 * j + 6, 2),
        lambda j: slice(2 * j, 18 + 2 * j, 6),
        lambda j: slice(j, j + 9, 3),
        lambda j: slice(0, 6, 2),
        lambda j: slice(0, 9, 3),
        lambda j: slice(0, 9, 3) if j else slice(1, 10, 3),
    ],
)
def test_rows_of_every_second_weight(row, first):
    def f(w, x):
        return ag.sum([v * v for v in [ag.dot(w[first:][row(j)], x, w[j]) for j in range(3)]])

    w, x = [0.1 * k * k for k in range(25)], [0.5, -0.25, 2.0]
    for in_axes, point in ((None, x), ((None, 0), [[k * 0.1, *x[1:]] for k in range(64)])):
        one, other = (compile(f, in_axes=in_axes, backend=backend).value_and_grad(w, point) for backend in ("native", "python"))
        assert one[0] == pytest.approx(other[0], rel=1e-12)
        assert one[1] == pytest.approx(other[1], rel=1e-9)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("sizes", [(3, 4, 2), (1, 5, 1), (4, 4, 4)])
@pytest.mark.parametrize("shared", [False, True])
def test_weights_in_any_order_give_what_python_gives(layout, sizes, shared):
    f = layers(layout, sizes, shared)
    random = numpy.random.default_rng(3)
    w, x = random.normal(size=20).tolist(), random.normal(size=(5, 3))
    batches = ((None, (w, x[0].tolist())), ((None, 0), (w, x)), ((0, None), (x @ random.normal(size=(3, 20)), w[:3])))
    for in_axes, point in batches:
        one, other = (compile(f, (0, 1), in_axes=in_axes, backend=backend) for backend in ("native", "python"))
        value, gradients = one.value_and_grad(*point)
        expected, by = other.value_and_grad(*point)
        assert value == pytest.approx(expected, rel=1e-12)
        for gradient, reference in zip(gradients, by, strict=True):
            assert gradient == pytest.approx(numpy.array(reference), rel=1e-9, abs=1e-13)
        if in_axes:
            assert one.per_sample(*point) == pytest.approx(other.per_sample(*point), rel=1e-12)


def test_a_long_program_with_few_numbers_of_a_kind_gives_what_a_short_one_gives(monkeypatch):
    def f(w, x):
        for a, b in pairwise(w):
            x = [ag.tanh(x[0] * a), ag.tanh(x[1] * b), ag.where(a, x[0], x[2])]
        return ag.sum(x) * w[0]

    point = ([0.5, -1.0, 2.0, 0.25], [0.5, 1.0, -2.0])
    expected = compile(f, (0, 1), backend="native").value_and_grad(*point)
    monkeypatch.setattr(operations, "LONG", 0)
    assert compile(f, (0, 1), backend="native").value_and_grad(*point) == expected


TERM = st.tuples(st.sampled_from("+*sdnc"), st.lists(st.integers(0, 7), min_size=2, max_size=6))


@settings(max_examples=settings.default.max_examples // 2)
@given(st.lists(TERM, min_size=1, max_size=10))
def test_any_instructions_over_scattered_operands_give_what_python_gives(terms):
    def f(w, x):
        made = [*w, *x]
        for kind, places in terms:
            chosen = [made[-1 - p] if p % 3 == 0 else made[p] for p in places]
            a, b = chosen[:2]
            half = len(chosen) // 2
            made.append(
                a + b
                if kind == "+"
                else a * b
                if kind == "*"
                else ag.sin(a)
                if kind == "s"
                else ag.dot(chosen[:half], chosen[-half:], a) / 4
                if kind == "d"
                else ag.sum(chosen) / 4
                if kind == "n"
                else ag.logsumexp(chosen)
            )
        return [made[-1], ag.sum(made) * 0.1, *made[4:7]]

    w, rows = [0.5, -0.25, 0.75, 1.5], [[0.3, -0.6, 0.9, 1.2], [1.0, 0.5, -0.5, 0.1], [0.0, 0.2, 0.4, -0.6]]
    for in_axes, x in ((None, rows[0]), ((None, 0), rows)):
        one, other = (compile(f, in_axes=in_axes, backend=backend) for backend in ("native", "python"))
        assert one(w, x) == pytest.approx(other(w, x), rel=1e-9, abs=1e-9)
