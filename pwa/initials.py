"""Writes src/search/initials-table.ts: the first letter of the reading of each character of GB 2312.

The 6,763 characters are not listed: a browser can spell them itself by decoding the code table in
order, so one letter a character is enough. Level 1 stands in order of its readings and packs to
almost nothing. Run with the project's Python after a new release of pypinyin.
"""

from pathlib import Path

from pypinyin import lazy_pinyin

ROWS = (*range(0xB0, 0xF8),)
CELLS = (*range(0xA1, 0xFF),)


def initial(row: int, cell: int) -> str:
    try:
        character = bytes((row, cell)).decode("gb2312")
    except UnicodeDecodeError:
        return "-"
    return lazy_pinyin(character)[0][0]


def main() -> None:
    letters = "".join(initial(row, cell) for row in ROWS for cell in CELLS)
    target = Path(__file__).parent / "src" / "search" / "initials-table.ts"
    target.write_text(
        "// Written by pwa/initials.py from pypinyin; one letter for each cell of GB 2312, rows B0 to F7.\n"
        f'export const INITIALS =\n  "{letters}";\n',
        encoding="utf-8",
    )


if __name__ == "__main__":
    main()
