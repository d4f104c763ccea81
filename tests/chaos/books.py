"""The books of a whole reception point: journals, paper and the server's store must agree.

Each kiosk's own accounts are in `accounts.py`; here they are read from the files and processes of
all of them, and held against what the server has, in either database.
"""

import sqlite3
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from sqlalchemy import Connection, func, select

from kiosk.assembly import journal_path
from kiosk.contract.series import Series
from kiosk.settings import read_settings
from server_stub import tables
from server_stub.checks.inspection import inspect_database
from server_stub.settings import Settings
from server_stub.store import engine_for
from tests.chaos.accounts import Accounts, Entry
from tests.chaos.kiosk_process import KioskProcess
from tests.chaos.printer_process import PrinterProcess


@dataclass(frozen=True, slots=True)
class Stored:
    """What the server has.

    Attributes:
        visits: Id and number of each, by the name of its kiosk.
        bodies: How many sealed check-ins of each kiosk.
        gaps: How many event numbers are missing.
        findings: What `check` has to say against it.

    """

    visits: Mapping[str, Sequence[tuple[str, str]]]
    bodies: Mapping[str, int]
    gaps: int
    findings: Sequence[str]

    @property
    def count(self) -> int:
        """How many visits there are."""
        return sum(len(visits) for visits in self.visits.values())


@dataclass(frozen=True, slots=True)
class Books:
    """The accounts of every kiosk by its name, and what the server has.

    Attributes:
        called: How often each visit was called at each stage, as the counters were told.

    """

    accounts: Mapping[str, Accounts]
    stored: Stored
    called: Mapping[tuple[str, str], int] = field(default_factory=dict)

    @property
    def numbers(self) -> int:
        """How many numbers the journals have."""
        return sum(len(accounts.journal) for accounts in self.accounts.values())

    @property
    def slips(self) -> int:
        """How many whole slips came out."""
        return sum(accounts.printed for accounts in self.accounts.values())

    @property
    def copies(self) -> int:
        """How many slips were sent to paper a second time."""
        journals = (accounts.journal for accounts in self.accounts.values())
        return sum(entry.copies > 1 for journal in journals for entry in journal)

    def disagreements(self) -> list[str]:
        """Return what does not agree, a sentence each."""
        return list(self._disagreements())

    def _disagreements(self) -> Iterator[str]:
        for name, accounts in self.accounts.items():
            yield from (f"{name}: {one}" for one in accounts.disagreements())
        for name in self.stored.visits.keys() - self.accounts.keys():
            yield f"visits of {name}, which is no kiosk here"
        if self.stored.gaps:
            yield f"{self.stored.gaps} event numbers are missing"
        yield from self.stored.findings
        for (visit, stage), often in self.called.items():
            if often > 1:
                yield f"visit {visit} was called {often} times at {stage}"


def read_journal(path: Path) -> list[Entry]:
    """Return what a kiosk wrote down, in the order of its numbers."""
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as db:
        rows = db.execute(
            "SELECT o.id, o.number, o.sequence, o.state, s.state, s.copies"
            " FROM outbox o JOIN slip s ON s.id = o.id ORDER BY o.sequence"
        )
        return [Entry(*row) for row in rows]


def read_store(data: Path) -> Stored:
    """Return what the server of a data folder has; it must not change meanwhile."""
    with engine_for(Settings(data=data)) as engine, engine.connect() as connection:
        return Stored(
            _visits(connection),
            _bodies(connection),
            _gaps(connection),
            tuple(_findings(connection)),
        )


def accounts_of(
    kiosk: KioskProcess,
    printer: PrinterProcess,
    stored: Stored,
    *,
    unnoted: int = 0,
) -> Accounts:
    """Return the accounts of a kiosk that has come to rest.

    Args:
        kiosk: Whose journal is read.
        printer: Its own.
        stored: What the server has.
        unnoted: See `Accounts`.

    """
    settings = read_settings(kiosk.settings)
    who = settings.kiosk
    return Accounts(
        given=kiosk.given,
        journal=read_journal(journal_path(settings)),
        sheets=printer.sheets,
        copies=kiosk.copies,
        stored=stored.visits.get(who.name, ()),
        bodies=stored.bodies.get(who.name, 0),
        series=Series(who.letter, who.skip_numbers),
        cut_off=kiosk.cut_off,
        unnoted=unnoted,
        truthful=True,
    )


def _visits(connection: Connection) -> dict[str, list[tuple[str, str]]]:
    t = tables.visit.c
    visits: dict[str, list[tuple[str, str]]] = {}
    rows = connection.execute(
        select(t.kiosk, t.id, t.number).join(tables.ledger, tables.ledger.c.id == t.id)
    )
    for kiosk, id_, number in rows:
        visits.setdefault(kiosk, []).append((str(UUID(str(id_))), number))
    return visits


def _bodies(connection: Connection) -> dict[str, int]:
    t = tables.visit.c
    bodies = tables.check_in_body
    rows = connection.execute(select(t.kiosk).join(bodies, bodies.c.id == t.id))
    return dict(Counter(rows.scalars()))


def _gaps(connection: Connection) -> int:
    given = connection.execute(select(tables.site.c.next_event)).scalar_one() - 1
    there = connection.execute(select(func.count()).select_from(tables.event)).scalar_one()
    return int(given - there)


def _findings(connection: Connection) -> Iterator[str]:
    """Yield what is wrong by the checks of the program's own."""
    for result in inspect_database(connection, now=datetime.now(UTC)).results:
        for finding in result.findings:
            if finding.grave:
                yield f"check {result.name}: {finding}"
