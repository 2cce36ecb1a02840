"""Rendering: one Jinja environment, what every page knows, and how a page answers.

A page is a template named as the page. Every answer that can show a person's data is `no-store`.
Templates get `_` (text.py), `lang`, `csrf`, `account`, `path`, `counts` for the side menu and the
filters of values.py; they never reach the registry. `works` says whether this person has long work, and how much of
it is under way.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from server.office import values
from server.office.roster.cells import fold
from server.office.text import language_of, translate

CHINA = ZoneInfo("Asia/Shanghai")
FLASH_COOKIE = "zf_flash"

# What a redirect may announce on the page it leads to. Codes, not sentences, travel in the cookie:
# nobody can make the office say something it would not say.
FLASHES = {
    "saved": "已存。",
    "unchanged": "没有改动，什么也没存。",
    "saved_contested": "已存。同一项别人也改过，两种说法都留着，请到“冲突”里定。",
    "settled": "定下来了，没采用的说法留在历史里。",
    "nothing_picked": "还没有选：请先在要一起定的前面打勾。",
    "nobody_picked": "还没有选：请先在孩子前面打勾，再选帮扶人。",
    "assign_undone": "已撤销；之后有人改过的结对留着。",
    "plan_undone": "已撤销；之后有人改过的任务留着。",
    "second_factor_on": "两步验证打开了，下次登录要填六位数字。",
    "second_factor_off": "两步验证关掉了。",
    "restored": "已改回以前的说法，现在这一条留在历史里。",
    "person_added": "已添加。下一步：给这个人发登记码。",
    "password_set": "新密码设好了，请当面告诉本人。",
    "own_password_set": "密码已改，请用新密码重新登录。",
    "deactivated": "账号已停用。",
    "reactivated": "账号已重新启用。",
    "revoked": "这台设备已停用，下次联网时会清空。",
    "handover_undone": "已撤销交接；之后有人改过的留着。",
    "lost": "这部手机已关掉。下面是它可能存着的资料和接下来要做的事，可以打印。",
    "imported": "导入完成。",
    "import_undone": "已撤销。有人改过或用着的留着。",
    "released": "已放行，写进档案了。",
    "released_contested": "已放行。有的项别人也改过，两种说法都留着，请到“冲突”里定。",
    "released_in_part": "已放行；其中有的内容和档案对不上，没有写进去。",
    "dismissed": "没有采用，原文留在记录里。",
    "decided_before": "这一份已经有人处理了。",
    "merged": "已合并成一份，两份的走访和照护人都在。要拆开，在下面“合并的档案”里。",
    "told_apart": "记下了：不是同一个，以后不再提示。",
    "reconsidered": "已撤回，会重新比对。",
    "parted": "已拆开，各自恢复成合并以前的样子；合并以后新记的也都在。",
    "form_uploaded": "表单读懂了，还是草稿。看看手机上的样子，再发布。",
    "form_published": "已发布。手机下次同步就能用。",
    "form_without_grid": "请至少选一个网格，或选“全村”。什么也没改。",
    "form_changed": "草稿刚被换过，请再看一眼再发布。什么也没改。",
    "form_retired": "已停用：手机下次同步后不再新填，填过的都在。",
    "form_reopened": "已重新启用，手机下次同步就能用。",
    "form_discarded": "草稿已删去，已发布的没有动。",
    "rolled_over": "已升年级。要改回来，在“已经升好”里撤销。",
    "rolled_back": "已改回原年级。",
    "not_reminded": "这个学年不再提醒；要升年级，还在“活动与计划”里的“新学年”。",
    "nothing_to_move": "没有可改的：请先打勾，或者刚有人改过。",
    "rule_set": "规则已改，手机下次同步就照新的算。",
    "rule_undone": "已改回上一次的规则。",
    "rule_changed": "这条规则刚被改过，请再看一眼。什么也没改。",
    "template_kept": "模板已存，从现在起用它。",
    "text_kept": "已存，从现在起用这个写法。",
    "text_reset": "已用回自带的写法。",
    "template_reset": "已用回自带的模板。",
    "submitted": "已上报。报上去的内容不再变；要改，再报一份更正的。",
    "report_accepted": "已接受。",
    "report_returned": "已退回，村里会看到您写的意见。",
    "erased": "已彻底删除。手机下次同步时也会删掉；以前做的备份里还有，到期随备份一起清掉。",
    "signed_out": "已退出。",
}


def _environment() -> Environment:
    env = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )

    @pass_context
    def gettext(context: Context, message: str, **named: Any) -> str:
        return translate(context["lang"], message, **named)

    @pass_context
    def label(context: Context, it: Any) -> str:
        return values.label(it, context["lang"])

    @pass_context
    def shown(context: Context, value: Any, field: Any) -> str:
        return values.shown(value, field, context["lang"])

    @pass_context
    def code(context: Context, value: Any, list_name: str) -> str:
        return values.code_label(list_name, value, context["lang"])

    @pass_context
    def type_words(context: Context, name: str) -> str:
        return values.type_words(name, context["lang"])

    @pass_context
    def role(context: Context, name: str) -> str:
        return values.role_words(name, context["lang"])

    @pass_context
    def when(context: Context, ms: int | None) -> str:
        return moment(ms, context["now"], context["lang"])

    env.globals["_"] = gettext
    env.filters.update(
        t=label,
        shown=shown,
        code=code,
        role=role,
        type_words=type_words,
        when=when,
        masked=values.masked,
        folded=fold,
        short=values.short,
        percent=values.percent,
    )
    return env


ENV = _environment()


def today() -> str:
    """The day in China, `YYYY-MM-DD`: every due date and every age hangs on it."""
    return datetime.now(CHINA).date().isoformat()


def moment(ms: int | None, now: datetime, language: str) -> str:
    """An instant as people say it: today's without the day, this year's without the year."""
    if not ms:
        return "—"
    at = datetime.fromtimestamp(ms / 1000, UTC).astimezone(CHINA)
    if at.date() == now.date():
        return translate(language, "今天 %(time)s", time=at.strftime("%H:%M"))
    if at.date() == (now - timedelta(days=1)).date():
        return translate(language, "昨天 %(time)s", time=at.strftime("%H:%M"))
    if at.year == now.year:
        return at.strftime("%m-%d %H:%M")
    return at.strftime("%Y-%m-%d %H:%M")


def is_fragment(request: Request) -> bool:
    """Whether htmx asks for a part of the page it already shows."""
    return request.headers.get("hx-request") == "true"


def render(
    request: Request,
    template: str,
    context: Mapping[str, Any] | None = None,
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> HTMLResponse:
    """The page `template` (without `.html`) for this person, in their language, never cached."""
    language = language_of(request)
    flash = request.cookies.get(FLASH_COOKIE, "")
    everywhere = {
        "lang": language,
        "path": request.url.path,
        "now": datetime.now(CHINA),
        "today": today(),
        "account": getattr(request.state, "session", None),
        "village_name": getattr(request.state, "village_name", ""),
        "csrf": getattr(request.state, "csrf", ""),
        "counts": getattr(request.state, "counts", {}),
        "works": getattr(request.state, "works", (False, 0)),
        "can": getattr(request.state, "can", {}),
        "flash": FLASHES.get(flash, ""),
        "flash_code": flash,
    }
    html = ENV.get_template(f"{template}.html").render({**everywhere, **(context or {})})
    response = HTMLResponse(html, status, {"Cache-Control": "no-store", **(headers or {})})
    if flash:
        response.delete_cookie(FLASH_COOKIE, path="/office")
    return response


def redirect(request: Request, to: str, flash: str = "") -> Response:
    """See Other after a post, with one sentence for the page it leads to."""
    response: Response
    if is_fragment(request):
        response = Response(status_code=204, headers={"HX-Redirect": to})
    else:
        response = RedirectResponse(to, 303)
    response.headers["Cache-Control"] = "no-store"
    if flash:
        response.set_cookie(
            FLASH_COOKIE,
            flash,
            max_age=60,
            path="/office",
            secure=request.url.scheme == "https",
            httponly=True,
            samesite="strict",
        )
    return response
