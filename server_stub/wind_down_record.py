"""The record of a wind-down: what was kept, what was deleted, when and by whom.

It is also how far a wind-down is: one that was interrupted goes on from what stands in it.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, func, select

from server_stub import day_book, tables
from server_stub.rows_of_day import anything_on
from server_stub.service_days import DayState
from server_stub.store_error import StoreError
from server_stub.unfinished import in_the_making

FILE = "record.json"

VERSION = 1
"""Grows when an older record can no longer be gone on from."""

GROUPS: dict[str, tuple[str, ...]] = {
    "visits": ("visit", "passage", "outcome", "stage_calls"),
    "answers": ("check_in_body",),
    "slips": ("slip_outcome",),
    "help-calls": ("help_call",),
    "ledger": ("ledger", "served_by_hand"),
    "steps": ("staff_action", "audit", "event"),
    "accounts": ("staff", "staff_session", "login_failure"),
    "kiosks": (
        *("kiosk", "kiosk_token", "kiosk_report", "enrolment_code", "enrolment_request"),
        *("challenge", "attempt"),
    ),
    "displays": ("display",),
    "figures": ("daily_figures", "erased_figures", "kiosk_day", "stock_count", "service_day"),
    "site": ("site", "site_file", "site_key", "retention", "health_probe"),
}
"""Every table, by what a record calls it."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A kiosk that may hold check-ins which the server has not got.

    Attributes:
        name: What staff call it.
        waiting: How many it said that there are, at least.
        reported_at: When it said so; None where it never said anything.

    """

    name: str
    waiting: int
    reported_at: datetime | None


@dataclass(frozen=True, slots=True)
class Survey:
    """What there is to be deleted, and what speaks against doing it now.

    Attributes:
        counts: Rows, by the names of `GROUPS`.
        open_visits: Parties that are still here.
        open_day: The present service day, where something happened on it and it is not closed.
        waiting: Kiosks whose outbox may not be empty.
        in_use: Kiosks that go on giving out numbers: to be retired or revoked first.

    """

    counts: dict[str, int]
    open_visits: int
    open_day: date | None
    waiting: tuple[Waiting, ...]
    in_use: tuple[str, ...]

    @property
    def day_is_open(self) -> bool:
        """Whether parties would be sent away without a word."""
        return bool(self.open_visits) or self.open_day is not None


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A file of what is kept.

    Attributes:
        name: In the folder.
        size: In bytes.
        sha256: Of its content.

    """

    name: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Record:
    """A wind-down.

    Attributes:
        site: The site's id.
        site_name: What people call it.
        time_zone: Of its walls.
        store_id: Which store it was.
        program_version: Of the program that did it.
        by: Who did it.
        first: The first day of which something was known; None where nothing was.
        last: The last day.
        last_event: The number of the last change before it: what was kept is of then.
        kept: The files, with their hashes.
        deleted: Rows, by the names of `GROUPS`; and files, by "keys", "queue" and "backups".
        left: What else lies in the data directory and was not touched.
        exported_at: When the files were written.
        deleted_at: When nothing was there any more; None as long as it is not so.

    """

    site: str
    site_name: str
    time_zone: str
    store_id: UUID
    program_version: str
    by: str
    first: date | None
    last: date
    last_event: int
    kept: tuple[KeptFile, ...]
    deleted: dict[str, int]
    left: tuple[str, ...]
    exported_at: datetime
    deleted_at: datetime | None = None

    @property
    def sha256(self) -> str:
        """One hash for all that was kept: of the lines "hash, two blanks, name" of its files."""
        lines = "".join(f"{file.sha256}  {file.name}\n" for file in self.kept)
        return hashlib.sha256(lines.encode()).hexdigest()

    def finished(self, at: datetime, *, left: Iterable[str]) -> "Record":
        """Return the record of when nothing is there any more."""
        return replace(self, deleted_at=at, left=tuple(left))


def survey(connection: Connection, site: str, *, today: date) -> Survey:
    """Return what there is to be deleted.

    Args:
        connection: In a transaction that sees one moment.
        site: The site's id.
        today: The present service day.

    """
    counts = {
        group: sum(_rows(connection, table) for table in members)
        for group, members in GROUPS.items()
    }
    state = day_book.read_day(connection, site, today).state
    is_open = state is not DayState.CLOSED and anything_on(connection, site, today)
    t = tables.visit.c
    here = select(func.count()).where(t.site == site, tables.visit_is_open)
    return Survey(
        counts=counts,
        open_visits=connection.execute(here).scalar_one(),
        open_day=today if is_open else None,
        waiting=tuple(_waiting(connection, site)),
        in_use=_in_use(connection, site),
    )


def read_record(folder: Path) -> Record | None:
    """Return the record in a folder; None where there is none.

    Raises:
        StoreError: It cannot be read, or what it says was kept is not there as it was.

    """
    path = folder / FILE
    if not path.exists():
        return None
    try:
        record = _from_json(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError) as error:
        reason = type(error).__name__
        raise StoreError(f"{path}: is no record of a wind-down ({reason})") from None
    for file in record.kept:
        if not (folder / file.name).is_file() or kept_file(folder, file.name) != file:
            raise StoreError(
                f"{folder / file.name}: is not as it was written; nothing more was deleted. "
                "While the rows are there, name a new folder"
            )
    return record


def write_record(folder: Path, record: Record) -> None:
    """Write the record, whole or not at all."""
    text = json.dumps(_to_json(record), ensure_ascii=False, indent=1)
    with in_the_making(folder / FILE, replaces=True) as made:
        made.write_text(f"{text}\n", encoding="utf-8")


def kept_file(folder: Path, name: str) -> KeptFile:
    """Return what a record says of a file."""
    content = (folder / name).read_bytes()
    return KeptFile(name, len(content), hashlib.sha256(content).hexdigest())


def _rows(connection: Connection, table: str) -> int:
    counted = select(func.count()).select_from(tables.metadata.tables[table])
    number: int = connection.execute(counted).scalar_one()
    return number


def _waiting(connection: Connection, site: str) -> Iterable[Waiting]:
    """Yield the kiosks that said that something waits, or of whose numbers some never came."""
    t, report = tables.kiosk.c, tables.kiosk_report.c
    rows = connection.execute(
        select(
            t.name,
            t.label,
            t.complete_to,
            report.at,
            report.outbox_depth,
            report.highest_sequence,
        )
        .join_from(
            tables.kiosk,
            tables.kiosk_report,
            (report.site == t.site) & (report.enrolment == t.enrolment),
        )
        .where(t.site == site, t.kind == "kiosk", t.revoked_at.is_(None))
        .order_by(t.name)
    )
    for row in rows:
        missing = max(row.outbox_depth, row.highest_sequence - row.complete_to)
        if missing > 0:
            yield Waiting(row.label or row.name, missing, row.at)


def _in_use(connection: Connection, site: str) -> tuple[str, ...]:
    t = tables.kiosk.c
    rows = connection.execute(
        select(t.name, t.label)
        .where(t.site == site, t.kind == "kiosk", t.retired_at.is_(None), t.revoked_at.is_(None))
        .order_by(t.name)
    )
    return tuple(row.label or row.name for row in rows)


def _to_json(record: Record) -> dict[str, Any]:
    told = asdict(record)
    for name in ("store_id", "first", "last", "exported_at", "deleted_at"):
        told[name] = None if told[name] is None else str(told[name])
    return {"version": VERSION, "sha256": record.sha256, **told}


def _from_json(told: dict[str, Any]) -> Record:
    if told.pop("version") != VERSION:
        raise ValueError("another version")
    told.pop("sha256")
    return Record(
        **told
        | {
            "store_id": UUID(told["store_id"]),
            "first": told["first"] and date.fromisoformat(told["first"]),
            "last": date.fromisoformat(told["last"]),
            "kept": tuple(KeptFile(**file) for file in told["kept"]),
            "left": tuple(told["left"]),
            "exported_at": datetime.fromisoformat(told["exported_at"]),
            "deleted_at": told["deleted_at"] and datetime.fromisoformat(told["deleted_at"]),
        }
    )
