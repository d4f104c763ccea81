"""Checks of the site files: the newest one that is kept is the one in force."""

from collections.abc import Iterator

from sqlalchemy import select

from server_stub import tables
from server_stub.checks.finding import Check, Finding, Look

PUT_IN_FORCE = "put a site file in force again: python -m server_stub site take FILE"


def not_in_force(look: Look) -> Iterator[Finding]:
    """Yield a site without a file, or whose newest file is not the one that it works by."""
    t, site = tables.site_file.c, tables.site.c
    row = look.connection.execute(
        select(t.number, t.version).where(t.site == look.site.id).order_by(t.number.desc()).limit(1)
    ).one_or_none()
    if row is None:
        yield Finding(f"site {look.site.id}", "has no file that is kept", PUT_IN_FORCE)
        return
    version = look.connection.execute(
        select(site.file_version).where(site.id == look.site.id)
    ).scalar_one()
    if row.version != version or version != look.site.version:
        yield Finding(
            f"site file {row.number}",
            f"is of version {row.version}, but the site is of {look.site.version}",
            PUT_IN_FORCE,
        )


CHECKS = (Check("site-files", "the newest site file is the one in force", not_in_force),)
