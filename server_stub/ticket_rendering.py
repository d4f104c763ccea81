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
from server_stub.ticket_view import TicketView

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


def known_page(view: TicketView, site: Site, *, language: str, time: str) -> str:
    """Return the page of a ticket.

    Args:
        view: What its holder sees.
        site: Where.
        language: One of `ticket_texts.LANGUAGES`.
        time: Of the site's clocks, for pages without a script.

    """
    return _render("ticket_known.html", language, site, time=time, **_known(view, site))


def known_part(view: TicketView, site: Site, *, language: str) -> str:
    """Return what an open page fetches: all that may have changed on it."""
    return _part("ticket_known.html", language, site, **_known(view, site))


def unknown_page(site: Site, *, language: str, time: str) -> str:
    """Return the page of every token that nobody knows."""
    return _render("ticket_unknown.html", language, site, time=time, **_beside(language, site))


def unknown_part(site: Site, *, language: str) -> str:
    """Return what an open page of an unknown token fetches."""
    return _part("ticket_unknown.html", language, site, **_beside(language, site))


def busy_page(site: Site, *, language: str, time: str) -> str:
    """Return the page for when tickets cannot be read now."""
    return _render("ticket_busy.html", language, site, time=time, **_beside(language, site))


def _known(view: TicketView, site: Site) -> dict[str, object]:
    landmarks = list(dict.fromkeys(place.landmark for place in view.places))
    where = f" → {view.counter}" if view.counter else ""
    drawings = Markup('<svg class="drawings" aria-hidden="true">{}</svg>').format(
        Markup("").join(drawing(landmark) for landmark in landmarks)
    )
    return {
        "view": view,
        "title": f"{view.number}{where} · {site.name}",
        "drawings": drawings,
        "drawn": "-".join(landmarks),
    }


def _beside(language: str, site: Site) -> dict[str, object]:
    beside = [_words(code) for code in dict.fromkeys((language, *BESIDE))]
    return {"beside": beside, "title": site.name, "drawings": "", "drawn": ""}


def _words(language: str) -> dict[str, object]:
    texts = TicketTexts(language)
    return {"language": language, "direction": direction(language), "text": texts.text}


def _context(language: str, site: Site) -> dict[str, object]:
    texts = TicketTexts(language)
    return {
        **_words(language),
        "plural": texts.plural,
        "landmark": texts.landmark,
        "german_text": TicketTexts("de").text,
        "page": f"{language}-{_edition()}",
        "site": site,
    }


def _render(template: str, language: str, site: Site, *, time: str, **what: object) -> str:
    whole = {
        "style": Markup(style()),  # noqa: S704  # files of the program's own
        "script": Markup(script()),  # noqa: S704
        "icon": _icon(),
        "time": time,
    }
    page = _environment().get_template(template)
    return page.render(**_context(language, site), **whole, **what)


def _part(template: str, language: str, site: Site, **what: object) -> str:
    page = _environment().get_template(template)
    context = page.new_context(_context(language, site) | what)
    return "".join(page.blocks["ticket"](context))
