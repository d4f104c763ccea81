"""Every page of the server on the busy day: bytes and milliseconds of its first view, and axe."""

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from statistics import median

from playwright.sync_api import Browser, BrowserContext, Request, ViewportSize

from tests.bench.figures import Figure
from tests.browser.axe import AXE, TAGS
from tests.browser.chromium import chromium
from tests.stand.busy_day import busy_day
from tests.stand.doors import Doors, Key, Page

VIEWS = 9
DESK, PHONE = 1280, 360
Look = tuple[str, str, int]
"""Scheme, language and width."""

LOOKS: tuple[Look, ...] = tuple(product(("light", "dark"), ("de", "en"), (DESK, PHONE)))

KINDS = {"document": "page", "stylesheet": "style", "script": "script", "font": "font"}
"""What Chromium calls the kinds of files; all others are pictures."""

TIMES = """async () => {
  const [page] = performance.getEntriesByType("navigation");
  const painted = await new Promise((done) => {
    new PerformanceObserver((list) => list.getEntriesByName("first-contentful-paint").map(done))
      .observe({ type: "paint", buffered: true });
  });
  return [page.responseStart, painted.startTime, page.loadEventEnd];
}"""

CHECKED = """tags => axe.run(document, {runOnly: {type: "tag", values: tags}})
  .then((found) => [found.passes.length, found.violations.length])"""


@dataclass(frozen=True, slots=True)
class View:
    """One first view, with nothing kept from before.

    Attributes:
        bytes: As they came over the line, heads included, by kind.
        times: Milliseconds to the first byte, the first content on the screen, and the end of
            loading.

    """

    bytes: dict[str, int]
    times: tuple[float, float, float]


def measure_pages(
    folder: Path, *, views: int = VIEWS, most: int | None = None, looks: Sequence[Look] = LOOKS
) -> list[Figure]:
    """Measure the first view of each page, and what axe says of it in each look; print both."""
    folder.mkdir(parents=True, exist_ok=True)
    doors = Doors(busy_day(folder / "day"))
    keys = {language: doors.keys(language=language) for language in ("de", "en")}
    with doors.day.server:
        pages = doors.pages(keys["de"], most=most)
        with chromium() as browser:
            seen = {
                page.route: [first_view(browser, page, keys["de"]) for _ in range(views)]
                for page in pages
            }
            print(table_of(seen))
            checked = {look: check(browser, pages, keys[look[1]], look) for look in looks}
            print(table_of_axe(checked))
    return [figure for route, some in seen.items() for figure in figures_of(route, some)]


@contextmanager
def context_of(browser: Browser, key: Key, **options: object) -> Iterator[BrowserContext]:
    """Lend a browser that knows nothing but a key."""
    context = browser.new_context(reduced_motion="reduce", **options)
    here = {"domain": "127.0.0.1", "path": "/"}
    context.add_cookies([{"name": n, "value": v, **here} for n, v in key.cookies.items()])
    try:
        yield context
    finally:
        context.close()


def first_view(browser: Browser, page: Page, keys: dict[str, Key]) -> View:
    """Open a page in a browser that has never been there."""
    size = ViewportSize(width=DESK, height=900)
    with context_of(browser, keys[page.who], viewport=size) as context:
        got: list[Request] = []
        context.on("requestfinished", lambda request: got.append(request))  # noqa: PLW0108
        shown = context.new_page()
        shown.goto(page.address)
        shown.evaluate("document.fonts.ready")
        first_byte, painted, loaded = shown.evaluate(TIMES)
        weights: Counter[str] = Counter()
        for request in got:
            sizes = request.sizes()
            kind = KINDS.get(request.resource_type, "picture")
            weights[kind] += sizes["responseBodySize"] + sizes["responseHeadersSize"]
        return View(dict(weights), (first_byte, painted, loaded))


def check(
    browser: Browser, pages: list[Page], keys: dict[str, Key], look: Look
) -> dict[str, tuple[int, int]]:
    """Return how many rules of axe each page keeps, and how many it breaks."""
    scheme, _, width = look
    size = ViewportSize(width=width, height=900)
    found = {}
    for page in pages:
        with context_of(browser, keys[page.who], color_scheme=scheme, viewport=size) as context:
            shown = context.new_page()
            shown.goto(page.address)
            shown.evaluate(AXE.read_text(encoding="utf-8"))
            kept, broken = shown.evaluate(CHECKED, TAGS)
            found[page.route] = (kept, broken)
    return found


def figures_of(route: str, views: list[View]) -> list[Figure]:
    """Return the figures of a page."""
    weights = tuple(sum(view.bytes.values()) / 1000 for view in views)
    names = ("first byte", "first content", "loaded")
    return [
        Figure(f"{route}, first view", weights, "kB"),
        *(
            Figure(f"{route}, {name}", tuple(view.times[index] for view in views), "ms")
            for index, name in enumerate(names)
        ),
    ]


def table_of(seen: dict[str, list[View]]) -> str:
    """Return the table of first views, for docs/measured.md."""
    kinds = (*KINDS.values(), "picture")
    lines = [
        f"Load of the machine {os.getloadavg()[0]:.0f}; kB over the line; ms: median (spread).",
        "",
        f"| page | kB | {' | '.join(kinds)} | first byte | first content | loaded |",
        f"|---|{'---|' * (len(kinds) + 4)}",
    ]
    for route, views in seen.items():
        weights = [median(view.bytes.get(kind, 0) for view in views) / 1000 for kind in kinds]
        times = [spread([view.times[index] for view in views]) for index in range(3)]
        cells = [f"{sum(weights):.0f}", *(f"{weight:.1f}" for weight in weights), *times]
        lines.append(f"| {route} | {' | '.join(cells)} |")
    return "\n".join(lines)


def spread(values: list[float]) -> str:
    """Return the median, and in brackets the lowest and the highest."""
    return f"{median(values):.0f} ({min(values):.0f}-{max(values):.0f})"


def table_of_axe(checked: dict[Look, dict[str, tuple[int, int]]]) -> str:
    """Return the table of what axe says, for docs/measured.md."""
    lines = ["| look | pages | rules that they keep | rules that they break |", "|---|---|---|---|"]
    for (scheme, language, width), pages in checked.items():
        kept = sum(kept for kept, _ in pages.values())
        broken = sum(broken for _, broken in pages.values())
        lines.append(f"| {scheme}, {language}, {width} px | {len(pages)} | {kept} | {broken} |")
    return "\n".join(lines)
