"""The administration: what is done to a store from the command line, while no server runs."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from kiosk.contract.sealing import SiteKey
from kiosk.contract.site import Site
from kiosk.contract.site_file import read_site_text
from server_stub import accounts, fleet_displays, fleet_kiosks, schema
from server_stub.admin_act import AdminAct
from server_stub.backup import back_up, nobody
from server_stub.fitting import require_known
from server_stub.keys import make_key, read_keys
from server_stub.passwords import hash_password
from server_stub.rights import Role
from server_stub.row_copy import Tell
from server_stub.settings import Settings
from server_stub.site_in_force import SiteInForce, load_site, put_in_force
from server_stub.site_keys import add_key
from server_stub.site_versions import add_first_version
from server_stub.store import (
    StoreError,
    database_url,
    engine_for,
    engine_of,
    locked,
    open_store,
)
from server_stub.store_failures import reason_of
from server_stub.unfinished import in_the_making

ROLES = tuple(role.value for role in Role)
"""What staff may be."""


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What a kiosk for trials must know. The token is shown once and not kept."""

    name: str
    enrolment: UUID
    letter: str
    token: str
    site: Site
    key: SiteKey


def init(settings: Settings, site_file: Path) -> Site:
    """Make the data directory: database, tables, site and the site's key.

    Raises:
        SiteFileError: The site file cannot be used; nothing is made.
        StoreError: The directory cannot be made, or holds a store already.

    """
    toml, site = read_site_text(site_file)
    try:
        settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(f"{settings.data}: cannot be made: {error.strerror}") from None
    with locked(settings):
        if database_url(settings):
            _fill_postgresql(settings, site, toml)
        else:
            _make_sqlite(settings, site, toml)
    return site


def _make_sqlite(settings: Settings, site: Site, toml: str) -> None:
    if settings.database.exists():
        raise StoreError(
            f"{settings.database}: is there already; choose another --data, or serve this one"
        )
    # An interrupted init leaves no half-made database behind, and no power cut takes a whole one.
    with (
        in_the_making(settings.database) as unfinished,
        engine_of(unfinished) as engine,
        engine.execution_options(writes=True).begin() as connection,
    ):
        _fill(connection, settings, site, toml)


def _fill_postgresql(settings: Settings, site: Site, toml: str) -> None:
    with engine_for(settings) as engine, engine.execution_options(writes=True).begin() as c:
        if schema.revision_of(c) is not None:
            raise StoreError(
                f"{settings.url_file}: this database holds a store already; "
                "serve it, or name an empty one"
            )
        _fill(c, settings, site, toml)


def _fill(connection: Connection, settings: Settings, site: Site, toml: str) -> None:
    schema.migrate(connection)
    now = settings.clock()
    key = make_key(settings.keys, now=now)
    put_in_force(connection, site, key_id=key.key_id)
    add_key(connection, site.id, key, made_at=now)
    add_first_version(connection, site, toml, at=now)


@dataclass(frozen=True, slots=True)
class Migration:
    """What became of the tables.

    Attributes:
        before: The revision that they had; None where there were none.
        after: The one that they have now.
        backup: The backup from before; None where nothing was changed, or none was wanted.

    """

    before: str | None
    after: str
    backup: Path | None


def migrate(settings: Settings, *, backup_to: Path | None = None, tell: Tell = nobody) -> Migration:
    """Bring the store's tables to this program's revision, all of them or none.

    Args:
        settings: Whose database.
        backup_to: Where to put a backup before anything is changed; None for no backup.
        tell: Gets how far the backup is.

    Raises:
        StoreError: There is no database, a server uses it, it is a newer program's, or the
            backup could not be made. Nothing is changed.

    """
    if not database_url(settings) and not settings.database.exists():
        raise StoreError(f"{settings.data}: no Ankunft data here")
    with locked(settings), engine_for(settings) as engine:
        with engine.connect() as connection:
            before = require_known(connection, where=settings.data)
        newest, backup = schema.newest_revision(), None
        if before not in (None, newest) and backup_to is not None:
            backup = _back_up_before(settings, backup_to, tell=tell)
        try:
            with engine.execution_options(writes=True).begin() as connection:
                schema.migrate(connection)
        except DBAPIError as error:
            raise StoreError(
                f"{settings.data}: the tables cannot be changed, they are as before: "
                f"{reason_of(error)}"
            ) from None
    return Migration(before, newest, backup)


def _back_up_before(settings: Settings, to: Path, *, tell: Tell) -> Path:
    if to == settings.backups:
        to.mkdir(mode=0o700, exist_ok=True)
    return back_up(settings, to, tell=tell).path


def add_kiosk(settings: Settings, name: str, *, letter: str | None = None) -> Enrolment:
    """Enrol a kiosk for trials, by a token that never ends; return what its settings need.

    Args:
        settings: Of the server.
        name: Of the kiosk.
        letter: Of its numbers, one or two, that no other has; the first free one for None.

    Raises:
        AdministrationError: Name or letter is taken or cannot be used.

    """
    with changing(settings) as (act, in_force):
        made = fleet_kiosks.enrol(act, name, letter=letter)
        key = read_keys(settings.keys).public_key(in_force.key_id)
    return Enrolment(made.name, made.enrolment, made.letter, made.token, in_force.site, key)


def add_staff(settings: Settings, name: str, *, password: str | None, role: str) -> str:
    """Let someone log in; return the password, a new one where none is given.

    Raises:
        AdministrationError: The name is taken, or name or password cannot be used.

    """
    accounts.check_name(name)
    password = accounts.new_password() if password is None else password
    accounts.check_password(password)
    hashed = hash_password(password, settings.password_cost)
    with changing(settings) as (act, _in_force):
        accounts.make_account(act, name, role=role, password_hash=hashed)
    return password


def add_display(
    settings: Settings, name: str, *, stages: Sequence[str] = (), look: str = "auto"
) -> str:
    """Let a call display show the site's calls; return its token.

    Args:
        settings: Of the server.
        name: Of the display.
        stages: Whose calls it shows; none for all.
        look: One of `LOOKS`.

    Raises:
        AdministrationError: The name is taken, or something of it cannot be.

    """
    with changing(settings) as (act, in_force):
        return fleet_displays.make_display(act, in_force.site, name=name, stages=stages, look=look)


@contextmanager
def changing(settings: Settings) -> Iterator[tuple[AdminAct, SiteInForce]]:
    """Lend what an act of the command line needs, in one transaction on the site in force."""
    with (
        open_store(settings) as engine,
        engine.execution_options(writes=True).begin() as connection,
    ):
        in_force = load_site(connection)
        yield AdminAct(connection, in_force.site.id, by="", now=settings.clock()), in_force
