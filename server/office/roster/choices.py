"""Words of a roster as codes of the programme's lists.

A word is a code's name, its label, or a synonym from the table below; failing that, the one label
which contains it or is contained in it. Anything else is not guessed.
"""

import re

from server.office.roster.cells import fold, is_blank, yes_no
from server.office.roster.sheet import Value
from server.programme import Programme

SYNONYMS: dict[str, str] = {
    "sex": "男=1 女=2 男孩=1 女孩=2 男性=1 女性=2 男生=1 女生=2 m=1 f=2",
    "hukou_type": "农业=农村 农业户口=农村 农=农村 农村户口=农村 非农=城镇 非农业=城镇 非农业户口=城镇 "
    "居民=城镇 无户口=未登记 黑户=未登记",
    "left_behind_fact": "父母均外出=B 父母双方外出=B 父母双方均外出=B 双方外出=B 双方=B 双亲外出=B 均外出=B "
    "父母都外出=B 父母外出=B 双留守=B 双方在外=B 父母双方在外=B 父母均在外=B 完全留守=B 双亲=B "
    "父外出=F 仅父外出=F 父亲外出=F 父亲一方外出=F 父=F 父在外=F 单方(父)=F "
    "母外出=M 仅母外出=M 母亲外出=M 母亲一方外出=M 母=M 母在外=M 单方(母)=M "
    "均在家=N 父母在家=N 父母均在家=N 都在家=N 非留守=N 否=N "
    "单亲父亡=D 父亡=D 母亡=D 父母双亡=D 孤儿=D 父母失联=D 事实无人抚养=D",
    "boarding": "是=寄宿 否=走读 住校=寄宿 住读=寄宿 不住校=走读 通学=走读 不寄宿=走读 校外=校外寄宿",
    "health": "良好=健康 好=健康 正常=健康 一般=体弱 较差=体弱 差=体弱 有病=患病 残=残疾 良=健康 身体健康=健康",
    "guardian_assess": "好=1 较好=1 良好=1 一般=2 较差=3 差=3 监护情况较好=1 监护情况一般=2",
    "risk_level": "高=R 高风险=R 红=R 红色=R 中高=O 中高风险=O 橙=O 橙色=O 中=Y 中风险=Y 黄=Y 黄色=Y "
    "低=G 低风险=G 绿=G 绿色=G",
    "school_result": "优=A 优秀=A 良=B 良好=B 好=B 中=C 中等=C 一般=C 及格=C 差=D 待提高=D 较差=D 不及格=D",
    "home_parent_capacity": "有=Y 有能力=Y 无=N3 重病=N1 重残=N2 无能力=N3",
    "income_source": "打工=打工收入 务工=打工收入 种田=种养殖业 种植=种养殖业 养殖=种养殖业 务农=种养殖业",
    "welfare": "低保户=低保 五保=特困 建档立卡=脱贫户/监测户 贫困户=脱贫户/监测户 脱贫户=脱贫户/监测户 "
    "监测户=脱贫户/监测户 一般户=NONE 无=NONE",
    "away": "外出=在外 务工=在外 是=在外 在外务工=在外 打工=在外 否=在家 家中=在家 在家务农=在家",
    "alive": "是=健在 在=健在 否=已故 亡=已故 去世=已故 死亡=已故 已亡故=已故 已去世=已故 亡故=已故 "
    "下落不明=失联 失踪=失联",
    "id_absent_reason": "无户口=未登记户口 没上户口=未登记户口 未上户=未登记户口 未上户口=未登记户口",
    "home_habit": "一年一次=春节 过年=春节 年底=春节 半年=每半年 每月一次=每月",
}
"""List name → `word=code or label`, words folded."""

_NOTHING = re.compile(r"^(了?不详|未知|未了解)$")


class Choices:
    """The programme's lists, looked up by what people write."""

    def __init__(self, programme: Programme) -> None:
        self._programme = programme
        self._tables: dict[str, dict[str, str]] = {}

    def list_of(self, type_name: str, field: str) -> str:
        """The name of a field's list, "" for a field without one (or no such field)."""
        record_type = self._programme.types[type_name]
        found = record_type.fields.get(field)
        return (found.list or "") if found is not None else ""

    def code(self, type_name: str, field: str, value: Value) -> str | None:
        """The code a cell means for a field with one choice; `None` when it is not known."""
        return self.of_list(self.list_of(type_name, field), value)

    def of_list(self, name: str, value: Value) -> str | None:
        """The code a word means in a list."""
        table = self._table(name)
        word = fold(value)
        if word in table:
            return table[word]
        if name in ("yes_no", "yes_no_unk"):
            answer = yes_no(value)
            return None if answer is None else ("Y" if answer else "N")
        if len(word) < 2:
            return None
        near = {
            code
            for label, code in table.items()
            if len(label) > 1 and (label in word or word in label)
        }
        return near.pop() if len(near) == 1 else None

    def codes(self, type_name: str, field: str, value: Value) -> tuple[list[str], list[str]]:
        """Codes of a field with several choices, and the words that are none of them."""
        name = self.list_of(type_name, field)
        known: set[str] = set()
        unknown: list[str] = []
        for piece in re.split(r"[、,，;；/\s]+", str(value or "")):
            if is_blank(piece):
                continue
            code = self.of_list(name, piece)
            if code is None:
                unknown.append(piece)
            else:
                known.add(code)
        return sorted(known), unknown

    def label(self, name: str, code: str, lang: str = "zh") -> str:
        """The label of a code, the code itself where the list lacks it."""
        for choice in self._programme.lists.get(name, ()):
            if choice.name == code:
                return choice.label.en if lang == "en" else choice.label.zh
        return code

    def _table(self, name: str) -> dict[str, str]:
        if name not in self._tables:
            table: dict[str, str] = {}
            for choice in self._programme.lists.get(name, ()):
                table.setdefault(fold(choice.name), choice.name)
                table.setdefault(fold(choice.label.zh), choice.name)
                table.setdefault(fold(choice.label.en), choice.name)
            for pair in SYNONYMS.get(name, "").split():
                word, _, meant = pair.partition("=")
                code = table.get(fold(meant))
                if code is not None:
                    table.setdefault(fold(word), code)
            self._tables[name] = table
        return self._tables[name]
