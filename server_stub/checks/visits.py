"""Checks of the visits: where each party is, and that nobody is called twice or by nobody."""

from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import ColumnElement, Row, String, and_, case, cast, func, literal, or_, select
from sqlalchemy.orm import aliased

from server_stub import tables
from server_stub.arrival import service_day
from server_stub.checks.finding import Check, Finding, Look, stream
from server_stub.retention_periods import Kind, read_periods
from server_stub.visit import OPEN, CallingClass, VisitState

v = tables.visit.c
Visits = Iterable[Row[*tuple[Any, ...]]]


def held_twice(look: Look) -> Iterator[Finding]:
    """Yield numbers that two open visits have."""
    rows = look.connection.execute(
        select(v.number, func.count().label("visits"))
        .where(v.site == look.site.id, tables.visit_is_open)
        .group_by(v.number)
        .having(func.count() > 1)
        .order_by(v.number)
    )
    for row in rows:
        yield Finding(
            f"number {row.number}",
            f"{row.visits} parties hold it at once",
            "ask who comes for their language and size; two devices may use one enrolment",
        )


def two_at_counter(look: Look) -> Iterator[Finding]:
    """Yield counters that have more than one party before them."""
    rows = look.connection.execute(
        select(v.counter, func.count().label("visits"))
        .where(v.site == look.site.id, tables.visit_is_at_counter)
        .group_by(v.counter)
        .having(func.count() > 1)
        .order_by(v.counter)
    )
    for row in rows:
        yield Finding(
            f"counter {row.counter}",
            f"{row.visits} parties are called there at once",
            "finish, park or send on all but the one that is there",
        )


def called_by_nobody(look: Look) -> Iterator[Finding]:
    """Yield parties that are called or served without a counter or a time."""
    wrong = or_(v.counter.is_(None), v.called_at.is_(None), v.calls < 1)
    for row in _visits(look, tables.visit_is_at_counter, wrong):
        yield _finding(
            row,
            f"is {row.state} by counter {row.counter} at {row.called_at} in {row.calls} calls",
            "call it again from its counter",
        )


def off_route(look: Look) -> Iterator[Finding]:
    """Yield parties at a stage that the site does not have, or that is not on their route."""
    stages = [stage.id for stage in look.site.stages]
    route = cast(v.route, String)
    named = literal('"') + v.stage + literal('"')
    elsewhere = func.replace(route, named, "") == route
    for row in _visits(look, or_(v.stage.not_in(stages), elsewhere)):
        if row.stage not in stages and row.state not in OPEN:
            continue  # the site once had it
        wrong = "which the site does not have" if row.stage not in stages else "not on its route"
        yield _finding(row, f"is at stage {row.stage}, {wrong}", "a lead gives it another route")


def unknown_state(look: Look) -> Iterator[Finding]:
    """Yield visits in a state that no page knows, or in another class than they belong to."""
    belongs = case(
        (v.priority, CallingClass.PRIORITY.value),
        (v.carried_over.is_not(None), CallingClass.CARRIED_OVER.value),
        else_=CallingClass.OTHERS.value,
    )
    for row in _visits(look, v.state.not_in(list(VisitState))):
        yield _finding(row, f"is {row.state}", "update the program, then migrate")
    for row in _visits(look, v.calling_class != belongs):
        yield _finding(
            row,
            f"is called in class {row.calling_class}, with"
            f"{'' if row.priority else 'out'} priority, carried over: {row.carried_over}",
            "set or clear its priority: that puts it where it belongs",
        )


def at_another_counter(look: Look) -> Iterator[Finding]:
    """Yield parties at a counter that the site does not have, or that is of another stage."""
    stages = {counter.id: counter.stage for counter in look.site.counters}
    for row in _visits(look, tables.visit_is_at_counter, v.counter.is_not(None)):
        if stages.get(row.counter) != row.stage:
            of = stages.get(row.counter)
            wrong = f"which is of stage {of}" if of else "which the site does not have"
            yield _finding(
                row,
                f"is {row.state} at stage {row.stage} by counter {row.counter}, {wrong}",
                "a lead sends it on; the site file may have changed meanwhile",
                grave=False,
            )


def ended_or_not(look: Look) -> Iterator[Finding]:
    """Yield visits that ended at no time, before they began, or ended and are still here."""
    ended = ~tables.visit_is_open
    wrong = or_(
        and_(ended, or_(v.ended_at.is_(None), v.inside)),
        and_(~ended, v.ended_at.is_not(None)),
        v.ended_at < v.arrived_at,
    )
    for row in _visits(look, wrong):
        inside = ", inside" if row.inside else ""
        yield _finding(
            row,
            f"is {row.state}{inside}, arrived {row.arrived_at}, ended {row.ended_at}",
            "its figures are wrong: a lead corrects it",
        )


def merged_nowhere(look: Look) -> Iterator[Finding]:
    """Yield visits merged into none, into themselves, or into one that was merged into them."""
    other = aliased(tables.visit).c
    target = select(other.state).where(other.site == v.site, other.id == v.merged_into)
    wrong = or_(
        (v.state == "merged") != v.merged_into.is_not(None),
        v.merged_into == v.id,
        and_(v.merged_into.is_not(None), ~target.correlate(tables.visit).exists()),
    )
    for row in _visits(look, wrong):
        yield _finding(
            row, f"is {row.state}, merged into visit {row.merged_into}", "report it with this line"
        )
    yield from _merged_in_circles(look)


def _merged_in_circles(look: Look) -> Iterator[Finding]:
    rows = look.connection.execute(
        select(v.id, v.number, v.merged_into).where(
            v.site == look.site.id, v.merged_into.is_not(None), v.merged_into != v.id
        )
    ).all()
    into = {row.id: row.merged_into for row in rows}
    for row in rows:
        seen, at = {row.id}, row.merged_into
        while at in into and at not in seen:
            seen.add(at)
            at = into[at]
        if at == row.id:
            yield _finding(row, "was merged, in the end, into itself", "report it with this line")


def split_from_nowhere(look: Look) -> Iterator[Finding]:
    """Yield visits that were split from one that is not there, and not gone for its age either."""
    other = aliased(tables.visit).c
    origin = select(other.id).where(other.site == v.site, other.id == v.split_from)
    kept = read_periods(look.connection, look.site.id)[Kind.VISITS].length
    young = v.arrived_at > look.now - kept
    lost = ~origin.correlate(tables.visit).exists()
    for row in _visits(look, v.split_from.is_not(None), lost, young):
        yield _finding(
            row, f"was split from visit {row.split_from}, which is not there", "report it"
        )


def absurd_counts(look: Look) -> Iterator[Finding]:
    """Yield visits with fewer than no persons, calls or versions."""
    wrong = or_(v.adults < 0, v.children < 0, v.calls < 0, v.version < 1, v.passed_over < 0)
    for row in _visits(look, wrong):
        yield _finding(
            row,
            f"has {row.adults} adults, {row.children} children, {row.calls} calls, "
            f"version {row.version}, passed over {row.passed_over} times",
            "a lead corrects it",
        )


def same_token(look: Look) -> Iterator[Finding]:
    """Yield ticket tokens that open two visits."""
    twice = (
        select(v.ticket_token_sha256)
        .where(v.site == look.site.id, v.ticket_token_sha256.is_not(None))
        .group_by(v.ticket_token_sha256)
        .having(func.count() > 1)
    )
    for row in _visits(look, v.ticket_token_sha256.in_(twice)):
        yield _finding(
            row, "another party's ticket opens it too", "print both a new slip; report it"
        )


def other_day(look: Look) -> Iterator[Finding]:
    """Yield visits whose service day is not the one on which they arrived."""
    rows = stream(
        look, select(v.id, v.number, v.arrived_at, v.service_day).where(v.site == look.site.id)
    )
    for row in rows:
        day = service_day(row.arrived_at, look.site.time_zone)
        if day != row.service_day:
            yield _finding(
                row,
                f"arrived on {day}, but counts for {row.service_day}",
                "the figures of both days are wrong by one: report it",
            )


def other_letter(look: Look) -> Iterator[Finding]:
    """Yield visits whose number is not of the series of the kiosk that made it."""
    kiosk, ledger = tables.kiosk.c, tables.ledger.c
    rows = look.connection.execute(
        select(v.id, v.number, kiosk.name, kiosk.letter)
        .join(tables.ledger, and_(ledger.site == v.site, ledger.id == v.id))
        .join(tables.kiosk, and_(kiosk.site == v.site, kiosk.enrolment == ledger.enrolment))
        .where(
            v.site == look.site.id,
            or_(
                func.substr(v.number, 1, func.length(kiosk.letter)) != kiosk.letter,
                func.length(v.number) != func.length(kiosk.letter) + 3,
            ),
        )
        .order_by(v.id)
    )
    for row in rows:
        yield _finding(
            row,
            f"its kiosk {row.name} gives out numbers with {row.letter}",
            "its kiosk.toml is another's: enrol it anew",
        )


def _visits(look: Look, *where: ColumnElement[bool]) -> Visits:
    return look.connection.execute(
        select(tables.visit).where(v.site == look.site.id, *where).order_by(v.id)
    )


def _finding(row: Row[*tuple[Any, ...]], wrong: str, do: str, *, grave: bool = True) -> Finding:
    return Finding(f"visit {row.number} ({row.id})", wrong, do, grave=grave)


CHECKS = (
    Check("numbers", "no number is open twice", held_twice),
    Check("counters", "no counter has called two parties", two_at_counter),
    Check("called", "whoever is called was called by a counter", called_by_nobody),
    Check("stages", "every party is at a stage of the site and of its route", off_route),
    Check("states", "every visit is in a state and a class that pages know", unknown_state),
    Check("counter-stages", "whoever is called is at a counter of its stage", at_another_counter),
    Check("ended", "whatever has ended has a time at which it did", ended_or_not),
    Check("merged", "every merged visit leads to another", merged_nowhere),
    Check("split", "every split visit comes from another", split_from_nowhere),
    Check("counts", "nothing is counted below zero", absurd_counts),
    Check("tickets", "no two tickets are the same", same_token),
    Check("service-days", "every visit counts for the day on which it arrived", other_day),
    Check("letters", "every number is of its kiosk's series", other_letter),
)
