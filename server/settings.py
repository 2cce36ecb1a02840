"""Settings, read from the environment once. Everything has a value that is right for one village's PC."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Settings:
    """How this server runs."""

    data: Path = Path("data")
    """Folder of the database, uploads and keys."""
    database: str = ""
    """`sqlite:///FILE` or `postgresql://…`; empty: `zoufang.db` in the data folder."""
    origin: str = ""
    """The address people open, e.g. `https://qinghe.example`; empty: the address of the request."""
    reset_phone_app: bool = False
    """The kill switch: phones throw their copy of the app away and fetch it anew. What people saved stays."""

    keep_years: int = 3
    """Years a child's file is kept after the child has left the register; the operator's own rule, if it has one."""

    @property
    def database_url(self) -> str:
        return self.database or f"sqlite:///{self.data / 'zoufang.db'}"

    @classmethod
    def from_environment(cls) -> Settings:
        """`ZOUFANG_DATA`, `ZOUFANG_DATABASE_URL`, `ZOUFANG_ORIGIN`, `ZOUFANG_RESET_PHONE_APP` (1),
        `ZOUFANG_KEEP_YEARS`."""
        return cls(
            data=Path(os.environ.get("ZOUFANG_DATA", "data")),
            database=os.environ.get("ZOUFANG_DATABASE_URL", ""),
            origin=os.environ.get("ZOUFANG_ORIGIN", "").rstrip("/"),
            reset_phone_app=os.environ.get("ZOUFANG_RESET_PHONE_APP", "") == "1",
            keep_years=int(os.environ.get("ZOUFANG_KEEP_YEARS", "3")),
        )
