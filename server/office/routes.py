"""The office's addresses. `app.py` mounts `routes` under /office."""

from collections.abc import Sequence

from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route

from server.errors import Problem
from server.office import (
    accounts,
    assets,
    audit,
    bulk_settling,
    carry,
    checklists,
    children,
    conflicts,
    cross_checks,
    downloads,
    due,
    duplicates,
    editing,
    fill_in,
    forms_out,
    households,
    imports,
    login,
    lost,
    month,
    odd_values,
    own_forms,
    own_records,
    parting,
    people,
    pictures,
    piles,
    plans,
    printouts,
    quarantine,
    records,
    rollover,
    rules,
    roles,
    second_factor,
    sheets,
    start,
    undoing,
)
from server.office.lists import assign
from server.office.lists import pages as lists
from server.office.reports import pages as reports
from server.office.reports import up
from server.office.rights import access_report, audit_pack, erasure, retention
from server.office.reports import sums, up
from server.office.security import OfficePolicy, page
from server.office.statistics import pages as statistics

READ = ["GET"]
BOTH = ["GET", "POST"]
WRITE = ["POST"]


@page(needs_session=False)
async def nowhere(request: Request) -> Response:
    """Any other address: the refusal as a page."""
    raise Problem("not_found")


pages: Sequence[BaseRoute] = [
    Route("/", start.start, methods=READ),
    Route("/login", login.login, methods=BOTH),
    Route("/logout", login.logout, methods=WRITE),
    Route("/language", login.language, methods=WRITE),
    Route("/households", households.households, methods=BOTH),
    Route("/children", children.children, methods=BOTH),
    Route("/due", due.due, methods=READ),
    Route("/records/new/{type:str}", editing.new, methods=BOTH),
    Route("/records/{record:str}", records.record, methods=READ),
    Route("/records/{record:str}/id-number", records.id_number, methods=BOTH),
    Route("/records/{record:str}/edit/{section:str}", editing.edit, methods=BOTH),
    Route("/records/{record:str}/access-report", access_report.access_report, methods=BOTH),
    Route("/records/{record:str}/erase", erasure.erasure, methods=BOTH),
    Route("/records/{record:str}/restore", records.restore, methods=WRITE),
    Route("/picture/{record:str}/{field:path}", pictures.picture, methods=READ),
    Route("/conflicts", conflicts.conflicts, methods=READ),
    Route("/conflicts/together", bulk_settling.together, methods=WRITE),
    Route("/conflicts/{record:str}/{key:path}", conflicts.settle, methods=BOTH),
    Route("/checks", cross_checks.checks, methods=READ),
    Route("/odd", odd_values.odd_values, methods=READ),
    Route("/duplicates", duplicates.duplicates, methods=READ),
    Route("/duplicates/distinct/{record:str}", duplicates.reconsider, methods=WRITE),
    Route("/duplicates/part/{record:str}", parting.part, methods=BOTH),
    Route("/duplicates/{a:str}/{b:str}", duplicates.compare, methods=BOTH),
    Route("/quarantine", quarantine.waiting, methods=READ),
    Route("/quarantine/{device:str}/{generation:str}/{seq:str}", quarantine.decide, methods=BOTH),
    Route("/forms", own_forms.forms, methods=BOTH),
    Route("/forms/{form:str}", own_forms.form, methods=BOTH),
    Route("/forms/{form:str}/publish", own_forms.publish, methods=WRITE),
    Route("/forms/{form:str}/retire", own_forms.retire, methods=WRITE),
    Route("/forms/{form:str}/discard", own_forms.discard, methods=WRITE),
    Route("/forms/{form:str}/xform/{version:str}", own_forms.xform, methods=READ),
    Route("/forms/{form:str}/records", own_records.records, methods=READ),
    Route("/forms/{form:str}/records.xlsx", own_records.download, methods=WRITE),
    Route("/rollover", rollover.rollover, methods=READ),
    Route("/rollover/move", rollover.move, methods=WRITE),
    Route("/rollover/undo", rollover.undo, methods=WRITE),
    Route("/rules", rules.rules, methods=READ),
    Route("/rules/{rule:str}", rules.change, methods=WRITE),
    Route("/rules/{rule:str}/undo", rules.undo, methods=WRITE),
    Route("/lists", lists.lists, methods=READ),
    Route("/lists/assign", assign.assign, methods=WRITE),
    Route("/lists/assign/undo", assign.undo, methods=WRITE),
    Route("/lists/{name:str}", lists.one, methods=BOTH),
    Route("/lists/{name:str}/excel", lists.excel, methods=WRITE),
    Route("/month", month.month, methods=READ),
    Route("/checklists", checklists.checklists, methods=READ),
    Route("/activities/{record:str}", month.sheet, methods=READ),
    Route("/tasks/{record:str}/state", month.mark, methods=WRITE),
    Route("/print", printouts.printouts, methods=READ),
    Route("/print/{name:str}", printouts.printout, methods=READ),
    Route("/plans/undo", plans.undo, methods=WRITE),
    Route("/plans/{plan:str}", plans.start, methods=BOTH),
    Route("/roles", roles.roles, methods=READ),
    Route("/second-factor", second_factor.second_factor, methods=BOTH),
    Route("/people/{account:str}/second-factor", accounts.second_factor_off, methods=WRITE),
    Route("/people", people.people, methods=READ),
    Route("/people/new", accounts.new, methods=BOTH),
    Route("/people/{account:str}", accounts.edit, methods=BOTH),
    Route("/people/{account:str}/password", accounts.password, methods=BOTH),
    Route("/people/{account:str}/active", accounts.active, methods=BOTH),
    Route("/people/{account:str}/code", people.code, methods=BOTH),
    Route("/people/{account:str}/code/status", people.code_status, methods=WRITE),
    Route("/people/devices/{device:str}/revoke", people.revoke, methods=BOTH),
    Route("/people/devices/{device:str}/lost", lost.lost, methods=WRITE),
    Route("/people/devices/{device:str}/held", lost.held, methods=READ),
    Route("/carry", carry.carry, methods=BOTH),
    Route("/paper", piles.piles, methods=BOTH),
    Route("/paper/{pile:str}", sheets.sheet, methods=BOTH),
    Route("/paper/{pile:str}/find", sheets.find_subject, methods=WRITE),
    Route("/paper/{pile:str}/undo", sheets.undo, methods=WRITE),
    Route("/paper/{pile:str}/received", sheets.received, methods=WRITE),
    Route("/import", imports.upload, methods=BOTH),
    Route("/import/undo/{device:str}", undoing.undo, methods=BOTH),
    Route("/import/{name:str}", imports.preview, methods=BOTH),
    Route("/import/{name:str}/refused.xlsx", imports.refused, methods=READ),
    Route("/programme", forms_out.forms, methods=READ),
    Route("/programme/print/{record:str}", forms_out.filled, methods=BOTH),
    Route("/programme/{type:str}/blank", forms_out.blank, methods=READ),
    Route("/programme/{type:str}/xform.xml", forms_out.xform, methods=READ),
    Route("/programme/{type:str}/template.xlsx", forms_out.template, methods=READ),
    Route("/programme/{type:str}/import", fill_in.upload, methods=BOTH),
    Route("/programme/{type:str}/import/{name:str}", fill_in.preview, methods=BOTH),
    Route("/programme/{type:str}/data.{form:str}", forms_out.data, methods=WRITE),
    Route("/export/{name:str}.xlsx", downloads.download, methods=WRITE),
    Route("/template.xlsx", downloads.template, methods=READ),
    Route("/statistics", statistics.table_by_grid, methods=READ),
    Route("/statistics/{name:str}", statistics.indicator, methods=READ),
    Route("/statistics/{name:str}/list", statistics.behind, methods=READ),
    Route("/statistics/{name:str}/excel", statistics.excel, methods=WRITE),
    Route("/reports", reports.reports, methods=READ),
    Route("/reports/{name:str}", reports.report, methods=READ),
    Route("/reports/{name:str}/docx", reports.download, methods=WRITE),
    Route("/reports/{name:str}/template", reports.template, methods=BOTH),
    Route("/reports/{name:str}/template.docx", reports.template_file, methods=READ),
    Route("/up", up.sent, methods=READ),
    Route("/up/deadlines", up.set_days, methods=WRITE),
    Route("/up/sum", sums.sum_up, methods=READ),
    Route("/up/sum/submit", sums.submit, methods=WRITE),
    Route("/up/new/{name:str}", up.submit, methods=BOTH),
    Route("/up/{village:str}/{report:str}", up.one, methods=READ),
    Route("/up/{village:str}/{report:str}/decide", up.decide, methods=WRITE),
    Route("/retention", retention.retention, methods=READ),
    Route("/up/{village:str}/{report:str}/package.xlsx", up.package, methods=WRITE),
    Route("/audit", audit.audit, methods=READ),
    Route("/audit/pack", audit_pack.audit_pack, methods=WRITE),
    Route("/static/{name:str}", assets.asset, methods=READ),
    Route("/{anything:path}", nowhere, methods=BOTH),
]

routes: list[BaseRoute] = [Mount("", routes=pages, middleware=[Middleware(OfficePolicy)])]
