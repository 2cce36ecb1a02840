"""Indicators of what was done in a period: aid, health, counselling, activities, the home, help, plans. Pure."""

from collections.abc import Iterator, Sequence

from server.office.register import text_of
from server.office.statistics.book import UNKNOWN, Book, day_of
from server.office.statistics.festivals import festivals
from server.office.statistics.marks import Mark, Measure, every, hits, of_sort
from server.office.statistics.slots import add_days, days_between, months, weeks
from server.programme.derive import abnormal_items, aid_cash_fen, aid_goods_fen
from server.registry import Row

NOBODY = ""


def number(row: Row, name: str) -> int:
    value = row.fields.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


def _groups(book: Book, event: Row, **own: str) -> dict[str, str]:
    child = book.register.rows.get(text_of(event.fields, "child_id"))
    about = book.groups(child) if child is not None else {}
    return {**about, "month": day_of(event)[:7], **{k: v or UNKNOWN for k, v in own.items()}}


# 资助慰问

AID = (
    Measure("persons", "人数", by="persons"),
    Measure("times", "人次"),
    Measure("cash", "资金（元）", "fen", by="cash"),
    Measure("goods", "物资折价（元）", "fen", by="goods"),
    Measure("per_head", "人均（元）", "fen_mean", by="all", of=every, of_by="persons"),
)


def aid(book: Book) -> Iterator[Mark]:
    for it in book.events("aid"):
        cash, goods = aid_cash_fen(it.fields), aid_goods_fen(it.fields)
        yield Mark(
            it.id,
            text_of(it.fields, "child_id"),
            groups=_groups(
                book, it, kind=text_of(it.fields, "aid_kind"),
                occasion=text_of(it.fields, "occasion"), donor=text_of(it.fields, "donor_id"),
            ),
            amounts={"cash": cash, "goods": goods, "all": cash + goods},
            on=day_of(it),
        )  # fmt: skip


# 体检

_CHECKED, _ABNORMAL, _FOLLOWED = "checked", "abnormal", "followed"
HEALTH = (
    Measure("checked", "体检率", "rate", lambda m: m.sort != "", of=every),
    Measure("abnormal", "异常率", "rate", of_sort(_ABNORMAL, _FOLLOWED), of=lambda m: m.sort != ""),
    Measure("followed", "跟进率", "rate", of_sort(_FOLLOWED), of=of_sort(_ABNORMAL, _FOLLOWED)),
)


def health(book: Book) -> Iterator[Mark]:
    checks: dict[str, list[Row]] = {}
    for it in book.events("health_check"):
        checks.setdefault(text_of(it.fields, "child_id"), []).append(it)
    treated = book.by_child("illness_incident")
    for child in book.children:
        own = sorted(checks.get(child.id, ()), key=lambda it: (day_of(it), it.id))
        abnormal = next((it for it in own if abnormal_items(it.fields)), None)
        sort = _CHECKED if own else NOBODY
        if abnormal is not None:
            after = day_of(abnormal)
            again = [it for it in own if day_of(it) > after]
            cared = [
                it
                for it in treated.get(child.id, ())
                if it.fields.get("kind") == "ILL" and day_of(it) >= after
            ]
            sort = _FOLLOWED if again or cared else _ABNORMAL
        groups = book.groups(child)
        on = day_of(own[-1]) if own else ""
        yield Mark(child.id, child.id, sort, sort in (_CHECKED, _FOLLOWED), groups, on=on)


ABNORMAL = (Measure("persons", "人数", by="persons"),)


def abnormal(book: Book) -> Iterator[Mark]:
    for it in book.events("health_check"):
        for kind in sorted(abnormal_items(it.fields)):
            groups = _groups(book, it, item=kind)
            yield Mark(it.id, text_of(it.fields, "child_id"), groups=groups, on=day_of(it))


# 心理辅导

COUNSELLING = (
    Measure("persons", "人数", by="persons"),
    Measure("times", "人次", by="times"),
    Measure("referred", "转介", picks=lambda m: not m.hit),
)
THEMES = (Measure("sessions", "次数"),)


def counselling(book: Book) -> Iterator[Mark]:
    for it in book.events("counselling"):
        yield Mark(
            it.id,
            text_of(it.fields, "child_id"),
            hit=it.fields.get("risk_flag") != "REFER",
            groups=_groups(book, it, form=text_of(it.fields, "form")),
            amounts={"times": number(it, "persons")},
            on=day_of(it),
        )


def themes(book: Book) -> Iterator[Mark]:
    for it in book.events("counselling"):
        for theme in sorted(it.fields.get("theme") or ()) or [UNKNOWN]:
            groups = _groups(book, it, theme=theme)
            yield Mark(it.id, text_of(it.fields, "child_id"), groups=groups, on=day_of(it))


# 活动

ACTIVITIES = (
    Measure("sessions", "场次", picks=of_sort("session")),
    Measure("persons", "儿童人数", picks=of_sort("came"), by="persons"),
    Measure("times", "儿童人次", picks=of_sort("came")),
    Measure("mean", "场均", "mean", of_sort("came"), of=of_sort("session")),
    Measure("adults", "成人人次", picks=of_sort("session"), by="adults"),
)


def activities(book: Book) -> Iterator[Mark]:
    held = {it.id: it for it in book.events("activity")}
    for it in held.values():
        adults = number(it, "adults_present") + number(it, "parents_present")
        own = _activity(it)
        yield Mark(it.id, sort="session", groups=own, amounts={"adults": adults}, on=day_of(it))
    for it in signed_in(book):
        session = held.get(text_of(it.fields, "activity_id"))
        if session is not None:
            child = text_of(it.fields, "person_id")
            yield Mark(it.id, child, "came", groups=_activity(session), on=day_of(session))


def _activity(it: Row) -> dict[str, str]:
    return {"kind": text_of(it.fields, "activity_kind") or UNKNOWN, "month": day_of(it)[:7]}


def signed_in(book: Book) -> Sequence[Row]:
    """Attendances of the period; a child who was signed in twice at one activity came once."""
    found: dict[tuple[str, ...], Row] = {}
    for it in book.events("attendance"):
        names = ("person_id", "activity_id", "place_id", "occurred_on")
        found.setdefault(tuple(text_of(it.fields, name) for name in names), it)
    return list(found.values())


def taking_part(book: Book) -> Iterator[Mark]:
    held = {it.id for it in book.events("activity")}
    came = {
        it.fields.get("person_id") for it in signed_in(book) if it.fields.get("activity_id") in held
    }
    for child in book.children:
        groups = book.groups(child)
        yield Mark(child.id, child.id, hit=child.id in came, groups=groups)


# 好事与家务

CHORE = "HOME"
DEEDS = (
    Measure("rate", "做过好事", "rate", lambda m: m.sort == "" and m.hit, of=of_sort(NOBODY)),
    Measure(
        "chores", "自觉干家务", "rate", lambda m: m.amounts.get("chores", 0) > 0, of=of_sort(NOBODY)
    ),
    Measure("times", "次数", picks=of_sort("deed")),
)


def deeds(book: Book) -> Iterator[Mark]:
    done: dict[str, list[Row]] = {}
    for it in book.events("deed"):
        done.setdefault(text_of(it.fields, "child_id"), []).append(it)
        groups = _groups(book, it, kind=text_of(it.fields, "kind"))
        yield Mark(it.id, text_of(it.fields, "child_id"), "deed", groups=groups, on=day_of(it))
    for child in book.children:
        own = done.get(child.id, ())
        chores = sum(it.fields.get("kind") == CHORE for it in own)
        about = book.groups(child)
        on = max(map(day_of, own), default="")
        yield Mark(child.id, child.id, NOBODY, bool(own), about, {"chores": chores}, on)


# 之家开放

HOME_OPEN = (
    Measure("opened", "开放天数", "rate", lambda m: m.sort == "day" and m.hit, of=of_sort("day")),
    Measure("times", "到场人次", picks=of_sort("came")),
    Measure("mean", "日均", "mean", of_sort("came"), of=lambda m: m.sort == "day" and m.hit),
)


def home_open(book: Book) -> Iterator[Mark]:
    """A mark a planned day (of the roster, or of an opening nobody had planned), and one a child who came."""
    planned = {
        (text_of(it.fields, "place_id"), on)
        for it in book.register.kind("roster_slot")
        if book.since <= (on := text_of(it.fields, "on_date")) <= book.on
    }
    opened = {(text_of(it.fields, "place_id"), day_of(it)): it for it in book.events("duty_done")}
    for place, on in sorted(planned | opened.keys()):
        it = opened.get((place, on))
        groups = {"place": place or UNKNOWN, "month": on[:7]}
        yield Mark(it.id if it else place, sort="day", hit=it is not None, groups=groups, on=on)
    for it in signed_in(book):
        if place := text_of(it.fields, "place_id"):
            groups = {"place": place, "month": day_of(it)[:7]}
            child = text_of(it.fields, "person_id")
            yield Mark(it.id, child, "came", groups=groups, on=day_of(it))


# 培训

TRAINING = (
    Measure("sessions", "场次", picks=of_sort("session")),
    Measure("times", "人次", picks=of_sort("session"), by="times"),
    Measure("reached", "监护人覆盖", "rate", of_sort("session"), "carers", of_sort("carer")),
)


def training(book: Book) -> Iterator[Mark]:
    for it in book.events("training"):
        audience = text_of(it.fields, "audience")
        distinct = number(it, "attendees_distinct") if audience == "CARER" else 0
        amounts = {"times": number(it, "attendees"), "carers": distinct}
        groups = {"audience": audience or UNKNOWN}
        yield Mark(it.id, sort="session", groups=groups, amounts=amounts, on=day_of(it))
    carers = {
        text_of(link.fields, "carer_id")
        for child in book.children
        if (link := book.main_carer(child)) is not None
    }
    for carer in sorted(carers - {""}):
        yield Mark(carer, sort="carer", groups={"audience": "CARER"})


# 求助

_RECEIVED, _EARLIER = "", "earlier"
HELP = (
    Measure(
        "closed", "办结率", "rate", lambda m: m.sort == _RECEIVED and m.hit, of=of_sort(_RECEIVED)
    ),
    Measure(
        "in_time",
        "按时处理",
        "rate",
        lambda m: m.sort == _RECEIVED and m.amounts["late"] == 0,
        of=of_sort(_RECEIVED),
    ),
    Measure("open", "未办结", picks=lambda m: not m.hit),
    Measure("open_week", "超过7天未办结", picks=lambda m: not m.hit and m.amounts["days"] > 7),
)
LIMIT_DAYS = {"NOW": 0, "DAY": 1}
USUAL_LIMIT = 7


def help_requests(book: Book) -> Iterator[Mark]:
    """A mark a request of the period, and one for each of earlier that was still open when the period began: nobody
    who waits is lost at the end of a month. `settled` are those that were closed in the period."""
    steps: dict[str, list[Row]] = {}
    for it in book.standing("help_step"):
        if day_of(it) <= book.on:
            steps.setdefault(text_of(it.fields, "help_request_id"), []).append(it)
    for it in book.standing("help_request"):
        own = steps.get(it.id, [])
        closed_on = min(
            (day_of(step) for step in own if step.fields.get("state") == "CLOSED"), default=""
        )
        is_earlier = day_of(it) < book.since
        if not "" < day_of(it) <= book.on or (is_earlier and "" < closed_on < book.since):
            continue
        closed = bool(closed_on)
        first = min((day_of(step) for step in own), default="")
        limit = add_days(day_of(it), LIMIT_DAYS.get(text_of(it.fields, "urgency"), USUAL_LIMIT))
        late = (first or book.on) > limit
        days = days_between(day_of(it), book.on)
        age = "closed" if closed else "7" if days <= 7 else "30" if days <= 30 else "31"
        kind = text_of(it.fields, "request_kind")
        yield Mark(
            it.id, text_of(it.fields, "child_id"), _EARLIER if is_earlier else _RECEIVED, closed,
            {**_groups(book, it, kind=kind), "age": age},
            {"days": days, "late": int(late), "settled": int(closed_on >= book.since)}, day_of(it),
        )  # fmt: skip


# 方案

PLANS = (
    Measure("running", "执行中", picks=of_sort("RUN")),
    Measure("closed", "结案", picks=of_sort("CLOSED")),
    Measure(
        "stages", "阶段达成", "rate", of_sort("stage-DONE"), of=lambda m: m.sort[:5] == "stage"
    ),
    Measure("turned", "转化", "rate", lambda m: m.sort == "CLOSED" and m.hit, of=of_sort("CLOSED")),
)


def plans(book: Book) -> Iterator[Mark]:
    progress: dict[str, list[Row]] = {}
    for it in book.standing("plan_progress"):
        if day_of(it) <= book.on:
            progress.setdefault(text_of(it.fields, "plan_id"), []).append(it)
    for plan in book.register.kind("plan"):
        state = text_of(plan.fields, "state")
        if text_of(plan.fields, "from_on") > book.on or state not in ("RUN", "CLOSED"):
            continue
        own = sorted(progress.get(plan.id, ()), key=lambda it: (day_of(it), it.id))
        results = [r for it in own if (r := text_of(it.fields, "stage_result")) not in ("", "OPEN")]
        groups = {"kind": text_of(plan.fields, "kind") or UNKNOWN}
        child = text_of(plan.fields, "child_id")
        reached = bool(results) and results[-1] == "DONE"
        yield Mark(plan.id, child, state, reached, groups, on=text_of(plan.fields, "due_on"))
        for it in own:
            result = text_of(it.fields, "stage_result")
            if result not in ("", "OPEN"):
                sort = f"stage-{result}"
                yield Mark(it.id, child, sort, result == "DONE", groups, on=day_of(it))


# 四员

FOUR_DUTIES = (Measure("done", "完成", "rate", hits, of=every),)


def four_duties(book: Book) -> Iterator[Mark]:
    videos = [
        day_of(it)
        for it in book.events("family_call")
        if it.fields.get("kind") == "2" and it.fields.get("connected") == "Y"
    ]
    films = [day_of(it) for it in book.events("activity") if it.fields.get("activity_kind") == "05"]
    feasts = [
        day_of(it) for it in book.events("activity") if it.fields.get("activity_kind") == "07"
    ]
    for slot in weeks(book.since, book.on):
        done = any(slot.first <= on <= slot.last for on in videos)
        yield Mark("", hit=done, groups={"duty": "video"}, on=slot.last, words=slot.name)
    for slot in months(book.since, book.on):
        done = any(slot.first <= on <= slot.last for on in films)
        yield Mark("", hit=done, groups={"duty": "film"}, on=slot.last, words=slot.name)
    for mark in home_open(book):
        if mark.sort == "day":
            yield Mark(mark.record, hit=mark.hit, groups={"duty": "home"}, on=mark.on)
    for on, name in festivals(book.since, book.on):
        done = any(abs(days_between(on, held)) <= 7 for held in feasts)
        yield Mark("", hit=done, groups={"duty": "festival"}, on=on, words=name)
