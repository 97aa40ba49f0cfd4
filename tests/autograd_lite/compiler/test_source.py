"""The source that a compiled function becomes, to the letter: what is read here is what runs."""

import linecache
import math
from contextlib import contextmanager

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd_lite as ag
from autograd_lite import Value, compile, value_and_grad
from autograd_lite.compiler import blocks, source
from autograd_lite.compiler.source import PythonProgram
from autograd_lite.compiler.tape import Argument, Tape
from autograd_lite.errors import DomainError
from autograd_lite.strategies import functions

k, unnamed = Value(5.0, "k"), Value(6.0)
again = [Value(1.0, "x"), Value(2.0, "x"), Value(3.0, "class")]


def loss(w, b, x, y):
    z = w * x + b
    z.label = "z"
    a = ag.tanh(z)
    a.label = "a"
    return (a - y) ** 2


def layer(w, x):
    first, second = (ag.tanh(ag.dot(w[2 * j : 2 * j + 2], x, w[4 + j])) for j in range(2))
    return first * second


def lists(x, y):
    parts = [x[0], y, x[1] * 2]
    return ag.sum(parts) * ag.prod(parts) + ag.logsumexp(x) * ag.logsumexp(x[1:]) + ag.sum(x[1:])


@pytest.mark.parametrize(
    ("f", "kind", "arguments", "options", "source"),
    [
        (
            loss,
            "value_and_grad",
            (1.0, 2.0, 3.0, 4.0),
            {"argnums": (0, 1)},
            """
        def loss_value_and_grad(w, b, x, y):
            z = w * x + b
            a = tanh(z)
            v7 = a - y
            v9 = v7 ** 2
            v10 = sech_squared(z)
            d_a = 2 * v7
            d_z = d_a * v10
            d_w = d_z * x
            return [v9, d_w, d_z]
        """,
        ),
        (
            loss,
            "value_and_grad",
            (1.0, 2.0, [3.0], [4.0]),
            {"argnums": (0, 2), "in_axes": (None, None, 0, 0)},
            """
        def loss_value_and_grad(w, b, x_rows, y_rows):
            total_0 = 0.0
            d_w = 0.0
            rows2 = []
            count = len(x_rows)
            for x, y in zip(x_rows, y_rows):
                z = w * x + b
                a = tanh(z)
                v7 = a - y
                v9 = v7 ** 2
                v10 = sech_squared(z)
                d_a = 2 * v7
                d_z = d_a * v10
                d_x = d_z * w
                total_0 += v9
                d_w += d_z * x
                rows2.append(d_x)
            return [total_0 / count, d_w / count, rows2]
        """,
        ),
        (
            loss,
            "per_sample",
            (1.0, 2.0, [3.0], [4.0]),
            {"in_axes": (None, None, 0, 0)},
            """
        def loss_per_sample(w, b, x_rows, y_rows):
            rows0 = []
            count = len(x_rows)
            for x, y in zip(x_rows, y_rows):
                z = w * x + b
                a = tanh(z)
                v9 = (a - y) ** 2
                rows0.append(v9)
            return [rows0]
        """,
        ),
        (
            loss,
            "grad",
            (1.0, 2.0, 3.0, 4.0),
            {"argnums": (1,)},
            """
        def loss_gradient(w, b, x, y):
            z = w * x + b
            a = tanh(z)
            v9 = sech_squared(z)
            d_a = 2 * (a - y)
            d_z = d_a * v9
            return [d_z]
        """,
        ),
        (
            layer,
            "value_and_grad",
            ([1.0] * 6, [2.0] * 2),
            {},
            """
        def layer_value_and_grad(w, x):
            w_4 = w[4]
            w_5 = w[5]
            x_0, x_1, = x
            v8 = dot(w[2:4], x, w_5)
            d_v11 = tanh(v8)
            v10 = dot(w[0:2], x, w_4)
            d_d_v11 = tanh(v10)
            v13 = sech_squared(v10)
            d_w_4 = d_v11 * v13
            d_w_0 = d_w_4 * x_0
            d_w_1 = d_w_4 * x_1
            v17 = sech_squared(v8)
            d_w_5 = d_d_v11 * v17
            d_w_2 = d_w_5 * x_0
            d_w_3 = d_w_5 * x_1
            return [d_d_v11 * d_v11, d_w_0, d_w_1, d_w_2, d_w_3, d_w_4, d_w_5]
        """,
        ),
        (
            layer,
            "grad",
            ([1.0] * 6, [[2.0] * 2]),
            {"in_axes": (None, 0), "argnums": 1},
            """
        def layer_gradient(w, x_rows):
            w_0, w_1, w_2, w_3, w_4, w_5, = w
            w_2_to_4 = w[2:4]
            w_0_to_2 = w[0:2]
            rows0 = []
            rows1 = []
            count = len(x_rows)
            for x in x_rows:
                v8 = dot(w_2_to_4, x, w_5)
                v9 = sech_squared(v8)
                v10 = dot(w_0_to_2, x, w_4)
                d_v15 = tanh(v10)
                d_v8 = d_v15 * v9
                v14 = sech_squared(v10)
                d_d_v15 = tanh(v8)
                d_v10 = d_d_v15 * v14
                d_x_0 = d_v10 * w_0 + d_v8 * w_2  # the chain rule sums over 2 paths
                d_x_1 = d_v10 * w_1 + d_v8 * w_3  # the chain rule sums over 2 paths
                rows0.append(d_x_0)
                rows1.append(d_x_1)
            return [rows0, rows1]
        """,
        ),
        (
            lists,
            "value",
            ([1.0, 2.0, 3.0], 2.0),
            {},
            """
        def lists(x, y):
            x_0 = x[0]
            x_1 = x[1]
            x_1_to_3 = x[1:3]
            v4 = sum(x_1_to_3)
            v5 = logsumexp(x_1_to_3)
            v6 = logsumexp(x)
            list2 = [x_0, y, x_1 * 2]
            v10 = prod(list2)
            v11 = sum(list2)
            return [v11 * v10 + v6 * v5 + v4]
        """,
        ),
        (
            lists,
            "value",
            ([1.0, 2.0, 3.0], [2.0]),
            {"in_axes": (None, 0)},
            """
        def lists(x, y_rows):
            x_0 = x[0]
            x_1 = x[1]
            x_1_to_3 = x[1:3]
            v4 = sum(x_1_to_3)
            v5 = logsumexp(x_1_to_3)
            v6 = logsumexp(x)
            v7 = v6 * v5
            v9 = x_1 * 2
            total_0 = 0.0
            count = len(y_rows)
            for y in y_rows:
                list2 = [x_0, y, v9]
                v10 = prod(list2)
                v11 = sum(list2)
                total_0 += v11 * v10
            return [total_0 / count + v7 + v4]
        """,
        ),
        (
            lists,
            "per_sample",
            ([[1.0, 2.0, 3.0]], 2.0),
            {"in_axes": (0, None)},
            """
        def lists_per_sample(x_rows, y):
            rows0 = []
            count = len(x_rows)
            for x in x_rows:
                x_0 = x[0]
                x_1 = x[1]
                x_1_to_3 = x[1:3]
                v4 = sum(x_1_to_3)
                v5 = logsumexp(x_1_to_3)
                v6 = logsumexp(x)
                list2 = [x_0, y, x_1 * 2]
                v10 = prod(list2)
                v11 = sum(list2)
                rows0.append(v11 * v10 + v6 * v5 + v4)
            return [rows0]
        """,
        ),
        (
            lambda x: x * x * x + x,
            "value_and_grad",
            (2.0,),
            {},
            """
        def f_value_and_grad(x):
            v1 = x * x
            d_x = 1 + v1 + v1 + v1  # the chain rule sums over 4 paths
            return [v1 * x + x, d_x]
        """,
        ),
        (
            lambda x: ag.sin(x) + ag.sin(x) * 2,
            "value_and_grad",
            (2.0,),
            {},
            """
        def f_value_and_grad(x):
            v1 = sin(x)
            v2 = cos(x)
            d_x = v2 + 2 * v2  # the chain rule sums over 2 paths
            return [v1 + v1 * 2, d_x]
        """,
        ),
        (
            lambda x: (x - 1) - (x * 3 - (x + 2)) * (x * x) * -x / -(x * x),
            "value",
            (2.0,),
            {},
            """
        def f(x):
            v1 = x * x
            v11 = (x * 3 - (x + 2)) * v1 * (-x) / (-v1)
            return [x - 1 - v11]
        """,
        ),
        (
            lambda x, y: (x + y) * (x - y) / (x * y) / (y / x),
            "value",
            (2.0, 3.0),
            {},
            """
        def f(x, y):
            v6 = (x + y) * (x - y) / (x * y)
            v7 = y / x
            v8 = v6 / v7
            return [v8]
        """,
        ),
        (
            lambda x, y: (-x) ** 2 + (x * y) ** 3 + x**y - 2**x,
            "value",
            (2.0, 3.0),
            {},
            """
        def f(x, y):
            v4 = (-x) ** 2
            v7 = (x * y) ** 3
            v8 = pow(x, y)
            v9 = pow(2, x)
            return [v4 + v7 + v8 - v9]
        """,
        ),
        (
            lambda x: x * -2.0 - -3.0 + x**-2 + math.inf * x + math.nan,
            "value",
            (2.0,),
            {},
            """
        def f(x):
            v2 = x ** (-2)
            return [x * (-2.0) - (-3.0) + v2 + inf * x + nan]
        """,
        ),
        (
            lambda p: {"sum": p["a"] + p["b"][0], "list": [p["a"] * 2, (p["b"][1],)]},
            "value",
            ({"a": 1.0, "b": [2.0, 3.0]},),
            {},
            """
        def f(p):
            p_a, p_b_0, p_b_1, = p
            return [p_a + p_b_0, p_a * 2, p_b_1]
        """,
        ),
        (
            lambda x: k * x + unnamed * x + k,
            "value_and_grad",
            (2.0,),
            {},
            """
        def f_value_and_grad(x, outside):
            outside0, k, = outside
            d_x = k + outside0  # the chain rule sums over 2 paths
            return [k * x + outside0 * x + k, d_x]
        """,
        ),
        (
            lambda x: x * again[0] + again[2] * again[1],
            "value",
            (2.0,),
            {},
            """
        def f(x, outside):
            class_2, x_2, x_3, = outside
            return [x * x_3 + class_2 * x_2]
        """,
        ),
        (
            lambda w, x: ag.sum(w[::-1]) * ag.prod(x[3:5]) + ag.prod(w[::-1]),
            "value",
            ([1.0] * 2, [1.0] * 6),
            {},
            """
        def f(w, x):
            w_0, w_1, = w
            list0 = [w_1, w_0]
            v8 = prod(list0)
            v9 = prod(x[3:5])
            v10 = sum(list0)
            return [v10 * v9 + v8]
        """,
        ),
        (
            lambda x: ag.sum(x[2:5]) * x[9] + ag.sum(x[2:5]) + ag.prod(x[:3]),
            "value",
            ([1.0] * 10,),
            {},
            """
        def f(x):
            x_9 = x[9]
            v10 = prod(x[0:3])
            v11 = sum(x[2:5])
            return [v11 * x_9 + v11 + v10]
        """,
        ),
        (
            lambda x, c: [c * c, c + x, x],
            "value",
            ([1.0, 2.0], 3.0),
            {"in_axes": (0, None)},
            """
        def f(x_rows, c):
            v2 = c * c
            total_1 = 0.0
            total_x = 0.0
            count = len(x_rows)
            for x in x_rows:
                total_1 += x
                total_x += x
            return [v2, total_1 / count + c, total_x / count]
        """,
        ),
        (
            lambda x, c: x * c + c * c - c,
            "value",
            ([1.0, 2.0], 3.0),
            {"in_axes": (0, None)},
            """
        def f(x_rows, c):
            v2 = c * c
            total_0 = 0.0
            count = len(x_rows)
            for x in x_rows:
                total_0 += x * c + v2 - c
            return [total_0 / count]
        """,
        ),
        (
            lambda w, x: ag.exp(w) * ag.log(x),
            "grad",
            (1.0, [1.0, 2.0]),
            {"in_axes": (None, 0)},
            """
        def f_gradient(w, x_rows):
            v2 = exp(w)
            d_w = 0.0
            count = len(x_rows)
            for x in x_rows:
                d_v2 = log(x)
                d_w += d_v2 * v2
            return [d_w / count]
        """,
        ),
        (
            lambda x, y: [1.0, ag.sum([])],
            "value",
            ([1.0], [2.0]),
            {"in_axes": (0, 0)},
            """
        def f(x_rows, y_rows):
            count = len(x_rows)
            for x, y in zip(x_rows, y_rows):
                pass
            return [1.0, 0]
        """,
        ),
        (
            lambda x: ag.sum([x * n for n in range(2, 20)]) + sum([x * n for n in range(2, 20)], x),
            "value",
            (3.0,),
            {},
            """
        def f(x):
            v2 = x * 19
            v4 = x * 18
            v6 = x * 17
            v8 = x * 16
            v10 = x * 15
            v12 = x * 14
            v14 = x * 13
            v16 = x * 12
            v18 = x * 11
            v20 = x * 10
            v22 = x * 9
            v24 = x * 8
            v26 = x * 7
            v28 = x * 6
            v30 = x * 5
            v32 = x * 4
            v34 = x * 3
            v36 = x * 2
            v54 = x + v36 + v34 + v32 + v30 + v28 + v26 + v24 + v22 + v20 + v18 + v16 + v14 + v12 + v10 + v8 + v6 + v4 + v2
            v55 = sum([v36, v34, v32, v30, v28, v26, v24, v22, v20, v18, v16, v14, v12, v10, v8, v6, v4, v2])
            return [v55 + v54]
        """,
        ),
    ],
)
def test_what_is_read_is_what_runs(f, kind, arguments, options, source):
    compiled = compile(f, backend="python", **options)
    (compiled if kind == "value" else getattr(compiled, kind))(*arguments)
    assert compiled.source.splitlines() == [line.removeprefix(" " * 8) for line in source.splitlines()[1:-1]]


LENGTHS = [None, 0, 80]  # of the functions that a long source is cut into, in characters; None: it is not long


@contextmanager
def cut(length):
    """Every source as long ones are: in functions of this length, and lists in pieces of two."""
    with pytest.MonkeyPatch.context() as patch:
        if length is not None:
            patch.setattr(source, "LONG", 0)
            patch.setattr(source, "PIECE", 2)
            patch.setattr(blocks, "BLOCK", length)
        yield


def source_of(f, *arguments, **options):
    compiled = compile(f, backend="python", **options)
    compiled(*arguments)
    return [line.strip() for line in compiled.source.splitlines()]


def names(prefix, start, stop):
    return ", ".join(f"{prefix}_{n}" for n in range(start, stop))


def test_from_32_on_numbers_side_by_side_are_given_as_a_whole():
    assert source_of(lambda x: [*x, x[0]], [1.0] * 32)[-1] == "return [*x, x_0]"
    assert source_of(lambda x: [*x[1:], 0.0], [1.0] * 33)[-1] == "return [*x[1:33], 0.0]"
    several = source_of(lambda x, y: [-x[0], *x, *y, *y[:32], *x[2:]], [1.0] * 33, [1.0] * 33)
    assert several[-1] == f"return [-x_0, *x, *y, *y[0:32], {names('x', 2, 33)}]"
    assert source_of(lambda x: list(x), [1.0] * 31)[-1] == f"return [{names('x', 0, 31)}]"
    assert source_of(lambda x, y: [*x, *y], [1.0] * 20, [1.0] * 20)[-1] == f"return [{names('x', 0, 20)}, {names('y', 0, 20)}]"
    assert source_of(lambda x: x, [[1.0] * 32], in_axes=(0,))[-1].startswith("return [total_x_0 / count, total_x_1 / count, ")


def test_from_32_on_products_with_one_factor_are_a_loop():
    def scale(c, x):
        return [c * v for v in x]

    assert source_of(scale, 2.0, [1.0] * 32)[-2:] == ["d_row0 = [c * each for each in x]", "return [*d_row0]"]
    assert source_of(scale, 2.0, [1.0] * 31)[-1] == f"return [{', '.join(f'c * x_{n}' for n in range(31))}]"
    assert source_of(scale, [2.0], [1.0] * 32, in_axes=(0, None))[-6:] == [
        "d_row0 = [0.0] * 32",
        "count = len(c_rows)",
        "for c in c_rows:",
        "d_row0 = [total + c * each for total, each in zip(d_row0, x)]",
        "d_row0 = [total / count for total in d_row0]",
        "return [*d_row0]",
    ]
    two = source_of(lambda c, d, x: [c * v for v in x] + [d * v for v in x] + [c], 2.0, 3.0, [1.0] * 32)
    assert two[-3:] == [
        "d_row0 = [c * each for each in x]",
        "d_row32 = [d * each for each in x]",
        "return [*d_row0, *d_row32, c]",
    ]


def test_a_gradient_of_many_weights_is_a_loop():
    f = compile(lambda w, x: ag.tanh(ag.dot(w, x)), backend="python")
    f.grad([1.0] * 32, [1.0] * 32)
    assert [line.strip() for line in f.source.splitlines()[-4:]] == [
        "v64 = dot(w, x)",
        "d_v64 = sech_squared(v64)",
        "d_row0 = [d_v64 * each for each in x]",
        "return [*d_row0]",
    ]


def test_a_product_with_another_use_is_not_part_of_a_loop():
    def f(c, x):
        products = [c * v for v in x]
        return [*products, products[0] + 1]

    lines = source_of(f, 2.0, [1.0] * 33)
    assert lines[-3:] == ["v34 = c * x_0", "d_row1 = [c * each for each in x[1:33]]", "return [v34, *d_row1, v34 + 1]"]
    assert "d_row" not in " ".join(source_of(f, 2.0, [1.0] * 32))


def test_a_loop_over_rows_adds_what_is_the_same_for_each_sample():
    f = compile(lambda w, x: ag.dot(w, x) * 3 + w[0] * w[1], in_axes=(None, 0), backend="python")
    f.grad([1.0] * 32, [[1.0] * 32])
    assert f"d_row0 = [total / count + same for total, same in zip(d_row0, [w_1, w_0{', 0.0' * 30}])]" in f.source


@pytest.mark.parametrize(
    "places", [(0, 0, 2), (0, 2, 2), (1, 2, 3), (0, 1), (3, 2), (2,), (0, 1, 2, 3), (2, 1, 3, 0, 4), (2, 3, 4)]
)
def test_a_slice_holds_the_operands_in_their_order(places):
    def f(x, y):
        numbers = [*x, y]
        return ag.dot([numbers[place] for place in places], [2.0, 3.0, 5.0, 7.0, 11.0][: len(places)])

    point = [1.0, 10.0, 100.0, 1000.0], 0.5
    assert compile(f, backend="python")(*point) == f(*point)


def test_numbers_get_their_names_eight_at_a_time():
    assert source_of(lambda x: math.prod(x), [1.0] * 8)[1] == f"{names('x', 0, 8)}, = x"
    _, *lines = source_of(lambda x: math.prod(x), [1.0] * 17)
    assert lines[:3] == [f"{names('x', 0, 8)}, = x[0:8]", f"{names('x', 8, 16)}, = x[8:16]", "x_16, = x[16:17]"]


def test_from_1001_numbers_on_an_argument_is_indexed():
    def product(a, b, c, x):
        return a * b * c * x[1] * x[-1]

    one, *rest = source_of(product, 2.0, 3.0, 4.0, [1.0] * 1000)
    assert rest == ["x_1 = x[1]", "x_999 = x[999]", "return [a * b * c * x_1 * x_999]"]
    assert source_of(product, 2.0, 3.0, 4.0, [1.0] * 1001) == [one, "return [a * b * c * x[1] * x[1000]]"]
    for count, last in ((1000, "outside999"), (1001, "outside[1000]")):
        values = [Value(1.0) for _ in range(count)]
        assert source_of(lambda values=values: ag.sum(values))[-2].endswith(f", {last}])")


@pytest.mark.parametrize(("letters", "statements"), [(96, 1), (97, 2)])
def test_an_expression_of_more_than_100_characters_is_a_statement(letters, statements):
    factor = Value(1.0, "n" * letters)
    assert len(source_of(lambda x: ag.sin(x * factor), 2.0)) == statements + 3


def test_what_has_no_label_is_named_after_its_place():
    tape = Tape(4)
    tape.outputs = [2, 3, 1]
    program = PythonProgram(tape, [Argument("a", 0, 1, True, False), Argument("b", 1, 4, False, False)], [True] * 3, "f")
    assert program.source == "def f(a, b):\n    b_0, b_1, b_2, = b\n    return [b_1, b_2, b_0]\n"
    assert program.run([1.0, [2.0, 3.0, 4.0]]) == [3.0, 4.0, 2.0]


def test_a_sign_binds_tighter_than_a_product():
    assert source_of(lambda x, y: [-(x * y), -(x + y), -x * y, x * -y, -(x * 2.0 * y)], 2.0, 3.0)[-1] == (
        "return [-(x * y), -(x + y), -x * y, x * (-y), -(x * 2.0 * y)]"
    )


def test_a_sum_that_has_another_use_is_one_path():
    f = compile(lambda x, y: (s := y + y * y) * x + k * x + ag.exp(s), backend="python")
    f.value_and_grad(1.0, 2.0)
    assert "d_x = v3 + k  # the chain rule sums over 2 paths" in f.source


# Long sources


@settings(max_examples=50)
@given(functions(3), st.integers(0, 200), st.sampled_from([None, 1, 2, 3]))
def test_a_source_cut_into_functions_computes_the_same_bits(f, length, samples):
    count = len(f.point)
    axes = None if samples is None else [0, *[None] * (count - 1)]
    point = f.point if samples is None else [[f.point[0]] * samples, *f.point[1:]]
    whole, pieces = (compile(f, range(count), in_axes=axes, backend="python") for _ in range(2))
    with cut(length):
        parts = pieces.value_and_grad(*point)
    assert repr(parts) == repr(whole.value_and_grad(*point))


def test_tracebacks_find_the_lines_of_a_source_that_is_one_text():
    for length in (None, 0):
        f = compile(lambda x: ag.sin(x) * 2, backend="python")
        with cut(length):
            f(1.0)
        file = f._latest.python()._file
        assert "".join(linecache.getlines(file)) == (f.source if length is None else "")


def test_a_source_is_cut_if_its_statements_and_results_are_too_many(monkeypatch):
    for most, parts in ((5, 1), (4, 3)):  # two statements, three results
        monkeypatch.setattr(source, "LONG", most)
        f = compile(lambda x: [ag.sin(x), ag.cos(x), x], backend="python")
        assert f(0.0) == [0.0, 1.0, 0.0]
        assert f.source.count("def ") == parts


def test_a_long_source_reads_as_a_short_one():
    f = compile(lambda w, x, y: loss(w, w * w, x, y), in_axes=(None, 0, 0), backend="python")
    with cut(60):
        f.value_and_grad(1.0, [3.0], [4.0])
    assert (
        f.source
        == """\
def f_value_and_grad_1(kept, w):
    v3 = w * w
    total_0 = 0.0
    d_w = 0.0
    kept[0] = v3
    kept[1] = total_0
    kept[2] = d_w


def f_value_and_grad_2(kept, w, x, y):
    v3 = kept[0]
    z = w * x + v3
    a = tanh(z)
    v7 = a - y
    v9 = v7 ** 2
    v10 = sech_squared(z)
    kept[3] = v7
    kept[4] = v9
    kept[5] = v10


def f_value_and_grad_3(kept, w, x):
    v7 = kept[3]
    v10 = kept[5]
    total_0 = kept[1]
    v9 = kept[4]
    d_w = kept[2]
    d_a = 2 * v7
    d_z = d_a * v10
    v13 = d_z * w
    total_0 += v9
    d_w += d_z * x
    kept[6] = v13
    kept[1] = total_0
    kept[2] = d_w


def f_value_and_grad_4(kept):
    d_w = kept[2]
    v13 = kept[6]
    d_w += v13
    d_w += v13
    kept[2] = d_w


def f_value_and_grad_5(kept, outputs, count):
    total_0 = kept[1]
    d_w = kept[2]
    outputs.extend([total_0 / count, d_w / count])


def f_value_and_grad(w, x_rows, y_rows):
    kept = [None] * 7
    outputs = []
    f_value_and_grad_1(kept, w)
    count = len(x_rows)
    for x, y in zip(x_rows, y_rows):
        f_value_and_grad_2(kept, w, x, y)
        f_value_and_grad_3(kept, w, x)
        f_value_and_grad_4(kept)
    f_value_and_grad_5(kept, outputs, count)
    return outputs
"""
    )


def test_a_list_of_more_than_10000_numbers_is_written_in_pieces():
    c = [Value(1.0) for _ in range(10_001)]
    f = compile(lambda x: ag.sum([x * n for n in range(5000)]) + ag.sum(c) + ag.dot(c, c) - ag.sum(c[1:]), backend="python")
    assert f(1.0) == 4999 * 2500 + 10_002
    assert [line.count(",") + 1 for line in f.source.splitlines() if " += [" in line] == [1000] * 10 + [1]


def test_a_list_is_written_in_pieces_from_one_number_more_on(monkeypatch):
    monkeypatch.setattr(source, "LONG", 3)
    assert "list0" not in "".join(source_of(lambda x: ag.sum(x[::-1]), [1.0] * 3))
    assert "list0 += [x_3, x_2, x_1, x_0]" in source_of(lambda x: ag.sum(x[::-1]), [1.0] * 4)
    assert "list0" not in "".join(source_of(lambda x: ag.sum(x), [1.0] * 4))


# Names


POOL = ["x", "total", "same", "each", "count", "outside", "x_rows", "zip", "len", "nan", "d_row0", "total_0", "list0", "v3"]
POOL += ["kept", "outputs", "append", "extend", "paths", "f_gradient_1"]


@given(st.permutations(POOL), st.sampled_from(LENGTHS))
def test_no_name_changes_what_the_source_computes(chosen, length):
    a, w, z, *labels = chosen
    extra = Value(0.5, labels[2])
    scope = {"ag": ag, "labels": labels, "extra": extra}
    exec(
        f"""def {labels[3]}({a}, {w}, {z}):
    sine = ag.sin({a})
    scaled = ag.dot({w}, {z}) * sine
    if isinstance(sine, ag.Value):
        sine.label, scaled.label = labels[:2]
    return ag.exp(scaled) + {a} * ag.dot({w}, {z}) + extra * {a} + 0.1 * {w}[0] ** 2""",
        scope,
    )
    f = scope[labels[3]]
    first, second, weights, inputs = 0.3, -0.7, [0.1 * n for n in range(33)], [0.01 * n for n in range(33)]
    expected, gradient = value_and_grad(lambda w: (f(first, w, inputs) + f(second, w, inputs)) / 2)(weights)
    compiled = compile(f, 1, in_axes=(0, None, None), backend="python")
    with cut(length):
        value, by_weights = compiled.value_and_grad([first, second], weights, inputs)
    assert value == pytest.approx(expected.data)
    assert by_weights == pytest.approx([g.data for g in gradient])


def test_names_that_are_no_python_are_replaced():
    @ag.primitive(derivatives=[lambda out, x: 3 * x * x], name="∘")
    def cube(x):
        return x**3

    f = compile(lambda x: cube(x) + ag.sin(x), backend="python")
    assert f(2.0) == 8 + math.sin(2.0)

    def nameless(x):
        return x * 2

    nameless.__name__ = "→"
    assert compile(nameless, backend="python").grad(2.0) == 2.0


# Errors


def first(w, x):
    return ag.log(w) + ag.log(w * x)


@pytest.mark.parametrize("length", LENGTHS)
@pytest.mark.parametrize(
    ("in_axes", "arguments", "message"),
    [
        (None, (-1.0, -1.0), r"log\(w=-1.0\): "),
        (None, (1.0, -2.0), r"log\(-2.0\): "),
        ((None, 0), (-1.0, [-1.0]), r"log\(w=-1.0\): "),
        ((None, 0), (1.0, [1.0, -3.0]), r"log\(-3.0\): "),
        ((0, 0), ([1.0, 2.0], [1.0, -3.0]), r"log\(-6.0\): "),
    ],
)
def test_the_line_that_fails_names_its_operation_and_operands(in_axes, arguments, message, length):
    f = compile(first, in_axes=in_axes, backend="python")
    with cut(length):
        f(*([abs(x) for x in a] if isinstance(a, list) else abs(a) for a in arguments))  # recorded where nothing fails
    with pytest.raises(DomainError, match=message):
        f(*arguments)


@pytest.mark.parametrize("wrong", range(12))
@pytest.mark.parametrize("batched", [None, "all", "odd"])
@pytest.mark.parametrize("length", LENGTHS)
def test_each_line_names_its_own_operation(wrong, batched, length):
    names = [f"x{k}" for k in range(12)]
    scope = {"ag": ag}
    exec(f"def f({', '.join(names)}):\n    return {' + '.join(f'ag.log({name})' for name in names)}", scope)
    axes = None if batched is None else [0 if batched == "all" or k % 2 else None for k in range(12)]
    right, arguments = (
        [[1.0, x] if axes and axes[k] == 0 else x for k, x in enumerate(numbers)]
        for numbers in ([1.0] * 12, [-1.0 if k == wrong else 1.0 for k in range(12)])
    )
    f = compile(scope["f"], in_axes=axes, backend="python")
    with cut(length):
        assert f(*right) == 0.0
    with pytest.raises(DomainError, match=rf"log\(x{wrong}=-1.0\): "):
        f(*arguments)


@pytest.mark.parametrize("length", LENGTHS)
def test_an_operation_of_many_operands_that_fails_names_them(length):
    @ag.primitive(derivatives=[lambda out, terms: [1] * len(terms)], variadic=True)
    def refused(terms):
        if terms[0] > 1:
            raise ValueError("too large")
        return terms[0]

    f = compile(
        lambda x, y: refused([y, x]) * 0 + refused([x, 2.0, y * y]) - 3 * ag.sum([y, y]) / y + 6 * ag.prod([x, x]),
        backend="python",
    )
    with cut(length):
        assert f(1.0, 0.5) == 1.0
    with pytest.raises(DomainError, match=r"refused\(\[x=2.0, 2.0, 0.25\]\): too large"):
        f(2.0, 0.5)
