"""`make demo`: an invented village, served on this machine, with what one needs to walk in."""

import asyncio
import io
import os
import shutil
import sys
from pathlib import Path

import segno
from starlette.applications import Starlette

from server.auth import Auth
from server.demo.build import DemoAccess, build
from server.demo.evening import play
from server.office.pages import today
from server.office.rollover import DISMISSED
from server.programme.school_year import school_year
from server.registry import Registry
from server.settings import Settings

from . import backup, duties
from .lock import Held, hold
from .words import Refusal, say

CLERK, SURVEYOR, VOLUNTEER = "office", "diaocha1", "zhiyuan1"


def run(settings: Settings, host: str, port: int, *, reset: bool, evening: bool = False) -> None:
    """Build the village unless it is there, then serve. Raises Refusal as `serve` does."""
    from .serve import serve

    try:
        with hold(settings.data):
            access = asyncio.run(prepare(settings, reset=reset, evening=evening))
    except Held:
        raise Refusal(
            f"演示已经在运行（{settings.data}）。",
            f"The demo is running already (in {settings.data}).",
        ) from None

    async def greet(app: Starlette, address: str) -> None:
        print(await welcome(app.state.auth, access, address, settings.data), flush=True)

    serve(settings, host, port, greet)


async def prepare(settings: Settings, *, reset: bool, evening: bool = False) -> DemoAccess:
    registry = await Registry.open(settings.database_url)
    try:
        villages = await registry.villages()
        if not all(village.demo for village in villages):
            raise Refusal(
                f"{settings.data} 里有真实的村，演示不会动它。",
                f"{settings.data} holds a real village; the demo keeps away from it.",
            )
    finally:
        await registry.close()
    if reset and villages:
        throw_away(settings.data)
    registry = await Registry.open(settings.database_url)
    try:
        if reset or not villages:
            print(say("正在建立演示村……", "Building the demo village ..."), flush=True)
        auth = Auth(registry.database)
        access = await build(registry, auth)
        if evening:
            await play(registry, auth, access)
        await move_nobody_up(auth, access)
        await back_up(registry, auth, settings)
        return access
    finally:
        await registry.close()


async def move_nobody_up(auth: Auth, access: DemoAccess) -> None:
    """The children are written down in this year's grades already: nobody is reminded to move them up once more."""
    year = str(school_year(today()))
    said = await auth.last(access.village, DISMISSED)
    if said is None or said.subject != year:
        official = next(it for it in access.accounts.values() if it.role == "official")
        await auth.note(access.village, official.id, DISMISSED, year)


async def back_up(registry: Registry, auth: Auth, settings: Settings) -> None:
    """A backup as every village should have one, made anew at each start: nobody runs a timer for the demo."""
    url = settings.database_url
    if not url.startswith("sqlite:///"):
        return
    file = settings.data / "backups" / "zoufang-demo.db"
    file.unlink(missing_ok=True)
    size = await asyncio.to_thread(backup.copy, Path(url.removeprefix("sqlite:///")), file)
    held = await asyncio.to_thread(backup.held, file)
    await duties.note_backup(registry, auth, held=held, name=file.name, size=size)


def throw_away(data: Path) -> None:
    """Everything but the lock, which we hold."""
    for path in data.iterdir():
        if path.is_dir():
            shutil.rmtree(path)
        elif path.name != "lock":
            path.unlink()


async def welcome(auth: Auth, access: DemoAccess, address: str, data: Path) -> str:
    """The office's login, and for a surveyor's phone a fresh code as a link and a QR picture."""
    from server.office.people import ENROL_PATH  # the application has it loaded by now

    surveyor, volunteer = access.accounts[SURVEYOR], access.accounts[VOLUNTEER]
    link = f"{address}{ENROL_PATH}{(await auth.issue_code(surveyor)).text}"
    second = f"{address}{ENROL_PATH}{(await auth.issue_code(volunteer)).text}"
    port = address.rpartition(":")[2]
    zoufang = command()
    return say(
        f"""
走访 · {access.name}（虚构的村，数据截至 {access.as_of}）

  办公室  {address}/
          账号 {CLERK}，密码 {access.password}
  手机    {link}
          {surveyor.name}（调查员）。登记码 10 分钟内有效，只能用一次。
  第二部  {second}
          {volunteer.name}（志愿者）

{picture(link)}
手机只信任 https 或本机地址：请在本机另开一个浏览器窗口打开链接，
或用 USB 连接安卓手机，运行 adb reverse tcp:{port} tcp:{port} 后扫码。
再要登记码：{zoufang} enrol-code {SURVEYOR} --data {data}（或在办公室的“人员与设备”里）。
按 Ctrl-C 停止；数据保留在 {data}。""",
        f"""
Zoufang · {access.name} (an invented village, as of {access.as_of})

  Office  {address}/
          login {CLERK}, password {access.password}
  Phone   {link}
          for {surveyor.name}, a surveyor. The code works once, within ten minutes.
  Second  {second}
          for {volunteer.name}, a volunteer

{picture(link)}
Phones trust https and their own machine only: open the link in another browser window here,
or join an Android phone by USB, run adb reverse tcp:{port} tcp:{port}, and scan the picture.
More codes: {zoufang} enrol-code {SURVEYOR} --data {data}
(or in the office, under people and devices).
Ctrl-C stops; the data stay in {data}.""",
    )


def picture(link: str) -> str:
    out = io.StringIO()
    segno.make(link, error="l").terminal(out, border=2, compact=True)
    return out.getvalue()


def command() -> str:
    """How to call `zoufang` from the folder one is in; the environment need not be active."""
    return os.path.relpath(Path(sys.executable).parent / "zoufang")
