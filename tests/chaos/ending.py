"""The end of a run: what is broken is mended, what is under way arrives, the books are read."""

import sqlite3
from contextlib import closing
from pathlib import Path
from uuid import UUID

from kiosk.contract.series import Series
from tests.chaos.accounts import Accounts, Entry
from tests.chaos.reception_point import ReceptionPoint


def undelivered(journal: Path) -> int:
    """Return how much of a kiosk's journal the server has not heard."""
    with closing(_read_only(journal)) as db:
        (count,) = db.execute(
            "SELECT (SELECT count(*) FROM outbox WHERE state = 'waiting')"
            " + (SELECT count(*) FROM slip WHERE reported < revision)"
        ).fetchone()
        return int(count)


def unended(journal: Path) -> int:
    """Return how many slips of a kiosk's journal are on their way to paper."""
    with closing(_read_only(journal)) as db:
        (count,) = db.execute(
            "SELECT count(*) FROM slip WHERE state IN ('waiting', 'sending')"
        ).fetchone()
        return int(count)


def read_accounts(point: ReceptionPoint, *, touched_help: int) -> Accounts:
    """Return the accounts of a reception point."""
    with closing(_read_only(point.journal)) as db:
        rows = db.execute(
            "SELECT o.id, o.number, o.sequence, o.state, s.state, s.copies"
            " FROM outbox o JOIN slip s ON s.id = o.id ORDER BY o.sequence"
        )
        journal = [Entry(*row) for row in rows]
    with closing(_read_only(point.database)) as db:
        stored = [
            (str(UUID(i)), number) for i, number in db.execute("SELECT id, number FROM visit")
        ]
        (bodies,) = db.execute("SELECT count(*) FROM check_in_body").fetchone()
        (calls,) = db.execute("SELECT count(*) FROM help_call").fetchone()
    who = point.settings.kiosk
    return Accounts(
        given=point.desk.given,
        journal=journal,
        sheets=point.sheets,
        copies=point.copies,
        stored=stored,
        bodies=bodies,
        help_calls=calls,
        touched_help=touched_help,
        series=Series(who.letter, who.skip_numbers),
    )


def settle(point: ReceptionPoint, *, touched_help: int) -> Accounts:
    """Mend everything, let it come to an end, and return the accounts.

    Raises TimeoutError where slips do not end, or the server does not hear of everything.
    """
    point.printer.fault = None
    if not point.server_runs:
        point.server.start()
    point.cable.plug_in()
    point.wait_until(lambda: not unended(point.journal), seconds=90, what="slips have ended")
    point.restart_desk()  # or its courier might rest for half a minute
    point.wait_until(lambda: not undelivered(point.journal), seconds=90, what="all delivered")
    return read_accounts(point, touched_help=touched_help)


def _read_only(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
