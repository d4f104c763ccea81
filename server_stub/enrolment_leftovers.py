"""The leftovers of enrolling: codes, requests, nonces and tokens that are good for nothing more."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    Table,
    delete,
    exists,
    or_,
    select,
    tuple_,
)

from server_stub import tables
from server_stub.door_limits import LONGEST_WINDOW
from server_stub.enrolment_rules import (
    CLOCK_STEP,
    CODE_LASTS,
    NONCE_LASTS,
    REQUEST_LASTS,
    TOKEN_LASTS,
)

CODE_KEPT = timedelta(hours=24)
"""After it has lapsed: so long a kiosk is told that it was late, and not that it is wrong."""

REQUEST_KEPT = timedelta(days=7)
"""From the first time that it came: so long a kiosk that was switched off gets its answer."""

TOKEN_KEPT = timedelta(days=30)
"""After it has expired: so long a kiosk that was away is told to sign anew, and nothing worse."""


@dataclass(frozen=True, slots=True)
class Leftover:
    """Rows that are good for nothing more.

    Attributes:
        table: Where they are.
        by: Tells of a row when it began to age.
        kept: For how long it is kept from then on.
        ahead: By how much that moment may lie before us; later, a wrong clock has set it.
        unless: Rows that stay all the same.

    """

    table: Table
    by: ColumnElement[datetime]
    kept: timedelta
    ahead: timedelta = timedelta(0)
    unless: ColumnElement[bool] | None = None

    def find(self, site: str, now: datetime) -> Select[Any]:
        """Return the query of them."""
        over = or_(self.by <= now - self.kept, self.by > now + self.ahead + CLOCK_STEP)
        here = [self.table.c.site == site, over]
        if self.unless is not None:
            here.append(~self.unless)
        return select(*self.table.primary_key).where(*here).order_by(self.by)

    def remove(self, connection: Connection, rows: Sequence[Any]) -> None:
        """Delete some that were found."""
        key = tuple_(*self.table.primary_key)
        connection.execute(delete(self.table).where(key.in_([tuple(row) for row in rows])))


_request, _code = tables.enrolment_request.c, tables.enrolment_code.c

LEFTOVERS = (
    Leftover(tables.enrolment_request, _request.asked_at, max(REQUEST_KEPT, REQUEST_LASTS)),
    Leftover(
        tables.enrolment_code,
        _code.expires_at,
        CODE_KEPT,
        ahead=CODE_LASTS,
        unless=exists().where(
            _request.site == _code.site, _request.code_sha256 == _code.code_sha256
        ),
    ),
    Leftover(tables.challenge, tables.challenge.c.expires_at, timedelta(0), ahead=NONCE_LASTS),
    Leftover(tables.kiosk_token, tables.kiosk_token.c.expires_at, TOKEN_KEPT, ahead=TOKEN_LASTS),
    Leftover(tables.attempt, tables.attempt.c.since, LONGEST_WINDOW),
)
"""All of them; a code goes after its request."""
