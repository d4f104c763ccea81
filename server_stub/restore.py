"""A restore: a backup becomes the database of an empty data directory, on SQLite or PostgreSQL.

The store gets a new id and goes on counting events far ahead, so that no page takes what it
showed before for what is there now. Kiosks find by their next heartbeat what is missing, and
send again what they have confirmed in the last seven days.
"""

import secrets
import uuid
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, delete, func, inspect, select, text, update
from sqlalchemy.exc import DBAPIError

from server_stub import schema, tables
from server_stub.backup import OF_THE_MOMENT, copy_file, nobody
from server_stub.checks.inspection import Inspection, inspect_database
from server_stub.fitting import require_known
from server_stub.keys import KeyFileError, read_keys
from server_stub.looking import looking_at_file
from server_stub.row_copy import Tell, copy_rows
from server_stub.settings import Settings
from server_stub.site_keys import KeyState, read_site_keys, take_stock
from server_stub.store import database_url, engine_for, engine_of, locked
from server_stub.store_error import StoreError
from server_stub.unfinished import in_the_making, thrown_away

EVENTS_SKIPPED = 1_000_000
"""More than can have happened since the backup: no page knows a number that is given again."""

EVENTS_SPREAD = 2**40
"""Up to so many more, by chance: nor does a page of another store of the same backup. Browsers
hold numbers up to 2**53 exactly, which is thousands of restores away."""

DESK_NUMBERS_SKIPPED = 100
"""More than staff issue by hand between two backups: none of those is given out again."""

DESK_NUMBERS_A_MINUTE = 2
"""So many more for each minute since the backup, as many as staff issue by hand in it: no store
of the same backup that was restored before, and used until now, has given them out."""

DESK_SPREAD = 600
"""Those of the minutes begin anew after so many: a round has 900 numbers, and then come those
that were given out before."""


@dataclass(frozen=True, slots=True)
class Restored:
    """What is there after a restore.

    Attributes:
        site: The site's id.
        last_change: When something last changed before the backup; None where nothing had.
        visits: How many there are.
        revisions: Of the backup's tables, and of those that it has now.
        newer_key: The key that was made after the backup, and is in force again; None for none.
        prepared: Keys that were prepared at the time of the backup: one may be in force since.
        missing_key: The key that is not in the data directory, if it is not.
        inspection: What is wrong with it.

    """

    site: str
    last_change: datetime | None
    visits: int
    revisions: tuple[str, str]
    newer_key: str | None
    prepared: tuple[str, ...]
    missing_key: str | None
    inspection: Inspection


def restore(settings: Settings, backup: Path, *, tell: Tell = nobody) -> Restored:
    """Make the data directory's database of a backup.

    Args:
        settings: Whose data directory; it is made where there is none.
        backup: A file that `back_up` made, of this program's revision or an older one.
        tell: Gets how much is done, and of how much.

    Raises:
        StoreError: There is a database already, or the backup cannot be used. Nothing is changed.

    """
    revision = _require_backup(backup)
    try:
        settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(f"{settings.data}: cannot be made: {error.strerror}") from None
    with locked(settings):
        _require_empty(settings)
        if database_url(settings) is None:
            with in_the_making(settings.database) as made:
                return _make_ready(settings, backup, made, revision=revision)
        # Worked on as a file first, so that only what is whole goes to the database.
        with thrown_away(settings.data / "restored.db") as made:
            restored = _make_ready(settings, backup, made, revision=revision)
            _fill_postgresql(settings, made, tell=tell)
        return restored


def _require_backup(backup: Path) -> str:
    with looking_at_file(backup) as connection:
        revision = require_known(connection, where=backup)
        if revision is None:
            raise StoreError(f"{backup}: holds no tables of Ankunft; name a backup of it")
        (said,) = connection.execute(text("PRAGMA integrity_check(1)")).one()
    if said != "ok":
        raise StoreError(f"{backup}: is damaged ({said}); take an older backup")
    return revision


def _require_empty(settings: Settings) -> None:
    if database_url(settings):
        with engine_for(settings) as engine, engine.connect() as connection:
            there = set(inspect(connection).get_table_names()) & set(tables.metadata.tables)
        if there:
            raise StoreError(
                f"{settings.url_file}: this database holds tables already ({min(there)}); "
                "name an empty one"
            )
        return
    for path in (settings.database, settings.database.with_name("ankunft.db-wal")):
        if path.exists():
            raise StoreError(
                f"{path}: is there already; restore into a new folder, and keep this one until "
                "the new one has served a day"
            )


def _make_ready(settings: Settings, backup: Path, made: Path, *, revision: str) -> Restored:
    """Copy the backup and make it a store of its own, of the newest revision."""
    copy_file(backup, made)
    with engine_of(made) as engine:
        with engine.execution_options(writes=True).begin() as connection:
            schema.migrate(connection)
            _make_missing_indices(connection)
            _begin_anew(connection, now=settings.clock())
            key = _put_newest_key_in_force(connection, settings)
        with engine.connect() as connection:
            restored = _look_back(connection, settings, revision=revision, key=key)
    return restored


def _make_missing_indices(connection: Connection) -> None:
    """Make again what the backup lacks, but for what its rows do not allow: `check` tells."""
    there = inspect(connection)
    for table in tables.metadata.sorted_tables:
        names = {index["name"] for index in there.get_indexes(table.name)}
        for index in table.indexes:
            if index.name not in names:
                with suppress(DBAPIError), connection.begin_nested():
                    index.create(connection)


def _begin_anew(connection: Connection, *, now: datetime) -> None:
    site, event, kiosk = tables.site, tables.event, tables.kiosk
    events = EVENTS_SKIPPED + secrets.randbelow(EVENTS_SPREAD)
    numbers = DESK_NUMBERS_SKIPPED + _of_the_minutes(_last_change(connection), now)
    for (id_,) in connection.execute(select(site.c.id)).all():
        connection.execute(
            update(site)
            .where(site.c.id == id_)
            .values(store_id=uuid.uuid4(), next_event=site.c.next_event + events)
        )
    connection.execute(update(event).values(number=event.c.number + events))
    connection.execute(
        update(kiosk)
        .where(kiosk.c.kind == "desk")
        .values(highest_sequence=kiosk.c.highest_sequence + numbers)
    )
    for table in OF_THE_MOMENT:
        connection.execute(delete(table))


def _of_the_minutes(last_change: datetime | None, now: datetime) -> int:
    """Return how many numbers of the desk are skipped for the time since the last change."""
    minutes = (now - last_change).total_seconds() / 60 if last_change else 0
    return int(minutes * DESK_NUMBERS_A_MINUTE) % DESK_SPREAD


def _last_change(connection: Connection) -> datetime | None:
    changed: datetime | None = connection.execute(select(func.max(tables.event.c.at))).scalar_one()
    return changed


def _put_newest_key_in_force(connection: Connection, settings: Settings) -> str | None:
    """Take the newest key that is here, where the backup is older than it; return which."""
    row = connection.execute(select(tables.site.c.id, tables.site.c.key_id)).first()
    if row is None:
        return None
    try:
        keys = read_keys(settings.keys)
        key_id = take_stock(connection, row.id, keys, now=settings.clock(), restored=True)
    except KeyFileError:
        return None  # told by what misses
    return None if key_id == row.key_id else key_id


def _look_back(
    connection: Connection, settings: Settings, *, revision: str, key: str | None
) -> Restored:
    site, key_id = connection.execute(select(tables.site.c.id, tables.site.c.key_id)).first() or (
        "none",
        "none",
    )
    last_change = _last_change(connection)
    visits = connection.execute(select(func.count()).select_from(tables.visit)).scalar_one()
    return Restored(
        site=site,
        last_change=last_change,
        visits=visits,
        revisions=(revision, schema.newest_revision()),
        newer_key=key,
        prepared=tuple(
            one.key_id for one in read_site_keys(connection, site) if one.state is KeyState.PREPARED
        ),
        missing_key=None if _has_key(settings, key_id) else key_id,
        inspection=inspect_database(connection, now=last_change or settings.clock()),
    )


def _has_key(settings: Settings, key_id: str) -> bool:
    try:
        return read_keys(settings.keys).private_key(key_id) is not None
    except KeyFileError:
        return False


def _fill_postgresql(settings: Settings, made: Path, *, tell: Tell) -> None:
    try:
        with (
            looking_at_file(made) as source,
            engine_for(settings) as engine,
            engine.execution_options(writes=True).begin() as target,
        ):
            schema.migrate(target)
            copy_rows(source, target, of=tables.metadata, tell=tell)
    except DBAPIError as error:
        raise StoreError(f"{settings.url_file}: nothing was restored: {error.orig}") from None
