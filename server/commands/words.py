"""The two languages of the terminal: Chinese, unless the terminal's locale asks for another one.

Both stand beside each other at the place of use, so that neither can be forgotten. A command that
the server carries out for a terminal speaks that terminal's language (see `orders`).
"""

import os
from contextvars import ContextVar


def terminal_is_chinese() -> bool:
    """The first locale variable that is set decides, as the C library has it; `C` asks for nothing."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if value := os.environ.get(name):
            return value.startswith("zh") or value.partition(".")[0] in ("C", "POSIX")
    return True


asker_is_chinese: ContextVar[bool] = ContextVar("asker_is_chinese")


def is_chinese() -> bool:
    return asker_is_chinese.get(terminal_is_chinese())


def say(zh: str, en: str) -> str:
    return zh if is_chinese() else en


class Refusal(Exception):
    """A command that can't be done, with the sentence for whoever asked. Nothing has changed."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(say(zh, en))
