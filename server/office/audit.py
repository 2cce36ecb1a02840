"""The audit trail as a page: sign-ins, exports, codes, decisions; newest first, never changed."""

from starlette.requests import Request
from starlette.responses import Response

from server.auth import Entry
from server.office import values
from server.office.backup_state import size_words
from server.office.lists.catalogue import KINDS
from server.office.pages import render
from server.office.security import account_of, auth_of, page, registry_of
from server.office.text import language_of, translate
from server.programme import programme

MOST_ENTRIES = 300
ACTIONS = {
    "sign_in": "登录",
    "sign_in_failed": "登录没成功",
    "enrol": "手机登记",
    "carry": "收密封文件",
    "issue_code": "发登记码",
    "add_user": "添加人员",
    "change_user": "改人员资料",
    "set_period": "定网格的起止日期",
    "take_grid": "收回网格",
    "period_over": "网格到期",
    "second_factor_on": "打开两步验证",
    "second_factor_off": "关掉两步验证",
    "start_plan": "按行事历排任务",
    "set_password": "设新密码",
    "deactivate": "停用账号",
    "reactivate": "重新启用账号",
    "revoke": "停用手机",
    "settle": "定夺冲突",
    "restore": "改回以前的说法",
    "export": "导出 Excel",
    "export_all": "导出全部档案",
    "open_list": "看名单",
    "assign": "一起结对",
    "unassign": "撤销一起结对",
    "print_form": "打印填好的表",
    "import": "导入表格",
    "undo_import": "撤销导入",
    "release": "放行上传",
    "dismiss": "不采用上传",
    "merge": "合并档案",
    "part": "拆开合并的档案",
    "tell_apart": "认定不是同一个",
    "reconsider": "撤回“不是同一个”",
    "upload_form": "上传表单",
    "publish_form": "发布表单",
    "offer_form": "改表单的发布范围",
    "retire_form": "停用表单",
    "reopen_form": "重新启用表单",
    "discard_form": "删去表单草稿",
    "roll_over": "升年级",
    "roll_back": "撤销升年级",
    "roll_over_dismissed": "不再提醒升年级",
    "set_rule": "定规则",
    "see_id_number": "看完整身份号码",
    "see_picture": "看照片、听录音",
    "open_file": "打开儿童档案",
    "access_report": "打印监护人查阅单",
    "anonymised_case": "下载匿名案例",
    "erase": "彻底删除档案",
    "audit_pack": "下载合规审计材料",
    "report": "看写有姓名的材料",
    "template": "换报表模板",
    "submit_report": "上报",
    "open_report": "看上报的报表",
    "decide_report": "审核报表",
    "export_report": "下载上报的报表",
    "set_deadline": "定报送期限",
    "backup": "备份",
    "hand_over": "移交结对的孩子",
    "hand_back": "撤销移交结对的孩子",
}

LISTS = {"children": "儿童", "households": "户"}
CHANGED = {
    "name": "姓名",
    "role": "角色",
    "grids": "负责的网格",
    "grants": "负责的网格",
    "helper_id": "帮扶人",
}


@page("read_audit")
async def audit(request: Request) -> Response:
    """Who did what and when. Names are looked up here; the trail itself holds ids."""
    account, auth, language = account_of(request), auth_of(request), language_of(request)
    await auth.note_over(account.village)
    entries = await auth.audit(account.village, MOST_ENTRIES)
    names = {person.id: person.name for person in await auth.accounts(account.village)}
    subjects = {entry.subject.partition("/")[0] for entry in entries}
    records = await registry_of(request).rows_by_id(
        account.village, [subject for subject in subjects if len(subject) == 32]
    )

    def line(entry: Entry) -> dict[str, object]:
        record = entry.subject.partition("/")[0]
        row = records.get(record)
        about = str(row.fields.get("name") or row.fields.get("head_name") or "") if row else ""
        about = about or names.get(record, "") or list_words(entry.subject, language)
        return {
            "at": entry.at,
            "who": names.get(entry.account, entry.account),
            "words": ACTIONS.get(entry.action, entry.action),
            "details": " · ".join(filter(None, [about, details_of(entry, language)])),
            "link": record if row else "",
        }

    return render(request, "audit", {"entries": [line(entry) for entry in entries]})


def list_words(subject: str, language: str) -> str:
    """Which list or table a line is about, "" for another subject."""
    room, _, name = subject.rpartition("/")
    if room == "lists" and name in KINDS:
        return translate(language, KINDS[name].words)
    if room == "statistics":
        known = programme().indicators.get(name)
        return values.label(known, language) if known else translate(language, "统计表")
    if not room and subject in LISTS:
        return translate(language, LISTS[subject])
    return values.type_words(subject, language) if subject in programme().types else ""


def details_of(entry: Entry, language: str) -> str:
    """The details of a line in words; what an account's change was about is kept as names of fields."""
    if entry.action == "backup":
        return f"{entry.subject} · {size_words(int(entry.details))}"
    if entry.action != "change_user":
        return entry.details
    return translate(language, "、").join(
        translate(language, CHANGED.get(it, it)) for it in entry.details.split(",")
    )
