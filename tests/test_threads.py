"""The public names, called by eight threads at once: each call gives what it gives alone, to the last digit.

    python -m pytest -n 0 --hypothesis-profile=thorough tests/test_threads.py

goes on for minutes. The threads share a model, a graph and compiled functions; Python switches between them as often as it can.
"""

import random
import sys
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

import autograd_lite as ag
import nn
import visualize
from autograd_lite import Value
from autograd_lite.ops import TABLE
from nn import datasets

THREADS = 8
ROUNDS = max(1, settings.default.max_examples // 100)

MODEL = nn.MLP(2, [3, 2], "tanh", seed=0)
X, LABELS = datasets.moons(12, seed=1)
SAMPLE, TARGET = [0.5, -1.0], [0.25, 0.75]
COMPILED = ag.compile(lambda w, x: ag.tanh(ag.dot(w, x)) + w[0] ** 2, backend="python")
BATCHED = ag.compile(lambda w, x: ag.tanh(ag.dot(w, x)), in_axes=(None, 0))


def graph() -> Value:
    x, w = Value(3.0, "x"), Value(0.5, "w")
    y = ag.tanh(w * x) * w + x
    y.label = "y"
    y.backward()
    return y


GRAPH = graph()


def product(x: Any, y: Any) -> Any:
    return ag.sin(x) * y + x * y**2


def trained(backend: str) -> Any:
    model = nn.MLP(2, [3, 2], "tanh", seed=2)
    optimizer = nn.Adam(model.parameters(), lr=0.05)
    settings: dict[str, Any] = {"loss": "cross_entropy", "epochs": 2, "batch_size": 5, "seed": 3, "progress": False}
    history = nn.fit(model, X, LABELS, optimizer=optimizer, backend=backend, **settings)
    return dict(history), model.state_dict()


def stepped(kind: type, **options: Any) -> Any:
    model = nn.MLP(2, [2], seed=4)
    optimizer = kind(model.parameters(), **options)
    for schedule in (nn.cosine(), nn.step_decay(2), nn.warm_up(1)):
        model.zero_grad()
        nn.mse(model(SAMPLE), TARGET).backward()
        norm = nn.clip_grad_norm(model.parameters(), 1.0)
        nn.clip_grad_value(model.parameters(), 0.5)
        optimizer.lr = 0.1 * schedule(1, 4)
        optimizer.step()
    return norm, model.state_dict()


def kept() -> Any:
    with tempfile.TemporaryDirectory() as folder:
        nn.save(MODEL, Path(folder) / "model.json")
        visualize.save(GRAPH, Path(folder) / "graph.dot")
        return nn.load(Path(folder) / "model.json").state_dict(), (Path(folder) / "graph.dot").read_text(encoding="utf-8")


def unrecorded() -> Any:
    with ag.no_grad():
        silent = (Value(2.0) * Value(3.0)).parents
    with ag.detect_anomaly():
        return silent, (Value(2.0) * Value(3.0)).data, len((Value(2.0) * Value(3.0)).parents)


def of_ones_own() -> Any:
    cube = ag.primitive(derivatives=[lambda out, x: 3 * x * x])(lambda x: x**3)
    return ag.grad(ag.grad(cube))(2.0), ag.compile(cube, backend="python").grad(2.0)


def changed() -> Any:
    x = Value(1.0, "x")
    y = ag.exp(x) * x
    seen = []
    for number in (2.0, 3.0):
        x.data = number
        y.recompute()
        y.backward()
        seen.append((y.data, x.grad, x.detach().data))
    return seen


def rule_at_a_point(name: str) -> Callable[[], Any]:
    operation, entry = TABLE[name], TABLE[name].primitive
    point = ([0.5, 0.75],) if entry.variadic else tuple([1.5, 0.25, 0.75][: len(entry.derivatives)])

    def call() -> Any:
        try:
            return ag.value_and_grad(operation, argnums=tuple(range(len(point))))(*point)
        except ArithmeticError as error:  # a domain that these points are not in
            return str(error)

    return call


CALLS: dict[str, Callable[[], Any]] = {
    **{f"the rule of {name}": rule_at_a_point(name) for name in TABLE if not TABLE[name].primitive.variadic},
    "derivatives": lambda: [
        ag.value_and_grad(product)(1.0, 2.0),
        ag.hessian(product, argnums=(0, 1))(1.0, 2.0),
        ag.jacrev(product)(1.0, 2.0),
        ag.jacfwd(product)(1.0, 2.0),
        ag.jvp(product, (1.0, 2.0), (1.0, 0.5)),
        ag.vjp(product, 1.0, 2.0)[0],
        ag.hvp(product, (1.0, 2.0), (1.0, 0.5)),
    ],
    "softmax": lambda: [ag.grad(lambda x: ag.softmax(x)[0] + ag.log_softmax(x)[1] + ag.mean(x))([0.1, 0.2])],
    "affine": lambda: ag.grad(lambda w: ag.sum(ag.affine([w], [1.0, 2.0])))([0.5, 0.25]),
    "check_grads": lambda: ag.check_grads(product, (1.0, 2.0), order=1),
    "a compiled function": lambda: [COMPILED.value_and_grad([0.5, 0.25], [n, 2.0]) for n in (1.0, 2.0)],
    "a batch": lambda: BATCHED.value_and_grad([0.5, 0.25], [[1.0, 2.0], [3.0, 4.0]]),
    "compile": lambda: ag.compile(lambda x, y: product(x, y), argnums=(0, 1)).grad(1.0, 2.0),
    "the source": lambda: ag.compile(product, backend="python").value_and_grad(1.0, 2.0),
    "modes": unrecorded,
    "an operation of one's own": of_ones_own,
    "a changed leaf": changed,
    "tree": lambda: str(visualize.tree(GRAPH, width=80)),
    "explain": lambda: [visualize.explain(GRAPH, "w").markdown(), str(visualize.explain(GRAPH))],
    "draw": lambda: [visualize.draw(GRAPH).source, visualize.draw(MODEL).source],
    "stepper": lambda: visualize.stepper(graph()).rpartition("<script>")[2],  # not how Graphviz had time to lay it out
    "repr": lambda: [repr(GRAPH), GRAPH._repr_html_(), GRAPH._repr_latex_(), repr(MODEL)],
    "predict": lambda: [nn.predict(MODEL, X), nn.evaluate(MODEL, X, LABELS, "cross_entropy", ["accuracy"])],
    "outputs": lambda: [list(map(list, nn.outputs(MODEL, X))), [[v.data for v in row] for row in MODEL.batch(X[:3])]],
    "derive": lambda: [nn.derive(MODEL, SAMPLE, TARGET, weight=(2, 0, 1)).latex(), str(nn.backprop(MODEL, SAMPLE, TARGET))],
    "walk": lambda: str(nn.walk(MODEL, SAMPLE, TARGET, weight=(1, 0, 0))),
    "to_text": lambda: nn.from_text(nn.to_text(MODEL)).state_dict(),
    "save and load": kept,
    "SGD": lambda: stepped(nn.SGD, momentum=0.9, nesterov=True),
    "AdamW": lambda: stepped(nn.AdamW),
    "RMSprop": lambda: stepped(nn.RMSprop),
    "losses": lambda: [loss(MODEL(SAMPLE), TARGET).data for loss in (nn.mse, nn.mae, nn.huber, nn.sum_squared_error)],
    "data": lambda: [datasets.circles(5, seed=1), datasets.spirals(5, seed=1), datasets.xor(5, seed=2)],
    "fit, eagerly": lambda: trained("eager"),
    "fit, as Python": lambda: trained("python"),
    "fit, in machine code": lambda: trained("native"),
}


@pytest.fixture
def switching() -> Iterator[None]:
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def test_eight_threads_get_what_one_gets(switching: None) -> None:
    pytest.importorskip("numba")
    alone = {name: repr(call()) for name, call in CALLS.items()}
    mine = nn.outputs(MODEL, X)

    def work(seed: int) -> list[str]:
        order = random.Random(seed)
        wrong = []
        for _ in range(ROUNDS):
            for name in order.sample([*CALLS], len(CALLS)):
                given = repr(CALLS[name]())
                if given != alone[name]:
                    wrong.append(f"{name}: {given[:300]}, alone {alone[name][:300]}")
        return wrong

    with ThreadPoolExecutor(THREADS) as pool:
        results = [*pool.map(work, range(THREADS))]
    assert [wrong for result in results for wrong in result] == []
    assert repr(nn.outputs(MODEL, X)) == repr(mine)
