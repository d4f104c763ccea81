"""Checks of the check-ins: each was taken once, with the bytes that its kiosk made."""

import hashlib
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, and_, case, exists, func, not_, or_, select
from sqlalchemy.orm import aliased

from server_stub import audit, tables
from server_stub.arrival import CLOCK_WAS_AHEAD, first_id_of
from server_stub.checks.finding import Check, Finding, Look, stream
from server_stub.retention_periods import STILL_ANSWERED, Kind, promise_of_answers, read_periods
from server_stub.site_versions import in_force_since

RESTORE = "restore a backup into a new data folder: kiosks send again what it lacks"
REPORT = "report it with this line"


def without_visit(look: Look) -> Iterator[Finding]:
    """Yield check-ins that were taken but let nobody wait."""
    ledger, visit, body = tables.ledger.c, tables.visit.c, tables.check_in_body.c
    periods = read_periods(look.connection, look.site.id)
    joined = tables.ledger.outerjoin(
        tables.visit, and_(visit.site == ledger.site, visit.id == ledger.id)
    ).outerjoin(tables.check_in_body, and_(body.site == ledger.site, body.id == ledger.id))
    missing = (
        select(
            ledger.id,
            ledger.received_at,
            visit.id.label("visit"),
            visit.ended_at,
            visit.arrived_at,
            body.id.label("body"),
        )
        .select_from(joined)
        .where(ledger.site == look.site.id, or_(visit.id.is_(None), body.id.is_(None)))
        .order_by(ledger.id)
    )
    erased = audit.erased_visits(look.connection, look.site.id)
    sites = in_force_since(look.connection, look.site, look.now - STILL_ANSWERED)
    promised = promise_of_answers(sites)
    for row in look.connection.execute(missing):
        if row.id in erased:
            continue
        visits, answers = periods[Kind.VISITS].length, periods[Kind.ANSWERS].length
        if row.visit is None and (
            row.body is not None or not _is_over(row, row.received_at, visits, now=look.now)
        ):
            yield Finding(f"check-in {row.id}", "was taken, but its party waits nowhere", RESTORE)
        elif row.visit is not None and not (
            _is_over(row, row.ended_at, answers, now=look.now)
            or _is_over(row, row.arrived_at, promised, now=look.now)
        ):
            yield Finding(
                f"check-in {row.id}", "what its party answered is not there any more", RESTORE
            )


def _is_over(
    row: Row[*tuple[Any, ...]], since: datetime | None, kept: timedelta | None, *, now: datetime
) -> bool:
    """Tell whether what is kept so long since then may have been deleted, as `retention` does it.

    So what was noted by a clock that was ahead is as old as the arrival, or as the kiosk's id.
    """
    if since is None or kept is None:
        return False
    if since <= now + CLOCK_WAS_AHEAD:
        return since + kept <= now
    came = row.arrived_at is not None and row.arrived_at <= now - kept
    return bool(came or row.id <= first_id_of(now - kept))


def never_taken(look: Look) -> Iterator[Finding]:
    """Yield visits and answers of which the ledger knows nothing."""
    ledger, visit, body = tables.ledger.c, tables.visit.c, tables.check_in_body.c
    of_visit = select(ledger.id).where(ledger.site == visit.site, ledger.id == visit.id)
    visits = (
        select(visit.number, visit.id)
        .where(visit.site == look.site.id, ~visit.by_hand, visit.split_from.is_(None))
        .where(~of_visit.exists())
        .order_by(visit.id)
    )
    for number, id_ in look.connection.execute(visits):
        yield Finding(
            f"visit {number} ({id_})",
            "came from a kiosk, but the ledger does not know it",
            f"its check-in could be taken twice: {REPORT}",
        )
    of_body = select(ledger.id).where(ledger.site == body.site, ledger.id == body.id)
    bodies = select(body.id).where(body.site == look.site.id, ~of_body.exists())
    for (id_,) in look.connection.execute(bodies.order_by(body.id)):
        yield Finding(
            f"answers of check-in {id_}", "are kept, but the ledger does not know it", REPORT
        )


def other_bytes(look: Look) -> Iterator[Finding]:
    """Yield bodies that are not those whose receipt the kiosk got."""
    ledger, body = tables.ledger.c, tables.check_in_body.c
    bodies = stream(
        look,
        select(ledger.id, ledger.sha256, body.body)
        .join(tables.check_in_body, and_(body.site == ledger.site, body.id == ledger.id))
        .where(ledger.site == look.site.id),
    )
    for row in bodies:
        if hashlib.sha256(row.body).hexdigest() != row.sha256:
            yield Finding(
                f"check-in {row.id}", "its bytes are not those that were received", RESTORE
            )


def other_arrival(look: Look) -> Iterator[Finding]:
    """Yield check-ins whose arrival cannot be.

    An arrival after its receipt can: where the clock was set back, or another process with a
    faster one took the check-in before it, a party still does not arrive before that one.
    """
    ledger, visit = tables.ledger.c, tables.visit.c
    earlier = aliased(tables.ledger).c
    kept_in_order = exists().where(
        earlier.site == ledger.site,
        earlier.enrolment == ledger.enrolment,
        earlier.sequence < func.coalesce(ledger.sequence, ledger.clash_sequence),
        earlier.arrived_at == ledger.arrived_at,
    )
    too_late = and_(ledger.arrived_at > ledger.received_at, not_(kept_in_order))
    rows = look.connection.execute(
        select(ledger.id, ledger.arrived_at, visit.arrived_at.label("visit"))
        .add_columns(too_late.label("too_late"))
        .outerjoin(tables.visit, and_(visit.site == ledger.site, visit.id == ledger.id))
        .where(
            ledger.site == look.site.id,
            or_(too_late, ledger.arrived_at != visit.arrived_at),
        )
        .order_by(ledger.id)
    )
    for row in rows:
        wrong = (
            "arrived after it was received"
            if row.too_late
            else f"arrived at {row.arrived_at}, its visit at {row.visit}"
        )
        yield Finding(f"check-in {row.id}", wrong, f"its place in the order is wrong: {REPORT}")


def sequences(look: Look) -> Iterator[Finding]:
    """Yield ledger rows with no sequence or two, and clashes with nothing."""
    ledger, other = tables.ledger.c, aliased(tables.ledger).c
    holder = select(other.id).where(
        other.site == ledger.site,
        other.enrolment == ledger.enrolment,
        other.sequence == ledger.clash_sequence,
    )
    rows = look.connection.execute(
        select(ledger.id, ledger.sequence, ledger.clash_sequence)
        .where(ledger.site == look.site.id)
        .where(
            or_(
                ledger.sequence.is_(None) == ledger.clash_sequence.is_(None),
                and_(ledger.clash_sequence.is_not(None), ~holder.correlate(tables.ledger).exists()),
            )
        )
        .order_by(ledger.id)
    )
    for row in rows:
        wrong = f"has the sequences {row.sequence} and {row.clash_sequence}"
        if row.sequence is None and row.clash_sequence is not None:
            wrong = f"clashes over sequence {row.clash_sequence}, which nobody holds"
        yield Finding(f"check-in {row.id}", wrong, REPORT)


def beyond_highest(look: Look) -> Iterator[Finding]:
    """Yield kiosks that the server would take for copied disks, or copies for the kiosk."""
    kiosk, ledger = tables.kiosk.c, tables.ledger.c
    sequence = func.coalesce(ledger.sequence, ledger.clash_sequence)
    seen = func.max(sequence).label("seen")
    up_to = func.count(case((ledger.sequence <= kiosk.complete_to, 1))).label("up_to")
    rows = look.connection.execute(
        select(kiosk.name, kiosk.enrolment, kiosk.highest_sequence, kiosk.complete_to, seen, up_to)
        .select_from(
            tables.kiosk.outerjoin(
                tables.ledger,
                and_(ledger.site == kiosk.site, ledger.enrolment == kiosk.enrolment),
            )
        )
        .where(kiosk.site == look.site.id, kiosk.kind == "kiosk")
        .group_by(kiosk.name, kiosk.enrolment, kiosk.highest_sequence, kiosk.complete_to)
        .order_by(kiosk.name)
    )
    for row in rows:
        about = f"kiosk {row.name} ({row.enrolment})"
        if row.seen is not None and row.seen > row.highest_sequence:
            yield Finding(
                about,
                f"sequence {row.seen} is in the ledger, but the highest seen is said to be "
                f"{row.highest_sequence}",
                "a copied disk would not be noticed: enrol this kiosk anew",
            )
        if row.up_to != row.complete_to:
            yield Finding(
                about,
                f"all sequences up to {row.complete_to} are said to be here, but only "
                f"{row.up_to} are",
                "it is never asked for the others: look whether its outbox is empty",
            )


CHECKS = (
    Check("check-ins", "every check-in has its visit and its answers", without_visit),
    Check("ledger", "every visit of a kiosk is in the ledger", never_taken),
    Check("bytes", "every check-in has the bytes that were received", other_bytes),
    Check(
        "arrivals",
        "nobody arrived after being received, but to keep the order of a kiosk",
        other_arrival,
    ),
    Check("sequences", "every check-in has one sequence, or clashes over one", sequences),
    Check("series", "every kiosk's series is as far as the ledger says", beyond_highest),
)
