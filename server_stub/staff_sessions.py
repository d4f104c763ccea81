"""The sessions of staff: who is logged in, in which language and look, at which counter.

A session is a random token in a cookie and a row with its hash: whoever reads the database or a
backup can log in as nobody.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, and_, delete, or_, select, update

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
FAILURES_WINDOW = timedelta(minutes=15)

LOOKS = ("auto", "light", "dark")
"""Of the pages; ``"auto"`` is as the browser is set."""


class TooManyFailuresError(Exception):
    """Wrong passwords for one name from one address: nothing is checked for a while.

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


def session_of(
    connection: Connection, site: str, *, token: str, now: datetime
) -> StaffSession | None:
    """Return the session whose token it is; None where there is none, or it is over.

    Whoever may not log in any more has none either.
    """
    t, staff = tables.staff_session.c, tables.staff.c
    row = connection.execute(
        select(t.id_sha256, t.staff, staff.role, t.language, t.counter, t.look)
        .join(tables.staff, and_(staff.site == t.site, staff.name == t.staff))
        .where(
            t.site == site,
            t.id_sha256 == token_sha256(token),
            t.created_at <= now + CLOCK_STEP,
            t.expires_at > now,
            staff.disabled_at.is_(None),
        )
    ).one_or_none()
    return StaffSession(*row) if row else None


def password_hash_of(connection: Connection, site: str, *, name: str) -> str | None:
    """Return the password hash of a member of staff who may log in, or None."""
    t = tables.staff.c
    return connection.execute(
        select(t.password_hash).where(t.site == site, t.name == name, t.disabled_at.is_(None))
    ).scalar_one_or_none()


def count_attempt(
    connection: Connection, site: str, *, name: str, address: str, now: datetime
) -> None:
    """Count an attempt to log in as failed, before it is checked: `log_in` takes it back.

    Counting first leaves no gap through which many could be tried at once.

    Raises:
        TooManyFailuresError: This name had its attempts from this address.

    """
    t = tables.login_failure.c
    over = or_(t.since <= now - FAILURES_WINDOW, t.since > now + CLOCK_STEP)
    connection.execute(delete(tables.login_failure).where(over))
    here = and_(t.site == site, t.name == name, t.address == address)
    known = connection.execute(select(t.failures, t.since).where(here)).one_or_none()
    if known is None:
        connection.execute(
            tables.login_failure.insert().values(
                site=site, name=name, address=address, failures=1, since=now
            )
        )
        return
    if known.failures >= FAILURES_ALLOWED:
        raise TooManyFailuresError(known.since + FAILURES_WINDOW)
    connection.execute(update(tables.login_failure).where(here).values(failures=known.failures + 1))


def log_in(  # noqa: PLR0913  # what a session is made of
    connection: Connection,
    site: str,
    *,
    name: str,
    address: str,
    language: str,
    now: datetime,
    replaces: str | None = None,
) -> str:
    """Begin a session and return its token; forget the attempts before it.

    A session that the browser held until now, `replaces`, ends: its token may be known to others.
    """
    if replaces:
        log_out(connection, site, token=replaces)
    failed, t = tables.login_failure.c, tables.staff_session.c
    connection.execute(
        delete(tables.login_failure).where(
            failed.site == site, failed.name == name, failed.address == address
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
