"""What the tests of the page share: a browser, in which a page may fetch and log nothing, and the numbers of a page."""

import shutil

import pytest

from autograd_lite import Value
from visualize import stepper

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
QUIET = ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"]


@pytest.fixture(scope="package")
def browser():
    """One for all tests of the page: to start it takes longer than most of them."""
    if CHROMIUM is None:
        pytest.skip("no chromium on this machine")
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as driver:
        running = driver.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield running
        running.close()


@pytest.fixture(scope="package")
def tab(browser):
    """One page for all tests: a new one would compile the scripts, and find its fonts, again."""
    with browser.new_context() as context:
        yield context.new_page()


@pytest.fixture
def opened(tab, tmp_path):
    """Opens a page, or that of a Value; at the end of the test nothing may have been logged or fetched."""
    complaints: list[str] = []
    path = tmp_path / "page.html"
    heard = {
        "console": lambda message: complaints.append(message.text),
        "pageerror": lambda error: complaints.append(str(error)),
        "request": lambda request: complaints.append(request.url) if request.url != path.as_uri() else None,
    }

    def open_page(value: Value | str, width: int = 1280, height: int = 720, scheme: str = "light"):
        path.write_text(value if isinstance(value, str) else stepper(value), encoding="utf-8")
        tab.set_viewport_size({"width": width, "height": height})
        tab.emulate_media(color_scheme=scheme)
        tab.goto(path.as_uri())
        return tab

    for event, listener in heard.items():
        tab.on(event, listener)
    yield open_page
    for event, listener in heard.items():
        tab.remove_listener(event, listener)
    assert complaints == []


UNTIL = """() => new Promise((resolve, reject) => {
    let looks = 0;
    const look = () => {
        if (%s) resolve();
        else if ((looks += 1) > 3000) reject(new Error("it did not come to pass"));
        else setTimeout(look, 10);
    };
    look();
})"""


@pytest.fixture(scope="session")
def wait_until():
    """Waits in a page until an expression is true. Playwright itself evaluates text again and again, which a page forbids."""

    def wait_until(page, expression: str) -> None:
        page.evaluate(UNTIL % expression)

    return wait_until


NUMBERS = """() => Object.fromEntries([...document.querySelectorAll("#values tr")].map(row =>
    [row.querySelector("th").textContent, { data: row.cells[2].dataset.value, grad: row.cells[3].dataset.value }]))"""


@pytest.fixture(scope="session")
def cell():
    """A number in the page's table: the "data" or the "grad" of the value of that name."""

    def cell(page, name: str, which: str) -> str:
        return page.evaluate(NUMBERS)[name][which]

    return cell


@pytest.fixture(scope="session")
def assert_agrees():
    """After the last step the page's numbers are those of `backward`."""

    def assert_agrees(page, value: Value, leaves: list[Value]) -> None:
        for leaf in leaves:
            leaf.grad = 0
        value.backward()
        shown = page.evaluate(NUMBERS)
        for leaf in leaves:
            assert float(shown[leaf.label]["data"]) == leaf.data
            assert float(shown[leaf.label]["grad"]) == pytest.approx(leaf.grad, rel=1e-12)

    return assert_agrees
