"""The languages of the server's pages: catalogues, names of languages, which one a reader wants.

The English texts in templates and code are the keys; `assets/locales/*/LC_MESSAGES/staff.po`
holds the others. A catalogue is compiled in memory at start, so that no stale or forgotten .mo
file can ever be shown.
"""

import gettext
import io
from collections.abc import Container
from functools import cache
from pathlib import Path

from babel import Locale, UnknownLocaleError
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from kiosk.contract.signs import Text

ASSETS = Path(__file__).parent.parent / "assets"
LOCALES = ASSETS / "locales"
DOMAIN = "staff"

LANGUAGES = {"de": "Deutsch", "en": "English"}
"""The languages of the staff pages, by their own names."""

DEFAULT_LANGUAGE = "de"


@cache
def catalogue(language: str) -> gettext.NullTranslations:
    """Return the texts in one of `LANGUAGES`; English needs no file."""
    return gettext.NullTranslations() if language == "en" else read_catalogue(language, DOMAIN)


def read_catalogue(language: str, domain: str) -> gettext.NullTranslations:
    """Return a catalogue as its .po file holds it now."""
    path = LOCALES / language / "LC_MESSAGES" / f"{domain}.po"
    with path.open("rb") as po:
        texts = read_po(po, locale=language, abort_invalid=True)
    mo = io.BytesIO()
    write_mo(mo, texts)
    mo.seek(0)
    return gettext.GNUTranslations(mo)


def site_text(text: Text, *, language: str) -> str:
    """Return a text of the site file in one of `LANGUAGES`.

    Where the file writes plain English, the kiosk's catalogue has it in German.
    """
    if isinstance(text, dict):
        return text.get(language) or text.get("en") or next(iter(text.values()))
    return text if language == "en" else _kiosk_texts(language).gettext(text)


@cache
def _kiosk_texts(language: str) -> gettext.NullTranslations:
    return read_catalogue(language, "kiosk")


OWN_NAMES = {"rom": "Romani"}
"""Languages whose own name staff know better than what a dictionary calls them: "Romany"."""


@cache
def language_name(code: str, *, language: str) -> str:
    """Return what a language is called in one of `LANGUAGES`; the code itself where unknown."""
    if code in OWN_NAMES:
        return OWN_NAMES[code]
    return str(Locale.parse(language).languages.get(code, code))


@cache
def own_language_name(code: str) -> str:
    """Return what a language is called by those who speak it; the code itself where unknown."""
    if code in OWN_NAMES:
        return OWN_NAMES[code]
    try:
        name = Locale.parse(code).get_display_name() or code
    except (UnknownLocaleError, ValueError):
        return code
    return name[:1].title() + name[1:]


def preferred_language(accept_language: str | None, among: Container[str] = LANGUAGES) -> str:
    """Return the language that an Accept-Language header wants most, of those that there are.

    Ranges that are not understood are passed over: a browser's header is never an error.
    """
    wanted: list[tuple[float, str]] = []
    for part in (accept_language or "").split(","):
        name, _, weight = part.partition(";q=")
        code = name.strip().lower().split("-")[0]
        if code in among:
            wanted.append((_weight(weight), code))
    wanted.sort(key=lambda choice: -choice[0])
    return wanted[0][1] if wanted else DEFAULT_LANGUAGE


def _weight(text: str) -> float:
    try:
        return float(text) if text.strip() else 1.0
    except ValueError:
        return 0.0
