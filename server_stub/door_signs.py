"""Door signs: what hangs at each door, the same landmark as on slip and screen. Pure.

A sign says where one is, and never what for: what a party needs is nobody's business.
"""

import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from kiosk.contract.questions import Choices
from kiosk.contract.signs import Place
from kiosk.contract.site import Site, Stage
from server_stub.ticket_texts import LANGUAGES, TicketTexts, direction

ARABIC_VOWELS = frozenset(map(chr, range(0x064B, 0x0653)))
"""Written for voices and children; on doors they are left out."""


@dataclass(frozen=True, slots=True)
class SignLine:
    """A line of a sign in one language.

    Attributes:
        language: Its code.
        direction: Where it begins: ``"ltr"`` or ``"rtl"``.
        landmark: What the picture shows.
        door: The word for a door.

    """

    language: str
    direction: str
    landmark: str
    door: str


@dataclass(frozen=True, slots=True)
class Sign:
    """The sign of one door.

    Attributes:
        landmark: Its picture.
        door: Its number.
        stages: The stages behind it, for staff; none where there is only something to find.
        lines: The same in all languages of the site.

    """

    landmark: str
    door: str
    stages: tuple[Stage, ...]
    lines: tuple[SignLine, ...]


def signs_of(site: Site) -> list[Sign]:
    """Return the signs of a site: those of its stages in order, then those of other places."""
    stages: dict[tuple[str, str], list[Stage]] = {}
    for stage in site.stages:
        stages.setdefault((stage.landmark, stage.door), []).append(stage)
    for place in _places(site):
        stages.setdefault((place.landmark, place.door), [])
    return [
        Sign(landmark, door, tuple(behind), tuple(_lines(site.languages, landmark)))
        for (landmark, door), behind in stages.items()
    ]


def _places(site: Site) -> Iterator[Place]:
    if site.desk:
        yield site.desk
    for question in site.questions:
        if isinstance(question, Choices):
            yield from (option.place for option in question.options if option.place)
    yield from (line.place for line in site.when_closed if line.place)


def _lines(languages: Iterable[str], landmark: str) -> Iterator[SignLine]:
    for language in languages:
        if language in LANGUAGES:
            texts = TicketTexts(language)
            yield SignLine(
                language,
                direction(language),
                _on_a_door(texts.landmark(landmark), language),
                str(texts.text("Door")),
            )


def _on_a_door(word: str, language: str) -> str:
    """Return a word as it is written on doors: German nouns have capitals, so has what begins."""
    bare = "".join(
        letter for letter in unicodedata.normalize("NFC", word) if letter not in ARABIC_VOWELS
    )
    if language in {"tr", "az"} and bare.startswith("i"):
        return "İ" + bare[1:]  # Unicode's capital of it has no dot
    if language == "ka":
        return bare  # Georgian capitals are for whole headings only
    return bare[:1].upper() + bare[1:]
