"""The parts of the incoming page: what it shows, worked out of a snapshot, and what changed since.

A helper has a channel of their own: what they may not see is never sent to them.
"""

from collections import Counter as Tally
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from uuid import UUID

from kiosk.contract.questions import Digits, FreeText
from kiosk.contract.site import Site
from server_stub.hall_alarms import SILENT_AFTER
from server_stub.kiosk_rows import KioskRow
from server_stub.live import Render
from server_stub.needs import pictograms
from server_stub.page_rendering import render
from server_stub.page_texts import LANGUAGES
from server_stub.rights import Role
from server_stub.snapshot import Snapshot, VisitRow, newest_first, rank_of


@dataclass(frozen=True, slots=True)
class Counts:
    """How many parties are here: on all stages, at each one, and how many are not any more."""

    everyone: int
    stages: Mapping[str, int]
    finished: int


def counts_of(snapshot: Snapshot, site: Site) -> Counts:
    """Return how many parties are where."""
    tally = Tally(visit.stage for visit in snapshot.here.values())
    return Counts(
        everyone=len(snapshot.here),
        stages={stage.id: tally[stage.id] for stage in site.stages},
        finished=len(snapshot.visits) - len(snapshot.here),
    )


def silent_of(kiosks: Sequence[KioskRow]) -> frozenset[UUID]:
    """Return the enrolments that nothing is heard of, while something is of another kiosk.

    A clock would tell of more, but what is shown goes by the snapshot alone.
    """
    heard = [kiosk.reported_at for kiosk in kiosks if kiosk.reported_at]
    return frozenset(
        kiosk.enrolment
        for kiosk in kiosks
        if kiosk.reported_at and max(heard) - kiosk.reported_at > SILENT_AFTER
    )


def staff_channels(site: Callable[[], Site]) -> dict[str, Render]:
    """Return the hub's channels of the incoming page: two per language."""
    channels: dict[str, Render] = {}
    for language in LANGUAGES:
        channels[f"incoming/{language}"] = partial(_changes, site, language)
        channels[f"incoming-helper/{language}"] = partial(_changes_for_helper, site, language)
    return channels


def ranks_of(rows: Iterable[VisitRow], snapshot: Snapshot) -> dict[UUID, int]:
    """Return the rows' places in the order of arrival: what orders them and tells no time."""
    return {visit.id: rank_of(visit, snapshot) for visit in rows}


def opens_to_helpers(site: Site) -> bool:
    """Return whether the site file lets helpers read an answer, and so open a visit."""
    return any(
        Role.HELPER in question.readers
        for question in site.questions
        if isinstance(question, Digits | FreeText)
    )


def _changes(
    site: Callable[[], Site],
    language: str,
    now: Snapshot,
    touched: frozenset[UUID],
    before: Snapshot | None,
) -> str:
    """Render what a page needs to go from `before` to `now`; without `before`, all small parts."""
    here = site()
    rows = _newest_of(now.by_id, touched)
    return render(
        "staff_changes.html",
        language,
        site=here,
        icons=pictograms(here),
        rows=rows,
        new=_new(rows, before),
        gone=_gone(now, touched, before),
        counts=counts_of(now, here),
        help_calls=now.help_calls if _differ(now, before, "help_calls") else None,
        kiosks=now.kiosks if _differ(now, before, "kiosks") else None,
        silent=silent_of(now.kiosks),
    )


def _changes_for_helper(
    site: Callable[[], Site],
    language: str,
    now: Snapshot,
    touched: frozenset[UUID],
    before: Snapshot | None,
) -> str:
    """Render the same for a helper, who sees who is here and nothing of how they go on."""
    rows = _newest_of(now.here, touched)
    shown = before.here if before else touched
    return render(
        "helper_changes.html",
        language,
        site=site(),
        rows=rows,
        ranks=ranks_of(rows, now),
        opens=opens_to_helpers(site()),
        new=_new(rows, before),
        gone=sorted(one for one in touched if one in shown and one not in now.here),
        counts=counts_of(now, site()),
        help_calls=now.help_calls if _differ(now, before, "help_calls") else None,
    )


def _newest_of(visits: Mapping[UUID, VisitRow], touched: frozenset[UUID]) -> list[VisitRow]:
    return sorted((visits[one] for one in visits.keys() & touched), key=newest_first)


def _new(rows: Iterable[VisitRow], before: Snapshot | None) -> set[UUID]:
    """Return those of the rows that nobody knew before."""
    return {row.id for row in rows if before and row.id not in before.by_id}


def _gone(now: Snapshot, touched: frozenset[UUID], before: Snapshot | None) -> list[UUID]:
    """Return what was shown before and is not any more.

    Without an event only a new day takes visits away: those that ended on the day before. Where
    nobody knows what was shown, it may be whatever was touched.
    """
    if before is None:
        return sorted(touched - now.by_id.keys())
    same_day = before.service_day == now.service_day
    known = before.by_id.keys() & touched if same_day else before.by_id
    return sorted(one for one in known if one not in now.by_id)


def _differ(now: Snapshot, before: Snapshot | None, name: str) -> bool:
    return before is None or getattr(now, name) != getattr(before, name)
