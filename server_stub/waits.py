"""The waits: how long the queue of each stage is now, and when a party will be called.

Read from the visits that wait and are at counters, and from the passages that ended lately. What
it comes to is `wait_estimate`'s. A stage is read by its indices, so that neither a history of years
nor a busy hour costs anything; nothing is kept in memory, so that it is never stale.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    and_,
    bindparam,
    case,
    func,
    or_,
    select,
    tuple_,
)

from kiosk.contract.site import Site, Stage
from server_stub import tables
from server_stub.direct_sql import DirectStatement, OneOf
from server_stub.queue_rules import CALLING_ORDER
from server_stub.visit import CallingClass, Step
from server_stub.wait_estimate import (
    Queue,
    Service,
    WaitRange,
    called_before,
    called_before_priority,
    estimate,
    pace_of,
)

LAST_SERVICES = 40
"""The pace of a stage is measured on so many of its last services."""

SERVICES_HOLD = timedelta(days=14)
"""An older service tells nothing of today's."""

IDLE_BEFORE_PARTIES = timedelta(minutes=10)
"""A counter that has called nobody for longer, while parties wait, is closed."""

IDLE = timedelta(hours=1)
"""While nobody waits, a counter that had a party so lately is open: it had nobody to call."""

LAST_WAIT_HOLDS = timedelta(minutes=30)
"""A party that was called earlier tells nothing of the wait now."""

LONGEST_WALK = timedelta(minutes=10)
"""From call to counter. Between a longer pair the party was away, and the counter with others."""

FORGOTTEN = timedelta(hours=4)
"""A party that was called longer ago keeps no counter: nobody has ended its visit."""

SERVED_BY = (Step.FORWARD.value, Step.FINISH.value)
"""The steps that end a service; who left or was given up was not served."""

_PERSONS = case(
    (
        tables.visit.c.adults + tables.visit.c.children > 0,
        tables.visit.c.adults + tables.visit.c.children,
    ),
    else_=1,  # how many they are could not be read
)

_VISIT_OF_PASSAGE = and_(
    tables.visit.c.site == tables.passage.c.site, tables.visit.c.id == tables.passage.c.visit
)

_ORDER = tuple(tables.visit.c[name] for name in ("calling_class", *CALLING_ORDER))
"""Who is called before whom, as the index of the waiting has it."""


@dataclass(frozen=True, slots=True)
class Wait:
    """How long a party will wait for its call.

    Attributes:
        parties_ahead: Of those that wait now, how many will be called before it.
        persons_ahead: How many those are together.
        range: Minutes from now on; None where nothing is known to tell them by.

    """

    parties_ahead: int
    persons_ahead: int
    range: WaitRange | None


@dataclass(frozen=True, slots=True)
class Work:
    """What is done at a stage, as waits are told by it.

    Attributes:
        counters: The open ones: each has a party, or let go of one within 10 minutes; within an
            hour, while nobody waits.
        services: The last ones, the newest first.

    """

    counters: frozenset[str]
    services: tuple[Service, ...]


@dataclass(slots=True)
class _Line:
    """Parties that wait at a stage, of one kind: with priority or without."""

    parties: int = 0
    persons: int = 0

    def persons_of(self, parties: int) -> int:
        """Return how many persons the first so many parties are, by their mean."""
        return math.ceil(self.persons * parties / self.parties) if self.parties else 0


class _Ended(NamedTuple):
    """A service that ended, as `SERVICES` reads it; `waited_from` is since when it had waited."""

    persons: int
    waited_from: datetime
    first_called_at: datetime | None
    served_at: datetime
    ended_at: datetime
    calling_class: int


@dataclass(slots=True)
class _StageNow:
    """A stage at this moment.

    Attributes:
        stage: As the site file has it.
        someone_waits: Whether a counter that calls nobody could call somebody.
        priority: Those with priority that wait before the party at hand.
        others: Those without.
        run: How many of the last calls were priority, one behind the other.
        taken: The counters that have a party.
        let_go: When each counter let go of its last party, within the last hour.
        services: The last ones, the newest first, and which were of parties with priority.
        last_call: When a party without priority was called last, of those at counters and of the
            last services, and since when it had waited.
        first_since: Since when the one without priority has waited that is here the longest.

    """

    stage: Stage
    someone_waits: bool = False
    priority: _Line = field(default_factory=_Line)
    others: _Line = field(default_factory=_Line)
    run: int = 0
    taken: set[str] = field(default_factory=set)
    let_go: dict[str, datetime] = field(default_factory=dict)
    services: list[tuple[Service, bool]] = field(default_factory=list)
    last_call: tuple[datetime, datetime] | None = None
    first_since: datetime | None = None

    def units(self, parties: int, persons: int) -> int:
        """Return parties or persons, whichever its services are counted in."""
        return persons if self.stage.per_person else parties

    def ahead(self, *, has_priority: bool) -> tuple[int, int]:
        """Return how many parties and persons are called before the party at hand."""
        lines = {"priority": self.priority.parties, "others": self.others.parties}
        if has_priority:
            own, across = self.priority, self.others
            parties = called_before_priority(**lines, run=self.run)
        else:
            own, across = self.others, self.priority
            parties = called_before(**lines, run=self.run)
        return parties, own.persons + across.persons_of(parties - own.parties)

    def open_counters(self, at: datetime) -> set[str]:
        """Return the counters that have a party, or would call the next one."""
        idle = IDLE_BEFORE_PARTIES if self.someone_waits else IDLE
        return self.taken | {name for name, moment in self.let_go.items() if at - moment <= idle}

    def note_call(self, called_at: datetime, *, since: datetime) -> None:
        """Take in that a party was called in its turn, and since when it had waited."""
        if self.last_call is None or called_at > self.last_call[0]:
            self.last_call = (called_at, since)

    def last_wait(self, at: datetime) -> float | None:
        """Return the last wait, or that of the first in line so far if it is longer; minutes."""
        waits = [at - self.first_since] if self.first_since else []
        if self.last_call and at - self.last_call[0] <= LAST_WAIT_HOLDS:
            waits.append(self.last_call[0] - self.last_call[1])
        return _minutes(max(waits)) if waits else None


def waits_of_newcomers(connection: Connection, site: Site, *, at: datetime) -> dict[str, Wait]:
    """Return for each stage the wait of a party that comes to it now, without priority.

    How many it is does not matter: its own service begins when its wait is over.
    """
    return {
        name: _wait(now, at=at, has_priority=False)
        for name, now in _stages_now(connection, site, at=at).items()
    }


def work_at_stages(
    connection: Connection, site: Site, *, at: datetime
) -> dict[str, tuple[Wait, Work]]:
    """Return for each stage the wait of a party that comes to it now, and what it is told by."""
    found = {}
    for name, now in _stages_now(connection, site, at=at).items():
        work = Work(frozenset(now.open_counters(at)), tuple(one for one, _ in now.services))
        found[name] = (_wait(now, at=at, has_priority=False), work)
    return found


def _stages_now(connection: Connection, site: Site, *, at: datetime) -> dict[str, _StageNow]:
    stages = {stage.id: _StageNow(stage) for stage in site.stages}
    _read_waiting(connection, site.id, stages)
    _read_work(connection, site.id, stages, at=at)
    return stages


def wait_of(connection: Connection, site: Site, *, visit: UUID, at: datetime) -> Wait | None:
    """Return the wait of a visit until its call; None where it waits for none."""
    found = PLACE.ask(connection, {"of_site": site.id, "of_visit": visit}).rows()
    stage = site.stage(found[0][0]) if found else None
    if stage is None:
        return None
    _, *place = found[0]
    has_priority = place[0] == CallingClass.PRIORITY
    stages = {stage.id: _StageNow(stage, someone_waits=True)}
    _read_waiting(connection, site.id, stages, before=place)
    _read_work(connection, site.id, stages, at=at)
    return _wait(stages[stage.id], at=at, has_priority=has_priority)


def _wait(now: _StageNow, *, at: datetime, has_priority: bool) -> Wait:
    parties, persons = now.ahead(has_priority=has_priority)
    queue = Queue(
        ahead=now.units(parties, persons),
        counters=len(now.open_counters(at)),
        taken=len(now.taken),
        overtaking=0.0 if has_priority else _share_of_priority(now.services),
        last_wait=now.last_wait(at),
    )
    return Wait(parties, persons, estimate(queue, pace_of([one for one, _ in now.services])))


def _share_of_priority(services: list[tuple[Service, bool]]) -> float:
    units = sum(one.units for one, _ in services)
    return sum(one.units for one, priority in services if priority) / units if units else 0.0


def _read_waiting(
    connection: Connection,
    site: str,
    stages: dict[str, _StageNow],
    *,
    before: Sequence[object] | None = None,
) -> None:
    """Read who waits, and how the last calls went; only those before a place where one is given."""
    which = {"of_site": site, "of_stages": list(stages)}
    if before is None:
        waiting = WAITING.ask(connection, which)
    else:
        place = {f"of_{column.name}": value for column, value in zip(_ORDER, before, strict=True)}
        waiting = WAITING_BEFORE.ask(connection, which | place)
    for stage, calling_class, parties, persons, since in waiting.rows():
        now = stages[stage]
        now.someone_waits = True
        if calling_class == CallingClass.PRIORITY:
            line = now.priority
        else:
            line = now.others
            now.first_since = min(since, now.first_since or since)
        line.parties += parties
        line.persons += persons
    for stage, run in RUNS.ask(connection, which).rows():
        stages[stage].run = run


def _read_work(
    connection: Connection, site: str, stages: dict[str, _StageNow], *, at: datetime
) -> None:
    """Read who is at the counters, who was within the last hour, and the last services."""
    which = {"of_site": site, "of_stages": list(stages), "after": at - FORGOTTEN}
    here = AT_COUNTERS.ask(connection, which).rows()
    for stage, counter, called_at, since, calling_class in here:
        now = stages[stage]
        now.taken.add(counter)
        if called_at and calling_class != CallingClass.PRIORITY:
            now.note_call(called_at, since=since)
    for now in stages.values():
        which = {"of_site": site, "of_stage": now.stage.id}
        for counter, ended_at in LET_GO.ask(connection, which | {"after": at - IDLE}).rows():
            if ended_at is not None:
                now.let_go[counter] = ended_at
        for row in SERVICES.ask(connection, which | {"after": at - SERVICES_HOLD}).rows():
            _take_in(now, _Ended(*row), at=at)


def _take_in(now: _StageNow, last: _Ended, *, at: datetime) -> None:
    has_priority = last.calling_class == CallingClass.PRIORITY
    minutes = _minutes(last.ended_at - _taken_from(last))
    now.services.append((Service(minutes, now.units(1, max(last.persons, 1))), has_priority))
    if last.first_called_at and last.ended_at > at - IDLE and not has_priority:
        now.note_call(last.first_called_at, since=last.waited_from)


def _taken_from(last: _Ended) -> datetime:
    """Return since when a party kept the counter that served it: from its call, if it came."""
    called, served = last.first_called_at, last.served_at
    return called if called and served - called <= LONGEST_WALK else served


def _minutes(duration: timedelta) -> float:
    return duration.total_seconds() / 60


# Built once: to build a statement takes SQLAlchemy longer than the database takes to run it.
_visit = tables.visit.c
_at_stages = and_(_visit.site == bindparam("of_site"), OneOf(_visit.stage, "of_stages"))
PLACE = DirectStatement(
    select(_visit.stage, *_ORDER).where(
        _visit.site == bindparam("of_site"),
        _visit.id == bindparam("of_visit"),
        tables.visit_is_waiting,
    )
)


def _waiting(*which: ColumnElement[bool]) -> DirectStatement:
    """Return the query of how many wait at some stages, with priority and without."""
    query = select(
        _visit.stage,
        _visit.calling_class,
        func.count().label("parties"),
        func.sum(_PERSONS).label("persons"),
        func.min(_visit.stage_since).label("since"),
    )
    here = query.where(_at_stages, tables.visit_is_waiting, *which)
    return DirectStatement(here.group_by(_visit.stage, _visit.calling_class), gathered=True)


_given = tuple(bindparam(f"of_{column.name}", type_=column.type) for column in _ORDER)
_calling_class = _given[0]
WAITING = _waiting()
WAITING_BEFORE = _waiting(
    or_(
        tuple_(*_ORDER) < tuple_(*_given),
        # Of the other kind all are counted: the two are called by turns.
        (_visit.calling_class == CallingClass.PRIORITY)
        != (_calling_class == CallingClass.PRIORITY),
    )
)
RUNS = DirectStatement(
    select(tables.stage_calls.c.stage, tables.stage_calls.c.priority_run).where(
        tables.stage_calls.c.site == bindparam("of_site"),
        OneOf(tables.stage_calls.c.stage, "of_stages"),
    ),
    gathered=True,
)
AT_COUNTERS = DirectStatement(
    select(
        _visit.stage,
        _visit.counter,
        _visit.first_called_at,
        _visit.stage_since,
        _visit.calling_class,
    ).where(_at_stages, tables.visit_is_at_counter, _visit.called_at > bindparam("after")),
    gathered=True,
)
_passage = tables.passage.c
_of_stage = and_(_passage.site == bindparam("of_site"), _passage.stage == bindparam("of_stage"))
_services = (
    select(
        _passage.persons,
        _passage.waited_from,
        _passage.first_called_at,
        _passage.served_at,
        _passage.ended_at,
        tables.visit.c.calling_class,
    )
    .join_from(tables.passage, tables.visit, _VISIT_OF_PASSAGE)
    .where(
        _of_stage,
        _passage.ended_at > bindparam("after"),
        _passage.served_at.is_not(None),
        or_(*(_passage.ended_by == step for step in SERVED_BY)),
    )
    .order_by(_passage.ended_at.desc())
    .limit(LAST_SERVICES)
)
SERVICES = DirectStatement(_services, gathered=True)


def _let_go() -> Select[*tuple[Any, ...]]:
    """Return the query of when each counter of a stage let go of its last party.

    From one counter's name to the next by the index, and of each its last passage: of a busy hour
    there are thousands, and every heartbeat asks.
    """
    counters = (
        select(func.min(_passage.counter).label("counter"))
        .where(_of_stage)
        .cte("counters", recursive=True)
    )
    another = (
        select(func.min(_passage.counter))
        .where(_of_stage, _passage.counter > counters.c.counter)
        .correlate(counters)
        .scalar_subquery()
    )
    counters = counters.union_all(select(another).where(counters.c.counter.is_not(None)))
    last = (
        select(func.max(_passage.ended_at))
        .where(
            _of_stage,
            _passage.counter == counters.c.counter,
            _passage.ended_at > bindparam("after"),
        )
        .correlate(counters)
        .scalar_subquery()
    )
    return select(counters.c.counter, last.label("ended_at")).where(counters.c.counter.is_not(None))


LET_GO = DirectStatement(_let_go(), gathered=True)
