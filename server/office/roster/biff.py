"""What an .xls stream holds, told from its records ([MS-XLS]) before any value is read.

Only positions, lengths and formulas are looked at: enough to know that reading the sheets cannot
use more memory than a roster may, and which cells are computed.
"""

import struct
from collections.abc import Iterator

from server.office.roster.errors import RosterRefused
from server.office.roster.sheet import Extent, Merge

_FORMULA, _EOF, _FILEPASS, _CONTINUE = 0x0006, 0x000A, 0x002F, 0x003C
_BOUNDSHEET, _MULRK, _MERGE, _SST, _LABELSST, _DIMENSIONS = 0x85, 0xBD, 0xE5, 0xFC, 0xFD, 0x200
_ROW, _BOF = 0x208, 0x809
_CELLS = {_FORMULA, _LABELSST, 0x0D6, 0x203, 0x204, 0x205, 0x27E}


def scan(stream: bytes) -> dict[str, Extent]:
    """Each sheet of a workbook stream by its name, in order.

    Raises `RosterRefused` for an encrypted or a broken stream.
    """
    offsets: dict[str, int] = {}
    lengths: list[int] = []
    try:
        for kind, body in _records(stream, 0):
            if kind == _FILEPASS:
                raise RosterRefused("roster_encrypted")
            if kind == _BOUNDSHEET:
                offsets[_sheet_name(body)] = struct.unpack_from("<I", body)[0]
            if kind == _SST:
                lengths = _string_lengths(body)
        return {name: _sheet(stream, offset, lengths) for name, offset in offsets.items()}
    except (struct.error, IndexError, UnicodeDecodeError) as error:
        raise RosterRefused("roster_broken") from error


def _sheet_name(body: bytes) -> str:
    wide = body[7] & 0x01
    name = body[8 : 8 + body[6] * (2 if wide else 1)]
    return name.decode("utf-16-le" if wide else "latin-1")


def _records(stream: bytes, at: int) -> Iterator[tuple[int, bytes]]:
    """Records up to the end of the substream at `at`; a string table comes with what continues it.

    The pieces of a string table are kept apart by their lengths, see `_string_lengths`.
    """
    depth = 0
    while at + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, at)
        body = stream[at + 4 : at + 4 + length]
        at += 4 + length
        if kind == _BOF:
            depth += 1
        elif kind == _EOF:
            depth -= 1
            if depth <= 0:
                return
        elif kind == _SST:
            pieces = [body]
            while at + 4 <= len(stream):
                following, length = struct.unpack_from("<HH", stream, at)
                if following != _CONTINUE:
                    break
                pieces.append(stream[at + 4 : at + 4 + length])
                at += 4 + length
            head = struct.pack("<I", len(pieces))
            sizes = struct.pack(f"<{len(pieces)}I", *(len(piece) for piece in pieces))
            body = head + sizes + b"".join(pieces)
        if depth <= 1:
            yield kind, body


def _sheet(stream: bytes, offset: int, lengths: list[int]) -> Extent:
    rows = columns = cells = text = declared = row_records = 0
    formulas: set[tuple[int, int]] = set()
    merges: list[Merge] = []
    for kind, body in _records(stream, offset):
        if kind in _CELLS or kind == _MULRK:
            row, column = struct.unpack_from("<HH", body)
            last = struct.unpack_from("<H", body, len(body) - 2)[0] if kind == _MULRK else column
            rows, columns = max(rows, row + 1), max(columns, last + 1)
            cells += last - column + 1
            if kind == _FORMULA:
                formulas.add((row, column))
            if kind == _LABELSST:
                index = struct.unpack_from("<I", body, 6)[0]
                text += lengths[index] if index < len(lengths) else 0
        elif kind == _ROW:
            row_records = max(row_records, struct.unpack_from("<H", body)[0] + 1)
        elif kind == _DIMENSIONS:
            declared = struct.unpack_from("<I", body, 4)[0]
        elif kind == _MERGE:
            for at in range(2, 2 + struct.unpack_from("<H", body)[0] * 8, 8):
                top, bottom, left, right = struct.unpack_from("<4H", body, at)
                merges.append(Merge(top, left, bottom, right))
    return Extent(
        rows, columns, cells, declared, row_records, text, frozenset(formulas), tuple(merges)
    )


def _string_lengths(body: bytes) -> list[int]:
    """Characters of each shared string. A string may run on into the next piece of the table."""
    count = struct.unpack_from("<I", body)[0]
    sizes = struct.unpack_from(f"<{count}I", body, 4)
    at = 4 + 4 * count
    ends: list[int] = []
    for size in sizes:
        ends.append((ends[-1] if ends else at) + size)
    total = struct.unpack_from("<I", body, at + 4)[0]
    at += 8
    piece = 0
    lengths: list[int] = []
    while len(lengths) < total and at < len(body):
        while piece < len(ends) - 1 and at >= ends[piece]:
            piece += 1
        characters, flags = struct.unpack_from("<HB", body, at)
        at += 3
        runs = extra = 0
        if flags & 0x08:
            runs = struct.unpack_from("<H", body, at)[0]
            at += 2
        if flags & 0x04:
            extra = struct.unpack_from("<I", body, at)[0]
            at += 4
        lengths.append(characters)
        width = 2 if flags & 0x01 else 1
        left = characters
        while left:
            fits = min(left, max(0, (ends[piece] - at) // width))
            left -= fits
            at += fits * width
            if left:
                piece += 1
                if piece >= len(ends):
                    raise RosterRefused("roster_broken")
                width = 2 if body[at] & 0x01 else 1
                at += 1
        at += runs * 4 + extra
    return lengths
