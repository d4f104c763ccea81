"""What one change costs a browser that shows 1,000 parties: `python -m tests.bench.incoming_rows`.

Chromium's own counters, before and after check-ins that arrive one by one over real HTTP; the same
again with rows that are all laid out, as they would be without `content-visibility`.
"""

import tempfile
from pathlib import Path

from playwright.sync_api import CDPSession, Page, expect

from server_stub.settings import Settings
from server_stub.site_in_force import load_site
from server_stub.store import open_store
from tests.browser.chromium import chromium
from tests.browser.crowd import KioskAtTheDoor
from tests.server_stub.put_visits import PutVisits
from tests.stand.server import ServerStand

PARTIES = 1_000
CHANGES = 30
PASSWORD = "a bench's password"
LANGUAGES = ("uk", "ru", "ar", "fa", "tr")
ROUTES = (("information", "housing"), ("information", "registration", "benefits"))
COUNTERS = ("ScriptDuration", "RecalcStyleDuration", "LayoutDuration", "TaskDuration")


def main() -> None:
    """Print a row for each way."""
    with tempfile.TemporaryDirectory() as folder:
        stand = ServerStand(Path(folder) / "data")
        stand.set_up()
        stand.add_staff("anna", PASSWORD)
        door = stand.add_kiosk("entrance-1", Path(folder) / "kiosk", printer="none")
        put_parties(stand)
        with stand, chromium() as browser:
            kiosk = KioskAtTheDoor.of(door, stand.address)
            print(f"{PARTIES} parties, {CHANGES} check-ins; ms each")
            print("| rows | script | style | layout | all tasks | first view |")
            for name in ("content-visibility", "all laid out"):
                page = browser.new_page(viewport={"width": 1440, "height": 900})
                first = open_list(page, stand.address)
                if name != "content-visibility":
                    lay_out_all(page)
                spent = measure(page, kiosk)
                cells = " | ".join(f"{spent[counter]:.1f}" for counter in COUNTERS)
                print(f"| {name} | {cells} | {first * 1000:.0f} |")
                page.close()


def put_parties(stand: ServerStand) -> None:
    """Let parties wait, as some busy hours would have left them."""
    with (
        open_store(Settings(data=stand.data)) as engine,
        engine.execution_options(writes=True).begin() as connection,
    ):
        put = PutVisits(connection, load_site(connection).site)
        for n in range(PARTIES):
            put.visit(
                "information",
                since=n / 10,
                persons=1 + n % 5,
                number=f"J{101 + n % 899}",
                language=LANGUAGES[n % len(LANGUAGES)],
                route=list(ROUTES[n % len(ROUTES)]),
                arrival_order=n,
            )


def open_list(page: Page, address: str) -> float:
    """Log in; return the seconds from asking for the list to its first paint, of a second view."""
    page.goto(f"{address}/staff/login")
    page.get_by_label("Name").fill("anna")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    expect(page.locator("#visits > li").first).to_be_visible()
    page.reload()
    expect(page.locator("#visits > li").first).to_be_visible()
    page.screenshot()  # so that it has been painted
    painted = "performance.getEntriesByName('first-contentful-paint')[0].startTime"
    return float(page.evaluate(painted)) / 1000


def lay_out_all(page: Page) -> None:
    """Let every row be laid out and painted, whether it is on the screen or not."""
    page.evaluate(
        "() => { const sheet = new CSSStyleSheet();"
        "sheet.replaceSync('.visit { content-visibility: visible !important }');"
        "document.adoptedStyleSheets = [sheet]; }"
    )


def measure(page: Page, kiosk: KioskAtTheDoor) -> dict[str, float]:
    """Return how many milliseconds one check-in takes of the page, by what."""
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable")
    page.evaluate("document.fonts.ready")
    before = counters_of(session)
    for n in range(CHANGES):
        check_in, _ = kiosk.check_in(route=ROUTES[n % len(ROUTES)])
        page.locator(f"#visit-{check_in}").wait_for(state="attached")
    after = counters_of(session)
    return {counter: (after[counter] - before[counter]) * 1000 / CHANGES for counter in COUNTERS}


def counters_of(session: CDPSession) -> dict[str, float]:
    """Return Chromium's counters of the page, seconds each."""
    metrics = session.send("Performance.getMetrics")["metrics"]
    return {metric["name"]: metric["value"] for metric in metrics}


if __name__ == "__main__":
    main()
