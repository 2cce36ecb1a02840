"""What an installation is made of, and whether its database is sound."""

import shutil
import sqlite3
import sys
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path

from server.settings import Settings

from .backup import check
from .duties import carry_out
from .lock import Held, hold
from .words import Refusal, say

# https://sqlite.org/wal.html#walreset: two connections that write or checkpoint at the same
# instant could corrupt a write-ahead log before this version.
WAL_RESET_MENDED = (3, 51, 3)
SCARCE_BYTES = 1 << 30


def examine(settings: Settings) -> tuple[list[str], bool]:
    """(lines to print, whether all is well). Reads only; a running server goes on undisturbed."""
    lines = [
        say("走访 ", "Zoufang ") + version("zoufang"),
        f"Python {sys.version.split()[0]}, {sys.executable}",
        sqlite_line(),
        say("数据目录 ", "Data folder ") + f"{settings.data.absolute()}: {state(settings.data)}",
        phone_app_line(),
        origin_line(settings),
    ]
    if not settings.database_url.startswith("sqlite:///"):
        return [*lines, carry_out(settings, "describe").text], True
    database = Path(settings.database_url.removeprefix("sqlite:///"))
    if not database.exists():
        return [*lines, say(f"还没有数据库 {database}", f"No database yet at {database}")], True
    size, free = database.stat().st_size, shutil.disk_usage(database.parent).free
    lines.append(
        say(
            f"数据库 {database}：{size / 1e6:.1f} MB，磁盘剩余 {free / 1e9:.1f} GB",
            f"Database {database}: {size / 1e6:.1f} MB, {free / 1e9:.1f} GB free on its disk",
        )
    )
    well = free > SCARCE_BYTES
    if not well:
        lines.append(say("磁盘快满了。", "The disk is nearly full."))
    try:
        check(database)
    except Refusal as damage:
        return [*lines, str(damage)], False
    lines.append(say("完整性检查：通过", "Integrity check: sound"))
    lines.append(carry_out(settings, "describe").text)
    return lines, well


def sqlite_line() -> str:
    line = f"SQLite {sqlite3.sqlite_version}"
    if sqlite3.sqlite_version_info < WAL_RESET_MENDED:
        line += say(
            "：早于 3.51.3，预写日志在两个连接同时写入时可能损坏（WAL-reset 缺陷）。"
            "走访只用一个连接写入，不会遇到；不要用别的程序写这个数据库。",
            ": older than 3.51.3, whose write-ahead log can be damaged by two connections that "
            "write at once (the WAL-reset bug). Zoufang writes through one connection only and "
            "so does not meet it; let no other program write to the database.",
        )
    return line


def state(data: Path) -> str:
    if not data.exists():
        return say("还不存在", "not there yet")
    try:
        with hold(data):
            return say("没有服务器在运行", "no server is running")
    except Held:
        return say("服务器正在运行", "a server is running")


def phone_app_line() -> str:
    if (files("server") / "pwa" / "index.html").is_file():
        return say("手机应用：已构建", "Phone app: built")
    return say("手机应用：没有构建，请运行 make pwa", "Phone app: not built; run make pwa")


def origin_line(settings: Settings) -> str:
    if settings.origin.startswith("https://"):
        return say("访问地址 ", "Address ") + settings.origin
    return say(
        "没有设置 https 地址（ZOUFANG_ORIGIN）：只有本机的浏览器能登记为手机。",
        "No https address is set (ZOUFANG_ORIGIN): only a browser on this machine can be "
        "enrolled as a phone.",
    )
