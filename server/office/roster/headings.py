"""Which heading of a roster means what: one table of subjects, fields and the words people use.

A target is `subject.field`. Subjects are the people and things one row of a roster speaks of:
`child`, `household`, `father`, `mother`, `parents` (both at once), `carer`, `head` (of the
household), the four grandparents of the 2016 form, `teacher`, and `row` for what only helps reading. The first word of each line is the
heading we print in templates and exports; the others are understood. The programme's own synonyms
(`Field.roster`) are added to these.
"""

import re
from collections.abc import Iterable, Mapping

from server.office.roster.cells import fold

HEADINGS: dict[str, str] = {
    "row.number": "序号 编号 号 no. no 序",
    "row.ignored": "退回原因 填表人 填报人 所在村 行政村 村名 村 乡镇 镇 县 与户主关系 档案号 核对情况 "
    "更新时间 登记时间 登记日期 填表日期 签名 联系人 负责人 复核人 有无委托其他监护人",
    "row.note": "备注 说明 其他情况 备注说明",
    "household.household_no": "户号 户编号 家庭编号 户籍编号",
    "household.grid_code": "村民组 网格 组别 小组 组 所属网格 村组 村民小组 所在组 网格名称 屋场 自然村 "
    "所在村民组 网格/村民组 组名 村小组",
    "household.head_name": "户主姓名 户主 户主名",
    "household.address": "家庭详细地址 家庭住址 家庭地址 住址 现住址 现居住地 详细地址 居住地址 "
    "家庭详细住址 家住 现居地 家庭现住址 地址 居住地",
    "household.hukou_address": "户籍所在地 户籍地 户口所在地 户籍地址 户口地址",
    "household.hukou_type": "户籍性质 户口性质 户口类型 户籍类型 户口类别",
    "household.population": "家庭人口 人口数 家庭人口数 总人口 人口",
    "household.away_count": "外出人数 外出务工人数 务工人数",
    "household.income_source": "经济来源 家庭经济来源 收入来源",
    "household.welfare": "救助情况 享受救助 救助帮扶 享受政策 享受救助情况 家庭类别",
    "household.carer_language": "沟通语言 语言",
    "household.location_hint": "找路说明 位置",
    "head.id_number": "户主身份证号 户主身份证 户主身份证号码",
    "head.phones": "户主电话 户主联系电话 户主手机",
    "child.name": "儿童姓名 姓名 学生姓名 孩子姓名 留守儿童姓名 小孩姓名 被监护人姓名 名字 留守儿童 "
    "学生 孩子 儿童 留守学生姓名",
    "child.former_name": "曾用名 小名 乳名 曾用名/小名",
    "child.sex": "性别 儿童性别",
    "child.birth_date": "出生日期 出生年月 出生年月日 生日 出生时间 出生 生年月日 出生年 儿童出生日期",
    "child.age": "年龄 周岁 实足年龄 岁数 年龄/岁 周岁年龄",
    "child.nominal_age": "虚岁",
    "child.ethnic": "民族",
    "child.id_number": "公民身份号码 身份证号 身份证号码 公民身份证号码 居民身份证号 证件号码 身份证 "
    "儿童身份证号 身份证件号 居民身份证号码 身份号码",
    "child.phones": "儿童电话 本人电话 学生电话",
    "child.hukou_registered": "是否登记户口 有无户口",
    "child.health": "身体状况 健康状况 身体情况 健康情况 健康",
    "child.left_behind_fact": "留守类型 留守情况 父母外出情况 外出情况 留守原因 类型 留守类别 父母状况",
    "child.both_away": "父母双方同时外出 父母双方外出 父母均外出 父母是否均外出 双方外出",
    "child.one_away_unable": "一方外出另一方无监护能力",
    "child.unable_parent": "无监护能力 无监护能力一方 无监护能力的一方",
    "child.disability": "残疾类别及等级 残疾类别和等级 残疾情况",
    "child.home_parent_capacity": "在家一方能力 在家一方监护能力",
    "child.left_since": "留守起始 留守时间 留守起始时间 开始留守时间 何时留守",
    "child.school_name": "学校 就读学校 所在学校 学校名称 就读学校名称 幼儿园 学校(幼儿园)",
    "child.school_stage": "学段 就学情况 就读情况 学业情况 上学情况",
    "child.grade": "年级 就读年级 年级班级 班级年级 所在年级 年级/班级 年级(班级) 所在班级 就读班级",
    "child.class_name": "班级 班",
    "child.boarding": "寄宿 是否寄宿 住校 是否住校 住宿 是否学校寄宿",
    "child.school_result": "学习成绩 成绩 学习情况",
    "child.guardian_assess": "监护评估 监护情况 监护评估等级 监护类型",
    "child.risk_level": "风险等级 风险 等级",
    "child.hobby": "爱好 兴趣爱好",
    "child.talent": "特长",
    "child.temperament": "性格 性格特点",
    "child.wish": "心愿 微心愿",
    "teacher.name": "班主任 班主任姓名",
    "teacher.phones": "班主任电话 班主任联系电话",
    "father.name": "父亲姓名 父亲 父亲名字 爸爸 父",
    "mother.name": "母亲姓名 母亲 母亲名字 妈妈 母",
    "parents.name": "父母姓名 家长姓名 父母 家长 父母亲姓名 双亲",
    "carer.name": "监护人姓名 监护人 临时监护人 代理监护人 委托监护人 照护人 照料人 实际监护人 抚养人 "
    "看护人 受委托监护人 主要照护人 照护人姓名 实际照护人 现监护人",
    "carer.relation": "与儿童关系 关系 与学生关系 与孩子关系 与被监护人关系 与留守儿童关系 监护人与儿童关系 "
    "称谓 与监护人关系 监护关系 与其关系 与监护人的关系 与儿童的关系 与本人关系",
    "carer.phones": "监护人电话 监护人联系电话 监护人手机 监护人联系方式",
    "carer.basis": "照护依据 监护方式 委托方式",
    "carer.capacity": "监护能力",
    "carer.valid_from": "照护开始 委托时间",
}
"""Headings with one meaning wherever they stand (words parted by spaces, all folded)."""

PERSONAL: dict[str, str] = {
    "name": "姓名 名字",
    "sex": "性别",
    "age": "年龄 周岁 岁数",
    "birth_date": "出生日期 出生年月 出生年月日 生日 出生时间",
    "id_number": "身份证号 身份证号码 公民身份号码 公民身份证号码 身份证 证件号码",
    "phones": "电话 联系电话 手机 联系方式 手机号码 电话号码 手机号 联系电话号码",
    "relation": "与儿童关系 关系 与孩子关系 与被监护人关系 称谓 与学生关系 与留守儿童关系",
    "health": "身体状况 健康状况 身体情况",
    "education": "文化程度 学历",
    "occupation": "职业 工种 从事工作 从事职业",
    "work_address": "务工地点 打工地点 务工地址 工作地点 去向 现在何处 外出地点 务工地 务工所在地 "
    "务工单位地址 务工单位详细地址 外出务工地点 当前务工地点 务工去向",
    "work_unit": "务工单位 工作单位 单位 务工企业",
    "away": "是否外出 外出情况 是否在家 是否务工 在外情况",
    "away_since": "外出时间 外出起始 务工时间",
    "home_habit": "返乡频率 返乡情况 回家频率 多久回家",
    "next_home_on": "预计返乡 预计返乡时间 预计回家时间",
    "contact_frequency": "联系频率 联系次数",
    "alive": "健在 是否健在",
    "address": "住址 地址 居住地 详细地址 家庭住址",
    "capacity": "监护能力",
}
"""Headings which belong to whoever their group heading, or the last name to their left, names."""

GROUPS: dict[str, str] = {
    "child": "儿童 学生 留守儿童 孩子 儿童情况 儿童基本情况 学生情况 基本情况 儿童信息 本人 个人信息 "
    "留守儿童情况 留守儿童基本情况 学生基本情况 被监护人",
    "father": "父亲 父 爸爸 父亲情况 父亲信息 父亲基本情况 父方",
    "mother": "母亲 母 妈妈 母亲情况 母亲信息 母亲基本情况 母方",
    "parents": "父母 家长 父母亲 双亲 父母情况 家长情况 父母信息 家长信息 父母务工 父母外出务工情况",
    "carer": "监护人 临时监护人 代理监护人 委托监护人 照护人 照料人 实际监护人 抚养人 看护人 受委托监护人 "
    "监护人情况 监护人信息 照护人情况 主要照护人 监护人基本情况 现监护人 实际照护人 委托监护人情况",
    "head": "户主 户主情况 户主信息",
    "grandfather": "祖父",
    "grandmother": "祖母",
    "mothers_father": "外祖父",
    "mothers_mother": "外祖母",
    "teacher": "班主任",
    "household": "家庭 家庭情况 家庭信息 家庭基本情况",
    "school": "学校情况 就学情况 就读情况 学习情况",
}
_GROWN_UP = (
    "phones work_address work_unit occupation education away away_since home_habit next_home_on "
    "contact_frequency alive relation capacity"
)
_NEVER_CHILD = frozenset(_GROWN_UP.split())
_KIN = ("grandfather", "grandmother", "mothers_father", "mothers_mother")
_ADULTS = ("father", "mother", "parents", "carer", "head", "teacher", *_KIN)
_TARGET_FIELDS = {"child.address": "household.address", "child.phones": "contact.phones"}


def heading(text: object) -> str:
    """A heading as it is looked up: folded, without marks of obligation, units and hints.

    >>> heading("出 生 年 月（公历）*")
    '出生年月'
    """
    folded = fold(text if isinstance(text, str) else "")
    folded = re.sub(r"[*＊:：。、,，.“”\"'?？]+$|^[*＊]+|^\d+[.、]", "", folded)
    bare = re.sub(r"\([^()]*\)|\[[^\[\]]*\]", "", folded)
    return bare or folded


class Headings:
    """The table, ready to look up, with the synonyms of a programme added."""

    def __init__(self, more: Mapping[str, Iterable[str]] | None = None) -> None:
        self._exact = _by_word(HEADINGS)
        self._personal = _by_word(PERSONAL)
        self._groups = _by_word(GROUPS)
        self._longest_first = sorted(self._groups, key=len, reverse=True)
        self._known: dict[str, bool] = {}
        for target, words in (more or {}).items():
            for word in words:
                self._exact.setdefault(heading(word), target)

    def is_known(self, text: object) -> bool:
        """Whether a single cell reads as a heading."""
        word = heading(text)
        if word not in self._known:
            split = self._split(word) is not None
            self._known[word] = split or word in self._exact or word in self._personal
        return self._known[word]

    def is_group(self, text: object) -> bool:
        """Whether a cell reads as the heading above several columns."""
        return heading(text) in self._groups

    def targets(self, paths: list[tuple[str, ...]]) -> list[str | None]:
        """What each column means, from its headings top to bottom; `None` where nothing is known.

        A personal heading without a group belongs to the child as long as the child lacks it and
        was named before it; else to the last person named to its left.
        """
        targets: list[str | None] = []
        taken: set[str] = set()
        last = ""
        for path in paths:
            target = self._target(path, last, taken)
            if target in taken and not target.startswith("row."):
                target = None
            targets.append(target)
            if target:
                taken.add(target)
                subject, _, name = target.partition(".")
                if name in ("name", "head_name"):
                    last = "head" if name == "head_name" else subject
        return targets

    def _target(self, path: tuple[str, ...], last: str, taken: set[str]) -> str | None:
        words = [word for word in map(heading, path) if word]
        if not words:
            return None
        group = next((self._groups[word] for word in words[:-1] if word in self._groups), "")
        if group and len(words) > 1:
            found = self._of_group(group, words[-1])
            if found:
                return found
        for word in ("".join(words), words[-1]):
            split = self._split(word)
            personal = self._personal.get(word)
            if personal and split is None and (personal != "name" or "child.name" in taken):
                return self._of_nearest(personal, word, last, taken)
            if word in self._exact:
                exact = self._exact[word]
                # 学校 under a group "父亲" would be nonsense; a plain heading keeps its own meaning.
                return exact
            if split:
                return split
        return None

    def _split(self, word: str) -> str | None:
        """父亲务工地点 and 监护人身份证号 as group and personal heading."""
        if word in self._exact:
            return None
        for name in self._longest_first:
            rest = word.removeprefix(name).removeprefix("的")
            if word.startswith(name) and rest in self._personal:
                return self._of_group(self._groups[name], rest)
        return None

    def _of_group(self, group: str, word: str) -> str | None:
        if group in ("household", "school"):
            return self._exact.get(word)
        field = self._personal.get(word)
        if field is None:
            exact = self._exact.get(word, "")
            return exact if exact.startswith(f"{group}.") or group == "child" else None
        if group == "head" and field == "name":
            return "household.head_name"
        return _TARGET_FIELDS.get(f"{group}.{field}", f"{group}.{field}")

    def _of_nearest(self, field: str, word: str, last: str, taken: set[str]) -> str | None:
        if field == "relation":
            return "carer.relation"
        if field == "address" and "household.address" not in taken:
            return "household.address"
        own = field not in _NEVER_CHILD and "child.name" in taken and f"child.{field}" not in taken
        if own and self._exact.get(word, f"child.{field}").startswith("child."):
            return self._exact.get(word)
        if last in _ADULTS:
            return f"{last}.{field}"
        if field in ("work_address", "work_unit", "away", "occupation"):
            return f"parents.{field}"
        return "contact.phones" if field == "phones" else self._exact.get(word)


def _by_word(table: Mapping[str, str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for target, words in table.items():
        for word in words.split():
            found.setdefault(heading(word), target)
    return found
