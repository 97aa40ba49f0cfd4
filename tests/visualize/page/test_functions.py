"""The page's JavaScript is made from the table: every primitive and every derivative agrees with Python."""

import functools
import json
import math
import random
import shutil
import subprocess

import pytest

from autograd_lite import primitive
from autograd_lite.ops import TABLE
from autograd_lite.value import Value
from visualize.page.document import LIBRARY
from visualize.page.functions import derivative_function, forward_functions
from visualize.page.translate import Untranslatable, reference

NODE = shutil.which("node") or shutil.which("nodejs")
SIZES = [1, 3]  # operands of a bundle


ANSWERING = """
require("readline").createInterface({ input: process.stdin }).on("line", (line) => {
  const shown = (key, value) => (typeof value === "number" && !Number.isFinite(value) ? String(value) : value);
  console.log(JSON.stringify(new Function(JSON.parse(line))(), shown));
});
"""


@pytest.fixture(scope="module")
def run():
    """Runs JavaScript and gives what it returns; one process for all, since starting it takes longer than what is run."""
    if NODE is None:
        pytest.skip("no JavaScript engine on this machine; the page's tests run it in a browser")
    with subprocess.Popen([NODE, "-e", ANSWERING], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:

        def answer(code: str):
            process.stdin.write(json.dumps(code) + "\n")
            process.stdin.flush()
            return json.loads(process.stdout.readline())

        yield answer
        process.stdin.close()


def points(entry, generator, count):
    """Operands inside the domain of a primitive, near zero and far from it; bundles for what takes many."""
    inside = list(entry.domain) + [None] * len(entry.derivatives)
    found = []
    while len(found) < count:
        scale = generator.choice([0.1, 1.0, 4.0, 20.0])
        numbers = [generator.uniform(-scale, scale) for _ in entry.derivatives]
        if generator.random() < 0.2:
            numbers[0] = float(generator.choice([0, 1, -1, 2]))
        if all(domain is None or x in domain for x, domain in zip(numbers, inside, strict=False)):
            found.append(numbers)
    return found


def nodes(function, generator):
    entry = function.primitive
    if not entry.variadic:
        return [function(*map(Value, numbers)) for numbers in points(entry, generator, 40)]
    made = []
    for size in SIZES * 10:
        bundles = [[Value(generator.uniform(-3, 3)) for _ in range(size)] for _ in entry.derivatives]
        if entry.name == "dot":
            bundles[2] = Value(generator.uniform(-3, 3))
        made.append(function(*bundles))
    return made


@pytest.mark.parametrize("name", TABLE)
def test_every_primitive_and_its_derivatives_agree_with_python(run, name: str) -> None:
    function = TABLE[name]
    computed = nodes(function, random.Random(name))
    cases = []
    used = [function.primitive]
    for node in computed:
        derivatives, more = derivative_function(node)
        used += more
        inputs = json.dumps([parent.data for parent in node.parents])
        out = repr(node.data) if math.isfinite(node.data) else "NaN"
        cases.append(f"[{reference(function.primitive)}(...{json.dumps(node.inputs)}), ({derivatives})({out}, {inputs})]")
    results = run(f"{LIBRARY}{forward_functions(used)}return [{', '.join(cases)}];")
    for node, (value, locals_) in zip(computed, results, strict=True):
        assert float(value) == pytest.approx(node.data, rel=1e-13, abs=1e-15, nan_ok=True), node.inputs
        assert [float(x) for x in locals_] == pytest.approx(
            [float(x) for x in node.local_derivatives], rel=1e-12, abs=1e-15, nan_ok=True
        ), node.inputs


@primitive(derivatives=[lambda out, x: x])
def many_lines(x):
    if x > 1 and not x > 2:
        y, z = x * 2, max(x, 1.0)
        return y % 3 - z
    else:  # noqa: RET505
        try:
            return 1 / (x - 4)
        except ZeroDivisionError:
            return -1.0


def test_branches_unpacking_and_errors_are_translated(run) -> None:
    entry = many_lines.primitive
    numbers = [-1.0, 1.5, 1.9, 2.0, 3.0, 4.0]
    calls = ", ".join(f"{reference(entry)}({x})" for x in numbers)
    assert run(f"{LIBRARY}{forward_functions([entry])}return [{calls}];") == [many_lines(x) for x in numbers]


def one_or_the_other(x):
    return (x or 4.0) + 2 * (x > 0 and x) + (x and 3.0)


def truths(x):
    positive = x > 0
    return (1.0 if positive else 2.0) + (4.0 if (x > 1) == 1 else 8.0) + positive


def whole(x):
    return int(x) + round(x) + int(x > 1)


def remainders(x):
    return (1e17 * x) % 3 + (-x) % 0.75 + x % -2


FACTORS = (0.5, 3, -1.0)


def loops(x):
    total, count = x, 0
    for factor in FACTORS:
        total *= factor
        total += 1
    while total > 1:
        total -= 0.75
        count += 1
    return total + count + x // 0.75 + x // -2


def lacking(x):
    return math.exp2(x) + math.lgamma(x - 0.3)


def limits(x):
    try:
        return math.exp(1000 * x)
    except OverflowError:
        return -1.0


@pytest.mark.parametrize("function", [one_or_the_other, truths, whole, remainders, loops, lacking, limits])
def test_the_page_computes_as_python_does(run, function) -> None:
    entry = primitive(derivatives=[lambda out, x: 0])(function).primitive
    numbers = [-2.75, -0.5, -0.0, 0.0, 0.5, 1.0, 1.5, 2.75]
    calls = ", ".join(f"{reference(entry)}({x})" for x in numbers)
    computed = run(f"{LIBRARY}{forward_functions([entry])}return [{calls}];")
    assert computed == pytest.approx([function(x) for x in numbers], rel=1e-12)


@pytest.mark.parametrize("expression", ["python.log(0)", "python.sqrt(-1)", "python.exp(710)", "python.sin(Infinity)"])
def test_what_python_refuses_is_an_error_inside_a_function_too(run, expression: str) -> None:
    told = run(f"{LIBRARY}try {{ return {expression}; }} catch (error) {{ return error.message; }}")
    assert told in ("ValueError", "OverflowError")


def loop(x):
    for i in range(3):
        x = x * i
    return x


def keyword(x):
    return max(x, 1.0, key=abs)


def foreign_error(x):
    try:
        return x
    except KeyError:
        return x


def unknown_name(x):
    return nowhere(x)  # noqa: F821


def digits(x):
    return round(x, 1)


def to_base_3(x):
    return math.log(x, 3)


def a_list(x):
    return x * sum(SIZES)


@functools.wraps(loop)
def around(x):
    return loop(x)


def calls_around(x):
    return around(x)


@pytest.mark.parametrize(
    ("function", "reason"),
    [
        (loop, "'loop' uses"),
        (keyword, "'keyword' uses 'max"),
        (foreign_error, "'foreign_error' uses 'except KeyError"),
        (unknown_name, "'unknown_name' uses 'nowhere'"),
        (digits, r"'digits' uses 'round\(x, 1\)'"),
        (to_base_3, r"'to_base_3' uses 'math.log\(x, 3\)'"),
        (a_list, "'a_list' uses 'SIZES'"),
        (around, "'loop' is wrapped in another function"),
        (calls_around, "'loop' is wrapped in another function"),
        (lambda x: x, "is not defined with def"),
        (eval("lambda x: x"), "the source of '<lambda>' is not at hand"),
    ],
)
def test_what_has_no_equivalent_is_named(function, reason: str) -> None:
    entry = primitive(derivatives=[lambda out, x: 1])(function).primitive
    with pytest.raises(Untranslatable, match=reason):
        forward_functions([entry])


def cubed(exponent):
    @primitive(derivatives=[lambda out, x: 3 * x * x], name="tanh" if exponent == 1 else "cubed")
    def function(x):
        return x**exponent

    return function.primitive


def with_helper(factor):
    def helper(x):
        return x * factor

    @primitive(derivatives=[lambda out, x: factor], name=f"times {factor}")
    def function(x):
        return helper(x)

    return function.primitive


@pytest.mark.parametrize(
    ("primitives", "name"),
    [
        ([cubed(2), cubed(3)], "cubed"),
        ([cubed(1), TABLE["sech_squared"].primitive, TABLE["tanh"].primitive], "tanh"),
        ([with_helper(2), with_helper(3)], "helper"),
    ],
)
def test_two_functions_of_one_name_are_not_taken_for_each_other(primitives, name: str) -> None:
    for one in primitives:
        assert forward_functions([one, one])
    with pytest.raises(Untranslatable, match=f"two different functions are called '{name}'"):
        forward_functions(primitives)
