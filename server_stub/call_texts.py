"""The texts of calls: what the wall shows and says of a number, in the party's language."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from markupsafe import Markup

SPEECH = Path(__file__).parent.parent / "assets" / "speech"
"""Beside what kiosks say: the letters of the series have the same names everywhere."""

HOUSE_LANGUAGE = "de"
"""Follows the party's own: for those who help, and for whoever reads no other."""

ELSE_LANGUAGE = "en"
"""Goes with it where the party's language is unknown, or is one that has no texts."""

COUNTER = "{counter}"


@dataclass(frozen=True, slots=True)
class CallTexts:
    """How calls are told in one language.

    Attributes:
        language: Its code.
        counter: What is written over a counter's sign.
        come: The sentence that is shown, with `COUNTER` in it.
        said_number: The word before a number that is said.
        said_come: The sentence that is said, with `COUNTER` in it.
        letters: Latin letter to its name.

    """

    language: str
    counter: str
    come: str
    said_number: str
    said_come: str
    letters: Mapping[str, str]

    @property
    def direction(self) -> str:
        """Which way it is written: ``"rtl"`` or ``"ltr"``."""
        return "rtl" if self.language in {"ar", "fa"} else "ltr"

    def invitation(self, counter: str) -> Markup:
        """Return the sentence that is shown, the counter's sign isolated in it."""
        before, after = self.come.split(COUNTER)
        return Markup("{}<bdi>{}</bdi>{}").format(before, counter, after)

    def said(self, number: str, counter: str) -> str:
        """Return what is said: ``"Номер де, 2, 1, 4. Будь ласка, підійдіть до віконця 5."``.

        Signs of a number one by one, as they are compared with the slip; said as one number,
        214 would sound like 240 in a loud hall.
        """
        signs = ", ".join(self.letters.get(sign, sign) for sign in number)
        where = " ".join(
            self.letters.get(part.upper(), part) for part in re.findall(r"\d+|[^\W\d_]", counter)
        )
        return f"{self.said_number} {signs}. {self.said_come.replace(COUNTER, where)}."


def languages_of_call(language: str | None) -> tuple[str, ...]:
    """Return the languages that a call is shown and said in, in order."""
    known = language if language in call_texts() else None
    pair = (known, HOUSE_LANGUAGE) if known else (HOUSE_LANGUAGE, ELSE_LANGUAGE)
    return tuple(dict.fromkeys(pair))


@cache
def call_texts() -> Mapping[str, CallTexts]:
    """Return the texts of every language; read once."""
    calls, letters = _read(SPEECH / "calls.toml"), _read(SPEECH / "letters.toml")
    return {
        language: _texts(language, told, letters=letters[language])
        for language, told in calls.items()
    }


def _texts(language: str, told: Mapping[str, Any], *, letters: Mapping[str, str]) -> CallTexts:
    said = {**told, **told.get("say", {})}
    return CallTexts(
        language=language,
        counter=told["counter"],
        come=told["come"],
        said_number=said["number"],
        said_come=said["come"],
        letters=letters,
    )


def _read(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))
