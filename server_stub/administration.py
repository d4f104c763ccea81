"""The administration: what is done to a store from the command line, while no server runs."""

import secrets
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import Connection, select
from sqlalchemy.exc import DBAPIError

from kiosk.contract.messages import Name
from kiosk.contract.sealing import SiteKey
from kiosk.contract.series import DESK
from kiosk.contract.site import ALL_SERIES, Site
from kiosk.contract.site_file import read_site_file
from server_stub import schema, tables
from server_stub.backup import back_up, nobody
from server_stub.device_tokens import new_token, token_sha256
from server_stub.fitting import require_known
from server_stub.keys import make_key, read_keys
from server_stub.passwords import hash_password
from server_stub.row_copy import Tell
from server_stub.settings import Settings
from server_stub.site_in_force import SiteInForce, load_site, put_in_force
from server_stub.store import (
    StoreError,
    database_url,
    engine_for,
    engine_of,
    locked,
    open_store,
)
from server_stub.store_failures import reason_of

ROLES = ("counter", "lead", "admin")
"""What staff may be; all may call, more is decided later."""


class AdministrationError(Exception):
    """What was asked for cannot be done. The message says why, and what to do."""


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What a kiosk must know to be one of the site's. The token is shown once and not kept."""

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
    site = read_site_file(site_file)
    try:
        settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(f"{settings.data}: cannot be made: {error.strerror}") from None
    with locked(settings):
        if database_url(settings):
            _fill_postgresql(settings, site)
        else:
            _make_sqlite(settings, site)
    return site


def _make_sqlite(settings: Settings, site: Site) -> None:
    if settings.database.exists():
        raise StoreError(
            f"{settings.database}: is there already; choose another --data, or serve this one"
        )
    # Made under another name: an interrupted init leaves no half-made database behind.
    unfinished = settings.database.with_suffix(".unfinished")
    unfinished.unlink(missing_ok=True)
    unfinished.touch(mode=0o600)
    with engine_of(unfinished) as engine, engine.execution_options(writes=True).begin() as c:
        _fill(c, settings, site)
    unfinished.rename(settings.database)


def _fill_postgresql(settings: Settings, site: Site) -> None:
    with engine_for(settings) as engine, engine.execution_options(writes=True).begin() as c:
        if schema.revision_of(c) is not None:
            raise StoreError(
                f"{settings.url_file}: this database holds a store already; "
                "serve it, or name an empty one"
            )
        _fill(c, settings, site)


def _fill(connection: Connection, settings: Settings, site: Site) -> None:
    schema.migrate(connection)
    put_in_force(connection, site, key_id=make_key(settings.keys).key_id)


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
    """Enrol a kiosk under a letter, or two, that no other has; return what its settings need.

    Raises:
        AdministrationError: Name or letter is taken or cannot be used.

    """
    _require_name(name)
    if name == DESK:
        raise AdministrationError(
            f"{name} stands for the numbers that staff issue by hand: choose another name"
        )
    token = new_token()
    with _changing(settings) as (connection, in_force):
        t = tables.kiosk.c
        enrolled = connection.execute(
            select(t.name, t.letter).where(t.site == in_force.site.id, t.retired_at.is_(None))
        ).all()
        if name in {row.name for row in enrolled}:
            raise AdministrationError(f"there is a kiosk {name} already: choose another name")
        letter = _free_letter(letter, taken={row.letter for row in enrolled})
        enrolment = uuid.uuid4()
        connection.execute(
            tables.kiosk.insert().values(
                site=in_force.site.id,
                enrolment=enrolment,
                name=name,
                letter=letter,
                token_sha256=token_sha256(token),
                enrolled_at=settings.clock(),
                highest_sequence=0,
                complete_to=0,
            )
        )
        key = read_keys(settings.keys).public_key(in_force.key_id)
    return Enrolment(name, enrolment, letter, token, in_force.site, key)


def add_staff(settings: Settings, name: str, *, password: str | None, role: str) -> str:
    """Let someone log in; return the password, a new one where none is given."""
    if not (name.isprintable() and name.strip() == name and 1 <= len(name) <= 40):
        raise AdministrationError(f"{name!r}: a staff name has 1 to 40 letters, as it is typed")
    password = secrets.token_urlsafe(9) if password is None else password
    if len(password) < 8:
        raise AdministrationError("the password is too short: at least 8 characters")
    hashed = hash_password(password, settings.password_cost)
    with _changing(settings) as (connection, in_force):
        t = tables.staff.c
        here = (t.site == in_force.site.id, t.name == name)
        if connection.execute(select(t.name).where(*here)).one_or_none():
            raise AdministrationError(f"there is a {name} already: choose another name")
        connection.execute(
            tables.staff.insert().values(
                site=in_force.site.id,
                name=name,
                password_hash=hashed,
                role=role,
                created_at=settings.clock(),
            )
        )
    return password


LOOKS = ("auto", "light", "dark")
"""Of a call display; ``"auto"`` is as its browser is set."""


def add_display(
    settings: Settings, name: str, *, stages: Sequence[str] = (), look: str = "auto"
) -> str:
    """Let a call display show the site's calls; return its token.

    Args:
        settings: Of the server.
        name: Of the display.
        stages: Whose calls it shows; none for all.
        look: One of `LOOKS`.

    """
    _require_name(name)
    token = new_token()
    with _changing(settings) as (connection, in_force):
        t = tables.display.c
        known = [stage.id for stage in in_force.site.stages]
        if unknown := sorted(set(stages) - set(known)):
            raise AdministrationError(
                f"there is no stage {', '.join(unknown)}: choose of {', '.join(known)}"
            )
        here = (t.site == in_force.site.id, t.name == name)
        if connection.execute(select(t.name).where(*here)).one_or_none():
            raise AdministrationError(f"there is a display {name} already: choose another name")
        connection.execute(
            tables.display.insert().values(
                site=in_force.site.id,
                name=name,
                token_sha256=token_sha256(token),
                created_at=settings.clock(),
                stages=" ".join(dict.fromkeys(stages)),
                look=look,
            )
        )
    return token


@contextmanager
def _changing(settings: Settings) -> Iterator[tuple[Connection, SiteInForce]]:
    with (
        open_store(settings) as engine,
        engine.execution_options(writes=True).begin() as connection,
    ):
        yield connection, load_site(connection)


def _require_name(name: str) -> None:
    try:
        TypeAdapter(Name).validate_python(name)
    except ValidationError:
        raise AdministrationError(
            f"{name!r} is no name: small letters a-z, digits and hyphens, at most 40, "
            "like entrance-1"
        ) from None


def _free_letter(wanted: str | None, *, taken: set[str]) -> str:
    free = [letter for letter in ALL_SERIES if letter not in taken]
    if wanted is None:
        if not free:
            raise AdministrationError(
                f"all letters are given out ({', '.join(ALL_SERIES)}): one server takes "
                f"{len(ALL_SERIES)} kiosks, one fewer where staff issue numbers by hand"
            )
        return free[0]
    if wanted not in ALL_SERIES:
        raise AdministrationError(
            f"{wanted!r} is no letter of a series; free are: {', '.join(free) or 'none'}"
        )
    if wanted in taken:
        raise AdministrationError(
            f"letter {wanted} is another kiosk's; free are: {', '.join(free) or 'none'}"
        )
    return wanted
