"""Who lays a picture out, and what is said where nobody can."""

import os
import sys
from types import ModuleType

import pytest

from autograd_lite import Value
from visualize import draw, save, to_svg, tree
from visualize.picture.engines import IN_BROWSER, engine
from visualize.picture.rendering import render


@pytest.fixture
def no_program(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))


@pytest.fixture
def no_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pygraphviz", None)


def test_pictures_need_no_dot_program(no_program: None, tmp_path) -> None:
    picture = draw(Value(2.0, "x") * 3)
    assert picture.pipe(format="svg", encoding="utf-8").count('class="node"') == 3
    assert "image/svg+xml" in picture._repr_mimebundle_()
    assert os.path.exists(picture.render(str(tmp_path / "rendered")))


def test_a_dot_program_on_the_path_is_used(monkeypatch: pytest.MonkeyPatch, no_package: None, tmp_path) -> None:
    program = tmp_path / "dot"
    program.write_text('#!/bin/sh\necho "drawn by dot $1"\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    assert render("digraph {}", "svg") == [b"drawn by dot -Tsvg\n"]


def test_without_a_graphviz_the_message_says_where_one_comes_from(no_program: None, no_package: None, tmp_path) -> None:
    y = Value(2.0, "x") * 3
    for drawing in (lambda: to_svg(y), lambda: save(y, tmp_path / "graph.png"), lambda: draw(y).render(tmp_path / "graph")):
        with pytest.raises(RuntimeError, match=r"no Graphviz.*apk add graphviz.*pip install pygraphviz.*tree\(\)"):
            drawing()
    save(y, tmp_path / "graph.dot")
    assert (tmp_path / "graph.dot").read_text() == draw(y).source
    assert "x × 3" in tree(y)
    assert list(tmp_path.iterdir()) == [tmp_path / "graph.dot"]


class Page(ModuleType):
    """What a page in a browser offers as a module: the Graphviz of @hpcc-js/wasm-graphviz."""

    def __init__(self) -> None:
        super().__init__(IN_BROWSER)
        self.__spec__ = __spec__  # it can be found
        self.asked: list[tuple[str, str, str]] = []

    def layout(self, *asked: str) -> str:
        self.asked.append(asked)  # type: ignore[arg-type]
        if asked[1] == "png":
            raise KeyError('Format: "png" not recognized')
        return "<svg>é</svg>"


def test_in_a_browser_the_page_is_asked(monkeypatch: pytest.MonkeyPatch, no_program: None, no_package: None) -> None:
    page = Page()
    monkeypatch.setitem(sys.modules, IN_BROWSER, page)
    assert engine()(["digraph {}"], ["svg"], 3.0) == ["<svg>é</svg>".encode()]
    assert page.asked == [("digraph {}", "svg", "dot")]
    with pytest.raises(RuntimeError, match=r"could not draw the graph as 'png'.*not recognized"):
        draw(Value(2.0, "x") * 3).pipe("png")
