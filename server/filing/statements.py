"""The SQL of templates and submitted reports. Statements carry the village, but for those of who stands above several
villages: they carry the beginning of its code."""

from sqlalchemy import Integer, bindparam, delete, func, select, update

from server.database.schema import report, report_deadline, report_template, village
from server.database.statement import insert_new, upsert

_TEMPLATE = ("name", "filename", "content", "author", "uploaded_at")
REPORT_COLUMNS = (
    "village", "id", "kind", "since", "on_day", "scope", "state", "replaces", "submitted_at",
    "submitted_by", "decided_at", "decided_by", "remarks", "hash", "body",
)  # fmt: skip

TEMPLATE = select(*(report_template.c[it] for it in _TEMPLATE)).where(
    report_template.c.village == bindparam("v"), report_template.c.name == bindparam("of")
)
TEMPLATE_NAMES = select(report_template.c.name).where(report_template.c.village == bindparam("v"))
PUT_TEMPLATE = upsert(report_template)
DROP_TEMPLATE = delete(report_template).where(
    report_template.c.village == bindparam("v"), report_template.c.name == bindparam("of")
)

NEW_REPORT = insert_new(report)
REPORT = select(*(report.c[it] for it in REPORT_COLUMNS)).where(
    report.c.village == bindparam("v"), report.c.id == bindparam("of")
)
_BELOW = func.substr(report.c.village, 1, bindparam("length", type_=Integer)) == bindparam(
    "beginning"
)
HEADS = (
    select(*(report.c[it] for it in REPORT_COLUMNS if it != "body"), village.c.name)
    .select_from(report.join(village, village.c.village == report.c.village))
    .where(_BELOW)
    .order_by(report.c.submitted_at.desc(), report.c.id)
)
SUMS = (
    select(*(report.c[it] for it in REPORT_COLUMNS))
    .where(_BELOW, func.length(report.c.village) == 9)
    .order_by(report.c.submitted_at.desc(), report.c.id)
)
DEADLINES = select(report_deadline.c.kind, report_deadline.c.day).where(
    report_deadline.c.village == bindparam("v")
)
PUT_DEADLINE = upsert(report_deadline)
DECIDE = (
    update(report)
    .where(
        report.c.village == bindparam("v"),
        report.c.id == bindparam("of"),
        report.c.state == "submitted",
    )
    .values(
        state=bindparam("new_state"),
        decided_at=bindparam("now"),
        decided_by=bindparam("who"),
        remarks=bindparam("said"),
    )
)
