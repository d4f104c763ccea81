"""Late arrivals: check-ins of a day that is over or closed, or of numbers served by hand."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, and_, bindparam, select

from kiosk.contract.site import Site
from server_stub import daily_figures, tables
from server_stub.arrival import beginning_of, service_day
from server_stub.carry_over import end_overdue
from server_stub.direct_sql import DirectStatement
from server_stub.served_by_hand import Range, finish
from server_stub.service_days import DayState
from server_stub.snapshot import read_visits


@dataclass(frozen=True, slots=True)
class LateArrivals:
    """What the store says of those who come late.

    Attributes:
        site: The site in force.
        today: The present service day.
        closed_at: Since when it is closed; None where it is not.
        ranges: All numbers that were served by hand.

    """

    site: Site
    today: date
    closed_at: datetime | None
    ranges: tuple[Range, ...]

    @classmethod
    def ask(
        cls, connection: Connection, site: Site, *, at: datetime
    ) -> "Callable[[], LateArrivals]":
        """Ask what the store says of check-ins that come at this moment; return who tells it."""
        today = service_day(at, site.time_zone)
        asked = KNOWN.ask(connection, {"of_site": site.id, "of_day": today})
        return lambda: cls._of(asked.rows(), site, today=today)

    @classmethod
    def _of(cls, rows: Sequence[tuple[Any, ...]], site: Site, *, today: date) -> "LateArrivals":
        return cls(
            site=site,
            today=today,
            closed_at=rows[0][0] if rows else None,
            ranges=tuple(Range(*marked) for _, *marked in rows if marked[0]),
        )

    def carried_over(self, day: date) -> datetime | None:
        """Return since when a visit of a service day is carried over; None where the day goes on.

        The 48 hours of a late party began when its day ended, like those of all others.
        """
        if day < self.today:
            return beginning_of(day + timedelta(days=1), self.site.time_zone)
        return self.closed_at

    def range_of(self, enrolment: UUID, sequence: int) -> Range | None:
        """Return the range that holds a sequence of a kiosk."""
        here = (r for r in self.ranges if r.enrolment == enrolment and r.holds(sequence))
        return next(here, None)


def settle(
    connection: Connection,
    site: Site,
    *,
    served: Sequence[tuple[UUID, Range]],
    carried_over: Sequence[UUID],
    at: datetime,
) -> None:
    """Do with visits that have just been stored what was done with others of their kind before.

    Args:
        connection: In the writer's transaction.
        site: The site in force.
        served: Visits whose number is in a range that was served by hand, with that range.
        carried_over: Visits of a day that is over: those ended whose 48 hours are over, too, and
            all counted where the day's figures stand for good.
        at: When they came.

    """
    if served:
        here = tables.visit.c.id.in_([visit for visit, _ in served])
        rows = {row.id: row for row in read_visits(connection, site.id, here)}
        finish(connection, site, [(rows[visit], marked) for visit, marked in served], at=at)
    if carried_over:
        end_overdue(connection, site, visits=carried_over, at=at)
        daily_figures.add_late(connection, site, visits=carried_over, at=at)


_site, _range, _day = tables.site.c, tables.served_by_hand.c, tables.service_day.c
# One statement, and both tables have few rows: every batch of check-ins asks it.
KNOWN = DirectStatement(
    select(
        _day.changed_at.label("closed_at"),
        _range.id,
        _range.enrolment,
        _range.first_sequence,
        _range.last_sequence,
        _range.staff,
    )
    .select_from(
        tables.site.outerjoin(
            tables.service_day,
            and_(
                _day.site == _site.id,
                _day.day == bindparam("of_day", type_=_day.day.type),
                _day.state == DayState.CLOSED.value,
            ),
        ).outerjoin(tables.served_by_hand, _range.site == _site.id)
    )
    .where(_site.id == bindparam("of_site"))
)
