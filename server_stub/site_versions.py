"""The versions of the site file: every one that was ever in force, as it was written."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from pydantic import ValidationError
from sqlalchemy import Connection, and_, func, select

from kiosk.contract.site import Site
from kiosk.contract.site_file import SiteFileError, parse_site
from server_stub import tables


class UnknownVersionError(Exception):
    """There is no version of that number."""

    def __init__(self, number: int) -> None:
        self.number = number
        super().__init__(f"there is no version {number} of the site file")


@dataclass(frozen=True, slots=True)
class SiteVersion:
    """A site file that was put in force.

    Attributes:
        number: Counts them, from 1; the highest is in force.
        version: Of its content, as kiosks name it; the same where only remarks differ.
        toml: The file, as it was written.
        taken_at: When it was put in force.
        staff: By whom; "" for the command line.
        note: What whoever did it has said about it.
        based_on: The number that it was rolled back to, if it was.

    """

    number: int
    version: str
    toml: str
    taken_at: datetime
    staff: str
    note: str | None
    based_on: int | None


_COLUMNS = [tables.site_file.c[name] for name in SiteVersion.__dataclass_fields__]


def versions(connection: Connection, site: str) -> list[SiteVersion]:
    """Return all versions of a site, the one in force first."""
    t = tables.site_file.c
    rows = connection.execute(select(*_COLUMNS).where(t.site == site).order_by(t.number.desc()))
    return [SiteVersion(*row) for row in rows]


def newest(connection: Connection, site: str) -> SiteVersion:
    """Return the version that is in force."""
    t = tables.site_file.c
    last = select(func.max(t.number)).where(t.site == site).scalar_subquery()
    row = connection.execute(select(*_COLUMNS).where(t.site == site, t.number == last)).one()
    return SiteVersion(*row)


def kiosks_and_versions(connection: Connection, site: str) -> list[tuple[str, str | None]]:
    """Return the kiosks in use by name, each with the content's version that it works by.

    None for one that has not reported yet.
    """
    t, report = tables.kiosk.c, tables.kiosk_report.c
    joined = tables.kiosk.outerjoin(
        tables.kiosk_report, and_(report.site == t.site, report.enrolment == t.enrolment)
    )
    rows = connection.execute(
        select(t.name, report.site_version)
        .select_from(joined)
        .where(t.site == site, t.retired_at.is_(None), t.kind == "kiosk")
        .where(t.revoked_at.is_(None))
        .order_by(t.name)
    )
    return [(row.name, row.site_version) for row in rows]


def version_of(connection: Connection, site: str, number: int) -> SiteVersion:
    """Return one version, or raise UnknownVersionError."""
    t = tables.site_file.c
    row = connection.execute(
        select(*_COLUMNS).where(t.site == site, t.number == number)
    ).one_or_none()
    if row is None:
        raise UnknownVersionError(number)
    return SiteVersion(*row)


def add_first_version(connection: Connection, site: Site, toml: str, *, at: datetime) -> None:
    """Store the site file of a new store as its version 1."""
    add_version(
        connection,
        site,
        SiteVersion(1, site.version, toml, taken_at=at, staff="", note=None, based_on=None),
    )


def add_version(connection: Connection, site: Site, version: SiteVersion) -> None:
    """Store a version, and let it be the one that the site's row holds."""
    t = tables.site
    values = {name: getattr(version, name) for name in SiteVersion.__dataclass_fields__}
    connection.execute(tables.site_file.insert().values(site=site.id, **values))
    connection.execute(
        t.update()
        .where(t.c.id == site.id)
        .values(file_version=site.version, file_json=site.model_dump(mode="json"))
    )


def in_force_since(connection: Connection, site: Site, since: datetime) -> list[Site]:
    """Return the site in force, and those of older versions that still were at some time since.

    None that this program cannot read, and each content once.
    """
    t = tables.site_file.c
    of_site = t.site == site.id
    last = select(func.max(t.number)).where(of_site)
    then = select(func.coalesce(func.max(t.number), 0)).where(of_site, t.taken_at <= since)
    older = select(t.number, t.version, t.toml).where(
        of_site, t.number >= then.scalar_subquery(), t.number < last.scalar_subquery()
    )
    contents = {row.version: row for row in connection.execute(older.order_by(t.number.desc()))}
    contents.pop(site.version, None)
    return [site, *_readable((row.number, row.toml) for row in contents.values())]


def remembering(
    connection: Connection, site: Site, *, outcomes: Iterable[str] = (), figures: Iterable[str] = ()
) -> Site:
    """Return a site that also knows these outcomes and figures, where an older version did.

    What was achieved under an older site file stays in the figures of its day.
    """
    known = {outcome.id: outcome for outcome in site.outcomes}
    reported = {figure.id: figure for figure in site.figures}
    wanted, wanted_figures = set(outcomes) - known.keys(), set(figures) - reported.keys()
    if not wanted and not wanted_figures:
        return site
    for before in _sites_before(connection, site.id):
        for outcome in before.outcomes:
            if outcome.id in wanted:
                known.setdefault(outcome.id, outcome)
        wanted_figures |= {outcome.figure for outcome in known.values()}
        for figure in before.figures:
            if figure.id in wanted_figures:
                reported.setdefault(figure.id, figure)
        if wanted <= known.keys() and wanted_figures <= reported.keys():
            break
    update = {"outcomes": tuple(known.values()), "figures": tuple(reported.values())}
    return site.model_copy(update=update)


def _sites_before(connection: Connection, site: str) -> Iterator[Site]:
    """Yield the sites of older versions, the newest first; none that this program cannot read.

    One is read after the other, as far as anybody asks: there may be hundreds.
    """
    t = tables.site_file.c
    for number in range(newest(connection, site).number - 1, 0, -1):
        toml = connection.execute(select(t.toml).where(t.site == site, t.number == number))
        yield from _readable((number, text) for text in toml.scalars())


def _readable(versions: Iterable[tuple[int, str]]) -> Iterator[Site]:
    """Yield what these files describe, each by its number; none that this program cannot read."""
    for number, toml in versions:
        try:
            yield _read(number, toml)
        except (SiteFileError, ValidationError):
            continue


@lru_cache(maxsize=64)
def _read(number: int, toml: str) -> Site:
    """Return what a file describes; kept, for what is old is looked for every half minute."""
    return parse_site(toml, source=f"version {number}")
