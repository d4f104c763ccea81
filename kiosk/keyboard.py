"""The keyboard: the keys of each language, laid into as many rows and pages as a screen holds.

Each language has a file in ``assets/keyboards``: its rows as people know them from a phone, and
its alphabet. Where these rows are too wide, the letters stand in the order of the alphabet, which
everyone knows who can read; where there are too many rows, on several pages.
"""

import tomllib
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from math import ceil
from pathlib import Path

from kiosk.entry import DIGITS

KEYBOARDS = Path(__file__).parent.parent / "assets" / "keyboards"

LATIN = "en"
"""The keyboard of script "latin" where the language is not written in Latin letters."""

MOST_IN_A_ROW = 11
"""As many keys of 20 mm, 5 mm apart, as a portrait screen of 23.8 inches is wide."""

MOST_BESIDE = 3
"""Letters that fit beside the space bar."""

SIGNS = "-.,/"
APOSTROPHES = "\u2019\u02bc"
"""As in print; the second is a letter of Ukrainian, and stands among its letters."""

DOTTED_CIRCLE = "\u25cc"
"""Carries a mark that stands alone (Unicode 16, 7.9.1)."""

Rows = tuple[tuple[str, ...], ...]
"""Keys row by row, from the left; each a letter, or a mark that goes onto one."""


class KeyboardError(Exception):
    """A file of `assets/keyboards` cannot be used; the message says which and why."""


@dataclass(frozen=True, slots=True)
class Page:
    """What stands on a screen at once.

    Attributes:
        name: Its first keys in the order of the alphabet, as the way to it shows them: ``"123"``.
        rows: The keys.
        beside: Those beside the space bar.

    """

    name: str
    rows: Rows
    beside: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Keyboard:
    """The keys of one language.

    Attributes:
        rows: As people know them.
        alphabet: The letters in their order, then the marks.
        beside: Letters that stand beside the space bar.
        right_to_left: True where the language is written so; its alphabet then begins right.
        capitals: True where the script has them.
        capital_of: Letter to capital, where it is not the one that Unicode gives.

    """

    rows: Rows
    alphabet: tuple[str, ...]
    beside: tuple[str, ...] = ()
    right_to_left: bool = False
    capitals: bool = True
    capital_of: Mapping[str, str] = field(default_factory=dict)

    @property
    def keys(self) -> tuple[str, ...]:
        """Every key, as the rows have them."""
        return tuple(key for row in (*self.rows, self.beside) for key in row)

    @property
    def marks(self) -> tuple[str, ...]:
        """Those keys that go onto a letter."""
        return tuple(key for key in self.keys if is_mark(key))

    def capital(self, letter: str) -> str:
        """Return the capital of a letter in this language, or the letter where it has none."""
        if not self.capitals:
            return letter
        capital = self.capital_of.get(letter) or letter.upper()
        return capital if len(capital) == 1 else letter

    def pages(self, *, columns: int, rows: int) -> tuple[Page, ...]:
        """Return the pages of a screen with room for so many keys in so many rows.

        The last page has the digits and signs. The row with the space bar is not counted.
        """
        if max(map(len, self.rows)) <= columns and len(self.rows) <= rows:
            own = [Page(_name(self.alphabet), self.rows, self.beside)]
        else:
            own = _spread(self.alphabet, columns, rows, from_right=self.right_to_left)
        signs = SIGNS if set(APOSTROPHES) & set(self.keys) else APOSTROPHES[0] + SIGNS
        return (*own, *_spread((*DIGITS[1:], DIGITS[0], *signs), columns, rows))


def is_mark(key: str) -> bool:
    """Return whether a key is a mark that goes onto a letter."""
    return unicodedata.combining(key) != 0


@cache
def keyboard(language: str, *, script: str = "own") -> Keyboard:
    """Return the keyboard of a language; loaded once. Raises KeyboardError.

    Args:
        language: Its code.
        script: "own", or "latin" for the keys of a passport's name.

    """
    own = load_keyboard(language)
    is_latin = unicodedata.name(own.alphabet[0]).startswith("LATIN")
    return own if script == "own" or is_latin else load_keyboard(LATIN)


def load_keyboard(language: str, folder: Path = KEYBOARDS) -> Keyboard:
    """Return the keyboard of a language from a folder like `assets/keyboards`."""
    path = folder / f"{language}.toml"
    try:
        told = tomllib.loads(path.read_text(encoding="utf-8"))
        made = Keyboard(
            rows=tuple(tuple(row) for row in told.pop("rows")),
            alphabet=tuple(told.pop("alphabet")),
            beside=tuple(told.pop("beside", "")),
            **told,
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise KeyboardError(f"{path}: cannot be used ({error}): install it again") from None
    if sorted(made.keys) != sorted(made.alphabet) or len(set(made.keys)) < len(made.keys):
        raise KeyboardError(f"{path}: rows and alphabet must have the same keys, each once")
    if max(map(len, made.rows)) > MOST_IN_A_ROW or len(made.beside) > MOST_BESIDE:
        raise KeyboardError(
            f"{path}: a row has at most {MOST_IN_A_ROW} keys, and {MOST_BESIDE} stand beside space"
        )
    return made


def _spread(
    keys: Sequence[str], columns: int, rows: int, *, from_right: bool = False
) -> list[Page]:
    """Return the keys in their order on as few pages as hold them, none much fuller than others."""
    pages = _cut(keys, columns * rows)
    return [
        Page(
            _name(page),
            tuple(tuple(row[:: -1 if from_right else 1]) for row in _cut(page, columns)),
        )
        for page in pages
    ]


def _name(keys: Sequence[str]) -> str:
    plain = [key for key in keys if len(unicodedata.normalize("NFD", key)) == 1]
    return "".join(plain[:3])


def _cut(keys: Sequence[str], most: int) -> list[Sequence[str]]:
    """Return the keys in as few pieces of at most `most` as there can be, of even length."""
    pieces = ceil(len(keys) / most)
    length = ceil(len(keys) / pieces)
    return [keys[start : start + length] for start in range(0, len(keys), length)]
