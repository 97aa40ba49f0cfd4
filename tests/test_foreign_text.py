"""A hostile name in all that is shown of a graph, a model, a file: `escaping` is asked wherever it must be."""

import contextlib
import io
import re
import unicodedata
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest

import autograd_lite as ag
import nn
import nn.commands
import visualize
import visualize.__main__
from autograd_lite import Value
from autograd_lite.errors import StaleGraphError

HOSTILE = "\x1b[31mred\x07 \u202eleft \u2066i\u200b \ufffe\ud800\\N\\G\\L <script>alert(1)</script> `$_x$` \x00\u2028"
UNSEEN = {"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"}
MARKUP = {"explain, in Markdown", "explain, in LaTeX", "a notebook's table", "DOT", "SVG", "a page", "a network"}
IN_JAVASCRIPT = re.compile(r"(?<!\\)(\\\\)*\\u(202e|2066|200b|2028|fffe|d800|001b|0000|0007)")


def graph() -> Value:
    x, w = Value(3.0, HOSTILE), Value(0.5, "w" + HOSTILE)
    y = ag.tanh(w * x) + x
    y.label = HOSTILE + "y"
    y.backward()
    return y


def model() -> nn.MLP:
    network = nn.MLP(2, [2, 1], seed=0)
    network.layers[0].neurons[0].w[0].label = HOSTILE
    return network


def message(call: Callable[[], object]) -> str:
    with pytest.raises(Exception) as caught:  # noqa: PT011 - of any kind: what it says is looked at
        call()
    return str(caught.value)


def stale() -> object:
    y = graph()
    leaf = y.parents[1]
    leaf.data = 7.0
    with pytest.raises(StaleGraphError):
        visualize.tree(y)
    return y.backward()


def command(main: Callable[[list[str]], int], *arguments: str) -> str:
    said = io.StringIO()
    with contextlib.redirect_stderr(said), contextlib.redirect_stdout(said):
        main([*arguments])
    return said.getvalue()


def custom() -> Callable[[Value], Value]:
    return ag.primitive(derivatives=[lambda out, x: 1.0], name=HOSTILE, domain=[])(lambda x: 1 / x)


class Parts(nn.Module):
    def __init__(self) -> None:
        self.parts = {HOSTILE: nn.Layer(1, 1)}


def unusual() -> nn.MLP:
    network = model()
    network.layers[0].neurons[0].w[0].data = ag.Value  # type: ignore[assignment]
    return network


def history() -> nn.History:
    measured = nn.History()
    measured.add({HOSTILE: 1.0})
    return measured


def compiled_source() -> str:
    w = Value(0.5, HOSTILE)
    f = ag.compile(lambda x: ag.tanh(w * x), backend="python")
    f.value_and_grad(1.0)
    return f.source


SHOWN: dict[str, Callable[[], str]] = {
    "repr": lambda: repr(graph()),
    "tree": lambda: visualize.tree(graph(), width=2000),
    "explain": lambda: str(visualize.explain(graph(), max_paths=0)),
    "explain, its paths": lambda: str(visualize.explain(graph())),
    "explain, in Markdown": lambda: visualize.explain(graph()).markdown(),
    "explain, in LaTeX": lambda: visualize.explain(graph()).latex(),
    "a notebook's table": lambda: graph()._repr_html_(),
    "a notebook's formula": lambda: graph()._repr_latex_(),
    "DOT": lambda: visualize.draw(graph()).source,
    "SVG": lambda: visualize.to_svg(graph()),
    "a page": lambda: visualize.stepper(graph()),
    "a network": lambda: visualize.draw(model()).pipe("svg", encoding="utf-8"),
    "a compiled source": compiled_source,
    "a domain": lambda: message(lambda: ag.log(Value(-1.0, HOSTILE))),
    "an operation": lambda: message(lambda: custom()(Value(0.0, HOSTILE))),
    "what is out of date": lambda: message(stale),
    "an unknown name": lambda: message(lambda: visualize.explain(graph(), wrt=HOSTILE + "z")),
    "a file that is not there": lambda: message(lambda: nn.load(HOSTILE.replace("\0", "") + ".json")),
    "a folder of data": lambda: message(lambda: nn.datasets.idx(Path(HOSTILE), "train")),
    "a model that cannot be kept": lambda: message(lambda: nn.to_text(unusual())),
    "a history": lambda: repr(history()),
    "a module": lambda: repr(Parts()),
    "an argument": lambda: message(lambda: nn.MLP(2, [1], activation=HOSTILE)),
    "show": lambda: command(nn.commands.main, "show", HOSTILE),
    "train": lambda: command(nn.commands.main, "train", "mnist", "--data", HOSTILE, "--output", HOSTILE),
    "a wrong command": lambda: command(nn.commands.main, HOSTILE),
    "a wrong expression": lambda: command(visualize.__main__.main, HOSTILE),
    "a wrong variable": lambda: command(visualize.__main__.main, "x*2", HOSTILE),
}


@pytest.mark.parametrize("kind", SHOWN)
def test_a_hostile_name_is_shown_as_what_it_is(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    shown = SHOWN[kind]()
    assert not {c for c in shown if unicodedata.category(c) in UNSEEN} - {"\n", "\t"}
    if kind in MARKUP:
        assert "<script>alert" not in shown
    if kind == "a page":
        assert not IN_JAVASCRIPT.search(shown.rpartition("<script>")[2])
    if kind == "SVG":
        titles = [title.text or "" for title in ElementTree.fromstring(shown).iter("{http://www.w3.org/2000/svg}title")]
        assert any(r"\N\G\L" in title for title in titles)
