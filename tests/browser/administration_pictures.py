"""The pictures of administration: ``python -m tests.browser.administration_pictures``.

On the busy day, whose server's clock stands. Look at the new pictures before you commit them.
"""

import tempfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import httpx2
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from PIL import Image
from playwright.sync_api import Browser, Page, ViewportSize, expect

from tests.browser.chromium import chromium
from tests.server_stub.asking import Machine
from tests.stand.busy_day import PASSWORD, busy_day
from tests.stand.server import ROOT

PICTURES = ROOT / "assets" / "pictures" / "pages"
LARGEST = 300_000  # bytes
COLOURS = 128

DESK, PHONE, SHEET = (1360, 860), (360, 800), (794, 1123)
Show = Callable[[Page], None]


def at(path: str) -> Show:
    """Return what opens a page of administration."""
    return lambda page: page.goto(f"{page.url.split('/staff')[0]}{path}") and None


def account_card(page: Page) -> None:
    """Make an account, and stay at its card."""
    at("/staff/admin/accounts")(page)
    page.locator("main [name=name]").fill("tetiana")
    page.locator("main form.columns .button").click()
    expect(page.locator(".is-secret")).to_be_visible()
    # A picture is no place for a password that ever was good for anything.
    page.locator(".is-secret").evaluate("e => { e.textContent = 'k7mf-x2aq-w9rd' }")


def kiosk_that_asks(page: Page) -> None:
    """Make a code, and let a machine come with it: its fingerprint appears below by itself."""
    at("/staff/admin/kiosks")(page)
    page.locator("main [name=name]").fill("exit-1")
    page.locator("main form.columns .button").last.click()
    code = page.locator(".code")
    expect(code).to_be_visible()
    with httpx2.Client(base_url=page.url.split("/staff")[0]) as client:
        machine = Machine(client)
        machine.key = Ed25519PrivateKey.from_private_bytes(b"IT IS THE SAME IN EVERY PICTURE.")
        machine.asks(code.inner_text())
    expect(page.locator(".fingerprint")).to_be_visible(timeout=10_000)
    code.evaluate("e => { e.textContent = 'K7QM-2XPA' }")
    page.evaluate("window.scrollTo(0, 0)")


def kiosk_that_asks_below(page: Page) -> None:
    """Show the machine that asks on the page of all kiosks."""
    at("/staff/admin/kiosks")(page)
    expect(page.locator(".fingerprint")).to_be_visible()
    page.locator(".is-asking").scroll_into_view_if_needed()


def kiosk_to_revoke(page: Page) -> None:
    """Open the kiosk that is silent, and what stands before its revocation."""
    at("/staff/admin/kiosks")(page)
    page.get_by_role("link", name="upstairs").click()
    page.locator("details.confirm").last.evaluate("one => { one.open = true }")


def keys(page: Page) -> None:
    """Show the keys after a new one was made, under names that are the same in every picture."""
    at("/staff/admin/keys")(page)
    page.locator("details.confirm").first.evaluate("one => { one.open = true }")
    page.locator("details.confirm[open] .button.is-main").click()
    expect(page.locator(".key")).to_have_count(2)
    for index, name in enumerate(("key-3ea4612c", "key-4b0eeaa8")):
        title, file = page.locator(".key").nth(index).locator("code").all()
        title.evaluate("(e, name) => { e.textContent = name }", name)
        file.evaluate("(e, name) => { e.textContent = name }", f"/var/lib/ankunft/keys/{name}.key")


def sign_on_paper(page: Page) -> None:
    """Show the first door sign as it is printed."""
    at("/staff/admin/signs")(page)
    page.emulate_media(media="print")


def main() -> None:
    """Make all of them."""
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        day = busy_day(Path(folder) / "day")  # before Playwright takes the thread's event loop
        with day.server, chromium() as browser:
            for name, show, size, look in (
                ("overview-light", at("/staff/admin"), DESK, "light"),
                ("overview-phone", at("/staff/admin"), PHONE, "dark"),
                ("accounts-light", at("/staff/admin/accounts"), DESK, "light"),
                ("account-card", account_card, DESK, "light"),
                ("kiosks-light", at("/staff/admin/kiosks"), DESK, "light"),
                ("kiosks-phone", at("/staff/admin/kiosks"), PHONE, "light"),
                ("kiosk-dark", kiosk_to_revoke, DESK, "dark"),
                ("kiosk-code-light", kiosk_that_asks, DESK, "light"),
                ("kiosk-asks-dark", kiosk_that_asks_below, DESK, "dark"),
                ("kiosk-asks-phone", kiosk_that_asks_below, PHONE, "light"),
                ("display-light", at("/staff/admin/display?name=first-floor"), DESK, "light"),
                ("audit-light", at("/staff/admin/audit"), DESK, "light"),
                ("audit-dark", at("/staff/admin/audit?about=J334"), DESK, "dark"),
                ("audit-phone", at("/staff/admin/audit"), PHONE, "light"),
                ("outbox-phone", at("/staff/admin/outbox"), PHONE, "dark"),
                ("retention-light", at("/staff/admin/retention"), DESK, "light"),
                ("signs-light", at("/staff/admin/signs"), DESK, "light"),
                ("sign-paper", sign_on_paper, SHEET, "light"),
                ("keys-light", keys, DESK, "light"),
                ("accessibility-dark", at("/accessibility"), DESK, "dark"),
            ):
                draw(browser, day.server.address, f"admin-{name}", show, size=size, look=look)


def draw(  # what a picture is made of
    browser: Browser,
    address: str,
    name: str,
    show: Show,
    *,
    size: tuple[int, int],
    look: str,
) -> None:
    """Draw what fits on the screen of a page, as an administrator sees it."""
    context = browser.new_context(
        viewport=ViewportSize(width=size[0], height=size[1]),
        locale="de-DE",
        color_scheme="dark" if look == "dark" else "light",
        reduced_motion="reduce",
    )
    page = context.new_page()
    page.goto(f"{address}/staff/login?back=/staff/admin")
    page.locator("[name=name]").fill("adam")
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("[name=password]").press("Enter")
    expect(page.locator(".tabs")).to_be_visible()
    show(page)
    page.evaluate("document.fonts.ready")
    path = PICTURES / f"{name}.png"
    drawn = Image.open(BytesIO(page.screenshot()))
    # Pages have few colours: a palette of them takes a third of the bytes, and nobody sees it.
    drawn.convert("RGB").quantize(COLOURS).save(path, optimize=True)
    context.close()
    if path.stat().st_size > LARGEST:
        raise SystemExit(f"{path.name} has {path.stat().st_size} bytes: at most {LARGEST}")


if __name__ == "__main__":
    main()
