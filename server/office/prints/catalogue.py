"""Every printout by the name its address has, in the order of the page."""

from server.office.prints import awards, cards, classes, health, registration, signing, wall, work
from server.office.prints.kinds import Printout

PERIOD = ("since", "until")

PRINTOUTS = {
    it.name: it
    for it in (
        Printout("contact-cards", "联系卡", "一个孩子一张，一页 8 张", ("grid",), cards.contacts, ("contact",)),
        Printout("teacher-cards", "班主任·监护人联系卡", "一面是班主任，一面是照护人，一页 6 张；双面打印时选长边翻转", ("class", "child", "style"), cards.teachers, ("contact",)),
        Printout("class-set", "班级全套", "选一个班，一次打全：统计表、档案目录、登记表、联系卡、手拉手卡", ("class",), classes.class_set, ("contact",)),
        Printout("registration", "农村留守儿童基本情况登记表", "一个孩子一张，2016 年全国统一的项目，身份号码遮住中间", ("grid", "class", "child"), registration.forms),
        Printout("help-cards", "求助卡", "孩子自己带着：有危险打给谁，一页 8 张", ("grid", "child"), cards.help_cards, ("contact",)),
        Printout("pairing-cards", "结对帮扶卡", "一对一张，一页 2 张，双方签字；爱心妈妈的卡上有职责", ("grid",), cards.pairs, texts=("mothers",)),
        Printout("peer-cards", "手拉手结对登记卡", "孩子和小伙伴，一页 4 张", ("grid",), cards.peers),
        Printout("work-book", "工作手册（走访谈心记录）", "一个人一本：一段时间里记下的走访、谈心和联络，检查的人签字", ("who", *PERIOD), work.work_book, work.KINDS, by_month=True),
        Printout("plans", "个案方案", "一个方案一页：起因、目标、措施、每个阶段的结果，三方签字", ("grid", "plan"), work.plans, ("plan", "plan_progress")),
        Printout("duty-week", "值班表", "一周一张，横排，贴在墙上；没排班的可以手写", ("week",), wall.duty_week, ("place", "roster_slot"), paper="wide"),
        Printout("wall-roll", "花名册（上墙）", "横排；姓名和号码遮住一部分", ("grid",), wall.roll, paper="wide"),
        Printout("leaders", "领导小组名单", "在任的人，按职务；不印电话", (), wall.leaders, ("org_role",)),
        Printout("growth", "个人体检成长表", "一个孩子一张：历次体检，留空行给以后的", ("grid", "child"), health.growth, ("health_check",), paper="wide"),
        Printout("health-summary", "体检汇总表", "一段时间里每个孩子最近一次体检，没查的列在下面", ("grid", *PERIOD), health.summary, ("health_check",), paper="wide"),
        Printout("awards", "表彰名单", "一段时间里表彰了谁", PERIOD, awards.listed, ("award",)),
        Printout("certificates", "奖状", "一项表彰一张，横排，盖章", ("award", *PERIOD), awards.certificates, ("award",), paper="bare"),
        Printout("aid-sheet", "资助慰问签领表", "一段时间里发了什么，领的人签字，合计大写", ("grid", *PERIOD), signing.aid, ("aid",)),
        Printout("sign-in", "活动签到表", "空白的，或某一次活动已经签到的", ("grid", "activity"), signing.sign_in, ("activity", "attendance")),
        Printout("loan-book", "图书借阅登记簿", "空白的，一页 24 行", (), signing.loans, template="blank_book"),
        Printout("loans", "图书借阅登记簿（已登记的）", "一段时间里借出的书，还了的有归还日期，留着签字的格", ("grid", *PERIOD), signing.lent, ("loan",), template="blank_book"),
        Printout("call-book", "亲情电话登记簿", "空白的，一页 24 行", (), signing.calls, template="blank_book"),
        Printout("entrustment", "委托照护责任书", "不由父母照护的孩子一人一张，监护人、受托人签字；父母快要外出的，选这个孩子", ("grid", "child"), cards.entrustments),
        Printout("consent", "知情同意书", "一个孩子一张，监护人签字", ("grid", "child"), cards.contacts),
    )
}  # fmt: skip
