"""The short way to a name's pinyin reads as the long one."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

import pypinyin as library
from pypinyin import lazy_pinyin
from pypinyin.constants import PHRASES_DICT, PINYIN_DICT

from server.names import SURNAMES, Dictionary, pinyin


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


def test_every_word_and_character_reads_as_the_dictionary_reads_it_also_within_a_longer_text() -> (
    None
):
    chance = random.Random(8)
    ours = Dictionary(Path(library.__file__).parent)
    parts = [*PHRASES_DICT, *map(chr, PINYIN_DICT), "陈", "李A", "𠀻𬺰", "·", " "]
    chance.shuffle(parts)

    for at in range(0, len(parts), 5):
        text = "".join(parts[at : at + 5])
        assert [*ours.read(text)] == lazy_pinyin(text), text


def test_a_server_that_reads_names_holds_the_dictionary_in_a_few_megabytes() -> None:
    """In a process of its own: here the whole dictionary may have been read by others before."""
    program = (
        "from server.names import pinyin\n"
        "before = int(open('/proc/self/statm').read().split()[1])\n"
        "assert pinyin('谷长安') == 'gu chang an' and pinyin('银行') == 'yin hang'\n"
        "pages = int(open('/proc/self/statm').read().split()[1]) - before\n"
        "print(pages * 4096 // 1_000_000)"
    )

    said = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    assert int(said.stdout) < 10
