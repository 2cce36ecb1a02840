"""Each edit of a stored record carries its own stamp, instead of pointing into a list of them."""

import json

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

record = sa.table("record", *map(sa.column, ("village", "id", "state")))


def upgrade() -> None:
    connection = op.get_bind()
    old = sa.select(record.c.village, record.c.id).where(record.c.state.contains('"s":['))
    for village, id in connection.execute(old).all():
        here = (record.c.village == village) & (record.c.id == id)
        state = connection.execute(sa.select(record.c.state).where(here)).scalar_one()
        connection.execute(sa.update(record).where(here).values(state=whole(state)))


def whole(text: str) -> str:
    state = json.loads(text)
    stamps = state.pop("s")
    for edits in state["e"].values():
        edits[:] = [[value, stamps[place], bool(bound)] for value, place, *bound in edits]
    return json.dumps(state, ensure_ascii=False, separators=(",", ":"))
