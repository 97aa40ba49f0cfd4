"""Text that shows itself as what it is: a tree as its lines, a picture as a picture, a page as a page to play."""

from __future__ import annotations

import base64
import html

# How the pages that show notebooks say that they are dark: JupyterLab, VS Code, Colab, and sites made of notebooks.
DARK_PAGES = (
    'body[data-jp-theme-light="false"]',
    "body.vscode-dark",
    "body.vscode-high-contrast:not(.vscode-high-contrast-light)",
    'html[theme="dark"]',
    '[data-theme="dark"]',
    '[data-md-color-scheme="slate"]',
)
# A frame cannot ask whether the notebook around it is dark, but it knows its height: in pixels, and on dark pages.
HEIGHT, HEIGHT_ON_DARK = 700, 720
UNTRUSTED = "This page plays where the notebook is trusted."  # what is left of the frame elsewhere
# A notebook that is not trusted takes styles, frames and the elements of SVG away, and leaves their words: these stay hidden.
TRUSTED = "<style>.ag-trusted[hidden] { display: block !important } .ag-trusted + img { display: none }</style>"


def where_trusted(shown: str, otherwise: str) -> str:
    """HTML for a notebook that is trusted; one that is not shows the SVG file `otherwise` as an image."""
    address = f"data:image/svg+xml;base64,{base64.b64encode(otherwise.encode()).decode()}"
    return f'{TRUSTED}<div class="ag-trusted" hidden="hidden">{shown}</div><img alt="the graph" src="{address}">'


def on_dark_pages(selector: str, rule: str) -> str:
    """A rule of CSS for what is in a notebook of a dark theme."""
    return f":is({', '.join(DARK_PAGES)}) {selector} {{ {rule} }}"


class Tree(str):
    """A graph as text: at a prompt and in a notebook it shows its lines."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


class Svg(str):
    """The text of an SVG file: in a notebook it shows the picture."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"<a picture, {len(self):,} characters of SVG: print() shows them, save(y, 'graph.svg') writes them>"

    def _repr_svg_(self) -> str:
        return str(self)


class Page(str):
    """The text of an HTML page: in a notebook it shows the page, in a frame that can reach nothing outside of it."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"<a page, {len(self):,} characters of HTML: save(y, 'graph.html') writes it to be opened in a browser>"

    def _repr_html_(self) -> str:
        style = f".ag-page {{ color-scheme: light; display: block; width: 100%; height: {HEIGHT}px; border: 0 }}"
        on_dark = on_dark_pages(".ag-page", f"color-scheme: dark; height: {HEIGHT_ON_DARK}px")
        between = (HEIGHT + HEIGHT_ON_DARK) // 2  # by a pixel or two the browser's zoom changes a height
        page = self.replace("(prefers-color-scheme: dark)", f"(min-height: {between}px)")
        return (
            f"<style>{style} {on_dark}</style>"
            f'<iframe class="ag-page" sandbox="allow-scripts" srcdoc="{html.escape(page)}">{UNTRUSTED}</iframe>'
        )


def svg_of(file: str) -> str:
    """The picture in an SVG file, without the file's head: as it stands within a page."""
    return file[file.index("<svg") :]
