"""The check of the site's keys: without them nobody can read what parties answered."""

from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import Connection, select

from server_stub import tables
from server_stub.checks.finding import Check, Finding
from server_stub.keys import KeyFileError, read_keys
from server_stub.site_keys import read_site_keys


def keys_check(folder: Path) -> Check[Connection]:
    """Return the check that the site's keys lie in `folder`, and none that was destroyed."""

    def missing_keys(connection: Connection) -> Iterator[Finding]:
        try:
            there = read_keys(folder).private
        except KeyFileError as error:
            yield Finding("the keys", str(error), "without it the server does not start")
            return
        for site, in_force in connection.execute(select(tables.site.c.id, tables.site.c.key_id)):
            stored = read_site_keys(connection, site)
            destroyed = {key.key_id for key in stored if key.destroyed_at}
            for key_id in sorted({in_force, *(key.key_id for key in stored)} - destroyed):
                if key_id not in there:
                    yield Finding(
                        f"key {key_id} of site {site}",
                        f"is not in {folder}",
                        f"put {key_id}.key back from where you keep it, or from another server; "
                        "no backup of a database has it",
                    )
            for key_id in sorted(destroyed & there.keys()):
                yield Finding(
                    f"key {key_id} of site {site}",
                    f"was destroyed, and its file is in {folder}",
                    "start the server, which deletes it; delete copies of it elsewhere",
                )

    return Check("keys", "the keys of the site are there", missing_keys)
