"""An utterance: one sentence to be said, in one language, and whether others may hear it."""

import unicodedata
from dataclasses import dataclass

KEPT_FORMATS = "\u200c\u200d"
"""Invisible signs that shape words, Persian ones above all; every other one says nothing."""

READ_AS = str.maketrans({"\u02bc": "\u2019"})
"""The letter apostrophe of CLDR's Ukrainian Friday makes espeak-ng spell it; U+2019 does not."""


@dataclass(frozen=True, slots=True)
class Utterance:
    """One sentence, as the voice gets it.

    Attributes:
        language: Of the voice, ``"uk"``.
        text: What is said; Arabic with its vowels.
        personal: True for what a party told or got: its answers, number and way. Said only where
            nobody else hears it, and never written to any disk.

    """

    language: str
    text: str
    personal: bool = False


def plain(text: str) -> str:
    """Return the text as a voice may get it: on one line, and nothing in it is a command.

    Directional isolates, other invisible signs and control characters go. espeak-ng takes
    ``[[`` for the beginning of phonemes, so brackets go too.
    """
    heard = "".join(
        " " if character in "[]" or unicodedata.category(character) in {"Cc", "Cs"} else character
        for character in text
        if unicodedata.category(character) != "Cf" or character in KEPT_FORMATS
    )
    return " ".join(heard.translate(READ_AS).split())
