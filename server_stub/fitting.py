"""Whether the tables of a database fit this program, and what to do where they do not."""

from sqlalchemy import Connection

from server_stub import schema
from server_stub.store_error import StoreError


def require_newest(connection: Connection, *, where: object, migrate: str, make: str) -> None:
    """Return where the tables are of the revision that this program needs.

    Args:
        connection: Of the database.
        where: What it is called in messages.
        migrate: What to do where the tables are older.
        make: What to do where there are none.

    Raises:
        StoreError: They are older, newer, or not there.

    """
    found = require_known(connection, where=where)
    if found is None:
        raise StoreError(f"{where}: no tables of Ankunft are there; {make}")
    if found != schema.newest_revision():
        raise StoreError(
            f"{where}: its tables are of revision {found}, this program "
            f"needs {schema.newest_revision()}; {migrate}"
        )


def require_known(connection: Connection, *, where: object) -> str | None:
    """Return the revision of the tables, None where there are none.

    Raises:
        StoreError: It is one of a newer program.

    """
    found = schema.revision_of(connection)
    if found is not None and not schema.knows(found):
        raise StoreError(
            f"{where}: its tables are of revision {found}, which is newer than this program "
            f"(it knows up to {schema.newest_revision()}); install the newer program again, or "
            "restore the backup that was made before the update"
        )
    return found
