"""The office's words in two languages.

Chinese is the message: code and templates write the Chinese sentence itself, `locale/en.po` holds
the English one. A missing translation shows the Chinese, which is never wrong, only unread.
Parameters are named, `%(n)s`, so that a translation may reorder them.
"""

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from babel.messages.pofile import read_po
from starlette.requests import HTTPConnection

LANGUAGES = {"zh": "中文", "en": "English"}
LANGUAGE_COOKIE = "zf_lang"
LOCALE = Path(__file__).parent / "locale"

Translate = Callable[..., str]


@cache
def catalogue(language: str) -> Mapping[str, str]:
    """Messages by their Chinese text; empty for Chinese itself."""
    if language == "zh":
        return {}
    with (LOCALE / f"{language}.po").open("rb") as file:
        messages = read_po(file, locale=language)
    return {str(m.id): str(m.string) for m in messages if m.id and m.string}


def translate(language: str, message: str, **values: Any) -> str:
    """The message in this language with its values filled in.

    A message is only treated as a pattern when values are given, so a bare per cent sign is safe.
    """
    sentence = catalogue(language).get(message, message)
    return sentence % values if values else sentence


def in_language(language: str) -> Translate:
    """`translate` with the language settled: what pages call `_`."""

    def _(message: str, **values: Any) -> str:
        return translate(language, message, **values)

    return _


def language_of(request: HTTPConnection) -> str:
    """The person's choice (a cookie), else what the browser asks for, else Chinese."""
    chosen = request.cookies.get(LANGUAGE_COOKIE, "")
    if chosen in LANGUAGES:
        return chosen
    for part in request.headers.get("accept-language", "").split(","):
        tag = part.split(";")[0].strip().lower()
        if tag[:2] in LANGUAGES:
            return tag[:2]
    return "zh"
