"""What every person in a row has: name, sex, birth, identity number, phones, and plain fields.

An identity number that is sound fills in birth and sex and is checked against them; one that is not
is kept as typed and flagged.
"""

from typing import Any

from server.office.roster.cells import fold, is_name, name_of, tidy, yes_no
from server.office.roster.context import Context
from server.office.roster.dates import Day, ImpossibleDay, birth_from_age, read_day
from server.office.roster.identity import IdNumber, read_id, read_phones
from server.office.roster.sheet import Value


def put_choice(
    context: Context, into: dict[str, Any], target: str, type_name: str, name: str
) -> None:
    """A field with one choice from its cell; words that are none are noted."""
    value = context.value(target)
    if value is None:
        return
    code = context.choices.code(type_name, name, value)
    if code is None:
        context.not_known(target, value)
    else:
        into[name] = code


def put_codes(
    context: Context, into: dict[str, Any], target: str, type_name: str, name: str
) -> None:
    """A field with several choices from its cell; words that are none are noted."""
    value = context.value(target)
    if value is None:
        return
    codes, unknown = context.choices.codes(type_name, name, value)
    if codes:
        into[name] = codes
    if unknown and context.choices.has(type_name, f"{name}_other"):
        into[f"{name}_other"] = "、".join(unknown)
    elif unknown:
        context.not_known(target, "、".join(unknown))


def put_text(context: Context, into: dict[str, Any], target: str, name: str) -> None:
    """A text field from its cell, tidied."""
    text = tidy(context.value(target))
    if text:
        into[name] = text


def put_day(
    context: Context,
    into: dict[str, Any],
    target: str,
    name: str,
    kind: str = "date",
    *,
    ahead: bool = False,
) -> None:
    """A day from its cell, or with `kind` month its month; with `ahead` it may lie in the two years after. Less exact
    days begin their period."""
    latest = context.as_of.replace(year=context.as_of.year + 2, day=1) if ahead else context.as_of
    try:
        day = read_day(context.value(target), latest, context.styles.get(target, "unknown"))
    except ImpossibleDay:
        context.warn("not_a_day", target, word=tidy(context.value(target)))
        return
    if day is not None:
        into[name] = day.on.isoformat()[: 7 if kind == "month" else 10]


def phones_of(context: Context, target: str, use: str = "") -> list[dict[str, str]]:
    """Entries of a list of phones; odd numbers are kept and noted."""
    entries: list[dict[str, str]] = []
    for phone in read_phones(context.value(target)):
        entry = {"number": phone.number}
        if phone.owner:
            entry["owner"] = phone.owner
        if use:
            entry["use"] = use
        if not phone.known_form:
            context.warn("phone_form", target, number=phone.number)
        entries.append(entry)
    return entries


def put_identity(context: Context, into: dict[str, Any], subject: str) -> ImpossibleDay | None:
    """Identity number, birth and sex of a person; returns the impossible birth, if it has one."""
    found = _put_id(context, into, subject)
    problem: ImpossibleDay | None = None
    try:
        birth = _birth(context, subject)
    except ImpossibleDay as error:
        birth, problem = None, error
    if found is not None and found.birth is not None:
        birth = _agreed(context, subject, birth, found)
        if problem is not None:
            context.warn("birth_from_id", f"{subject}.birth_date")
            problem = None
    if birth is not None:
        into["birth_date"] = birth.on.isoformat()
        into["birth_approximate"] = birth.precision
        if birth.lunar:
            into["birth_lunar"] = "Y"
        if birth.unsure:
            context.warn("month_unsure", f"{subject}.birth_date", year=str(birth.on.year))
    _put_sex(context, into, subject, found)
    return problem


def _put_id(context: Context, into: dict[str, Any], subject: str) -> IdNumber | None:
    target = f"{subject}.id_number"
    value = context.value(target)
    if value is None:
        return None
    reason = context.choices.code("person", "id_absent_reason", value)
    if reason is not None and not any(sign.isdigit() for sign in fold(value)):
        into["id_absent_reason"] = reason
        return None
    found = read_id(value)
    if found is None:
        return None
    into["id_number"] = found.number
    if not found.sound:
        context.warn("id_rounded" if found.rounded else "id_wrong", target, number=found.number)
    return found


def _birth(context: Context, subject: str) -> Day | None:
    target = f"{subject}.birth_date"
    birth = read_day(context.value(target), context.as_of, context.styles.get(target, "unknown"))
    for name, nominal in (("age", False), ("nominal_age", True)):
        target = f"{subject}.{name}"
        try:
            aged = birth_from_age(context.value(target), context.as_of, nominal)
        except ImpossibleDay:
            context.not_known(target, context.value(target))
            continue
        if aged is None:
            continue
        if birth is None:
            context.warn("from_age", target, year=str(aged.on.year))
            birth = aged
        elif abs((birth.on - aged.on).days) > 550:
            context.warn("age_differs", target)
    return birth


def _agreed(context: Context, subject: str, birth: Day | None, found: IdNumber) -> Day | None:
    """The birth to keep when the identity number tells one: the finer one if the two agree."""
    assert found.birth is not None
    told = Day(found.birth)
    if birth is None:
        return told
    same_month = (birth.on.year, birth.on.month) == (told.on.year, told.on.month)
    if birth.precision == "month" and same_month:
        return told
    if birth.precision == "year" and abs(birth.on.year - told.on.year) <= 1:
        return told
    if birth.on != told.on:
        context.warn("id_birth", f"{subject}.id_number", birth=told.on.isoformat())
    return birth


def _put_sex(context: Context, into: dict[str, Any], subject: str, found: IdNumber | None) -> None:
    put_choice(context, into, f"{subject}.sex", "person", "sex")
    if found is None or not found.sex:
        return
    if "sex" not in into:
        into["sex"] = found.sex
    elif into["sex"] != found.sex and into["sex"] in ("1", "2"):
        context.warn("id_sex", f"{subject}.id_number")


def read_name(context: Context, target: str, value: Value) -> tuple[str, str]:
    """An adult's name and the remark beside it; what cannot be a name is noted and left out."""
    name, remark = name_of(value)
    if name and not is_name(name):
        context.warn("bad_adult_name", target, word=name[:20])
        return "", remark
    return name, remark


def answer(context: Context, target: str) -> bool | None:
    """Yes or no from a cell; a word that is neither is noted."""
    value = context.value(target)
    if value is None:
        return None
    found = yes_no(value)
    if found is None:
        context.not_known(target, value)
    return found
