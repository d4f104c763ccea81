"""The wording: how the texts, numbers and landmarks of the kiosk are said in one language.

What screens show comes from the catalogues; what is only spoken, from `assets/speech`. Counts are
said as "children: 3" and never inside a sentence: the voice reads digits in one gender and case,
and a Ukrainian group of one would be called by the wrong one.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Any

from babel.messages.mofile import read_mo

from kiosk.contract.signs import LANDMARKS, Text
from kiosk.language import DOMAIN, LANGUAGES, LOCALES, Catalogue, catalogue

SPEECH = Path(__file__).parents[2] / "assets" / "speech"

LETTERS = "DFGJLNRSU"
"""The letters of all series."""

SENTENCES: Mapping[str, frozenset[str]] = {
    "first": frozenset({"landmark", "door"}),
    "then": frozenset({"landmark", "door"}),
    "at": frozenset({"what", "landmark", "door"}),
    "chosen": frozenset({"what"}),
    "dropped": frozenset({"what"}),
    "adults": frozenset({"count"}),
    "children": frozenset({"count"}),
    "ahead": frozenset({"count"}),
    "minutes": frozenset({"low", "high"}),
}
"""The sentences that are only spoken, and what is filled into each."""


class SpeechDataError(Exception):
    """A file of `assets/speech` cannot be used; the message says which and why."""


@dataclass(frozen=True, slots=True)
class Wording:
    """How one language says things.

    Attributes:
        language: Its code.
        shown: The texts as screens show them.
        letters: Latin letter to its name.
        sentences: What is only spoken, by name.
        landmarks: Landmark to its word.
        vowelled: English text to what is said, where that is not what is shown.
        dates: Weekday or month as it is shown to what is said, where that is not the same.
        name: The language's own name, as it is said.

    """

    language: str
    shown: Catalogue
    letters: Mapping[str, str]
    sentences: Mapping[str, str]
    landmarks: Mapping[str, str]
    vowelled: Mapping[str, str]
    dates: Mapping[str, str]
    name: str

    def text(self, message: str) -> str:
        """Return a text of the catalogue as it is said."""
        return self.vowelled.get(message) or self.shown.text(message)

    def of_site(self, text: Text) -> tuple[str, str]:
        """Return the language and the words of a site's text.

        A site's own table may lack a language; what the screen then shows is said in the
        language that it is written in.
        """
        if isinstance(text, str):
            return self.language, self.text(text)
        shown = self.shown.of_site(text)
        written = next(code for code in (self.language, "en", *text) if text.get(code) == shown)
        return written, shown

    def sentence(self, name: str, **values: object) -> str:
        """Return one of `SENTENCES`, filled in."""
        return self.sentences[name].format(**values)

    def date(self, told: str) -> str:
        """Return a time of the screens as it is said: ``"Montag, 08:00"``."""
        return " ".join(self._date_word(word) for word in told.split(" "))

    def _date_word(self, word: str) -> str:
        bare = word.rstrip("،")
        return self.dates.get(bare, bare) + word[len(bare) :]

    def spelled(self, signs: str) -> str:
        """Return signs one by one, ``"де, 2, 1, 4"``: a number is compared with what is seen.

        Said as one number, 214 would be "two hundred and fourteen" in one language and "two
        hundred four-and-ten" in the next, and sounds like 240 in a loud hall.
        """
        return ", ".join(self.letters.get(sign.upper(), sign) for sign in signs if sign.strip())

    def door(self, door: str) -> str:
        """Return what stands on a door: its digits as one number, a letter by its name."""
        parts = re.findall(r"\d+|\D", door)
        return " ".join(self.letters.get(part.upper(), part) for part in parts)


@cache
def wording(language: str) -> Wording:
    """Return the wording of a language; loaded once. Raises SpeechDataError."""
    return load_wording(language, SPEECH)


def load_wording(language: str, folder: Path) -> Wording:
    """Return the wording of a language from a folder like `assets/speech`."""
    letters = _letters(folder / "letters.toml").get(language, {})
    spoken = _read(folder / "sentences" / f"{language}.toml")
    own = _read(folder / f"{language}.toml") if language == "ar" else {}
    landmarks = spoken.pop("landmarks", {})
    _must_hold(folder / "letters.toml", letters, set(LETTERS), of=language)
    _must_hold(folder / "sentences" / f"{language}.toml", spoken, set(SENTENCES))
    _must_hold(folder / "sentences" / f"{language}.toml", landmarks, set(LANDMARKS))
    for name, text in spoken.items():
        fields = {field for _, field, _, _ in Formatter().parse(text) if field is not None}
        if fields != SENTENCES[name]:
            raise SpeechDataError(
                f"{folder / 'sentences' / language}.toml: {name}: must hold "
                f"{', '.join(sorted(SENTENCES[name]))} in braces, and nothing else"
            )
    shown_name = LANGUAGES[language].name
    return Wording(
        language=language,
        shown=catalogue(language),
        letters=letters,
        sentences=spoken,
        landmarks=landmarks,
        vowelled=own.get("texts", {}),
        dates=own.get("dates", {}),
        name=own.get("names", {}).get(shown_name, shown_name),
    )


@cache
def messages(language: str) -> tuple[str, ...]:
    """Return the English texts of a catalogue that are whole sentences, without a count in them."""
    with (LOCALES / language / "LC_MESSAGES" / f"{DOMAIN}.mo").open("rb") as file:
        ids = [message.id for message in read_mo(file)]
    return tuple(sorted(text for text in ids if isinstance(text, str) and text and "{" not in text))


@cache
def _letters(path: Path) -> dict[str, Any]:
    return _read(path)


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise SpeechDataError(f"{path}: cannot be read ({error}): install it again") from None


def _must_hold(path: Path, table: Mapping[str, Any], names: set[str], *, of: str = "") -> None:
    odd = names ^ {name for name, text in table.items() if isinstance(text, str) and text}
    if odd:
        where = f"{path}: {of}: " if of else f"{path}: "
        raise SpeechDataError(f"{where}missing or not known: {', '.join(sorted(odd))}")
