"""The audit trail: who did what and when, with visits and with the site, the latest first.

Two tables are read as one: what staff pressed for parties, and the audit log. Both hold ids,
numbers and names of staff and devices; nothing that a visitor entered.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Select, literal, or_, select, tuple_

from server_stub import tables

PAGE = 100
"""Entries that are shown at once."""

VISIT_OPENED = "visit-opened"
"""What the audit log calls the one act with a party that it holds."""

SERVER = "-"
"""In a search: what nobody did who is logged in, but the server or the command line."""


@dataclass(frozen=True, slots=True)
class Entry:
    """Something that somebody did.

    Attributes:
        at: When.
        id: Of the entry; parts those of one moment.
        staff: Who; "" for the server by itself, or the command line.
        act: What, as a word: "call", "kiosk-revoked".
        about: With whom or what: a number, a name; "" for the site as a whole.
        detail: What else was noted.
        counter: At which counter; "" elsewhere.
        undone: It was taken back later.

    """

    at: datetime
    id: UUID
    staff: str
    act: str
    about: str
    detail: str = ""
    counter: str = ""
    undone: bool = False

    @property
    def cursor(self) -> str:
        """What the next page begins after."""
        return f"{self.at.isoformat()}~{self.id.hex}"


@dataclass(frozen=True, slots=True)
class Search:
    """Which entries are looked for; what is empty or None matters not.

    Attributes:
        staff: Of whom; `SERVER` for what nobody did.
        act: What was done.
        about: With which number, account or device.
        day: On which day, by the site's clocks.
        of_site: Only what was done with the site, not what was done with parties.

    """

    staff: str = ""
    act: str = ""
    about: str = ""
    day: date | None = None
    of_site: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """Some entries.

    Attributes:
        entries: The latest first.
        after: The cursor that the next page begins after; None where this is the last.

    """

    entries: list[Entry]
    after: str | None


def read_page(
    connection: Connection,
    site: str,
    *,
    search: Search,
    time_zone: str,
    after: str | None = None,
    size: int = PAGE,
) -> Page:
    """Return a page of the trail.

    Args:
        connection: In a transaction of its own, so that all is of one moment.
        site: The site's id.
        search: What is looked for.
        time_zone: In which a day is a day.
        after: The cursor of the page before; None, or one that is none, for the latest.
        size: How many entries it has at most.

    """
    asked = _Asked(connection, site, search, time_zone, size + 1, _place(after))
    only_audit = search.of_site or _is_of_audit(asked)
    found = sorted(
        [*_audit(asked), *([] if only_audit else _actions(asked))],
        key=lambda e: (e.at, e.id.bytes),
        reverse=True,
    )
    entries = _with_numbers(connection, site, found[:size])
    more = len(found) > size
    return Page(entries, entries[-1].cursor if more else None)


def read_all(
    connect: Callable[[], AbstractContextManager[Connection]],
    site: str,
    *,
    search: Search,
    time_zone: str,
) -> Iterator[Entry]:
    """Yield the whole trail, page by page, so that a year of it never lies in memory.

    Each page is read in a transaction of its own: whoever takes it slowly holds up nothing. What
    is added meanwhile is later than all that is still to come.
    """
    after = None
    while True:
        with connect() as connection:
            page = read_page(
                connection, site, search=search, time_zone=time_zone, after=after, size=1000
            )
        yield from page.entries
        after = page.after
        if after is None:
            return


@dataclass(frozen=True, slots=True)
class _Asked:
    """A search on its way into one of the tables."""

    connection: Connection
    site: str
    search: Search
    time_zone: str
    most: int
    after: tuple[datetime, UUID] | None

    def first_of(self, rows: Select[Any], at: Any, entry: Any, staff: Any) -> Select[Any]:  # noqa: ANN401  # columns of either table
        """Return the select with what both tables are asked in the same way."""
        if self.after:
            moment, last = self.after
            place = tuple_(literal(moment, at.type), literal(last, entry.type))
            rows = rows.where(tuple_(at, entry) < place)
        if self.search.staff:
            rows = rows.where(staff == ("" if self.search.staff == SERVER else self.search.staff))
        if self.search.day:
            begins, ends = _bounds(self.search.day, self.time_zone)
            rows = rows.where(at >= begins, at < ends)
        return rows.order_by(at.desc(), entry.desc()).limit(self.most)


def _audit(asked: _Asked) -> list[Entry]:
    t, search = tables.audit.c, asked.search
    rows = select(t.at, t.id, t.staff, t.act, t.about, t.detail).where(t.site == asked.site)
    if search.act:
        rows = rows.where(t.act == search.act)
    if search.of_site:
        rows = rows.where(t.act != VISIT_OPENED)
    if search.about:
        visits = [f"{visit}" for visit in _visits_of(asked)]
        rows = rows.where(t.about.in_([search.about, *visits]))
    rows = asked.first_of(rows, t.at, t.id, t.staff)
    return [
        Entry(r.at, r.id, r.staff, r.act, r.about or "", r.detail or "")
        for r in asked.connection.execute(rows)
    ]


def _is_of_audit(asked: _Asked) -> bool:
    """Tell whether what is looked for is an act of the audit log, and so never a step.

    Millions of steps would be looked through for one, and none is found.
    """
    t = tables.audit.c
    noted = select(t.id).where(t.site == asked.site, t.act == asked.search.act).limit(1)
    return bool(asked.search.act) and asked.connection.execute(noted).first() is not None


def _actions(asked: _Asked) -> list[Entry]:
    t, search = tables.staff_action.c, asked.search
    rows = select(t.at, t.id, t.staff, t.step, t.visit, t.counter, t.undone).where(
        t.site == asked.site
    )
    if search.act:
        rows = rows.where(t.step == search.act)
    if search.about:
        rows = rows.where(or_(t.visit.in_(_visits_of(asked)), t.counter == search.about))
    rows = asked.first_of(rows, t.at, t.id, t.staff)
    return [
        Entry(
            at=r.at,
            id=r.id,
            staff=r.staff,
            act=r.step,
            about=f"{r.visit}" if r.visit else "",
            counter=r.counter or "",
            undone=r.undone,
        )
        for r in asked.connection.execute(rows)
    ]


def _visits_of(asked: _Asked) -> Sequence[UUID]:
    """Return the visits that have, or had, the number that is looked for."""
    t = tables.visit.c
    with_number = select(t.id).where(t.site == asked.site, t.number == asked.search.about.upper())
    return asked.connection.execute(with_number).scalars().all()


def _with_numbers(connection: Connection, site: str, entries: list[Entry]) -> list[Entry]:
    """Return the entries with numbers in place of the ids of visits that are still here."""
    ids = {visit for entry in entries if (visit := _id_in(entry.about))}
    t = tables.visit.c
    rows = connection.execute(select(t.id, t.number).where(t.site == site, t.id.in_(ids)))
    numbers = {f"{row.id}": row.number for row in rows}
    return [replace(e, about=numbers.get(e.about, e.about)) for e in entries]


def _id_in(about: str) -> UUID | None:
    try:
        return UUID(about) if len(about) == 36 else None
    except ValueError:
        return None


DAYS_OF_ANYBODY = (date(1970, 1, 2), date(9000, 1, 1))
"""Nothing was done before or after; and moments beside them no time zone can reckon with."""


def _bounds(day: date, time_zone: str) -> tuple[datetime, datetime]:
    first, last = DAYS_OF_ANYBODY
    day, zone = min(max(day, first), last), ZoneInfo(time_zone)
    begins = datetime.combine(day, time(), zone)
    return begins, datetime.combine(day + timedelta(days=1), time(), zone)


def _place(cursor: str | None) -> tuple[datetime, UUID] | None:
    """Return the moment and the entry that a cursor names; None where it names none."""
    at, _, entry = (cursor or "").partition("~")
    try:
        moment = datetime.fromisoformat(at)
        first, last = DAYS_OF_ANYBODY
        is_place = moment.tzinfo is not None and first <= moment.date() <= last
        return (moment, UUID(entry)) if is_place else None
    except ValueError:
        return None
