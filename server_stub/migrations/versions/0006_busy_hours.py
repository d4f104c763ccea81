"""Of a busy hour, the last passage of each counter is found by an index."""

from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Add the index."""
    op.create_index("ix_passage_counter", "passage", ["site", "stage", "counter", "ended_at"])
