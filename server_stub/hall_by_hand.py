"""Ranges served by hand, as the hall shows them: those that were marked, and what one would do.

What a range would do is found out by doing it, inside a transaction that is then taken back:
no second reckoning that could differ from the first.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, bindparam, func, select

from kiosk.contract.series import Series
from kiosk.contract.site import Site
from server_stub import served_by_hand, tables
from server_stub.actions import Press
from server_stub.writer import Writer


@dataclass(frozen=True, slots=True)
class OpenVisit:
    """A visit that a range would finish: its number, and at which stage it is."""

    number: str
    stage: str


@dataclass(frozen=True, slots=True)
class Preview:
    """What marking a range would do.

    Attributes:
        first: The first number, as it was asked.
        last: The last one.
        series: Of which kiosk or desk they are.
        numbers: How many numbers the range holds.
        finishes: The open visits that it would finish, in the order of their numbers.
        not_here: How many numbers have not come to the server yet; they are finished as they do.

    """

    first: str
    last: str
    series: str
    numbers: int
    finishes: tuple[OpenVisit, ...]
    not_here: int

    @property
    def ended_before(self) -> int:
        """How many visits of the range have ended already: nothing changes for them."""
        return self.numbers - len(self.finishes) - self.not_here


@dataclass(frozen=True, slots=True)
class MarkedByHand:
    """A range that was marked."""

    id: UUID
    first: str
    last: str
    series: str
    numbers: int
    at: datetime
    staff: str


@dataclass(frozen=True, slots=True)
class KnownSeries:
    """Whose numbers can be marked, and the last that the server has seen; None before the first."""

    name: str
    letter: str
    last: str | None


class _TakenBack(Exception):  # noqa: N818  # no error: it ends the transaction with its result
    def __init__(self, preview: Preview) -> None:
        self.preview = preview
        super().__init__("nothing is stored")


async def preview(
    writer: Writer, site: Site, *, press: Press, first: str, last: str, at: datetime
) -> Preview:
    """Return what it would do to mark a range, and change nothing.

    Args:
        writer: In whose transaction it is tried.
        site: The site in force.
        press: A lead's; its action is not stored.
        first: The first number, as printed.
        last: The last number, of the same series.
        at: The present moment.

    Raises:
        StepError: It would not be taken, and why.

    """

    def tried(connection: Connection) -> None:
        marked = served_by_hand.mark(connection, site, press=press, first=first, last=last, at=at)
        found = _preview(connection, site, marked.id, first=first, last=last, at=at)
        raise _TakenBack(found)

    try:
        await writer.ask(tried)
    except _TakenBack as taken_back:
        return taken_back.preview
    raise TypeError("a preview must never be stored")


def _preview(
    connection: Connection, site: Site, marked: UUID, *, first: str, last: str, at: datetime
) -> Preview:
    here = {"of_site": site.id, "of_action": marked}
    span = connection.execute(SPAN, here).one()
    finishes = tuple(
        OpenVisit(row.number, row.before["stage"])
        for row in connection.execute(PARTS, here | {"tried_at": at})
    )
    numbers = span.last_sequence - span.first_sequence + 1
    if span.kind == "kiosk":
        known = connection.execute(
            KNOWN,
            {
                "of_site": site.id,
                "of_enrolment": span.enrolment,
                "first": span.first_sequence,
                "last": span.last_sequence,
            },
        ).scalar_one()
    else:  # staff issue numbers at the server itself
        known = min(span.last_sequence, span.highest_sequence) - span.first_sequence + 1
    return Preview(
        first=first,
        last=last,
        series=span.label or span.name,
        numbers=numbers,
        finishes=finishes,
        not_here=max(numbers - max(known, 0), 0),
    )


def read_marked(connection: Connection, site: Site) -> list[MarkedByHand]:
    """Return the ranges that were marked, the newest first."""
    return [_marked(row, site) for row in connection.execute(MARKED, {"of_site": site.id})]


def _marked(row: Row[*tuple[Any, ...]], site: Site) -> MarkedByHand:
    series = Series(row.letter, site.skip_numbers)
    return MarkedByHand(
        id=row.id,
        first=series.number(row.first_sequence),
        last=series.number(row.last_sequence),
        series=row.label or row.name,
        numbers=row.last_sequence - row.first_sequence + 1,
        at=row.at,
        staff=row.staff,
    )


def read_series(connection: Connection, site: Site) -> Sequence[KnownSeries]:
    """Return the series that give out numbers, by name."""
    return [
        KnownSeries(
            row.label or row.name,
            row.letter,
            Series(row.letter, site.skip_numbers).number(row.highest_sequence)
            if row.highest_sequence
            else None,
        )
        for row in connection.execute(SERIES, {"of_site": site.id})
    ]


_range, _kiosk = tables.served_by_hand.c, tables.kiosk.c
_action, _visit, _ledger = tables.staff_action.c, tables.visit.c, tables.ledger.c
_OF_SERIES = tables.served_by_hand.join(
    tables.kiosk, (_kiosk.site == _range.site) & (_kiosk.enrolment == _range.enrolment)
)
SPAN = (
    select(
        _range.enrolment,
        _range.first_sequence,
        _range.last_sequence,
        _kiosk.name,
        _kiosk.label,
        _kiosk.kind,
        _kiosk.highest_sequence,
    )
    .select_from(_OF_SERIES)
    .where(_range.site == bindparam("of_site"), _range.id == bindparam("of_action"))
)
PARTS = (
    select(_visit.number, _action.before)
    .join(tables.visit, (_visit.site == _action.site) & (_visit.id == _action.visit))
    .where(
        _action.site == bindparam("of_site"),
        _action.at == bindparam("tried_at"),  # of which there is an index
        _action.part_of == bindparam("of_action"),
    )
    .order_by(_visit.arrived_at, _visit.arrival_order)
)
KNOWN = select(func.count()).where(
    _ledger.site == bindparam("of_site"),
    _ledger.enrolment == bindparam("of_enrolment"),
    _ledger.sequence.between(bindparam("first"), bindparam("last")),
)
MOST_SHOWN = 20
MARKED = (
    select(
        _range.id,
        _range.first_sequence,
        _range.last_sequence,
        _range.at,
        _range.staff,
        _kiosk.name,
        _kiosk.label,
        _kiosk.letter,
    )
    .select_from(_OF_SERIES)
    .where(_range.site == bindparam("of_site"))
    .order_by(_range.at.desc(), _range.id.desc())
    .limit(MOST_SHOWN)
)
SERIES = (
    select(_kiosk.name, _kiosk.label, _kiosk.letter, _kiosk.highest_sequence)
    .where(_kiosk.site == bindparam("of_site"), _kiosk.retired_at.is_(None))
    .order_by(_kiosk.kind.desc(), _kiosk.name)
)
