"""A trap: a mistake as a patch, and the tests that ought to see it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Patch:
    """A piece of source that occurs exactly once, and what is put in its place."""

    file: str
    old: str
    new: str

    def plant(self, tree: Path) -> None:
        """Change the file. Raises `LookupError` when the old text is not there exactly once."""
        path = tree / self.file
        source = path.read_text(encoding="utf-8")
        if (times := source.count(self.old)) != 1:
            raise LookupError(f"{self.file} holds the text to be replaced {times} times")
        path.write_text(source.replace(self.old, self.new), encoding="utf-8")


@dataclass(frozen=True)
class Trap:
    """A mistake, and the tests to run against it: pytest's names, or parts of the phone's test files."""

    mistake: str
    patches: tuple[Patch, ...]
    tests: tuple[str, ...]
    phone: bool = False

    @property
    def place(self) -> str:
        return ", ".join(dict.fromkeys(patch.file for patch in self.patches))


def named(file: str, *tests: str) -> tuple[str, ...]:
    """Tests of one file by name; the whole file if none is named."""
    return tuple(f"{file}::{test}" for test in tests) or (file,)


def on_sqlite(file: str, *tests: str) -> tuple[str, ...]:
    """Tests of the registry's contract, on the database that starts at once."""
    return tuple(f"{file}::{test}[sqlite]" for test in tests)
