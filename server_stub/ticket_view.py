"""What the holder of a ticket sees of its visit: no more than the slip and the wall tell. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from kiosk.contract.site import Site
from server_stub.snapshot import VisitRow
from server_stub.visit import VisitState
from server_stub.waits import Wait

KEPT_AFTER_ITS_END = timedelta(hours=24)
"""So long after a visit has ended its ticket says so; then nobody knows it any more."""

SECONDS_WHILE_CALLED = 8
SECONDS_OTHERWISE = 15
SECONDS_BY_PARTIES_AHEAD = ((2, 3), (8, 6), (20, 10))
"""Up to so many parties ahead, a phone looks again after so many seconds."""

SECONDS_AFTER_THE_END = 60


class Standing(StrEnum):
    """What the page says first."""

    WAITING = "waiting"
    CALLED = "called"
    SERVING = "serving"
    PARKED = "parked"
    ENDED = "ended"


class Passed(StrEnum):
    """Where a place is on the party's way."""

    DONE = "done"
    HERE = "here"
    LATER = "later"


@dataclass(frozen=True, slots=True)
class PlaceOnTheWay:
    """One stage of the route, as the slip shows it: by landmark and door, never by its name."""

    landmark: str
    door: str
    passed: Passed


@dataclass(frozen=True, slots=True)
class TicketView:
    """A ticket, ready to be shown.

    Attributes:
        number: The number that is called.
        printed: The number on the slip, where its party goes on under another; else None.
        standing: What the page says first.
        counter: Where the party is called to or served; else None.
        here: The place where the party is now; None after its end, or where nobody knows the stage.
        places: The whole way; empty after its end.
        wait: Until its call; None where it waits for none.
        call: A name for this very call, so that each rings once; "" where it is not called.
        seconds: After so many a phone looks again.

    """

    number: str
    printed: str | None
    standing: Standing
    counter: str | None
    here: PlaceOnTheWay | None
    places: tuple[PlaceOnTheWay, ...]
    wait: Wait | None
    call: str
    seconds: int


STANDINGS = {
    VisitState.WAITING: Standing.WAITING,
    VisitState.CALLED: Standing.CALLED,
    VisitState.SERVING: Standing.SERVING,
    VisitState.PARKED: Standing.PARKED,
    VisitState.FINISHED: Standing.ENDED,
    VisitState.LEFT: Standing.ENDED,
    VisitState.MERGED: Standing.ENDED,  # only where the other visit is gone
}


def is_over(visit: VisitRow, *, now: datetime) -> bool:
    """Tell whether the ticket of a visit is worth nothing any more."""
    return visit.ended_at is not None and now - visit.ended_at > KEPT_AFTER_ITS_END


def view_of(visit: VisitRow, site: Site, *, printed: str, wait: Wait | None) -> TicketView:
    """Return what the holder of a ticket sees.

    Args:
        visit: As it is now; where it was merged, the one that it goes on as.
        site: Whose stages they are.
        printed: The number on the slip.
        wait: Until the visit's call, where it waits for one.

    """
    standing = STANDINGS[visit.state]
    at_counter = standing in {Standing.CALLED, Standing.SERVING}
    places = () if standing is Standing.ENDED else _way(visit, site)
    return TicketView(
        number=visit.number,
        printed=printed if printed != visit.number else None,
        standing=standing,
        counter=visit.counter if at_counter else None,
        here=next((place for place in places if place.passed is Passed.HERE), None),
        places=places,
        wait=wait,
        call=_call(visit) if standing is Standing.CALLED else "",
        seconds=_seconds(standing, wait),
    )


def _call(visit: VisitRow) -> str:
    """Return a name for the call that stands: its time, for a count begins anew at times."""
    return visit.called_at.isoformat() if visit.called_at else ""


def _way(visit: VisitRow, site: Site) -> tuple[PlaceOnTheWay, ...]:
    here = visit.route.index(visit.stage)
    known = [(index, site.stage(name)) for index, name in enumerate(visit.route)]
    return tuple(
        PlaceOnTheWay(stage.landmark, stage.door, _passed(index, here))
        for index, stage in known
        if stage
    )


def _passed(index: int, here: int) -> Passed:
    if index == here:
        return Passed.HERE
    return Passed.DONE if index < here else Passed.LATER


def _seconds(standing: Standing, wait: Wait | None) -> int:
    match standing:
        case Standing.CALLED | Standing.SERVING:
            return SECONDS_WHILE_CALLED
        case Standing.ENDED:
            return SECONDS_AFTER_THE_END
        case _:
            near = (
                seconds
                for most, seconds in SECONDS_BY_PARTIES_AHEAD
                if wait and wait.parties_ahead <= most
            )
            return next(near, SECONDS_OTHERWISE)
