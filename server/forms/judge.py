"""A form whose answers are judged again and again, as those of every record that comes in are.

Says what `validate` says. Each question is prepared once, and judgements are remembered: most answers are a code, a
day or a number that came before, and most questions look at nothing but their own answer.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from .evaluate import Context, Value, holds
from .validate import LONGEST_TEXT, Finding, fields_read, looks_around, validate

SHORT = 40
"""Characters of an answer up to which it may well come again."""
REMEMBERED = 1_000
"""Answers to one question."""


class _Question(NamedTuple):
    asked: Mapping[str, Any]
    reads: Sequence[str]
    """The other answers that say whether it is asked at all."""
    applies: Callable[..., bool]
    alone: Callable[..., Sequence[Finding]] | None
    """Judges an answer by itself; None where others have a say."""
    longest: int
    """Any text up to so many characters will do; 0 if there is more to it."""


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
        for name, question in self._questions.items():
            if only is not None and name not in only:
                continue
            read = [_plain(values.get(other)) for other in question.reads]
            if read and None not in read and not question.applies(today, *read):
                continue
            value = values.get(name)
            if type(value) is str and 0 < len(value) <= question.longest:
                continue
            plain = _plain(value)
            if question.alone is not None and plain is not None:
                found += question.alone(plain, today, demo)
            else:
                found += self._judged(question.asked, values, today, demo)
        return found

    def _prepared(self, asked: Mapping[str, Any]) -> _Question:
        reads, name = sorted(fields_read(asked["relevant"])), asked["name"]
        bare = {**asked, "relevant": None} if reads else asked

        def applies(today: str, *read: Value) -> bool:
            return holds(asked["relevant"], Context(dict(zip(reads, read, strict=True)), today))

        def alone(value: Value, today: str, demo: bool) -> Sequence[Finding]:
            return self._judged(bare, {name: value}, today, demo)

        remembered = lru_cache(maxsize=REMEMBERED, typed=True)  # typed: True and 1 are two answers
        return _Question(
            asked,
            reads,
            remembered(applies),
            None if looks_around(bare) else remembered(alone),
            _longest(asked),
        )

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
    return value if type(value) in (int, bool) or _is_short(value) else None


def _is_short(value: Value) -> bool:
    return type(value) is str and len(value) <= SHORT


def _longest(asked: Mapping[str, Any]) -> int:
    match asked:
        case {"type": "text", "appearance": "" | "multiline", "constraint": None}:
            return LONGEST_TEXT
        case {
            "type": "text",
            "appearance": "" | "multiline",
            "constraint": ["<=", ["string-length", ["."]], int(most)],
        }:
            return min(most, LONGEST_TEXT)
        case _:
            return 0
