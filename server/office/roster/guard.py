"""Looks at a roster's bytes before any reader does, and refuses what must not be read.

What a file is, its content decides, never its name. Numbers in a zip's directory are claims, so
each member is also inflated here, in pieces, no further than it claims. Limits are far above any
village's roster (300 children: 40 kB packed, 300 kB unpacked) and far below what would hurt a
small machine.
"""

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator

from server.office.roster.errors import MAX_BYTES, RosterRefused
from server.office.roster.ole import Compound

MAX_MEMBERS = 1_000
MAX_INFLATED = 100 * 1024 * 1024
"""Bytes of all members together."""
MAX_RATIO = 200
"""Inflated to packed, of a member beyond `RATIO_FROM`. Sheets reach 10 to 60."""
RATIO_FROM = 4 * 1024 * 1024
_CHUNK = 256 * 1024

OLE_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

_OTHER_KINDS = (
    (b"%PDF", "PDF"),
    (b"\x89PNG", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"GIF8", "GIF"),
    (b"Rar!", "RAR"),
    (b"7z\xbc\xaf", "7z"),
    (b"\x1f\x8b", "gzip"),
    (b"MZ", "EXE"),
    (b"{\\rtf", "RTF"),
)


def check(data: bytes) -> str:
    """The kind of a roster file, `xlsx`, `xls` or `csv`, if its bytes may be read further.

    Raises `RosterRefused`: empty, too large, another kind of file, encrypted, macros, bomb, broken.
    """
    if not data.strip(b"\0 \t\r\n"):
        raise RosterRefused("roster_empty_file")
    if len(data) > MAX_BYTES:
        raise RosterRefused("roster_too_large", limit_mb=MAX_BYTES // 1024 // 1024)
    if data[:2] == b"PK":
        _check_zip(data)
        return "xlsx"
    if data[:8] == OLE_MAGIC:
        _check_ole(data)
        return "xls"
    for magic, name in _OTHER_KINDS:
        if data.startswith(magic):
            raise RosterRefused("roster_wrong_kind", found=name)
    head = data[:4096].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if head.startswith((b"<!doctype", b"<html", b"<?xml", b"<table", b"<meta", b"mime-version")):
        raise RosterRefused("roster_wrong_kind", found="HTML/XML")
    if b"\0" in data[:65536] and data[:2] not in (b"\xff\xfe", b"\xfe\xff"):
        raise RosterRefused("roster_wrong_kind", found="binary")
    return "csv"


def _check_ole(data: bytes) -> None:
    names = {name.lower() for name in Compound(data).names()}
    if "encryptedpackage" in names:
        raise RosterRefused("roster_encrypted")
    if not names & {"workbook", "book"}:
        raise RosterRefused("roster_wrong_kind", found="Word" if "worddocument" in names else "OLE")
    if names & {"_vba_project_cur", "_vba_project", "vba", "macros"}:
        raise RosterRefused("roster_macro")


def _check_zip(data: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, ValueError, struct.error, EOFError, NotImplementedError) as error:
        raise RosterRefused("roster_broken") from error
    _check_directory(members, len(data))
    _check_is_workbook(members, data)
    for member in members:
        for _ in inflate(data, member):
            pass


def _check_directory(members: list[zipfile.ZipInfo], size: int) -> None:
    if len(members) > MAX_MEMBERS or sum(member.file_size for member in members) > MAX_INFLATED:
        raise RosterRefused("roster_bomb")
    if len({member.filename.lower() for member in members}) != len(members):
        raise RosterRefused("roster_broken")
    end = 0
    for member in sorted(members, key=lambda member: member.header_offset):
        if member.flag_bits & 0x1:
            raise RosterRefused("roster_encrypted")
        if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise RosterRefused("roster_broken")
        if member.file_size > max(RATIO_FROM, member.compress_size * MAX_RATIO):
            raise RosterRefused("roster_bomb")
        # Members that share packed bytes are how 40 kB become gigabytes without one high ratio.
        if member.header_offset < end:
            raise RosterRefused("roster_bomb")
        end = member.header_offset + 30 + len(member.filename) + member.compress_size
        if end > size:
            raise RosterRefused("roster_broken")


def _check_is_workbook(members: list[zipfile.ZipInfo], data: bytes) -> None:
    by_name = {member.filename.lower(): member for member in members}
    if any(name.endswith("vbaproject.bin") for name in by_name):
        raise RosterRefused("roster_macro")
    if "[content_types].xml" not in by_name or "xl/workbook.xml" not in by_name:
        found = "ZIP"
        for part, name in (("word/", "Word"), ("ppt/", "PowerPoint"), ("xl/", "XLSB")):
            if any(entry.startswith(part) for entry in by_name):
                found = name
        if "mimetype" in by_name:
            found = "ODF"
        raise RosterRefused("roster_wrong_kind", found=found)
    types = b"".join(inflate(data, by_name["[content_types].xml"]))
    if b"macroenabled" in types.lower() or any(
        name.startswith("xl/macrosheets/") for name in by_name
    ):
        raise RosterRefused("roster_macro")


def inflate(data: bytes, member: zipfile.ZipInfo) -> Iterator[bytes]:
    """The bytes of a member, in pieces; more than the directory claims is `roster_bomb`."""
    header = data[member.header_offset : member.header_offset + 30]
    if len(header) < 30 or header[:4] != b"PK\x03\x04":
        raise RosterRefused("roster_broken")
    name_length, extra_length = struct.unpack("<HH", header[26:30])
    start = member.header_offset + 30 + name_length + extra_length
    packed = memoryview(data)[start : start + member.compress_size]
    if member.compress_type == zipfile.ZIP_STORED:
        if member.file_size != len(packed):
            raise RosterRefused("roster_broken")
        yield bytes(packed)
        return
    machine = zlib.decompressobj(-15)
    left = member.file_size
    try:
        piece = machine.decompress(packed, _CHUNK)
        while piece:
            left -= len(piece)
            if left < 0:
                raise RosterRefused("roster_bomb")
            yield piece
            piece = machine.decompress(machine.unconsumed_tail, _CHUNK)
    except zlib.error as error:
        raise RosterRefused("roster_broken") from error
    if left:
        raise RosterRefused("roster_broken")
