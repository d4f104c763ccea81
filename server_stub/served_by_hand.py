"""Served by hand: a range of one series' numbers that were served while there was no server."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, select

from kiosk.contract.series import Series, letter_of
from kiosk.contract.site import Site
from server_stub import desk_series, event_log, tables
from server_stub.actions import Action, Press
from server_stub.arrival import service_day
from server_stub.changes import store_changes
from server_stub.event_log import EventKind
from server_stub.progress import Progress
from server_stub.snapshot import VisitRow, read_visits
from server_stub.taking_site import move_all, moves_of
from server_stub.undoing import carried_over_again, forget
from server_stub.visit import AT_COUNTER, Step, StepError, VisitState

LONGEST_OPEN = timedelta(days=7)
"""Visits end by themselves after a few days: those of earlier ones are not looked for."""

TAKEN_BACK = "by-hand-taken-back"
"""The step of an action that takes a range back."""


class RangeError(StepError):
    """The numbers are no range of one series."""


class UnknownRangeError(StepError):
    """There is no such range, or it was taken back."""


@dataclass(frozen=True, slots=True)
class Range:
    """Numbers of one series that were served by hand.

    Attributes:
        id: The action that marked them.
        enrolment: The kiosk's, or that of the numbers which staff issue.
        first: The first sequence.
        last: The last sequence, which is in it.
        staff: The lead who marked them.

    """

    id: UUID
    enrolment: UUID
    first: int
    last: int
    staff: str

    def holds(self, sequence: int) -> bool:
        """Return whether a sequence of this series is in it."""
        return self.first <= sequence <= self.last


@dataclass(frozen=True, slots=True)
class MarkedRange:
    """What became of a range that was marked or taken back.

    Attributes:
        id: The action that marked it.
        numbers: How many numbers it holds.
        visits: How many visits were finished by it, or are open again.

    """

    id: UUID
    numbers: int
    visits: int


def mark(
    connection: Connection, site: Site, *, press: Press, first: str, last: str, at: datetime
) -> MarkedRange:
    """Finish the open visits of a range; those whose check-in comes later are finished then.

    Args:
        connection: In the writer's transaction.
        site: The site in force.
        press: Of a lead.
        first: The first number, as printed: ``"D214"``.
        last: The last number, of the same series: a kiosk's, also one that was retired since, or
            the desk's. What lies between is counted by its sequence, so the numbers may run past
            999.
        at: When it reached the server.

    Raises:
        RangeError: They are no range of one series.
        LeadNeededError: Somebody else pressed.

    """
    asked = {"first": first, "last": last}
    action = Action(connection, site, press, step=Step.SERVED_BY_HAND, at=at, asked=asked)
    if done := action.done_before():
        return _as_answered(done)
    action.require_lead()
    marked = _range(action, first, last)
    connection.execute(
        tables.served_by_hand.insert().values(
            site=site.id,
            id=marked.id,
            enrolment=marked.enrolment,
            first_sequence=marked.first,
            last_sequence=marked.last,
            at=at,
            staff=marked.staff,
        )
    )
    still_open = [visit for visit, _ in _visits(action, marked) if visit.is_open]
    finish(connection, site, [(visit, marked) for visit in still_open], at=at)
    return _settled(action, marked, visits=len(still_open))


def finish(
    connection: Connection, site: Site, served: Iterable[tuple[VisitRow, Range]], *, at: datetime
) -> None:
    """Finish open visits, each because its number is in a range."""
    changes = []
    for visit, marked in served:
        press = Press(action=marked.id, staff=marked.staff, role="lead")
        action = Action(connection, site, press, step=Step.SERVED_BY_HAND, at=at)
        changes.append(action.part(visit, visit.progress.after(Step.SERVED_BY_HAND, at=at)))
    store_changes(connection, site.id, changes)


def take_back(
    connection: Connection, site: Site, *, press: Press, marked: UUID, at: datetime
) -> MarkedRange:
    """Open again what a range has finished, but for what another range holds too.

    A party that was at a counter waits again: that counter may have another by now.

    Raises:
        UnknownRangeError: There is no such range.
        DayClosedError: The day on which it was marked, or has finished somebody, is closed.
        LeadNeededError: Somebody else pressed.

    """
    action = Action(connection, site, press, step=TAKEN_BACK, at=at, asked={"marked": str(marked)})
    if done := action.done_before():
        return _as_answered(done)
    action.require_lead()
    t = tables.served_by_hand
    row = connection.execute(select(t).where(t.c.site == site.id, t.c.id == marked)).one_or_none()
    if row is None:
        raise UnknownRangeError("there is no such range: reload the page")
    action.require_open_day(service_day(row.at, site.time_zone))
    taken = range_of(row)
    connection.execute(t.delete().where(t.c.site == site.id, t.c.id == marked))
    others = read_ranges(connection, site.id, enrolment=taken.enrolment)
    only_here = [
        visit
        for visit, sequence in _visits(action, taken)
        if not any(other.holds(sequence) for other in others)
    ]
    standing = [other.id for other in others]
    return _settled(action, taken, visits=_open_again(action, only_here, standing=standing))


def read_ranges(connection: Connection, site: str, *, enrolment: UUID) -> list[Range]:
    """Return the ranges of a series."""
    t = tables.served_by_hand
    rows = connection.execute(
        select(t).where(t.c.site == site, t.c.enrolment == enrolment).order_by(t.c.first_sequence)
    )
    return [range_of(row) for row in rows]


def range_of(row: Row[*tuple[Any, ...]]) -> Range:
    """Return a row of the table as a range."""
    return Range(row.id, row.enrolment, row.first_sequence, row.last_sequence, row.staff)


def _range(action: Action, first: str, last: str) -> Range:
    """Return the range that two numbers mean.

    A letter may have gone from a kiosk that was retired to another one. The one in use is meant,
    unless only an earlier one has parties in the range that are still here.
    """
    found, refused = [], []
    for series in _enrolments(action, first):
        try:
            found.append(_range_of(action, series, first, last))
        except RangeError as error:
            refused.append(error)
    if not found:
        raise next(
            iter(refused),
            RangeError(f"{first!r} is no number of a kiosk or of the desk: they look like D214"),
        )
    if len(found) == 1:
        return found[0]
    still_here = (r for r in found if any(visit.is_open for visit, _ in _visits(action, r)))
    return next(still_here, found[0])


def _range_of(action: Action, enrolled: Row[*tuple[Any, ...]], first: str, last: str) -> Range:
    """Return the range that two numbers mean in a series: the newest there.

    The digits come again after 999, so a number alone is many sequences: the one is meant that
    is nearest to what was given out last.
    """
    series = Series(enrolled.letter, action.site.skip_numbers)
    newest = max(enrolled.highest_sequence, enrolled.reported or 0)
    try:
        end = series.sequence(last, near=newest)
        begin = series.sequence(first, near=end)
    except ValueError as error:
        raise RangeError(f"{error}: both numbers must be of one series") from None
    if begin > end:
        raise RangeError(
            f"{first} comes after {last}: name the first number first, and at most half a round "
            "of numbers at once"
        )
    for number, sequence in ((first, begin), (last, end)):
        known = _number_of(action, enrolled.enrolment, sequence)
        if known not in (None, number):
            raise RangeError(
                f"{number} would be {known} at kiosk {enrolled.name}: its skip list is another "
                "than the site's; finish these visits one by one"
            )
    press = action.press
    return Range(press.action, enrolled.enrolment, begin, end, press.staff)


def _enrolments(action: Action, number: str) -> Sequence[Row[*tuple[Any, ...]]]:
    """Return who gives out a number or has: the one in use, then those retired, the last first."""
    letter = letter_of(number)
    t, report = tables.kiosk.c, tables.kiosk_report.c
    return action.connection.execute(
        select(
            t.enrolment,
            t.name,
            t.letter,
            t.highest_sequence,
            report.highest_sequence.label("reported"),
        )
        .outerjoin(tables.kiosk_report, (report.site == t.site) & (report.enrolment == t.enrolment))
        .where(t.site == action.site.id, t.letter == letter)
        .order_by(t.retired_at.is_not(None), t.enrolled_at.desc())
    ).all()


def _number_of(action: Action, enrolment: UUID, sequence: int) -> str | None:
    """Return the number that came with a sequence; None where none came, or it is not kept."""
    ledger, visit = tables.ledger.c, tables.visit.c
    number: str | None = action.connection.execute(
        select(visit.number)
        .join(tables.ledger, (ledger.site == visit.site) & (ledger.id == visit.id))
        .where(
            ledger.site == action.site.id,
            ledger.enrolment == enrolment,
            ledger.sequence == sequence,
        )
    ).scalar_one_or_none()
    return number


def _visits(action: Action, marked: Range) -> list[tuple[VisitRow, int]]:
    """Return the visits of a range, each with its sequence, in the order of the series."""
    t = tables.kiosk.c
    of_series = select(t.name, t.letter, t.kind).where(
        t.site == action.site.id, t.enrolment == marked.enrolment
    )
    name, letter, kind = action.connection.execute(of_series).one()
    if kind == desk_series.KIND:
        return _issued_visits(action, marked, desk=name, letter=letter)
    ledger, site = tables.ledger.c, action.site.id
    in_range = (
        ledger.site == site,
        ledger.enrolment == marked.enrolment,
        ledger.sequence.between(marked.first, marked.last),
    )
    rows = action.connection.execute(
        select(ledger.id, ledger.sequence).where(*in_range).order_by(ledger.sequence)
    )
    here = tables.visit.c.id.in_(select(ledger.id).where(*in_range))
    visits = {visit.id: visit for visit in read_visits(action.connection, site, here)}
    return [(visits[row.id], row.sequence) for row in rows if row.id in visits]


def _issued_visits(
    action: Action, marked: Range, *, desk: str, letter: str
) -> list[tuple[VisitRow, int]]:
    """Return the visits of a range that staff have issued: by number, for no check-in tells more.

    Of those of the last days, which are all that can be open or were when the range was marked.
    """
    series, t = Series(letter, action.site.skip_numbers), tables.visit.c
    sequences = {series.number(n): n for n in range(marked.first, marked.last + 1)}
    visits = read_visits(
        action.connection,
        action.site.id,
        t.service_day >= action.service_day - LONGEST_OPEN,
        t.by_hand,
        t.kiosk == desk,
        t.number.in_(list(sequences)),
        order_by=(t.arrived_at, t.id),
    )
    found = [(visit, sequences[visit.number]) for visit in visits]
    return sorted(found, key=lambda pair: pair[1])


def _open_again(action: Action, visits: Sequence[VisitRow], *, standing: Sequence[UUID]) -> int:
    """Let parties be where they were before their range was marked; return how many are.

    A step that was taken since stands: such a visit is no longer as the range has left it. Where
    the site has changed since, a party goes on as the new site file let those go on who were here.

    Args:
        action: That takes the range back.
        visits: Those of its numbers, which others may have had before: the desk's come again.
        standing: The ranges that are not taken back. Whom one of them has finished stays so.

    """
    t, visit_now = tables.staff_action.c, tables.visit.c
    last_steps = action.connection.execute(
        select(t.visit, t.id, t.before)
        .join(
            tables.visit,
            (visit_now.site == t.site)
            & (visit_now.id == t.visit)
            & (visit_now.version == t.version),
        )
        .where(
            t.site == action.site.id,
            t.visit.in_([visit.id for visit in visits]),
            t.step == Step.SERVED_BY_HAND.value,
            t.part_of.not_in(standing),
        )
    )
    marked = {row.visit: row for row in last_steps}
    part = replace(action, step=Step.UNDO)
    undone = [row.id for row in marked.values()]
    _require_open_days(action, undone)
    forget(part, undone)
    again = [visit for visit in visits if visit.id in marked]
    closed = action.closed_among({visit.service_day for visit in again})
    changes = []
    for visit in again:
        after = _before(visit, Progress.from_json(marked[visit.id].before))
        after = carried_over_again(visit, after, closed=closed, at=action.at)
        changes.append(part.part(visit, after))
    store_changes(action.connection, action.site.id, changes)
    moves = moves_of((change.visit.at(change.after) for change in changes), action.site)
    move_all(action.connection, action.site, moves, staff=action.press.staff, at=action.at)
    return len(changes)


def _require_open_days(action: Action, undone: Sequence[UUID]) -> None:
    """Raise DayClosedError where a party was finished on a day that is closed: it came later."""
    t = tables.passage.c
    days = select(t.service_day).where(t.site == action.site.id, t.id.in_(undone)).distinct()
    for day in action.connection.execute(days.order_by(t.service_day)).scalars():
        action.require_open_day(day)


def _before(visit: VisitRow, before: Progress) -> Progress:
    """Return a visit as it was before its range was marked, but at no counter."""
    again = replace(before, version=visit.version + 1)
    if before.state not in AT_COUNTER:
        return again
    return replace(again, state=VisitState.WAITING, counter=None, calls=0, serving_since=None)


def _settled(action: Action, marked: Range, *, visits: int) -> MarkedRange:
    """Store what became of a range, tell the pages, and return it."""
    numbers = marked.last - marked.first + 1
    action.note(answer={"id": str(marked.id), "numbers": numbers, "visits": visits})
    event_log.append(
        action.connection,
        action.site.id,
        kind=EventKind.DAY,
        about=None,
        at=action.at,
        detail=action.step,
    )
    return MarkedRange(marked.id, numbers, visits)


def _as_answered(done: Row[*tuple[Any, ...]]) -> MarkedRange:
    told = done.answer
    return MarkedRange(UUID(told["id"]), told["numbers"], told["visits"])
