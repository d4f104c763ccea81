"""The moves that a new site file asks for: which party goes on where, and why. Pure."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from kiosk.contract.site import Site
from server_stub.progress import Progress
from server_stub.visit import AT_COUNTER, Step


class Why(StrEnum):
    """What of a party's visit is not there any more; the first that holds is told."""

    STAGE = "stage"
    COUNTER = "counter"
    ROUTE = "route"


@dataclass(frozen=True, slots=True)
class Way:
    """Where a party goes on.

    Attributes:
        route: Its stages, each of them in the site file.
        stage: Where it is.
        asked_again: Nothing was left of its route from here on: it is at the first stage, where
            staff ask what it still needs.

    """

    route: tuple[str, ...]
    stage: str
    asked_again: bool = False


@dataclass(frozen=True, slots=True)
class Move:
    """What a new site file makes of an open visit.

    Attributes:
        why: What it has lost.
        way: Where it goes on.
        lost: The stages still to come that are taken out of its route.

    """

    why: Why
    way: Way
    lost: tuple[str, ...]

    @property
    def step(self) -> Step:
        """The step that is stored."""
        return Step.REROUTE if self.why is Why.ROUTE else Step.MOVE

    def of(self, progress: Progress, *, at: datetime) -> Progress:
        """Return the progress of the visit after it."""
        if self.why is not Why.ROUTE:
            return progress.moved(self.way.route, stage=self.way.stage, at=at)
        later = self.way.route[self.way.route.index(self.way.stage) + 1 :]
        return replace(progress.rerouted(later), route=self.way.route)


def move(progress: Progress, site: Site) -> Move | None:
    """Return what a site makes of an open visit; None where the visit fits as it is."""
    there = {stage.id for stage in site.stages}
    to_come = (progress.stage, *progress.later)
    lost = tuple(stage for stage in to_come if stage not in there)
    if why := _why(progress, site, lost):
        return Move(why, way_on(progress.route, progress.stage, site), lost)
    return None


def _why(progress: Progress, site: Site, lost: tuple[str, ...]) -> Why | None:
    if progress.stage in lost:
        return Why.STAGE
    counter = site.counter(progress.counter or "")
    if progress.state in AT_COUNTER and (counter is None or counter.stage != progress.stage):
        return Why.COUNTER
    return Why.ROUTE if lost else None


def way_on(route: tuple[str, ...], stage: str, site: Site) -> Way:
    """Return a route without the stages that a site does not have, and where on it a party is.

    A party whose stage is gone is at the next one of its route; at the first of the site where
    there is none, for nobody knows what it still needs.
    """
    there = {known.id for known in site.stages}
    at = route.index(stage)
    passed = tuple(known for known in route[:at] if known in there)
    to_come = tuple(known for known in route[at:] if known in there)
    if to_come:
        return Way((*passed, *to_come), to_come[0])
    first = (*site.first_stages, site.stages[0].id)[0]
    return Way((*(known for known in passed if known != first), first), first, asked_again=True)
