"""The languages of the program: their names, directions and gettext catalogues. No Kivy."""

import gettext
import logging
import struct
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from kiosk.contract.signs import Text

log = logging.getLogger(__name__)

LOCALES = Path(__file__).parent.parent / "assets" / "locales"
DOMAIN = "kiosk"


@dataclass(frozen=True, slots=True)
class Language:
    """A language as its readers know it.

    Attributes:
        code: ISO 639, ``"uk"``.
        name: In its own script, ``"Українська"``.
        welcome: A word of greeting under the name.
        right_to_left: True where screens and slips are mirrored.

    """

    code: str
    name: str
    welcome: str
    right_to_left: bool = False


LANGUAGES = {
    language.code: language
    for language in (
        Language("uk", "Українська", "Ласкаво просимо"),
        Language("ru", "Русский", "Добро пожаловать"),
        Language("de", "Deutsch", "Willkommen"),
        Language("en", "English", "Welcome"),
        Language("ar", "العربية", "أهلًا وسهلًا", right_to_left=True),
        Language("fa", "فارسی", "خوش آمدید", right_to_left=True),
        Language("ro", "Română", "Bine ați venit"),
        Language("hu", "Magyar", "Üdvözöljük"),
        Language("fr", "Français", "Bienvenue"),
        Language("tr", "Türkçe", "Hoş geldiniz"),
        Language("pl", "Polski", "Witamy"),
        Language("ka", "ქართული", "მოგესალმებით"),
        Language("az", "Azərbaycanca", "Xoş gəlmisiniz"),
        Language("vi", "Tiếng Việt", "Chào mừng"),
    )
}
"""Every language that the program speaks, in the order of the picker."""


AUDIO_LANGUAGES = {language.code: language for language in (Language("rom", "Romani čhib", ""),)}
"""Languages that are only spoken: whoever touches one calls a person who speaks it."""


def unspoken(codes: Iterable[str], audio: Iterable[str] = ()) -> str:
    """Return those languages that the program does not know, for a message; "" for none.

    Args:
        codes: Languages to be shown.
        audio: Languages to be offered as a call.

    """
    shown = [code for code in codes if code not in LANGUAGES]
    return ", ".join([*shown, *(code for code in audio if code not in AUDIO_LANGUAGES)])


class CatalogueError(Exception):
    """A catalogue cannot be loaded; the message says which and what to do."""


class Catalogue:
    """All texts in one language; English texts are the keys.

    Attributes:
        language: Its code.
        damaged: True where the texts are the English ones, because its own cannot be read.

    """

    def __init__(
        self, language: str, translations: gettext.NullTranslations, *, damaged: bool = False
    ) -> None:
        self.language = language
        self.damaged = damaged
        self._translations = translations

    def text(self, message: str) -> str:
        """Return the text in this language."""
        return self._translations.gettext(message)

    def plural(self, one: str, many: str, count: int) -> str:
        """Return the form for `count` by the language's own rule, with {count} filled in."""
        return self._translations.ngettext(one, many, count).format(count=count)

    def of_site(self, text: Text) -> str:
        """Return a text of the site file: its own table, or an entry of the catalogue."""
        if isinstance(text, str):
            return self.text(text)
        return text.get(self.language) or text.get("en") or next(iter(text.values()))


def load_catalogue(language: str, locales: Path = LOCALES) -> Catalogue:
    """Return the compiled catalogue, or raise CatalogueError."""
    try:
        return Catalogue(language, gettext.translation(DOMAIN, locales, [language]))
    except (OSError, ValueError, LookupError, struct.error) as error:
        raise CatalogueError(
            f"no usable catalogue for {language} in {locales} ({error}): run `make texts`"
        ) from None


@cache
def catalogue(language: str) -> Catalogue:
    """Return the shipped catalogue of a language; loaded once.

    A damaged one is told to the log and stops nobody: see `spoken`.
    """
    try:
        return load_catalogue(language)
    except CatalogueError as error:
        log.error("texts not usable reason=%r", f"{error}")  # noqa: TRY400
        return Catalogue(language, gettext.NullTranslations(), damaged=True)


def spoken(
    codes: Iterable[str], *, catalogues: Callable[[str], Catalogue] = catalogue
) -> tuple[str, ...]:
    """Return those languages whose texts can be read: nobody is offered half a language."""
    return tuple(code for code in codes if not catalogues(code).damaged)


def isolate(text: str) -> str:
    """Return a number, code or phone number that keeps its order inside any sentence.

    Wrapped in U+2066 (left-to-right isolate) and U+2069, as UAX #9 section 2.4.2 says.
    """
    return f"\u2066{text}\u2069"
