"""The parts of the incoming page: what it shows, worked out of a snapshot, and what changed since.

A helper has a channel of their own: what they may not see is never sent to them.
"""

from collections import Counter as Tally
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from uuid import UUID

from kiosk.contract.questions import Digits, FreeText
from kiosk.contract.site import Site
from server_stub.hall_alarms import SILENT_AFTER
from server_stub.live import Render
from server_stub.needs import pictograms
from server_stub.page_rendering import render
from server_stub.page_texts import LANGUAGES
from server_stub.rights import Role
from server_stub.snapshot import KioskRow, Snapshot


@dataclass(frozen=True, slots=True)
class Counts:
    """How many parties are here: on all stages, at each one, and how many are not any more."""

    everyone: int
    stages: Mapping[str, int]
    finished: int


def counts_of(snapshot: Snapshot, site: Site) -> Counts:
    """Return how many parties are where."""
    here = [visit for visit in snapshot.visits if visit.is_open]
    tally = Tally(visit.stage for visit in here)
    return Counts(
        everyone=len(here),
        stages={stage.id: tally[stage.id] for stage in site.stages},
        finished=len(snapshot.visits) - len(here),
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


def ranks_of(snapshot: Snapshot) -> dict[UUID, int]:
    """Return each visit's place in the order of arrival: what orders rows and tells no time."""
    return {visit.id: rank for rank, visit in enumerate(reversed(snapshot.visits), 1)}


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
    rows = [visit for visit in now.visits if visit.id in touched]
    present = {visit.id for visit in now.visits}
    known = {visit.id for visit in before.visits} if before else present
    return render(
        "staff_changes.html",
        language,
        site=here,
        icons=pictograms(here),
        rows=rows,
        new={visit.id for visit in rows} - known,
        gone=sorted(known - present),
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
    here = {visit.id for visit in now.visits if visit.is_open}
    known = {visit.id for visit in before.visits} if before else here
    rows = [visit for visit in now.visits if visit.id in touched & here]
    return render(
        "helper_changes.html",
        language,
        site=site(),
        rows=rows,
        ranks=ranks_of(now) if rows else {},
        opens=opens_to_helpers(site()),
        new={visit.id for visit in rows} - known,
        gone=sorted((touched | known) - here),
        counts=counts_of(now, site()),
        help_calls=now.help_calls if _differ(now, before, "help_calls") else None,
    )


def _differ(now: Snapshot, before: Snapshot | None, name: str) -> bool:
    return before is None or getattr(now, name) != getattr(before, name)
