"""The comparison: each figure that the server reports, beside what the account of the day says."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any

from tests.day.account import Account, Tallied

Name = tuple[str, str, str | None, int | None, str, str]
"""Section, figure, stage, hour, measure, unit."""

FIGURE_OF = {
    "biometrics-taken": "biometric-registrations",
    "permit-issued": "residence-permits",
    "transferred": "transferred",
}


@dataclass(frozen=True, slots=True)
class Compared:
    """One figure.

    Attributes:
        name: Which.
        happened: What the account says.
        reported: What the server says; None where it tells nothing.
        note: Why it tells nothing.

    """

    name: Name
    happened: int
    reported: int | None
    note: str | None

    @property
    def agrees(self) -> bool:
        """Whether both say the same, or the server rightly tells no waits of a few."""
        if self.reported is None:
            return self.note == "too-few"
        return self.reported == self.happened


def compare(account: Account, lines: Sequence[dict[str, Any]]) -> list[Compared]:
    """Return every figure that either of them knows."""
    told = {_name(line): line for line in lines}
    happened = dict(_happened(account))
    nothing = {"value": 0, "note": None}
    return [
        Compared(
            name,
            happened.get(name, 0),
            told.get(name, nothing)["value"],
            told.get(name, nothing)["note"],
        )
        for name in dict.fromkeys([*happened, *(name for name in told if _is_comparable(name))])
    ]


def _name(line: dict[str, Any]) -> Name:
    names = (line["section"], line["figure"], line["stage"], line["hour"])
    return (*names, line["measure"], line["unit"])


def _is_comparable(name: Name) -> bool:
    """Whether the account keeps such a figure; waits it knows of whole days, services not."""
    section, figure, _, hour, measure, _ = name
    if section == "waits":
        return hour is None and measure != "count"
    return section in {"visits", "arrivals", "outcomes", "stages"} and figure != "busiest-hour"


def _happened(account: Account) -> Iterator[tuple[Name, int]]:
    yield from _of_visits(account)
    for hour, count in account.arrivals.items():
        yield from _both("arrivals", "arrivals", count, hour=hour)
    for outcome, persons in account.outcomes.items():
        yield ("outcomes", outcome, _stage_of(outcome), None, "count", "persons"), persons
        if figure := FIGURE_OF.get(outcome):
            yield ("figures", figure, None, None, "count", "persons"), persons
    yield from _at_stages(account)


def _at_stages(account: Account) -> Iterator[tuple[Name, int]]:
    for figure, counts in (("served", account.served), ("left", account.left_at)):
        for stage, count in counts.items():
            yield from _both("stages", figure, count, stage=stage)
    for stage, parties in account.no_shows.items():
        yield ("stages", "no-shows", stage, None, "count", "parties"), parties
    for stage, minutes in account.waits.items():
        for measure, share in (("median", 0.5), ("nine-of-ten", 0.9), ("longest", 1.0)):
            yield ("waits", "wait", stage, None, measure, "minutes"), _within(minutes, share)


def _of_visits(account: Account) -> Iterator[tuple[Name, int]]:
    for figure, count in (
        ("visits", account.visits),
        ("by-hand", account.by_hand),
        ("finished", account.finished),
        ("left", account.left),
        ("carried-over", account.carried_over),
    ):
        yield from _both("visits", figure, count)
    yield ("visits", "adults", None, None, "count", "persons"), account.adults
    children = account.visits.persons - account.adults
    yield ("visits", "children", None, None, "count", "persons"), children


def _both(
    section: str,
    figure: str,
    count: Tallied,
    *,
    stage: str | None = None,
    hour: int | None = None,
) -> Iterator[tuple[Name, int]]:
    yield (section, figure, stage, hour, "count", "parties"), count.parties
    yield (section, figure, stage, hour, "count", "persons"), count.persons


def _stage_of(outcome: str) -> str:
    return {"housed": "housing", "transferred": "onward-travel"}.get(outcome, "registration")


def _within(minutes: Sequence[int], share: float) -> int:
    """Return the fewest minutes within which this share was done (nearest rank)."""
    return sorted(minutes)[ceil(round(share * len(minutes), 6)) - 1]
