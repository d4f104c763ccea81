"""The texts of the ticket page, in the languages of those who hold tickets.

English texts in the template are the keys; `assets/locales/*/LC_MESSAGES/ticket.po` holds the
others. The pictures are called what the kiosk's voice calls them.
"""

import gettext
import tomllib
from functools import cache

from babel import Locale
from markupsafe import Markup, escape

from server_stub.page_texts import ASSETS, read_catalogue

DOMAIN = "ticket"

LANGUAGES = (
    *("uk", "ru", "de", "en", "ar", "fa", "ro"),
    *("hu", "fr", "tr", "pl", "ka", "az", "vi"),
)
"""All that a kiosk writes in."""


@cache
def _catalogue(language: str) -> gettext.NullTranslations:
    return read_catalogue(language, DOMAIN)


@cache
def direction(language: str) -> str:
    """Return where a line begins: ``"ltr"`` or ``"rtl"``."""
    return Locale.parse(language).text_direction


class TicketTexts:
    """All texts of the page in one of `LANGUAGES`, ready for HTML.

    What is filled in is set apart (``bdi``), so that a number keeps its order in any sentence.

    Attributes:
        language: Its code.

    """

    def __init__(self, language: str) -> None:
        self.language = language
        self._translations = _catalogue(language)

    def text(self, message: str, **fields: object) -> Markup:
        """Return a text with its fields filled in."""
        return _filled(self._translations.gettext(message), fields)

    def plural(self, one: str, many: str, count: int) -> Markup:
        """Return the form for `count` by the language's own rule, with {count} filled in."""
        return _filled(self._translations.ngettext(one, many, count), {"count": count})

    def landmark(self, landmark: str) -> str:
        """Return what a picture shows."""
        return _landmarks(self.language)[landmark]


def _filled(text: str, fields: dict[str, object]) -> Markup:
    apart = {
        name: Markup('<bdi dir="ltr">{}</bdi>').format(given) for name, given in fields.items()
    }
    return escape(text).format(**apart)


@cache
def _landmarks(language: str) -> dict[str, str]:
    path = ASSETS / "speech" / "sentences" / f"{language}.toml"
    names: dict[str, str] = tomllib.loads(path.read_text(encoding="utf-8"))["landmarks"]
    return names
