"""axe-core in a page: what it finds against WCAG 2.2 AA."""

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
"""The rules whose answer hangs on colours, widths and words; the others read the same document."""

# Of what is well nothing is told: to name it costs axe more than to find what is wrong.
RUN = """only => axe.run(document, {runOnly: only, resultTypes: ["violations"]}).then(
  (found) => found.violations.map((v) => v.id + ": " + v.nodes.map((n) => n.target).join(" | ")))"""


def violations(page: Page) -> list[str]:
    """Return each rule that is broken, and where; an empty list is what is wanted."""
    _load(page)
    return list(page.evaluate(RUN, {"type": "tag", "values": TAGS}))


def violations_of_the_look(page: Page) -> list[str]:
    """Return the same of a page whose document `violations` has seen in other colours or words."""
    _load(page)
    return list(page.evaluate(RUN, {"type": "rule", "values": OF_THE_LOOK}))


def _load(page: Page) -> None:
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text(encoding="utf-8"))


def wrong_in_any_look(page: Page, *, widths: tuple[int, int] = (1280, 360)) -> list[str]:
    """Return what is broken or wider than the screen, light at one width and dark at the other.

    Each colour is set for a scheme and each place for a width, so one look at each finds both;
    `test_every_page` looks dark at the wide ones and light at the narrow.
    """
    wrong = []
    for n, (width, scheme) in enumerate(zip(widths, ("light", "dark"), strict=True)):
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=scheme)
        broken = violations_of_the_look(page) if n else violations(page)
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            broken.append("wider than the screen")
        wrong += [f"{page.url} {scheme} {width}: {one}" for one in broken]
    return wrong
