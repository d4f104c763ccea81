"""The site file: TOML to a `Site`, refused with file, line and reason when it is broken."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from kiosk.contract.messages import LANGUAGE_PATTERN, NAME_PATTERN
from kiosk.contract.signs import DOOR_PATTERN
from kiosk.contract.site import ADDRESS_PATTERN, PRIVACY_PATTERN, Site
from kiosk.contract.toml_text import read_toml

MOST_FAULTS = 50
"""So many of a file are told: who mends them finds the rest by checking once more."""


class SiteFileError(Exception):
    """A site file cannot be used. The message names file, line and reason."""


def read_site_file(path: Path) -> Site:
    """Return the site that the file describes, or raise SiteFileError."""
    return read_site_text(path)[1]


def read_site_text(path: Path) -> tuple[str, Site]:
    """Return what stands in the file, and the site that it describes; or raise SiteFileError."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8 text"
        raise SiteFileError(f"{path}: cannot be read: {reason}") from None
    return text, parse_site(text, source=str(path))


def parse_site(text: str, *, source: str) -> Site:
    """Return the site described by TOML text; `source` is named in errors."""
    try:
        tables = read_toml(text)
    except ValueError as error:
        raise SiteFileError(f"{source}: {error}") from None
    try:
        return Site.model_validate(tables)
    except ValidationError as error:
        first = _faults(error.errors()[0], _places(text))[0]
        raise SiteFileError(f"{source}, line {first.line}: {first.where}: {first.reason}") from None


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a site file.

    Attributes:
        line: Where, from 1.
        where: Of what, such as ``"stages.1.door"``; "" where the text is no TOML.
        reason: What is wrong, in words.

    """

    line: int
    where: str
    reason: str


def faults_of(text: str) -> list[Fault]:
    """Return what is wrong with TOML text, in the order of its lines; nothing where all is well.

    At most `MOST_FAULTS`, so that a file that is none is answered as fast as one that is.
    What rests on other parts of the file, such as the names of stages, is looked at only once
    each part is well by itself.
    """
    try:
        Site.model_validate(read_toml(text))
    except ValidationError as error:
        places = _places(text)
        told = error.errors()[:MOST_FAULTS]
        found = [fault for each in told for fault in _faults(each, places)]
        return sorted(dict.fromkeys(found), key=lambda fault: fault.line)[:MOST_FAULTS]
    except ValueError as error:
        at = re.search(r" \(at (?:line (\d+), column \d+|end of document)\)$", str(error))
        line = int(at[1]) if at and at[1] else max(1, len(text.splitlines()))
        return [Fault(line, "", str(error)[: at.start()] if at else str(error))]
    return []


def _faults(error: ErrorDetails, places: "Places") -> list[Fault]:
    """Return the faults that an error tells of: one, or of a whole site some at once."""
    told = error.get("ctx", {})
    kind = ["kind"] if error["type"] == "kind" else []
    first = (told.get("place", ()), _in_words(error))
    return [
        _fault([*error["loc"], *place, *kind], reason, places)
        for place, reason in (first, *told.get("others", ()))
    ]


def _fault(way: list[str | int], reason: str, places: "Places") -> Fault:
    place = [part for part in way if not _names_a_type(part)]
    return Fault(_line_in(places, place), ".".join(map(str, place)) or "the site", reason)


# What the patterns of the contract mean to whoever writes a site file.
_FITTING = {
    NAME_PATTERN: "a name has small letters, digits and hyphens, at most 40",
    LANGUAGE_PATTERN: 'a language is its two or three small letters, like "uk"',
    DOOR_PATTERN: "a door has one to four letters or digits",
    ADDRESS_PATTERN: 'an address looks like "https://ankunft.example"',
    PRIVACY_PATTERN: 'an address looks like "https://ankunft.example/{language}/privacy"',
}


def _in_words(error: ErrorDetails) -> str:
    if error["type"] == "string_pattern_mismatch":
        pattern = error.get("ctx", {}).get("pattern", "")
        return f"{error['input']!r} does not fit: {_FITTING.get(pattern, pattern)}"
    return error["msg"].removeprefix("Value error, ")


def line_of(text: str, place: list[str | int]) -> int:
    """Return the line, from 1, where a value stands; of its table when it is missing.

    `place` is the way to the value as pydantic names it: ``["stages", 1, "door"]``. Knows
    tables, arrays of tables, keys and inline arrays of tables on lines of their own.
    """
    return _line_in(_places(text), place)


@dataclass(frozen=True, slots=True)
class _Place:
    line: int
    way: list[str | int]
    is_table: bool


Places = Sequence[_Place]


def _places(text: str) -> Places:
    """Return where tables begin and keys stand, in order: read once, for all faults of a file."""
    places: list[_Place] = []
    prefix: tuple[str, ...] = ()
    seen: dict[tuple[str, ...], int] = {}
    path: list[str | int] = []
    for line_number, line in enumerate(text.splitlines(), 1):
        if header := re.match(r"\s*\[\[?\s*([\w.-]+)\s*\]\]?", line):
            prefix = tuple(header[1].split("."))
            if line.lstrip().startswith("[["):
                seen[prefix] = seen.get(prefix, -1) + 1
                seen = {k: n for k, n in seen.items() if not _is_inside(k, prefix)}
            path = _way_to(prefix, seen)
            places.append(_Place(line_number, path, is_table=True))
        elif key := re.match(r"\s*([\w-]+)(?:\.[\w-]+)*\s*=", line):
            places.append(_Place(line_number, [*path, key[1]], is_table=False))
    return places


def _line_in(places: Places, wanted: list[str | int]) -> int:
    """Return the line of the value, or of the innermost table on the way to it."""
    found = 1
    for place in places:
        if wanted[: len(place.way)] == place.way:
            found = place.line
            if not place.is_table:
                break
    return found


def _way_to(prefix: tuple[str, ...], seen: dict[tuple[str, ...], int]) -> list[str | int]:
    way: list[str | int] = []
    for length in range(1, len(prefix) + 1):
        way.append(prefix[length - 1])
        if prefix[:length] in seen:
            way.append(seen[prefix[:length]])
    return way


def _is_inside(inner: tuple[str, ...], outer: tuple[str, ...]) -> bool:
    return len(inner) > len(outer) and inner[: len(outer)] == outer


def _names_a_type(part: str | int) -> bool:
    # pydantic puts the member of a union into the way: ("text", "dict[...]", "uk")
    return isinstance(part, str) and ("[" in part or part in {"str", "constrained-str"})
