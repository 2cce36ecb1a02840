"""The guide lists every function a form may use, and no other."""

import re
from pathlib import Path

from server.forms import compile as compiling
from server.forms.expression import FUNCTIONS

GUIDE = Path(compiling.__file__).with_name("README.md").read_text(encoding="utf-8")


def test_the_guide_lists_the_functions_that_can_be_used() -> None:
    table = GUIDE.partition("## Functions")[2]

    assert {*re.findall(r"`(?:jr:)?([a-z-]+)\(", table)} == FUNCTIONS.keys()


def test_the_guide_tells_the_limits() -> None:
    assert f"At most {compiling.MOST_QUESTIONS} questions" in GUIDE
    assert f"{compiling.MOST_CHOICES:,} choices" in GUIDE
