"""Files that must not be read: each has its code and a sentence, none costs memory or time."""

import contextlib
import io
import random
import struct
import tracemalloc
import zipfile
import zlib
from collections.abc import Callable

import openpyxl
import pytest
import xlsxwriter
import xlwt

from server.office.roster import CATALOGUE, MAX_BYTES, RosterRefused, read
from server.office.roster.sheet import Merge
from tests.server.office.roster.rosters import ROSTERS, by_csv, by_openpyxl, by_xlsxwriter

HEAD = ["姓名", "性别", "监护人"]


def repacked(
    data: bytes, change: Callable[[str, bytes], bytes | None], add: dict[str, bytes] | None = None
) -> bytes:
    """A zip with its members changed or left out (None), and others added."""
    output = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as old,
        zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            content = change(name, old.read(name))
            if content is not None:
                new.writestr(name, content)
        for name, content in (add or {}).items():
            new.writestr(name, content)
    return output.getvalue()


def small() -> bytes:
    return by_openpyxl({"名册": [HEAD, ["谷小满", "女", "谷大叔甲"]]})


def same(name: str, content: bytes) -> bytes:
    return content


def with_macro() -> bytes:
    return repacked(small(), same, {"xl/vbaProject.bin": b"\xd0\xcf\x11\xe0macro"})


def declared_macro() -> bytes:
    wanted = b"application/vnd.ms-excel.sheet.macroEnabled.main+xml"
    plain = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
    return repacked(small(), lambda name, content: content.replace(plain, wanted))


def bomb() -> bytes:
    return repacked(small(), same, {"xl/media/zeros.bin": b"\0" * (30 * 1024 * 1024)})


def bomb_of_many_parts() -> bytes:
    output = io.BytesIO(small())
    with zipfile.ZipFile(output, "a", zipfile.ZIP_DEFLATED) as archive:
        for number in range(1_100):
            archive.writestr(f"xl/parts/{number}.xml", b"<a/>")
    return output.getvalue()


def bomb_that_lies() -> bytes:
    """A member inflating to 50 MB that the directory says holds 1,000 bytes."""
    name, packer = b"xl/lie.xml", zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = packer.compress(b" " * 50 * 1024 * 1024) + packer.flush()
    data = bytearray(repacked(small(), same, {name.decode(): b"x" * 1_000}))
    with zipfile.ZipFile(io.BytesIO(bytes(data))) as archive:
        member = archive.getinfo(name.decode())
    start = member.header_offset
    body = start + 30 + len(name)
    directory = data.index(b"PK\x01\x02")
    entries = bytearray(data[directory:])
    place = entries.rindex(name) - 46
    entries[place + 20 : place + 24] = struct.pack("<I", len(packed))
    grown = data[:body] + packed
    end = entries.rindex(b"PK\x05\x06")
    entries[end + 16 : end + 20] = struct.pack("<I", len(grown))
    return bytes(grown + entries)


def overlapping() -> bytes:
    """Two directory entries over the same packed bytes."""
    data = bytearray(repacked(small(), same, {"xl/a.xml": b"<a/>" * 50, "xl/b.xml": b"<a/>" * 50}))
    directory = data.index(b"PK\x01\x02")
    first = data.index(b"xl/a.xml", directory) - 46
    second = data.index(b"xl/b.xml", directory) - 46
    data[second + 42 : second + 46] = data[first + 42 : first + 46]
    return bytes(data)


def encrypted_zip() -> bytes:
    data = bytearray(small())
    directory = data.index(b"PK\x01\x02")
    data[directory + 8] |= 1
    return bytes(data)


def sheet_xml(change: Callable[[bytes], bytes]) -> bytes:
    return repacked(
        small(), lambda name, content: change(content) if "worksheets/" in name else content
    )


def declared_rows() -> bytes:
    return sheet_xml(lambda xml: xml.replace(b'ref="A1:C2"', b'ref="A1:C1000000"'))


def far_row() -> bytes:
    book = openpyxl.Workbook()
    page = book.worksheets[0]
    page.append(HEAD)
    page.cell(1_000_000, 1, "谷小满")
    output = io.BytesIO()
    book.save(output)
    return output.getvalue()


def far_column() -> bytes:
    book = openpyxl.Workbook()
    page = book.worksheets[0]
    page.append(HEAD)
    page.cell(2, 16_384, "谷小满")
    output = io.BytesIO()
    book.save(output)
    return output.getvalue()


def many_rows() -> bytes:
    return by_csv([HEAD] * 20_001, "utf-8")


def shared_text_bomb() -> bytes:
    """A long shared string shown by many cells: small on disk, large in memory."""
    output = io.BytesIO()
    with xlsxwriter.Workbook(output) as book:
        page = book.add_worksheet()
        for row in range(100):
            for column in range(40):
                page.write_string(row, column, "谷" * 30_000)
    return output.getvalue()


def with_cells(cells: bytes, merges: bytes = b"") -> bytes:
    """The small sheet with more cells in a third row, and with merges."""
    return sheet_xml(
        lambda xml: xml.replace(
            b"</sheetData>", b'<row r="3">' + cells + b"</row></sheetData>" + merges
        )
    )


def array_far_down() -> bytes:
    """One formula over four million cells, the last of which holds a value."""
    formula = b'<c r="A3"><f t="array" ref="A1:D1000000">1</f><v>1</v></c>'
    return with_cells(formula + b'<c r="D1000000"><v>1</v></c>')


def arrays_over_each_other() -> bytes:
    formula = b'<c r="A3"><f t="array" ref="A1:IV3">1</f><v>1</v></c>'
    return with_cells(formula * 300 + b'<c r="IV3"><v>1</v></c>')


def many_formulas() -> bytes:
    return with_cells(b"<c><f/></c>" * 200_001)


def merges(one: str, times: int) -> bytes:
    cells = f'<mergeCell ref="{one}"/>'.encode() * times
    return with_cells(b"", b"<mergeCells>" + cells + b"</mergeCells>")


def entities() -> bytes:
    head = b'<!DOCTYPE a [<!ENTITY b "' + b"x" * 1_000 + b'">]>'
    return sheet_xml(lambda xml: head + xml.removeprefix(b'<?xml version="1.0"?>'))


def word() -> bytes:
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", "<w/>")
    return output.getvalue()


def open_document() -> bytes:
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
    return output.getvalue()


def ole(names: list[str]) -> bytes:
    """An OLE2 container with empty streams of these names."""
    header = bytearray(512)
    header[:8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
    header[24:34] = struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6)
    header[44:76] = struct.pack("<8I", 1, 1, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0)
    header[76:512] = struct.pack("<I", 0) + b"\xff" * 432
    fat = struct.pack("<II", 0xFFFFFFFD, 0xFFFFFFFE) + b"\xff" * 504
    entries = b""
    for place, name in enumerate(["Root Entry", *names]):
        text = name.encode("utf-16-le")
        entry = bytearray(128)
        entry[: len(text)] = text
        entry[64:68] = struct.pack("<HBB", len(text) + 2, 5 if place == 0 else 2, 1)
        entry[116:120] = struct.pack("<I", 0xFFFFFFFE)
        entries += bytes(entry)
    return bytes(header) + fat + entries.ljust(512, b"\0")


def looping_ole() -> bytes:
    data = bytearray(ole(["Workbook"]))
    data[512 + 4 : 512 + 8] = struct.pack("<I", 1)
    return bytes(data)


def locked_xls() -> bytes:
    """A BIFF stream that begins with a FILEPASS record, in place of the real one."""
    book = xlwt.Workbook()
    book.add_sheet("名册").write(0, 0, "姓名")
    output = io.BytesIO()
    book.save(output)
    data = output.getvalue()
    # CODEPAGE is two bytes long and stands in every stream: its number becomes FILEPASS's.
    return data.replace(struct.pack("<HH", 0x0042, 2), struct.pack("<HH", 0x002F, 2), 1)


BAD: dict[str, tuple[Callable[[], bytes], str]] = {
    "nothing at all": (lambda: b"", "roster_empty_file"),
    "only blanks": (lambda: b" \r\n" * 9, "roster_empty_file"),
    "eleven megabytes": (lambda: b"a" * (MAX_BYTES + 1), "roster_too_large"),
    "a macro": (with_macro, "roster_macro"),
    "a macro type by declaration": (declared_macro, "roster_macro"),
    "an old file with a macro": (lambda: ole(["Workbook", "_VBA_PROJECT_CUR"]), "roster_macro"),
    "a zip bomb": (bomb, "roster_bomb"),
    "a zip of a thousand members": (bomb_of_many_parts, "roster_bomb"),
    "a zip bomb whose directory lies": (bomb_that_lies, "roster_bomb"),
    "a zip with overlapping members": (overlapping, "roster_bomb"),
    "a text shown four thousand times": (shared_text_bomb, "roster_bomb"),
    "an array formula down to row one million": (array_far_down, "roster_bomb"),
    "array formulas over each other": (arrays_over_each_other, "roster_bomb"),
    "two hundred thousand formulas": (many_formulas, "roster_bomb"),
    "two hundred thousand merged cells": (lambda: merges("A1:A2", 200_001), "roster_bomb"),
    "merged cells over each other": (lambda: merges("A1:C2", 9), "roster_broken"),
    "an encrypted zip": (encrypted_zip, "roster_encrypted"),
    "an encrypted package": (lambda: ole(["EncryptedPackage"]), "roster_encrypted"),
    "an encrypted old file": (locked_xls, "roster_encrypted"),
    "a million declared rows": (declared_rows, "roster_declared_rows"),
    "a value in row one million": (far_row, "roster_too_many_rows"),
    "twenty thousand and one rows": (many_rows, "roster_too_many_rows"),
    "a value in the last column": (far_column, "roster_too_many_columns"),
    "a PDF named .xlsx": (lambda: b"%PDF-1.7 ...", "roster_wrong_kind"),
    "a picture": (lambda: b"\x89PNG\r\n\x1a\n....", "roster_wrong_kind"),
    "a web page named .xls": (lambda: "<html><table>姓名".encode(), "roster_wrong_kind"),
    "a Word file": (word, "roster_wrong_kind"),
    "an old Word file": (lambda: ole(["WordDocument"]), "roster_wrong_kind"),
    "an OpenDocument file": (open_document, "roster_wrong_kind"),
    "a program": (lambda: b"MZ\x90\0\x03", "roster_wrong_kind"),
    "noise": (lambda: b"\x01\0\x02\0" * 99, "roster_wrong_kind"),
    "half a file": (lambda: small()[:-300], "roster_broken"),
    "a sheet that is no XML": (lambda: sheet_xml(lambda xml: xml[:-9]), "roster_broken"),
    "a sheet with entities": (entities, "roster_broken"),
    "half an old file": (lambda: ole(["Workbook"])[:700], "roster_broken"),
    "an old file in a loop": (looping_ole, "roster_broken"),
    "an unknown encoding": (lambda: b"\xd0\xff\xff\x80,\xff", "roster_encoding"),
}


@pytest.mark.parametrize("bad", BAD)
def test_a_bad_file_is_refused_with_its_code(bad: str) -> None:
    make, code = BAD[bad]

    with pytest.raises(RosterRefused) as refusal:
        read(make(), "花名册.xlsx")

    assert refusal.value.code == code
    assert "?" not in refusal.value.message("zh")
    assert "?" not in refusal.value.message("en")


@pytest.mark.parametrize(
    "make", [bomb, bomb_that_lies, far_row, far_column, shared_text_bomb, array_far_down]
)
def test_refusing_costs_little_memory(make: Callable[[], bytes]) -> None:
    data = make()
    tracemalloc.start()

    with pytest.raises(RosterRefused):
        read(data, "花名册.xlsx")

    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 12 * 1024 * 1024


def test_a_merge_drawn_to_the_last_row_and_column_reaches_no_further_than_the_values() -> None:
    sheet = read(merges("B2:XFD1048576", 1), "花名册.xlsx").sheets[0]

    assert sheet.merges == (Merge(1, 1, 1, 2),)


def test_borders_drawn_far_beyond_the_last_row_do_not_hinder() -> None:
    book = openpyxl.Workbook()
    page = book.worksheets[0]
    page.append(HEAD)
    page.append(["谷小满", "女", "谷大叔甲"])
    for row in range(3, 21_000):
        page.cell(row, 1).number_format = "0.00"
    output = io.BytesIO()
    book.save(output)

    assert len(read(output.getvalue(), "花名册.xlsx").sheets[0].rows) == 2


@pytest.mark.parametrize(
    "name", ["花名册.xlsx", "花名册.xls", "花名册.csv", "花名册", "花名册.pdf"]
)
def test_the_content_decides_what_a_file_is(name: str) -> None:
    assert read(small(), name).kind == "xlsx"
    assert read(by_csv([HEAD], "gb18030"), name).kind == "csv"


def test_every_refusal_has_both_languages() -> None:
    for sentence in CATALOGUE.values():
        assert sentence.zh
        assert sentence.en
        assert 400 <= sentence.status < 500


def test_hidden_sheets_are_not_read() -> None:
    data = by_xlsxwriter({"名册": [HEAD], "选项": [["男"]]}, hidden=["选项"])

    assert [sheet.name for sheet in read(data, "x.xlsx").sheets] == ["名册"]


@pytest.mark.parametrize("seed", range(12))
def test_a_damaged_file_is_read_or_refused_never_an_error(seed: int) -> None:
    """Bytes changed, lost and put in at random: in the file, or in one part of the zip."""
    chance = random.Random(seed)
    name, make = chance.choice([pair for pair in ROSTERS.items() if not pair[0].startswith("01")])
    whole = make()
    part = ""
    if name.endswith("xlsx"):
        with zipfile.ZipFile(io.BytesIO(whole)) as archive:
            part = chance.choice(archive.namelist())

    for _ in range(4):
        damaged = (
            repacked(whole, lambda at, content: hurt(content, chance) if at == part else content)
            if part
            else hurt(whole, chance)
        )
        with contextlib.suppress(RosterRefused):
            read(damaged, name)


def hurt(content: bytes, chance: random.Random) -> bytes:
    """The bytes with one to five injuries."""
    data = bytearray(content)
    for _ in range(chance.randint(1, 5)):
        place = chance.randrange(len(data))
        how = chance.random()
        if how < 0.6:
            data[place] = chance.randrange(256)
        elif how < 0.8:
            del data[place : place + chance.randrange(1, 40)]
        else:
            data[place:place] = b"9" * chance.randrange(1, 12)
    return bytes(data)
