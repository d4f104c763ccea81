"""A year goes by, and every row of every table is asked how old it is."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Connection, Row, select

from server_stub import sqlite, tables
from server_stub.audit import FORGOTTEN
from server_stub.checks.inspection import inspect_database
from server_stub.inventory import HOLDINGS, Holding, Span, named
from server_stub.retention_periods import DEFAULTS, PROMISED_HOURS, Kind
from tests.server_stub.enrolled import MONDAY_NOON, StandingClock
from tests.server_stub.open_room import open_room
from tests.server_stub.year import Year

pytestmark = [pytest.mark.slow]

A_DAY = timedelta(days=1)

NOTHING = (None, "", FORGOTTEN, {}, 0)


@pytest.fixture
def year(new_data, tmp_path, made_once, monkeypatch) -> Iterator[Year]:
    no_power_fails = (*sqlite.PRAGMAS, "synchronous = OFF")  # a year has ten thousand commits
    monkeypatch.setattr(sqlite, "PRAGMAS", no_power_fails)
    clock = StandingClock(MONDAY_NOON)
    settings = new_data(tmp_path / "data")
    settings = type(settings)(data=settings.data, clock=clock, seconds_between_rounds=None)
    with open_room(settings) as room:
        yield Year(settings, room, clock=clock, kiosk=made_once[1])


def length_of(holding: Holding) -> timedelta | None:
    """Return for how long a holding may be kept; None where it does not end by its age."""
    match holding.span:
        case Span.SHORT:
            return holding.lasts
        case Span.ACCOUNT:
            return DEFAULTS[Kind.AUDIT].length
        case Span.DEVICE | Span.LATEST | Span.FOR_GOOD:
            return None
        case _:
            return DEFAULTS[Kind(holding.span.value)].length


def too_old(connection: Connection, holding: Holding, *, now: datetime) -> list[str]:
    """Return the columns of rows that are older than their holding allows."""
    length = length_of(holding)
    if length is None:
        return []
    due = now - length
    table = tables.metadata.tables[holding.table]
    found = []
    for row in connection.execute(select(table)):
        since = _since(connection, holding, row)
        if since is not None and since <= due:
            still = [n for n in holding.names if getattr(row, n) not in NOTHING]
            found += [f"{holding.table}.{name} since {since}" for name in still]
    return found


def _since(connection: Connection, holding: Holding, row: Row) -> datetime | None:
    """Return from when the age of a row counts; the beginning of time where it should be gone."""
    if not holding.since.startswith("visit."):
        return getattr(row, holding.since)
    visit = getattr(row, holding.key)
    if visit is None:
        return getattr(row, holding.since.rpartition(", or ")[2], None)
    t = tables.visit.c
    found = connection.execute(select(t.ended_at, t.arrived_at).where(t.id == visit)).one_or_none()
    if found is None:
        return getattr(row, "at", MONDAY_NOON - timedelta(days=999))
    if holding.span is Span.ANSWERS:  # as kiosks promise, whatever becomes of the visit
        return min(found.ended_at or found.arrived_at, found.arrived_at)
    return found.ended_at


def require_clean(year: Year) -> None:
    """Ask every row, by what the inventory says of it, and look for what it does not name."""
    year.do_rounds()
    now = year.clock.now
    with year.room.engine.connect() as connection:
        old = [one for holding in HOLDINGS for one in too_old(connection, holding, now=now)]
    assert old == []
    before = now - timedelta(hours=2 * PROMISED_HOURS) - 4 * A_DAY  # carried over, then kept
    gone = [str(visit) for visit, came in year.visits.items() if came <= before]
    forgotten = now - DEFAULTS[Kind.AUDIT].length
    audited = {
        str(visit) for visit, came in year.visits.items() if came > forgotten - timedelta(hours=1)
    }
    for visit, columns in year.found(*gone[-300:], *gone[:30]).items():
        assert columns <= {"ledger.id", "audit.about"}, f"{visit} in {columns}"
        assert "audit.about" not in columns or visit in audited
    sealed = [text for text, came in year.sealed.items() if came <= before]
    assert year.found(*sealed[-300:]) == {}
    left = [name for name, at in year.gone.items() if at <= forgotten]
    assert year.found(*left) == {}


def require_figures(year: Year) -> None:
    """Days that are over are told as they were, and as many came as did."""
    assert len(year.figures) > year.day / 5
    for day, told in year.figures.items():
        assert year.reported(day) == told, day
    told = year.period(min(year.came), max(year.came))
    assert {day: count.parties for day, count in told.by_day.items()} == year.came


DAYS = {"sqlite": 366, "postgresql": 96}
"""On PostgreSQL, where each day takes longer, until the audit log's period is over too."""


@pytest.mark.both_databases
def test_a_year_leaves_nothing_that_is_older_than_its_period_and_every_figure(year, database):
    days = DAYS[database]
    for _ in range(days):
        year.live()
        if year.day % 91 == 0:
            require_clean(year)
    require_clean(year)
    require_figures(year)
    with year.room.engine.connect() as connection:
        results = inspect_database(connection, now=year.clock.now).results
    assert [str(finding) for result in results for finding in result.findings] == []


def test_every_column_of_every_table_is_in_the_inventory_once():
    there = {
        f"{table.name}.{column.name}"
        for table in tables.metadata.sorted_tables
        for column in table.c
        if column.name != "site"
    }

    assert sorted(named()) == sorted(there)


def test_whatever_tells_of_a_person_ends_by_itself_or_says_why_not():
    endless = {
        holding.table
        for holding in HOLDINGS
        if holding.of.value in ("a party", "staff") and length_of(holding) is None
    }

    assert endless == {"ledger"}
    for holding in HOLDINGS:
        assert bool(holding.since) == (length_of(holding) is not None), holding.table
        assert holding.why
