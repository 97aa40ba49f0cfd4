"""The page and the pictures within what shows notebooks: each host's own ways, as its source has them."""

import pytest

from visualize import draw, stepper

# VS Code: the policy that its notebooks may have (notebook/browser/view/renderers/backLayerWebView.ts). What a cell shows is
# put into the document as it is; its body says the theme (webview/browser/pre/index.html).
VS_CODE = (
    '<meta http-equiv="Content-Security-Policy" content="'
    "default-src 'none'; script-src https: 'unsafe-inline' 'unsafe-eval'; style-src https: 'unsafe-inline'; "
    'img-src https: http: data:; font-src https:; connect-src https:; child-src https: data:">'
)
HOSTS = {  # each with its head, and how it says that it is light, or dark
    "JupyterLab, light": ("", "", 'data-jp-theme-light="true"', False),
    "JupyterLab, dark": ("", "", 'data-jp-theme-light="false"', True),
    "VS Code, light": (VS_CODE, "", 'class="vscode-light" data-vscode-theme-kind="vscode-light"', False),
    "VS Code, dark": (VS_CODE, "", 'class="vscode-dark" data-vscode-theme-kind="vscode-dark"', True),
    "VS Code, high contrast": (VS_CODE, "", 'class="vscode-high-contrast"', True),
    "VS Code, high contrast, light": (VS_CODE, "", 'class="vscode-high-contrast-light vscode-high-contrast"', False),
    "Colab, light": ("", "", "", False),
    "Colab, dark": ("", 'theme="dark"', "", True),
}
PAGES = {False: "rgb(255, 255, 255)", True: "rgb(17, 22, 29)"}  # the themes' grounds


@pytest.fixture(scope="module")
def shown(neuron) -> str:
    """What two cells show: a page and a picture."""
    y, _ = neuron()
    return stepper(y)._repr_html_() + draw(y)._repr_mimebundle_()["text/html"]


@pytest.mark.parametrize("host", HOSTS)
def test_the_page_plays_in_every_host_and_is_as_dark_as_it_and_so_is_a_picture(shown, tab, host: str) -> None:
    head, html, body, is_dark = HOSTS[host]
    tab.emulate_media(color_scheme="light" if is_dark else "dark")  # which the host need not be
    tab.set_content('<iframe sandbox="allow-scripts" style="width: 900px; height: 900px"></iframe>')  # another origin
    cell = '<div id="cell"></div>'
    document = f'<!DOCTYPE html><html {html}><head>{head}</head><body {body} style="zoom: 1.1">{cell}</body></html>'
    tab.locator("iframe").evaluate("(frame, text) => { frame.srcdoc = text; }", document)
    tab.frame_locator("iframe").locator("#cell").wait_for(state="attached")
    output = tab.frames[1]
    output.evaluate("shown => { document.getElementById('cell').innerHTML = shown; }", shown)  # as hosts do: it runs no script
    assert output.evaluate("getComputedStyle(document.querySelector('svg polygon')).fill") == PAGES[is_dark]
    frame = output.frame_locator("iframe")
    frame.get_by_label("last step").dispatch_event("click")  # a browser that is driven misses what is zoomed in frames
    assert frame.locator("#phase").text_content().startswith("step ")
    frame.get_by_label("number of w1", exact=True).fill("3")
    frame.get_by_label("number of w1", exact=True).press("Enter")
    assert "w1 is now 3.0" in frame.locator("#note").text_content()
    colors = "({ backgroundColor, colorScheme }) => [backgroundColor, colorScheme]"
    of_body = frame.locator("body").evaluate(f"body => ({colors})(getComputedStyle(body))")
    assert of_body == [PAGES[is_dark], "dark" if is_dark else "light"]
