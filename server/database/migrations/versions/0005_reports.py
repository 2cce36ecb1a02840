"""Templates of reports, and the reports a village submitted."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "report_template",
        *(
            sa.Column(name, sa.Text(), nullable=False)
            for name in ("village", "name", "filename", "content", "author")
        ),
        sa.Column("uploaded_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("village", "name"),
    )
    op.create_table(
        "report",
        *(
            sa.Column(name, sa.Text(), nullable=False)
            for name in ("village", "id", "kind", "since", "on_day", "scope", "state", "replaces")
        ),
        sa.Column("submitted_at", sa.BigInteger(), nullable=False),
        sa.Column("submitted_by", sa.Text(), nullable=False),
        sa.Column("decided_at", sa.BigInteger(), nullable=False),
        *(
            sa.Column(name, sa.Text(), nullable=False)
            for name in ("decided_by", "remarks", "hash", "body")
        ),
        sa.PrimaryKeyConstraint("village", "id"),
    )
