"""Text that cannot be taken for anything else: no control byte ever leaves this gate."""

import re
import unicodedata

LONGEST = 200
"""Characters of a line; no slip holds more, and 10 kB of text must not cost a second."""

_ORDERING = frozenset("\u061c\u200c\u200d\u200e\u200f\u2066\u2067\u2068\u2069")
"""Characters without ink that shaping needs: joiners, marks and isolates."""

_SPACES = re.compile(" {2,}")


def printable(text: str) -> str:
    """Return `text` as one line of letters, signs, spaces and what orders them.

    No control character, no line break, no half of a surrogate pair: what is left cannot be
    a command to a printer, nor upset the shaping.
    """
    text = text[: 2 * LONGEST]
    if not text.isprintable():  # nearly every text is, and Python knows it forty times faster
        text = "".join(map(_printable, text))
    return _SPACES.sub(" ", text).strip()[:LONGEST]


def _printable(character: str) -> str:
    if character in _ORDERING:
        return character
    category = unicodedata.category(character)
    if category in ("Zs", "Zl", "Zp") or character in "\t\n\r":
        return " "
    return "" if category[0] == "C" else character


def inked(text: str) -> str:
    """Return `text` without the characters that only order it: what a code page can hold."""
    return text if text.isascii() else text.translate(_WITHOUT_INK)


_WITHOUT_INK = dict.fromkeys(map(ord, _ORDERING))
