"""deploy/SECURITY.md promises nothing that no test holds."""

import re

from tests.test_house import ROOT, tracked

PAGE = (ROOT / "deploy" / "SECURITY.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| (?!What |---)(.+?) \| (.+?) \| (.+?) \|$", PAGE, re.MULTILINE)


def test_every_promise_names_a_test_that_is_there() -> None:
    tests = "\n".join(
        path.read_text(encoding="utf-8")
        for path in tracked()
        if path.name.startswith("test_") or path.name.endswith(".test.ts")
    )

    unproven = [what for what, _, shown in ROWS if not re.search("`.+?`", shown)]
    lost = [
        name
        for _, _, shown in ROWS
        for name in re.findall("`(.+?)`", shown)
        if f"def {name}(" not in tests and f'test("{name}"' not in tests
    ]

    assert len(ROWS) > 25
    assert unproven == lost == []
