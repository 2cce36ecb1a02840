"""The short way to a name's pinyin reads as the long one."""

from __future__ import annotations

import random

from pypinyin import lazy_pinyin
from pypinyin.constants import PHRASES_DICT, PINYIN_DICT

from server.names import SURNAMES, pinyin


def test_a_name_reads_as_the_dictionary_reads_it() -> None:
    chance = random.Random(7)
    characters = [*map(chr, PINYIN_DICT), *"A· 1é"]
    words = sorted(PHRASES_DICT)
    for _ in range(5_000):
        name = "".join(chance.choice(characters) for _ in range(chance.randrange(5)))
        if chance.random() < 0.5:
            name += chance.choice(words)[:3]
        if name[:1] not in SURNAMES and name[:2] not in SURNAMES:
            assert pinyin(name) == " ".join(lazy_pinyin(name)).lower(), name
