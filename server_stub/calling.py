"""Calling: a counter asks who is next, or for a number, and gets a party, a pause or nobody."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    bindparam,
    case,
    func,
    select,
    union_all,
    update,
)

from kiosk.contract.site import Site
from server_stub import event_log, tables
from server_stub.actions import Action, Press, stage_of_counter
from server_stub.event_log import EventKind, NewEvent
from server_stub.queue_rules import (
    CALLING_ORDER,
    LOOK_AHEAD,
    CalledBefore,
    CallsPaused,
    Line,
    Queue,
    Reason,
    Room,
    WaitingParty,
    Why,
    choose,
    no_room_for,
    run_after,
)
from server_stub.snapshot import VisitRow
from server_stub.step_errors import OtherStageError
from server_stub.visit import CallingClass, Step, VisitState


@dataclass(frozen=True, slots=True)
class Called:
    """A party is called.

    Attributes:
        visit: The visit, as it is now.
        why: Why it was next.

    """

    visit: VisitRow
    why: Why


@dataclass(frozen=True, slots=True)
class NobodyWaits:
    """Nobody waits at the counter's stage."""


CallAnswer = Called | CallsPaused | NobodyWaits
"""What a call comes to."""


def call_next(connection: Connection, site: Site, *, press: Press, at: datetime) -> CallAnswer:
    """Call the party that is next at the counter's stage.

    Raises:
        StepError: The counter has a party, or is none of the site.

    """
    stage = stage_of_counter(site, press)
    action = Action(connection, site, press, step=Step.CALL, at=at)
    if done := action.done_before():
        return _as_answered(action, done)
    counter = str(press.counter)
    action.require_free(counter)
    queue = _queue(action.connection, site, stage=stage, languages=_spoken_at(site, counter))
    chosen = choose(queue)
    if chosen is None:
        action.note(answer={"nobody": True})
        return NobodyWaits()
    if isinstance(chosen, CallsPaused):
        action.note(answer={"paused": asdict(chosen)})
        return chosen
    _note_passed_over(action, chosen.passed_over)
    return _call(action, action.read(chosen.party.id), why=chosen.why, run=queue.priority_run)


def call_chosen(connection: Connection, site: Site, *, press: Press, at: datetime) -> CallAnswer:
    """Call the party that the press names, waiting or parked, whoever else waits.

    Raises:
        StepError: The counter has a party, or the party is not at its stage, or cannot be called.

    """
    stage = stage_of_counter(site, press)
    action = Action(connection, site, press, step=Step.CALL, at=at)
    if done := action.done_before():
        return _as_answered(action, done)
    visit = action.subject()
    if visit.stage != stage:
        raise OtherStageError(visit.number, visit.stage)
    action.require_free(str(press.counter), but=visit.id)
    visit.progress.after(Step.CALL, at=at, counter=press.counter)  # or it cannot be called at all
    room, hall = _room_at(connection, site, stage), _hall(connection, site)
    pause = no_room_for(as_waiting(visit), stage=room, hall=hall)
    if pause:
        action.note(answer={"paused": asdict(pause)})
        return pause
    run = _priority_run(connection, site, stage)
    return _call(action, visit, why=Why(visit.calling_class), run=run)


def pause_at(connection: Connection, site: Site, *, stage: str) -> CallsPaused | None:
    """Return what is in the way of a stage's next call; None where nothing is, or nobody waits.

    For a counter without languages of its own: one that speaks the language of a smaller party
    may be able to call that one.
    """
    chosen = choose(_queue(connection, site, stage=stage, languages=frozenset()))
    return chosen if isinstance(chosen, CallsPaused) else None


def last_call(connection: Connection, site: str, *, visit: VisitRow) -> Called | None:
    """Return why a party that is called was called; None where it is not."""
    if visit.state is not VisitState.CALLED:
        return None
    answer = connection.execute(
        LAST_CALL, {"of_site": site, "of_visit": visit.id}
    ).scalar_one_or_none()
    return Called(visit, _why(answer["why"])) if answer else None


def _call(action: Action, visit: VisitRow, *, why: Why, run: int) -> Called:
    after = visit.progress.after(Step.CALL, at=action.at, counter=action.press.counter)
    called = action.take(visit, after, answer={"why": asdict(why)})
    _note_run(action, visit.stage, before=run, after=run_after(run, visit.calling_class))
    return Called(called, why)


def _as_answered(action: Action, done: Row[*tuple[Any, ...]]) -> CallAnswer:
    """Return what the same call came to when it was sent before."""
    match done.answer:
        case {"why": why}:
            return Called(action.visit_after(done), _why(why))
        case {"paused": pause}:
            return CallsPaused(**pause)
        case _:
            return NobodyWaits()


def _why(kept: Mapping[str, Any]) -> Why:
    before = (CalledBefore(b["number"], Reason(b["reason"])) for b in kept["before"])
    return Why(CallingClass(kept["calling_class"]), tuple(before))


# --- what the rules look at -----------------------------------------------------------------------


def _queue(connection: Connection, site: Site, *, stage: str, languages: frozenset[str]) -> Queue:
    hall = _hall(connection, site)
    return Queue(
        line=line_at(connection, site.id, stage),
        inside={} if hall.most is None else _insiders(connection, site, stage),
        priority_run=_priority_run(connection, site, stage),
        languages=languages,
        stage=_room_at(connection, site, stage),
        hall=hall,
    )


def _spoken_at(site: Site, counter: str) -> frozenset[str]:
    known = site.counter(counter)
    return frozenset(known.languages if known else ())


def line_at(connection: Connection, site: str, stage: str) -> Line:
    """Return the first of each class that wait at a stage, in calling order."""
    rows = connection.execute(FIRST_OF_EACH, {"of_site": site, "of_stage": stage})
    return _by_class(rows)


def _insiders(connection: Connection, site: Site, stage: str) -> Line:
    at_stage = {"of_site": site.id, "of_stage": stage}
    return _by_class(connection.execute(FIRST_INSIDE, at_stage))


def _by_class(rows: Iterable[Row[*tuple[Any, ...]]]) -> Line:
    line: dict[CallingClass, list[WaitingParty]] = {}
    for row in rows:
        called = CallingClass(row.calling_class)
        line.setdefault(called, []).append(WaitingParty(row[0], row[1], called, *row[3:]))
    for parties in line.values():
        parties.sort(key=lambda party: party.place)
    return line


def as_waiting(visit: VisitRow) -> WaitingParty:
    """Return a visit as the rules look at it."""
    return WaitingParty(
        id=visit.id,
        number=visit.number,
        calling_class=visit.calling_class,
        waits_from=visit.waits_from,
        arrival_order=visit.arrival_order,
        arrived_at=visit.arrived_at,
        language=visit.language,
        persons=max(visit.persons, 1),
        inside=visit.inside,
        passed_over=visit.passed_over,
    )


def _room_at(connection: Connection, site: Site, stage: str) -> Room:
    known = site.stage(stage)
    if known is None or known.most_persons is None:
        return Room(stage)
    there = {"of_site": site.id, "of_stage": stage}
    persons = connection.execute(PERSONS_AT_STAGE, there).scalar_one()
    return Room(stage, persons, known.most_persons)


def _hall(connection: Connection, site: Site) -> Room:
    if site.most_persons is None:
        return Room(None)
    persons = connection.execute(PERSONS_INSIDE, {"of_site": site.id}).scalar_one()
    return Room(None, persons, site.most_persons)


def _priority_run(connection: Connection, site: Site, stage: str) -> int:
    there = {"of_site": site.id, "of_stage": stage}
    return connection.execute(PRIORITY_RUN, there).scalar_one_or_none() or 0


def _note_run(action: Action, stage: str, *, before: int, after: int) -> None:
    """Store how many priority calls lie one behind the other now.

    A call that is undone stays a call here: the rule then holds for all calls that were made.
    """
    if before == after:
        return
    t = tables.stage_calls.c
    changed = action.connection.execute(
        update(tables.stage_calls)
        .where(t.site == action.site.id, t.stage == stage)
        .values(priority_run=after)
    )
    if not changed.rowcount:
        row = {"site": action.site.id, "stage": stage, "priority_run": after}
        action.connection.execute(tables.stage_calls.insert(), row)


def _note_passed_over(action: Action, visits: tuple[UUID, ...]) -> None:
    """Count that others were called before these, which is no new version of them.

    Pages that show who is next are told: whoever was passed over three times is next itself.
    """
    if not visits:
        return
    t = tables.visit.c
    action.connection.execute(
        update(tables.visit)
        .where(t.site == action.site.id, t.id.in_(visits))
        .values(passed_over=t.passed_over + 1)
    )
    told = [NewEvent(EventKind.PASSED_OVER, visit, action.at) for visit in visits]
    event_log.append_all(action.connection, action.site.id, told)


# Built once: to build a statement takes SQLAlchemy longer than the database takes to run it.
_visit = tables.visit.c
# A party of unknown size is at least one person.
_known_size = _visit.adults + _visit.children
_persons = case((_known_size > 0, _known_size), else_=1)


def _first_of(called: CallingClass, *also: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    """Return the first of a class: one range of the index of those who wait."""
    return (
        select(
            _visit.id,
            _visit.number,
            _visit.calling_class,
            _visit.waits_from,
            _visit.arrival_order,
            _visit.arrived_at,
            _visit.language,
            _persons.label("persons"),
            _visit.inside,
            _visit.passed_over,
        )
        .where(
            _visit.site == bindparam("of_site"),
            _visit.stage == bindparam("of_stage"),
            tables.visit_is_waiting,
            _visit.calling_class == called.value,
            *also,
        )
        .order_by(*(_visit[name] for name in CALLING_ORDER))
        .limit(LOOK_AHEAD)
    )


FIRST_OF_EACH = union_all(*(select(_first_of(known).subquery()) for known in CallingClass))
FIRST_INSIDE = union_all(
    *(select(_first_of(known, _visit.inside).subquery()) for known in CallingClass)
)
PERSONS_AT_STAGE = select(func.coalesce(func.sum(_persons), 0)).where(
    _visit.site == bindparam("of_site"),
    tables.visit_is_at_counter,
    _visit.stage == bindparam("of_stage"),
)
# Nobody calls those who are parked, so they would keep the hall full for as long as they stay away.
PERSONS_INSIDE = select(func.coalesce(func.sum(_persons), 0)).where(
    _visit.site == bindparam("of_site"),
    tables.visit_is_open,
    _visit.inside,
    _visit.state != VisitState.PARKED.value,
)
PRIORITY_RUN = select(tables.stage_calls.c.priority_run).where(
    tables.stage_calls.c.site == bindparam("of_site"),
    tables.stage_calls.c.stage == bindparam("of_stage"),
)
LAST_CALL = (
    select(tables.staff_action.c.answer)
    .where(
        tables.staff_action.c.site == bindparam("of_site"),
        tables.staff_action.c.visit == bindparam("of_visit"),
        tables.staff_action.c.step == Step.CALL.value,
    )
    .order_by(tables.staff_action.c.version.desc())
    .limit(1)
)
