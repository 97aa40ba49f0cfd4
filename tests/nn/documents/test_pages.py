"""Pages as they are printed: each was read by a person, and each number on it is the engine's.

python tests/nn/documents/test_pages.py     # write the pages anew, to be read before they are committed
"""

import math
import re
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd_lite
from autograd_lite import Value
from nn import MLP, backprop, derive, descend, dot_product, forward, outer_product, walk
from nn.losses import LOSSES

FOLDER = Path(__file__).with_name("pages")
X, Y = [0.9, -0.4, 0.2, 0.7], [0.0, 1.0, 0.0, 0.0]
XS, YS = [X, [0.1, 0.8, -0.5, 0.0], [-0.6, 0.3, 0.4, 0.2]], [Y, [1.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 1.0]]


def worked():
    """D21: two hidden layers, the last of 6 nodes, an output layer of 4, no biases."""
    return MLP(4, [5, 6, 4], activation="sigmoid", output_activation="sigmoid", bias=False, seed=1)


def small():
    return MLP(2, [3, 2], activation="tanh", output_activation="sigmoid", seed=0)


def wide():
    return MLP(20, [30, 12, 11], activation="sigmoid", output_activation="sigmoid", seed=0)


def deep():
    return MLP(2, [3, 3, 3, 2], activation="tanh", output_activation="sigmoid", seed=0)


def sample(model):
    return [(k % 5 - 2) / 4 for k in range(model.layers[0].nin)], [float(j == 1) for j in range(model.layers[-1].nout)]


def of_letters(**options):
    return {"layers": "letters", "numbers": False, **options}


# name: the page, and the model and the sample whose numbers are on it
DERIVATIONS = {
    "output_weight": (worked, {"weight": (3, 1, 2)}),
    "output_weight_all_steps": (worked, {"weight": (3, 1, 2), "steps": "all"}),
    "hidden_weight_all_steps": (worked, {"weight": (2, 2, 2), "steps": "all"}),
    "bias_all_steps": (small, {"bias": (1, 2), "steps": "all"}),
    "hidden_activation": (small, {"activation": (1, 0)}),
    "error_component": (worked, {"input": (2, 1)}),
    "wide_hidden_weight": (wide, {"weight": (1, 17, 13)}),
    "wide_all_steps": (wide, {"weight": (2, 3, 13), "steps": "all", "limit": 5}),
    "cross_entropy_all_steps": (small, {"weight": (2, 1, 0), "loss": "cross_entropy", "steps": "all"}),
    "huber_all_steps": (small, {"weight": (2, 1, 0), "loss": "huber", "steps": "all"}),
    "in_letters": (worked, {"weight": (1, 0, 3), "layers": "letters"}),
}
SYMBOLS = {
    "symbols_output_weight": lambda: derive(worked(), X, Y, weight=(3, 1, 2), **of_letters(steps="all")),
    "symbols_hidden_weight": lambda: derive(worked(), X, Y, weight=(1, 0, 3), **of_letters()),
    "symbols_hidden_weight_all_steps": lambda: derive(worked(), X, Y, weight=(1, 0, 3), **of_letters(steps="all")),
    "symbols_cross_entropy": lambda: derive(small(), *sample(small()), weight=(1, 0, 1), loss="cross_entropy", **of_letters()),
    "symbols_many_samples_of_a_deep_network": lambda: derive(
        deep(), [X[:2], X[2:]], [Y[:2], Y[2:]], weight=(1, 0, 1), **of_letters()
    ),
    "symbols_many_samples": lambda: derive(worked(), XS, YS, weight=(2, 2, 2), **of_letters()),
    "symbols_backprop": lambda: backprop(small(), *sample(small()), **of_letters()),
}
FORWARD = {
    "forward_node": lambda: forward(worked(), X, Y, node=(3, 1)),
    "forward": lambda: forward(small(), *sample(small())),
    "forward_many_samples": lambda: forward(worked(), XS, YS),
}
MATRICES = {"backprop": small, "backprop_without_biases": worked, "backprop_wide": wide}
OTHERS = {
    "many_samples": lambda: derive(worked(), XS, YS, weight=(3, 1, 2)),
    "many_samples_all_steps": lambda: derive(worked(), XS, YS, weight=(2, 2, 2), steps="all"),
    "backprop_many_samples": lambda: backprop(small(), [x[:2] for x in XS], [y[:2] for y in YS]),
    "one_step": lambda: descend(worked(), X, Y),
    "a_step_for_each_sample": lambda: descend(small(), [x[:2] for x in XS], [y[:2] for y in YS], batch_size=1, limit=4),
    "a_step_for_all_samples": lambda: descend(small(), [x[:2] for x in XS], [y[:2] for y in YS], lr=0.5),
    "walk": lambda: walk(worked(), X, Y, weight=(2, 2, 2)),
    "products": lambda: dot_product([1, 2, 3], [4, 5, 6]).beside(outer_product([1, 2, 3], [4, 5, 6])),
}
PAGES = {
    **{name: lambda make=make, o=o: derive(make(), *sample_of(make), **o) for name, (make, o) in DERIVATIONS.items()},
    **SYMBOLS,
    **FORWARD,
    **{name: lambda make=make: backprop(make(), *sample(make())) for name, make in MATRICES.items()},
    **OTHERS,
}


def sample_of(make):
    return (X, Y) if make is worked else sample(make())


@pytest.mark.parametrize("name", PAGES)
def test_the_page_is_as_it_was_read(name):
    printed = re.sub(r"\(difference .*\)", "(difference ...)", str(PAGES[name]()))
    assert printed + "\n" == (FOLDER / f"{name}.txt").read_text(encoding="utf-8")


# What the engine says of every symbol


def engine(model, x, y, loss):
    """The number of every symbol: of z, a, w, b and C₀ what it is, of ∂C₀/∂… and δ the gradient."""
    inputs = [Value(number, f"a{'₀₁₂₃₄₅₆₇₈₉'[k] if k < 10 else k}⁽⁰⁾") for k, number in enumerate(x)]
    output = LOSSES[loss](model(inputs), y)
    output.label = "C₀"
    model.zero_grad()
    output.backward()
    known, waiting, seen = {}, [output], set()
    while waiting:
        node = waiting.pop()
        if node not in seen:
            seen.add(node)
            known[node.label] = node.data
            known[f"∂C₀/∂{node.label}"] = node.grad
            waiting += node.parents
    return known


def arithmetic(formula):
    """A printed formula of plain numbers as Python; None if there are symbols in it."""
    formula = re.sub(r"\([\d,]+ more: ([^()]+)\)", r"(\1)", formula.partition(",  ")[0])
    formula = re.sub(r"… [\d,]+ more terms, together", "", formula)
    for printed, python in (("−", "-"), ("·", "*"), ("²", "**2"), ("½", "0.5*"), ("^", "**")):
        formula = formula.replace(printed, python)
    formula = re.sub(r"([a-z]+)′\(", r"slope_of_\1(", formula)
    formula = re.sub(r"\|([^|]+)\|", r"abs(\1)", formula)
    formula = re.sub(r"log ([\d.]+)", r"log(\1)", formula)
    formula = re.sub(r"(\d)\(", r"\1*(", formula)
    return None if re.search(r"[^\x00-\x7f]|(?<![a-z_.\d])[a-zA-Z](?![a-z_])", formula) else formula


class Functions(dict):
    def __missing__(self, name):
        if name.startswith("slope_of_"):
            return autograd_lite.grad(getattr(autograd_lite, name.removeprefix("slope_of_")))
        return {"max": max, "min": min, "abs": abs, "h": lambda e: LOSSES["huber"](e, 0.0)}.get(name) or getattr(
            autograd_lite, name
        )


def value(python):
    return eval(python, {"__builtins__": {}}, Functions())


def size(python):
    """How large the terms of a sum are: what is printed is rounded to four digits of each."""
    return value(re.sub(r"-(?=\d)", "+", python).replace("- ", "+ "))


def equations(page):
    """Each name on a page, and the steps of its equation, with lines that go on put together."""
    name, steps = None, []
    for line in page.splitlines():
        begin = re.match(r"(\S+) +(?:= )", line)
        if begin:
            if name:
                yield name, steps
            name, steps = begin[1], line[begin.end() :].split(" = ")
        elif line.startswith(" ") and line.lstrip().startswith("= "):
            steps += line.lstrip()[2:].split(" = ")
        elif line.startswith(" ") and line.lstrip().startswith("+ ") and " = " not in line:
            steps[-1] += " " + line.strip()
        elif line.startswith(" ") and line.lstrip().startswith("+ "):
            steps += [step.removeprefix("+ ") for step in line.strip().split(" = ")]
    if name:
        yield name, steps


def numbers_are_the_engines(page, known):
    """Check each equation that ends in a number; how many there are."""
    checked = 0
    for name, steps in equations(page):
        computed = [(python, value(python)) for python in map(arithmetic, steps) if python]
        if not computed:
            continue
        last = computed[-1][1]
        if name in known:
            assert last == pytest.approx(known[name], rel=6e-4, abs=1e-12), name
            checked += 1
        elif name.startswith("δ"):
            assert last == pytest.approx(known[f"∂C₀/∂z{name[1:]}"], rel=6e-4, abs=1e-12), name
        if "Σ" not in " ".join(steps):
            for python, number in computed:
                assert number == pytest.approx(last, rel=3e-3, abs=2e-3 * abs(size(python)) + 1e-12), (name, python)
    return checked


@pytest.mark.parametrize("name", [name for name in DERIVATIONS if name != "in_letters"])
def test_each_number_of_a_derivation_is_the_engines(name):
    make, options = DERIVATIONS[name]
    model, loss = make(), options.get("loss", "sum_squared_error")
    x, y = sample_of(make)
    page = str(derive(model, x, y, **options))
    assert numbers_are_the_engines(page, engine(model, x, y, loss)) >= 1
    assert "they agree" in page


@pytest.mark.parametrize("name", ["forward_node"])
def test_each_number_of_a_node_is_the_engines(name):
    assert numbers_are_the_engines(str(FORWARD[name]()), engine(worked(), X, Y, "sum_squared_error")) == 3


@pytest.mark.parametrize("name", MATRICES)
def test_each_number_of_the_recursion_is_one_of_the_engines(name):
    model = MATRICES[name]()
    x, y = sample(model)
    known = engine(model, x, y, "sum_squared_error").values()
    slopes = [a.local_derivatives[0] for a in graph_of(model(x)) if a.label.startswith("a")]
    engines = {f"{float(number) + 0.0:.4g}".replace("-", "−") for number in [*known, *slopes, *x, *y, 0.0]}
    page = "\n".join(line for line in str(backprop(model, x, y)).splitlines() if not re.match("[│┌└(l]", line))
    page = re.sub(r"[₀-₉⁽⁾⁰¹²³⁴-⁹]|2\(", " ", page)
    printed = set(re.findall(r"−?\d[\d.]*(?:e[−+]?\d+)?", page))
    assert len(printed) > 20
    assert printed <= engines, printed - engines


def graph_of(outputs):
    waiting, seen = list(outputs), set()
    while waiting:
        node = waiting.pop()
        if node not in seen:
            seen.add(node)
            waiting += node.parents
    return seen


def test_each_number_of_a_step_is_the_engines():
    model = worked()
    known = engine(model, X, Y, "sum_squared_error")
    page = str(descend(model, X, Y))
    rows = re.findall(r"^(\S+) ← \S+ − η · (\S+) = (\S+) − 0.1 · (\S+) = (\S+),", page, re.MULTILINE)
    assert len(rows) == 10
    for name, slope, *numbers in rows:
        before, derivative, after = (float(number.strip("()").replace("−", "-")) for number in numbers)
        assert before == pytest.approx(known[name], rel=6e-4)
        assert derivative == pytest.approx(known[slope], rel=6e-4)
        assert after == pytest.approx(known[name] - 0.1 * known[slope], rel=6e-4)


def test_each_number_of_the_walk_is_the_engines():
    page = str(walk(worked(), X, Y, weight=(2, 2, 2))).partition("4. The step")[0]
    page = re.sub(r".*should (rise|fall|stay), since (.*)|g = .*", r"\2", page)
    assert numbers_are_the_engines(page, engine(worked(), X, Y, "sum_squared_error")) > 8


def test_the_symbols_alone_have_no_numbers_of_the_sample():
    for name, make in SYMBOLS.items():
        assert not re.search(r"\d\.\d", str(make())), name
        assert not re.search(r"\d\.\d", make().latex()), name


@settings(max_examples=25)
@given(st.lists(st.integers(1, 4), min_size=2, max_size=4), st.sampled_from(sorted(LOSSES)), st.booleans(), st.data())
def test_each_number_of_a_derivation_is_the_engines_in_any_network(sizes, loss, bias, data):
    if loss == "cross_entropy":
        sizes[-1] = max(2, sizes[-1])
    model = MLP(sizes[0], sizes[1:], "tanh", "sigmoid", bias=bias, seed=data.draw(st.integers(0, 99)))
    x = data.draw(st.lists(st.floats(-2, 2, allow_subnormal=False), min_size=sizes[0], max_size=sizes[0]))
    y = [1.0, *[-1.0 if loss == "hinge" else 0.0] * (sizes[-1] - 1)]
    l = data.draw(st.integers(1, len(sizes) - 1))
    j, k = data.draw(st.integers(0, sizes[l] - 1)), data.draw(st.integers(0, sizes[l - 1] - 1))
    page = str(derive(model, x, y, weight=(l, j, k), loss=loss, steps="all"))
    known, checked = engine(model, x, y, loss), 0
    for name, steps in equations(page):
        if name in known and (python := arithmetic(steps[-1])):
            assert value(python) == pytest.approx(known[name], rel=6e-4, abs=1e-12), name
            checked += 1
    assert checked >= 4  # C₀, z, a, and the derivative


def test_no_term_is_missing_from_a_sum_that_is_cut_short():
    model = wide()
    derivation = derive(model, *sample(model), weight=(1, 17, 13), limit=4)
    (line,) = [line for line in str(derivation).splitlines() if "more terms, together" in line][:1]
    left_out, together = re.search(r"… (\d+) more terms, together (\S+)", line).groups()
    terms = derivation.samples[0].nested()[1].term_values()
    assert int(left_out) == len(terms) - 4
    assert float(together.replace("−", "-")) == pytest.approx(sum(terms[3:-1]), rel=1e-3)
    assert math.isclose(sum(terms), derivation.samples[0].nested()[1].value)


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for old in FOLDER.glob("*.txt"):
        old.unlink()
    for name, make in PAGES.items():
        text = re.sub(r"\(difference .*\)", "(difference ...)", str(make()))
        (FOLDER / f"{name}.txt").write_text(text + "\n", encoding="utf-8")
    sys.exit()
