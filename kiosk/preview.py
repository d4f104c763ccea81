"""The preview: every screen and slip of a site file in one language, as pictures in a folder."""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

from PIL.Image import Image

from kiosk.contract.site import Site
from kiosk.contract.site_file import SiteFileError
from kiosk.scenes import closed_now, ticket_of
from kiosk.screens.screen_settings import ScreenSettings
from kiosk.slips import make_directions, make_slip
from printer.artwork import default_artwork
from printer.profile import PAPER_DOTS
from printer.raster import measure
from printer.slip import Directions, Slip
from printer.slip_layout import lay_out
from printer.slip_picture import draw_slip

CONTENTS = "preview.json"
"""What is in the folder: for each picture its file, the screen or slip it is, and its words."""

SCREEN_WIDTH, SLIP_WIDTH = 540, 432
"""Of the pictures, in pixels: half of a screen's, three quarters of a slip's dots."""


def write_preview(site: Site, language: str, folder: Path, *, now: datetime | None = None) -> int:
    """Draw every screen and slip into a folder, with a list of them; return how many.

    To be called once a process, which must not have opened a window before.

    Args:
        site: Of the site file.
        language: One of the site's.
        folder: Made where it is not there.
        now: Aware time on slips and closed screens; None: the present.

    Raises:
        SiteFileError: The site does not speak that language.

    """
    if language not in site.languages:
        there = ", ".join(site.languages)
        raise SiteFileError(f"the site does not speak {language!r}; it speaks: {there}")
    now = (now or datetime.now(ZoneInfo(site.time_zone))).astimezone(ZoneInfo(site.time_zone))
    folder.mkdir(parents=True, exist_ok=True)
    listed: list[Mapping[str, object]] = []
    for name, png, words in (*_screens(site, language, now), *_slips(site, language, now)):
        file = f"{len(listed) + 1:02}.png"
        (folder / file).write_bytes(png)
        listed.append({"file": file, "name": name, "words": words})
    text = json.dumps(listed, ensure_ascii=False, indent=1)
    (folder / CONTENTS).write_text(f"{text}\n", encoding="utf-8")
    return len(listed)


def _screens(site: Site, language: str, now: datetime) -> Iterator[tuple[str, bytes, list[str]]]:
    from kiosk.screens.window import prepare  # noqa: PLC0415  # who draws no screen needs no Kivy

    settings = ScreenSettings(fullscreen=False)
    prepare(settings)
    from kiosk.screens.preview import as_png, shots  # noqa: PLC0415  # after the window is prepared

    for shot in shots(site, language, settings=settings, now=now):
        yield shot.name, as_png(shot.picture, width=SCREEN_WIDTH), list(shot.words)


def _slips(site: Site, language: str, now: datetime) -> Iterator[tuple[str, bytes, list[str]]]:
    from kiosk.screens.preview import as_png  # noqa: PLC0415  # as above

    for name, picture, words in slips(site, language, now=now):
        yield name, as_png(picture, width=SLIP_WIDTH), words


def slips(site: Site, language: str, *, now: datetime) -> Iterator[tuple[str, Image, list[str]]]:
    """Yield every slip on 80 mm paper: its name, its picture, and its words."""
    ticket, artwork = ticket_of(site, language), default_artwork()
    papers: dict[str, tuple[Slip | Directions, list[str]]] = {}
    slip = make_slip(ticket, site=site, made_at=now)
    doors = [place.door for place in slip.places]
    papers["slip"] = slip, [slip.heading.own, slip.number, *doors, slip.keep.own]
    if site.hours or site.closures or site.when_closed:
        closed = closed_now(now)
        way = make_directions(site, closed, language=language, now=closed.at)
        lines = [line for advice in way.advice for line in (advice.text.own, advice.detail)]
        papers["slip-closed"] = way, [way.heading.own, *filter(None, lines)]
    for name, (paper, words) in papers.items():
        layout = lay_out(paper, PAPER_DOTS[80], partial(measure, artwork))
        yield name, draw_slip(layout, artwork), words
