"""Every page of the server, as its routes tell them, on a busy day and in every look."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

import pytest
from playwright.sync_api import BrowserContext, Page

from server_stub.staff_door import PLACES
from tests.browser.axe import violations, violations_of_the_look
from tests.stand.busy_day import busy_day
from tests.stand.doors import WHO, Doors, Key
from tests.stand.doors import Page as PageAt

pytestmark = pytest.mark.browser

DESK, PHONE, ZOOMED, HUGE = 1280, 360, 640, 3840
"""Widths in CSS pixels; 1280 at 200 % zoom is 640."""

LOOKS = {
    "de": (("light", DESK), ("dark", PHONE)),
    "en": (("light", PHONE), ("dark", DESK)),
}
"""By language, the schemes and widths at which axe looks: each pair of the three is in one."""

LONGEST = "de"
"""The language in which words are widest; what hangs on no words is looked at in it alone.

That is how a page is put together, and where it stands when zoomed or on a wall: both languages
have the same document, and at `PHONE` each has less room than when zoomed.
"""

ABOUT = """() => ({
  title: document.title,
  lang: document.documentElement.lang,
  headings: document.querySelectorAll("h1").length,
  moving: document.getAnimations().filter((one) => one.playState === "running").length,
  outside: document.documentElement.scrollWidth <= innerWidth ? []
    : [...document.querySelectorAll("body *")]
      .filter((element) => element.getBoundingClientRect().right > innerWidth + 0.5)
      .map((element) => `${element.tagName}.${element.className}: ${element.textContent.trim()}`),
})"""

# How far the content is from the middle, and how much of the width it has, both as shares.
PLACED = """() => {
  const boxes = [...document.querySelectorAll("main, .page")]
    .map((element) => element.getBoundingClientRect()).filter((box) => box.width && box.height);
  const left = Math.min(...boxes.map((box) => box.left));
  const right = Math.max(...boxes.map((box) => box.right));
  return [Math.abs(left + right - innerWidth) / 2 / innerWidth, (right - left) / innerWidth];
}"""


OPEN_WHAT_CONFIRMS = """() => {
  for (const one of document.querySelectorAll("details.confirm")) one.open = true;
}"""
FONTS_ARE_HERE = "Promise.all([...document.fonts].map((font) => font.load())).then(() => true)"


@dataclass
class House:
    """A served busy day, its pages, and keys for each language."""

    pages: list[PageAt]
    keys: dict[str, dict[str, Key]]


@pytest.fixture(scope="module")
def house(tmp_path_factory) -> Iterator[House]:
    doors = Doors(busy_day(tmp_path_factory.mktemp("every-page") / "day"))
    keys = {language: doors.keys(language=language) for language in ("de", "en")}
    with doors.day.server:
        yield House(doors.pages(keys["en"]), keys)


def open_all(house: House, context: BrowserContext, language: str) -> Iterator[Page]:
    """Open every page in turn, as who may."""
    page = context.new_page()
    for who, doors in groupby(sorted(house.pages, key=lambda door: door.who), lambda d: d.who):
        page.goto("about:blank")  # or the page before would follow with the next one's key
        context.clear_cookies()
        cookies = house.keys[language][who].cookies
        here = {"domain": "127.0.0.1", "path": "/"}
        context.add_cookies([{"name": n, "value": v, **here} for n, v in cookies.items()])
        for door in doors:
            page.goto(door.address)
            page.evaluate(FONTS_ARE_HERE)
            yield page


def test_every_place_is_walked_and_every_role_has_one(house):
    assert {address for address, _ in PLACES.values()} <= {page.route for page in house.pages}
    assert {page.who for page in house.pages} == {*WHO} - {"kiosk"}


def have_look(page: Page, scheme: str, width: int) -> dict[str, object]:
    """Let the page be as light or dark and as wide; return what can be said of it."""
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 900})
    return page.evaluate(ABOUT)


def misplaced(page: Page) -> list[tuple[object, ...]]:
    """Return what is wrong with the page when zoomed, or far from the middle of a wall."""
    page.set_viewport_size({"width": ZOOMED, "height": 450})
    wide = page.evaluate("document.documentElement.scrollWidth")
    page.set_viewport_size({"width": HUGE, "height": 2160})
    off, share = page.evaluate(PLACED)
    page.set_viewport_size({"width": DESK, "height": 900})  # as the next one opens
    is_well = wide <= ZOOMED and off <= 0.05 and share >= 0.2
    return [] if is_well else [(page.url, wide, off, share)]


@pytest.mark.parametrize("language", LOOKS)
def test_anybody_can_use_every_page(house, open_context, language):
    locale = {"de": "de-DE", "en": "en-GB"}[language]
    context = open_context(locale=locale, reduced_motion="reduce")
    first, other = LOOKS[language]
    said: list[str] = []
    context.on("console", lambda message: said.append(message.text))
    titles: dict[str, str] = {}
    wrong: list[object] = []
    for page in open_all(house, context, language):
        about = have_look(page, *first)
        is_wall = page.url.endswith("/display")
        title = titles.setdefault(about["title"], page.url)
        expected = {
            "title": about["title"] if title == page.url else f"that of {title}",
            "lang": "de" if is_wall else language,
            "headings": 1,
            "moving": 0,
            "outside": [],
        }
        wrong += [(page.url, key, about[key]) for key in about if about[key] != expected[key]]
        page.evaluate(OPEN_WHAT_CONFIRMS)
        look = violations if language == LONGEST else violations_of_the_look
        wrong += [(page.url, broken) for broken in look(page)]
        wrong += [(page.url, other, key) for key in have_look(page, *other)["outside"]]
        wrong += [(page.url, other, broken) for broken in violations_of_the_look(page)]
        if language == LONGEST:
            wrong += misplaced(page)
    assert wrong == []
    assert said == []
