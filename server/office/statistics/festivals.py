"""The festivals on which the village does something with the children. Pure.

Days of the moon come from lunar-python, loaded on first use."""

from datetime import date

SOLAR = {"01-01": "元旦", "06-01": "六一", "10-01": "国庆"}
LUNAR = {(1, 1): "春节", (5, 5): "端午", (8, 15): "中秋"}


def festivals(since: str, on: str) -> list[tuple[str, str]]:
    """(day, name) of the festivals of a period, in order."""
    from lunar_python import Lunar

    first, last = date.fromisoformat(since), date.fromisoformat(on)
    found = []
    for year in range(first.year - 1, last.year + 1):
        found += [(f"{year}-{day}", name) for day, name in SOLAR.items()]
        for (month, day_of_month), name in LUNAR.items():
            solar = Lunar.fromYmd(year, month, day_of_month).getSolar()
            found.append((solar.toYmd(), name))
    return sorted((day, name) for day, name in found if since <= day <= on)
