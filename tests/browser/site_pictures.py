"""The pictures of the site file and the hours: `python -m tests.browser.site_pictures`.

On the busy day at half past two; look at the new pictures before you commit them.
"""

import tempfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, ViewportSize, expect

from tests.browser.chromium import chromium
from tests.server_stub.site_drafts import without_counters, without_stages
from tests.stand.busy_day import PASSWORD, busy_day
from tests.stand.server import ROOT

PICTURES = ROOT / "assets" / "pictures" / "pages"
COLOURS = 128
DESK, PHONE = (1280, 900), (360, 800)
SITE, HOURS = "/staff/admin/site", "/staff/admin/hours"


def main() -> None:
    """Make all of them."""
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        day = busy_day(Path(folder) / "day")  # before Playwright takes the thread's event loop
        with day.server, chromium() as browser:
            address = day.server.address
            draw(browser, address, "hours-light", hours, language="en")
            draw(browser, address, "hours-phone", hours, size=PHONE, look="dark")
            draw(browser, address, "site-versions-light", versions)
            draw(browser, address, "site-changes-light", changes, language="en")
            draw(browser, address, "site-changes-phone", changes, size=PHONE)
            draw(browser, address, "site-faults-dark", faults, look="dark")
            draw(browser, address, "site-preview-light", preview)


def draw(  # what a picture is made of
    browser: Browser,
    address: str,
    name: str,
    show: Callable[[Page, str], None],
    *,
    size: tuple[int, int] = DESK,
    look: str = "light",
    language: str = "de",
) -> None:
    """Draw a page as an admin sees it."""
    context = browser.new_context(
        viewport=ViewportSize(width=size[0], height=size[1]),
        locale={"de": "de-DE", "en": "en-GB"}[language],
        color_scheme="dark" if look == "dark" else "light",
        reduced_motion="reduce",
    )
    page = context.new_page()
    page.goto(f"{address}/staff/login?language={language}&back={SITE}")
    page.locator("input[name=name]").fill("adam")
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("input[name=password]").press("Enter")
    expect(page.locator(".admin-main h1")).to_be_visible()
    show(page, address)
    page.evaluate("document.fonts.ready")
    page.evaluate("scrollTo(0, 0)")
    drawn = Image.open(BytesIO(page.screenshot(full_page=True)))
    # Pages have few colours: a palette of them takes a third of the bytes, and nobody sees it.
    drawn.convert("RGB").quantize(COLOURS).save(PICTURES / f"{name}.png", optimize=True)
    context.close()


def hours(page: Page, address: str) -> None:
    """Close two days at Christmas, once; show the page after it."""
    page.goto(f"{address}{HOURS}")
    if not page.locator("input[name=first_0]").input_value():
        page.locator("input[name=week_sat]").fill("10-14")
        page.locator("input[name=first_0]").fill("2026-12-24")
        page.locator("input[name=last_0]").fill("2026-12-26")
        page.locator("input[name=reason_0]").fill("Christmas")
        page.locator("form.hours > .buttons button").click()
        page.wait_for_url("**taken=*")


def versions(page: Page, address: str) -> None:
    """Show the versions, of which there are three."""
    page.goto(f"{address}{HOURS}")
    page.locator("input[name=from]").fill("17:00")
    page.locator("form[action$=today] input[name=reason]").fill("Betriebsversammlung")
    page.locator("form[action$=today] button").click()
    page.wait_for_url("**taken=*")
    page.goto(f"{address}{SITE}")


def changes(page: Page, address: str) -> None:
    """Show what it would do to close housing and two counters."""
    toml = _text(page, address)
    shut = without_counters(without_stages(toml, "housing"), "2", "4").replace(
        'door = "4"', 'door = "5"'
    )
    _check(page, shut)
    if page.viewport_size["width"] > 360:
        page.locator("section[aria-labelledby=who] summary").click()


def faults(page: Page, address: str) -> None:
    """Show a file with some faults."""
    toml = _text(page, address)
    broken = toml.replace('stage = "benefits"', 'stage = "benefit"')
    _check(page, broken.replace('figure = "housed"', 'figure = "housing"', 1))


def preview(page: Page, address: str) -> None:
    """Show all screens and slips in Arabic."""
    _check(page, f"{_text(page, address)}# looked at\n")
    page.locator("select[name=language]").select_option("ar")
    page.set_default_timeout(120_000)
    page.locator("form[action*=preview] button").click()
    page.wait_for_selector(".shots img", timeout=120_000)
    for shot in page.locator(".shots img").all():
        shot.scroll_into_view_if_needed()
    page.wait_for_function("[...document.images].every(i => i.complete && i.naturalWidth)")


def _text(page: Page, address: str) -> str:
    page.goto(f"{address}{SITE}/edit")
    return page.locator("#toml").input_value()


def _check(page: Page, toml: str) -> None:
    page.locator("#toml").fill(toml)
    page.locator("form.writing button").click()
    page.wait_for_url(f"**{SITE}/check")


if __name__ == "__main__":
    main()
