"""Records that look alike."""

import sqlalchemy as sa
from alembic import op

revision = "0002_likeness"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "likeness",
        sa.Column("village", sa.Text(), nullable=False),
        sa.Column("record", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("features", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("village", "record"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "likeness_key",
        sa.Column("village", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("record", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("village", "key", "record"),
        sqlite_with_rowid=False,
    )
    op.create_index("likeness_key_by_record", "likeness_key", ["village", "record"])
    op.create_table(
        "duplicate",
        sa.Column("village", sa.Text(), nullable=False),
        sa.Column("a", sa.Text(), nullable=False),
        sa.Column("b", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("reasons", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("village", "a", "b"),
        sqlite_with_rowid=False,
    )
    op.create_index("duplicate_by_b", "duplicate", ["village", "b"])
