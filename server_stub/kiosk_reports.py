"""Kiosk reports: what a kiosk tells of itself, and what it learns in return."""

from collections.abc import Iterable
from datetime import datetime
from itertools import islice

from sqlalchemy import Connection, select, update

from kiosk.contract.messages import Heartbeat, HeartbeatAnswer, StageWait
from server_stub import event_log, tables
from server_stub.device_tokens import Device
from server_stub.event_log import EventKind
from server_stub.site_in_force import SiteInForce
from server_stub.snapshot import waiting_per_stage

MOST_MISSING = 1000
"""Sequences named in one answer; the rest follow when these have come."""

TOLD_TO_STAFF = ("printer", "clock_trusted", "outbox_depth", "sound", "troubles")
"""Columns of a report whose change staff see at once."""


def hear(
    connection: Connection,
    in_force: SiteInForce,
    heartbeat: Heartbeat,
    *,
    device: Device,
    at: datetime,
) -> HeartbeatAnswer:
    """Store a kiosk's report and answer what it should know."""
    site = in_force.site
    _store_report(connection, site.id, heartbeat, device=device, at=at)
    missing, seen = _missing(connection, site.id, heartbeat, device=device)
    waiting = waiting_per_stage(connection, site.id)
    return HeartbeatAnswer(
        as_of=at,
        store_id=in_force.store_id,
        site_version=site.version,
        highest_sequence=seen,
        missing_sequences=missing,
        waits=tuple(
            StageWait(stage=stage.id, parties_ahead=waiting.get(stage.id, 0))
            for stage in site.stages
        ),
    )


def _store_report(
    connection: Connection, site: str, heartbeat: Heartbeat, *, device: Device, at: datetime
) -> None:
    t = tables.kiosk_report.c
    values: dict[str, object] = {
        "at": at,
        "program_version": heartbeat.program_version,
        "site_version": heartbeat.site_version,
        "printer": heartbeat.printer,
        "clock_trusted": heartbeat.clock_trusted,
        "disk_free_bytes": heartbeat.disk_free_bytes,
        "outbox_depth": heartbeat.outbox_depth,
        "highest_sequence": heartbeat.highest_sequence,
        "sound": heartbeat.sound,
        "troubles": " ".join(heartbeat.troubles),
    }
    here = (t.site == site, t.enrolment == device.enrolment)
    counters = heartbeat.counters.model_dump()
    last = connection.execute(
        select(*(t[name] for name in (*TOLD_TO_STAFF, *counters))).where(*here)
    ).one_or_none()
    if last is None:
        connection.execute(
            tables.kiosk_report.insert().values(
                site=site, enrolment=device.enrolment, **values, **counters
            )
        )
    else:
        # Counters only ever grow: a kiosk that cannot read its journal tells of none.
        grown = {name: max(count, getattr(last, name)) for name, count in counters.items()}
        connection.execute(update(tables.kiosk_report).where(*here).values(values | grown))
    told = tuple(values[name] for name in TOLD_TO_STAFF)
    if last is None or tuple(last)[: len(told)] != told:
        event_log.append(connection, site, kind=EventKind.KIOSK, about=device.enrolment, at=at)


def _missing(
    connection: Connection, site: str, heartbeat: Heartbeat, *, device: Device
) -> tuple[tuple[int, ...], int]:
    """Return the sequences that are not here, the lowest first, and the highest that is.

    The kiosk's row remembers up to where all are here, so that nobody counts years again.
    """
    kiosk, ledger = tables.kiosk.c, tables.ledger.c
    here = (kiosk.site == site, kiosk.enrolment == device.enrolment)
    row = connection.execute(select(kiosk.highest_sequence, kiosk.complete_to).where(*here)).one()
    highest = max(row.highest_sequence, heartbeat.highest_sequence)
    present = connection.execute(
        select(ledger.sequence)
        .where(
            ledger.site == site,
            ledger.enrolment == device.enrolment,
            ledger.sequence > row.complete_to,
        )
        .order_by(ledger.sequence)
    ).scalars()
    missing = tuple(islice(gaps(present, after=row.complete_to, to=highest), MOST_MISSING))
    complete_to = missing[0] - 1 if missing else highest
    if complete_to != row.complete_to:
        connection.execute(update(tables.kiosk).where(*here).values(complete_to=complete_to))
    return missing, row.highest_sequence


def gaps(present: Iterable[int], *, after: int, to: int) -> Iterable[int]:
    """Yield the numbers above `after`, up to `to`, that are not in the ascending `present`."""
    expected = after + 1
    for number in present:
        yield from range(expected, number)
        expected = number + 1
    yield from range(expected, to + 1)
