"""The site's keys as the store knows them: prepared, in force, retired, destroyed.

Only their public halves are stored. Kiosks seal to the one in force, and hear of another with
their next heartbeat. A retired one opens what was sealed to it before; once it is destroyed
nobody can, not from any backup either.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from sqlalchemy import Connection, func, select, update

from kiosk.contract.sealing import SiteKey
from server_stub import event_log, postgresql, tables
from server_stub.admin_act import AdminAct, AdministrationError
from server_stub.event_log import EventKind
from server_stub.key_holders import Held, Holder, Holders, holders_of
from server_stub.keys import Keyring

KIOSK = "kiosk"

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
"""When a key was made whose file does not say it."""


class KeyState(StrEnum):
    """What a key is good for."""

    PREPARED = "prepared"
    """Made, and told to no kiosk yet: each server can be given its file first."""
    IN_FORCE = "in-force"
    """Kiosks seal to it."""
    RETIRED = "retired"
    """No kiosk seals to it; it opens what was sealed before."""
    DESTROYED = "destroyed"
    """Its private half is gone from all servers."""


class UnknownKeyError(AdministrationError):
    """There is no such key, or it is in another state by now."""

    def __init__(self) -> None:
        super().__init__("there is no such key in this state: look at the list of keys")


class NotSureError(AdministrationError):
    """Nobody has said that it is known what a destroyed key means."""

    def __init__(self) -> None:
        super().__init__("say that you know what is lost with the key")


class KeyIsHeldError(AdministrationError):
    """Kiosks may hold check-ins that only this key opens.

    Attributes:
        held: Which, and why.

    """

    def __init__(self, held: tuple[Held, ...]) -> None:
        self.held = held
        names = ", ".join(sorted({one.holder.called for one in held}))
        super().__init__(
            f"{names} may hold check-ins that only this key opens: wait for their report, or "
            "revoke those that are lost"
        )


@dataclass(frozen=True, slots=True)
class StoredKey:
    """A key of the site.

    Attributes:
        key: Its name and public half.
        made_at: When it was made, or first known here.
        retired_at: Since when no kiosk seals to it.
        destroyed_at: Since when nobody can open what was sealed to it.
        in_force: Whether kiosks seal to it.

    """

    key: SiteKey
    made_at: datetime
    retired_at: datetime | None
    destroyed_at: datetime | None
    in_force: bool

    @property
    def key_id(self) -> str:
        """Its name."""
        return self.key.key_id

    @property
    def state(self) -> KeyState:
        """What it is good for."""
        if self.in_force:
            return KeyState.IN_FORCE
        if self.destroyed_at:
            return KeyState.DESTROYED
        return KeyState.RETIRED if self.retired_at else KeyState.PREPARED


def read_site_keys(connection: Connection, site: str) -> list[StoredKey]:
    """Return all keys that the site ever had: in force, prepared, then the others, newest first."""
    t = tables.site_key.c
    in_force = select(tables.site.c.key_id).where(tables.site.c.id == site).scalar_subquery()
    rows = connection.execute(
        select(t.key_id, t.public_key, t.made_at, t.retired_at, t.destroyed_at, in_force)
        .where(t.site == site)
        .order_by(t.made_at.desc(), t.key_id)
    )
    found = [
        StoredKey(SiteKey.from_text(*row[:2]), *row[2:5], in_force=row[5] == row.key_id)
        for row in rows
    ]
    order = list(KeyState)
    order.insert(0, order.pop(order.index(KeyState.IN_FORCE)))
    return sorted(found, key=lambda key: order.index(key.state))


def read_holders(connection: Connection, site: str) -> list[Holder]:
    """Return all enrolments of kiosks with what they said last, by name."""
    t, report = tables.kiosk.c, tables.kiosk_report.c
    joined = tables.kiosk.outerjoin(
        tables.kiosk_report, (report.site == t.site) & (report.enrolment == t.enrolment)
    )
    rows = connection.execute(
        select(
            t.enrolment,
            func.coalesce(t.label, t.name),
            t.letter,
            t.enrolled_at,
            t.retired_at,
            t.revoked_at,
            report.at,
            report.sealed_to,
        )
        .select_from(joined)
        .where(t.site == site, t.kind == KIOSK)
        .order_by(t.name, t.enrolled_at)
    )
    return [Holder(*row[:7], None if row[7] is None else tuple(row[7].split())) for row in rows]


def holders(connection: Connection, site: str, key: StoredKey) -> Holders:
    """Return who may hold check-ins that are sealed to a retired key."""
    if key.retired_at is None:
        return Holders((), ())
    return holders_of(key.key_id, read_holders(connection, site), retired_at=key.retired_at)


def count_sealed_to(connection: Connection, site: str, key_id: str) -> int:
    """Return how many check-ins that are kept here only this key opens."""
    t, named = tables.check_in_body.c, f'"key_id":"{key_id}"'.encode()
    bodies = connection.execute(select(t.body).where(t.site == site))
    return sum(named in bytes(body) for (body,) in bodies)


def add_key(connection: Connection, site: str, key: SiteKey, *, made_at: datetime) -> None:
    """Store a key's public half."""
    connection.execute(
        tables.site_key.insert().values(
            site=site, key_id=key.key_id, public_key=key.to_text(), made_at=made_at
        )
    )


def prepare(act: AdminAct, key: SiteKey) -> None:
    """Take note of a key whose file was just made; no kiosk is told of it yet."""
    _make_known(act, key)
    act.note("key-made", key.key_id)


def put_in_force(act: AdminAct, key_id: str) -> None:
    """Let kiosks seal to a prepared key from now on, and retire the one before.

    Raises:
        AdministrationError: It is not prepared.

    """
    _require(act, key_id, KeyState.PREPARED)
    before = _switch(act.connection, act.site, key_id, at=act.now)
    act.note("key-in-force", key_id, before)


def rotate(act: AdminAct, key: SiteKey) -> None:
    """Let kiosks seal to a key whose file was just made, and retire the one before."""
    _make_known(act, key)
    before = _switch(act.connection, act.site, key.key_id, at=act.now)
    act.note("key-in-force", key.key_id, before)


def destroy(act: AdminAct, key_id: str) -> None:
    """Say that nobody shall open what was sealed to a key; each server then deletes its file.

    Raises:
        AdministrationError: It is in force, or a kiosk may hold check-ins that only it opens.

    """
    key = _require(act, key_id, KeyState.RETIRED, KeyState.PREPARED)
    if held := holders(act.connection, act.site, key).enrolled:
        raise KeyIsHeldError(held)
    t = tables.site_key
    act.connection.execute(
        update(t)
        .where(t.c.site == act.site, t.c.key_id == key_id)
        .values(retired_at=key.retired_at or act.now, destroyed_at=act.now)
    )
    act.note("key-destroyed", key_id)
    _tell(act.connection, act.site, at=act.now)


def take_stock(
    connection: Connection,
    site: str,
    keys: Keyring,
    *,
    now: datetime,
    restored: bool = False,
) -> str:
    """Make the store know all keys whose files are here; return the key in force.

    A store that was just restored may be older than the newest key, to which kiosks seal: that
    one is put in force again, but no prepared one, of which nobody can tell whether it was. So it
    is where the file of the key in force has gone. Otherwise a file that the store does not know
    is one that an administrator may put in force.

    Args:
        connection: In a transaction that writes, with the site's row locked.
        site: The site's id.
        keys: Those whose files are here.
        now: The present moment.
        restored: Whether the store was just restored from a backup.

    Raises:
        KeyFileError: There is no file of the key in force, nor of any other that could be.

    """
    (in_force,) = connection.execute(
        select(tables.site.c.key_id).where(tables.site.c.id == site).with_for_update()
    ).one()
    stored = {key.key_id for key in read_site_keys(connection, site)}

    def age(key_id: str) -> datetime:
        return keys.made.get(key_id, LONG_AGO)

    unknown = sorted(keys.private.keys() - stored - {in_force}, key=age)
    for key_id in unknown:
        made_at = keys.made.get(key_id, now)
        add_key(connection, site, keys.public_key(key_id), made_at=made_at)
    is_here = keys.private_key(in_force) is not None
    if is_here and in_force not in stored:
        key = keys.public_key(in_force)
        add_key(connection, site, key, made_at=keys.made.get(in_force, now))
    if unknown and (not is_here or (restored and age(unknown[-1]) > age(in_force))):
        in_force = unknown[-1]
        _switch(connection, site, in_force, at=now)
        for key_id in unknown[:-1]:
            _retire(connection, site, key_id, at=now)
    elif not is_here:
        keys.public_key(in_force)  # says what is missing, and what to do
    return str(in_force)


def stock_is_taken(connection: Connection, site: str, keys: Keyring) -> bool:
    """Return whether `take_stock` would change nothing."""
    stored = read_site_keys(connection, site)
    known = {key.key_id for key in stored}
    in_force_is_here = any(key.in_force and key.key_id in keys.private for key in stored)
    return in_force_is_here and known >= keys.private.keys()


def look_after(connection: Connection, site: str, keys: Keyring) -> set[str]:
    """Forget the keys that are destroyed; return those that are not, and whose files miss here."""
    stored = read_site_keys(connection, site)
    keys.forget(key.key_id for key in stored if key.destroyed_at)
    return {
        key.key_id
        for key in stored
        if not key.destroyed_at and keys.private_key(key.key_id) is None
    }


def _make_known(act: AdminAct, key: SiteKey) -> None:
    """Store a key, unless a server that was just started has found its file and done so."""
    t = tables.site_key.c
    known = select(t.key_id).where(t.site == act.site, t.key_id == key.key_id)
    if act.connection.execute(known).first() is None:
        add_key(act.connection, act.site, key, made_at=act.now)


def _require(act: AdminAct, key_id: str, *states: KeyState) -> StoredKey:
    for key in read_site_keys(act.connection, act.site):
        if key.key_id == key_id and key.state in states:
            return key
    raise UnknownKeyError


def _switch(connection: Connection, site: str, key_id: str, *, at: datetime) -> str:
    """Let a key be the one in force, and tell everybody; return the one before."""
    t = tables.site
    (before,) = connection.execute(select(t.c.key_id).where(t.c.id == site)).one()
    _retire(connection, site, before, at=at)
    connection.execute(update(t).where(t.c.id == site).values(key_id=key_id))
    _tell(connection, site, at=at)
    return str(before)


def _retire(connection: Connection, site: str, key_id: str, *, at: datetime) -> None:
    t = tables.site_key
    connection.execute(
        update(t)
        .where(t.c.site == site, t.c.key_id == key_id, t.c.retired_at.is_(None))
        .values(retired_at=at)
    )


def _tell(connection: Connection, site: str, *, at: datetime) -> None:
    """Let every process take up what has changed."""
    event_log.append(connection, site, kind=EventKind.KEY, about=None, at=at)
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_notify(postgresql.CHANNEL, postgresql.NEW_SITE_FILE)))
