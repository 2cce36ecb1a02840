"""The compiled programme is fresh, small on the wire, and needs no compiler to be read."""

import gzip
import json
import subprocess
import sys
from typing import Any

import pytest

from server.programme import build, loading, programme, source

ASK = """
import sys
from server.programme import programme
from server.forms import Context, validate
programme().wire()
print([name for name in ("pyxform", "elementpath", "openpyxl") if name in sys.modules])
"""


def test_the_compiled_programme_is_fresh() -> None:
    """If this fails: python -m server.programme.build"""
    assert build.COMPILED.read_text(encoding="utf-8") == build.text()


def test_a_running_server_loads_no_compiler() -> None:
    asked = subprocess.run([sys.executable, "-c", ASK], capture_output=True, text=True, check=True)

    assert asked.stdout.strip() == "[]"


def test_an_edited_table_is_compiled_by_a_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "fingerprint", lambda: "edited since")

    assert loading.load().version == programme().version


def test_the_version_follows_what_a_phone_gets() -> None:
    assert len(programme().version) == 12
    assert programme().version == loading.load().version


def test_the_wire_is_plain_json_with_every_key_a_phone_reads() -> None:
    wire: dict[str, Any] = json.loads(json.dumps(programme().wire()))

    assert wire.keys() == {"version", "types", "lists", "rules", "calendar", "messages"}
    assert all(words["zh"] and words["en"] for words in wire["messages"].values())
    visit = wire["types"]["visit"]
    assert visit["kind"] == "event"
    assert visit["fields"][0].keys() >= {
        "name", "type", "list", "section", "label", "hint", "required", "relevant", "constraint",
        "constraint_message", "default", "calculation", "choice_filter", "readonly", "appearance",
        "policy", "volunteer", "office_only", "derived", "search", "card", "ref",
    }  # fmt: skip
    assert {field["list"] for kind in wire["types"].values() for field in kind["fields"]} - {
        None
    } == (wire["lists"].keys())
    assert wire["rules"][0]["every_days"] == {"R": 30, "O": 30, "Y": 60, "G": 90, "": 90}


def test_the_columns_of_a_choice_stand_beside_its_name() -> None:
    first = programme().wire()["lists"]["grade"][0]

    assert first == {
        "stages": "1",
        "name": "K1",
        "label": {"zh": "幼儿园小班", "en": "Kindergarten, first year"},
    }


def test_words_for_official_printouts_stay_off_the_phone() -> None:
    wire = programme().wire()["lists"]["focus_tag"]

    assert programme().lists["focus_tag"][1].extra["official"] == "问题"
    assert all(choice.keys() == {"name", "label"} for choice in wire)


def test_the_programme_is_small_on_the_wire() -> None:
    wire = json.dumps(programme().wire(), ensure_ascii=False, separators=(",", ":")).encode()

    assert len(gzip.compress(wire)) < 60_000


def test_an_include_that_is_not_there_is_named() -> None:
    with pytest.raises(source.SourceError, match="no group nowhere"):
        source._included("person.nowhere")
