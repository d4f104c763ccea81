"""The pictures of the hall: `python -m tests.browser.hall_pictures` makes them anew.

A busy day at half past two, on which nobody has to wait for paper: it was made up. Look at the
new pictures before you commit them.
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

PICTURES = ROOT / "assets" / "pictures" / "pages"
LARGEST = 300_000  # bytes

DESK, PHONE, WALL = (1440, 900), (360, 1900), (3840, 2160)


def main() -> None:
    """Make all of them."""
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        day = busy_day(Path(folder) / "day")  # before Playwright takes the thread's event loop
        with day.server, chromium() as browser:
            for name, size, look, language in (
                ("hall-light", DESK, "light", "en"),
                ("hall-dark", DESK, "dark", "de"),
                ("hall-phone", PHONE, "light", "de"),
                ("hall-wall", WALL, "dark", "de"),
            ):
                whole = size is DESK
                draw(
                    browser,
                    day,
                    name,
                    show_hall,
                    size=size,
                    look=look,
                    language=language,
                    whole=whole,
                )
            draw(browser, day, "hall-by-hand", preview_range)
            draw(browser, day, "hall-close-day", stop_numbers)
            draw(browser, day, "hall-close-day-phone", show_day, size=PHONE, look="dark")


def draw(  # what a picture is made of
    browser: Browser,
    day: BusyDay,
    name: str,
    show: Callable[[Page, str], None],
    *,
    size: tuple[int, int] = DESK,
    look: str = "light",
    language: str = "de",
    whole: bool = False,
) -> None:
    """Draw a page as the shift lead sees it; the whole of it, or what fits on the screen."""
    context = browser.new_context(
        viewport=ViewportSize(width=size[0], height=size[1]),
        locale={"de": "de-DE", "en": "en-GB"}[language],
        color_scheme="dark" if look == "dark" else "light",
        reduced_motion="reduce",
    )
    page = context.new_page()
    log_in(page, day.server.address)
    show(page, day.server.address)
    page.evaluate("document.fonts.ready")
    path = PICTURES / f"{name}.png"
    few_colours(Image.open(BytesIO(page.screenshot(full_page=whole)))).save(path, optimize=True)
    context.close()
    if path.stat().st_size > LARGEST:
        raise SystemExit(f"{path.name} has {path.stat().st_size} bytes: at most {LARGEST}")


def few_colours(drawn: Image.Image) -> Image.Image:
    """Return a picture in 256 of its own colours: half the bytes, and nobody sees it."""
    picture = drawn.convert("RGB")
    counted = picture.getcolors(picture.width * picture.height)
    # A small green dot counts for more than a shade of grey at the edge of a letter.
    counted.sort(key=lambda one: one[0] * (16 + max(one[1]) - min(one[1])), reverse=True)
    palette = Image.new("P", (1, 1))
    palette.putpalette([part for _, colour in counted[:256] for part in colour])
    return picture.quantize(palette=palette, dither=Image.Dither.NONE)


def log_in(page: Page, address: str) -> None:
    """Let the shift lead log in."""
    page.goto(f"{address}/staff/login?back=/staff/hall")
    page.locator("[name=name]").fill("lena")
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("[name=password]").press("Enter")
    expect(page.locator("#hall")).to_be_visible()


def show_hall(page: Page, address: str) -> None:
    """Show the hall."""
    del address
    expect(page.locator("html:not(.stale)")).to_be_visible()


def preview_range(page: Page, address: str) -> None:
    """Show what it would do to mark a range."""
    page.goto(f"{address}/staff/hall/by-hand?first=D530&last=D552")
    expect(page.locator(".preview")).to_be_visible()


def stop_numbers(page: Page, address: str) -> None:
    """Stop numbers, and show how the day is closed."""
    page.goto(f"{address}/staff/hall/day")
    page.locator("[action$=stop-numbers] button").click()
    expect(page.locator(".closing")).to_be_visible()


def show_day(page: Page, address: str) -> None:
    """Show how the day is closed."""
    page.goto(f"{address}/staff/hall/day")
    expect(page.locator(".closing")).to_be_visible()


if __name__ == "__main__":
    main()
