"""Kiosks that enrol with a key of their own, tokens that expire, and the site's keys by name."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Move the kiosks' tokens to a table of their own, and add what enrolling needs."""
    tokens = _tokens()
    if op.get_context().dialect.name == "sqlite":
        _make_kiosks_anew()
    else:
        op.drop_constraint("uq_kiosk_site_token_sha256", "kiosk")
        op.drop_column("kiosk", "token_sha256")
        op.add_column("kiosk", sa.Column("public_key", sa.String()))
        op.add_column("kiosk", sa.Column("hardware", sa.String()))
    _make_tokens(tokens)
    _make_enrolments()
    op.create_table(
        "erased_figures",
        sa.Column("site", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("visits", sa.Integer(), nullable=False),
        sa.Column("figures", sa.JSON(), nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("site", "day", name="pk_erased_figures"),
    )
    op.add_column("kiosk_report", sa.Column("sealed_to", sa.String()))
    op.create_table(
        "site_key",
        sa.Column("site", sa.String(), nullable=False),
        sa.Column("key_id", sa.String(), nullable=False),
        sa.Column("public_key", sa.String(), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("retired_at", MOMENT),
        sa.Column("destroyed_at", MOMENT),
        sa.PrimaryKeyConstraint("site", "key_id", name="pk_site_key"),
    )


def _kiosk() -> sa.TableClause:
    return sa.table(
        "kiosk",
        sa.column("site"),
        sa.column("enrolment", sa.Uuid()),
        sa.column("name"),
        sa.column("letter"),
        sa.column("token_sha256"),
        sa.column("enrolled_at", MOMENT),
        sa.column("retired_at", MOMENT),
        sa.column("highest_sequence"),
        sa.column("complete_to"),
        sa.column("kind"),
        sa.column("revoked_at", MOMENT),
        sa.column("label"),
    )


def _tokens() -> list[dict[str, object]]:
    """Return the tokens that are good: not the desk's, which never had one."""
    t = _kiosk().c
    rows = op.get_bind().execute(
        sa.select(t.site, t.token_sha256, t.enrolment, t.enrolled_at.label("issued_at")).where(
            t.kind == "kiosk", t.revoked_at.is_(None)
        )
    )
    return [dict(row) for row in rows.mappings()]


def _make_kiosks_anew() -> None:
    """Drop a column that SQLite can only drop with its table.

    Other tables point to the rows. They are gone for a moment, and back before the commit.
    """
    connection, kiosk = op.get_bind(), _kiosk()
    kept = [column for column in kiosk.c if column.name != "token_sha256"]
    rows = [dict(row) for row in connection.execute(sa.select(*kept)).mappings()]
    connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
    op.drop_table("kiosk")
    op.create_table(
        "kiosk",
        sa.Column("site", sa.String(), nullable=False),
        sa.Column("enrolment", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("letter", sa.String(), nullable=False),
        sa.Column("enrolled_at", MOMENT, nullable=False),
        sa.Column("retired_at", MOMENT),
        sa.Column("highest_sequence", sa.BigInteger(), nullable=False),
        sa.Column("complete_to", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(), server_default="kiosk", nullable=False),
        sa.Column("revoked_at", MOMENT),
        sa.Column("label", sa.String()),
        sa.Column("public_key", sa.String()),
        sa.Column("hardware", sa.String()),
        sa.PrimaryKeyConstraint("site", "enrolment", name="pk_kiosk"),
    )
    for name, column in (("uq_kiosk_name", "name"), ("uq_kiosk_letter", "letter")):
        op.create_index(
            name, "kiosk", ["site", column], unique=True, sqlite_where=sa.text("retired_at IS NULL")
        )
    if rows:
        connection.execute(kiosk.insert(), rows)


def _make_tokens(tokens: list[dict[str, object]]) -> None:
    op.create_table(
        "kiosk_token",
        sa.Column("site", sa.String(), nullable=False),
        sa.Column("token_sha256", sa.String(), nullable=False),
        sa.Column("enrolment", sa.Uuid(), nullable=False),
        sa.Column("issued_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT),
        sa.PrimaryKeyConstraint("site", "token_sha256", name="pk_kiosk_token"),
        sa.ForeignKeyConstraint(
            ["site", "enrolment"], ["kiosk.site", "kiosk.enrolment"], name="fk_kiosk_token_kiosk"
        ),
    )
    op.create_index("ix_kiosk_token_enrolment", "kiosk_token", ["site", "enrolment"])
    if tokens:
        table = sa.table(
            "kiosk_token",
            sa.column("site"),
            sa.column("token_sha256"),
            sa.column("enrolment", sa.Uuid()),
            sa.column("issued_at", MOMENT),
        )
        op.get_bind().execute(table.insert(), tokens)


def _make_enrolments() -> None:
    op.create_table(
        "enrolment_code",
        sa.Column("site", sa.String(), nullable=False),
        sa.Column("code_sha256", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("replaces", sa.Uuid()),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("used_at", MOMENT),
        sa.Column("contested_at", MOMENT),
        sa.PrimaryKeyConstraint("site", "code_sha256", name="pk_enrolment_code"),
    )
    op.create_table(
        "enrolment_request",
        sa.Column("site", sa.String(), nullable=False),
        sa.Column("enrolment", sa.Uuid(), nullable=False),
        sa.Column("code_sha256", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("replaces", sa.Uuid()),
        sa.Column("public_key", sa.String(), nullable=False),
        sa.Column("hardware", sa.String()),
        sa.Column("program_version", sa.String(), nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("approved_at", MOMENT),
        sa.Column("refused_at", MOMENT),
        sa.PrimaryKeyConstraint("site", "enrolment", name="pk_enrolment_request"),
        sa.UniqueConstraint("site", "code_sha256", name="uq_enrolment_request_site_code_sha256"),
    )
    op.create_table(
        "challenge",
        sa.Column("site", sa.String(), nullable=False),
        sa.Column("nonce_sha256", sa.String(), nullable=False),
        sa.Column("enrolment", sa.Uuid(), nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("site", "nonce_sha256", name="pk_challenge"),
    )
    op.create_index("ix_challenge_expires_at", "challenge", ["site", "expires_at"])
    op.create_table(
        "attempt",
        sa.Column("site", sa.String(), nullable=False),
        sa.Column("door", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("since", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("site", "door", "address", name="pk_attempt"),
    )
