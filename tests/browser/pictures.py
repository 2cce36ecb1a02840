"""`python -m tests.browser.pictures`: the README's pictures, out of what the browser tests have just seen.

The tests write a picture at every step; these are the ones that tell the story. Run after `make test`.
"""

from __future__ import annotations

import shutil
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
SEEN = ROOT / "tests" / "output"
SHOWN = ROOT / "server" / "docs" / "pictures"
PICTURES = {
    "phone-today": "phone-2-today",
    "phone-visit": "phone-4-visit-state",
    "phone-child": "phone-6-child",
    "phone-survey": "phone-3-hub",
    "phone-danger": "phone-4-danger",
    "phone-sync": "phone-5-receipt",
    "office-start": "office-5-tonight",
    "office-code": "office-2-code",
    "office-children": "office-8-imported",
    "office-child": "office-6-file",
    "office-conflict": "office-6-settle",
    "office-import": "office-8-preview",
    "office-month": "office-9-month",
    "office-statistics": "office-9-statistics",
}


def main() -> None:
    SHOWN.mkdir(parents=True, exist_ok=True)
    for shown, seen in PICTURES.items():
        shutil.copyfile(SEEN / f"{seen}.png", SHOWN / f"{shown}.png")
        print(SHOWN / f"{shown}.png")


if __name__ == "__main__":
    main()
