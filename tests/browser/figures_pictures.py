"""The pictures of the figures and of the report: `python -m tests.browser.figures_pictures`.

A busy day at half past two; the report as Chromium prints it. Look at the new pictures before you
commit them.
"""

import tempfile
from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, ViewportSize, expect

from tests.browser.chromium import chromium
from tests.stand.busy_day import PASSWORD, BusyDay, busy_day
from tests.stand.server import ROOT

PICTURES = ROOT / "assets" / "pictures" / "pages"
LARGEST = 300_000  # bytes
COLOURS = 224

DESK, TABLET, PHONE = (1440, 1000), (1024, 1366), (360, 1600)
PAPER = (794, 1123)
"""A4 in CSS pixels."""

FIGURES, REPORT = "/staff/figures", "/staff/report"

DRAWN = (
    ("figures-light", FIGURES, DESK, "light", "en", True),
    ("figures-dark", f"{FIGURES}?period=last-month", DESK, "dark", "de", True),
    ("figures-phone", FIGURES, PHONE, "light", "de", False),
    ("report-light", REPORT, TABLET, "light", "de", False),
    ("report-dark", REPORT, TABLET, "dark", "en", False),
    ("report-phone", REPORT, PHONE, "light", "en", False),
)
"""Name, address, size in pixels, look, language, and whether the whole page is in it."""


def main() -> None:
    """Make all of them."""
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        day = busy_day(Path(folder) / "day")  # before Playwright takes the thread's event loop
        with day.server, chromium() as browser:
            for name, path, size, look, language, whole in DRAWN:
                page = open_page(browser, day, path, size=size, look=look, language=language)
                keep(page, name, whole=whole)
                page.context.close()
            page = open_page(browser, day, REPORT, size=PAPER)
            page.emulate_media(media="print")
            page.add_style_tag(content="body { padding: 13mm 15mm 12mm; }")  # as @page has it
            keep(page, "report-paper")


def open_page(  # what a picture is made of
    browser: Browser,
    day: BusyDay,
    path: str,
    *,
    size: tuple[int, int],
    look: str = "light",
    language: str = "de",
) -> Page:
    """Show a page as the shift lead sees it."""
    context = browser.new_context(
        viewport=ViewportSize(width=size[0], height=size[1]),
        locale={"de": "de-DE", "en": "en-GB"}[language],
        color_scheme="dark" if look == "dark" else "light",
        reduced_motion="reduce",
        bypass_csp=True,  # for the margins of the paper
    )
    page = context.new_page()
    page.goto(f"{day.server.address}/staff/login?back={path.split('?', maxsplit=1)[0]}")
    page.locator("[name=name]").fill("lena")
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("[name=password]").press("Enter")
    expect(page.locator(".page")).to_be_visible()
    page.goto(day.server.address + path)
    if path.startswith(FIGURES):
        expect(page.locator("html.is-drawn")).to_be_attached()
    page.evaluate("document.fonts.ready")
    return page


def keep(page: Page, name: str, *, whole: bool = False) -> None:
    """Store what is seen of a page, or the whole of it."""
    path = PICTURES / f"{name}.png"
    drawn = Image.open(BytesIO(page.screenshot(full_page=whole)))
    # Pages have few colours: a palette of them takes a third of the bytes, and nobody sees it.
    drawn.convert("RGB").quantize(COLOURS).save(path, optimize=True)
    if path.stat().st_size > LARGEST:
        raise SystemExit(f"{path.name} has {path.stat().st_size} bytes: at most {LARGEST}")


if __name__ == "__main__":
    main()
