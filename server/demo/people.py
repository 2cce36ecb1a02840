"""The accounts of the demo village and the phones they write on.

All accounts that open the office share one password, the same on every installation: a demo holds
nothing worth guarding, a second start must be able to say it again, and no file has to keep it.
`build` gives it to the demo village alone.
"""

from __future__ import annotations

from dataclasses import dataclass

DEMO_PASSWORD = "qinghe-demo"


@dataclass(frozen=True, slots=True)
class Login:
    """One account. `phone`: what its past work was written on, empty for none."""

    login: str
    role: str
    name: str
    office: bool = False
    grid: str = ""
    phone: str = ""


LOGINS = (
    Login("cunguan", "official", "方村官甲", office=True),
    Login("office", "clerk", "安文书甲", office=True),
    Login("dudao", "supervisor", "石督导甲", office=True),
    Login("xian", "county", "米县办甲", office=True),
    Login("diaocha1", "surveyor", "谷网格甲", grid="01", phone="手机"),
    Login("diaocha2", "surveyor", "田网格甲", grid="02", phone="手机"),
    Login("diaocha3", "surveyor", "江网格甲", grid="03", phone="手机"),
    Login("diaocha4", "surveyor", "林网格甲", grid="04", phone="手机"),
    Login("diaocha5", "surveyor", "叶网格甲", grid="05", phone="手机"),
    Login("diaocha6", "surveyor", "白网格甲", grid="06", phone="手机"),
    # Students are helpers too: their names are those of their helper records.
    Login("zhiyuan1", "volunteer", "大学生志愿者甲", phone="手机"),
    Login("zhiyuan2", "volunteer", "大学生志愿者乙", phone="手机"),
    Login("zhiyuan3", "volunteer", "大学生志愿者丙", phone="手机"),
)
