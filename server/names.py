"""Pinyin of Chinese names, for finding people by initials. Loaded on first use: the dictionary is large."""

from __future__ import annotations

import os
from collections.abc import Callable, Container
from functools import cache, lru_cache
from pathlib import Path

import msgspec

SURNAMES = {
    "单": "shan", "曾": "zeng", "解": "xie", "仇": "qiu", "查": "zha", "盖": "ge", "覃": "qin",
    "区": "ou", "朴": "piao", "任": "ren", "华": "hua", "尹": "yin", "乐": "yue", "翟": "zhai",
    "缪": "miao", "宓": "mi", "冼": "xian", "员": "yun", "折": "she", "重": "chong", "种": "chong",
    "秘": "bi", "逄": "pang", "万俟": "mo qi", "尉迟": "yu chi", "长孙": "zhang sun", "澹台": "tan tai",
}  # fmt: skip
"""Characters read otherwise in a surname than in common words."""


@lru_cache(maxsize=20_000)
def pinyin(name: str) -> str:
    """Syllables without tones, lower case, separated by spaces: 谷小满 → `gu xiao man`."""
    for length in (2, 1):
        surname = SURNAMES.get(name[:length]) if len(name) > length else None
        if surname:
            return f"{surname} {_syllables(name[length:])}"
    return _syllables(name)


def _syllables(text: str) -> str:
    """Most names hold no word of the dictionary; then each character has its own reading, known by heart."""
    if len(text) <= 4 and not any(text[a:b] in _words() for a, b in _SPANS if b <= len(text)):
        readings = [_syllable(character) for character in text]
        if "" not in readings:
            return " ".join(readings)
    return " ".join(_lazy_pinyin()(text)).lower()


_SPANS = [(a, b) for a in range(4) for b in range(a + 2, 5)]


@lru_cache(maxsize=20_000)
def _syllable(character: str) -> str:
    """The reading of one Chinese character; '' if it is none, or has none."""
    read = "".join(_lazy_pinyin()(character)).lower()
    return read if read.isascii() and not character.isascii() else ""


@cache
def _words() -> Container[str]:
    return _loaded()[0]


@cache
def _lazy_pinyin() -> Callable[[str], list[str]]:
    return _loaded()[1]


@cache
def _loaded() -> tuple[Container[str], Callable[[str], list[str]]]:
    """pypinyin with its words read by us: it takes 57 MB as it reads them itself, half a server's memory, and 29 so."""
    os.environ["PYPINYIN_NO_PHRASES"] = os.environ["PYPINYIN_NO_DICT_COPY"] = "1"
    import pypinyin
    from pypinyin.constants import PHRASES_DICT

    pypinyin.load_phrases_dict(words_of(Path(pypinyin.__file__).with_name("phrases_dict.json")))
    return PHRASES_DICT, pypinyin.lazy_pinyin


def words_of(file: Path) -> dict[str, list[list[str]]]:
    """Word -> readings of each character. The same few hundred syllables say them all, so each is there once."""
    each: dict[tuple[str, ...], list[str]] = {}
    raw = msgspec.json.decode(file.read_bytes(), type=dict[str, msgspec.Raw])
    return {
        word: [each.setdefault(tuple(it), it) for it in msgspec.json.decode(readings)]
        for word, readings in raw.items()
    }
