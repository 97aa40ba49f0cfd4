"""Eight sources to read, each for one idea: what is read here is what runs."""

from textwrap import dedent

import autograd_lite as ag
from autograd_lite import Value, compile
from autograd_lite.compiler.python import functions, source


def reads_as(f, text):
    """Whether this is the source of a compiled function; the text may be indented."""
    assert f.source == dedent(text).lstrip("\n")


def loss(w, b, x, y):
    z = w * x + b
    z.label = "z"
    a = ag.tanh(z)
    a.label = "a"
    return (a - y) ** 2


def test_forward_and_backward_with_the_names_of_the_function():
    f = compile(loss, argnums=(0, 1), backend="python")
    f.value_and_grad(1.0, 2.0, 3.0, 4.0)
    reads_as(
        f,
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
    )


def test_a_batch_is_a_loop_over_its_samples():
    f = compile(loss, argnums=(0, 2), in_axes=(None, None, 0, 0), backend="python")
    f.value_and_grad(1.0, 2.0, [3.0], [4.0])
    reads_as(
        f,
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
    )


def test_numbers_side_by_side_are_a_slice_and_what_all_samples_share_comes_before_the_loop():
    def window(x, y):
        return ag.sum(x[1:]) * ag.prod([x[0], y]) + ag.logsumexp(x) * ag.logsumexp(x[1:])

    f = compile(window, in_axes=(None, 0), backend="python")
    f([1.0, 2.0, 3.0, 4.0], [1.0, 2.0])
    reads_as(
        f,
        """
        def window(x, y_rows):
            x_0 = x[0]
            x_1_to_4 = x[1:4]
            v5 = logsumexp(x_1_to_4)
            v6 = logsumexp(x)
            v7 = v6 * v5
            v9 = sum(x_1_to_4)
            total_0 = 0.0
            count = len(y_rows)
            for y in y_rows:
                v8 = prod([x_0, y])
                total_0 += v9 * v8
            return [total_0 / count + v7]
        """,
    )


def test_a_derivative_is_a_sum_over_paths():
    def cubic(x):
        return x * x * x + x

    f = compile(cubic, backend="python")
    f.value_and_grad(2.0)
    reads_as(
        f,
        """
        def cubic_value_and_grad(x):
            v1 = x * x
            d_x = 1 + v1 + v1 + v1  # the chain rule sums over 4 paths
            return [v1 * x + x, d_x]
        """,
    )


def test_values_from_outside_are_one_more_argument():
    rate, unnamed = Value(5.0, "rate"), Value(6.0)
    f = compile(lambda x: rate * x + unnamed * x, backend="python")
    f.value_and_grad(2.0)
    reads_as(
        f,
        """
        def f_value_and_grad(x, outside):
            outside0, rate, = outside
            d_x = rate + outside0  # the chain rule sums over 2 paths
            return [rate * x + outside0 * x, d_x]
        """,
    )


def test_what_may_have_no_value_is_computed_though_no_result_needs_it():
    f = compile(ag.log, backend="python")
    f.grad(1.0)
    reads_as(
        f,
        """
        def log_gradient(x):
            v1 = log(x)  # no result needs it; it is an error where it has no value
            d_x = 1 / x
            return [d_x]
        """,
    )


def test_a_layer():
    def layer(w, b, x):
        neurons = ag.affine(w, x, b)
        for j, z in enumerate(neurons):
            z.label = f"z[{j}]"
        return ag.sum([ag.tanh(z) for z in neurons])

    f = compile(layer, argnums=(0, 1), backend="python")
    f.value_and_grad([[0.1, 0.2, 0.3], [0.4, 0.5, 0.6]], [1.0, 2.0], [1.0, 2.0, 3.0])
    reads_as(
        f,
        """
        def layer_value_and_grad(w, b, x):
            b_0, b_1, = b
            x_0, x_1, x_2, = x
            z_1 = dot(w[3:6], x, b_1)
            v12 = tanh(z_1)
            z_0 = dot(w[0:3], x, b_0)
            v14 = tanh(z_0)
            v15 = sum([v14, v12])
            d_z_0 = sech_squared(z_0)
            d_w_0_0 = d_z_0 * x_0
            d_w_0_1 = d_z_0 * x_1
            d_w_0_2 = d_z_0 * x_2
            d_z_1 = sech_squared(z_1)
            d_w_1_0 = d_z_1 * x_0
            d_w_1_1 = d_z_1 * x_1
            d_w_1_2 = d_z_1 * x_2
            return [v15, d_w_0_0, d_w_0_1, d_w_0_2, d_w_1_0, d_w_1_1, d_w_1_2, d_z_0, d_z_1]
        """,
    )


def test_a_long_function_is_several_short_ones(monkeypatch):
    monkeypatch.setattr(source, "LONG", 0)
    monkeypatch.setattr(functions, "SECTION", 200)
    f = compile(lambda w, x, y: loss(w, w * w, x, y), in_axes=(None, 0, 0), backend="python")
    f.value_and_grad(1.0, [3.0], [4.0])
    reads_as(
        f,
        """
        def f_value_and_grad_1(kept, w):
            v3 = w * w
            total_0 = 0.0
            d_w = 0.0
            kept[0] = v3
            kept[1] = total_0
            kept[2] = d_w


        def f_value_and_grad_2(kept, w, x, y):
            v3 = kept[0]
            total_0 = kept[1]
            d_w = kept[2]
            z = w * x + v3
            a = tanh(z)
            v7 = a - y
            v9 = v7 ** 2
            v10 = sech_squared(z)
            d_a = 2 * v7
            d_z = d_a * v10
            v13 = d_z * w
            total_0 += v9
            d_w += d_z * x
            d_w += v13
            d_w += v13
            kept[1] = total_0
            kept[2] = d_w


        def f_value_and_grad_3(kept, outputs, count):
            total_0 = kept[1]
            d_w = kept[2]
            outputs.extend([total_0 / count, d_w / count])


        def f_value_and_grad(w, x_rows, y_rows):
            kept = [None] * 3
            outputs = []
            f_value_and_grad_1(kept, w)
            count = len(x_rows)
            for x, y in zip(x_rows, y_rows):
                f_value_and_grad_2(kept, w, x, y)
            f_value_and_grad_3(kept, outputs, count)
            return outputs
        """,
    )
