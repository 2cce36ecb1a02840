"""Placeholders of the year's summary and the monthly report: all computed, in the words of the outline (3.4).

Percentages have no decimals in a text. Whatever is missing is listed by itself (`gaps`), each with its number."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from server.office import values
from server.office.daily import money
from server.office.register import text_of
from server.office.rule_words import visit_rule
from server.office.statistics.asking import SCOPES
from server.office.statistics.book import UNKNOWN, Book, day_of
from server.office.statistics.contacts import parent_contacts
from server.office.statistics.indicators import COUNTED, marks_of, value_words
from server.office.statistics.marks import Figure, Mark, figure, in_group, yuan
from server.office.statistics.slots import add_days
from server.programme.due import in_force, visit_due

ACCIDENTS = frozenset({"WATER", "TRAFFIC", "BURN", "BITE", "LOST", "OTH"})
HELPERS = {"h_t": "TR", "h_c": "CP", "h_m": "M", "h_v": "VS"}
SOON_DAYS = 30


class Counts:
    """Figures of a book by indicator and measure, each counted once."""

    def __init__(self, book: Book) -> None:
        self.book = book
        self._marks: dict[str, list[Mark]] = {}

    def marks(self, name: str) -> list[Mark]:
        if name not in self._marks:
            self._marks[name] = marks_of(name, self.book)
        return self._marks[name]

    def figure(self, name: str, measure: str, by: str = "", value: str = "") -> Figure:
        wanted = next(it for it in COUNTED[name].measures if it.name == measure)
        return figure(wanted, in_group(self.marks(name), by, value))

    def n(self, name: str, measure: str, by: str = "", value: str = "") -> int:
        return self.figure(name, measure, by, value).n

    def rate(self, name: str, measure: str = "rate") -> str:
        it = self.figure(name, measure)
        return values.percent(it.n, it.d or 0)


def common(book: Book, village: str, unit: str, today: str) -> dict[str, Any]:
    """What stands on every report."""
    return {
        "village": village,
        "unit": unit or f"{village}村民委员会",
        "as_of": chinese(book.on),
        "kou_jing": SCOPES[book.scope],
        "visit_rule": visit_rule(book.register.rules, "zh"),
        "date": chinese(today),
        "year": int(book.on[:4]),
        "month": f"{int(book.on[:4])}年{int(book.on[5:7])}月",
    }


def annual(book: Book, of_term: Book, *, updates: int) -> dict[str, Any]:
    """`of_term` begins with the term, for retention; `updates` is how often a child's file was changed in the
    period, as the log says."""
    counts = Counts(book)
    of = counts.n
    kinds = {it: of("carers", it) for it in ("grandparents", "relatives")}
    n = len(book.children)
    denominator = counts.figure("share", "share", "unit", "own").d or 0
    households = book.register.kind("household")
    tags = [set(it.fields.get("focus_tag") or ()) for it in book.children]
    targets = {
        text_of(it.fields, "indicator"): it.fields.get("value")
        for it in book.register.kind("target")
        if it.fields.get("year") == int(book.on[:4])
    }
    return {
        "households": len(households),
        "population": sum(_int(it.fields.get("population")) for it in households),
        "N": n,
        "denom_name": "未满16周岁人口",
        "denom": denominator,
        "share": values.percent(n, denominator),
        "m": of("left_behind", "count", "sex", "1"),
        "f": of("left_behind", "count", "sex", "2"),
        "sex_unknown": of("left_behind", "count", "sex", UNKNOWN),
        "a1": of("left_behind", "count", "age", "0-5"),
        "a2": of("left_behind", "count", "age", "6-13"),
        "a3": of("left_behind", "count", "age", "14-15"),
        "both": of("left_behind", "count", "fact", "B"),
        "gp": kinds["grandparents"],
        "gp_pct": values.percent(kinds["grandparents"], n),
        "rel": kinds["relatives"],
        "rel_pct": values.percent(kinds["relatives"], n),
        "oth": n - sum(kinds.values()),
        **_movement(counts),
        "diff": sum("DIFF" in it for it in tags),
        "focus": sum(bool(it) for it in tags),
        **_organisation(book),
        "visited": of("survey", "reached"),
        "hh_rate": counts.rate("survey", "reached"),
        "file_rate": counts.rate("files"),
        "file_target": f"{targets.get('建档率', 100)}%",
        "updates": updates,
        "cards": of("cards", "rate"),
        **_helpers(counts),
        **contacts(counts),
        **deeds(counts),
        "enr": counts.rate("enrolment"),
        "ret": Counts(of_term).rate("retention"),
        "awards": _awards(book),
        "auto_gaps": gaps(counts),
        "next_year_tasks": tasks_after(book, f"{book.on[:4]}-12-31"),
    }


def _movement(counts: Counts) -> dict[str, int]:
    return {
        **{name: counts.n("movement", name) for name in ("start", "new", "left")},
        "x1": counts.n("movement", "left", "reason", "X1"),
    }


def _organisation(book: Book) -> dict[str, Any]:
    leaders = {
        text_of(it.fields, "name")
        for it in book.register.kind("org_role")
        if in_force(it.fields, book.on)
        and it.fields.get("role") in ("HEAD", "VICE", "MEM", "DIR", "OFF")
    }
    agencies = [
        text_of(it.fields, "name")
        for it in book.register.kind("contact")
        if it.fields.get("kind") != "HOT"
    ]
    tasks = [
        it
        for it in book.register.kind("task")
        if book.since <= text_of(it.fields, "due_on") <= book.on
        and it.fields.get("state") != "CANCEL"
    ]
    posted = {
        rule for it in book.register.kind("place") for rule in it.fields.get("rules_posted") or ()
    }
    return {
        "lead_n": len(leaders),
        "agencies": "、".join(dict.fromkeys(filter(None, agencies))),
        "rules_n": len(posted),
        "task_done": sum(it.fields.get("state") == "DONE" for it in tasks),
        "task_all": len(tasks),
    }


def _helpers(counts: Counts) -> dict[str, Any]:
    load, helpers = counts.figure("load", "mean"), counts.n("load", "helpers")
    kinds = {
        name: sum(counts.n("load", "helpers", "helper_kind", kind) for kind in codes)
        for name, codes in HELPERS.items()
    }
    return {
        "helpers": helpers,
        **kinds,
        "h_o": helpers - sum(kinds.values()),
        "pair_rate": counts.rate("paired"),
        "load": load.text,
    }


def contacts(counts: Counts) -> dict[str, Any]:
    return {
        "visits": counts.n("visits", "made"),
        "visit_rate": counts.rate("visits"),
        "talks": counts.n("talks", "made"),
        "carer_talks": counts.n("carer_talks", "made"),
        "calls": counts.n("calls", "calls"),
        "videos": counts.n("calls", "videos"),
        "letters": counts.n("calls", "letters"),
        "call_rate": counts.rate("calls"),
    }


def deeds(counts: Counts) -> dict[str, Any]:
    """What was done: aid, health, activities, plans, requests."""
    of, book = counts.n, counts.book
    per_head = counts.figure("aid", "per_head")
    agreed = counts.figure("agreements", "rate")
    came, went, left = money(book.register.kind("budget_line"), book.since, book.on)
    return {
        "money": bool(came or went),
        "money_in": yuan(came),
        "money_out": yuan(went),
        "money_left": yuan(left),
        "aid_persons": of("aid", "persons"),
        "aid_times": of("aid", "times"),
        "cash": yuan(of("aid", "cash")),
        "goods": yuan(of("aid", "goods")),
        "per_head": per_head.text,
        "checked": of("health", "checked"),
        "abn": of("health", "abnormal"),
        "abn_fu": of("health", "followed"),
        "couns": of("counselling", "times"),
        "lect": of("activities", "sessions", "kind", "04"),
        "incidents": sum(
            it.fields.get("kind") in ACCIDENTS for it in book.events("illness_incident")
        ),
        "open_days": of("home_open", "opened"),
        "home_times": of("home_open", "times"),
        "acts": of("activities", "sessions"),
        "act_times": of("activities", "times"),
        "birthdays": of("activities", "sessions", "kind", "06"),
        "books": _books(book),
        "meets": of("activities", "sessions", "kind", "01"),
        "train": of("training", "sessions"),
        "train_times": of("training", "times"),
        "agree_all": agreed.d or 0,
        "agree_rate": counts.rate("agreements"),
        "plans": of("plans", "running") + of("plans", "closed"),
        "closed": of("plans", "closed"),
        "better": of("plans", "turned"),
        "req": counts.figure("help", "closed").d or 0,
        "req_done": of("help", "closed"),
        "mr": len(book.events("mandatory_report")),
    }


def _books(book: Book) -> int:
    items = {
        it.id for it in book.register.kind("inventory_item") if "书" in text_of(it.fields, "name")
    }
    return sum(
        _int(it.fields.get("change"))
        for it in book.standing("stock")
        if it.fields.get("item_id") in items and day_of(it) <= book.on
    )


def _awards(book: Book) -> str:
    """By kind and level, without names: a report goes up."""
    found: dict[tuple[str, str], int] = {}
    for it in book.events("award"):
        key = (text_of(it.fields, "kind"), text_of(it.fields, "level"))
        found[key] = found.get(key, 0) + 1
    said = [
        f"{values.code_label('award_level', level, 'zh')}级{values.code_label('award_kind', kind, 'zh')}{n}个"
        for (kind, level), n in sorted(found.items())
    ]
    return f"表彰：{'、'.join(said)}。" if said else ""


def gaps(counts: Counts) -> list[str]:
    """What is missing, from the lists: each sentence has its number, the reasons are for people to write."""
    book = counts.book
    overdue = sum(
        it.state == "overdue"
        for it in visit_due(
            book.children, book.register.kind("visit"), book.register.rules, book.on
        )
    )

    def missing(name: str) -> int:
        it = counts.figure(name, "rate")
        return (it.d or 0) - it.n

    found = (
        (overdue, "走访逾期{n}名"),
        (missing("files"), "档案有缺项{n}名"),
        (missing("cards"), "没有核实过的电话{n}名"),
        (missing("paired"), "还没有结对{n}名"),
        (counts.n("load", "over"), "结对超过上限的帮扶人{n}名"),
        (counts.n("lost", "over_30"), "超过30天没有与父母联络上{n}名"),
        (missing("agreements"), "没有签委托书{n}名"),
        (missing("enrolment"), "适龄未在学{n}名"),
        (counts.n("carers", "nobody"), "无人照护{n}名"),
        (counts.n("help", "open"), "求助未办结{n}件"),
        (counts.n("health", "abnormal") - counts.n("health", "followed"), "体检异常未跟进{n}名"),
    )
    return [f"{words.format(n=n)}。" for n, words in found if n]


def tasks_after(book: Book, until: str) -> list[str]:
    """Open tasks that are still to be done, the next first."""
    open_tasks = sorted(
        (text_of(it.fields, "due_on"), text_of(it.fields, "title"))
        for it in book.register.kind("task")
        if it.fields.get("state") in ("TODO", "LATE") and text_of(it.fields, "due_on") > book.on
    )
    goals = [
        f"{text_of(it.fields, 'indicator')}达到{it.fields.get('value')}%"
        for it in book.register.kind("target")
        if it.fields.get("year") == int(book.on[:4])
    ]
    later = [f"{title}（{on}前）" for on, title in open_tasks if on > until]
    return later or [f"{title}（{on}前）" for on, title in open_tasks] or goals


def monthly(book: Book, *, conflicts: int, silent: int) -> dict[str, Any]:
    """`conflicts` waiting at the desk, `silent` phones without a word for more than seven days."""
    counts = Counts(book)
    due = counts.figure("visits", "rate")
    tasks = [
        it
        for it in book.register.kind("task")
        if book.since <= text_of(it.fields, "due_on") <= book.on
    ]
    reasons = {it.groups["reason"] for it in counts.marks("movement") if it.sort in ("new", "left")}
    file = counts.figure("files", "rate")
    soon = add_days(book.on, SOON_DAYS)
    return {
        "N": len(book.children),
        **_movement(counts),
        "reasons": "、".join(
            f"{value_words('movement', 'reason', it, book.register, 'zh')}{n}名"
            for it in sorted(reasons)
            if (
                n := counts.n("movement", "new", "reason", it)
                + counts.n("movement", "left", "reason", it)
            )
        ),
        "due_slots": due.d or 0,
        "done_slots": due.n,
        **contacts(counts),
        **deeds(counts),
        "weeks": _weeks(book),
        "grave": _grave(book),
        "req_new": counts.figure("help", "closed").d or 0,
        "req_closed": sum(it.amounts["settled"] for it in counts.marks("help")),
        "req_open": counts.n("help", "open"),
        "req_old": counts.n("help", "open_week"),
        "task_done": sum(it.fields.get("state") == "DONE" for it in tasks),
        "task_late": sum(it.fields.get("state") in ("TODO", "LATE") for it in tasks),
        "next_tasks": tasks_after(book, book.on),
        "next_birthdays": sum(
            _has_birthday(text_of(it.fields, "birth_date"), book.on) for it in book.children
        ),
        "coming_home": len(
            {
                text_of(it.fields, "parent_id")
                for it in book.register.kind("parent_link")
                if it.fields.get("child_id") in book.ids
                and book.on < text_of(it.fields, "next_home_on") <= soon
            }
        ),
        "conflicts": conflicts,
        "incomplete": (file.d or 0) - file.n,
        "silent": silent,
    }


def _weeks(book: Book) -> list[dict[str, Any]]:
    """The weeks that ended in the period: one that lies across the end of a month is told of by the month it ends in."""
    first = date.fromisoformat(book.since)
    monday = (first - timedelta(days=first.weekday())).isoformat()
    counts = Counts(replace(book, since=monday))
    names = sorted({it.groups["week"] for it in counts.marks("calls") if it.sort == ""})
    found = []
    for name in names:
        it = counts.figure("calls", "rate", "week", name)
        found.append({"name": name, "n": it.n, "d": it.d, "rate": values.percent(it.n, it.d or 0)})
    return found


def _grave(book: Book) -> list[dict[str, str]]:
    """The children of the two highest risk classes, by number of file: never by name."""
    met = parent_contacts(book)
    plans: dict[str, str] = {}
    for plan in book.register.kind("plan"):
        if plan.fields.get("state") == "RUN":
            kind = values.code_label("plan_kind", plan.fields.get("kind"), "zh")
            plans[text_of(plan.fields, "child_id")] = kind
    found = []
    for child in book.children:
        if child.fields.get("risk_level") not in ("R", "O"):
            continue
        days = [
            day_of(it) for kind in ("visit", "talk") for it in book.by_child(kind).get(child.id, ())
        ]
        days += [day_of(it) for it in met.get(child.id, ())]
        found.append(
            {
                "file_no": text_of(child.fields, "file_no"),
                "risk": values.short(
                    values.code_label("risk_level", child.fields["risk_level"], "zh")
                ),
                "last_on": max(days, default="没有记录"),
                "measure": plans.get(child.id, "没有方案"),
            }
        )
    return sorted(found, key=lambda it: it["file_no"])


def _has_birthday(born: str, on: str) -> bool:
    """Whether the birthday is in the month after the day."""
    month = int(on[5:7]) % 12 + 1
    return born[5:7] == f"{month:02d}"


def chinese(day: str) -> str:
    it = date.fromisoformat(day)
    return f"{it.year}年{it.month}月{it.day}日"


def _int(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else 0
