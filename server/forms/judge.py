"""A form whose answers are judged again and again, as those of every record that comes in are.

Says what `validate` says. Each question is prepared once, and judgements are remembered: most answers are a code, a
day or a number that came before, and most questions look at nothing but their own answer.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from .evaluate import Context, Value, holds
from .validate import LONGEST_TEXT, Finding, looks_around, validate

SHORT = 40
"""Characters of an answer up to which it may well come again."""
REMEMBERED = 4_000
"""Answers to one question."""


class _Question(NamedTuple):
    asked: Mapping[str, Any]
    alone: Callable[..., Sequence[Finding]] | None
    """Judges an answer by itself, as if it were asked in any case; None where others have a say in that."""
    lengths: range
    """Any text of so many characters will do; empty if there is more to it."""


class Judge:
    """The questions of one form, and what was judged of them. `lists` are the codes of each choice list."""

    def __init__(self, form: Mapping[str, Any], lists: Mapping[str, Sequence[str]]) -> None:
        self.form = form
        self.lists = lists
        self._questions = {asked["name"]: self._prepared(asked) for asked in form["fields"]}

    def findings(
        self,
        values: Mapping[str, Any],
        today: str,
        *,
        demo: bool = False,
        only: Collection[str] | None = None,
    ) -> list[Finding]:
        """Everything odd about the answers, in the order of the questions; `only` of these, if given."""
        found: list[Finding] = []
        names = self._questions if only is None else [n for n in self._questions if n in only]
        for name in names:
            question = self._questions[name]
            value = values.get(name)
            if type(value) is str and len(value) in question.lengths:
                continue
            plain = _plain(value)
            if question.alone is None or plain is None:
                found += self._judged(question.asked, values, today, demo)
            elif odd := question.alone(plain, today, demo):
                # What is fine is fine, asked or not.
                found += odd if holds(question.asked["relevant"], Context(values, today)) else ()
        return found

    def _prepared(self, asked: Mapping[str, Any]) -> _Question:
        bare, name = {**asked, "relevant": None}, asked["name"]

        @lru_cache(maxsize=REMEMBERED, typed=True)  # typed: True and 1 are two answers
        def alone(value: Value, today: str, demo: bool) -> Sequence[Finding]:
            return self._judged(bare, {name: value}, today, demo)

        return _Question(asked, None if looks_around(bare) else alone, _lengths(asked))

    def _judged(
        self, asked: Mapping[str, Any], values: Mapping[str, Any], today: str, demo: bool
    ) -> Sequence[Finding]:
        context = Context(values, today)
        return validate({"fields": [asked]}, values, context, lists=self.lists, demo=demo)


def _plain(value: Value) -> Value:
    """A short answer as it can be remembered, "" if there is none; None for others."""
    if value is None:
        return ""
    if type(value) is list and len(value) <= SHORT:
        return tuple(value) if all(type(code) is str for code in value) else None
    is_short = len(value) <= SHORT if type(value) is str else type(value) in (int, bool)
    return value if is_short else None


def _lengths(asked: Mapping[str, Any]) -> range:
    if asked["type"] != "text" or asked["appearance"] not in ("", "multiline"):
        return range(0)
    match asked["constraint"]:
        case None:
            least, most = 1, LONGEST_TEXT
        case ["<=", ["string-length", ["."]], int(most)]:
            least = 1
        case [
            "and",
            [">=", ["string-length", ["."]], int(least)],
            ["<=", ["string-length", ["."]], int(most)],
        ]:
            pass
        case _:
            return range(0)
    return range(max(least, 1), min(most, LONGEST_TEXT) + 1)
