"""The calls on the wall: which numbers stand, and where each is to go. Pure."""

from dataclasses import dataclass
from uuid import UUID

from kiosk.contract.site import Site, Stage
from server_stub.snapshot import Snapshot
from server_stub.visit import VisitState


@dataclass(frozen=True, slots=True)
class Call:
    """One call that stands.

    Attributes:
        visit: Whose it is; tells a number that is called again from another one.
        called_at_ms: When it was last called, in milliseconds since 1970.
        number: The party's number.
        counter: Where it goes.
        stage: The stage of that counter, whose landmark and door it shows; its name is never
            shown, for it may tell what somebody needs. None where the site file has changed.
        language: The party's, where it is known.
        arrived: Whether it is at the counter: the wall need not call it any more.

    """

    visit: UUID
    called_at_ms: int
    number: str
    counter: str
    stage: Stage | None
    language: str | None
    arrived: bool


def calls_of(snapshot: Snapshot, site: Site) -> list[Call]:
    """Return the calls that stand, newest first."""
    stages = {counter.id: site.stage(counter.stage) for counter in site.counters}
    return [
        Call(
            visit=visit.id,
            called_at_ms=round(visit.called_at.timestamp() * 1000),
            number=visit.number,
            counter=visit.counter,
            stage=stages.get(visit.counter),
            language=visit.language,
            arrived=visit.state is VisitState.SERVING,
        )
        for visit in snapshot.calls
        if visit.counter and visit.called_at  # all have both
    ]
