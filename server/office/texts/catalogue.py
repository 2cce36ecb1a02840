"""Which texts there are, in the groups of their page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Text:
    """`words` and `about` are messages. `name` is its outline's in programme/texts, and its address."""

    name: str
    words: str
    about: str


GROUPS: Sequence[tuple[str, Sequence[Text]]] = (
    (
        "上墙的制度",
        (
            Text("work", "工作制度", "谁办、什么时候开、出事怎么报"),
            Text("study", "学习制度", "写作业、看书、用电脑的规矩"),
            Text("care", "教育管护管理制度", "签到接送、生病、没来的孩子"),
            Text("activity", "活动制度", "活动怎么安排、外出和拍照"),
            Text("hours", "作息制度", "进门到回家的安排"),
            Text("duty", "值班制度", "三个人的分工、换班、值班记录"),
            Text("safety", "安全制度", "紧急电话、检查、安全课"),
        ),
    ),
    (
        "帮扶和联系制度",
        (
            Text("pairing", "结对帮扶制度", "怎么结对、做什么、什么时候换人"),
            Text("contact", "监护人联系制度", "父母、照护人和村里怎么联系"),
            Text("talks", "谈心制度", "多久谈一次、谈什么、替孩子保密"),
            Text("files", "档案和信息卡制度", "建档、更新、保管、谁能看"),
            Text("supervision", "监护责任监督制度", "谁不能受托、评为差怎么办"),
        ),
    ),
    (
        "职责",
        (
            Text("mothers", "爱心妈妈职责", "也印在爱心妈妈的结对帮扶卡上"),
            Text("teachers", "结对教师职责", "定目标、家访、和村里互通"),
            Text("keepers", "人员职责", "负责人、管理员、值班的人各做什么"),
        ),
    ),
    ("方案", (Text("programme", "实施方案", "一年的关爱行动：人数自动填好，分工和时间自己改"),)),
)
TEXTS: Mapping[str, Text] = {text.name: text for _, texts in GROUPS for text in texts}
