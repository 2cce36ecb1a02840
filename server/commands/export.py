"""Everything out into a folder that can be read without us: tables as CSV, pictures as files, forms as XForm."""

import csv
import json
import sqlite3
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from server.programme import programme
from server.programme.xform import xform_of

from . import backup
from .words import Refusal, say

SECRET = {"account": {"password"}, "device": {"token"}, "second_factor": {"secret"}}
"""Columns left out: whoever may read the records need not be able to be somebody else."""
LEFT_OUT = frozenset(
    {
        "session",
        "enrol_code",
        "attempt",
        "carry_key",
        "likeness",
        "likeness_key",
        "duplicate",
        "blob_chunk",
    }
)
"""Tables left out: what opens doors, what is worked out anew, and attachments' bytes, which are files."""


def export(database: Path, folder: Path) -> list[str]:
    """Write the folder, which must not exist yet; gives a line for each thing written. Reads one moment of a database in
    use. Raises Refusal."""
    if folder.exists():
        raise Refusal(f"{folder} 已存在，不覆盖。", f"{folder} exists and is not overwritten.")
    with tempfile.TemporaryDirectory() as place:
        snapshot = Path(place) / "zoufang.db"
        backup.copy(database, snapshot)
        with closing(sqlite3.connect(snapshot)) as connection:
            folder.mkdir(parents=True, mode=0o700)  # everybody's files lie in it
            lines = [
                *_tables(connection, folder),
                *_blobs(connection, folder),
                *_forms(connection, folder),
            ]
    about = say(_ABOUT_ZH, _ABOUT_EN)
    (folder / "README.txt").write_text("\n".join([about, *lines, ""]), encoding="utf-8-sig")
    return lines


def _tables(connection: sqlite3.Connection, folder: Path) -> Iterator[str]:
    """A CSV for each table (UTF-8 with a mark, RFC 4180), in the order of its key, and the records once more by type."""
    listed = "select name from sqlite_master where type = 'table' and name not like 'sqlite%' order by name"
    for (table,) in connection.execute(listed).fetchall():
        if table in LEFT_OUT:
            continue
        columns = connection.execute(f'pragma table_info("{table}")').fetchall()
        names = [it[1] for it in columns if it[1] not in SECRET.get(table, ())]
        key = [it[1] for it in sorted(columns, key=lambda it: int(it[5])) if it[5]]
        rows = connection.execute(
            f"select {_quoted(names)} from {_quoted([table])} order by {_quoted(key)}"
        )
        yield _write(folder / "tables" / f"{table}.csv", names, rows)
    for village, kind in connection.execute(
        "select distinct village, type from record order by village, type"
    ).fetchall():
        yield _write(
            folder / "records" / village / f"{kind}.csv", *_records(connection, village, kind)
        )


def _records(
    connection: sqlite3.Connection, village: str, kind: str
) -> tuple[list[str], list[list[str]]]:
    """The present records of a type, a column for each field that one of them has."""
    found = connection.execute(
        "select row from record where village = ? and type = ? and present order by id",
        (village, kind),
    )
    rows = [json.loads(text) for (text,) in found]
    known = programme().types.get(kind)
    order = {name: place for place, name in enumerate(known.fields)} if known else {}
    names = sorted(
        {name for row in rows for name in row[3]}, key=lambda it: (order.get(it, 999), it)
    )
    return ["id", *names], [[row[0], *(_cell(row[3].get(name)) for name in names)] for row in rows]


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _blobs(connection: sqlite3.Connection, folder: Path) -> Iterator[str]:
    """The attachments that came whole, under their names."""
    count = 0
    for village, name in connection.execute(
        "select village, name from blob where done_at > 0 order by village, name"
    ).fetchall():
        chunks = connection.execute(
            "select bytes from blob_chunk where village = ? and name = ? order by start",
            (village, name),
        )
        place = folder / "blobs" / village
        place.mkdir(parents=True, exist_ok=True)
        (place / name).write_bytes(b"".join(row[0] for row in chunks))
        count += 1
    yield f"blobs: {count}"


def _forms(connection: sqlite3.Connection, folder: Path) -> Iterator[str]:
    """Every form of the programme and every version of the villages' own, as XForm XML."""
    place = folder / "forms"
    place.mkdir()
    count = 0
    for kind in programme().types.values():
        if kind.own is None:
            (place / f"{kind.name}.xml").write_bytes(xform_of(kind.name))
            count += 1
    for village, name, number, text in connection.execute(
        "select village, name, version, xform from own_form_version order by village, name, version"
    ):
        own = place / village
        own.mkdir(exist_ok=True)
        (own / f"{name}-{number}.xml").write_text(text, encoding="utf-8")
        count += 1
    yield f"forms: {count}"


def _quoted(names: Sequence[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)


def _write(path: Path, names: Sequence[str], rows: Any) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    count = 0
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, lineterminator="\r\n")
        writer.writerow(names)
        for row in rows:
            writer.writerow(["" if cell is None else cell for cell in row])
            count += 1
    return f"{path.parent.name}/{path.name}: {count}"


_ABOUT_ZH = """走访数据导出，不用走访也能读。
records/：每个村每种档案一张表，现在的样子；tables/：数据库每张表，op 是全部改动的原文；
blobs/：照片和录音；forms/：全部表单（XForm）。密码、令牌和密钥不在里面。
注意：以 = + - @ 开头的文字没有改动，用 Excel 打开前请先“导入为文本”。
"""
_ABOUT_EN = """Everything Zoufang holds, readable without it.
records/: a table for each village and type, as it stands; tables/: each table of the database, op being every change as it
was typed; blobs/: pictures and recordings; forms/: all forms as XForm. Passwords, tokens and keys are not in it.
Texts that begin with = + - @ are as they were typed: import them as text into a spreadsheet.
"""
