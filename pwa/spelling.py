"""Writes src/search/spelling-table.ts: the reading of each character of GB 2312, without its tone.

The 6,763 characters are not listed: a browser can spell them itself by decoding the code table in
order, so two letters a character, which name a syllable, are enough. Level 1 stands in order of its readings
and packs to almost nothing. Surnames read otherwise than the character usually is are the server's own
(server/names.py). Run with the project's Python after a new release of pypinyin.
"""

import sys
from pathlib import Path

from pypinyin import lazy_pinyin

HERE = Path(__file__).parent
ROWS = (*range(0xB0, 0xF8),)
CELLS = (*range(0xA1, 0xFF),)
LETTERS = "abcdefghijklmnopqrstuvwxyz"


def reading(row: int, cell: int) -> str:
    try:
        character = bytes((row, cell)).decode("gb2312")
    except UnicodeDecodeError:
        return ""
    return lazy_pinyin(character)[0]


def main() -> None:
    sys.path.insert(0, str(HERE.parent))
    from server.names import SURNAMES

    readings = [reading(row, cell) for row in ROWS for cell in CELLS]
    syllables = sorted(set(readings))
    places = {syllable: at for at, syllable in enumerate(syllables)}
    cells = "".join(
        LETTERS[places[it] // len(LETTERS)] + LETTERS[places[it] % len(LETTERS)] for it in readings
    )
    surnames = ",".join(f"{name} {reading}" for name, reading in SURNAMES.items())
    (HERE / "src" / "search" / "spelling-table.ts").write_text(
        "// Written by pwa/spelling.py from pypinyin and server/names.py: syllables, the syllable of each cell of\n"
        "// GB 2312, rows B0 to F7, as two letters, and surnames with a reading of their own.\n"
        f'export const SYLLABLES = "{" ".join(syllables)}";\n'
        f'export const CELLS =\n  "{cells}";\n'
        f'export const SURNAMES = "{surnames}";\n',
        encoding="utf-8",
    )


if __name__ == "__main__":
    main()
