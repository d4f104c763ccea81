"""Slip outcomes: what became of the paper, the newest word of the kiosk."""

from datetime import datetime

from sqlalchemy import Connection, select, update

from kiosk.contract.messages import SlipOutcome
from server_stub import event_log, tables
from server_stub.event_log import EventKind
from server_stub.refusals import NotYoursError


def put_slip_outcome(
    connection: Connection, site: str, slip: SlipOutcome, *, at: datetime
) -> tuple[int, bool]:
    """Store the outcome unless a newer one is here; return the revision here, and if it is new.

    It may come before its check-in, and waits for it. Of a party that was erased, or is deleted
    for its age, nothing is stored: nobody would ever delete it again.
    """
    kiosk = _kiosk_of_visit(connection, site, slip)
    if kiosk is None and _was_here(connection, site, slip):
        return slip.revision, False
    if kiosk not in (None, slip.kiosk):
        raise NotYoursError("slip: its check-in was made by another kiosk")
    t = tables.slip_outcome.c
    stored = connection.execute(
        select(t.revision).where(t.site == site, t.id == slip.id)
    ).scalar_one_or_none()
    if stored is not None and stored >= slip.revision:
        return stored, False
    values = {
        "kiosk": slip.kiosk,
        "outcome": slip.outcome.value,
        "copies": slip.copies,
        "revision": slip.revision,
        "at": at,
    }
    if stored is None:
        connection.execute(tables.slip_outcome.insert().values(site=site, id=slip.id, **values))
    else:
        connection.execute(
            update(tables.slip_outcome).where(t.site == site, t.id == slip.id).values(values)
        )
    event_log.append(connection, site, kind=EventKind.SLIP, about=slip.id, at=at)
    return slip.revision, stored is None


def _kiosk_of_visit(connection: Connection, site: str, slip: SlipOutcome) -> str | None:
    t = tables.visit.c
    return connection.execute(
        select(t.kiosk).where(t.site == site, t.id == slip.id)
    ).scalar_one_or_none()


def _was_here(connection: Connection, site: str, slip: SlipOutcome) -> bool:
    """Tell whether its check-in came once."""
    t = tables.ledger.c
    came = select(t.id).where(t.site == site, t.id == slip.id)
    return connection.execute(came).first() is not None
