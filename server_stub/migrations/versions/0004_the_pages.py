"""Accounts and kiosks that may be shut out, site files as they were, an audit log, retention."""

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
import tomlkit
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
    _write_site_files()


def _write_site_files() -> None:
    """Write what is in force as a file: nobody knows how that of an older store was written."""
    site = sa.table(
        "site", sa.column("id"), sa.column("file_version"), sa.column("file_json", sa.JSON)
    )
    site_file = sa.table(
        "site_file",
        *(sa.column(name) for name in ("site", "number", "version", "toml", "staff", "note")),
        sa.column("taken_at", MOMENT),
    )
    connection = op.get_bind()
    for row in connection.execute(sa.select(site)).all():
        connection.execute(
            site_file.insert().values(
                site=row.id,
                number=1,
                version=row.file_version,
                toml=_as_toml(row.file_json),
                staff="",
                note="written anew from what was in force",
                taken_at=datetime.now(UTC),
            )
        )


def _as_toml(site: dict[str, Any]) -> str:
    """Return a site as a file: lists of things as tables of their own, all within them in line."""
    file = tomlkit.document()
    lists = {key for key, value in site.items() if _is_list_of_tables(value)}
    for key, value in site.items():
        if key not in lists and value is not None:
            file.add(key, _in_line(value))
    for key, value in site.items():
        if key in lists:
            tables = tomlkit.aot()
            for entry in value:
                table = tomlkit.table()
                for name, of in entry.items():
                    if of is not None:
                        table.add(name, _in_line(of))
                tables.append(table)
            file.add(key, tables)
    return tomlkit.dumps(file)


def _is_list_of_tables(value: object) -> bool:
    return isinstance(value, list) and bool(value) and isinstance(value[0], dict)


def _in_line(value: object) -> Any:  # noqa: ANN401  # whatever tomlkit makes of it
    if isinstance(value, dict):
        table = tomlkit.inline_table()
        table.update({key: _in_line(of) for key, of in value.items() if of is not None})
        return table
    if isinstance(value, list):
        array = tomlkit.array()
        array.extend([_in_line(of) for of in value])
        return array.multiline(_is_list_of_tables(value))
    return value
