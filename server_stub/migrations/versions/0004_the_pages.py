"""Accounts and kiosks that may be shut out, site files as they were, an audit log, retention."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Add what administering from pages needs."""
    op.add_column("kiosk", sa.Column("revoked_at", MOMENT))
    op.add_column("kiosk", sa.Column("label", sa.String()))
    op.add_column("staff", sa.Column("disabled_at", MOMENT))
    op.add_column("staff", sa.Column("last_login_at", MOMENT))
    op.add_column(
        "staff_session", sa.Column("look", sa.String(), server_default="auto", nullable=False)
    )
    _make_audit()
    _make_site_files()
    op.create_table(
        "retention",
        sa.Column("site", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("hours", sa.Integer(), nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.Column("staff", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("site", "kind", name="pk_retention"),
    )


def _make_audit() -> None:
    op.create_table(
        "audit",
        sa.Column("site", sa.String(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("staff", sa.String(), nullable=False),
        sa.Column("act", sa.String(), nullable=False),
        sa.Column("about", sa.String()),
        sa.Column("detail", sa.String()),
        sa.PrimaryKeyConstraint("site", "id", name="pk_audit"),
    )
    op.create_index("ix_audit_at", "audit", ["site", "at"])


def _make_site_files() -> None:
    op.create_table(
        "site_file",
        sa.Column("site", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("toml", sa.Text(), nullable=False),
        sa.Column("taken_at", MOMENT, nullable=False),
        sa.Column("staff", sa.String(), nullable=False),
        sa.Column("note", sa.String()),
        sa.Column("based_on", sa.Integer()),
        sa.PrimaryKeyConstraint("site", "number", name="pk_site_file"),
    )
