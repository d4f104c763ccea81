"""The audit log: who looked at what, and who changed what of the site. Only ever added to."""

import uuid
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, select

from server_stub import tables

FORGOTTEN = "—"
"""Stands where a name stood that is older than this log. Nobody can have it as a name."""

VISIT_ERASED = "visit-erased"
"""What the log calls that all was deleted that was kept of a party."""


def note(  # noqa: PLR0913  # what an entry is made of
    connection: Connection,
    site: str,
    *,
    staff: str,
    act: str,
    now: datetime,
    about: str | None = None,
    detail: str | None = None,
    entry: UUID | None = None,
) -> None:
    """Add an entry, in the transaction of what it tells of.

    Args:
        connection: In a transaction that writes.
        site: The site's id.
        staff: Who did it; "" for the command line and for what the server does by itself.
        act: What was done, as a word: "visit-opened", "kiosk-revoked".
        now: When.
        about: To whom or what: a name or an id, never what a visitor entered.
        detail: What else must be known, of no visitor either.
        entry: The entry's id, where a press gives it one: what is pressed once is noted once.

    """
    connection.execute(
        tables.audit.insert().values(
            site=site,
            id=entry or uuid.uuid4(),
            at=now,
            staff=staff,
            act=act,
            about=about,
            detail=detail,
        )
    )


def erased_visits(connection: Connection, site: str) -> set[UUID]:
    """Return the ids of visits that were erased, as long as the log is kept."""
    t = tables.audit.c
    erased = select(t.about).where(t.site == site, t.act == VISIT_ERASED, t.about.is_not(None))
    return {UUID(about) for about in connection.execute(erased).scalars()}


def is_noted(connection: Connection, site: str, *, entry: UUID) -> bool:
    """Tell whether there is an entry of that id."""
    t = tables.audit.c
    there = select(t.id).where(t.site == site, t.id == entry)
    return connection.execute(there).one_or_none() is not None
