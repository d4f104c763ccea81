"""The parts of the incoming page: what it shows, worked out of a snapshot, and what changed since.

A helper has a channel of their own: what they may not see is never sent to them.
"""

from collections import Counter as Tally
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from uuid import UUID

from kiosk.contract.questions import Digits, FreeText
from kiosk.contract.site import Counter, Site, Stage
from server_stub.live import Render
from server_stub.needs import pictograms
from server_stub.page_rendering import part, render
from server_stub.page_texts import LANGUAGES
from server_stub.rights import Role
from server_stub.snapshot import Snapshot, VisitRow
from server_stub.visit import AT_COUNTER, VisitState


@dataclass(frozen=True, slots=True)
class Desk:
    """What a counter sees of its own work.

    Attributes:
        counter: The counter.
        stage: The stage that it serves.
        called: The visit that it has called or serves, if any.
        next_stage: Where that visit goes from here; None at the end of its route.
        waiting: How many parties wait at this stage.
        event_number: Of the snapshot, so that an older desk never replaces a newer one.

    """

    counter: Counter
    stage: Stage
    called: VisitRow | None
    next_stage: Stage | None
    waiting: int
    event_number: int


@dataclass(frozen=True, slots=True)
class Counts:
    """How many parties are here: on all stages, at each one, and how many are not any more."""

    everyone: int
    stages: Mapping[str, int]
    finished: int


def desks_of(snapshot: Snapshot, site: Site) -> dict[str, Desk]:
    """Return the desk of each counter, by the counter's id."""
    waiting = waiting_at(snapshot, site)
    called = {v.counter: v for v in snapshot.visits if v.state in AT_COUNTER}
    desks = {}
    for counter in site.counters:
        stage = site.stage(counter.stage)
        if stage is None:
            continue
        visit = called.get(counter.id)
        next_id = visit.next_stage if visit else None
        desks[counter.id] = Desk(
            counter=counter,
            stage=stage,
            called=visit,
            next_stage=site.stage(next_id) if next_id else None,
            waiting=waiting[stage.id],
            event_number=snapshot.event_number,
        )
    return desks


def waiting_at(snapshot: Snapshot, site: Site) -> dict[str, int]:
    """Return how many parties wait at each stage."""
    tally = Tally(v.stage for v in snapshot.visits if v.state is VisitState.WAITING)
    return {stage.id: tally[stage.id] for stage in site.stages}


def counts_of(snapshot: Snapshot, site: Site) -> Counts:
    """Return how many parties are where."""
    here = [visit for visit in snapshot.visits if visit.is_open]
    tally = Tally(visit.stage for visit in here)
    return Counts(
        everyone=len(here),
        stages={stage.id: tally[stage.id] for stage in site.stages},
        finished=len(snapshot.visits) - len(here),
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


def rendered_desk(desk: Desk, site: Site, language: str) -> str:
    """Return a desk as the fragment that replaces the one on the page."""
    html = part("parts.html", language, "desk")(desk, site)
    return (
        f'<hx-partial hx-target="#desk-{desk.counter.id}" hx-swap="outerMorph">{html}</hx-partial>'
    )


def _changes(
    site: Callable[[], Site],
    language: str,
    now: Snapshot,
    touched: frozenset[UUID],
    before: Snapshot | None,
) -> str:
    """Render what a page needs to go from `before` to `now`; without `before`, all small parts.

    How many wait at a stage is apart from the desks, for it changes with every check-in and a
    large site has twenty desks.
    """
    here = site()
    waiting, waited = waiting_at(now, here), waiting_at(before, here) if before else {}
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
        waiting={stage: n for stage, n in waiting.items() if waited.get(stage) != n},
        desks=_changed_desks(here, now, before),
        counts=counts_of(now, here),
        help_calls=now.help_calls if _differ(now, before, "help_calls") else None,
        kiosks=now.kiosks if _differ(now, before, "kiosks") else None,
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


def _changed_desks(site: Site, now: Snapshot, before: Snapshot | None) -> list[Desk]:
    old = desks_of(before, site) if before else {}
    return [
        desk
        for counter, desk in desks_of(now, site).items()
        if counter not in old or desk.called != old[counter].called
    ]


def _differ(now: Snapshot, before: Snapshot | None, name: str) -> bool:
    return before is None or getattr(now, name) != getattr(before, name)
