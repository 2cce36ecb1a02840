"""The filters of a list in words: what a sheet of paper or an Excel says it holds. Pure."""

from collections.abc import Mapping, Sequence

from server.office.listing import Listing
from server.office.text import translate

OWN = {
    "wide": "宽口径",
    "legal": "法定口径",
    "yes": "有留守儿童",
    "complete": "档案填齐",
    "open": "档案有缺项",
    "overdue": "逾期",
    "this_week": "本周到期",
    "later": "以后",
}


def in_words(
    listing: Listing, offered: Mapping[str, Sequence[tuple[str, str]]], language: str
) -> str:
    """The filters in force, "" when all rows are asked for. `offered` are the lists' own choices."""
    said = []
    for name, value in listing.chosen.items():
        if not value:
            continue
        if name in offered:
            said.append(dict(offered[name]).get(value, value))
        elif value == "no":
            # Of a child it says which child, of a household whether there is one.
            words = "非留守" if "file" in listing.chosen else "没有留守儿童"
            said.append(translate(language, words))
        else:
            said.append(translate(language, OWN.get(value, value)))
    if listing.q:
        said.append(translate(language, "搜索“%(q)s”", q=listing.q))
    return translate(language, "，").join(said)
