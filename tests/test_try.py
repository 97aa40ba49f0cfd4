"""The page "Try it" of the built site, in a real browser: what it runs there is the wheel. Nothing is fetched from elsewhere.

python docs/try.py && zensical build --strict && python -m pytest -n 0 tests/test_try.py
"""

from __future__ import annotations

import base64
import difflib
import doctest
import os
import re
import shutil
import sys
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

playwright = pytest.importorskip("playwright.sync_api")

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "docs"))

import sessions  # noqa: E402

SITE = ROOT / "site"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
AXE_CORE = Path(os.environ.get("AXE_CORE", "node_modules/axe-core/axe.min.js"))
CHAPTERS = sorted(path.stem for path in (ROOT / "docs" / "tutorial").glob("*.md"))


def is_on_site(path: Path) -> bool:
    """Whether this file of the page is the one of the built site."""
    built = SITE / "try" / path.name
    return built.exists() and built.read_bytes() == path.read_bytes()


pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine"),
    pytest.mark.skipif(
        not (SITE / "try" / "built" / "files.json").exists(),
        reason="no site with the page: python docs/try.py, which needs npm, and then zensical build",
    ),
    pytest.mark.skipif(
        any(not is_on_site(path) for path in (ROOT / "docs" / "try").glob("*.*s")),
        reason="the site is older than its page: python docs/try.py, and then zensical build",
    ),
]


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: Any) -> None:
        pass


class Host(ThreadingHTTPServer):
    """A static host. Who goes to another page before this one has arrived leaves it with half an answer."""

    def handle_error(self, *_: Any) -> None:
        pass


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    root = tmp_path_factory.mktemp("host")
    (root / "somewhere").symlink_to(SITE)
    with Host(("127.0.0.1", 0), partial(Quiet, directory=root)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/somewhere"
        server.shutdown()


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with playwright.sync_playwright() as driver:
        running = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-background-networking"])
        yield running
        running.close()


@pytest.fixture(scope="module")
def context(browser: Any, site: str) -> Iterator[Any]:
    """Windows in which nothing may be fetched but from the site, and nothing logged."""
    context = browser.new_context(permissions=["clipboard-read", "clipboard-write"])
    context.set_default_timeout(120_000)
    playwright.expect.set_options(timeout=120_000)
    complaints: list[str] = []
    context.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    context.on("weberror", lambda error: complaints.append(str(error.error)))

    def fetch(route: Any) -> None:
        if route.request.url.startswith(site):
            route.continue_()
        else:
            complaints.append(route.request.url)
            route.abort()

    context.route("**/*", fetch)
    yield context
    assert complaints == []


@pytest.fixture(scope="module")
def page(context: Any, site: str) -> Any:
    """The page, with Python loaded."""
    page = context.new_page()
    page.set_viewport_size({"width": 390, "height": 844})
    said: list[str] = []
    page.expose_function("said", lambda text: said.append(text))
    page.add_init_script(
        "addEventListener('DOMContentLoaded', () => { const status = document.getElementById('status');"
        "if (status) new MutationObserver(() => said(status.textContent)).observe(status, { childList: true }); })"
    )
    page.goto(f"{site}/try/")
    page.get_by_text("Ready: Python 3").wait_for()
    page.loading = said
    return page


def run(page: Any, program: str | None = None) -> Any:
    """Run a program, or the one that is there; where its output is."""
    if program is not None:
        page.locator("#program").fill(program)
    page.locator("#run").click()
    page.locator("#run:enabled").wait_for()
    return page.locator("#output")


def test_it_says_what_it_is_loading_and_what_is_there(page: Any) -> None:
    assert any(
        re.fullmatch(r"Loading Python 3\.\d+\.\d+, Graphviz .*, autograd_lite \d.*: [\d.]+ of 1\d\.\d MB", t)
        for t in page.loading
    )
    assert re.fullmatch(r"Ready: Python 3\.\d+\.\d+, autograd_lite \d+\.\d+\.\d+", page.loading[-1])
    assert page.locator("#loaded").is_hidden()


def test_the_first_session_runs_with_its_picture_and_a_page_that_plays(page: Any) -> None:
    output = run(page)
    shown = output.inner_text()
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for line in ("dy/dw = 1.2695", "└─ v₂ = v₁ + b", "∂y/∂w = 1.269", "-0.7269"):
        assert line in shown
        assert line in readme
    assert output.locator("svg:visible").count() == 1
    rooms = page.evaluate(
        """[...document.querySelectorAll("#output .shown svg g.node")].flatMap(node => {
            const box = node.querySelector("path, polygon").getBBox();
            return [...node.querySelectorAll("text")].map(text => text.getBBox()).map(
                text => Math.min(text.x - box.x, box.x + box.width - text.x - text.width));
        })"""
    )
    assert min(rooms) > 0  # Graphviz, which has no fonts here, has left room for every text
    stepper = page.frame_locator("#output iframe")
    stepper.get_by_label("number of w", exact=True).fill("1.5")
    stepper.get_by_label("number of w", exact=True).press("Enter")
    stepper.get_by_label("last step").click()
    assert stepper.locator("#note").inner_text()
    assert "0.99" in stepper.locator("#values").inner_text()


def test_a_network_is_drawn_trained_and_derived(page: Any) -> None:
    output = run(
        page,
        "model = MLP(2, [3, 1], activation='tanh', seed=0)\ndraw(model, sample=[0.5, -1.0])\n"
        "inputs, targets = nn.datasets.xor()\nhistory = nn.fit(model, inputs, targets, epochs=20, seed=0)\n"
        "history.epochs\nprint(nn.derive(model, [0.5, -1.0], 1.0, weight=(2, 0, 1)))",
    )
    assert output.locator("svg:visible").count() == 1
    assert "\n20\n" in output.inner_text()
    assert "they agree" in output.inner_text()


def test_an_error_shows_the_users_line_and_what_has_no_place_here_says_so(page: Any) -> None:
    assert "log(p=-1.0): outside the domain" in run(page, "p = Value(-1.0, 'p')\nlog(p)").locator(".error").inner_text()
    shown = run(page, "save(Value(2.0) * 3, 'graph.png')").locator(".error").inner_text()
    assert "could not draw the graph as 'png'" in shown
    assert "numba" in run(page, "compile(tanh, backend='native')(1.0)").locator(".error").inner_text()


def test_a_file_that_a_program_writes_can_be_taken_from_the_page(page: Any, tmp_path: Path) -> None:
    output = run(page, "x = Value(2.0)\nsave(x * x, 'graph.svg')")
    with page.expect_download() as download:
        output.get_by_role("link", name="graph.svg", exact=True).click()
    download.value.save_as(tmp_path / "graph.svg")
    assert "<svg" in (tmp_path / "graph.svg").read_text(encoding="utf-8")
    assert "wrote" not in run(page, "1 + 1").inner_text()


@pytest.mark.skipif(not AXE_CORE.exists(), reason="no axe-core: npm install axe-core, or set AXE_CORE to axe.min.js")
@pytest.mark.parametrize("scheme", ["default", "slate"])
def test_the_audit_finds_nothing(page: Any, scheme: str) -> None:
    page.evaluate(f"document.body.setAttribute('data-md-color-scheme', '{scheme}')")
    run(page, "x = Value(2.0)\nprint(tree(x * x))\ndraw(x * x)\nsave(x, 'x.svg')\nlog(x - 3)")
    page.evaluate(AXE_CORE.read_text(encoding="utf-8"))
    found = page.evaluate(
        "axe.run('#try', { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] })"
    )
    assert [(one["id"], [node["html"][:200] for node in one["nodes"]]) for one in found["violations"]] == []


def test_what_runs_for_ever_can_be_stopped(page: Any) -> None:
    page.locator("#program").fill("print('begun')\nwhile True:\n    pass")
    page.locator("#run").click()
    page.get_by_text("begun").last.wait_for()
    page.locator("#stop").click()
    assert "Stopped." in page.locator("#output").inner_text()
    assert "4" in run(page, "2 + 2").inner_text()


def test_the_program_is_in_the_address_and_in_the_copied_link(page: Any, context: Any) -> None:
    program = 'x = Value(2.0, "#&=+%")\nprint(tree(x * x))  # ∂'
    page.locator("#program").fill(program)
    page.locator("#copy").click()
    page.get_by_text("Copied").wait_for()
    link = page.evaluate("navigator.clipboard.readText()")
    assert link == page.url
    other = context.new_page()
    other.goto(link)
    playwright.expect(other.locator("#program")).to_have_value(program)
    assert not other.locator("#output").inner_text()  # it runs when someone asks for it
    other.close()


@pytest.mark.parametrize("width", [320, 768, 1280])
def test_nothing_is_wider_than_the_screen(page: Any, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    run(page, "x = Value(2.0)\nprint('a long line ' * 30)\nstepper(tanh(x) * x)\ndraw(tanh(sin(cos(exp(x)))))")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    parts = "[...document.querySelectorAll('#try *')].filter(part => !part.closest('pre, .shown, select'))"
    assert page.evaluate(f"Math.max(...{parts}.map(part => part.getBoundingClientRect().right))") <= width


def chapter_text(chapter: str) -> str:
    return (ROOT / "docs" / "tutorial" / f"{chapter}.md").read_text(encoding="utf-8")


def typed_in(chapter: str) -> list[doctest.Example]:
    """The sessions of a chapter; what is to fail is left out, since a program would end there."""
    examples = sessions.session(chapter_text(chapter), chapter).examples
    return [example for example in examples if example.exc_msg is None]


def is_shown(wanted: str, got: str) -> bool:
    return doctest.OutputChecker().check_output(wanted, got, doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_every_example_of_the_tutorial_shows_here_what_its_page_shows(page: Any, chapter: str) -> None:
    before = page.locator("#program").input_value()
    title = chapter_text(chapter).partition("\n")[0].removeprefix("# ")
    page.locator("#example").select_option(f"Tutorial: {title}")
    page.locator("#run:enabled").wait_for()
    wanted = "".join(example.want for example in typed_in(chapter))
    page.go_back()
    playwright.expect(page.locator("#program")).to_have_value(before)
    shown = page.locator("#output").text_content()
    assert is_shown(wanted.replace("<BLANKLINE>", ""), shown), "\n".join(
        difflib.unified_diff(wanted.split("\n"), shown.split("\n"), n=0)
    )


def test_a_step_that_matters_is_played_on_its_page_which_is_as_dark_as_the_site(context: Any, site: str) -> None:
    page = context.new_page()
    descent = ["The page with the four", "The page with the network"]
    for chapter, titles in (("2-chain-rule", ["Both passes"]), ("5-gradient-descent", descent)):
        page.goto(f"{site}/tutorial/{chapter}/")
        frames = page.locator("iframe.stepper-frame")
        frames.first.wait_for()
        assert [frame.get_attribute("title")[: len(t)] for frame, t in zip(frames.all(), titles, strict=True)] == titles
        frames.first.scroll_into_view_if_needed()
        frame = page.frame_locator("iframe.stepper-frame >> nth=0")
        frame.get_by_label("last step").click()
        assert frame.locator("#note").inner_text()
        assert (frame.locator("h1").bounding_box()["height"] > 1) == (chapter != "2-chain-rule")
        for scheme, ground in (("slate", "rgb(17, 22, 29)"), ("default", "rgb(255, 255, 255)")):
            page.evaluate(f"document.body.setAttribute('data-md-color-scheme', '{scheme}')")
            playwright.expect(frame.locator("body")).to_have_css("background-color", ground)
    page.close()


def test_an_example_on_its_page_runs_behind_those_before_it(context: Any, site: str) -> None:
    page = context.new_page()
    page.goto(f"{site}/tutorial/2-chain-rule/")
    buttons = page.get_by_role("button", name="▶ run", exact=True)
    buttons.first.wait_for()
    session = sessions.session(chapter_text("2-chain-rule"), "").examples
    blocks = sum(block.language in ("pycon", "python") for block in sessions.blocks(chapter_text("2-chain-rule")))
    assert buttons.count() == blocks
    buttons.nth(1).click()
    playwright.expect(page.locator(".try-bar button:disabled")).to_have_count(0)
    first, second, *others = (output.text_content() for output in page.locator(".try-output").all())
    assert first.startswith(">>> from autograd_lite import Value, exp\n")
    assert "y = exp(u)" in first
    assert "∂y/∂x = 13.45" in second
    assert set(others) == {""}
    to, _, program = page.get_by_role("link", name="edit", exact=True).nth(1).get_attribute("href").partition("#code=")
    assert to == f"{site}/try/"
    assert base64.urlsafe_b64decode(f"{program}==").decode() == "\n".join(example.source.rstrip() for example in session[:10])
    page.close()
