"""Kiosk reports: what a kiosk tells of itself, and what it learns in return."""

from collections.abc import Iterable
from datetime import datetime
from itertools import islice

from sqlalchemy import Connection, select, update

from kiosk.contract.messages import Heartbeat, HeartbeatAnswer, StageWait, Trouble
from kiosk.contract.site import Site
from server_stub import event_log, tables
from server_stub.arrival import service_day
from server_stub.day_book import closed_until
from server_stub.device_tokens import Device
from server_stub.event_log import EventKind
from server_stub.site_in_force import SiteInForce
from server_stub.waits import Wait

MOST_MISSING = 1000
"""Sequences named in one answer; the rest follow when these have come."""

TOLD_TO_STAFF = ("printer", "clock_trusted", "outbox_depth", "sound", "troubles")
"""Columns of a report whose change staff see at once."""

COUNTED_BY_DAY = ("check_ins", "abandoned", "help_calls")
"""Counters of a kiosk whose growth is kept for each service day."""

NO_JOURNAL = frozenset(
    {
        *(Trouble.JOURNAL_DAMAGED, Trouble.JOURNAL, Trouble.STOPPED),
        *(Trouble.DISK_FULL, Trouble.DISK_READ_ONLY, Trouble.DISK_STUCK),
    }
)
"""Troubles with which a kiosk may not be able to read its journal."""


def hear(  # one heartbeat: who tells what of itself, and what it is told
    connection: Connection,
    in_force: SiteInForce,
    heartbeat: Heartbeat,
    *,
    device: Device,
    waits: dict[str, Wait],
    at: datetime,
) -> HeartbeatAnswer:
    """Store a kiosk's report and answer what it should know.

    Args:
        connection: The writer's.
        in_force: The site.
        heartbeat: What the kiosk tells.
        device: Which one it is.
        waits: What it is told of each stage, read a moment before.
        at: When that was, and when the report came.

    """
    site = in_force.site
    _store_report(connection, site, heartbeat, device=device, at=at)
    missing, seen = _missing(connection, site.id, heartbeat, device=device)
    return HeartbeatAnswer(
        kiosk=heartbeat.kiosk,
        as_of=at,
        store_id=in_force.store_id,
        site_version=site.version,
        key_id=in_force.key_id,
        highest_sequence=seen,
        missing_sequences=missing,
        waits=tuple(_as_told(stage, wait) for stage, wait in waits.items()),
        closed_until=closed_until(connection, site, at=at),
    )


def _as_told(stage: str, wait: Wait) -> StageWait:
    return StageWait(
        stage=stage,
        parties_ahead=wait.parties_ahead,
        minutes_from=wait.range.minutes_from if wait.range else None,
        minutes_to=wait.range.minutes_to if wait.range else None,
    )


def _store_report(
    connection: Connection, site: Site, heartbeat: Heartbeat, *, device: Device, at: datetime
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
        "sealed_to": None if heartbeat.sealed_to is None else " ".join(heartbeat.sealed_to),
    }
    here = (t.site == site.id, t.enrolment == device.enrolment)
    counters = heartbeat.counters.model_dump()
    last = connection.execute(
        select(*(t[name] for name in (*TOLD_TO_STAFF, *counters, "highest_sequence"))).where(*here)
    ).one_or_none()
    # Counters and numbers only ever grow: a kiosk that cannot read its journal tells of none, and
    # a report may come after a later one. So less than before is no news, nothing is counted
    # twice, and what is missing stays missing: it lies on the disk of that kiosk.
    known = {name: getattr(last, name) if last else 0 for name in counters}
    grown = {name: max(count, known[name]) for name, count in counters.items()}
    if last and heartbeat.highest_sequence < last.highest_sequence:
        values["highest_sequence"] = last.highest_sequence
        if NO_JOURNAL.intersection(heartbeat.troubles):
            values["outbox_depth"] = last.outbox_depth
    if last is None:
        connection.execute(
            tables.kiosk_report.insert().values(
                site=site.id, enrolment=device.enrolment, **values, **grown
            )
        )
    else:
        connection.execute(update(tables.kiosk_report).where(*here).values(values | grown))
    growth = {name: grown[name] - known[name] for name in COUNTED_BY_DAY}
    _count_for_day(connection, site, growth, device=device, at=at)
    told = tuple(values[name] for name in TOLD_TO_STAFF)
    if last is None or tuple(last)[: len(told)] != told:
        event_log.append(connection, site.id, kind=EventKind.KIOSK, about=device.enrolment, at=at)


def _count_for_day(
    connection: Connection, site: Site, growth: dict[str, int], *, device: Device, at: datetime
) -> None:
    """Add what a kiosk has counted since its last report to the service day of this one."""
    if not any(growth.values()):
        return
    t = tables.kiosk_day.c
    key = {
        "site": site.id,
        "day": service_day(at, site.time_zone),
        "enrolment": device.enrolment,
    }
    more = {name: t[name] + count for name, count in growth.items()}
    there = connection.execute(
        update(tables.kiosk_day)
        .where(*(t[name] == part for name, part in key.items()))
        .values(more)
    )
    if not there.rowcount:
        connection.execute(tables.kiosk_day.insert().values(**key, **growth))


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
