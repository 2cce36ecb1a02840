"""The days by which reports are due, as a township or a county has set them."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "report_deadline",
        *(
            sa.Column(name, sa.Text(), nullable=False)
            for name in ("village", "kind", "day", "set_by")
        ),
        sa.Column("set_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("village", "kind"),
    )
