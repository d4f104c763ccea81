"""The sessions of staff: who is logged in, in which language and look, at which counter.

A session is a random token in a cookie and a row with its hash: whoever reads the database or a
backup can log in as nobody.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv6Address, IPv6Network, ip_address

from sqlalchemy import ColumnElement, Connection, and_, bindparam, delete, func, or_, select, update

from server_stub import tables
from server_stub.device_tokens import new_token, token_sha256
from server_stub.rights import Right, rights_of

SESSION_LENGTH = timedelta(hours=12)
"""A long shift. Nobody is logged out in the middle of one."""

CLOCK_STEP = timedelta(minutes=5)
"""By so much the server's clock may be set back, and nobody notices. What is dated later than that
is of a clock that was wrong, and counts for nothing: else a session would last for years, or a
name be locked out for as long.
"""

FAILURES_ALLOWED = 5
"""For one name from one address, or in one known browser."""

FAILURES_OF_NAME = 30
"""For one name, by all strangers together: who spreads them over many addresses gains little."""

FAILURES_OF_ADDRESS = 100
"""From one address, for all names, by strangers: a hall of forty who mistype is far below."""

FAILURES_WINDOW = timedelta(minutes=15)

BROWSER = "browser "
"""How what a known browser is counted under begins; no address does."""

SESSIONS_END = ("account-disabled", "account-sessions-ended")
"""Acts of the audit log that end someone's sessions and leave them their password."""

LOOKS = ("auto", "light", "dark")
"""Of the pages; ``"auto"`` is as the browser is set."""


class TooManyFailuresError(Exception):
    """Too many wrong passwords: nothing is checked for a while.

    Attributes:
        until: When logging in may be tried again.

    """

    def __init__(self, until: datetime) -> None:
        self.until = until
        super().__init__("too many wrong passwords: wait")


@dataclass(frozen=True, slots=True)
class StaffSession:
    """Someone who is logged in.

    Attributes:
        id_sha256: Which session it is.
        staff: Their name.
        role: Decides what they may do.
        language: In which they read the pages.
        counter: Where they work; None until they have chosen.
        look: One of `LOOKS`.

    """

    id_sha256: str
    staff: str
    role: str
    language: str
    counter: str | None
    look: str

    @property
    def rights(self) -> frozenset[Right]:
        """What they may see and do."""
        return rights_of(self.role)

    def may(self, right: Right) -> bool:
        """Return whether they may."""
        return right in self.rights


_session, _staff = tables.staff_session.c, tables.staff.c
# Built once: every request asks, and to build it takes SQLAlchemy longer than to run it.
SESSION = (
    select(
        _session.id_sha256,
        _session.staff,
        _staff.role,
        _session.language,
        _session.counter,
        _session.look,
    )
    .join(tables.staff, and_(_staff.site == _session.site, _staff.name == _session.staff))
    .where(
        _session.site == bindparam("of_site"),
        _session.id_sha256 == bindparam("of_token"),
        _session.created_at <= bindparam("latest_begun"),
        _session.expires_at > bindparam("at"),
        _staff.disabled_at.is_(None),
    )
)


def session_of(
    connection: Connection, site: str, *, token: str, now: datetime
) -> StaffSession | None:
    """Return the session whose token it is; None where there is none, or it is over.

    Whoever may not log in any more has none either.
    """
    asked = {
        "of_site": site,
        "of_token": token_sha256(token),
        "latest_begun": now + CLOCK_STEP,
        "at": now,
    }
    row = connection.execute(SESSION, asked).one_or_none()
    return StaffSession(*row) if row else None


def password_hash_of(connection: Connection, site: str, *, name: str) -> str | None:
    """Return the password hash of a member of staff who may log in, or None."""
    t = tables.staff.c
    return connection.execute(
        select(t.password_hash).where(t.site == site, t.name == name, t.disabled_at.is_(None))
    ).scalar_one_or_none()


def count_attempt(
    connection: Connection,
    site: str,
    *,
    name: str,
    address: str,
    now: datetime,
    browser: str | None = None,
) -> None:
    """Count an attempt to log in as failed, before it is checked: `log_in` takes it back.

    Counting first leaves no gap through which many could be tried at once. A browser that is
    known for the name counts for itself, and what strangers try does not hold it up.

    Raises:
        TooManyFailuresError: This name had its attempts from this address; or strangers have
            tried too often for this name, or from this address for any.

    """
    t = tables.login_failure.c
    over = or_(t.since <= now - FAILURES_WINDOW, t.since > now + CLOCK_STEP)
    connection.execute(delete(tables.login_failure).where(over))
    counted_at = browser or network_of(address)
    here = and_(t.site == site, t.name == name, t.address == counted_at)
    known = connection.execute(select(t.failures, t.since).where(here)).one_or_none()
    if known and known.failures >= FAILURES_ALLOWED:
        raise TooManyFailuresError(known.since + FAILURES_WINDOW)
    if browser is None:
        strangers = t.address.not_like(f"{BROWSER}%")
        _require_few(connection, t.site == site, t.name == name, strangers, most=FAILURES_OF_NAME)
        at_address = t.address == counted_at
        _require_few(connection, t.site == site, at_address, most=FAILURES_OF_ADDRESS)
    if known is None:
        connection.execute(
            tables.login_failure.insert().values(
                site=site, name=name, address=counted_at, failures=1, since=now
            )
        )
        return
    connection.execute(update(tables.login_failure).where(here).values(failures=known.failures + 1))


def _require_few(connection: Connection, *which: ColumnElement[bool], most: int) -> None:
    """Raise TooManyFailuresError where there were as many of these failures as are allowed."""
    t = tables.login_failure.c
    failures, since = connection.execute(
        select(func.coalesce(func.sum(t.failures), 0), func.min(t.since)).where(*which)
    ).one()
    if failures >= most:
        raise TooManyFailuresError(since + FAILURES_WINDOW)


def network_of(address: str) -> str:
    """Return what an address counts as: of IPv6 its network, of which one house has one."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, IPv6Address):
        mapped = parsed.ipv4_mapped
        return str(mapped or IPv6Network((parsed.packed, 64), strict=False))
    return str(parsed)


def may_begin(
    connection: Connection,
    site: str,
    *,
    name: str,
    password_hash: str,
    since: datetime,
    now: datetime,
) -> bool:
    """Tell whether who was checked may still log in, in the transaction that logs them in.

    A check takes a while. Whose password has changed meanwhile, who was shut out, or logged out
    everywhere, must not come in by it afterwards.

    Args:
        connection: In a transaction that writes.
        site: The site's id.
        name: Whose password it was.
        password_hash: Against which it was found right.
        since: When the check began.
        now: The present moment.

    """
    t, noted = tables.staff.c, tables.audit.c
    held = (  # where servers share a database, a change of the account waits until this is done
        select(t.name)
        .where(t.site == site, t.name == name, t.password_hash == password_hash)
        .where(t.disabled_at.is_(None))
        .with_for_update()
    )
    if connection.execute(held).one_or_none() is None:
        return False
    # Of sessions that were ended nothing else is left, nor of an account that is open again.
    ended = select(noted.id).where(
        noted.site == site,
        noted.at > since,
        noted.at <= now,
        noted.act.in_(SESSIONS_END),
        noted.about == name,
    )
    return connection.execute(ended.limit(1)).one_or_none() is None


def log_in(  # noqa: PLR0913  # what a session is made of
    connection: Connection,
    site: str,
    *,
    name: str,
    address: str,
    language: str,
    now: datetime,
    replaces: str | None = None,
    browser: str | None = None,
) -> str:
    """Begin a session and return its token; forget the attempts before it.

    A session that the browser held until now, `replaces`, ends: its token may be known to others.
    """
    if replaces:
        log_out(connection, site, token=replaces)
    failed, t = tables.login_failure.c, tables.staff_session.c
    connection.execute(
        delete(tables.login_failure).where(
            failed.site == site,
            failed.name == name,
            failed.address == (browser or network_of(address)),
        )
    )
    connection.execute(delete(tables.staff_session).where(t.expires_at <= now))
    staff = tables.staff.c
    connection.execute(
        update(tables.staff).where(staff.site == site, staff.name == name).values(last_login_at=now)
    )
    token = new_token()
    connection.execute(
        tables.staff_session.insert().values(
            site=site,
            id_sha256=token_sha256(token),
            staff=name,
            language=language,
            counter=None,
            created_at=now,
            expires_at=now + SESSION_LENGTH,
        )
    )
    return token


def log_out(connection: Connection, site: str, *, token: str) -> None:
    """End a session, if there is one."""
    t = tables.staff_session.c
    connection.execute(
        delete(tables.staff_session).where(t.site == site, t.id_sha256 == token_sha256(token))
    )


def choose_counter(
    connection: Connection, site: str, *, session: StaffSession, counter: str | None
) -> None:
    """Note at which counter someone works; None for no counter."""
    _note(connection, site, session, counter=counter)


def choose_language(
    connection: Connection, site: str, *, session: StaffSession, language: str
) -> None:
    """Note in which language someone reads the pages."""
    _note(connection, site, session, language=language)


def choose_look(connection: Connection, site: str, *, session: StaffSession, look: str) -> None:
    """Note in which of `LOOKS` someone reads the pages."""
    _note(connection, site, session, look=look)


def _note(connection: Connection, site: str, session: StaffSession, **values: str | None) -> None:
    t = tables.staff_session.c
    connection.execute(
        update(tables.staff_session)
        .where(t.site == site, t.id_sha256 == session.id_sha256)
        .values(**values)
    )
