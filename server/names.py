"""Pinyin of Chinese names, for finding people by initials. It reads as pypinyin's `lazy_pinyin` does, from its two
dictionaries; kept here in 2 MB, where pypinyin itself takes 57, half a server's memory. Loaded on first use."""

from __future__ import annotations

import unicodedata
from array import array
from collections.abc import Iterator
from functools import cache, lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import TypeVar

import msgspec

T = TypeVar("T")
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
    return " ".join(_dictionary().read(text)).lower()


@cache
def _dictionary() -> Dictionary:
    spec = find_spec("pypinyin")
    assert spec is not None
    assert spec.origin is not None
    return Dictionary(Path(spec.origin).parent)


PLACES = 1 << 17
"""Of the table of words: with 47,000 of them most are found, or not, at the first place."""


class Dictionary:
    """How each character reads, and each word of two characters or more. Numbers in arrays: an object for each word,
    and for each of its readings, would take ten times as much."""

    def __init__(self, folder: Path) -> None:
        self._syllables = [""]
        """Every reading there is, once. The others are named by their places here."""
        numbers: dict[str, int] = {}

        def number(reading: str) -> int:
            said = _without_tone(reading)
            if said not in numbers:
                numbers[said] = len(self._syllables)
                self._syllables.append(said)
            return numbers[said]

        characters = _read(folder / "pinyin_dict.json", dict[int, str])
        self._of_character = array("H", bytes(2 * (max(characters) + 1)))
        for code, readings in characters.items():
            self._of_character[code] = number(readings.partition(",")[0])
        del characters
        words = _read(folder / "phrases_dict.json", dict[str, msgspec.Raw])
        self._longest = max(map(len, words))
        self._text = "".join(words)
        self._of_text, self._starts = array("H"), array("I", [0])
        self._table = array("I", bytes(4 * PLACES))
        for count, (word, raw) in enumerate(words.items(), 1):
            self._of_text.extend([number(it[0]) for it in msgspec.json.decode(raw)])
            self._starts.append(len(self._of_text))
            place = hash(word) % PLACES
            while self._table[place]:
                place = (place + 1) % PLACES
            self._table[place] = count

    def read(self, text: str) -> Iterator[str]:
        """The readings of Chinese characters one by one, each in the longest word that begins where the last one
        ended; between them what is not Chinese, as it is."""
        at = begun = 0
        while at < len(text):
            if not _is_chinese(text[at]):
                at += 1
                continue
            if begun < at:
                yield text[begun:at]
            readings = self._word_at(text, at)
            yield from readings
            at = begun = at + len(readings)
        if begun < at:
            yield text[begun:at]

    def _word_at(self, text: str, at: int) -> list[str]:
        for length in range(min(self._longest, len(text) - at), 1, -1):
            start = self._find(text[at : at + length])
            if start is not None:
                return [self._syllables[it] for it in self._of_text[start : start + length]]
        character = text[at]
        code = ord(character)
        known = self._of_character[code] if code < len(self._of_character) else 0
        return [self._syllables[known] if known else character]

    def _find(self, word: str) -> int | None:
        """Where a word's readings begin."""
        place = hash(word) % PLACES
        while count := self._table[place]:
            start = self._starts[count - 1]
            if self._text[start : self._starts[count]] == word:
                return start
            place = (place + 1) % PLACES
        return None


def _read(file: Path, as_type: type[T]) -> T:
    return msgspec.json.decode(file.read_bytes(), type=as_type)


def _without_tone(reading: str) -> str:
    """`lǜ` → `lv`."""
    parts = unicodedata.normalize("NFD", reading).replace("u\u0308", "v")
    return "".join(it for it in parts if not unicodedata.combining(it))


def _is_chinese(character: str) -> bool:
    """Also of the few characters nobody knows how to read."""
    return (
        "㐀" <= character <= "鿿"
        or character == "〇"
        or "\ue815" <= character <= "\ue864"
        or "\uf900" <= character <= "\ufaff"
        or character >= "\U00020000"
    )
