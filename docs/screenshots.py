"""Screenshots of the page that plays, taken by Debian's chromium; they need the package playwright, and Pillow.

python docs/screenshots.py             # renews those of the docs that are stale
python docs/screenshots.py FOLDER      # takes every page at three widths, light and dark, for a person to look at
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import shutil
import sys
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))

import steppers

FOLDER = Path(__file__).resolve().parent / "pictures" / "steppers"
WIDTHS = {1280: 800, 768: 900, 390: 844}  # with the height of each
COLORS = 160  # of a file: enough for lines and letters
MADE_OF = "made-of.json"  # beside the screenshots: for each a digest of what it was made of


@dataclass(frozen=True)
class Shot:
    """One screenshot.

    Attributes:
        page: which of `steppers.PAGES`.
        width, height: of the window, in pixels.
        scheme: "light" or "dark".
        address: how the page's address ends.
        rate: of gradient descent.
        clicks: what is clicked, one after another.
        at: what stands at the end of the window; "" to see the page from its beginning.
    """

    page: str
    width: int
    height: int
    scheme: str = "light"
    address: str = ""
    rate: str = ""
    clicks: tuple[str, ...] = ()
    at: str = ""


TEN = ("#ten",)
SHOTS = {
    "paths": Shot("paths", 760, 480, address="?embed=1#step=8"),
    "network": Shot("network", 760, 560, address="?embed=1#step=54", clicks=("#see-network",)),
    "line": Shot("line", 760, 940, clicks=TEN),
    "xor": Shot("xor", 760, 900, rate="1", clicks=("#see-network", *TEN * 50, "#last"), at="#surface"),
    "wide": Shot("paths", 1280, 860, address="#step=8&selected=value.x"),
    "wide-dark": Shot("xor", 1280, 860, "dark", rate="1", clicks=("#see-network", *TEN * 50, "#last")),
    "middle-dark": Shot("network", 768, 780, "dark", "#step=30"),
    "narrow": Shot("paths", 390, 780, address="#step=8"),
    "narrow-dark": Shot("xor", 390, 780, "dark", rate="1", clicks=(*TEN * 50, "#last"), at="#heat"),
}


def made_of(shots: Mapping[str, Shot]) -> dict[str, str]:
    """For each screenshot a digest of its page and of what is done there. It takes no browser.

    Where things stand is left out, since another release of Graphviz may place them elsewhere; and of numbers the last digits,
    which differ between machines.
    """
    pages = {name: essence(playing.page()) for name, playing in steppers.PAGES.items()}
    return {name: hashlib.sha256(f"{shot}\n{pages[shot.page]}".encode()).hexdigest()[:16] for name, shot in shots.items()}


def essence(page: str) -> str:
    """What is on a page, wherever it stands: of a picture its words."""
    page = re.sub("<svg.*?</svg>", lambda svg: "\n".join(sorted(re.findall(">([^<>]+)<", svg[0]))), page, flags=re.DOTALL)
    page = re.sub(' style="[^"]*"', "", page)
    return re.sub(r"\d+\.\d+(e[+-]?\d+)?", lambda number: f"{float(number[0]):.4g}", page)


def stale() -> list[str]:
    """The screenshots of the docs that show what is no longer so."""
    file = FOLDER / MADE_OF
    kept = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    return [name for name, digest in made_of(SHOTS).items() if kept.get(name) != digest]


def taken(shots: Iterable[Shot]) -> Iterable[bytes]:
    """Each screenshot as a PNG."""
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory() as folder, sync_playwright() as driver:
        for name, playing in steppers.PAGES.items():
            Path(folder, f"{name}.html").write_text(playing.page(), encoding="utf-8")
        browser = driver.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for shot in shots:
            window = browser.new_page(viewport={"width": shot.width, "height": shot.height}, color_scheme=shot.scheme)
            window.goto(Path(folder, f"{shot.page}.html").as_uri() + shot.address)
            if shot.rate:
                window.fill("#rate", shot.rate)
                window.locator("#rate").press("Tab")
            for button in shot.clicks:
                window.locator(button).dispatch_event("click")
            window.locator(shot.at or "h1").evaluate(
                "(one, at) => one.scrollIntoView({ block: at })", "end" if shot.at else "center"
            )
            window.wait_for_timeout(400)  # until what moves stands still
            yield window.screenshot()
            window.close()
        browser.close()


def small(png: bytes) -> bytes:
    """The same in few colours, in fewer bytes."""
    from PIL import Image

    out = io.BytesIO()
    image: Any = Image.open(io.BytesIO(png)).convert("RGB")
    image.quantize(COLORS, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE).save(out, "PNG", optimize=True)
    return out.getvalue()


def main(folder: Path | None) -> None:
    """Renew those screenshots of the docs that are stale, or take all into a folder."""
    if folder is None:
        shots = {name: SHOTS[name] for name in stale()}
    else:
        shots = {
            f"{page}-{width}-{scheme}": Shot(page, width, height, scheme)
            for page in steppers.PAGES
            for width, height in WIDTHS.items()
            for scheme in ("light", "dark")
        }
    into = folder or FOLDER
    into.mkdir(parents=True, exist_ok=True)
    for name, png in zip(shots, taken(shots.values()), strict=True):
        (into / f"{name}.png").write_bytes(small(png))
    if folder is None:
        (into / MADE_OF).write_text(json.dumps(made_of(SHOTS), indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else None)
