"""The pictures of the incoming page: `python -m tests.browser.incoming_pictures` makes them anew.

A busy day at half past two; it was made up. Look at the new pictures before you commit them.
"""

import tempfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, ViewportSize, expect

from tests.browser.chromium import chromium
from tests.stand.busy_day import PASSWORD, BusyDay, busy_day
from tests.stand.server import ROOT

PICTURES = ROOT / "assets" / "pictures"
COLOURS = 128

DESK, PHONE, WALL = (1440, 900), (360, 1100), (3840, 2160)


def main() -> None:
    """Make all of them."""
    with tempfile.TemporaryDirectory() as folder:
        day = busy_day(Path(folder) / "day")  # before Playwright takes the thread's event loop
        with day.server, chromium() as browser:
            draw(browser, day, "staff", nothing_more)
            draw(browser, day, "pages/incoming-dark", open_a_party, look="dark")
            draw(browser, day, "pages/incoming-visit", open_a_party)
            draw(browser, day, "pages/incoming-keys", press_question_mark)
            draw(browser, day, "pages/incoming-phone", nothing_more, size=PHONE)
            draw(browser, day, "pages/incoming-wall", nothing_more, size=WALL, look="dark")
            draw(browser, day, "pages/incoming-helper", nothing_more, name="hedi")


def draw(  # what a picture is made of
    browser: Browser,
    day: BusyDay,
    picture: str,
    show: Callable[[Page], None],
    *,
    name: str = "anna",
    size: tuple[int, int] = DESK,
    look: str = "light",
) -> None:
    """Draw the page as somebody sees it who has logged in."""
    context = browser.new_context(
        viewport=ViewportSize(width=size[0], height=size[1]),
        locale="de-DE",
        color_scheme="dark" if look == "dark" else "light",
        reduced_motion="reduce",
    )
    page = context.new_page()
    page.goto(f"{day.server.address}/staff/login")
    page.get_by_label("Name").fill(name)
    page.get_by_label("Passwort").fill(PASSWORD)
    page.get_by_role("button", name="Anmelden").click()
    expect(page.locator("#visits > li").first).to_be_visible()
    show(page)
    page.evaluate("document.fonts.ready")
    page.wait_for_timeout(500)  # drawings are loaded when their row is first shown
    drawn = Image.open(BytesIO(page.screenshot()))
    # Pages have few colours: a palette of them takes a third of the bytes, and nobody sees it.
    path = PICTURES / f"{picture}.png"
    drawn.convert("RGB").quantize(COLOURS).save(path, optimize=True)
    context.close()


def nothing_more(page: Page) -> None:
    """Leave the page as it is."""
    del page


def open_a_party(page: Page) -> None:
    """Open one that is at a counter, which has gone some way."""
    page.locator("#visits > .is-serving:not([hidden]) a.number").last.click()
    expect(page.locator("#in-full-number")).to_be_visible()


def press_question_mark(page: Page) -> None:
    """Show the keys of the page."""
    page.get_by_role("button", name="Tasten").click()
    expect(page.locator("#keys")).to_be_visible()


if __name__ == "__main__":
    main()
