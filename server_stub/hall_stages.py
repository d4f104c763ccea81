"""The stages of the hall, as they stand: who waits, who calls, how many came and went.

What has happened in the last hours is read by the index of each stage's passages, so that a
history of years costs nothing.
"""

from collections import Counter as Tally
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, bindparam, case, func, select

from kiosk.contract.site import Site, Stage
from server_stub import calling, tables
from server_stub.hall_forecast import LEAST_HOURS, Traffic
from server_stub.hall_rules import PartyHere, longest_first
from server_stub.queue_rules import CallsPaused
from server_stub.visit import Step, VisitState
from server_stub.wait_estimate import Service, WaitRange, pace_of
from server_stub.waits import SERVED_BY, Wait, Work, work_at_stages

HOUR = timedelta(hours=1)
QUARTER = timedelta(minutes=15)

QUARTERS_SHOWN = 16
"""Of so many quarters of an hour it is shown how many came to a stage: four hours."""


@dataclass(frozen=True, slots=True)
class Rates:
    """How many parties came to a stage, and how many were sent on or finished there.

    Attributes:
        came_hour: Came within the last hour.
        came_quarter: Within the last quarter of an hour.
        gone_hour: Were sent on or finished within the last hour.
        gone_quarter: Within the last quarter.
        hours: How much of that hour had any parties in it to come: since the first of the day
            has arrived, at least a quarter.
        by_quarter: How many came in each of the last quarters of an hour, the oldest first; the
            last ends now.

    """

    came_hour: int
    came_quarter: int
    gone_hour: int
    gone_quarter: int
    hours: float
    by_quarter: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class StageHere:
    """A stage as it stands.

    Attributes:
        stage: As the site file has it.
        counters: Those that the site file has for it.
        open_counters: Those that call; see `waits.Work`.
        logged_in: Those that somebody who is logged in has chosen.
        waiting: How many parties wait.
        persons: How many those are; one where nobody knows.
        parked: How many parties are put aside.
        first: Who waits the longest, if anybody does.
        wait: What a party is told that comes now.
        rates: How many came and went.
        services: The last ones.
        pause: What keeps the next party from being called; None where nothing does.

    """

    stage: Stage
    counters: tuple[str, ...]
    open_counters: frozenset[str]
    logged_in: frozenset[str]
    waiting: int
    persons: int
    parked: int
    first: PartyHere | None
    wait: WaitRange | None
    rates: Rates
    services: tuple[Service, ...]
    pause: CallsPaused | None

    @property
    def traffic(self) -> Traffic:
        """The last hour, as the forecast goes by it."""
        return Traffic(
            waiting=self.waiting,
            came=self.rates.came_hour,
            served=self.rates.gone_hour,
            counters=len(self.open_counters),
            hours=self.rates.hours,
            busiest=max(self.rates.by_quarter[-(HOUR // QUARTER) :]),
            # Desks are counted by parties, so one party is one service, however many it is.
            pace=pace_of([Service(one.minutes, 1) for one in self.services]),
        )


def read_stages(
    connection: Connection,
    site: Site,
    parties: Sequence[PartyHere],
    *,
    at: datetime,
    opened: datetime,
) -> tuple[StageHere, ...]:
    """Return the stages of the site file, in its order.

    Args:
        connection: In a transaction, so that all of it is of one moment.
        site: The site.
        parties: All who have an open visit, as that transaction sees them.
        at: The present moment.
        opened: When the first party of the day came; no rate is older.

    """
    work = work_at_stages(connection, site, at=at)
    hours = max(min((at - opened) / HOUR, 1.0), LEAST_HOURS)
    rates = _rates(connection, site, parties, at=at, hours=hours)
    chosen = frozenset(connection.execute(LOGGED_IN, {"of_site": site.id, "at": at}).scalars())
    return tuple(
        _stage(
            stage,
            [party for party in parties if party.stage == stage.id],
            counters=tuple(c.id for c in site.counters if c.stage == stage.id),
            work=work[stage.id],
            rates=rates[stage.id],
            chosen=chosen,
            pause=_pause(connection, site, stage),
        )
        for stage in site.stages
    )


def _stage(  # noqa: PLR0913  # all that a stage is made of
    stage: Stage,
    here: list[PartyHere],
    *,
    counters: tuple[str, ...],
    work: tuple[Wait, Work],
    rates: Rates,
    chosen: frozenset[str],
    pause: CallsPaused | None,
) -> StageHere:
    wait, done = work
    waiting = [party for party in here if party.state is VisitState.WAITING]
    return StageHere(
        stage=stage,
        counters=counters,
        open_counters=done.counters,
        logged_in=chosen.intersection(counters),
        waiting=len(waiting),
        persons=sum(max(party.persons, 1) for party in waiting),
        parked=sum(party.state is VisitState.PARKED for party in here),
        first=next(iter(longest_first(waiting, most=1)), None),
        wait=wait.range,
        rates=rates,
        services=done.services,
        pause=pause,
    )


def _pause(connection: Connection, site: Site, stage: Stage) -> CallsPaused | None:
    """Return what is in the way of the next call; nothing is where nobody has set a limit."""
    if site.most_persons is None and stage.most_persons is None:
        return None
    return calling.pause_at(connection, site, stage=stage.id)


def _rates(
    connection: Connection,
    site: Site,
    parties: Sequence[PartyHere],
    *,
    at: datetime,
    hours: float,
) -> dict[str, Rates]:
    """Return how many came and went; who is still at a stage came to it too."""
    known = {
        "of_site": site.id,
        "of_stages": [stage.id for stage in site.stages],
        "at": at,
        "hour_ago": at - HOUR,
        "quarter_ago": at - QUARTER,
        **{name: at - (place + 1) * QUARTER for place, name in enumerate(CAME)},
    }
    gone = {row.stage: row for row in connection.execute(PASSAGES, known)}
    return {
        stage.id: _counted(
            gone.get(stage.id),
            [party.since for party in parties if party.stage == stage.id],
            at=at,
            hours=hours,
        )
        for stage in site.stages
    }


def _counted(
    gone: Row[*tuple[Any, ...]] | None, here: Iterable[datetime], *, at: datetime, hours: float
) -> Rates:
    quarters = Tally((at - moment) // QUARTER for moment in here if moment <= at)
    if gone is not None:
        came = (0, *(getattr(gone, name) for name in CAME))
        for place, (later, all_since) in enumerate(pairwise(came)):
            quarters[place] += all_since - later
    return Rates(
        came_hour=sum(quarters[place] for place in range(HOUR // QUARTER)),
        came_quarter=quarters[0],
        gone_hour=gone.gone_hour if gone else 0,
        gone_quarter=gone.gone_quarter if gone else 0,
        hours=hours,
        by_quarter=tuple(quarters[place] for place in reversed(range(QUARTERS_SHOWN))),
    )


# Built once: to build a statement takes SQLAlchemy longer than the database takes to run it.
_passage = tables.passage.c
CAME = tuple(f"came_in_{place + 1}_quarters" for place in range(QUARTERS_SHOWN))


def _how_many(*which: ColumnElement[bool]) -> ColumnElement[int]:
    return func.sum(case((and_(*which), 1), else_=0))


# Added up by the database: of four busy hours these are many thousands.
PASSAGES = (
    select(
        _passage.stage,
        *(
            _how_many(
                _passage.waited_from > bindparam(name), _passage.waited_from <= bindparam("at")
            ).label(name)
            for name in CAME
        ),
        *(
            _how_many(_passage.ended_by.in_(SERVED_BY), _passage.ended_at > bindparam(since)).label(
                name
            )
            for name, since in (("gone_hour", "hour_ago"), ("gone_quarter", "quarter_ago"))
        ),
    )
    .where(
        _passage.site == bindparam("of_site"),
        _passage.stage.in_(bindparam("of_stages", expanding=True)),
        _passage.ended_at > bindparam(CAME[-1]),
        _passage.ended_by != Step.CARRY_OVER.value,  # it has come to no other stage
    )
    .group_by(_passage.stage)
)
_session = tables.staff_session.c
LOGGED_IN = select(_session.counter).where(
    _session.site == bindparam("of_site"),
    _session.expires_at > bindparam("at"),
    _session.counter.is_not(None),
)
