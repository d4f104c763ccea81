"""The day book: which service days are closing or closed, since when, and by whom."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Connection, select, update

from kiosk.contract.site import Site
from server_stub import tables
from server_stub.arrival import beginning_of, service_day
from server_stub.service_days import DayState


@dataclass(frozen=True, slots=True)
class DayEntry:
    """How far one service day is.

    Attributes:
        day: The service day.
        state: How far it is.
        changed_at: Since when; None where nobody has touched it.
        changed_by: Who did it.

    """

    day: date
    state: DayState = DayState.OPEN
    changed_at: datetime | None = None
    changed_by: str | None = None


def read_day(connection: Connection, site: str, day: date) -> DayEntry:
    """Return how far a service day is; open where nobody has touched it."""
    t = tables.service_day.c
    row = connection.execute(
        select(t.state, t.changed_at, t.changed_by).where(t.site == site, t.day == day)
    ).one_or_none()
    return (
        DayEntry(day, DayState(row.state), row.changed_at, row.changed_by) if row else DayEntry(day)
    )


def write_day(connection: Connection, site: str, entry: DayEntry) -> None:
    """Write down how far a service day is."""
    t = tables.service_day.c
    values = {
        "state": entry.state.value,
        "changed_at": entry.changed_at,
        "changed_by": entry.changed_by,
    }
    known = connection.execute(
        update(tables.service_day).where(t.site == site, t.day == entry.day).values(**values)
    )
    if not known.rowcount:
        connection.execute(tables.service_day.insert().values(site=site, day=entry.day, **values))


def closed_until(connection: Connection, site: Site, *, at: datetime) -> datetime | None:
    """Return until when kiosks give out no more numbers; None where they do.

    That is the beginning of the next service day, whatever the hours of the site.
    """
    today = service_day(at, site.time_zone)
    if read_day(connection, site.id, today).state is DayState.OPEN:
        return None
    return beginning_of(today + timedelta(days=1), site.time_zone)
