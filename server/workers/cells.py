"""Reads the cells of a workbook in a process of its own: bytes in on stdin, MessagePack out on stdout.

The reader is native code, and a broken .xls has made it ask for a terabyte, which ends a process at
once. So it runs here, with bounds on memory and time, and the server only sees that it failed.
Nothing else of ours is loaded, which keeps the start under 0.1 s.

Out: a list of [sheet name, rows]; a cell is null, text, a number, a boolean, or [kind, ISO text] with
kind date, datetime, time or (in seconds) span. Exit status 3: password; 4: cannot be read.
"""

import io
import sys
from datetime import date, datetime, time, timedelta
from typing import Any

import msgspec
from python_calamine import CalamineWorkbook, PasswordError, SheetVisibleEnum

from server.workers import MB, bound

MEMORY = 2048 * MB
"""Bytes of address space; 20,000 rows of 256 columns use about a third."""
PASSWORD, BROKEN = 3, 4


def main() -> int:
    """Reads stdin, writes stdout, answers the exit status."""
    bound(MEMORY)
    sheets: list[tuple[str, list[list[Any]]]] = []
    try:
        with CalamineWorkbook.from_filelike(io.BytesIO(sys.stdin.buffer.read())) as book:
            for about in book.sheets_metadata:
                if about.visible == SheetVisibleEnum.Visible:
                    rows = book.get_sheet_by_name(about.name).to_python(skip_empty_area=False)
                    sheets.append((about.name, [[_plain(cell) for cell in row] for row in rows]))
    except PasswordError:
        return PASSWORD
    except BaseException:
        # A panic of the native code is a BaseException; whatever it is, the file cannot be read.
        return BROKEN
    sys.stdout.buffer.write(msgspec.msgpack.encode(sheets))
    return 0


def _plain(cell: Any) -> Any:
    if cell == "" or cell is None:
        return None
    if isinstance(cell, datetime):
        return ["datetime", cell.isoformat()]
    if isinstance(cell, date):
        return ["date", cell.isoformat()]
    if isinstance(cell, time):
        return ["time", cell.isoformat()]
    if isinstance(cell, timedelta):
        return ["span", str(cell.total_seconds())]
    return cell


if __name__ == "__main__":
    sys.exit(main())
