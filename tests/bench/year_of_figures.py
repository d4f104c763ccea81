"""A year of figures, read from its daily roll-ups, beside counting them from the rows.

``python -m tests.bench.year_of_figures [VISITS]`` prints the table; 5,000,000 by default.
"""

import random
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import uuid4

from sqlalchemy import Engine, Table, text

from kiosk.contract.site import Site
from kiosk.contract.site_file import read_site_file
from server_stub import schema, tables
from server_stub.daily_figures import read_day, read_period, roll_up
from server_stub.figures_files import as_csv
from server_stub.figures_of_day import Achieved, Arrival, Happenings, Passage
from server_stub.figures_report import report
from server_stub.site_in_force import put_in_force
from server_stub.store import engine_of
from tests.bench.figures import Figure, table
from tests.server_stub.stored_days import put_day
from tests.stand.server import ROOT

VISITS = 5_000_000
DAYS = 365
FIRST = date(2026, 1, 1)
LAST = FIRST + timedelta(days=DAYS - 1)
LONG_AFTER = LAST + timedelta(days=30)
REPETITIONS = 5

LANGUAGES = {"uk": 600, "ru": 310, "en": 30, "de": 10, "ar": 8, "ro": 6, "hu": 6, "ka": 3}
"""Parties of a thousand, more or less."""
STAGES = {"information": (25, 4), "registration": (50, 20)}
"""The stages that each party passes, with the minutes of a wait and of a service, on average."""
COPIED = (tables.visit, tables.passage, tables.outcome)


def measure_year(folder: Path, *, visits: int = VISITS) -> list[Figure]:
    """Make a year of so many visits in a new `folder`, and measure how long its figures take."""
    site = read_site_file(ROOT / "assets" / "sites" / "duesseldorf.toml")
    folder.mkdir(parents=True)
    with engine_of(folder / "year.db") as engine:
        make_year(engine, site, visits=visits)
        counted = _seconds(lambda: _roll_up_all(engine, site))
        year = [_seconds(lambda: _year(engine, site, today=LONG_AFTER)) for _ in range(REPETITIONS)]
        # The last day is counted from its rows; the three before are looked at for changes.
        live = [_seconds(lambda: _year(engine, site, today=LAST)) for _ in range(REPETITIONS)]
        day = [_seconds(lambda: _day(engine, site)) for _ in range(REPETITIONS)]
    of = f"figures of {visits:,} visits in a year"
    beside = {"beside": (counted,), "than": "counted from the rows"}
    return [
        Figure(of, tuple(year), "s", **beside),
        Figure(f"{of}, today included", tuple(live), "s", **beside),
        Figure(f"figures of a day of {visits // DAYS:,} visits, counted", tuple(day), "s"),
    ]


def make_year(engine: Engine, site: Site, *, visits: int) -> None:
    """Store a day, and copy it to all others of the year."""
    with engine.execution_options(writes=True).begin() as connection:
        schema.migrate(connection)
        put_in_force(connection, site, key_id="none")
        happened = a_day(visits // DAYS)
        put_day(connection, FIRST, happened, site=site.id)
    first = {"site": site.id, "day": FIRST.isoformat()}
    for n in range(1, DAYS):
        later = {"days": f"+{n} days", "n": n}
        with engine.execution_options(writes=True).begin() as connection:
            for copied in COPIED:
                connection.execute(text(_copy(copied)), first | later)


def a_day(parties: int) -> Happenings:
    """Return what happens when so many parties come, the same in each run."""
    chance = random.Random(20260101)  # noqa: S311  # the same in each run
    opens = datetime(2026, 1, 1, 7, tzinfo=UTC)  # 08:00 in Düsseldorf
    languages = chance.choices(list(LANGUAGES), LANGUAGES.values(), k=parties)
    arrivals, passages, achieved = [], [], []
    for language in languages:
        visit = uuid4()
        came = opens + timedelta(seconds=chance.triangular(0, 10 * 3600, 3600))
        persons = chance.choice((1, 1, 2, 2, 2, 3, 3, 4))
        arrivals.append(Arrival(came, adults=1, children=persons - 1, language=language))
        for stage, (wait, service) in STAGES.items():
            called = came + timedelta(minutes=chance.expovariate(1 / wait))
            gone = called + timedelta(minutes=chance.expovariate(1 / service))
            by = "finish" if stage == list(STAGES)[-1] else "forward"
            passages.append(Passage(visit, stage, persons, came, called, called, gone, by))
            came = gone
        if chance.random() < 0.2:
            achieved.append(Achieved("biometrics-taken", persons, came))
    return Happenings(arrivals=arrivals, passages=passages, achieved=achieved)


def _copy(copied: Table) -> str:
    """Return the statement that copies the first day's rows of a table to a later day."""
    shifted = []
    for column in copied.columns:
        if column.name == "id":
            # As ids made in order of time are: the database need not jump.
            shifted.append("printf('%08x', :n) || substr(id, 9)")
        elif isinstance(column.type, tables.AwareUtc):
            shifted.append(f"strftime('%Y-%m-%d %H:%M:%f000', {column.name}, :days)")
        elif column.name == "service_day":
            shifted.append("date(service_day, :days)")
        else:
            shifted.append(f'"{column.name}"')
    return (
        f"INSERT INTO {copied.name} SELECT {', '.join(shifted)} "  # noqa: S608  # names of our own
        f"FROM {copied.name} WHERE site = :site AND service_day = :day"
    )


def _roll_up_all(engine: Engine, site: Site) -> None:
    for n in range(DAYS):
        with engine.execution_options(writes=True).begin() as connection:
            roll_up(connection, site, FIRST + timedelta(days=n), at=datetime.now(UTC))


def _year(engine: Engine, site: Site, *, today: date) -> None:
    with engine.connect() as connection:
        period = read_period(connection, site, first=FIRST, last=LAST, today=today)
    as_csv(report(period, site, today=today, language="de"))


def _day(engine: Engine, site: Site) -> None:
    with engine.connect() as connection:
        read_day(connection, site, LAST)


def _seconds(work: Callable[[], None]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def main(arguments: list[str]) -> int:
    """Measure a year and print the table."""
    visits = int(arguments[0]) if arguments else VISITS
    with tempfile.TemporaryDirectory(prefix="ankunft-year-", dir=ROOT / "build") as name:
        print(table(measure_year(Path(name) / "year", visits=visits)))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
