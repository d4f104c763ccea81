"""The first tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make all tables of an empty store."""
    _make_site_and_events()
    _make_kiosks()
    _make_check_ins()
    _make_visits()
    _make_help_calls()
    _make_staff()


def _make_site_and_events() -> None:
    op.create_table(
        "site",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("store_id", sa.Uuid(), nullable=False),
        sa.Column("file_version", sa.String(), nullable=False),
        sa.Column("file_json", sa.JSON(), nullable=False),
        sa.Column("key_id", sa.String(), nullable=False),
        sa.Column("next_event", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_site"),
    )
    op.create_table(
        "event",
        sa.Column("site", sa.String(), nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("about", sa.Uuid()),
        sa.Column("detail", sa.String()),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("site", "number", name="pk_event"),
    )


def _make_kiosks() -> None:
    op.create_table(
        "kiosk",
        sa.Column("site", sa.String(), nullable=False),
        sa.Column("enrolment", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("letter", sa.String(), nullable=False),
        sa.Column("token_sha256", sa.String(), nullable=False),
        sa.Column("enrolled_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True)),
        sa.Column("highest_sequence", sa.BigInteger(), nullable=False),
        sa.Column("complete_to", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("site", "enrolment", name="pk_kiosk"),
        sa.UniqueConstraint("site", "token_sha256", name="uq_kiosk_site_token_sha256"),
    )
    op.create_index(
        "uq_kiosk_letter",
        "kiosk",
        ["site", "letter"],
        unique=True,
        sqlite_where=sa.text("retired_at IS NULL"),
        postgresql_where=sa.text("retired_at IS NULL"),
    )
    op.create_index(
        "uq_kiosk_name",
        "kiosk",
        ["site", "name"],
        unique=True,
        sqlite_where=sa.text("retired_at IS NULL"),
        postgresql_where=sa.text("retired_at IS NULL"),
    )
    op.create_table(
        "kiosk_report",
        sa.Column("site", sa.String(), nullable=False),
        sa.Column("enrolment", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("program_version", sa.String(), nullable=False),
        sa.Column("site_version", sa.String(), nullable=False),
        sa.Column("printer", sa.String(), nullable=False),
        sa.Column("clock_trusted", sa.Boolean(), nullable=False),
        sa.Column("disk_free_bytes", sa.BigInteger(), nullable=False),
        sa.Column("outbox_depth", sa.BigInteger(), nullable=False),
        sa.Column("highest_sequence", sa.BigInteger(), nullable=False),
        sa.Column("check_ins", sa.BigInteger(), nullable=False),
        sa.Column("abandoned", sa.BigInteger(), nullable=False),
        sa.Column("help_calls", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["site", "enrolment"], ["kiosk.site", "kiosk.enrolment"], name="fk_kiosk_report_kiosk"
        ),
        sa.PrimaryKeyConstraint("site", "enrolment", name="pk_kiosk_report"),
    )


def _make_check_ins() -> None:
    op.create_table(
        "ledger",
        sa.Column("site", sa.String(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("enrolment", sa.Uuid(), nullable=False),
        sa.Column("sequence", sa.BigInteger()),
        sa.Column("clash_sequence", sa.BigInteger()),
        sa.Column("arrived_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("site", "id", name="pk_ledger"),
        sa.UniqueConstraint(
            "site", "enrolment", "sequence", name="uq_ledger_site_enrolment_sequence"
        ),
        sa.ForeignKeyConstraint(
            ["site", "enrolment"], ["kiosk.site", "kiosk.enrolment"], name="fk_ledger_kiosk"
        ),
    )
    op.create_table(
        "check_in_body",
        sa.Column("site", sa.String(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("site", "id", name="pk_check_in_body"),
    )
    op.create_table(
        "slip_outcome",
        sa.Column("site", sa.String(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kiosk", sa.String(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("copies", sa.Integer(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("site", "id", name="pk_slip_outcome"),
    )


def _make_visits() -> None:
    op.create_table(
        "visit",
        sa.Column("site", sa.String(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("kiosk", sa.String(), nullable=False),
        sa.Column("language", sa.String()),
        sa.Column("adults", sa.Integer(), nullable=False),
        sa.Column("children", sa.Integer(), nullable=False),
        sa.Column("route", sa.JSON(), nullable=False),
        sa.Column("stage", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("counter", sa.String()),
        sa.Column("calls", sa.Integer(), nullable=False),
        sa.Column("called_at", sa.DateTime(timezone=True)),
        sa.Column("arrived_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("arrival_order", sa.BigInteger(), nullable=False),
        sa.Column("service_day", sa.Date(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("priority_proposed", sa.Boolean(), nullable=False),
        sa.Column("marked", sa.String(), nullable=False),
        sa.Column("ticket_token_sha256", sa.String()),
        sa.PrimaryKeyConstraint("site", "id", name="pk_visit"),
    )
    op.create_index(
        "ix_visit_open",
        "visit",
        ["site", "id"],
        sqlite_where=sa.text("state != 'finished'"),
        postgresql_where=sa.text("state != 'finished'"),
    )
    op.create_index("ix_visit_service_day", "visit", ["site", "service_day", "id"])
    op.create_index(
        "ix_visit_waiting",
        "visit",
        ["site", "stage", "arrived_at", "arrival_order", "id"],
        sqlite_where=sa.text("state = 'waiting'"),
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.create_index(
        "uq_visit_called_at_counter",
        "visit",
        ["site", "counter"],
        unique=True,
        sqlite_where=sa.text("state = 'called'"),
        postgresql_where=sa.text("state = 'called'"),
    )
    op.create_table(
        "staff_action",
        sa.Column("site", sa.String(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("step", sa.String(), nullable=False),
        sa.Column("staff", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("counter", sa.String(), nullable=False),
        sa.Column("visit", sa.Uuid()),
        sa.Column("version", sa.Integer()),
        sa.Column("stage", sa.String()),
        sa.Column("state", sa.String()),
        sa.Column("calls", sa.Integer()),
        sa.Column("called_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("site", "id", name="pk_staff_action"),
    )
    op.create_index("ix_staff_action_visit", "staff_action", ["site", "visit", "version"])


def _make_help_calls() -> None:
    op.create_table(
        "help_call",
        sa.Column("site", sa.String(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kiosk", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("language", sa.String()),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("called_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("acknowledged_by", sa.String()),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("site", "id", name="pk_help_call"),
    )
    op.create_index("ix_help_call_called_at", "help_call", ["site", "called_at"])
    op.create_index(
        "ix_help_call_open",
        "help_call",
        ["site", "id"],
        sqlite_where=sa.text("state = 'called'"),
        postgresql_where=sa.text("state = 'called'"),
    )


def _make_staff() -> None:
    op.create_table(
        "staff",
        sa.Column("site", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("password_hash", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("site", "name", name="pk_staff"),
    )
    op.create_table(
        "staff_session",
        sa.Column("site", sa.String(), nullable=False),
        sa.Column("id_sha256", sa.String(), nullable=False),
        sa.Column("staff", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("counter", sa.String()),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["site", "staff"], ["staff.site", "staff.name"], name="fk_staff_session_staff"
        ),
        sa.PrimaryKeyConstraint("site", "id_sha256", name="pk_staff_session"),
    )
    op.create_table(
        "login_failure",
        sa.Column("site", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("site", "name", "address", name="pk_login_failure"),
    )
    op.create_table(
        "display",
        sa.Column("site", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("token_sha256", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("site", "name", name="pk_display"),
        sa.UniqueConstraint("site", "token_sha256", name="uq_display_site_token_sha256"),
    )
