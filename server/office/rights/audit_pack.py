"""合规审计材料: one Excel for the yearly audit of minors' data (未成年人网络保护条例 37; by the end of January): who may do what,
who did what, what left the office, what guardians said, and whether the trail is whole."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from starlette.requests import Request
from starlette.responses import Response

from server.auth import Account, Device, Entry, Trail
from server.office import values
from server.office.audit import ACTIONS, details_of
from server.office.export import Sheet
from server.office.pages import CHINA, today
from server.office.register import Register, load
from server.office.roster.columns import Cell, Column
from server.office.security import account_of, auth_of, page, registry_of
from server.office.text import language_of, translate
from server.office.work.writing import answer_with
from server.typed import whole

OUT = frozenset(
    {
        "export",
        "export_all",
        "export_report",
        "print_form",
        "report",
        "submit_report",
        "access_report",
        "see_id_number",
        "backup",
    }
)
"""Actions by which personal data leave the office's screens."""
WIDTH = 16
FIRST_YEAR = 2000


@page("read_audit")
async def audit_pack(request: Request) -> Response:
    """The pack of a calendar year. Holds names of staff, none of children. Noted."""
    account, auth, language = account_of(request), auth_of(request), language_of(request)
    form = await request.form(max_fields=10)
    this_year = int(today()[:4])
    year = whole(form.get("year"), least=FIRST_YEAR, most=this_year) or this_year - 1
    village = account.village
    entries = await auth.audit_between(village, _start(year), _start(year + 1))
    people = await auth.accounts(village)
    second = [person.id for person in people if await auth.second_factor.is_on(person)]
    register = await load(registry_of(request), village, "child", "consent")
    await auth.note(village, account.id, "audit_pack", str(year))
    pack = [
        _summary(year, entries, people, register, await auth.check_audit(village), language),
        _people(people, frozenset(second), language),
        _phones(await auth.devices(village), people, language),
        _deeds(entries, people, language),
        _left(entries, people, language),
        _consents(register, language),
    ]
    return await answer_with(request, f"zoufang-audit-{year}.xlsx", pack, action="read_audit")


def _start(year: int) -> int:
    """The first instant of a year in China, ms."""
    return int(datetime(year, 1, 1, tzinfo=CHINA).timestamp() * 1000)


def _sheet(
    title: str, headings: Sequence[str], rows: Sequence[Sequence[Cell]], language: str
) -> Sheet:
    said = [translate(language, heading) for heading in headings]
    columns = [Column(heading, heading, WIDTH) for heading in said]
    about = translate(language, "内部资料 注意保密")
    return Sheet(translate(language, title), about, columns, rows)


def _moment(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1000, CHINA).strftime("%Y-%m-%d %H:%M") if ms else ""


def _summary(
    year: int,
    entries: Sequence[Entry],
    people: Sequence[Account],
    register: Register,
    trail: Trail,
    language: str,
) -> Sheet:
    counts = Counter(it.action for it in entries)
    whole = "首尾相连" if not trail.broken else "对不上"
    lines: list[tuple[str, Cell]] = [
        ("年度", year),
        ("截至", today()),
        ("在册档案", len(register.kind("child"))),
        ("启用的账号", sum(person.active for person in people)),
        ("审计行数（建库以来）", trail.lines),
        ("审计链", translate(language, whole)),
        ("审计链末条", trail.head),
        ("登录没成功", counts["sign_in_failed"]),
        ("打开儿童档案", counts["open_file"]),
        ("资料带出的次数", sum(counts[action] for action in OUT)),
        ("监护人查阅", counts["access_report"]),
        ("彻底删除档案", counts["erase"]),
        ("停用手机", counts["revoke"]),
    ]
    rows = [(translate(language, words), cell) for words, cell in lines]
    return _sheet("概况", ("项目", "数"), rows, language)


def _people(people: Sequence[Account], second: frozenset[str], language: str) -> Sheet:
    yes, no = translate(language, "是"), translate(language, "否")
    rows = [
        (
            person.name,
            values.role_words(person.role, language),
            "、".join(
                f"{it.grid} {it.begins}→{it.ends}" if it.begins or it.ends else it.grid
                for it in person.grants
            ),
            yes if person.active else no,
            yes if person.id in second else no,
            _moment(person.created_at),
        )
        for person in people
    ]
    return _sheet(
        "谁有权限", ("姓名", "角色", "负责的网格", "启用", "两步验证", "建立时间"), rows, language
    )


def _phones(devices: Sequence[Device], people: Sequence[Account], language: str) -> Sheet:
    names = {person.id: person.name for person in people}
    rows = [
        (
            names.get(device.account, ""),
            device.label,
            _moment(device.enrolled_at),
            _moment(device.seen_at),
            _moment(device.revoked_at),
        )
        for device in devices
        if device.kind == "phone"
    ]
    return _sheet("手机", ("姓名", "手机", "登记时间", "上次联网", "停用时间"), rows, language)


def _deeds(entries: Sequence[Entry], people: Sequence[Account], language: str) -> Sheet:
    names = {person.id: person.name for person in people}
    counts = Counter((names.get(it.account, it.account), it.action) for it in entries)
    rows = [
        (name, translate(language, ACTIONS.get(action, action)), count)
        for (name, action), count in sorted(counts.items())
    ]
    return _sheet("谁做了多少次", ("姓名", "做了什么", "次数"), rows, language)


def _left(entries: Sequence[Entry], people: Sequence[Account], language: str) -> Sheet:
    names = {person.id: person.name for person in people}
    rows = [
        (
            _moment(it.at),
            names.get(it.account, it.account),
            translate(language, ACTIONS.get(it.action, it.action)),
            it.subject if len(it.subject) < 32 else "",
            details_of(it, language),
        )
        for it in entries
        if it.action in OUT or it.action == "erase"
    ]
    headings = ("时间", "姓名", "做了什么", "哪一份", "细节")
    return _sheet("资料带出与删除", headings, rows, language)


def _consents(register: Register, language: str) -> Sheet:
    standing = Counter(
        str(it.fields.get("consent_status") or "UNK") for it in register.kind("child")
    )
    said = Counter(str(it.fields.get("decision") or "UNK") for it in register.kind("consent"))
    rows: list[Sequence[Cell]] = [
        (
            translate(language, "档案上的"),
            values.code_label("consent_status", code, language),
            count,
        )
        for code, count in sorted(standing.items())
    ]
    rows += [
        (
            translate(language, "签过的同意书"),
            values.code_label("consent_decision", code, language),
            count,
        )
        for code, count in sorted(said.items())
    ]
    return _sheet("监护人同意", ("哪里记的", "怎么说", "份数"), rows, language)
