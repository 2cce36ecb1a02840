"""A text in the two languages every screen speaks: Chinese first, English second."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Label:
    zh: str
    en: str

    def wire(self) -> dict[str, str]:
        return {"zh": self.zh, "en": self.en}

    def filled(self, **values: object) -> Label:
        """The label with `{name}` placeholders filled in, in both languages."""
        return Label(self.zh.format(**values), self.en.format(**values))
