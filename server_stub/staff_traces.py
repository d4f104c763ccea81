"""The traces of staff: names beside what outlives the audit log, and what only logging in needs.

A count of persons, a closed day, a site file stay; who entered them is forgotten when the audit
log forgets it. So is an account that was shut as long ago.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, Select, Table, delete, or_, select, update

from server_stub import tables
from server_stub.audit import FORGOTTEN
from server_stub.staff_sessions import CLOCK_STEP, FAILURES_WINDOW


@dataclass(frozen=True, slots=True)
class Signature:
    """A name beside something that stays.

    Attributes:
        name: The column of the name.
        at: The column that tells when it was written.

    """

    name: Column[Any]
    at: Column[Any]

    @property
    def table(self) -> Table:
        """Where both are."""
        table: Table = self.name.table
        return table

    def older(self, site: str, before: datetime) -> Select[Any]:
        """Return the query of the moments of names that were written until then."""
        return (
            select(self.at)
            .where(
                self.table.c.site == site,
                self.at <= before,
                self.name.not_in(("", FORGOTTEN)),  # which a null is not either
            )
            .order_by(self.at)
        )

    def forget(self, connection: Connection, site: str, *, up_to: datetime) -> None:
        """Put `FORGOTTEN` in the place of all names that were written until then."""
        connection.execute(
            update(self.table)
            .where(
                self.table.c.site == site,
                self.at <= up_to,
                self.name.not_in(("", FORGOTTEN)),
            )
            .values({self.name: FORGOTTEN})
        )


SIGNATURES = (
    Signature(tables.stock_count.c.staff, tables.stock_count.c.at),
    Signature(tables.service_day.c.changed_by, tables.service_day.c.changed_at),
    Signature(tables.served_by_hand.c.staff, tables.served_by_hand.c.at),
    Signature(tables.site_file.c.staff, tables.site_file.c.taken_at),
    Signature(tables.retention.c.staff, tables.retention.c.changed_at),
    # Of parties with an appointment far ahead, which may be here for longer than the audit log.
    Signature(tables.outcome.c.staff, tables.outcome.c.at),
)
"""Names in tables whose rows outlive the audit log."""


def shut_accounts(site: str, before: datetime) -> Select[Any]:
    """Return the query of the accounts that were shut until then."""
    t = tables.staff.c
    return select(t.name).where(t.site == site, t.disabled_at <= before).order_by(t.disabled_at)


def remove_accounts(connection: Connection, site: str, names: Sequence[str]) -> None:
    """Delete accounts, with whatever still belongs to them."""
    session, staff = tables.staff_session.c, tables.staff.c
    connection.execute(
        delete(tables.staff_session).where(session.site == site, session.staff.in_(names))
    )
    connection.execute(delete(tables.staff).where(staff.site == site, staff.name.in_(names)))


def over_sessions(site: str, now: datetime) -> Select[Any]:
    """Return the query of the sessions that nobody can use any more."""
    t = tables.staff_session.c
    return select(t.id_sha256).where(t.site == site, t.expires_at <= now)


def remove_sessions(connection: Connection, site: str, sessions: Sequence[str]) -> None:
    """Delete sessions."""
    t = tables.staff_session.c
    connection.execute(
        delete(tables.staff_session).where(t.site == site, t.id_sha256.in_(sessions))
    )


def over_failures(site: str, now: datetime) -> Select[Any]:
    """Return the query of attempts to log in that count for nothing any more."""
    t = tables.login_failure.c
    return select(t.name).where(t.site == site, _is_over(now))


def remove_failures(connection: Connection, site: str, *, now: datetime) -> None:
    """Delete attempts to log in that count for nothing any more."""
    t = tables.login_failure.c
    connection.execute(delete(tables.login_failure).where(t.site == site, _is_over(now)))


def _is_over(now: datetime) -> ColumnElement[bool]:
    since = tables.login_failure.c.since
    return or_(since <= now - FAILURES_WINDOW, since > now + CLOCK_STEP)
