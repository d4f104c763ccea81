"""Winding down: what the city keeps is written, and everything else is deleted for good.

First the files that are kept, with a record of them; only then keys, rows and files go. So it can
be interrupted anywhere, and the same command goes on where it was.
"""

import os
from collections.abc import Callable, Iterable
from datetime import date
from importlib.metadata import version
from pathlib import Path

from sqlalchemy import Connection, select, text
from sqlalchemy.exc import DBAPIError

from kiosk.contract.site import Site
from server_stub import export, site_versions, tables
from server_stub.arrival import service_day
from server_stub.daily_figures import read_period
from server_stub.figures_files import as_csv, as_json
from server_stub.figures_report import report
from server_stub.page_texts import LANGUAGES
from server_stub.settings import Settings
from server_stub.site_in_force import load_site
from server_stub.store import database_url, engine_for, locked
from server_stub.store_error import StoreError
from server_stub.store_failures import reason_of
from server_stub.wind_down_record import (
    KeptFile,
    Record,
    Survey,
    kept_file,
    read_record,
    survey,
    write_record,
)

SITE_FILES = "site-files"
"""The folder of the versions of the site file."""

WIPED_AT_ONCE = 64 * 1024
"""Bytes that are overwritten at once."""


class NotYetError(StoreError):
    """Something speaks against winding down now; nothing was written or deleted."""


def wind_down(
    settings: Settings,
    folder: Path,
    *,
    by: str,
    agree: Callable[[Survey, Site], None],
    tell: Callable[[str], None] = lambda _: None,
) -> Record:
    """Write what is kept into a folder, delete everything else, and return the record.

    Args:
        settings: Of the server, which must not run.
        folder: A new one; or that of a wind-down that was interrupted, which goes on, or was
            finished, which is only told.
        by: Who does it, as it will stand in the record.
        agree: Is shown what is there before anything is written; raises to stop it.
        tell: Gets what is being done, a sentence each.

    Raises:
        StoreError: A server runs, there is no store, the folder is another's or lies where all is
            deleted, or a file cannot be written or deleted; the message says how far it got.

    """
    _require_outside(settings, folder)
    record = read_record(folder) if folder.exists() else None
    if record and record.deleted_at:
        tell(f"was finished at {record.deleted_at:%Y-%m-%d %H:%M} UTC")
        return record
    if record is None and folder.exists():
        raise StoreError(f"{folder}: is there already; name a new folder")
    if not settings.data.is_dir():
        raise StoreError(f"{settings.data}: no Ankunft data here")
    with locked(settings):
        if record is None:
            record = _export(settings, folder, by=by, agree=agree, tell=tell)
        else:
            _require_same(settings, record)
            tell(f"goes on with what was kept at {record.exported_at:%Y-%m-%d %H:%M} UTC")
        tell("deleting the keys")
        _wipe_all(_keys(settings))
        tell("deleting all rows")
        _drop_tables(settings)
        _wipe_all([*_database_files(settings), *_queue(settings), *_backups(settings)])
        _wipe_all(_files(settings.incoming))
    settings.lock.unlink(missing_ok=True)
    left = _left(settings)
    read_record(folder)  # it says that all of this is kept: once more where there is nothing else
    finished = record.finished(settings.clock(), left=left)
    write_record(folder, finished)
    return finished


def _require_outside(settings: Settings, folder: Path) -> None:
    """Raise where what is kept would be deleted with everything else."""
    ours = (
        settings.data,
        settings.keys,
        settings.queue_folder,
        settings.backups,
        settings.incoming,
    )
    for one in ours:
        if folder.resolve().is_relative_to(one.resolve()):
            raise StoreError(
                f"{folder}: lies in {one}, of which nothing is left; name a new folder outside of "
                "the data directory. Nothing was deleted"
            )


def draft(connection: Connection, site: Site, *, settings: Settings, by: str) -> Record:
    """Return what the record would say if it were done now; nothing is written or deleted."""
    today = service_day(settings.clock(), site.time_zone)
    found = survey(connection, site.id, today=today)
    return _record(connection, site, settings, by=by, found=found, kept=())


def _export(
    settings: Settings,
    folder: Path,
    *,
    by: str,
    agree: Callable[[Survey, Site], None],
    tell: Callable[[str], None],
) -> Record:
    """Write what is kept, and the record that says so."""
    with engine_for(settings) as engine, engine.connect() as connection:
        site = load_site(connection).site
        today = service_day(settings.clock(), site.time_zone)
        found = survey(connection, site.id, today=today)
        agree(found, site)
        tell(f"writing what is kept into {folder}")
        export.new_folder(folder)
        first = export.first_day(connection, site) or today
        names = [
            *_write_figures(connection, site, folder, first=first, today=today),
            *_write_site_files(connection, site, folder),
        ]
        record = _record(
            connection, site, settings, by=by, found=found, kept=_sealed(folder, names)
        )
    write_record(folder, record)
    return record


def _record(
    connection: Connection,
    site: Site,
    settings: Settings,
    *,
    by: str,
    found: Survey,
    kept: tuple[KeptFile, ...],
) -> Record:
    t, now = tables.site.c, settings.clock()
    store = connection.execute(select(t.store_id, t.next_event).where(t.id == site.id)).one()
    files = {
        "keys": len(_keys(settings)),
        "queue": len(_queue(settings)),
        "backups": len(_backups(settings)),
    }
    return Record(
        site=site.id,
        site_name=site.name,
        time_zone=site.time_zone,
        store_id=store.store_id,
        program_version=version("ankunft"),
        by=by,
        first=export.first_day(connection, site),
        last=service_day(now, site.time_zone),
        last_event=store.next_event - 1,
        kept=kept,
        deleted=found.counts | files,
        left=(),
        exported_at=now,
    )


def _write_figures(
    connection: Connection, site: Site, folder: Path, *, first: date, today: date
) -> Iterable[str]:
    """Write the figures of all days as they may be told to anyone; yield the files' names."""
    period = read_period(connection, site, first=first, last=today, today=today)
    for language in LANGUAGES:
        told = report(period, site, today=today, language=language)
        for suffix, content in (("csv", as_csv(told)), ("json", as_json(told))):
            name = f"figures.{language}.{suffix}"
            (folder / name).write_bytes(content)
            yield name


def _write_site_files(connection: Connection, site: Site, folder: Path) -> Iterable[str]:
    """Write every version of the site file; yield the files' names."""
    (folder / SITE_FILES).mkdir(mode=0o700)
    for one in reversed(site_versions.versions(connection, site.id)):
        name = f"{SITE_FILES}/{one.number:04}-{one.taken_at:%Y-%m-%d}.toml"
        (folder / name).write_text(one.toml, encoding="utf-8")
        yield name


def _sealed(folder: Path, names: Iterable[str]) -> tuple[KeptFile, ...]:
    """Return the files with their hashes, once they are on the disk."""
    kept = tuple(kept_file(folder, name) for name in names)
    for path in (*(folder / file.name for file in kept), folder / SITE_FILES, folder):
        _sync(path)
    return kept


def _require_same(settings: Settings, record: Record) -> None:
    """Raise where the store has gone on since the files were written, or is another one."""
    if not _has_database(settings):
        return
    t = tables.site.c
    try:
        with engine_for(settings) as engine, engine.connect() as connection:
            row = connection.execute(select(t.store_id, t.next_event)).one_or_none()
    except (DBAPIError, UnicodeError, ValueError):
        return  # it is overwritten in part, or its tables are gone
    if row and (row.store_id, row.next_event - 1) != (record.store_id, record.last_event):
        raise StoreError(
            f"{settings.data}: is another store than the one that was written down, or it has "
            "gone on since; name a new folder"
        )


def _has_database(settings: Settings) -> bool:
    return database_url(settings) is not None or settings.database.exists()


def _drop_tables(settings: Settings) -> None:
    """Drop all tables of a PostgreSQL; a SQLite file is overwritten as a whole."""
    if database_url(settings) is None:
        return
    try:
        with (
            engine_for(settings) as engine,
            engine.execution_options(writes=True).begin() as connection,
        ):
            connection.execute(text("DROP TABLE IF EXISTS alembic_version"))
            tables.metadata.drop_all(connection)
    except DBAPIError as error:
        raise StoreError(f"{settings.data}: rows cannot be deleted: {reason_of(error)}") from None


def _keys(settings: Settings) -> list[Path]:
    return _files(settings.keys)


def _queue(settings: Settings) -> list[Path]:
    return _files(settings.queue_folder)


def _backups(settings: Settings) -> list[Path]:
    return _files(settings.backups)


def _database_files(settings: Settings) -> list[Path]:
    database = settings.database
    return [
        path
        for path in (
            *(database.with_name(f"{database.name}{end}") for end in ("-wal", "-shm")),
            database,
        )
        if path.exists()
    ]


def _files(folder: Path) -> list[Path]:
    """Return the files of a folder, what is half-made too."""
    return sorted(path for path in folder.glob("*") if path.is_file()) if folder.is_dir() else []


def _left(settings: Settings) -> list[str]:
    """Return what lies in the data directory yet; folders of ours that are empty go."""
    for folder in (settings.keys, settings.queue_folder, settings.backups, settings.incoming):
        if folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()
    return sorted(path.name for path in settings.data.iterdir())


def _wipe_all(paths: Iterable[Path]) -> None:
    for path in paths:
        try:
            _wipe(path)
        except OSError as error:
            raise StoreError(f"{path}: cannot be deleted: {error.strerror}") from None


def _wipe(path: Path) -> None:
    """Overwrite a file, and delete it."""
    with path.open("r+b") as file:
        left = path.stat().st_size
        while left > 0:
            left -= file.write(bytes(min(left, WIPED_AT_ONCE)))
        file.flush()
        os.fsync(file.fileno())
    path.unlink()
    _sync(path.parent)


def _sync(path: Path) -> None:
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
