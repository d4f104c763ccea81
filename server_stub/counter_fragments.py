"""The parts of the counter page: what each counter's page shows, and what changed since."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from uuid import UUID

from kiosk.contract.site import Outcome, Site
from server_stub.counter_view import Counters, Desk, LatestViews, Next, Party, party_of
from server_stub.live import Render
from server_stub.page_rendering import render
from server_stub.page_texts import LANGUAGES, catalogue
from server_stub.queue_rules import CallsPaused
from server_stub.snapshot import Snapshot, VisitRow
from server_stub.staff_notices import Notice
from server_stub.step_notices import StepNotices


@dataclass(frozen=True, slots=True)
class Upcoming:
    """Who is next, in words.

    Attributes:
        visit: Whom the counter would call; None where nobody can be called.
        reasons: Before whom, and why; "" where nobody waits behind.
        pause: Why nobody is called although somebody waits.

    """

    visit: VisitRow | None = None
    reasons: str = ""
    pause: Notice | None = None


@dataclass(frozen=True, slots=True)
class ShownDesk:
    """A counter's page, as far as all who work there see the same.

    Attributes:
        desk: What the counter sees.
        party: Its party; None where it is free.
        outcomes: What its stage can achieve.
        upcoming: Who is next, in words.

    """

    desk: Desk
    party: Party | None
    outcomes: tuple[Outcome, ...]
    upcoming: Upcoming


def shown_desk(desk: Desk, site: Site, language: str) -> ShownDesk:
    """Return what a counter's page shows of its desk."""
    return ShownDesk(
        desk=desk,
        party=party_of(desk.party, site) if desk.party else None,
        outcomes=tuple(outcome for outcome in site.outcomes if outcome.stage == desk.stage.id),
        upcoming=_upcoming(desk, site, language),
    )


def counter_channels(site: Callable[[], Site], views: LatestViews) -> dict[str, Render]:
    """Return the hub's channels of the counter page: one per language."""
    return {
        f"counter/{language}": partial(_changes, site, views, language) for language in LANGUAGES
    }


def rendered_counter(view: Counters, counter: str, site: Site, language: str) -> str:
    """Return all parts of one counter's page that change, as fragments that replace them."""
    desk = view.desks[counter]
    shown = shown_desk(desk, site, language)
    queue = view.queues[desk.stage.id]
    return render(
        "counter_changes.html",
        language,
        site=site,
        view=view,
        desks=[shown],
        upcoming=[shown],
        queues=[queue],
        counts=[queue],
    )


def _changes(  # what the hub gives, and what it is given beforehand
    site: Callable[[], Site],
    views: LatestViews,
    language: str,
    now: Snapshot,
    touched: frozenset[UUID],  # noqa: ARG001  # the hub's
    before: Snapshot | None,
) -> str:
    """Render what a page needs to go from `before` to `now`; without `before`, all of it."""
    here = site()
    view = views.of(now)
    old = views.of(before) if before else None
    desks = view.desks.values()
    queues = view.queues.values()
    return render(
        "counter_changes.html",
        language,
        site=here,
        view=view,
        desks=[shown_desk(d, here, language) for d in desks if not old or _desk_moved(d, old)],
        upcoming=[shown_desk(d, here, language) for d in desks if not old or _next_moved(d, old)],
        queues=[
            queue
            for queue in queues
            if not old or _shown(view, queue.stage.id) != _shown(old, queue.stage.id)
        ],
        counts=[
            queue
            for queue in queues
            if not old or _count(view, queue.stage.id) != _count(old, queue.stage.id)
        ],
    )


def _desk_moved(desk: Desk, old: Counters) -> bool:
    """Tell whether a counter's page must show its desk anew.

    A free one also where somebody else is next: a call that came to nobody has used up its
    button, which the counter's other screens still show.
    """
    before = old.desks.get(desk.counter.id)
    if before is None or desk.party != before.party:
        return True
    return desk.party is None and desk.upcoming != before.upcoming


def _next_moved(desk: Desk, old: Counters) -> bool:
    before = old.desks.get(desk.counter.id)
    return before is None or desk.upcoming != before.upcoming


def _shown(view: Counters, stage: str) -> tuple[object, ...]:
    queue = view.queues.get(stage)
    return (queue.first, queue.parked, bool(queue.unseen)) if queue else ()


def _count(view: Counters, stage: str) -> tuple[object, ...]:
    queue = view.queues.get(stage)
    return (queue.parties, queue.persons) if queue else ()


def _upcoming(desk: Desk, site: Site, language: str) -> Upcoming:
    words = StepNotices(site, catalogue(language), language)
    match desk.upcoming:
        case Next(visit=visit, why=why):
            return Upcoming(visit=visit, reasons=words.reasons(why))
        case CallsPaused():
            return Upcoming(pause=words.paused(desk.upcoming))
        case None:
            return Upcoming()
