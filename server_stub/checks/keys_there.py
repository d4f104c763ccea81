"""The check of the site's keys: without them nobody can read what parties answered."""

from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import Connection, select

from server_stub import tables
from server_stub.checks.finding import Check, Finding
from server_stub.keys import KeyFileError, read_keys


def keys_check(folder: Path) -> Check[Connection]:
    """Return the check that the key which kiosks seal to lies in `folder`."""

    def missing_keys(connection: Connection) -> Iterator[Finding]:
        try:
            there = read_keys(folder).private
        except KeyFileError as error:
            yield Finding("the keys", str(error), "without it the server does not start")
            return
        for site, key_id in connection.execute(select(tables.site.c.id, tables.site.c.key_id)):
            if key_id not in there:
                yield Finding(
                    f"key {key_id} of site {site}",
                    f"is not in {folder}",
                    f"put {key_id}.key back from where you keep it; no backup of a database has it",
                )

    return Check("keys", "the key that kiosks seal to is there", missing_keys)
