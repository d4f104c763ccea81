"""The pictures of the ticket page: `python -m tests.browser.ticket_pictures` makes them anew.

On a phone of 360 by 740, light and dark, a party that waits and one that is called; look at them
before you commit them. Given a folder, every state in every language is drawn into it.
"""

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser

from kiosk.language import LANGUAGES
from tests.browser.chromium import chromium
from tests.browser.tickets import TicketSite, token
from tests.stand.server import ROOT

PICTURES = ROOT / "assets" / "pictures" / "pages"
SHIPPED = (
    ("uk", "waiting", "light"),
    ("ar", "called", "light"),
    ("de", "called", "dark"),
    ("ka", "waiting", "light"),
)
PHONE = {"width": 360, "height": 740}
ROUTE = ("information", "registration", "benefits")


def main(arguments: list[str]) -> None:
    """Make the shipped pictures, or all of them in a folder."""
    folder = Path(arguments[0]) if arguments else PICTURES
    folder.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as home,
        chromium() as browser,
        TicketSite(Path(home)) as site,
    ):
        draw(browser, site, folder, everything=bool(arguments))


def draw(browser: Browser, site: TicketSite, folder: Path, *, everything: bool) -> None:
    """Let a party of each language wait behind others, and then be called."""
    before = [site.arrive(f"before-{n}", route=ROUTE, minutes_ago=25 - n) for n in range(5)]
    for counter, visit in zip(("1", "2"), before, strict=False):
        site.press("call", visit, counter=counter)
        site.press("forward", visit, counter=counter)  # so there is a wait to tell from
    visits = {
        language: site.arrive(language, language=language, route=ROUTE) for language in LANGUAGES
    }
    for language in visits:
        _draw(browser, site, folder, (language, "waiting"), everything=everything)
    for language, visit in visits.items():
        site.press("call", visit, counter="1")
        site.press("forward", visit, counter="1")
        site.press("call", visit, counter="5")
        _draw(browser, site, folder, (language, "called"), everything=everything)
        site.press("forward", visit, counter="5")


def _draw(
    browser: Browser,
    site: TicketSite,
    folder: Path,
    what: tuple[str, str],
    *,
    everything: bool,
) -> None:
    language, state = what
    for scheme in ("light", "dark"):
        if everything or (language, state, scheme) in SHIPPED:
            page = browser.new_page(viewport=PHONE, color_scheme=scheme, device_scale_factor=2)
            page.goto(site.ticket(token(language)))
            name = f"ticket-{language}-{state}-{scheme}.png"
            page.screenshot(path=folder / name, full_page=everything)
            page.close()


if __name__ == "__main__":
    main(sys.argv[1:])
