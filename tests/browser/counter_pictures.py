"""The pictures of the counter page: `python -m tests.browser.counter_pictures` makes them anew.

A busy day at half past two, and slips as a desk printer prints them. Look at the new pictures
before you commit them.
"""

import tempfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, ViewportSize, expect

from tests.browser.chromium import chromium
from tests.stand.busy_day import PASSWORD, BusyDay, busy_day
from tests.stand.server import ROOT, SITE_FILE, ServerStand

PICTURES = ROOT / "assets" / "pictures" / "pages"
LARGEST = 300_000  # bytes
COLOURS = 128

DESK, TABLET, PHONE = (1280, 900), (1024, 768), (360, 1400)
LANGUAGES = (("uk", 80), ("de", 80), ("ar", 58), ("ka", 58))
"""Whose slips are drawn, and on paper of how many millimetres."""


def main() -> None:
    """Make all of them."""
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        day = busy_day(Path(folder) / "day")  # before Playwright takes the thread's event loop
        desk = desk_with_printer(Path(folder))
        with chromium() as browser:
            with day.server:
                draw(browser, day, "counter-choose-dark", lambda _: None, look="dark")
                draw(browser, day, "counter-next-light", at("8", free))
                draw(browser, day, "counter-light", at("9", serve), language="en")
                draw(browser, day, "counter-dark", at("7", called), look="dark")
                draw(browser, day, "counter-tablet", at("11", serve), size=TABLET)
                draw(browser, day, "counter-phone", at("3", called), size=PHONE, look="dark")
                draw(browser, day, "counter-found-light", at("13", find))
                draw(browser, day, "counter-by-hand-light", at("1", by_hand), size=(1280, 1000))
            with desk:
                draw_slips(browser, desk)


def draw(  # what a picture is made of
    browser: Browser,
    day: BusyDay,
    name: str,
    show: Callable[[Page], None],
    *,
    size: tuple[int, int] = DESK,
    look: str = "light",
    language: str = "de",
) -> None:
    """Draw what fits on the screen of a clerk."""
    context = browser.new_context(
        viewport=ViewportSize(width=size[0], height=size[1]),
        locale={"de": "de-DE", "en": "en-GB"}[language],
        color_scheme="dark" if look == "dark" else "light",
        reduced_motion="reduce",
        has_touch=size is not DESK,
        is_mobile=size is not DESK,
    )
    page = context.new_page()
    log_in(page, day.server.address, "anna")
    show(page)
    page.evaluate("document.fonts.ready")
    keep(Image.open(BytesIO(page.screenshot())), PICTURES / f"{name}.png")
    context.close()


def keep(drawn: Image.Image, path: Path) -> None:
    """Store a picture with few colours, a third of the bytes, and nobody sees it."""
    drawn.convert("RGB").quantize(COLOURS).save(path, optimize=True)
    if path.stat().st_size > LARGEST:
        raise SystemExit(f"{path.name} has {path.stat().st_size} bytes: at most {LARGEST}")


def log_in(page: Page, address: str, name: str) -> None:
    """Let somebody log in who works at counters."""
    page.goto(f"{address}/staff/login?back=/staff/counter")
    page.locator("[name=name]").fill(name)
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("[name=password]").press("Enter")
    expect(page.locator("#no-desk")).to_be_visible()


def at(counter: str, show: Callable[[Page], None]) -> Callable[[Page], None]:
    """Go to a counter, and then show something there."""

    def there(page: Page) -> None:
        page.locator(f".stages button[value='{counter}']").click()
        expect(page.locator(f"#desk-{counter}")).to_be_visible()
        show(page)

    return there


def show_anew(page: Page) -> None:
    """Load the page without the notice of the last press, from its top."""
    page.goto(page.url)
    expect(page.locator(".desk")).to_be_visible()


def free(page: Page) -> None:
    """Let the party at hand go on, so that somebody is to be called."""
    if page.locator(".is-busy").count():
        page.locator(".steps :is([data-key=f], [data-key=e])").first.click()
    expect(page.locator(".is-free")).to_be_visible()
    show_anew(page)


def called(page: Page) -> None:
    """Call a party, twice."""
    free(page)
    page.locator("[data-key=n]").click()
    page.locator("[data-key=r]").click()
    expect(page.locator(".called-now .calls")).to_have_text("2/3")
    show_anew(page)


def serve(page: Page) -> None:
    """Serve a party, and note what was achieved."""
    free(page)
    page.locator("[data-key=n]").click()
    page.locator("[data-key=s]").click()
    expect(page.locator(".is-serving")).to_be_visible()
    page.locator(".outcomes button.more").first.click()
    page.locator("[data-key=o]").click()
    expect(page.locator(".noted")).to_be_visible()
    show_anew(page)


def find(page: Page) -> None:
    """Look for the number that waits at the last place that is shown."""
    page.locator(".line .number").last.click()
    expect(page.locator(".looked-up")).to_be_visible()


def by_hand(page: Page) -> None:
    """Give a number to a family."""
    page.locator("[data-key=t]").click()
    page.locator(".by-hand [name=language][value=uk]").check()
    page.locator("#by-hand-children").fill("2")
    page.locator("[name=route][value=registration]").check()
    page.locator(".by-hand .is-huge").click()
    expect(page.locator(".slip")).to_be_visible()


def desk_with_printer(folder: Path) -> ServerStand:
    """Return a server whose tickets have a public address."""
    shipped = SITE_FILE.read_text(encoding="utf-8")
    site_file = folder / "site.toml"
    site_file.write_text(f'public_address = "https://ankunft.example"\n{shipped}', encoding="utf-8")
    stand = ServerStand(folder / "desk", site_file=site_file)
    stand.set_up()
    stand.add_staff("anna", PASSWORD)
    return stand


def draw_slips(browser: Browser, stand: ServerStand) -> None:
    """Draw slips in four languages side by side, as they are printed, three dots to a pixel."""
    context = browser.new_context(device_scale_factor=2, locale="de-DE")
    page = context.new_page()
    log_in(page, stand.address, "anna")
    slips = []
    for language, width in LANGUAGES:
        page.goto(f"{stand.address}/staff/counter/by-hand")
        page.locator(f".by-hand [name=language][value={language}]").check()
        page.locator("#by-hand-children").fill("1")
        for place in ("housing", "registration", "benefits"):
            page.locator(f"[name=route][value={place}]").check()
        page.locator(".by-hand .is-huge").click()
        page.locator(f"[name=paper][value='{width}']").check()
        page.emulate_media(media="print")
        slips.append(Image.open(BytesIO(page.locator(".slip").screenshot())))
        page.emulate_media(media="null")
    context.close()
    edge = 40
    size = (sum(s.width + edge for s in slips) + edge, max(s.height for s in slips) + 2 * edge)
    table, x = Image.new("RGB", size, "#8894a6"), edge
    for slip in slips:
        paper = Image.new("RGB", (slip.width + 16, slip.height + 16), "white")
        paper.paste(slip, (8, 8))
        table.paste(paper, (x - 8, edge - 8))
        x += slip.width + edge
    keep(table, PICTURES / "counter-slips.png")


if __name__ == "__main__":
    main()
