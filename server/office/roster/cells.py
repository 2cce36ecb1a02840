"""Cells as people fill them: tidied text, recognised blanks, names, yes and no.

`tidy` is for what is kept, `fold` for what is only compared. Both know nothing of columns.
"""

import re
import unicodedata
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from server.office.roster.sheet import Value
from server.workers.sheets import INJECTION

_INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\u00ad]")
_WIDE = {wide: wide - 0xFEE0 for wide in range(0xFF10, 0xFF5B) if chr(wide - 0xFEE0).isalnum()}
_SPACE = re.compile(r"[ \t\u00a0\u3000\u2000-\u200a]+")

_BLANKS = (
    "- -- --- — —— / \\ 、 无 暂无 没有 不详 未知 不清楚 空 none n/a null 0.0 … …… "
    "#n/a #ref! #value! #name? #div/0!"
)
BLANKS = frozenset(unicodedata.normalize("NFKC", it) for it in _BLANKS.split()) | {""}
"""What people write where there is nothing to write, folded."""

YES = frozenset(["是", "有", "√", "✓", "✔", "v", "y", "yes", "1", "对", "☑", "已", "真", "true"])
NO = frozenset(
    ["否", "无", "×", "✗", "✘", "x", "n", "no", "0", "没有", "不是", "不", "未", "☐", "false"]
)

_NAME = re.compile(r"^[\u3400-\u9fff\U00020000-\U000323af〇○A-Za-z· ]{2,20}$")
_REMARK = re.compile(r"[(\[（【〔]([^()\[\]（）【】〔〕]*)[)\]）】〕]?")


def shown(value: Value) -> str:
    """A cell's value as text, the way the sheet shows it to a person."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, float):
        # A sheet holds and shows 15 digits; what a float says beyond them is noise.
        return f"{Decimal(f'{value:.15g}'):f}" if abs(value) < 1e21 else repr(value)
    if isinstance(value, datetime):
        if value.time() == time(0):
            return value.date().isoformat()
        return value.isoformat(" ", "seconds")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return str(value)
    return str(value)


def tidy(value: Value) -> str:
    """Text to keep: wide digits and letters made narrow, invisible marks and outer space gone."""
    text = _INVISIBLE.sub("", shown(value)).translate(_WIDE)
    lines = (_SPACE.sub(" ", line).strip() for line in text.splitlines())
    return " ".join(line for line in lines if line)


def fold(value: Value) -> str:
    """Text to compare: compatibility forms unified, lower case, no space at all."""
    text = unicodedata.normalize("NFKC", _INVISIBLE.sub("", shown(value)))
    return "".join(text.split()).lower()


def is_blank(value: Value) -> bool:
    """Whether a cell says nothing: empty, or one of the marks for nothing."""
    return value is None or fold(value) in BLANKS


def is_injection(value: Value) -> bool:
    """Whether text would be taken for a formula by a sheet program (and says something at all)."""
    return isinstance(value, str) and not is_blank(value) and value.startswith(INJECTION)


def name_of(value: Value) -> tuple[str, str]:
    """A person's name and the remark that stood with it: `谷 大叔（已故）` is 谷大叔 and 已故.

    The name is "" when the cell holds none; whether it is one, `is_name` tells.
    """
    if is_blank(value):
        return "", ""
    text = tidy(value)
    remark = ",".join(found.strip() for found in _REMARK.findall(text))
    text = _REMARK.sub("", text)
    text = re.sub(r"[\u30fb\u2022\uff0e\u2027\u00b7]", "·", text).strip(" ,，、;；:：*·'\"")
    if not re.search(r"[A-Za-z]", text):
        text = text.replace(" ", "")
    return text, remark


def is_name(text: str) -> bool:
    """Whether text can be a name: 2 to 20 Chinese characters or letters, `·` allowed."""
    return _NAME.match(text) is not None


def yes_no(value: Value) -> bool | None:
    """√, 是, 有, 1 and their opposites; `None` when it is neither."""
    text = fold(value)
    if text in YES:
        return True
    return False if text in NO else None


def names_of(value: Value) -> list[tuple[str, str]]:
    """Several names in one cell, cut at the marks people put between them."""
    pieces = re.split(r"[、,，;；/\n\r]|和|及", shown(value))
    found = [name_of(piece) for piece in pieces]
    return [pair for pair in found if pair[0]]
