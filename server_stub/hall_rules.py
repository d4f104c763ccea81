"""The rules of the hall: where people are needed, and which parties nobody has seen again. Pure."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID
from zoneinfo import ZoneInfo

from kiosk.contract.hours import DAY, Hours, dates, minutes
from kiosk.contract.site import Site, Stage
from server_stub.hall_forecast import Desks
from server_stub.progress import CALLS_BEFORE_NO_SHOW
from server_stub.visit import VisitState
from server_stub.waits import FORGOTTEN

TIME_TO_COME = timedelta(minutes=10)
"""From the call to the counter; a party that nobody has noted by then is looked for."""

TIME_BETWEEN_STAGES = timedelta(minutes=30)
"""A party that was sent on waits no longer where nobody calls."""


@dataclass(frozen=True, slots=True)
class PartyHere:
    """A party with an open visit, as far as the hall shows it.

    Attributes:
        id: The visit's id.
        number: As printed.
        stage: Where it is.
        sent_on: It has passed another stage before.
        state: Where it stands there.
        counter: Which called it last, if any.
        persons: How many they are; 0 where nobody knows.
        priority: Set by staff.
        since: When it came to the stage.
        called_at: When it was called last, at any stage.
        calls: How often it was called at this stage.
        inside: It was called and may be in the hall.
        service_day: On which it arrived.
        carried_over: When it was taken to another day; None where it never was.
        appointment_at: Its appointment, if staff have confirmed one.

    """

    id: UUID
    number: str
    stage: str
    sent_on: bool
    state: VisitState
    counter: str | None
    persons: int
    priority: bool
    since: datetime
    called_at: datetime | None
    calls: int
    inside: bool
    service_day: date
    carried_over: datetime | None
    appointment_at: datetime | None


class Missing(StrEnum):
    """Why nobody knows where a party is."""

    CALLED_IN_VAIN = "called-in-vain"  # three times, and the counter still waits for it
    PUT_ASIDE = "put-aside"  # called three times, then put aside
    NOT_NOTED = "not-noted"  # called ten minutes ago, and nobody has noted that it came
    NOBODY_CALLS = "nobody-calls"  # half an hour at a stage without an open counter
    FORGOTTEN = "forgotten"  # at a counter for four hours, at whatever stage


def missing(party: PartyHere, *, open_counters: Collection[str], at: datetime) -> Missing | None:
    """Return why nobody may know where a party is; None where nothing speaks for it.

    That is one that was sent on and may never have come, or one whose visit nobody has ended.

    Args:
        party: It.
        open_counters: Those of its stage.
        at: The present moment.

    """
    why = None
    match party.state:
        case VisitState.CALLED | VisitState.SERVING if _longer_ago(party.called_at, FORGOTTEN, at):
            return Missing.FORGOTTEN
        case VisitState.CALLED if party.calls >= CALLS_BEFORE_NO_SHOW:
            why = Missing.CALLED_IN_VAIN
        case VisitState.CALLED if _longer_ago(party.called_at, TIME_TO_COME, at):
            why = Missing.NOT_NOTED
        case VisitState.PARKED if not party.inside:
            why = Missing.PUT_ASIDE
        case VisitState.WAITING if _longer_ago(party.since, TIME_BETWEEN_STAGES, at):
            why = None if open_counters else Missing.NOBODY_CALLS
    return why if party.sent_on else None


def _longer_ago(moment: datetime | None, duration: timedelta, at: datetime) -> bool:
    return moment is not None and at - moment > duration


class Need(StrEnum):
    """What a stage needs of whoever puts people to counters."""

    OPEN_ONE = "open-one"  # somebody waits and nobody calls
    MORE = "more"
    ALL_OPEN = "all-open"  # more than there are
    SPARE = "spare"  # has more than it needs
    NONE = "none"
    UNKNOWN = "unknown"  # nobody knows how long a service takes
    CLOSED = "closed"  # by its hours, and nobody waits


@dataclass(frozen=True, slots=True)
class Advice:
    """What to do at one stage, and with how many counters."""

    need: Need
    counters: int = 0


def advise(
    *, waiting: int, open_counters: int, counters: int, desks: Desks | None, is_open: bool
) -> Advice:
    """Return what a stage needs.

    Args:
        waiting: Parties that wait there.
        open_counters: How many call.
        counters: How many the site file has.
        desks: How many the next hour needs, where that is known.
        is_open: Its hours say so; a closed stage gives its counters away, but for its last party.

    """
    if waiting and not open_counters:
        return Advice(Need.OPEN_ONE, max(min(desks.needed if desks else 1, counters), 1))
    if not is_open and not waiting:
        return Advice(Need.SPARE, open_counters) if open_counters else Advice(Need.CLOSED)
    if desks is None:
        return Advice(Need.UNKNOWN)
    short = desks.needed - open_counters
    if short > 0:
        more = min(short, counters - open_counters)
        return Advice(Need.MORE, more) if more > 0 else Advice(Need.ALL_OPEN, short)
    spare = open_counters - max(desks.needed, 1)
    return Advice(Need.SPARE, spare) if spare > 0 else Advice(Need.NONE)


class Level(StrEnum):
    """How soon somebody should look at it."""

    URGENT = "urgent"
    SOON = "soon"
    FINE = "fine"
    CALM = "calm"  # nothing happens there


def level(advice: Advice, *, longest: timedelta | None, target: timedelta, is_quiet: bool) -> Level:
    """Return how soon somebody should look at a stage.

    At once, where nobody calls, or somebody waits twice the target; soon, where somebody waits
    longer than that, or counters are missing.
    """
    waited = longest or timedelta()
    if advice.need is Need.OPEN_ONE or waited > 2 * target:
        return Level.URGENT
    if advice.need in (Need.MORE, Need.ALL_OPEN) or waited > target:
        return Level.SOON
    return Level.CALM if is_quiet else Level.FINE


def longest_first(parties: Iterable[PartyHere], *, most: int) -> list[PartyHere]:
    """Return the parties that wait the longest."""
    waiting = [party for party in parties if party.state is VisitState.WAITING]
    return sorted(waiting, key=lambda party: (party.since, party.number))[:most]


def is_open(site: Site, stage: Stage, *, at: datetime) -> bool:
    """Return whether a stage is open by the hours of the site file, closures included."""
    local = at.astimezone(ZoneInfo(site.time_zone))
    minute, today = local.hour * 60 + local.minute, local.date()
    hours_of = [_hours_on(site, stage, today - timedelta(days=back)) for back in (0, 1)]
    return any(
        opens <= minute + back * DAY < closes
        for back, spans in enumerate(hours_of)
        for opens, closes in spans
    )


def _hours_on(site: Site, stage: Stage, day: date) -> Sequence[tuple[int, int]]:
    """Return when a stage is open of what belongs to a day, in minutes since its midnight."""
    closure = next((c for c in site.closures if _holds(c.days, day)), None)
    if closure is not None:
        whole = [minutes(span) for span in closure.hours]
    else:
        whole = _spans(site.hours, day) if site.hours else [(0, DAY)]
    if stage.hours is None:
        return whole
    own = _spans(stage.hours, day)
    return [(max(a, c), min(b, d)) for a, b in whole for c, d in own if max(a, c) < min(b, d)]


def _spans(hours: Hours, day: date) -> list[tuple[int, int]]:
    return [minutes(span) for span in hours.on(day.weekday())]


def _holds(days: str, day: date) -> bool:
    first, last = dates(days)
    return first <= day <= last
