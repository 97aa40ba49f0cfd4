"""The report of a wrong derivative: which one it is, the operation that is to blame, its line, and how to reproduce it."""

import itertools
import math
import re

import pytest

import autograd_lite
from autograd_lite import Value, check_grads, primitive, relu, tanh
from autograd_lite.checking.check import RTOL, Check
from autograd_lite.checking.messages import as_written
from autograd_lite.checking.subject import Subject
from autograd_lite.numerical.evaluation import number_in
from autograd_lite.ops import TABLE
from autograd_lite.strategies import Function
from autograd_lite.strategies.function import Application, Input


@primitive(derivatives=[lambda out, x: 3 * x])
def wrong_cube(x):
    return x**3


def test_a_function_is_called_by_what_it_shows_of_itself_or_by_its_name():
    class Named:
        def __init__(self, x):
            self.x = x

        def __repr__(self):
            return "Named(...)"

    assert as_written(Function(Application(TABLE["sin"], (Input(0),)), (1.0,)), "f") == "lambda x0: sin(x0)"
    assert as_written(Named(1.0), "f") == "Named(...)"
    assert [as_written(f, "f") for f in (re.escape, Named, math.sin, relu)] == ["escape", "Named", "sin", "relu"]
    assert [as_written(f, "f") for f in (lambda x: x, object())] == ["f", "f"]


def test_report_of_a_wrong_derivative():
    def loss(parameters, scale):
        return scale * wrong_cube(parameters["w"][1] + parameters["b"]) + parameters["w"][0]  # the line

    with pytest.raises(AssertionError) as failure:
        check_grads(loss, ({"w": [1.0, 1.5], "b": 0.5}, 2.0))
    report = re.sub(r"± \S+", "± …", str(failure.value)).replace(__file__, "file").splitlines()
    line = int(report[6].partition("file:")[2].partition(":")[0])
    assert line == loss.__code__.co_firstlineno + 1
    assert report == [
        "a derivative of loss is wrong",
        "  by            args[0]['w'][1], order 1, fwd mode",
        "  at            args = ({'w': [1.0, 1.5], 'b': 0.5}, 2.0)",
        "  analytic      12.0",
        "  numerical     24 ± …",
        "  fault         the rule of 'wrong_cube' for its operand x gives 6.0, numerically 12 ± …",
        f"  where         wrong_cube(2.0) = 8.0, built at file:{line}: "
        'return scale * wrong_cube(parameters["w"][1] + parameters["b"]) + parameters["w"][0]  # the line',
        "  reproduce     check_grads(loss, ({'w': [1.0, 1.5], 'b': 0.5}, 2.0), order=1, modes=('fwd',))",
    ]


def test_the_line_of_the_report_reproduces_it(message):
    report = message(wrong_cube, (2.0,), rtol=1e-5, atol=1e-7)
    line = report.splitlines()[-1].removeprefix("  reproduce     ")
    assert line == "check_grads(wrong_cube, (2.0,), order=1, modes=('fwd',), rtol=1e-05, atol=1e-07)"
    with pytest.raises(AssertionError, match="a derivative of wrong_cube is wrong"):
        eval(line)


def test_tolerances_are_told_where_they_are_not_the_usual_ones(message):
    assert message(wrong_cube, (2.0,), rtol=1e-7).endswith("modes=('fwd',), rtol=1e-07)")
    assert message(wrong_cube, (2.0,), atol=1e-7).endswith("modes=('fwd',), atol=1e-07)")
    assert message(wrong_cube, (2.0,), rtol=1e-6, atol=0.0).endswith("modes=('fwd',))")


def test_smallest_sub_expression_is_named_and_not_its_consequences(message):
    report = message(lambda x: autograd_lite.exp(autograd_lite.sin(wrong_cube(x)) * x), (0.7,), modes=("rev",))
    assert "the rule of 'wrong_cube'" in report
    assert "where         wrong_cube(args[0]=0.7)" in report
    assert "rev mode" in report


def test_second_order_fault_names_the_rule(message):
    @primitive(derivatives=[lambda out, x: math.cos(number_in(x))])
    def sine(x):
        return math.sin(x)

    check_grads(sine, (1.0,), order=1)
    assert "the rule of 'sine' for its operand x is right" in message(lambda x: sine(tanh(x) * x), (1.0,))
    report = message(lambda x: 2 * sine(x), (1.0,))
    assert "by            args[0], then by args[0], order 2" in report
    assert "the rule of 'sine' for its operand x is right, but not its own derivative by x: 0.0, numerically -0.841" in report


def test_rule_that_fails_on_values_is_named(message):
    @primitive(derivatives=[lambda out, x: math.cos(x)])
    def sine(x):
        return math.sin(x)

    report = message(lambda x: 2 * sine(x), (1.0,))
    assert "the rule of 'sine' for its operand x is right but cannot be differentiated: TypeError" in report
    assert "reproduce     check_grads(f, (1.0,), order=2, modes=('fwd',))" in report


def test_rule_that_fails_on_numbers_is_named(message):
    @primitive(derivatives=[lambda out, x: 2 * out / x])
    def square(x):
        return x * x

    report = message(lambda x: square(x) + x, (0.0,))
    assert (
        "fault         the rule of 'square' fails: DivisionByZeroError: square(args[0]=0.0): derivative 0 of 'square'" in report
    )
    assert "float division by zero" in report


def test_rule_that_is_wrong_and_fails_on_values_is_named(message):
    @primitive(derivatives=[lambda out, x: math.sin(x)])
    def sine(x):
        return math.sin(x)

    assert "the rule of 'sine' for its operand x gives 0.841" in message(lambda x: 2 * sine(x), (1.0,))


def test_wrong_rule_beside_a_kink_is_still_found(message):
    assert "the rule of 'wrong_cube'" in message(lambda x: relu(x - 2) + wrong_cube(x), (2.0,))


def test_operation_that_stays_where_it_cannot_be_checked_is_no_fault(message):
    @primitive(derivatives=[lambda out, x: 0])
    def one(x):
        return 1.0

    @primitive(derivatives=[lambda out, x: 5])
    def only_at_one(x):
        if x != 1:
            raise ValueError("undefined")
        return 2.0

    check_grads(lambda x: x * only_at_one(one(x)), (3.0,))
    assert "the rule of 'wrong_cube'" in message(lambda x: only_at_one(one(x)) * wrong_cube(x), (3.0,))


def test_wrong_derivative_of_one_output_of_many(message):
    report = message(lambda x: {"a": x, "b": [x * x, wrong_cube(x)]}, (2.0,), order=1)
    assert "by            args[0] of output ['b'][1], order 1" in report


def test_arrays_and_higher_orders_are_named(message):
    numpy = pytest.importorskip("numpy")
    check_grads(lambda a: (a * a).sum(), (numpy.array([[1.0, 2.0], [3.0, 4.0]]),))
    report = message(lambda a: (a * a).sum() + wrong_cube(a[1, 0]), (numpy.array([[1.0, 2.0], [3.0, 4.0]]),))
    assert "by            args[0][1, 0], order 1" in report

    @primitive(derivatives=[lambda out, x, y: number_in(x) * y * y * 2, lambda out, x, y: x * x * y * 2])
    def crossed(x, y):
        return x * x * y * y

    report = message(lambda v: crossed(v[0], v[1]), ([1.0, 3.0],))
    assert "by            args[0][0], then by args[0][0], order 2" in report


def test_which_derivative_it_is_is_told_from_its_place():
    """The derivatives of order n by the inputs in turn, of the first output first, the latest input fastest."""
    subject = Subject(lambda x, y: {"p": x + y, "q": [x * y]}, (1.0, 2.0), Value)
    subject.inspect()
    first, second, third = (Check(subject, [subject.function] * order, [], RTOL, 0.0) for order in (1, 2, 3))
    outputs = ["['p']", "['q'][0]"]
    for place, output in enumerate(outputs):
        assert first.names(1, place) == f"args[1] of output {output}"
    for place, (output, i) in enumerate(itertools.product(outputs, [0, 1])):
        assert second.names(0, place) == f"args[{i}], then by args[0] of output {output}"
    for place, (output, i, j) in enumerate(itertools.product(outputs, [0, 1], [0, 1])):
        assert third.names(1, place) == f"args[{i}], then by args[{j}], then by args[1] of output {output}"


@pytest.mark.parametrize(
    ("f", "args"),
    [
        (lambda x: Value(x.data) ** 2, (3.0,)),
        (lambda x: Value(-x.data), (3.0,)),
        (lambda x, y: Value(y.data), (3.0, 1.0)),
        (lambda x, y: Value(x.data) * y + x, (0.0, 0.0)),  # moves only where both do
        (lambda x: Value(math.sqrt(4 - x.data)), (4 - 1e-3,)),
        (lambda x: Value(math.sqrt(x.data)), (1e-3,)),
    ],
)
def test_a_function_of_which_nothing_is_recorded(message, f, args):
    assert "so a part of the function is not recorded" in message(f, args)


def test_a_narrow_peak_that_is_not_recorded_is_found_though_it_is_flat_to_both_sides(message):
    def peak(x):
        return autograd_lite.exp(-((x / 1e-3) ** 2))

    check_grads(peak, (5e-4,))
    assert "numerical     -778.8007831" in message(lambda x: peak(x.data) + 0 * x, (5e-4,))


def test_a_part_that_is_not_recorded(message):
    report = message(lambda x: x * Value(x.data), (3.0,))
    assert "every recorded operation has the right derivative, so a part of the function is not recorded" in report
    report = message(lambda x: 2 * x.data, (3.0,))
    assert "analytic      0" in report
