"""The site in force: the site file that the store holds, and what belongs to it."""

import uuid
from dataclasses import dataclass
from uuid import UUID

from pydantic import ValidationError
from sqlalchemy import Connection, bindparam, select

from kiosk.contract.site import Site
from server_stub import tables
from server_stub.direct_sql import DirectStatement


class NoSiteError(Exception):
    """The store holds no usable site. The message says what to do."""


@dataclass(frozen=True, slots=True)
class SiteInForce:
    """What the server works by.

    Attributes:
        site: The site itself.
        store_id: Of this store; another one where it was made anew.
        key_id: Which of the site's keys kiosks seal to.
        public_key: Its public half, in base64; None where the store does not know it yet.
        file_version: Of the site, as it is stored.
        as_of: The number of the next event when it was read: of two, the higher is the newer.

    """

    site: Site
    store_id: UUID
    key_id: str
    public_key: str | None
    file_version: str
    as_of: int


def put_in_force(connection: Connection, site: Site, *, key_id: str) -> None:
    """Store the first site of a new store."""
    connection.execute(
        tables.site.insert().values(
            id=site.id,
            store_id=uuid.uuid4(),
            file_version=site.version,
            file_json=site.model_dump(mode="json"),
            key_id=key_id,
            next_event=1,
        )
    )


def load_site(connection: Connection) -> SiteInForce:
    """Return the site in force, or raise NoSiteError."""
    t, key = tables.site, tables.site_key
    named = (key.c.site == t.c.id) & (key.c.key_id == t.c.key_id)
    asked = select(t, key.c.public_key).select_from(t.outerjoin(key, named))
    row = connection.execute(asked).one_or_none()
    if row is None:
        raise NoSiteError(
            "the store holds no site: make a new one with: python -m server_stub init"
        )
    try:
        site = Site.model_validate(row.file_json)
    except ValidationError:
        raise NoSiteError(
            f"the stored site {row.id} is none that this program understands: "
            "use the program version that stored it"
        ) from None
    return SiteInForce(
        site=site,
        store_id=row.store_id,
        key_id=row.key_id,
        public_key=row.public_key,
        file_version=row.file_version,
        as_of=row.next_event,
    )


def look_again(connection: Connection, known: SiteInForce) -> SiteInForce:
    """Return the site in force as the connection's transaction sees it; `known` where it still is.

    To find out that nothing has changed takes one small query.
    """
    (now,) = SIGNS.ask(connection, {"of_site": known.site.id}).rows()
    if now == (known.file_version, known.key_id):
        return known
    return load_site(connection)


SIGNS = DirectStatement(  # every batch of check-ins asks it
    select(tables.site.c.file_version, tables.site.c.key_id).where(
        tables.site.c.id == bindparam("of_site")
    )
)
