"""Places and what stands in them, with how many there are. Public but for who gave it."""

from collections.abc import Iterator

from server.office.lists.helping import named
from server.office.lists.kinds import Column, Desk, Filter, Kind, Line, coded, grouped
from server.office.register import text_of
from server.office.statistics.book import UNKNOWN, day_of
from server.office.statistics.slots import add_days
from server.office.text import translate
from server.programme.derive import stock_count
from server.registry import Row

RECENT_DAYS = 30
STOCKS = {"short": "账上不够", "none": "没有了", "some": "有"}


def counts(desk: Desk) -> dict[str, int]:
    """Item -> how many there are on the day, by its movements."""
    moved: dict[str, list[Row]] = {}
    for it in desk.book.standing("stock"):
        if day_of(it) <= desk.book.on:
            moved.setdefault(text_of(it.fields, "item_id"), []).append(it)
    return {item: stock_count(rows) for item, rows in moved.items()}


def places(desk: Desk) -> Iterator[Line]:
    book, there = desk.book, counts(desk)
    for place in book.register.kind("place"):
        opened = sorted(
            {
                day_of(it)
                for it in book.standing("duty_done")
                if it.fields.get("place_id") == place.id and day_of(it) <= book.on
            }
        )
        items = [
            it
            for it in book.register.kind("inventory_item")
            if it.fields.get("place_id") == place.id
        ]
        kind, name = text_of(place.fields, "kind"), text_of(place.fields, "name")
        area = place.fields.get("area_m2")
        yield Line(
            place.id,
            {
                "name": name,
                "kind": desk.code("place_kind", kind),
                "address": text_of(place.fields, "address") or None,
                "area": area if isinstance(area, int) else None,
                "hours": text_of(place.fields, "open_hours") or None,
                "phone": text_of(place.fields, "phone") or None,
                "opened": sum(on > add_days(book.on, -RECENT_DAYS) for on in opened),
                "opened_on": opened[-1] if opened else None,
                "items": len(items),
                "count": sum(there.get(it.id, 0) for it in items),
                "staff": text_of(place.fields, "staff") or None,
            },
            {"kind": (kind or UNKNOWN,)},
            names=(name,),
        )  # fmt: skip


def inventory(desk: Desk) -> Iterator[Line]:
    there = counts(desk)
    last: dict[str, dict[str, str]] = {}
    for it in desk.book.standing("stock"):
        if day_of(it) <= desk.book.on:
            days = last.setdefault(text_of(it.fields, "item_id"), {})
            names = ["moved", "counted"] if it.fields.get("reason") == "COUNT" else ["moved"]
            for name in names:
                days[name] = max(days.get(name, ""), day_of(it))
    for item in desk.book.register.kind("inventory_item"):
        n, days = there.get(item.id, 0), last.get(item.id, {})
        place, source = text_of(item.fields, "place_id"), text_of(item.fields, "source")
        stock = "short" if n < 0 else "some" if n else "none"
        name = text_of(item.fields, "name")
        yield Line(
            item.id,
            {
                "name": name,
                "place": desk.name(place) or None,
                "count": n,
                "unit": text_of(item.fields, "unit") or None,
                "stock": translate(desk.language, STOCKS[stock]),
                "counted_on": days.get("counted"),
                "moved_on": days.get("moved"),
                "source": desk.code("item_source", source),
                "donor": desk.name(item.fields.get("donor_id")) or None,
            },
            {
                "place": (place if desk.row(place) else UNKNOWN,),
                "source": (source or UNKNOWN,),
                "stock": (stock,),
            },
            links={"place": place} if desk.row(place) else {},
            alerts=("stock",) if n < 0 else (),
            order={"stock": n},
            names=(name,),
        )


KINDS = (
    Kind(
        "places",
        "之家和活动室",
        "开放：最近 30 天有值班记录的天数；件数是物品现有数量的合计。",
        (
            Column("name", "名称", of="place.name", width=20),
            Column("kind", "类型", of="place.kind"),
            Column("address", "地址", of="place.address", width=24),
            Column("area", "面积（平方米）", is_number=True, is_default=False, of="place.area_m2"),
            Column("hours", "开放时间", of="place.open_hours", width=24),
            Column("opened", "开放天数", is_number=True, of="place.open_hours"),
            Column("opened_on", "最近开放", of="place.open_hours"),
            Column("items", "物品种类", is_number=True, of="inventory_item.name"),
            Column("count", "件数", is_number=True, is_summed=True, of="inventory_item.count"),
            Column("phone", "电话", is_default=False, of="place.phone", width=16),
            Column("staff", "工作人员", is_default=False, of="place.staff", width=20),
        ),
        (Filter("kind", "类型", coded("place_kind")),),
        places,
        "还没有登记之家",
        "在手机或办公室登记了留守儿童之家，这里看开放和物品。",
        of_type="place",
        makes="place",
    ),
    Kind(
        "inventory",
        "设备图书",
        "现有数量由入库、出库和盘点的记录相加，更正过的不算。账上不够：出的比进的多，请核对。",
        (
            Column("name", "物品", of="inventory_item.name", width=18),
            Column("place", "所在地点", of="inventory_item.place_id", width=20),
            Column("count", "现有数量", is_number=True, is_summed=True, of="inventory_item.count"),
            Column("unit", "计量单位", of="inventory_item.unit"),
            Column("stock", "库存", of="inventory_item.count"),
            Column("counted_on", "最近盘点", of="stock.occurred_on"),
            Column("moved_on", "最近变动", is_default=False, of="stock.occurred_on"),
            Column("source", "来源", of="inventory_item.source"),
            Column("donor", "捐赠方", is_default=False, of="inventory_item.donor_id", width=18),
        ),
        (
            named(STOCKS, "stock", "库存"), Filter("place", "所在地点", grouped("place")),
            Filter("source", "来源", coded("item_source")),
        ),
        inventory,
        "还没有登记物品",
        "登记了设备、图书和入库，这里看还有多少。",
        of_type="inventory_item",
        makes="inventory_item",
    ),
)  # fmt: skip
