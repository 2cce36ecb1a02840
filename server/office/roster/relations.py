"""Kinship words as codes of GB/T 4761-2008 and as kinds of care.

The standard's code says what the carer is to the child. Rosters also write the pair (祖孙, 母子) or
what the child is to the carer (孙子): those leave the carer's sex open, which then decides.
"""

import re
from dataclasses import dataclass

from server.office.roster.cells import fold
from server.office.roster.sheet import Value

_WORDS: dict[str, str] = {
    "51": "父 父亲 爸爸 爸 生父 父子 父女",
    "52": "母 母亲 妈妈 妈 生母 母子 母女",
    "57": "继父 养父 继父或养父 后爸 后父",
    "58": "继母 养母 继母或养母 后妈",
    "61": "祖父 爷爷 爷 公公 爹爹 爷孙 祖父(爷爷) 阿公",
    "62": "祖母 奶奶 奶 婆婆 娭毑 奶孙 婆孙 祖母(奶奶) 阿婆",
    "63": "外祖父 外公 姥爷 家公 外祖父(外公)",
    "64": "外祖母 外婆 姥姥 家婆 外祖母(外婆)",
    "66": "曾祖父 太爷爷 太公 老太爷",
    "67": "曾祖母 太奶奶 太婆",
    "71": "兄 哥哥 兄长 大哥 哥",
    "75": "姐 姐姐 大姐 姊",
    "81": "伯父 伯伯 大伯 伯 大爷爷",
    "82": "伯母 大妈 大娘 伯娘",
    "83": "叔父 叔叔 小叔 叔 叔侄",
    "84": "婶母 婶婶 婶 婶娘",
    "85": "舅父 舅舅 舅 舅甥",
    "86": "舅母 舅妈",
    "87": "姨父 姨夫 姨爹",
    "88": "姨母 姨妈 姨 阿姨 姨娘 小姨 大姨",
    "89": "姑父 姑夫 姑爹",
    "90": "姑母 姑姑 姑妈 姑 大姑 小姑",
    "91": "堂兄 堂姐 堂兄姐 堂哥",
    "92": "表兄 表姐 表兄姐 表哥",
    "97": "亲戚 亲属 其他亲属 其他亲戚 亲友",
    "99A": "教师 老师 班主任",
    "99B": "邻居 邻里",
    "99C": "朋友 父母朋友",
    "99": "非亲属 其他",
}
_BY_WORD = {word: code for code, words in _WORDS.items() for word in words.split()}
_MALE = frozenset(["51", "57", "61", "63", "66", "71", "81", "83", "85", "87", "89"])
_FEMALE = frozenset(["52", "58", "62", "64", "67", "75", "82", "84", "86", "88", "90"])
_OPEN: dict[str, tuple[str, str, str]] = {
    "祖孙": ("61", "62", "GPP"),
    "孙子": ("61", "62", "GPP"),
    "孙女": ("61", "62", "GPP"),
    "祖父母": ("61", "62", "GPP"),
    "爷爷奶奶": ("61", "62", "GPP"),
    "外祖孙": ("63", "64", "GPM"),
    "外孙": ("63", "64", "GPM"),
    "外孙女": ("63", "64", "GPM"),
    "外祖父母": ("63", "64", "GPM"),
    "外公外婆": ("63", "64", "GPM"),
    "儿子": ("51", "52", ""),
    "女儿": ("51", "52", ""),
    "子": ("51", "52", ""),
    "女": ("51", "52", ""),
    "父母": ("51", "52", ""),
}
_KINDS = {"61": "GPP", "62": "GPP", "63": "GPM", "64": "GPM", "66": "REL", "67": "REL", "51": "FA"}
_KINDS |= {"57": "FA", "52": "MO", "58": "MO", "71": "SIB", "75": "SIB", "99A": "TCH", "99B": "FRI"}
_KINDS |= {"99C": "FRI", "99": "FRI"}


@dataclass(frozen=True, slots=True)
class Relation:
    """What a carer is to the child. `sure` is false when the word left it open."""

    code: str
    carer_kind: str
    sex: str
    sure: bool = True


def read_relation(value: Value, carer_sex: str = "") -> Relation | None:
    """The relation a word means, `None` for a word that is none."""
    word = re.sub(r"^(儿童|孩子|其|系|与儿童系)的?|关系$", "", fold(value))
    if word in _OPEN:
        male, female, kind = _OPEN[word]
        if carer_sex in ("1", "2"):
            code = male if carer_sex == "1" else female
            return Relation(code, kind or _KINDS[code], carer_sex)
        return Relation("97", kind, "", sure=False) if kind else None
    code = _BY_WORD.get(word) or _BY_WORD.get(re.sub(r"\([^)]*\)", "", word), "")
    if not code and word in _WORDS:
        code = word
    if not code:
        return None
    sex = "1" if code in _MALE else "2" if code in _FEMALE else ""
    return Relation(code, _KINDS.get(code, "REL"), sex)


def is_relation_word(value: Value) -> bool:
    """Whether a cell meant for a name holds a kinship word instead (监护人: 爷爷)."""
    word = fold(value)
    return word in _BY_WORD or word in _OPEN
