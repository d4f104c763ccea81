"""The tables of the central server, the same on SQLite and PostgreSQL.

`site` comes first in every key, so that the sites of one store can be parted later, and nothing
is numbered across sites. Every time is aware UTC. `migrations` makes these tables; a test holds
the two together.
"""

from datetime import UTC, datetime

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Date,
    DateTime,
    Dialect,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    TypeDecorator,
    UniqueConstraint,
    Uuid,
    literal_column,
)

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(referred_table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    }
)


class AwareUtc(TypeDecorator[datetime]):
    """A moment. Takes aware datetimes only and gives them back in UTC."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse a naive datetime: nobody would know which moment it means."""
        del dialect
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone cannot be stored")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Put UTC back where the database forgets the zone."""
        del dialect
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def _index_where(name: str, *columns: Column[object], where: ColumnElement[bool]) -> Index:
    """Return an index of some rows only; unique ones are made by `_unique_where`."""
    return Index(name, *columns, sqlite_where=where, postgresql_where=where)


def _unique_where(name: str, *columns: Column[object], where: ColumnElement[bool]) -> Index:
    return Index(name, *columns, unique=True, sqlite_where=where, postgresql_where=where)


site = Table(
    "site",
    metadata,
    Column("id", String, primary_key=True),
    Column("store_id", Uuid, nullable=False),  # a store made anew has another one
    Column("file_version", String, nullable=False),
    Column("file_json", JSON, nullable=False),
    Column("key_id", String, nullable=False),  # which of the site's keys kiosks seal to
    Column("next_event", BigInteger, nullable=False),
)

event = Table(
    "event",
    metadata,
    Column("site", String, primary_key=True),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("kind", String, nullable=False),
    Column("about", Uuid),  # the visit, help call or enrolment that changed
    Column("detail", String),  # of an alarm: which one
    Column("at", AwareUtc, nullable=False),
)

kiosk = Table(
    "kiosk",
    metadata,
    Column("site", String, primary_key=True),
    Column("enrolment", Uuid, primary_key=True),
    Column("name", String, nullable=False),
    Column("letter", String, nullable=False),
    Column("token_sha256", String, nullable=False),
    Column("enrolled_at", AwareUtc, nullable=False),
    Column("retired_at", AwareUtc),
    Column("highest_sequence", BigInteger, nullable=False),  # the highest seen here
    Column("complete_to", BigInteger, nullable=False),  # all sequences up to here are in the ledger
    UniqueConstraint("site", "token_sha256"),
)
_unique_where("uq_kiosk_name", kiosk.c.site, kiosk.c.name, where=kiosk.c.retired_at.is_(None))
_unique_where("uq_kiosk_letter", kiosk.c.site, kiosk.c.letter, where=kiosk.c.retired_at.is_(None))

kiosk_report = Table(
    "kiosk_report",
    metadata,
    Column("site", String, primary_key=True),
    Column("enrolment", Uuid, primary_key=True),
    Column("at", AwareUtc, nullable=False),
    Column("program_version", String, nullable=False),
    Column("site_version", String, nullable=False),
    Column("printer", String, nullable=False),
    Column("clock_trusted", Boolean, nullable=False),
    Column("disk_free_bytes", BigInteger, nullable=False),
    Column("outbox_depth", BigInteger, nullable=False),
    Column("highest_sequence", BigInteger, nullable=False),  # the highest that it has given out
    Column("check_ins", BigInteger, nullable=False),
    Column("abandoned", BigInteger, nullable=False),
    Column("help_calls", BigInteger, nullable=False),
    Column("wrong_codes", BigInteger, nullable=False, server_default="0"),
    Column("sound", String),
    Column("troubles", String, nullable=False, server_default=""),  # names, a space between
    ForeignKeyConstraint(["site", "enrolment"], ["kiosk.site", "kiosk.enrolment"]),
)

# Which check-ins were ever taken. Outlives everything else that is known of a party, so that a
# check-in sent again years later is still recognised.
ledger = Table(
    "ledger",
    metadata,
    Column("site", String, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("sha256", String, nullable=False),
    Column("enrolment", Uuid, nullable=False),
    Column("sequence", BigInteger),  # null where another check-in holds it already
    Column("clash_sequence", BigInteger),
    Column("arrived_at", AwareUtc, nullable=False),
    Column("received_at", AwareUtc, nullable=False),
    UniqueConstraint("site", "enrolment", "sequence"),
    ForeignKeyConstraint(["site", "enrolment"], ["kiosk.site", "kiosk.enrolment"]),
)

check_in_body = Table(
    "check_in_body",
    metadata,
    Column("site", String, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("body", LargeBinary, nullable=False),  # the bytes as received: still sealed
)

visit = Table(
    "visit",
    metadata,
    Column("site", String, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("number", String, nullable=False),
    Column("kiosk", String, nullable=False),
    Column("language", String),  # null where the content could not be read
    Column("adults", Integer, nullable=False),
    Column("children", Integer, nullable=False),
    Column("route", JSON, nullable=False),
    Column("stage", String, nullable=False),
    Column("state", String, nullable=False),
    Column("counter", String),  # that called last
    Column("calls", Integer, nullable=False),  # at this stage
    Column("called_at", AwareUtc),  # last
    Column("arrived_at", AwareUtc, nullable=False),
    Column("arrival_order", BigInteger, nullable=False),  # parts those who arrived at one instant
    Column("service_day", Date, nullable=False),
    Column("version", Integer, nullable=False),  # grows with every step
    Column("priority_proposed", Boolean, nullable=False),
    Column("marked", String, nullable=False),  # "", "unreadable", "unknown-stage"
    Column("ticket_token_sha256", String),
)
_index_where(
    "ix_visit_waiting",
    visit.c.site,
    visit.c.stage,
    visit.c.arrived_at,
    visit.c.arrival_order,
    visit.c.id,
    where=visit.c.state == "waiting",
)
visit_is_open = visit.c.state != literal_column("'finished'")
"""As the index of open visits has it, word for word: else the database would not use it."""
_index_where("ix_visit_open", visit.c.site, visit.c.id, where=visit_is_open)
_unique_where(
    "uq_visit_called_at_counter", visit.c.site, visit.c.counter, where=visit.c.state == "called"
)
Index("ix_visit_service_day", visit.c.site, visit.c.service_day, visit.c.id)

slip_outcome = Table(
    "slip_outcome",
    metadata,
    Column("site", String, primary_key=True),
    Column("id", Uuid, primary_key=True),  # of the check-in; may be here before it
    Column("kiosk", String, nullable=False),
    Column("outcome", String, nullable=False),
    Column("copies", Integer, nullable=False),
    Column("revision", BigInteger, nullable=False),
    Column("at", AwareUtc, nullable=False),
)

help_call = Table(
    "help_call",
    metadata,
    Column("site", String, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("kiosk", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("language", String),
    Column("state", String, nullable=False),
    Column("called_at", AwareUtc, nullable=False),
    Column("acknowledged_by", String),
    Column("acknowledged_at", AwareUtc),
)
help_call_is_open = help_call.c.state == literal_column("'called'")
_index_where("ix_help_call_open", help_call.c.site, help_call.c.id, where=help_call_is_open)
Index("ix_help_call_called_at", help_call.c.site, help_call.c.called_at)

# Who did what, and what it answered: a repeated action gets the same answer again.
staff_action = Table(
    "staff_action",
    metadata,
    Column("site", String, primary_key=True),
    Column("id", Uuid, primary_key=True),  # made by the page that offered the button
    Column("step", String, nullable=False),
    Column("staff", String, nullable=False),
    Column("at", AwareUtc, nullable=False),
    Column("counter", String, nullable=False),
    Column("visit", Uuid),  # null: nobody was waiting
    Column("version", Integer),  # of the visit after it, as the rest
    Column("stage", String),
    Column("state", String),
    Column("calls", Integer),
    Column("called_at", AwareUtc),
)
Index("ix_staff_action_visit", staff_action.c.site, staff_action.c.visit, staff_action.c.version)

staff = Table(
    "staff",
    metadata,
    Column("site", String, primary_key=True),
    Column("name", String, primary_key=True),
    Column("password_hash", String, nullable=False),
    Column("role", String, nullable=False),
    Column("created_at", AwareUtc, nullable=False),
)

staff_session = Table(
    "staff_session",
    metadata,
    Column("site", String, primary_key=True),
    Column("id_sha256", String, primary_key=True),
    Column("staff", String, nullable=False),
    Column("language", String, nullable=False),
    Column("counter", String),  # null until one is chosen
    Column("created_at", AwareUtc, nullable=False),
    Column("expires_at", AwareUtc, nullable=False),
    ForeignKeyConstraint(["site", "staff"], ["staff.site", "staff.name"]),
)

login_failure = Table(
    "login_failure",
    metadata,
    Column("site", String, primary_key=True),
    Column("name", String, primary_key=True),
    Column("address", String, primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("since", AwareUtc, nullable=False),
)

display = Table(
    "display",
    metadata,
    Column("site", String, primary_key=True),
    Column("name", String, primary_key=True),
    Column("token_sha256", String, nullable=False),
    Column("created_at", AwareUtc, nullable=False),
    UniqueConstraint("site", "token_sha256"),
)
