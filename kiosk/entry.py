"""The entry: what is entered by keys, letter by letter at its end. Pure.

A letter is what a reader counts as one: marks belong to the letter that carries them, so one
backspace takes "ệ" or an Arabic letter with its vowel sign, and a limit counts what is seen.
"""

import re
import unicodedata
from collections.abc import Collection

DIGITS = "0123456789"
"""The digits of every language here, whatever others its script has."""

JOINERS = "\u200c\u200d"
"""Invisible signs between letters, which belong to the letter before."""

VIETNAMESE_TONES = "\u0300\u0309\u0303\u0301\u0323"
"""huyền, hỏi, ngã, sắc, nặng."""

_VOWELS = "aăâeêioôơuưy"
_MARKED_VOWELS = "ăâêôơư"
_GLIDES = {"oa", "oe", "uy"}
"""Vowels of which the second carries the tone; of any other open pair it is the first."""


def letters(text: str) -> tuple[str, ...]:
    """Return the letters of a text, each with its marks."""
    found: list[str] = []
    for character in text:
        joins = unicodedata.category(character).startswith("M") or character in JOINERS
        if joins and found:
            found[-1] += character
        else:
            found.append(character)
    return tuple(found)


def appended(text: str, letter: str, *, longest: int) -> str:
    """Return the text with a letter at its end, or as it was where there is no room for it.

    A space neither begins a text nor follows another one.
    """
    if letter == " " and (not text or text.endswith(" ")):
        return text
    longer = unicodedata.normalize("NFC", text + letter)
    return longer if len(letters(longer)) <= longest else text


def shortened(text: str) -> str:
    """Return the text without its last letter."""
    return "".join(letters(text)[:-1])


def marked(text: str, mark: str, *, among: Collection[str]) -> str:
    """Return the text with a mark on the letter that carries it; struck again, it goes.

    Args:
        text: So far, in NFC.
        mark: A combining character.
        among: All marks of the keyboard that exclude each other, this one too.

    """
    is_tone = mark in VIETNAMESE_TONES and set(VIETNAMESE_TONES) <= set(among)
    place = _place_of_tone(text) if is_tone else len(text) - 1
    if place < 0:
        return text
    parts = unicodedata.normalize("NFD", text[place])
    bare = "".join(part for part in parts if part not in among)
    # Whatever else a letter carries gives way where no letter carries both.
    wanted = [bare] if mark in parts else [bare + mark, bare[0] + mark]
    composed = (unicodedata.normalize("NFC", letter) for letter in wanted)
    letter = next((letter for letter in composed if len(letter) == 1), text[place])
    return text[:place] + letter + text[place + 1 :]


def begins_word(text: str) -> bool:
    """Return whether the next letter is the first of a word, which names write as a capital."""
    return not text or text[-1] in " -"


def told(text: str) -> str:
    """Return the text as an answer: composed, without spaces around it."""
    return unicodedata.normalize("NFC", text.strip())


def _place_of_tone(text: str) -> int:
    """Return where a tone belongs in the last syllable, by Vietnamese spelling; -1 for nowhere."""
    plain = "".join(_without_tone(character) for character in text)
    found = re.search(rf"[{_VOWELS}]+(?=[^{_VOWELS}\W\d_]*$)", plain)
    if not found:
        return -1
    start, end = found.span()
    # "qu" and "gi" are consonants where another vowel follows.
    if end - start > 1 and plain[max(start - 1, 0) : start + 1] in {"qu", "gi"}:
        start += 1
    vowels = plain[start:end]
    changed = [start + index for index, vowel in enumerate(vowels) if vowel in _MARKED_VOWELS]
    if changed:
        return changed[-1]
    if end < len(plain) or len(vowels) == 1:
        return end - 1
    return start + (1 if len(vowels) > 2 or vowels in _GLIDES else 0)


def _without_tone(character: str) -> str:
    parts = unicodedata.normalize("NFD", character.lower()[0])
    return unicodedata.normalize("NFC", "".join(p for p in parts if p not in VIETNAMESE_TONES))
