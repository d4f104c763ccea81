"""Checks of what is counted: outcomes, stock counts, days, and who gave out numbers by hand."""

from collections.abc import Iterator
from datetime import timedelta

from sqlalchemy import and_, func, or_, select

from server_stub import tables
from server_stub.checks.finding import Check, Finding, Look
from server_stub.service_days import DayState
from server_stub.site_versions import remembering

FIGURES_WITHIN = timedelta(minutes=10)
"""So long after its closing a day may be without: the server does it by itself, within one."""

CORRECT = "a lead corrects it, as long as the day is not closed"

o, v, a = tables.outcome.c, tables.visit.c, tables.staff_action.c


def outcomes_of_nothing(look: Look) -> Iterator[Finding]:
    """Yield outcomes that no action recorded, or one that was undone, or for no visit."""
    joined = tables.outcome.outerjoin(
        tables.staff_action, and_(a.site == o.site, a.id == o.id)
    ).outerjoin(tables.visit, and_(v.site == o.site, v.id == o.visit))
    rows = look.connection.execute(
        select(o.id, o.ordinal, o.outcome, o.persons, a.undone)
        .add_columns(a.id.label("action"), v.id.label("visit"))
        .select_from(joined)
        .where(o.site == look.site.id, or_(a.id.is_(None), a.undone, v.id.is_(None)))
        .order_by(o.id, o.ordinal)
    )
    for row in rows:
        wrong = "no action recorded it" if row.action is None else "its action is undone"
        if row.visit is None:
            wrong = "its visit is not there"
        yield Finding(
            f"outcome {row.outcome} for {row.persons} ({row.id}, {row.ordinal})",
            wrong,
            "the figures count it all the same: report it",
        )


def outcomes_out_of_bounds(look: Look) -> Iterator[Finding]:
    """Yield visits with fewer than no persons of an outcome, or more than the party has."""
    total = func.sum(o.persons)
    persons = v.adults + v.children
    rows = look.connection.execute(
        select(v.number, v.id, o.outcome, total.label("total"), persons.label("persons"))
        .join(tables.visit, and_(v.site == o.site, v.id == o.visit))
        .where(o.site == look.site.id)
        .group_by(v.number, v.id, o.outcome, v.adults, v.children)
        .having(or_(total < 0, total > persons))
        .order_by(v.id, o.outcome)
    )
    for row in rows:
        yield Finding(
            f"visit {row.number} ({row.id})",
            f"{row.outcome} for {row.total} persons, of {row.persons} in the party",
            CORRECT,
            grave=row.total < 0,
        )


def unknown_outcomes(look: Look) -> Iterator[Finding]:
    """Yield outcomes that no site file names that was ever in force."""
    recorded = select(o.outcome).where(o.site == look.site.id).distinct()
    named = remembering(
        look.connection, look.site, outcomes=look.connection.execute(recorded).scalars()
    )
    known = [outcome.id for outcome in named.outcomes]
    rows = look.connection.execute(
        select(o.outcome, func.count().label("times"), func.sum(o.persons).label("persons"))
        .where(o.site == look.site.id, o.outcome.not_in(known))
        .group_by(o.outcome)
        .order_by(o.outcome)
    )
    for row in rows:
        yield Finding(
            f"outcome {row.outcome}",
            f"was recorded {row.times} times for {row.persons} persons, but no site file that "
            "was in force names it",
            "name it in the site file, or these persons are in no figure",
            grave=False,
        )


def counts_below_none(look: Look) -> Iterator[Finding]:
    """Yield stock counts of fewer than no persons."""
    t = tables.stock_count.c
    for id_, figure, persons in look.connection.execute(
        select(t.id, t.figure, t.persons)
        .where(t.site == look.site.id, t.persons < 0)
        .order_by(t.id)
    ):
        yield Finding(f"count {id_} of {figure}", f"says {persons} persons", "count anew")


def open_on_closed_days(look: Look) -> Iterator[Finding]:
    """Yield visits that are open though their day is closed and nobody carried them over."""
    day, ledger = tables.service_day.c, tables.ledger.c
    rows = look.connection.execute(
        select(v.number, v.id, v.state, day.day)
        .join(tables.service_day, and_(day.site == v.site, day.day == v.service_day))
        .outerjoin(tables.ledger, and_(ledger.site == v.site, ledger.id == v.id))
        .where(v.site == look.site.id, tables.visit_is_open)
        .where(day.state == DayState.CLOSED.value, v.carried_over.is_(None))
        .where(func.coalesce(ledger.received_at, v.arrived_at) < day.changed_at)
        .order_by(v.id)
    )
    for row in rows:
        yield Finding(
            f"visit {row.number} ({row.id})",
            f"is {row.state}, but its day {row.day} is closed",
            "finish it, or let it leave, from the list of open visits",
        )


def unknown_days(look: Look) -> Iterator[Finding]:
    """Yield days in a state that there is not, and those closed for a while without figures."""
    day, figures = tables.service_day.c, tables.daily_figures.c
    for row in look.connection.execute(
        select(day.day, day.state).where(day.site == look.site.id, day.state.not_in(list(DayState)))
    ):
        yield Finding(f"day {row.day}", f"is {row.state}", "update the program, then migrate")
    made = select(figures.day).where(figures.site == day.site, figures.day == day.day)
    for row in look.connection.execute(
        select(day.day)
        .where(day.site == look.site.id, day.state == DayState.CLOSED.value, ~made.exists())
        .where(day.changed_at <= look.now - FIGURES_WITHIN)
        .order_by(day.day)
    ):
        yield Finding(
            f"day {row.day}",
            "is closed, but its figures are not written down",
            "a server that runs does that within a minute: start it, or look for what its log says "
            "of figures; reports count the day anew each time until then",
            grave=False,
        )


def numbers_by_hand(look: Look) -> Iterator[Finding]:
    """Yield desks that have given out more numbers than their series counts."""
    desk = tables.kiosk.c
    given = func.count(v.id)
    rows = look.connection.execute(
        select(desk.letter, desk.highest_sequence, given.label("given"))
        .join(
            tables.visit,
            and_(
                v.site == desk.site,
                v.by_hand,
                func.substr(v.number, 1, func.length(desk.letter)) == desk.letter,
                v.arrived_at >= desk.enrolled_at,
            ),
        )
        .where(desk.site == look.site.id, desk.kind == "desk", desk.retired_at.is_(None))
        .group_by(desk.enrolment, desk.letter, desk.highest_sequence)
        .having(given > desk.highest_sequence)
    )
    for row in rows:
        yield Finding(
            f"the desk's series {row.letter}",
            f"counts {row.highest_sequence} numbers, but {row.given} parties hold one",
            "a number may be given out twice: report it",
        )


CHECKS = (
    Check("outcomes", "every outcome was recorded for a visit", outcomes_of_nothing),
    Check("outcome-persons", "no outcome is for more persons than came", outcomes_out_of_bounds),
    Check("outcome-names", "every outcome is one of a site file", unknown_outcomes),
    Check("stock-counts", "nobody counted fewer than none", counts_below_none),
    Check("closed-days", "nobody waits on a day that is closed", open_on_closed_days),
    Check("days", "every closed day has its figures", unknown_days),
    Check("desk-series", "the desk's series counts all that it gave out", numbers_by_hand),
)
