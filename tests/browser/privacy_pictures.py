"""The pictures of erasing and winding down: `python -m tests.browser.privacy_pictures`.

Look at the new pictures before you commit them.
"""

import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

from playwright.sync_api import Browser, Page, ViewportSize

from tests.browser import hall_pictures
from tests.browser.chromium import chromium
from tests.browser.hall_pictures import PHONE, draw
from tests.stand.busy_day import PASSWORD, BusyDay, busy_day

A4 = (794, 1123)
"""A sheet at 96 dots an inch."""


def main() -> None:
    """Make all of them."""
    hall_pictures.PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        day = busy_day(Path(folder) / "day")  # before Playwright takes the thread's event loop
        with day.server, chromium() as browser:
            draw(browser, day, "erase", show_erasure, whole=True)
            draw(browser, day, "erase-phone", show_erasure, size=PHONE, look="dark", language="en")
            draw(browser, day, "wind-down", partial(as_admin, show=show_wind_down), whole=True)
            draw(
                browser,
                day,
                "wind-down-phone",
                partial(as_admin, show=show_wind_down),
                size=PHONE,
                look="dark",
                language="en",
            )
            draw_draft(browser, day, Path(folder))


def show_erasure(page: Page, address: str) -> None:
    page.goto(f"{address}/staff")
    number = page.locator("td.number, .number").first.inner_text().split()[0]
    page.goto(f"{address}/staff/hall/erase?number={number}")
    page.locator("input[name=sure]").first.check()


def as_admin(page: Page, address: str, *, show: Callable[[Page, str], None]) -> None:
    """Log in as who administers, in place of the shift lead."""
    page.context.clear_cookies()
    page.goto(f"{address}/staff/login")
    page.locator("[name=name]").fill("adam")
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("[name=password]").press("Enter")
    page.wait_for_url("**/staff")
    show(page, address)


def show_wind_down(page: Page, address: str) -> None:
    page.goto(f"{address}/staff/admin/retention/wind-down")


def draw_draft(browser: Browser, day: BusyDay, folder: Path) -> None:
    """Draw the sheet as it comes out of a printer."""
    context = browser.new_context(
        viewport=ViewportSize(width=A4[0], height=A4[1]), locale="de-DE", accept_downloads=True
    )
    page = context.new_page()
    as_admin(page, day.server.address, show=show_wind_down)
    with page.expect_download() as saved:
        page.locator("a[download]").click()
    sheet = folder / "draft.html"
    saved.value.save_as(sheet)
    page.goto(sheet.as_uri())
    page.emulate_media(media="print")
    page.screenshot(path=hall_pictures.PICTURES / "wind-down-record.png", full_page=True)
    context.close()


if __name__ == "__main__":
    main()
