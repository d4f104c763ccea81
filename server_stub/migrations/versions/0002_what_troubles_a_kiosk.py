"""What a kiosk tells of its sound, its troubles and its staff menu."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add to the reports what older kiosks do not tell."""
    # Made anew on SQLite: so the tables are letter for letter those of the program.
    on_sqlite = op.get_context().dialect.name == "sqlite"
    with op.batch_alter_table(
        "kiosk_report", recreate="always" if on_sqlite else "never"
    ) as report:
        report.add_column(
            sa.Column("wrong_codes", sa.BigInteger(), nullable=False, server_default="0")
        )
        report.add_column(sa.Column("sound", sa.String()))
        report.add_column(sa.Column("troubles", sa.String(), nullable=False, server_default=""))
