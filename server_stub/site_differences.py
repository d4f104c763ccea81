"""The differences between two sites, told thing by thing and key by key. Pure."""

import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Literal

from kiosk.contract.site import Site

Sign = Literal["added", "removed", "changed", "moved"]

LISTS = ("stages", "counters", "questions", "outcomes", "figures")
"""The lists of a site whose entries have names."""


@dataclass(frozen=True, slots=True)
class Change:
    """A key that is another than before; None where it was not there, or is not any more."""

    key: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Difference:
    """What is other about one thing of a site.

    Attributes:
        part: What kind of thing: one of `LISTS`, "hours", "closures", "languages" or "site".
        sign: Whether it is there anew, is gone, says something else, or stands elsewhere in the
            order that matters.
        name: Its name; "" for what there is only one of.
        changes: What it says otherwise.

    """

    part: str
    sign: Sign
    name: str
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True)
class DiffLine:
    """A line of two files laid side by side: ``" "``, ``"+"``, ``"-"``, or ``"@"`` for a gap."""

    sign: str
    text: str


def differences(now: Site, then: Site) -> list[Difference]:
    """Return what `then` has otherwise than `now`, in the order of a site file."""
    before, after = (site.model_dump(mode="json", exclude_defaults=True) for site in (now, then))
    return [
        *_of_languages(before, after),
        *_of_the_site(before, after),
        *(_of_hours(before, after)),
        *(difference for part in LISTS for difference in _of_list(part, before, after)),
    ]


def _of_languages(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Difference]:
    for key in ("languages", "audio_languages"):
        was, will_be = before.get(key, []), after.get(key, [])
        yield from (Difference("languages", "added", code) for code in will_be if code not in was)
        yield from (Difference("languages", "removed", code) for code in was if code not in will_be)
        yield from _order("languages", was, will_be)


def _of_the_site(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Difference]:
    apart = {*LISTS, "languages", "audio_languages", "hours", "closures"}
    was, will_be = (
        _flat({key: value for key, value in site.items() if key not in apart})
        for site in (before, after)
    )
    if changes := _changes(was, will_be):
        yield Difference("site", "changed", "", changes)


def _of_hours(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Difference]:
    was, will_be = before.get("hours"), after.get("hours")
    if was != will_be:
        sign: Sign = "changed" if was and will_be else "added" if will_be else "removed"
        yield Difference("hours", sign, "", _changes(_flat(was or {}), _flat(will_be or {})))
    closures = [{c["days"]: c for c in site.get("closures", [])} for site in (before, after)]
    yield from _entries("closures", closures[0], closures[1])


def _of_list(
    part: str, before: Mapping[str, Any], after: Mapping[str, Any]
) -> Iterator[Difference]:
    was, will_be = ({e["id"]: e for e in site.get(part, [])} for site in (before, after))
    yield from _entries(part, was, will_be)
    if part in ("stages", "questions"):  # the order of the others means nothing
        yield from _order(part, list(was), list(will_be))


def _entries(part: str, was: Mapping[str, Any], will_be: Mapping[str, Any]) -> Iterator[Difference]:
    for name, entry in will_be.items():
        if name not in was:
            yield Difference(part, "added", name, _changes({}, _flat(_without_name(entry))))
        elif entry != was[name]:
            yield Difference(part, "changed", name, _changes(_flat(was[name]), _flat(entry)))
    yield from (Difference(part, "removed", name) for name in was if name not in will_be)


def _without_name(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in entry.items() if key not in ("id", "days")}


def _order(part: str, was: Sequence[str], will_be: Sequence[str]) -> Iterator[Difference]:
    stay = [name for name in was if name in will_be]
    stay_then = [name for name in will_be if name in was]
    if stay != stay_then:
        change = Change("", ", ".join(stay), ", ".join(stay_then))
        yield Difference(part, "moved", "", (change,))


def _changes(was: Mapping[str, str], will_be: Mapping[str, str]) -> tuple[Change, ...]:
    return tuple(
        Change(key, was.get(key), will_be.get(key))
        for key in dict.fromkeys([*was, *will_be])
        if was.get(key) != will_be.get(key)
    )


def _flat(value: Mapping[str, Any], *, under: str = "") -> dict[str, str]:
    """Return every value by the way to it, entries of lists by their names where they have some."""
    found: dict[str, str] = {}
    for key, of in value.items():
        way = f"{under}{key}"
        if isinstance(of, Mapping):
            found |= _flat(of, under=f"{way}.")
        elif isinstance(of, list) and any(isinstance(entry, Mapping) for entry in of):
            for place, entry in enumerate(of, 1):
                found |= _flat(_without_name(entry), under=f"{way}.{entry.get('id', place)}.")
        elif isinstance(of, list):
            found[way] = ", ".join(map(_text, of))
        else:
            found[way] = _text(of)
    return found


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


MOST_LINES = 2000
"""Of a difference: nobody reads more, and a page of a whole other file would be as large."""


def diff_lines(before: str, after: str) -> list[DiffLine]:
    """Return two files side by side: what differs, with three lines around it; `MOST_LINES`."""
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), n=3, lineterm="")
    shown = [DiffLine(line[0], line[1:]) for line in islice(lines, 2, MOST_LINES + 3)]
    return shown if len(shown) <= MOST_LINES else [*shown[:MOST_LINES], DiffLine("@", "")]
