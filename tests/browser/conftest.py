import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.chromium import Watched, chromium
from tests.browser.crowd import KioskAtTheDoor
from tests.stand.server import ServerStand
from tests.stand.warm import preheat

preheat()

PASSWORD = "right-password"
SECONDS = 20  # a busy machine may be slow, and a page that reconnects waits up to 5 s


@dataclass
class Site:
    """A running server, a kiosk that is enrolled there, and the address of a call display."""

    server: ServerStand
    kiosk: KioskAtTheDoor
    display: str


# Of a module, not of the session: while Playwright runs, its event loop is the thread's own, and
# no test of the server could run another.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    expect.set_options(timeout=SECONDS * 1000)
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="session")
def set_up_once(tmp_path_factory) -> tuple[Path, Path, str]:
    """A data folder with staff, a kiosk and a display, to be copied."""
    folder = tmp_path_factory.mktemp("site")
    stand = ServerStand(folder / "data")
    stand.set_up()
    stand.add_staff("anna", PASSWORD)
    settings = stand.add_kiosk("entrance-1", folder / "kiosk", printer="tcp://127.0.0.1:9")
    display = stand.add_display("hall").removeprefix(stand.address)
    return stand.data, settings, display


@pytest.fixture
def site(tmp_path, set_up_once) -> Iterator[Site]:
    data, settings, display = set_up_once
    shutil.copytree(data, tmp_path / "data")
    with ServerStand(tmp_path / "data") as server:
        kiosk = KioskAtTheDoor.of(settings, server.address)
        yield Site(server, kiosk, server.address + display)


@pytest.fixture
def open_context(browser) -> Iterator[Callable[..., BrowserContext]]:
    """Makes browser contexts; at the end none may have asked another host for anything.

    Nothing moves in them where a test does not ask for it: what does is drawn anew sixty times a
    second, which for each call on a wall takes a second of a processor.
    """
    opened: list[Watched] = []

    def make(*, may_complain: bool = False, **options: object) -> BrowserContext:
        context = browser.new_context(**{"locale": "en-GB", "reduced_motion": "reduce", **options})
        watched = Watched(context, may_complain=may_complain)
        opened.append(watched)
        return watched.context

    yield make
    for watched in opened:
        watched.context.close()
        assert watched.hosts <= {"127.0.0.1"}
        assert watched.may_complain or watched.complaints == []


@pytest.fixture
def log_in(site) -> Callable[[BrowserContext], Page]:
    """Let anna log in and choose counter 1; return her page with the list of who comes in."""

    def at_counter_1(context: BrowserContext) -> Page:
        page = context.new_page()
        page.goto(f"{site.server.address}/staff")
        page.get_by_label("Name").fill("anna")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Log in").click()
        page.get_by_role("link", name="Counter").click()
        page.get_by_role("button", name="Counter 1").first.click()
        expect(page.locator("#desk-1")).to_be_visible()
        page.get_by_role("link", name="Incoming").click()
        expect(page.locator("#visits")).to_be_attached()
        return page

    return at_counter_1


@pytest.fixture
def counter_of(site) -> Callable[[Page], Page]:
    """Open the counter page beside a page of the same member of staff."""

    def beside(page: Page) -> Page:
        counter = page.context.new_page()
        counter.goto(f"{site.server.address}/staff/counter")
        return counter

    return beside
