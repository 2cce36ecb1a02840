"""Sums in words, as receipts ask for them."""

import pytest

from server.amounts import in_words


@pytest.mark.parametrize(
    ("fen", "words"),
    [
        (0, "零元整"),
        (1, "壹分"),
        (10, "壹角整"),
        (105, "壹元零伍分"),
        (100, "壹元整"),
        (1_000, "壹拾元整"),
        (10_100, "壹佰零壹元整"),
        (20_000, "贰佰元整"),
        (1_220_000, "壹万贰仟贰佰元整"),
        (1_409_50, "壹仟肆佰零玖元伍角整"),
        (6_007_14, "陆仟零柒元壹角肆分"),
        (1_000_000_00, "壹佰万元整"),
        (1_680_32, "壹仟陆佰捌拾元叁角贰分"),
        (107_000_53, "壹拾万零柒仟元伍角叁分"),
        (100_000_100, "壹佰万零壹元整"),
        (100_000_000_000, "壹拾亿元整"),
        (100_000_010_000, "壹拾亿零壹佰元整"),
        (100_010_000_000, "壹拾亿零壹拾万元整"),
    ],
)
def test_a_sum_in_words(fen: int, words: str) -> None:
    assert in_words(fen) == words


@pytest.mark.parametrize("fen", [-1, 10**14])
def test_a_sum_beyond_words_is_refused(fen: int) -> None:
    with pytest.raises(ValueError, match="cannot be written"):
        in_words(fen)
