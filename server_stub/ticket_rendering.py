"""The ticket page as HTML: one document with its style, script and drawings in it.

A phone on a bad line has all of it or nothing, and a browser is told to run these and no others
(by their hashes). Letters are the phone's own: fonts would be many times as large as the page.
"""

import base64
import hashlib
import re
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from kiosk.contract.site import Site
from server_stub.static_files import ASSETS, STATIC
from server_stub.ticket_texts import TicketTexts, direction
from server_stub.ticket_view import PlaceOnTheWay, TicketView

TEMPLATES = Path(__file__).parent / "templates"
BESIDE = ("de", "en")
"""Where nobody knows the party's language, these stand beside the browser's."""


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        auto_reload=False,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@cache
def style() -> str:
    """Return the page's style."""
    return (TEMPLATES / "ticket.css").read_text(encoding="utf-8")


@cache
def script() -> str:
    """Return the page's script."""
    return (TEMPLATES / "ticket.js").read_text(encoding="utf-8")


@cache
def _icon() -> str:
    return base64.b64encode((STATIC / "mark.svg").read_bytes()).decode()


@cache
def _edition() -> str:
    """Return a name for these very templates: a page of another one is to load itself anew."""
    files = sorted(TEMPLATES.glob("ticket*"))
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:8]


@cache
def drawing(landmark: str) -> Markup:
    """Return a landmark as a symbol in the colour of the text around it."""
    drawn = (ASSETS / "icons" / f"landmark-{landmark}.svg").read_text(encoding="utf-8")
    inner = re.sub(r"<title>.*?</title>|</?svg[^>]*>|\n\s*", "", drawn)
    # A mask is a picture of what is hidden: its black stays black.
    parts = re.split(r"(<mask.*?</mask>)", inner)
    parts[::2] = [part.replace("#000", "currentColor") for part in parts[::2]]
    named = "".join(parts).replace('id="', f'id="{landmark}-').replace("url(#", f"url(#{landmark}-")
    return Markup(
        '<symbol id="{}" viewBox="0 0 256 256"><g fill="currentColor">{}</g></symbol>'
    ).format(
        landmark,
        Markup(named),  # noqa: S704  # a file of the program's own
    )


def known_part(view: TicketView, site: Site, *, language: str) -> str:
    """Return a ticket, without the page around it: all that may change while it is open.

    Args:
        view: What its holder sees.
        site: Where.
        language: One of `ticket_texts.LANGUAGES`.

    """
    drawn = list(dict.fromkeys(place.landmark for place in view.places))
    return _render(
        "ticket_known.html",
        **_words(language),
        page=_page(language, drawn),
        title=title_of(view, site),
        view=view,
        german_text=TicketTexts("de").text,
    )


def unknown_part(site: Site, *, language: str) -> str:
    """Return what stands in the place of every ticket that nobody knows."""
    return _render(
        "ticket_unknown.html",
        page=_page(language, []),
        title=site.name,
        beside=_beside(language),
    )


def busy_part(site: Site, *, language: str) -> str:
    """Return what stands in the place of a ticket that cannot be read now."""
    return _render("ticket_busy.html", title=site.name, beside=_beside(language))


def page(part: str, site: Site, *, language: str, time: str, view: TicketView | None = None) -> str:
    """Return the whole page around a part.

    Args:
        part: One of the parts above.
        site: Where.
        language: The part's.
        time: Of the site's clocks, for browsers without a script.
        view: Of the ticket, where it is known.

    """
    return _render(
        "ticket.html",
        **_words(language),
        title=title_of(view, site) if view else site.name,
        site=site,
        part=Markup(part),  # noqa: S704  # rendered above
        drawings=_drawings(view.places if view else ()),
        style=Markup(style()),  # noqa: S704  # files of the program's own
        script=Markup(script()),  # noqa: S704
        icon=_icon(),
        time=time,
    )


def title_of(view: TicketView, site: Site) -> str:
    """Return what a browser writes above the page: the number, and where it is called to."""
    where = f" → {view.counter}" if view.counter else ""
    return f"{view.number}{where} · {site.name}"


def _drawings(places: tuple[PlaceOnTheWay, ...]) -> Markup:
    drawn = dict.fromkeys(place.landmark for place in places)
    return Markup('<svg class="drawings" aria-hidden="true">{}</svg>').format(
        Markup("").join(drawing(landmark) for landmark in drawn)
    )


def _page(language: str, drawn: list[str]) -> str:
    """Return a name for all of a page that a new part does not bring along."""
    return "-".join((language, _edition(), *drawn))


def _beside(language: str) -> list[dict[str, object]]:
    return [_words(code) for code in dict.fromkeys((language, *BESIDE))]


def _words(language: str) -> dict[str, object]:
    texts = TicketTexts(language)
    return {
        "language": language,
        "direction": direction(language),
        "text": texts.text,
        "plural": texts.plural,
        "landmark": texts.landmark,
    }


def _render(template: str, **what: object) -> str:
    return _environment().get_template(template).render(**what)
