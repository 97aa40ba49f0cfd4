"""Names in a source: those of the labels, each of one thing, and none that changes what the source computes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd_lite as ag
from autograd_lite import Value, compile, value_and_grad
from autograd_lite.basics.escaping import in_source
from autograd_lite.compiler.python.names import Names


@pytest.mark.parametrize(
    ("label", "name"),
    [("w[0][1]", "w_0_1"), ("z₁⁽²⁾", "z1_2"), ("", ""), ("2x", "_2x"), ("δ", "δ"), ("learning rate", "learning_rate")],
)
def test_labels_become_names(label, name):
    assert in_source(label) == name


def test_a_name_is_given_once_and_is_no_word_of_python():
    names = Names({"nan": 0.0}, taken=("count",))
    wanted = ["x", "x", "x_2", "x", "class", "nan", "count", "class"]
    assert [*map(names.unique, wanted)] == ["x", "x_2", "x_2_2", "x_3", "class_2", "nan_2", "count_2", "class_3"]
    assert names.bind("x", 7) == "x_4"
    assert names.namespace == {"nan": 0.0, "x_4": 7}


POOL = ["x", "total", "same", "each", "count", "outside", "x_rows", "zip", "len", "nan", "d_row0", "total_0", "list0", "v3"]
POOL += ["kept", "outputs", "append", "extend", "paths", "f_gradient_1"]


@given(chosen=st.permutations(POOL), length=st.sampled_from([None, 0, 80]))
def test_no_name_changes_what_the_source_computes(cut, chosen, length):
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


def test_the_names_of_arguments_and_values_are_in_the_source():
    def loss(p, x):
        z = p["w"] * x + p["b"][0]
        z.label = "z"
        return ag.tanh(z) ** 2

    f = compile(loss, (0, 1), backend="python")
    f.value_and_grad({"w": 1.0, "b": [2.0]}, 3.0)
    assert "def loss_value_and_grad(p, x):\n    p_w, p_b_0, = p\n    z = p_w * x + p_b_0\n" in f.source
    for name in ("d_z", "d_p_w", "d_x"):
        assert f" {name} = " in f.source
    mean = compile(loss, in_axes=(None, 0), backend="python")
    mean.grad({"w": 1.0, "b": [2.0]}, [3.0])
    assert "for x in x_rows:" in mean.source
    assert "d_p_w / count" in mean.source
