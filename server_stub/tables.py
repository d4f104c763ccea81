"""The tables of the central server, the same on SQLite and PostgreSQL.

`site` comes first in every key, so that the sites of one store can be parted later, and nothing
is numbered across sites. Every time is aware UTC. `migrations` makes these tables; a test holds
the two together.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

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
    Text,
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
        return None if value is None else _in_utc(value)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Put UTC back where the database forgets the zone."""
        del dialect
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)

    def bind_processor(self, dialect: Dialect) -> Callable[[datetime | None], Any] | None:
        """Write SQLite's text in one step: a check-in has six moments."""
        if dialect.name == "sqlite":
            return _text_of_utc
        return super().bind_processor(dialect)

    def result_processor(
        self, dialect: Dialect, coltype: object
    ) -> Callable[[str | None], datetime | None] | None:
        """Read SQLite's text in one step: a report has a hundred thousand moments."""
        if dialect.name == "sqlite":
            return _utc_from_text
        return super().result_processor(dialect, coltype)


def _in_utc(value: datetime) -> datetime:
    if value.tzinfo is None:
        raise ValueError("a time without a zone cannot be stored")
    return value.astimezone(UTC)


def _text_of_utc(value: datetime | None) -> str | None:
    """Return a moment as SQLAlchemy has SQLite keep it."""
    if value is None:
        return None
    return _in_utc(value).isoformat(" ", "microseconds").removesuffix("+00:00")


def _utc_from_text(text: str | None) -> datetime | None:
    """Return the moment that SQLite keeps as text, in UTC and without a zone."""
    return None if text is None else datetime.fromisoformat(f"{text}+00:00")


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
    Column("enrolled_at", AwareUtc, nullable=False),
    Column("retired_at", AwareUtc),
    Column("highest_sequence", BigInteger, nullable=False),  # the highest seen here
    Column("complete_to", BigInteger, nullable=False),  # all sequences up to here are in the ledger
    # "kiosk", or "desk": the series from which staff issue numbers by hand
    Column("kind", String, nullable=False, server_default="kiosk"),
    Column("revoked_at", AwareUtc),  # its token is good for nothing since
    Column("label", String),  # what staff read; null: its name, which its check-ins carry
    Column("public_key", String),  # Ed25519 in base64; null: has none, it is for trials
    Column("hardware", String),  # a hash of what tells its machine from others, where it can
)
_unique_where("uq_kiosk_name", kiosk.c.site, kiosk.c.name, where=kiosk.c.retired_at.is_(None))
_unique_where("uq_kiosk_letter", kiosk.c.site, kiosk.c.letter, where=kiosk.c.retired_at.is_(None))

# By what a kiosk proves who it is, for a day; it gets another by signing a challenge.
kiosk_token = Table(
    "kiosk_token",
    metadata,
    Column("site", String, primary_key=True),
    Column("token_sha256", String, primary_key=True),
    Column("enrolment", Uuid, nullable=False),
    Column("issued_at", AwareUtc, nullable=False),
    Column("expires_at", AwareUtc),  # null: never, for trials
    ForeignKeyConstraint(["site", "enrolment"], ["kiosk.site", "kiosk.enrolment"]),
)
Index("ix_kiosk_token_enrolment", kiosk_token.c.site, kiosk_token.c.enrolment)

# A nonce that somebody was given to sign, good once and for a minute.
challenge = Table(
    "challenge",
    metadata,
    Column("site", String, primary_key=True),
    Column("nonce_sha256", String, primary_key=True),
    Column("enrolment", Uuid, nullable=False),  # that was named; perhaps there is none such
    Column("expires_at", AwareUtc, nullable=False),
)
Index("ix_challenge_expires_at", challenge.c.site, challenge.c.expires_at)

# With which one machine may ask to become a kiosk.
enrolment_code = Table(
    "enrolment_code",
    metadata,
    Column("site", String, primary_key=True),
    Column("code_sha256", String, primary_key=True),
    Column("name", String, nullable=False),  # of the kiosk to be
    Column("replaces", Uuid),  # the enrolment that ends when the new one begins
    Column("made_by", String, nullable=False),  # "": the command line
    Column("made_at", AwareUtc, nullable=False),
    Column("expires_at", AwareUtc, nullable=False),
    Column("used_at", AwareUtc),
    Column("contested_at", AwareUtc),  # when it last came with another key than the first
)

# A machine that asks to become a kiosk; once it is one, its answer until it has got it.
enrolment_request = Table(
    "enrolment_request",
    metadata,
    Column("site", String, primary_key=True),
    Column("enrolment", Uuid, primary_key=True),
    Column("code_sha256", String, nullable=False),
    Column("name", String, nullable=False),
    Column("replaces", Uuid),
    Column("public_key", String, nullable=False),
    Column("hardware", String),
    Column("program_version", String, nullable=False),
    Column("asked_at", AwareUtc, nullable=False),
    Column("approved_at", AwareUtc),
    Column("refused_at", AwareUtc),
    UniqueConstraint("site", "code_sha256"),
)

# How often somebody came to a door that needs no token.
attempt = Table(
    "attempt",
    metadata,
    Column("site", String, primary_key=True),
    Column("door", String, primary_key=True),
    Column("address", String, primary_key=True),
    Column("attempts", Integer, nullable=False),
    Column("since", AwareUtc, nullable=False),
)

# Every key that kiosks ever sealed to. The private halves are files, never here.
site_key = Table(
    "site_key",
    metadata,
    Column("site", String, primary_key=True),
    Column("key_id", String, primary_key=True),
    Column("public_key", String, nullable=False),
    Column("made_at", AwareUtc, nullable=False),
    Column("retired_at", AwareUtc),  # no kiosk seals to it since
    Column("destroyed_at", AwareUtc),  # what is sealed to it cannot be opened since
)

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
    Column("sealed_to", String),  # keys, a space between, the one in use first; null: not told
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
    Column(
        "marked", String, nullable=False
    ),  # "", "unreadable", "unknown-stage", "by-hand", "late", "moved"
    Column("ticket_token_sha256", String),
    Column("waits_from", AwareUtc, nullable=False),  # orders those who wait
    Column("calling_class", Integer, nullable=False),  # see queue_rules: the lowest is called first
    Column("priority", Boolean, nullable=False),  # set by staff; the kiosk only proposes
    Column("appointment_at", AwareUtc),  # confirmed by staff
    Column("carried_over", AwareUtc),  # when it first was, from an earlier service day
    Column("passed_over", Integer, nullable=False),  # how often for its language, at this stage
    Column("inside", Boolean, nullable=False),  # called before and still here: counts in the hall
    Column("stage_since", AwareUtc, nullable=False),  # when it came to this stage
    Column("first_called_at", AwareUtc),  # at this stage
    Column("serving_since", AwareUtc),  # at this stage
    Column("ended_at", AwareUtc),  # finished, left or merged
    Column("merged_into", Uuid),
    Column("split_from", Uuid),
    Column("by_hand", Boolean, nullable=False),  # staff issued its number
)
visit_is_waiting = visit.c.state == literal_column("'waiting'")
_index_where(
    "ix_visit_waiting",
    visit.c.site,
    visit.c.stage,
    visit.c.calling_class,
    visit.c.waits_from,
    visit.c.arrival_order,
    visit.c.id,
    where=visit_is_waiting,
)
# As the partial indices have it, word for word: else the database would not use them.
visit_is_open = visit.c.state.not_in(
    [literal_column("'finished'"), literal_column("'left'"), literal_column("'merged'")]
)
visit_is_at_counter = visit.c.state.in_([literal_column("'called'"), literal_column("'serving'")])
_index_where("ix_visit_open", visit.c.site, visit.c.id, where=visit_is_open)
_unique_where("uq_visit_at_counter", visit.c.site, visit.c.counter, where=visit_is_at_counter)
Index("ix_visit_service_day", visit.c.site, visit.c.service_day, visit.c.id)
Index("ix_visit_ticket", visit.c.site, visit.c.ticket_token_sha256)

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
    Column("id", Uuid, primary_key=True),  # made by whoever offered the button
    Column("step", String, nullable=False),
    Column("staff", String, nullable=False),  # "": the server by itself
    Column("at", AwareUtc, nullable=False),
    Column("counter", String),  # null: someone who works at no counter
    Column("visit", Uuid),  # null: it changed no visit
    Column("version", Integer),  # of the visit after it; 0: what it was about is forgotten
    Column("request", JSON, nullable=False),  # what was asked, to tell another action apart
    Column("before", JSON(none_as_null=True)),  # visit.Progress before it
    Column("after", JSON(none_as_null=True)),  # visit.Progress after it
    Column("answer", JSON(none_as_null=True)),  # what else was answered: why a party was called
    Column("part_of", Uuid),  # the action that changed this visit too: a merge, a range by hand
    Column("undone", Boolean, nullable=False),
)
Index("ix_staff_action_visit", staff_action.c.site, staff_action.c.visit, staff_action.c.version)
Index("ix_staff_action_at", staff_action.c.site, staff_action.c.at)
action_is_no_show = staff_action.c.step == literal_column("'no-show'")
_index_where(
    "ix_staff_action_no_show", staff_action.c.site, staff_action.c.at, where=action_is_no_show
)

# How many of a stage's last calls were priority, one behind the other: 0, 1 or 2.
stage_calls = Table(
    "stage_calls",
    metadata,
    Column("site", String, primary_key=True),
    Column("stage", String, primary_key=True),
    Column("priority_run", Integer, nullable=False),
)

# A party's time at one stage, written when it ends: what waits and services are measured by.
passage = Table(
    "passage",
    metadata,
    Column("site", String, primary_key=True),
    Column("id", Uuid, primary_key=True),  # of the action that ended it
    Column("visit", Uuid, nullable=False),
    Column("stage", String, nullable=False),
    Column("service_day", Date, nullable=False),  # on which it ended
    Column("persons", Integer, nullable=False),
    Column("language", String),
    Column("waited_from", AwareUtc, nullable=False),
    Column("first_called_at", AwareUtc),
    Column("served_at", AwareUtc),  # the last call, where nobody said that serving began
    Column("ended_at", AwareUtc, nullable=False),
    Column("counter", String),
    Column("ended_by", String, nullable=False),  # the step
)
Index("ix_passage_service_day", passage.c.site, passage.c.service_day)
Index("ix_passage_stage", passage.c.site, passage.c.stage, passage.c.ended_at)
Index("ix_passage_counter", passage.c.site, passage.c.stage, passage.c.counter, passage.c.ended_at)

# What a stage achieved for how many persons; a correction is a row of its own.
outcome = Table(
    "outcome",
    metadata,
    Column("site", String, primary_key=True),
    Column("id", Uuid, primary_key=True),  # of the action
    Column("ordinal", Integer, primary_key=True, autoincrement=False),
    Column("visit", Uuid, nullable=False),
    Column("stage", String, nullable=False),
    Column("outcome", String, nullable=False),
    Column("persons", Integer, nullable=False),  # below 0: a correction
    Column("service_day", Date, nullable=False),
    Column("at", AwareUtc, nullable=False),
    Column("staff", String, nullable=False),
)
Index("ix_outcome_service_day", outcome.c.site, outcome.c.service_day)
Index("ix_outcome_visit", outcome.c.site, outcome.c.visit)

# A count that a lead has made by looking: how many persons are housed now.
stock_count = Table(
    "stock_count",
    metadata,
    Column("site", String, primary_key=True),
    Column("id", Uuid, primary_key=True),  # of the action
    Column("figure", String, nullable=False),
    Column("persons", Integer, nullable=False),
    Column("at", AwareUtc, nullable=False),
    Column("service_day", Date, nullable=False),
    Column("staff", String, nullable=False),
)
Index("ix_stock_count_figure", stock_count.c.site, stock_count.c.figure, stock_count.c.at)

service_day = Table(
    "service_day",
    metadata,
    Column("site", String, primary_key=True),
    Column("day", Date, primary_key=True),
    Column("state", String, nullable=False),  # "open", "closing", "closed"
    Column("changed_at", AwareUtc, nullable=False),
    Column("changed_by", String),  # null: the server by itself
)

daily_figures = Table(
    "daily_figures",
    metadata,
    Column("site", String, primary_key=True),
    Column("day", Date, primary_key=True),
    Column("figures", JSON, nullable=False),
    Column("made_at", AwareUtc, nullable=False),
)

# What visits that were erased add to the figures of a day: counts, and of no one visit by name.
erased_figures = Table(
    "erased_figures",
    metadata,
    Column("site", String, primary_key=True),
    Column("day", Date, primary_key=True),
    Column("visits", Integer, nullable=False),  # that arrived on the day
    Column("figures", JSON, nullable=False),
    Column("changed_at", AwareUtc, nullable=False),
)

# By how much a kiosk's counters have grown on a service day.
kiosk_day = Table(
    "kiosk_day",
    metadata,
    Column("site", String, primary_key=True),
    Column("day", Date, primary_key=True),
    Column("enrolment", Uuid, primary_key=True),
    Column("check_ins", BigInteger, nullable=False),
    Column("abandoned", BigInteger, nullable=False),
    Column("help_calls", BigInteger, nullable=False),
    ForeignKeyConstraint(["site", "enrolment"], ["kiosk.site", "kiosk.enrolment"]),
)

# A range of a kiosk's numbers that was served without the server, during an outage.
served_by_hand = Table(
    "served_by_hand",
    metadata,
    Column("site", String, primary_key=True),
    Column("id", Uuid, primary_key=True),  # of the action
    Column("enrolment", Uuid, nullable=False),
    Column("first_sequence", BigInteger, nullable=False),
    Column("last_sequence", BigInteger, nullable=False),
    Column("at", AwareUtc, nullable=False),
    Column("staff", String, nullable=False),
    ForeignKeyConstraint(["site", "enrolment"], ["kiosk.site", "kiosk.enrolment"]),
)

# When the server last proved to itself that it can write; one row.
health_probe = Table(
    "health_probe",
    metadata,
    Column("site", String, primary_key=True),
    Column("at", AwareUtc, nullable=False),
)

staff = Table(
    "staff",
    metadata,
    Column("site", String, primary_key=True),
    Column("name", String, primary_key=True),
    Column("password_hash", String, nullable=False),
    Column("role", String, nullable=False),
    Column("created_at", AwareUtc, nullable=False),
    Column("disabled_at", AwareUtc),  # may not log in since; the name stays, for what it did
    Column("last_login_at", AwareUtc),
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
    Column("look", String, nullable=False, server_default="auto"),  # auto | light | dark
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
    Column("stages", String, nullable=False, server_default=""),  # a space between; none: all
    Column("look", String, nullable=False, server_default="auto"),  # auto | light | dark
    UniqueConstraint("site", "token_sha256"),
)

# Who looked at what, and who changed what of the site. Only ever added to.
audit = Table(
    "audit",
    metadata,
    Column("site", String, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("at", AwareUtc, nullable=False),
    Column("staff", String, nullable=False),  # "": the command line, or the server by itself
    Column("act", String, nullable=False),
    Column("about", String),  # a name or an id; never what a visitor entered
    Column("detail", String),
)
Index("ix_audit_at", audit.c.site, audit.c.at)

# Every site file that was ever in force, as it was written.
site_file = Table(
    "site_file",
    metadata,
    Column("site", String, primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("version", String, nullable=False),
    Column("toml", Text, nullable=False),
    Column("taken_at", AwareUtc, nullable=False),
    Column("staff", String, nullable=False),  # "": the command line
    Column("note", String),
    Column("based_on", Integer),  # the number that it was rolled back to
)

# For how long what is kept of parties is kept, where it is not as by default.
retention = Table(
    "retention",
    metadata,
    Column("site", String, primary_key=True),
    Column("kind", String, primary_key=True),
    Column("hours", Integer, nullable=False),
    Column("changed_at", AwareUtc, nullable=False),
    Column("staff", String, nullable=False),
)
