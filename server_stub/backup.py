"""A backup: one moment of the database as one SQLite file, made while the server goes on.

It holds no key of the site, so that whoever finds it can read no answer; and nothing that only
belongs to the moment (who is logged in, who mistyped a password).
"""

import time
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pysqlite3 import dbapi2 as sqlite
from sqlalchemy import Connection, NullPool, create_engine, select, text
from sqlalchemy.exc import DBAPIError

from server_stub import schema, tables
from server_stub.checks.inspection import Inspection, inspect_database
from server_stub.looking import looking_at, looking_at_file
from server_stub.row_copy import Tell, copy_rows, tables_as_they_are
from server_stub.settings import Settings
from server_stub.store import database_url
from server_stub.store_error import StoreError
from server_stub.unfinished import in_the_making

OF_THE_MOMENT = (
    tables.staff_session,
    tables.login_failure,
    tables.health_probe,
    tables.challenge,
    tables.attempt,
)
"""What no backup needs and none should keep."""

STAMP = "%Y%m%dT%H%M%SZ"
"""When a backup was made, in UTC, as its name says it."""

STEPS_BETWEEN_WORDS = 100_000
"""Of SQLite's machine; some milliseconds."""


def nobody(done: int, of: int) -> None:
    """Hear of progress, and tell nobody."""


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup that was made.

    Attributes:
        path: The file.
        size: In bytes.
        revision: Of its tables.
        inspection: What is wrong with it; None where its tables are of another revision than
            this program's, which is then all that can be said.

    """

    path: Path
    size: int
    revision: str
    inspection: Inspection | None


def back_up(settings: Settings, path: Path, *, tell: Tell = nobody) -> Backup:
    """Write a backup of the data directory's database, also while a server runs on it.

    What is wrong with the rows of the database is in its backup too: that is told, and the
    backup is kept. Only a damaged file is not.

    Args:
        settings: Whose database.
        path: The file to make; a folder gets one that is named by site and time.
        tell: Gets how much is done, and of how much.

    Raises:
        StoreError: There is no database, or no backup could be made; then none is there.

    """
    with looking_at(settings) as connection:
        revision = _revision(connection, settings)
        path = path / file_name(connection, settings.clock()) if path.is_dir() else path
    with in_the_making(path) as made:
        if database_url(settings) is None:
            copy_file(settings.database, made, tell=tell)
        else:
            _copy_postgresql(settings, made, revision=revision, tell=tell)
        _forget_the_moment(made)
        inspection = _inspect(made, revision=revision, now=settings.clock())
    return Backup(path, path.stat().st_size, revision, inspection)


def file_name(connection: Connection, now: datetime) -> str:
    """Return how a backup is named, so that names sort by time: ``ankunft-site-20261122T…``."""
    site = connection.execute(select(tables.site.c.id).limit(1)).scalar_one_or_none() or "empty"
    return f"ankunft-{site}-{now.astimezone(UTC):{STAMP}}.db"


def others_beside(backup: Path) -> dict[Path, datetime]:
    """Return the other backups of the same site in its folder, the oldest first, with their times.

    When they were made is read from their names, which no copying changes.
    """
    site = backup.name.rpartition("-")[0]
    others = {}
    for path in sorted(backup.parent.glob(f"{site}-*.db")):
        of_site, _, stamp = path.stem.rpartition("-")
        try:
            made_at = datetime.strptime(stamp, STAMP).replace(tzinfo=UTC)
        except ValueError:
            continue  # somebody's own file
        if of_site == site and path != backup:
            others[path] = made_at
    return others


def _revision(connection: Connection, settings: Settings) -> str:
    revision = schema.revision_of(connection)
    if revision is None:
        raise StoreError(f"{settings.data}: its database holds no tables of Ankunft")
    return revision


def copy_file(database: Path, made: Path, *, tell: Tell = nobody) -> None:
    """Copy a SQLite file as it is at one moment.

    By VACUUM INTO: it is one reader more, for which nobody waits, and copies no page that once
    held something deleted. The backup API begins anew at each change where it copies in steps.
    """
    size = database.stat().st_size
    told = time.monotonic()

    def go_on() -> int:
        nonlocal told
        if time.monotonic() - told > 1:
            told = time.monotonic()
            tell(min(made.stat().st_size, size), size)
        return 0

    address = f"{database.absolute().as_uri()}?mode=ro"
    with closing(sqlite.connect(address, uri=True, isolation_level=None, timeout=5)) as source:
        source.set_progress_handler(go_on, STEPS_BETWEEN_WORDS)
        try:
            source.execute("VACUUM INTO ?", (str(made),))
        except sqlite.Error as error:
            raise StoreError(
                f"{database}: cannot be copied: {error}; is there room for {size} bytes?"
            ) from None
    tell(size, size)


def _copy_postgresql(settings: Settings, made: Path, *, revision: str, tell: Tell) -> None:
    """Copy a PostgreSQL, as it is at one moment, into a SQLite file of the same tables."""
    engine = create_engine(
        f"sqlite:///{made}", module=sqlite, poolclass=NullPool, hide_parameters=True
    )
    try:
        with looking_at(settings) as source, engine.begin() as target:
            schema.migrate(target, to=revision)
            newest = revision == schema.newest_revision()
            of = tables.metadata if newest else tables_as_they_are(source)
            copy_rows(source, target, of=of, tell=tell)
    except DBAPIError as error:
        raise StoreError(f"no backup could be made: {error.orig}") from None
    finally:
        engine.dispose()


def _forget_the_moment(made: Path) -> None:
    with closing(sqlite.connect(str(made), isolation_level=None)) as backup:
        backup.execute("PRAGMA journal_mode = DELETE")  # one file, nothing beside it
        backup.execute("PRAGMA secure_delete = ON")
        here = {name for (name,) in backup.execute("SELECT name FROM sqlite_master")}
        for table in OF_THE_MOMENT:
            if table.name in here:
                backup.execute(f"DELETE FROM {table.name}")  # noqa: S608  # our own names


def _inspect(made: Path, *, revision: str, now: datetime) -> Inspection | None:
    with looking_at_file(made) as connection:
        if revision != schema.newest_revision():
            (said,) = connection.execute(text("PRAGMA integrity_check(1)")).one()
            if said != "ok":
                raise StoreError(f"the backup cannot be read ({said}): none was kept")
            return None
        inspection = inspect_database(connection, now=now)
    if inspection.damaged:
        raise StoreError(
            f"the backup is damaged ({inspection.results[0].findings[0].wrong}): none was kept; "
            "look at the disk"
        )
    return inspection
