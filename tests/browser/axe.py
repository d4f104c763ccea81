"""axe-core in a page: what it finds against WCAG 2.2 AA."""

from itertools import product
from pathlib import Path

from playwright.sync_api import Page

AXE = Path(__file__).parent / "vendor" / "axe-core" / "axe.min.js"

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


OF_THE_LOOK = [
    "color-contrast",
    "css-orientation-lock",
    "link-in-text-block",
    "scrollable-region-focusable",
    "target-size",
]
"""The rules whose answer hangs on colours and widths; the others read the same document."""

RUN = """only => axe.run(document, {runOnly: only}).then(
  (found) => found.violations.map((v) => v.id + ": " + v.nodes.map((n) => n.target).join(" | ")))"""


def violations(page: Page) -> list[str]:
    """Return each rule that is broken, and where; an empty list is what is wanted."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    return list(page.evaluate(RUN, {"type": "tag", "values": TAGS}))


def violations_of_another_look(page: Page) -> list[str]:
    """Return the same of a page that `violations` has seen, now in other colours or as wide."""
    return list(page.evaluate(RUN, {"type": "rule", "values": OF_THE_LOOK}))


def wrong_in_any_look(page: Page, *, widths: tuple[int, ...] = (1280, 360)) -> list[str]:
    """Return what is broken or wider than the screen, light or dark, at each of these widths."""
    wrong = []
    for n, (width, scheme) in enumerate(product(widths, ("light", "dark"))):
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=scheme)
        broken = violations_of_another_look(page) if n else violations(page)
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            broken.append("wider than the screen")
        wrong += [f"{page.url} {scheme} {width}: {one}" for one in broken]
    return wrong
