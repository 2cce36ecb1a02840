"""Sums of money: in figures, and in the words cheques and receipts ask for (大写金额), by 《支付结算办法》 annex 1."""

from __future__ import annotations

DIGITS = "零壹贰叁肆伍陆柒捌玖"
PLACES = ("", "拾", "佰", "仟")
GROUPS = ("", "万", "亿")


def in_figures(fen: int) -> str:
    """A sum in fen as yuan with both decimals: `-1,234.50`."""
    yuan, rest = divmod(abs(fen), 100)
    return f"{'-' if fen < 0 else ''}{yuan:,}.{rest:02d}"


def in_words(fen: int) -> str:
    """A sum in fen, up to 999,999,999,999.99 yuan, in words. Raises ValueError beyond, or below nothing."""
    if not 0 <= fen < 10**14:
        raise ValueError(f"{fen} fen cannot be written in words")
    yuan, rest = divmod(fen, 100)
    jiao, last = divmod(rest, 10)
    said = f"{_whole(yuan)}元" if yuan else ""
    if not rest:
        return f"{said or '零元'}整"
    if jiao:
        said += f"{DIGITS[jiao]}角"
    elif yuan:
        said += DIGITS[0]
    return said + (f"{DIGITS[last]}分" if last else "整")


def _whole(number: int) -> str:
    """A whole number: groups of four digits, one 零 for any run of noughts between digits."""
    said, skipped = "", False
    digits = str(number)
    for at, digit in enumerate(digits):
        left = len(digits) - 1 - at
        if digit == "0":
            skipped = True
        else:
            said += (DIGITS[0] if skipped and said else "") + DIGITS[int(digit)] + PLACES[left % 4]
            skipped = False
        group = digits[max(0, at - 3) : at + 1] if left % 4 == 0 else ""
        if left and left % 4 == 0 and group.strip("0"):
            said += GROUPS[left // 4]
    return said
