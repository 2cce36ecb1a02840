"""Every form of the programme leaves as standard XForm XML that any tool of the field can read."""

import re
import xml.etree.ElementTree as xml
from functools import cache

import pytest

from server.forms import to_xform
from server.forms.evaluate import Context, evaluate
from server.forms.expression import parse
from server.forms.standard import standard, with_standard_age
from server.programme.source import TYPES, assemble
from server.programme.xform import xform_of

X = "{http://www.w3.org/2002/xforms}"
H = "{http://www.w3.org/1999/xhtml}"
ITEXT = re.compile(r"jr:itext\('([^']+)'\)")
PATH = re.compile(r"(?<![\w'\"])/data(?:/[\w.-]+)+")
STANDARD = frozenset(
    [
        "if",
        "not",
        "true",
        "false",
        "coalesce",
        "selected",
        "selected-at",
        "count",
        "count-selected",
        "count-non-empty",
        "string-length",
        "substr",
        "concat",
        "join",
        "contains",
        "starts-with",
        "regex",
        "int",
        "round",
        "abs",
        "pow",
        "number",
        "string",
        "date",
        "today",
        "now",
        "format-date",
        "decimal-date-time",
        "sum",
        "min",
        "max",
        "once",
        "uuid",
        "position",
        "pulldata",
        "instance",
        "jr:choice-name",
        "jr:itext",
        "and",
        "or",
        "div",
        "mod",
    ]
)


@cache
def form(name: str) -> xml.Element:
    return xml.fromstring(standard(to_xform(assemble(name))))


def instance_paths(root: xml.Element) -> set[str]:
    found: set[str] = set()

    def walk(node: xml.Element, path: str) -> None:
        for child in node:
            here = f"{path}/{child.tag.partition('}')[2]}"
            found.add(here)
            walk(child, here)

    [instance] = [it for it in root.iter(f"{X}instance") if "id" not in it.attrib]
    walk(instance[0], "/data")
    return found | {"/data"}


def expressions(root: xml.Element) -> list[str]:
    names = ("relevant", "constraint", "calculate", "required", "readonly", "nodeset")
    return [it.attrib[name] for it in root.iter() for name in names if name in it.attrib]


@pytest.mark.parametrize("name", TYPES)
def test_every_bind_and_every_control_has_its_node(name: str) -> None:
    root, paths = form(name), instance_paths(form(name))
    binds = [it.attrib["nodeset"] for it in root.iter(f"{X}bind")]
    body = root.find(f"{H}body")
    assert body is not None
    controls = [it.attrib["ref"] for it in body.iter() if it.attrib.get("ref", "").startswith("/")]

    assert set(binds) <= paths
    assert len(binds) == len(set(binds))
    assert controls
    assert set(controls) <= paths
    asked = {
        it.attrib["ref"] for it in body.iter() if it.tag.endswith(("input", "select", "select1"))
    }
    assert asked <= set(binds)


@pytest.mark.parametrize("name", TYPES)
def test_every_expression_reads_nodes_that_are_there_with_standard_functions(name: str) -> None:
    root, paths = form(name), instance_paths(form(name))
    lists = {it.attrib["id"] for it in root.iter(f"{X}instance") if "id" in it.attrib}

    for told in expressions(root):
        assert set(PATH.findall(told)) <= paths, told
        bare = re.sub(r"'[^']*'|\"[^\"]*\"", "''", told)
        assert set(re.findall(r"([a-z][\w:-]*)\s*\(", bare)) <= STANDARD, told
        assert set(re.findall(r"instance\('([^']+)'\)", told)) <= lists, told


@pytest.mark.parametrize("name", TYPES)
def test_every_text_stands_in_both_languages(name: str) -> None:
    root = form(name)
    texts = {
        it.attrib["lang"]: {text.attrib["id"] for text in it.iter(f"{X}text")}
        for it in root.iter(f"{X}translation")
    }
    used = {id for it in root.iter() for value in it.attrib.values() for id in ITEXT.findall(value)}
    used |= {it.text or "" for it in root.iter(f"{X}itextId")}
    empty = [
        text.attrib["id"]
        for text in root.iter(f"{X}text")
        if not any("".join(value.itertext()).strip() for value in text.iter(f"{X}value"))
    ]

    assert set(texts) == {"中文 (zh)", "English (en)"}
    assert len(set(map(frozenset, texts.values()))) == 1
    assert used <= texts["中文 (zh)"]
    assert empty == []


@pytest.mark.parametrize("name", TYPES)
def test_nothing_of_ours_is_in_it(name: str) -> None:
    text = xml.tostring(form(name), encoding="unicode")

    assert "zoufang" not in text
    assert "zf:" not in text


@pytest.mark.parametrize("name", TYPES)
def test_our_tables_are_standard_without_our_columns_too(name: str) -> None:
    """The same XForm comes out when our own columns and their namespace are taken away first."""
    plain = "\n".join(_without_ours(assemble(name)))

    assert "zf" not in plain
    assert xml.tostring(xml.fromstring(standard(to_xform(plain)))) == xml.tostring(form(name))


def _without_ours(text: str) -> list[str]:
    lines: list[str] = []
    kept: list[int] = []
    for line in text.splitlines():
        cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        if not cells or cells[0]:
            kept = []
        elif cells and not kept:
            kept = [
                at
                for at, cell in enumerate(cells)
                if "bind::zf:" not in cell and cell != "namespaces"
            ]
        lines.append(f"| {' | '.join(cells[at] for at in kept)} |" if kept else line)
    return lines


def test_a_running_server_makes_it_in_a_process_of_its_own_once() -> None:
    made = xform_of("visit")

    assert made.startswith(b"<?xml")
    assert xml.tostring(xml.fromstring(made)) == xml.tostring(form("visit"))
    assert xform_of("visit") is made
    with pytest.raises(KeyError):
        xform_of("../visit")


@pytest.mark.parametrize(
    ("born", "on", "years"),
    [
        ("2014-09-10", "2024-09-10", 10),
        ("2014-09-11", "2024-09-10", 9),
        ("2020-02-29", "2021-02-28", 0),
    ],
)
def test_age_is_the_same_in_standard_functions(born: str, on: str, years: int) -> None:
    ours = f"age('{born}', '{on}')"
    context = Context({}, "2024-09-10")

    assert evaluate(parse(ours), context) == years
    theirs = re.sub(r"div", "*", with_standard_age(ours)).replace(" * 10000", " * 0.0001")
    assert evaluate(parse(theirs), context) == years


def test_age_inside_age_and_beside_text_is_written_out() -> None:
    told = with_standard_age(
        "if(age(${born}) < 16, 'age(', concat('a', age(date('2010-01-01'), today())))"
    )

    assert told.count("format-date") == 4
    assert "'age('" in told
    assert with_standard_age("${average(2)}") == "${average(2)}"
