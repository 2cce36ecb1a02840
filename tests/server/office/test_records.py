"""A record's file and its form: where every value comes from, and edits that lose nothing."""

import httpx2

from server.auth import Auth
from server.registry import uuid7
from tests.helpers import Village, create, enrol, new_village
from tests.server.office.browser import Browser, assert_refused, hidden, words


async def test_each_field_says_who_when_and_from_which_phone(
    office: Browser, sqlite_village: Village
) -> None:
    village = sqlite_village
    child = await village.child(await village.household(), school_name="禾溪镇中心学校")
    phone = await enrol(office.client, village.auth, await village.surveyor("a", 1))
    await phone.sync()
    phone.edit(child, school_name="县一小")
    await phone.sync()

    page = words(await office.get(f"/office/records/{child}"))

    assert "县一小 调查员a · 今天" in page
    assert "测试手机" in page
    assert "禾溪镇中心学校 村办公室" in page


async def test_the_contact_card_names_carer_parents_and_helper_with_their_phones(
    office: Browser, sqlite_village: Village
) -> None:
    village = sqlite_village
    home = await village.household(address="上坪组 12 号")
    child = await village.child(home)
    carer, helper = uuid7(), uuid7()
    await village.commit(
        create(
            carer, "person", household_id=home, name="谷大爷甲",
            **{"phones/aaaa": {"number": "10000005501", "use": "self"}},
        ),
        create(
            uuid7(), "guardianship", child_id=child, carer_id=carer, relation="61", is_main="Y",
            carer_kind="GPP",
        ),
        create(helper, "helper", name="石老师甲", **{"phones/bbbb": {"number": "10000005502"}}),
        create(uuid7(), "pairing", child_id=child, helper_id=helper, from_on="2026-09-01"),
    )  # fmt: skip

    page = words(await office.get(f"/office/records/{child}"))

    for said in (
        "谷大爷甲",
        "祖父",
        "主要照护人",
        "10000005501（本人）",
        "石老师甲",
        "10000005502",
    ):
        assert said in page
    assert "上坪组 12 号" in page


async def test_a_household_shows_its_people_and_what_happened(
    office: Browser, sqlite_village: Village
) -> None:
    village = sqlite_village
    home = await village.household()
    child = await village.child(home, left_behind_fact="B", birth_date="2016-05-06")
    await village.commit(
        create(
            uuid7(), "visit", household_id=home, child_id=child, visit_kind="2",
            occurred_on="2026-08-05", **{"met/C": True},
        ),
    )  # fmt: skip

    page = words(await office.get(f"/office/records/{home}"))

    assert "谷小满" in page
    assert "父母双方外出" in page
    assert "2026-08-05" in page


async def test_opening_a_childs_file_is_noted(office: Browser, sqlite_village: Village) -> None:
    child = await sqlite_village.child(await sqlite_village.household())

    await office.get(f"/office/records/{child}")

    noted = await sqlite_village.auth.audit(sqlite_village.code)
    assert [e.subject for e in noted if e.action == "open_file"] == [child]


async def test_another_villages_record_is_not_there(
    office: Browser, sqlite_village: Village
) -> None:
    other = await new_village(
        sqlite_village.registry, Auth(sqlite_village.registry.database), "990099998888"
    )
    child = await other.child(await other.household())

    for path in ("", "/edit/school"):
        assert_refused(await office.get(f"/office/records/{child}{path}"), 404, "no_record")
    assert_refused(
        await office.get(f"/office/records/new/pairing?child_id={child}"), 404, "no_record"
    )
    for id in ("x", "0" * 32):
        assert_refused(await office.get(f"/office/records/{id}"), 404, "no_record")


async def test_an_edit_changes_what_was_typed_and_nothing_else(
    office: Browser, sqlite_village: Village
) -> None:
    village = sqlite_village
    child = await village.child(
        await village.household(), **{"hobby/01": True, "hobby/02": True}, talent="跑步"
    )
    form = await office.get(f"/office/records/{child}/edit/nature")

    answer = await office.post(
        f"/office/records/{child}/edit/nature",
        {
            "base": hidden(form, "base"), "seen": hidden(form, "seen"), "save": "1",
            "hobby": ["02", "03"], "talent": "跑步",
        },
    )  # fmt: skip

    assert answer.headers["location"] == f"/office/records/{child}"
    row = await village.registry.row(village.code, child)
    assert row is not None
    assert row.fields["hobby"] == ["02", "03"]
    last = [e for e in await village.registry.history(village.code, child) if e.rev == row.rev]
    assert {e.key: e.value for e in last} == {"hobby/01": False, "hobby/03": True}
    assert {e.author for e in last} == {"方村官甲"}


async def test_a_stale_form_keeps_both_values(office: Browser, sqlite_village: Village) -> None:
    village = sqlite_village
    child = await village.child(await village.household(), left_behind_fact="B", ward_status="A")
    phone = await enrol(office.client, village.auth, await village.surveyor("a", 1))
    await phone.sync()
    form = await office.get(f"/office/records/{child}/edit/left_behind")
    phone.edit(child, left_behind_fact="M", exit_reason="")
    await phone.sync()

    await office.post(
        f"/office/records/{child}/edit/left_behind",
        {
            "base": hidden(form, "base"), "seen": hidden(form, "seen"), "save": "anyway",
            "left_behind_fact": "F", "ward_status": "A",
        },
    )  # fmt: skip

    row = await village.registry.row(village.code, child)
    assert row is not None
    assert {row.fields["left_behind_fact"], *row.contested["left_behind_fact"]} == {"F", "M"}
    assert "待核实" in words(await office.get(f"/office/records/{child}"))


async def test_an_untouched_field_of_a_stale_form_is_not_sent(
    office: Browser, sqlite_village: Village
) -> None:
    village = sqlite_village
    child = await village.child(await village.household(), school_name="中心学校", class_name="1班")
    phone = await enrol(office.client, village.auth, await village.surveyor("a", 1))
    await phone.sync()
    form = await office.get(f"/office/records/{child}/edit/school")
    phone.edit(child, school_name="县一小")
    await phone.sync()

    await office.post(
        f"/office/records/{child}/edit/school",
        {
            "base": hidden(form, "base"), "seen": hidden(form, "seen"), "save": "1",
            "school_name": "中心学校", "class_name": "2班",
        },
    )  # fmt: skip

    row = await village.registry.row(village.code, child)
    assert row is not None
    assert (row.fields["school_name"], row.fields["class_name"]) == ("县一小", "2班")
    assert row.contested == {}


async def test_a_changed_phone_replaces_its_entry(office: Browser, sqlite_village: Village) -> None:
    village = sqlite_village
    person = uuid7()
    await village.commit(
        create(
            person, "person", household_id=await village.household(), name="谷大爷甲",
            **{"phones/aaaa": {"number": "10000005501", "use": "self"}},
        )
    )  # fmt: skip
    form = await office.get(f"/office/records/{person}/edit/contact")

    await office.post(
        f"/office/records/{person}/edit/contact",
        {
            "base": hidden(form, "base"), "seen": hidden(form, "seen"), "save": "anyway",
            "phones.id": ["aaaa", ""], "phones.number": ["１００００００５５０２", ""],
            "phones.owner": ["", ""], "phones.use": ["self", ""],
        },
    )  # fmt: skip

    row = await village.registry.row(village.code, person)
    assert row is not None
    [entry] = row.fields["phones"].values()
    assert entry == {"number": "10000005502", "use": "self", "replaces": "aaaa"}


async def test_an_odd_value_is_pointed_out_once_and_may_stand(
    office: Browser, sqlite_village: Village
) -> None:
    village = sqlite_village
    home = await village.household(population=3, away_count=1)
    form = await office.get(f"/office/records/{home}/edit/members")
    typed = {
        "base": hidden(form, "base"), "seen": hidden(form, "seen"), "population": "3",
        "away_count": "9",
    }  # fmt: skip

    asked = await office.post(f"/office/records/{home}/edit/members", {**typed, "save": "1"})
    assert asked.status_code == 422
    assert "先这样存" in words(asked)
    saved = await office.post(f"/office/records/{home}/edit/members", {**typed, "save": "anyway"})

    assert saved.status_code == 303
    row = await village.registry.row(village.code, home)
    assert row is not None
    assert row.fields["away_count"] == 9


async def test_a_value_that_is_no_number_is_kept_in_the_form_and_not_saved(
    office: Browser, sqlite_village: Village
) -> None:
    village = sqlite_village
    home = await village.household(population=3)
    form = await office.get(f"/office/records/{home}/edit/members")

    answer = await office.post(
        f"/office/records/{home}/edit/members",
        {
            "base": hidden(form, "base"), "seen": hidden(form, "seen"), "save": "anyway",
            "population": "三口",
        },
    )  # fmt: skip

    assert answer.status_code == 422
    assert 'value="三口"' in answer.text
    row = await village.registry.row(village.code, home)
    assert row is not None
    assert row.fields["population"] == 3


async def test_a_new_pairing_belongs_to_the_child_of_the_address(
    office: Browser, sqlite_village: Village
) -> None:
    village = sqlite_village
    child, helper = await village.child(await village.household()), uuid7()
    await village.commit(create(helper, "helper", name="石老师甲", helper_kind="T", active="Y"))
    address = f"/office/records/new/pairing?child_id={child}"
    form = await office.get(address)

    answer = await office.post(
        address,
        {
            "id": hidden(form, "id"), "seen": hidden(form, "seen"), "base": "0", "save": "1",
            "helper_id": helper, "kind": "TCH", "from_on": "2026-09-01", "state": "V",
        },
    )  # fmt: skip

    assert answer.status_code == 303
    [pairing] = await village.registry.rows(village.code, "pairing")
    assert (pairing.fields["child_id"], pairing.fields["helper_id"]) == (child, helper)


def sheet(form: httpx2.Response, **answers: str) -> dict[str, str]:
    """A new record's form as it is posted back."""
    return {
        "id": hidden(form, "id"),
        "seen": hidden(form, "seen"),
        "base": "0",
        "save": "1",
        **answers,
    }


async def test_an_event_is_written_down_from_the_childs_file_and_belongs_to_its_household(
    office: Browser, sqlite_village: Village
) -> None:
    village = sqlite_village
    home = await village.household()
    child = await village.child(home)
    assert "好事与家务" in words(await office.get(f"/office/records/{child}"))
    address = f"/office/records/new/deed?child_id={child}"
    answers = sheet(
        await office.get(address),
        kind="HOME", deed="每天洗碗", seen_by="奶奶", occurred_on="2026-10-12",
    )  # fmt: skip

    for _ in range(2):  # the button was pressed twice
        assert (await office.post(address, answers)).status_code == 303

    [deed] = await village.registry.rows(village.code, "deed")
    assert deed.fields.items() >= {
        "child_id": child, "household_id": home, "deed": "每天洗碗", "recorded_by": "方村官甲",
    }.items()  # fmt: skip
    assert "每天洗碗" in words(await office.get(f"/office/records/{deed.id}"))


async def test_a_record_about_a_child_asks_which_where_the_address_names_none(
    office: Browser, sqlite_village: Village
) -> None:
    village = sqlite_village
    child = await village.child(await village.household(), name="石惊蛰")
    address = "/office/records/new/loan"
    form = await office.get(address)
    assert "石惊蛰" in words(form)

    nobody = await office.post(
        address, sheet(form, book="草房子", lent_on="2026-10-12") | {"save": "anyway"}
    )
    assert nobody.status_code == 422
    assert "请选是哪个孩子" in words(nobody)
    await office.post(address, sheet(form, book="草房子", lent_on="2026-10-12", child_id=child))

    [loan] = await village.registry.rows(village.code, "loan")
    assert loan.fields.items() >= {"child_id": child, "book": "草房子"}.items()


async def test_what_a_form_does_not_show_stays_as_it_is(
    office: Browser, sqlite_village: Village
) -> None:
    village, loan = sqlite_village, uuid7()
    child = await village.child(await village.household())
    await village.commit(create(loan, "loan", child_id=child, book="草房子", lent_on="2026-10-12"))
    address = f"/office/records/{loan}/edit/loan"
    form = await office.get(address)

    await office.post(
        address,
        sheet(form, book="草房子", lent_on="2026-10-12", returned_on="2026-10-20")
        | {"base": hidden(form, "base")},
    )

    row = await village.registry.row(village.code, loan)
    assert row is not None
    assert (row.fields["child_id"], row.fields["returned_on"]) == (child, "2026-10-20")


async def test_an_activity_is_written_down_with_its_place(
    office: Browser, sqlite_village: Village
) -> None:
    village, place = sqlite_village, uuid7()
    await village.commit(create(place, "place", name="儿童之家"))
    assert "/office/records/new/activity" in (await office.get("/office/month")).text
    form = await office.get("/office/records/new/activity")

    answer = await office.post(
        "/office/records/new/activity",
        sheet(
            form, title="手工课", activity_kind="10", leader="安白露", place_id=place,
            occurred_on="2026-10-12",
        ),
    )  # fmt: skip

    assert "手工课" in words(await office.get(answer.headers["location"]))
    assert "儿童之家" in words(await office.get(answer.headers["location"]))


async def test_events_are_not_edited(office: Browser, sqlite_village: Village) -> None:
    village = sqlite_village
    survey = uuid7()
    await village.commit(
        create(survey, "survey", household_id=await village.household(), result="V",
               occurred_on="2026-08-02")
    )  # fmt: skip

    assert_refused(await office.get(f"/office/records/{survey}/edit/call"), 404, "not_found")
    assert "另记一条更正" in words(await office.get(f"/office/records/{survey}"))
