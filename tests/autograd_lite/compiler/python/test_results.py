"""What a source returns: outputs one by one, or many alike as a whole; in a batch, means over its samples."""

import pytest

import autograd_lite as ag
from autograd_lite import compile


def products(c, x):
    return [c * v for v in x]


def with_another_use(c, x):
    scaled = products(c, x)
    return [*scaled, scaled[0] + 1]


def pieces(c, x):
    return [-x[0], *x, *x[1:], *x[: len(x) // 2], c, *products(x[0], x), *products(c, x[::-1])]


ALIKE = {
    "an argument": lambda c, x: [*x, x[0]],
    "part of an argument": lambda c, x: [*x[1:], 0.0],
    "an argument backwards": lambda c, x: x[::-1],
    "products": products,
    "products of two factors": lambda c, x: [*products(c, x), *products(x[0], x), c],
    "products with another use": with_another_use,
    "pieces": pieces,
    "a gradient": lambda c, x: ag.grad(lambda w: ag.tanh(ag.dot(w, x)) * c)(x),
}


@pytest.mark.parametrize("f", ALIKE.values(), ids=ALIKE)
@pytest.mark.parametrize("count", [31, 32, 70])
def test_many_outputs_of_one_kind_are_what_they_are_one_by_one(f, count, length, cut):
    c, x = 3.0, [0.5 * k - 2 for k in range(count)]
    rows = [x, [v * v for v in x]]
    one, of_rows, of_factors = (compile(f, in_axes=axes, backend="python") for axes in (None, (None, 0), (0, None)))
    with cut(length):
        assert one(c, x) == f(c, x)
        assert of_rows.per_sample(c, rows) == [f(c, row) for row in rows]
        for axes, point, samples in (
            ((None, 0), (c, rows), [(c, row) for row in rows]),
            ((0, None), ([c, -1.0], x), [(c, x), (-1.0, x)]),
        ):
            compiled = of_rows if axes == (None, 0) else of_factors
            each = [f(*sample) for sample in samples]
            assert compiled(*point) == pytest.approx([sum(column) / 2 for column in zip(*each, strict=True)], rel=1e-13)


@pytest.mark.parametrize(
    ("name", "in_axes"),
    [
        ("an argument", None),
        ("part of an argument", None),
        ("products", None),
        ("products of two factors", None),
        ("a gradient", None),
        ("products", (0, None)),
        ("a gradient", (0, None)),
    ],
)
def test_a_source_does_not_grow_with_outputs_that_are_alike(name, in_axes):
    f = compile(ALIKE[name], in_axes=in_axes, backend="python")
    f(3.0 if in_axes is None else [3.0, 4.0], [0.5] * 5000)
    assert len(f.source) < 700


def test_a_loop_over_rows_adds_what_is_the_same_for_each_sample():
    def f(w, x):
        return ag.dot(w, x) * 3 + w[0] * w[1]

    w, rows = [0.5 * k for k in range(33)], [[1.0 - k for k in range(33)], [0.25] * 33]
    compiled = compile(f, in_axes=(None, 0), backend="python")
    expected = [ag.grad(lambda w, row=row: f(w, row))(w) for row in rows]
    assert compiled.grad(w, rows) == pytest.approx([sum(column) / 2 for column in zip(*expected, strict=True)], rel=1e-13)
    assert sum("for" in line for line in compiled.source.splitlines()) == 3  # the samples, the row, and its end


def test_a_mean_has_a_name():
    f = compile(lambda x, c: [c * c, c + x, x], in_axes=(0, None), backend="python")
    assert f([1.0, 2.0], 3.0) == [9.0, 4.5, 1.5]
    assert "total_x / count" in f.source


def test_a_batch_without_anything_to_compute():
    f = compile(lambda x, y: [1.0, ag.sum([])], in_axes=(0, 0), backend="python")
    assert f([1.0], [2.0]) == [1.0, 0]
