"""An utterance: one sentence to be said, in one language, and whether others may hear it."""

import re
import unicodedata
from dataclasses import dataclass

KEPT_FORMATS = "\u200c\u200d"
"""Invisible signs that shape words, Persian ones above all; every other one says nothing."""

READ_AS = (
    # CLDR's Ukrainian Friday has the letter apostrophe: a word with it is spelled, in English.
    (re.compile("\u02bc"), "\u2019"),
    # Unicode's order, a vowel before its shadda, loses the vowel of every doubled consonant.
    (re.compile("([\u064b-\u0650\u0652\u0670])\u0651"), "\u0651\\1"),
    # The alef after "bi-" is silent: "bil-", not "biyal-".
    (re.compile("(?<=\u0628\u0650)\u0627(?=\u0644)"), ""),
)
"""What espeak-ng reads wrongly as it is written, and how it gets it."""


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
    for written, read in READ_AS:
        heard = written.sub(read, heard)
    return " ".join(heard.split())
