"""The pictures of the call display: `python -m tests.browser.pictures` makes them anew.

A real server, a crowd that checked in over real HTTP, and Debian's Chromium. The times in them
are those of the run; look at the new pictures before you commit them.
"""

import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Page, expect

from kiosk.contract.messages import HelpKind
from tests.browser.chromium import chromium
from tests.browser.crowd import KioskAtTheDoor, crowd
from tests.browser.puppet_wall import PuppetWall, a_call
from tests.stand.server import ROOT, ServerStand
from tests.stand.staff import StaffMember

PICTURES = ROOT / "assets" / "pictures"
PASSWORD = "only-for-pictures"
LARGEST = 300_000  # bytes

WALLS = (
    ("uk", "uk", "5", (1920, 1080), "light"),
    ("de", "de", "2", (1920, 1080), "dark"),
    ("ar-upright", "ar", "6", (1080, 1920), "light"),
    ("ka-upright", "ka", "4", (1080, 1920), "dark"),
)
"""Name, language and counter of the large call, size in pixels, light or dark."""


def main() -> None:
    """Make all of them."""
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        home = Path(folder)
        stand = ServerStand(home / "data")
        stand.set_up()
        stand.add_staff("anna", PASSWORD)
        doors = [stand.add_kiosk(f"entrance-{n}", home / str(n), printer="none") for n in (1, 2)]
        display = stand.add_display("hall")
        with stand:
            kiosks = [KioskAtTheDoor.of(door, stand.address) for door in doors]
            fill(kiosks)
            call_some(stand.address)
            wall = browser.new_context(
                viewport={"width": 1280, "height": 720}, reduced_motion="reduce"
            )
            draw_display(wall.new_page(), display, PICTURES / "display.png")
            draw_walls(browser, display)


def fill(kiosks: list[KioskAtTheDoor]) -> None:
    """Let a morning's crowd arrive at two kiosks, of which one is out of paper."""
    for kiosk in kiosks:
        crowd(kiosk, 15)
    kiosks[0].report()
    kiosks[1].report(printer="paper-out", outbox_depth=2)
    kiosks[0].call_for_help(HelpKind.DOCTOR)


def call_some(address: str) -> None:
    """Let counters send on whoever is there, and call the next."""
    anna = StaffMember(address, "anna", PASSWORD)
    sat: set[str] = set()
    for counter in ("1", "2", "4", "6", "1", "3", "2"):
        anna.work_at(counter)
        if counter in sat:
            anna.forward()
        anna.call_next()
        sat.add(counter)
    anna.close()


def draw_display(page: Page, address: str, path: Path) -> None:
    """Take the picture of the call display."""
    page.goto(address)
    expect(page.locator("#now .call")).to_be_visible()
    page.evaluate("document.fonts.ready")
    _keep(page, path)


def draw_walls(browser: Browser, address: str) -> None:
    """Take the pictures of walls with a call in each of four languages."""
    for name, language, counter, size, scheme in WALLS:
        width, height = size
        context = browser.new_context(
            viewport={"width": width, "height": height},
            reduced_motion="reduce",
            color_scheme=scheme,
        )
        wall = PuppetWall(context, address)
        others = [a_call(n, language="ru", counter=c) for n, c in enumerate("31746")]
        calls = [*others, a_call(9, language=language, counter=counter)]
        for shown in range(1, len(calls) + 1):
            wall.stands(*calls[:shown])
            wall.pass_seconds(30)
        wall.page.evaluate("document.fonts.ready")
        _keep(wall.page, PICTURES / "pages" / f"wall-{name}.png")
        context.close()


def _keep(page: Page, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=path)
    if path.stat().st_size > LARGEST:
        raise SystemExit(f"{path}: larger than {LARGEST} bytes")


if __name__ == "__main__":
    main()
