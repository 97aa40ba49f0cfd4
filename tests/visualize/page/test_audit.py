"""The page, audited by axe-core: by its rules anyone can read and use it, whatever the screen, the theme and the step."""

import os
from pathlib import Path

import pytest

from autograd_lite import Value, greater, tanh, where
from nn import MLP
from visualize import stepper

AXE_CORE = Path(os.environ.get("AXE_CORE", "node_modules/axe-core/axe.min.js"))
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not AXE_CORE.exists(), reason="no axe-core: npm install axe-core, or set AXE_CORE to axe.min.js"),
]


@pytest.fixture(scope="module")
def audit():
    script = AXE_CORE.read_text(encoding="utf-8")

    def audit(page):
        page.evaluate("scrollTo(0, 0)")  # so that the strip lies half over no button
        page.evaluate(script)  # as an expression: the page lets no other script in
        found = page.evaluate(
            "axe.run({ runOnly: { type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', "
            "'best-practice', 'experimental'] } })"
        )
        return [(one["id"], one["help"], [node["html"][:200] for node in one["nodes"]]) for one in found["violations"]]

    return audit


def test_the_audit_finds_nothing_on_the_page_of_a_network(audit, opened) -> None:
    model = MLP(2, [2, 1], activation="sigmoid", seed=0)
    page = opened((model([0.5, -1.0]) - 1.0) ** 2 / where(greater(Value(1.0, label="c"), 0.0), 2.0, 1.0))
    assert page.locator("#numbers input").count() > 0
    assert audit(page) == []
    page.locator("#see-network").click()
    page.locator("#a-1-0").dispatch_event("click")
    assert page.locator("#way button").count() == 2  # the neuron by itself
    assert audit(page) == []


@pytest.mark.parametrize(("width", "scheme"), [(320, "light"), (768, "dark"), (1280, "light"), (1280, "dark")])
def test_the_audit_finds_nothing(audit, opened, scheme, width) -> None:
    x, w, b = Value(2.0, label="x"), Value(-0.5, label="w"), Value(0.25, label="b")
    y = tanh(w * x + b) ** 2
    y.label = "y"
    page = opened(y, width=width, height=900, scheme=scheme)
    assert audit(page) == []
    page.get_by_label("derivation of w", exact=True).click()
    page.get_by_label("last step").click()
    page.get_by_label("number of w", exact=True).fill("much")
    page.keyboard.press("Enter")
    assert page.locator("#problem").text_content()
    page.locator("#ten").click()
    page.locator("#seed").select_option(index=1)
    assert audit(page) == []
    page.locator("#quiz").click()
    page.locator("#answer").fill("much")
    page.keyboard.press("Enter")
    assert audit(page) == []


@pytest.mark.parametrize(("width", "scheme"), [(320, "dark"), (768, "light"), (1280, "dark")])
def test_the_audit_finds_nothing_on_a_network_that_learns(audit, opened, width, scheme) -> None:
    model = MLP(2, [2, 1], activation="tanh", output_activation="sigmoid", seed=0)
    page = opened(stepper(model, [[0, 0], [0, 1]], [0, 1]), width=width, height=900, scheme=scheme)
    page.locator("#see-network").click()
    page.get_by_label("last step").click()
    page.locator("#w-1-0-0").dispatch_event("click")
    page.locator("#ten").click()
    assert audit(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
