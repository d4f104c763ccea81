"""PostgreSQL as the server's database: any number of server processes on one of it.

How it is reached stands in a file of one line, a libpq URL, so that its password is on no
command line and in no environment. The driver is loaded only where such a file is.
"""

import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.exc import DBAPIError

from server_stub.database_hosts import DatabaseHosts
from server_stub.direct_sql import run
from server_stub.silent_line import session_class
from server_stub.store_error import StoreError

OLDEST_VERSION = 15

SESSION = {
    "application_name": "ankunft",
    "connect_timeout": "2",  # seconds, for each host
    # A connection whose other end has gone without a word is given up after about 9 seconds: well
    # before another machine leads, which takes Patroni 20.
    "keepalives_idle": "5",
    "keepalives_interval": "2",
    "keepalives_count": "2",
    "tcp_user_timeout": "9000",  # milliseconds
}
"""How to connect, but for what the URL says otherwise."""

SETTINGS = {"timezone": "UTC", "lock_timeout": "15s"}
"""Of each session, but for what the URL's own options say. Nobody waits longer for a row than
that, and is told to try again. They are set by a statement: a PgBouncer before 1.20 refuses
connections that begin with options."""

SILENCE = "10s"
"""Who holds the site's row and falls silent for so long loses it, and the others go on."""

MOST_CONNECTIONS = 12
"""Of one server process: its writer, its reading threads, and one that listens."""

THIS_MACHINE = {"localhost", "127.0.0.1", "::1"}

UNDER_WAY = "pipeline"
"""What a connection's info holds while it does not wait for answers."""

IN_DOUBT = "in doubt"
"""What a connection's info holds once the database has warned of a commit."""

WARNING = "01000"
"""The state of PostgreSQL's warning that a commit is on no standby: nothing else of ours warns."""

CHANNEL = "ankunft"
"""Where server processes tell each other that something was committed."""

NEW_SITE_FILE = "site-file"
"""What they say there when another site file is in force; else they say the name of the site."""

IN_USE = 0x416E6B756E6674
"""The advisory lock that servers share and a change of the tables takes alone ("Ankunft")."""


def read_url(file: Path) -> str | None:
    """Return the URL that stands in the file; None where there is no such file.

    Raises:
        StoreError: It cannot be read, others may read it, or it is no URL of PostgreSQL.

    """
    try:
        mode = file.stat().st_mode
        url = file.read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return None
    except (OSError, UnicodeError) as error:
        raise StoreError(f"{file}: cannot be read: {type(error).__name__}") from None
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise StoreError(f"{file}: others may read it; run: chmod 600 {file}")
    if not url.startswith(("postgresql://", "postgres://")) or len(url.split()) != 1:
        # What it says instead is not shown: it may hold a password.
        raise StoreError(
            f"{file}: holds no URL of PostgreSQL; it is one line like "
            "postgresql://ankunft@/ankunft?host=/run/postgresql"
        )
    return url


def open_postgresql(url: str, *, patient: bool = True) -> Engine:
    """Return an engine whose transactions suit those who ask for them.

    Who reads sees one moment, however many statements it takes. Who writes asks for
    `execution_options(writes=True)`, locks first, and sees what was committed until then.

    Args:
        url: Of libpq.
        patient: False where an answer must come in a time that a server's statements take.

    """
    door = Door(url, patient=patient)
    engine = create_engine(
        "postgresql+psycopg://",  # the rest is for the driver alone: no password in a message
        creator=door.connect,
        hide_parameters=True,
        pool_pre_ping=True,  # a database that was started anew costs no reader an error
        pool_size=MOST_CONNECTIONS - 2,
        max_overflow=1,
        pool_timeout=10,  # seconds
    )
    event.listen(engine, "begin", _begin)
    event.listen(engine, "after_cursor_execute", _await_answer)
    return engine


class Door:
    """Where a database is reached, and which of its hosts answered last.

    Args:
        url: Of libpq.
        patient: See `open_postgresql`.

    Raises:
        StoreError: The driver is not installed, or does not understand the URL.

    """

    def __init__(self, url: str, *, patient: bool = True) -> None:
        psycopg = _driver()
        self._session = psycopg.Connection if patient else session_class()
        try:
            asked = psycopg.conninfo.conninfo_to_dict(url)
        except psycopg.ProgrammingError:
            raise StoreError(
                "the database's URL cannot be understood: it is libpq's, like "
                "postgresql://ankunft@/ankunft?host=/run/postgresql"
            ) from None
        self._asked = SESSION | asked
        told = asked.get("options", "").lower()
        self._set = ", ".join(
            f"set_config('{name}', '{value}', false)"
            for name, value in SETTINGS.items()
            if name not in told
        )
        self._hosts = DatabaseHosts(asked)

    def connect(self, *, autocommit: bool = False) -> Any:  # noqa: ANN401  # psycopg may not be installed
        """Return a new connection of the driver's own; any thread may ask."""
        psycopg = _driver()
        first, hosts = self._hosts.in_order()
        try:
            connection = self._session.connect(**(self._asked | hosts), autocommit=True)
            if self._set:
                connection.execute(f"SELECT {self._set}")
        except psycopg.OperationalError:
            self._hosts.nobody_answered(first)
            raise
        connection.autocommit = autocommit
        at = connection.info
        self._hosts.answered({"host": at.host, "hostaddr": at.hostaddr, "port": f"{at.port}"})
        return connection


def is_verified(url: str) -> bool:
    """Return whether a session stays on this machine, or the database proves who it is."""
    asked = _driver().conninfo.conninfo_to_dict(url)
    names = f"{asked.get('hostaddr') or asked.get('host') or '/'}".split(",")
    here = all(name.startswith("/") or name in THIS_MACHINE for name in names)
    return here or asked.get("sslmode") == "verify-full"


def _driver() -> Any:  # noqa: ANN401  # as above
    try:
        import psycopg  # noqa: PLC0415  # a server on SQLite does without
    except ImportError:
        raise StoreError(
            "PostgreSQL's driver is not installed; run: pip install 'psycopg[binary]>=3.3'"
        ) from None
    return psycopg


def _begin(connection: Connection) -> None:
    """Set the kind of transaction; the driver sends it along with its BEGIN."""
    psycopg = _driver()
    writes = connection.get_execution_options().get("writes", False)
    levels = psycopg.IsolationLevel
    level = levels.READ_COMMITTED if writes else levels.REPEATABLE_READ
    session: Any = connection.connection.dbapi_connection
    if session.isolation_level != level:
        session.isolation_level = level
        session.read_only = not writes
        # Who writes begins by a statement of its own, which `in_one_go` does not wait for.
        session.autocommit = writes
    if writes:
        run(connection, "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE")


def check_server(connection: Connection) -> None:
    """Refuse a database that is too old, or would forget what it has confirmed."""
    asked = text(
        "SELECT current_setting('server_version_num')::int / 10000 AS version,"
        " current_setting('server_encoding') AS encoding,"
        " current_setting('fsync') AS fsync,"
        " current_setting('synchronous_commit') AS synchronous_commit"
    )
    told = connection.execute(asked).one()
    if told.version < OLDEST_VERSION:
        raise StoreError(f"this is PostgreSQL {told.version}: at least {OLDEST_VERSION} is needed")
    if told.encoding != "UTF8":
        raise StoreError(
            f"the database's encoding is {told.encoding}: "
            "make one with: createdb --template=template0 --encoding=UTF8 --locale=C NAME"
        )
    for name in ("fsync", "synchronous_commit"):
        if getattr(told, name) == "off":
            raise StoreError(
                f"the database has {name} off and may forget check-ins that were confirmed: "
                "set it on"
            )


def share(connection: Connection) -> bool:
    """Make the session a server's writer for as long as it lasts; False where none may be now.

    The tables do not change meanwhile: whoever changes them needs the database alone.
    """
    info, session = connection.info, connection.connection.dbapi_connection

    def heed(told: Any) -> None:  # noqa: ANN401  # psycopg may not be installed
        if told.sqlstate == WARNING:
            info[IN_DOUBT] = True

    session.add_notice_handler(heed)  # type: ignore[union-attr]  # psycopg's
    connection.execute(
        text("SELECT set_config('idle_in_transaction_session_timeout', :silence, false)"),
        {"silence": SILENCE},
    )
    asked = text("SELECT pg_try_advisory_lock_shared(:key)")
    return bool(connection.execute(asked, {"key": IN_USE}).scalar_one())


@contextmanager
def used_alone(engine: Engine) -> Iterator[None]:
    """Keep servers from the database meanwhile, or raise StoreError where one runs."""
    with engine.connect() as connection:
        free = connection.execute(text("SELECT pg_try_advisory_lock(:key)"), {"key": IN_USE})
        if not free.scalar_one():
            raise StoreError(
                "the database is in use by a running server; stop all of them first, then try again"
            )
        connection.commit()
        try:
            yield
        finally:
            connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": IN_USE})
            connection.commit()


@contextmanager
def in_one_go(connection: Connection) -> Iterator[None]:
    """Send direct statements meanwhile without waiting for their answers, until one is read.

    What such a statement raises is raised by a later one, or by the commit. To wait for each
    took twelve ways there and back for a batch of check-ins, where now it takes three.

    Raises:
        StoreError: The transaction was not ended: nobody can say that it is stored.

    """
    session: Any = connection.connection.dbapi_connection
    info = connection.info  # a connection that failed no longer tells it
    with session.pipeline() as info[UNDER_WAY]:
        try:
            yield
        finally:
            info.pop(UNDER_WAY, None)
    if session.info.transaction_status != _driver().pq.TransactionStatus.IDLE:
        raise StoreError("the transaction was not ended")
    require_replicated(connection)


def require_replicated(connection: Connection) -> None:
    """Raise StoreError where a commit came back before a standby had it.

    PostgreSQL says that it is done where somebody has cancelled its wait for the standby (an
    administrator, a `statement_timeout`), and only warns that it may yet be lost.
    """
    if connection.info.pop(IN_DOUBT, False):
        raise StoreError("the commit may be on this machine alone: nobody waited for a standby")


def _await_answer(connection: Connection, *_told: object) -> None:
    """Let SQLAlchemy's own statements have their answer at once: it asks what is in it."""
    if (pipeline := connection.info.get(UNDER_WAY)) is not None:
        pipeline.sync()


def is_conflict(error: DBAPIError) -> bool:
    """Return whether the same transaction may well succeed if it is run again.

    Its two kinds are a serialisation failure and a deadlock; nothing of either is stored.
    """
    return getattr(error.orig, "sqlstate", None) in {"40001", "40P01"}
