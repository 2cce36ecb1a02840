"""Words of a roster as codes of the programme's lists.

A word is a code's name, its label, or a synonym from the table below; failing that, the one label
which contains it or is contained in it, unless what is left over denies it. Anything else is not guessed.
"""

import re

from server.office.roster.cells import fold, is_blank, shown, yes_no
from server.office.roster.sheet import Value
from server.programme import Programme

SYNONYMS: dict[str, str] = {
    "sex": "男孩=1 女孩=2 男性=1 女性=2 男生=1 女生=2 m=1 f=2",
    "hukou_type": "农业=RUR 农业户口=RUR 农=RUR 农户=RUR 农村户口=RUR 非农=URB 非农业=URB 非农业户口=URB "
    "居民=URB 城镇户口=URB 无户口=NONE 黑户=NONE 无=NONE",
    "left_behind_fact": "父母均外出=B 父母双方均外出=B 双方外出=B 双方=B 双亲外出=B 均外出=B 双留守=B "
    "父母都外出=B 父母外出=B 双方在外=B 父母双方在外=B 父母均在外=B 完全留守=B 双亲=B 双方务工=B "
    "父母均外出务工=B 父母双方外出务工=B 父外出=F 仅父外出=F 父亲外出=F 父亲一方外出=F 父=F 父在外=F "
    "单方(父)=F 父亲外出务工=F 父外出务工=F 母外出=M 仅母外出=M 母亲外出=M 母亲一方外出=M 母=M 母在外=M "
    "单方(母)=M 母亲外出务工=M 母外出务工=M 均在家=N 父母在家=N 父母均在家=N 都在家=N 非留守=N 否=N "
    "父亡=D 母亡=D 父母双亡=D 孤儿=D 父母失联=D 事实无人抚养=D 父去世=D 母去世=D 父服刑=D 母服刑=D",
    "boarding": "是=2 否=1 住校=2 住读=2 寄宿=2 不住校=1 通学=1 不寄宿=1 校外=3 √=2",
    "health": "良好=1 好=1 正常=1 良=1 身体健康=1 一般=2 较差=2 差=2 有病=3 残=6 残疾人=6",
    "guardian_assess": "好=1 良好=1 监护情况较好=1 监护情况一般=2 较差=3",
    "risk_level": "高=R 高风险=R 红=R 红色=R 中高=O 中高风险=O 橙=O 橙色=O 中=Y 中风险=Y 黄=Y 黄色=Y "
    "低=G 低风险=G 绿=G 绿色=G",
    "school_result": "优=A 良=B 好=B 中=C 一般=C 及格=C 差=D 较差=D 不及格=D",
    "home_parent_capacity": "有=Y 有能力=Y 重病=N1 重残=N2 无=N3 无能力=N3",
    "income_source": "打工=1 务工=1 外出务工=1 种田=2 种植=2 养殖=2 务农=2 种植业=2 养殖业=2",
    "welfare": "低保户=1 五保=5 特困=5 孤儿=6 事实无人抚养=7 建档立卡=10 贫困户=10 建档立卡户=10 脱贫户=10 "
    "监测户=10 一般户=NONE 普通户=NONE 无=NONE",
    "away": "外出=A 务工=A 外出务工=A 是=A 在外务工=A 打工=A 否=H 家中=H 在家务农=H 务农=H 未外出=H",
    "alive": "是=Y 在=Y 健在=Y 否=N 亡=N 已故=N 去世=N 死亡=N 已亡故=N 亡故=N 病故=N 故=N 下落不明=L "
    "失踪=L 离家出走=L 出走=L",
    "id_absent_reason": "无户口=NOREG 没上户口=NOREG 未上户=NOREG 未上户口=NOREG 未登记=NOREG 未办=NOTYET "
    "未办证=NOTYET 未登记户口=NOREG 拒绝=REF",
    "home_habit": "一年一次=S 过年=S 年底=S 春节=S 半年=H 半年一次=H 每月一次=M 每季=Q",
    "guardianship_basis": "委托=ORAL 委托监护=ORAL 书面=WRIT 口头=ORAL 法定=LAW",
    "ethnic": "汉=01",
}
"""List name → `word=code or label`, words folded."""

_DENIES = re.compile("[不没未非无]")
_AREA_ENDS = re.compile(
    r"(壮族|回族|维吾尔|土家族|苗族|藏族|彝族|朝鲜族)*(自治区|自治州|地区|省|市|盟|州)$"
)


class Choices:
    """The programme's lists, looked up by what people write."""

    def __init__(self, programme: Programme) -> None:
        self._programme = programme
        self._tables: dict[str, dict[str, str]] = {}
        self._areas: dict[str, str | None] = {}

    def list_of(self, type_name: str, field: str) -> str:
        """The name of a field's list, "" for a field without one (or no such field)."""
        record_type = self._programme.types[type_name]
        found = record_type.fields.get(field)
        return (found.list or "") if found is not None else ""

    def has(self, type_name: str, field: str) -> bool:
        """Whether a type has a field."""
        return field in self._programme.types[type_name].fields

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
        near = {code for label, code in table.items() if len(label) > 1 and _is_near(word, label)}
        return near.pop() if len(near) == 1 else None

    def codes(self, type_name: str, field: str, value: Value) -> tuple[list[str], list[str]]:
        """Codes of a field with several choices, and the words that are none of them."""
        name = self.list_of(type_name, field)
        known: set[str] = set()
        unknown: list[str] = []
        for piece in re.split(r"[、,，;；/\s]+", shown(value)):
            if is_blank(piece):
                continue
            code = self.of_list(name, piece)
            if code is None:
                unknown.append(piece)
            else:
                known.add(code)
        return sorted(known), unknown

    def area(self, value: Value) -> str | None:
        """The code of the place of work a text names: 广东东莞 is the city, 广东 the province."""
        text = fold(value)
        if text not in self._areas:
            self._areas[text] = self._area(text)
        return self._areas[text]

    def _area(self, text: str) -> str | None:
        found: tuple[int, str] | None = None
        province = ""
        for choice in self._programme.lists.get("work_area", ()):
            label = choice.label.zh
            if choice.name.endswith("0000"):
                province = label
            city = _AREA_ENDS.sub("", label.removeprefix(province)) if label != province else ""
            stem = _AREA_ENDS.sub("", province)
            score = 2 * (len(city) > 1 and city in text) + (len(stem) > 1 and stem in text)
            if city and score < 2:
                continue
            if score and (found is None or score > found[0]):
                found = score, choice.name
        return found[1] if found else None

    def labels(self, type_name: str, field: str) -> dict[str, str]:
        """The codes of a field's list with their Chinese labels."""
        name = self.list_of(type_name, field)
        return {it.name: it.label.zh for it in self._programme.lists.get(name, ())}

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


def _is_near(word: str, label: str) -> bool:
    """Whether one contains the other and what is left denies nothing: 不健康 is not 健康."""
    short, long = sorted((word, label), key=len)
    return short in long and not _DENIES.search(long.replace(short, "", 1))
