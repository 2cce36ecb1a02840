"""The page of every entity and event with its fields, and how many of them were asked for."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from server.programme import programme
from server.programme.model import Field, RecordType

MODEL = Path(__file__).with_name("model.md")
PAGE = Path(__file__).parents[2] / "server" / "docs" / "information-model.md"
HEAD = """# 信息模型 · The information model

每一种档案和记录，各有哪些项。本页由 `python -m tests.brief` 从程序写出；要求的项缺一项，测试就不通过。
Every entity and event with its fields, written by `python -m tests.brief`; a test fails when one that was asked for is
missing, or when this page is not what the programme says.

- 要求 asked: fields that the design names. 有 held: fields there are, each in Chinese and English. 算出 computed: worked
  out where they are read, never stored or typed. 必填 required: part of 建档; it may depend on another answer.
- 隐私 privacy: `public`, `internal` (staff), `minor` (of or leading to a minor). ▸ volunteers see it. ◆ office alone.
- 合并 merge: what happens when two people changed it unseen by each other.
"""
EVENTS = (
    "occurred_on occurred_time note corrects_id void_reason joint_with followup_task_id recorded_by"
)
OFFICE_TABLES = {"file_access"}
"""Types that are no records: the audit trail (server/auth)."""


@cache
def asked() -> Mapping[str, Mapping[str, str]]:
    """type -> field as it was asked for -> where it is: a field, `type.field`, or words in brackets."""
    found: dict[str, dict[str, str]] = {}
    for line in MODEL.read_text(encoding="utf-8").splitlines():
        row = re.fullmatch(r"\| ([a-z_]+) \| ([^|]+) \|", line)
        if row and row[1] != "type":
            wanted = (word.partition("=") for word in row[2].split())
            found[row[1]] = {name: held or name for name, _, held in wanted}
    for kind in programme().types.values():
        if kind.kind == "event" and kind.name in found:
            found[kind.name] |= {name: name for name in EVENTS.split()}
    return found


def missing(types: Mapping[str, RecordType] | None = None) -> list[str]:
    """What was asked for and is nowhere."""
    types = types or programme().types
    lost = [name for name in asked() if name not in types and name not in OFFICE_TABLES]
    for name, fields in asked().items():
        for wanted, held in fields.items():
            kind, dot, field = held.partition(".")
            place = types.get(kind if dot else name)
            if held.startswith("(") or (place and (field or held) in place.fields):
                continue
            lost.append(f"{name}.{wanted}")
    return lost


def written() -> str:
    """The page as Markdown."""
    lines = [HEAD]
    for kind, title in (("entity", "档案 Entities"), ("event", "记录 Events")):
        types = [it for it in programme().types.values() if it.kind == kind]
        lines += [f"## {title}: {len(types)}\n", *_summary(types), ""]
    for it in programme().types.values():
        lines += [f"## {it.label.zh} {it.label.en} · {it.name}\n", *_fields(it), ""]
    return "\n".join(lines).rstrip() + "\n"


def _summary(types: list[RecordType]) -> Iterator[str]:
    yield "| type | | 要求 asked | 缺 missing | 有 held | 必填 required | 算出 computed |"
    yield "| --- | --- | ---: | ---: | ---: | ---: | ---: |"
    for it in types:
        wanted = asked().get(it.name, {})
        lost = sum(entry.startswith(f"{it.name}.") for entry in missing())
        computed = sum(field.computed for field in it.fields.values())
        required = sum(field.required not in (False, None) for field in it.fields.values())
        yield (
            f"| {it.name} | {it.label.zh} {it.label.en} | {len(wanted) or '-'} | {lost} | "
            f"{len(it.fields)} | {required} | {computed} |"
        )


def _fields(it: RecordType) -> Iterator[str]:
    yield "| field | 中文 | English | type | 必填 | 合并 merge | 隐私 privacy |"
    yield "| --- | --- | --- | --- | --- | --- | --- |"
    for field in it.fields.values():
        marks = f"{' ▸' if field.volunteer else ''}{' ◆' if field.office_only else ''}"
        yield (
            f"| {field.name} | {field.label.zh} | {field.label.en} | {_type(field)} | "
            f"{_required(field)} | {'' if field.computed else field.policy} | {field.privacy}{marks} |"
        )


def _type(field: Field) -> str:
    if field.computed:
        return "computed"
    return f"{field.type} {field.ref or field.list or ''}".strip()


def _required(field: Field) -> str:
    if field.required in (False, None):
        return ""
    return "yes" if field.required is True and field.relevant is None else "when asked"
