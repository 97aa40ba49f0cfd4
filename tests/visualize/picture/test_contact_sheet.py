"""The sheet of many kinds of graph, for a person's eyes, can be made: each kind is drawn, and says what it should."""

import html
import importlib.util
import re
from pathlib import Path

PATH = Path(__file__).parents[3] / "docs" / "contact_sheet.py"


def test_each_kind_of_graph_is_on_the_contact_sheet() -> None:
    spec = importlib.util.spec_from_file_location("contact_sheet", PATH)
    module = importlib.util.module_from_spec(spec)  # type: ignore[arg-type]
    spec.loader.exec_module(module)  # type: ignore[union-attr]
    slow = {"10⁵ nodes", "500-node chain"}  # which take seconds: see test_folding and test_wrapping
    kinds = [kind for kind in module.KINDS if kind[0] not in slow]
    assert len(kinds) == len(module.KINDS) - len(slow)
    figures = re.findall("<figure>.*?</figure>", module.sheet(kinds), re.DOTALL)
    shown = {html.unescape(re.search("<figcaption>(.*?)<", figure)[1]): figure for figure in figures}  # type: ignore[index]
    assert list(shown) == [title for title, _, _ in kinds]
    assert all(figure.count("<text") > 3 for figure in figures)
    assert shown["micrograd's expression"].count('class="node"') > 20
    assert "stroke-dasharray" in shown["a network with NaN"]
