"""Every sentence stands in both languages."""

import re

from server.office.text import catalogue, translate
from tests.server.office import messages

# The name of a language in itself.
NOT_SAID = {"中文"}


def test_every_chinese_message_has_english() -> None:
    said = (messages.of_templates() | messages.of_code()) - NOT_SAID

    missing = sorted(it for it in said if it not in catalogue("en"))

    assert missing == []


def test_no_template_says_chinese_past_the_catalogue() -> None:
    assert messages.outside_calls() == []


def test_the_catalogue_holds_nothing_nobody_says() -> None:
    said = messages.of_templates() | messages.of_code()

    assert sorted(set(catalogue("en")) - said) == []


def test_translations_keep_their_parameters() -> None:
    def parameters(text: str) -> set[str]:
        return set(re.findall(r"%\((\w+)\)s", text))

    wrong = [zh for zh, en in catalogue("en").items() if parameters(zh) != parameters(en)]

    assert wrong == []


def test_an_unknown_message_is_shown_as_it_stands() -> None:
    assert translate("en", "没有译文的话 100%") == "没有译文的话 100%"
