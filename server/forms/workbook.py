"""An uploaded XLSForm's bytes: what they are, and the rows pyxform will see.

Numbers in a zip's directory are claims, so each member is inflated here no further than allowed,
before any reader of workbooks opens the file.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from typing import Any

from openpyxl import load_workbook
from pyxform.xls2json_backends import csv_to_dict, xls_to_dict, xlsx_to_dict

from server.forms.errors import MESSAGES, Fault, FormError
from server.forms.upload import MAX_BYTES

MAX_INFLATED = 40 * 1024 * 1024
"""Bytes of all members together; a form of 1,000 questions inflates to 2 MB."""
_CHUNK = 256 * 1024
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_TABLE = re.compile(r"^\|\s*survey\s*\|", re.MULTILINE)
_READ = ("settings", "survey", "choices")


def kind_of(content: bytes) -> str:
    """`.xlsx`, `.xls`, `.csv` or `.md` (Markdown tables). Raises FormError: too_large or broken_file."""
    if len(content) > MAX_BYTES:
        raise _refused("too_large", most=MAX_BYTES // 1024 // 1024)
    if not content.strip(b"\0 \t\r\n"):
        raise _refused("broken_file")
    if content[:8] == _OLE:
        return ".xls"
    if content[:2] == b"PK":
        _check_zip(content)
        return ".xlsx"
    try:
        text = content.decode("utf-8-sig")
        if "\0" not in text:
            return ".md" if _TABLE.search(text) else ".csv"
    except UnicodeDecodeError:
        pass
    raise _refused("broken_file")


def tables_of(content: bytes) -> str:
    """The tables of a Markdown file as pyxform reads them: no prose, no ruled lines."""
    lines = content.decode("utf-8-sig").splitlines()
    return "\n".join(it for it in lines if it.startswith("|") and not set(it) <= set("|-: "))


def sheets_of(content: bytes, kind: str) -> dict[str, list[dict[str, Any]]]:
    """The rows of each sheet by header. Raises FormError, and PyXFormError as pyxform words it."""
    if kind == ".csv":
        return dict(csv_to_dict(io.BytesIO(content)))
    if kind == ".xls":
        return dict(xls_to_dict(io.BytesIO(content)))
    _check_formulas(content)
    return dict(xlsx_to_dict(io.BytesIO(content)))


def _check_zip(content: bytes) -> None:
    left = MAX_INFLATED
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for member in archive.infolist():
                with archive.open(member) as stream:
                    while piece := stream.read(_CHUNK):
                        left -= len(piece)
                        if left < 0:
                            raise _refused("too_large", most=MAX_INFLATED // 1024 // 1024)
    except (zipfile.BadZipFile, zlib.error, ValueError, OSError, EOFError, RuntimeError) as broken:
        raise _refused("broken_file") from broken


def _check_formulas(content: bytes) -> None:
    book = load_workbook(io.BytesIO(content), read_only=True)
    faults: list[Fault] = []
    for sheet in book.worksheets:
        if sheet.title not in _READ:
            continue
        header: tuple[Any, ...] = ()
        for number, row in enumerate(sheet.iter_rows(), start=1):
            header = header or tuple(cell.value for cell in row)
            for at, cell in enumerate(row):
                if cell.data_type == "f":
                    column = str(header[at]) if at < len(header) and number > 1 else ""
                    faults.append(
                        Fault(sheet.title, number, column, "formula", MESSAGES["formula"])
                    )
    book.close()
    if faults:
        raise FormError(faults[:20])


def _refused(code: str, **values: object) -> FormError:
    return FormError([Fault("", 0, "", code, MESSAGES[code].filled(**values))])
