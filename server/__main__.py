"""The `zoufang` command: reads its arguments and hands them to `server.commands`.

Imports of the server stand inside the functions, so that `zoufang --help` is there at once.
"""

import os
import sys
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from server.commands.words import Refusal, say
from server.settings import Settings

if TYPE_CHECKING:
    from server.commands.orders import Answer

app = typer.Typer(
    help=say(
        "走访：村里的登记册，没有网络也能用。", "Zoufang, a village's offline-first register."
    ),
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

Data = Annotated[
    Path | None,
    typer.Option(
        "--data",
        metavar="DIR",
        help=say("数据目录（或 ZOUFANG_DATA）", "data folder (or ZOUFANG_DATA); ./data by default"),
    ),
]
Village = Annotated[
    str | None,
    typer.Option(help=say("村代码；只有一个村时可省略", "village code; needed only with several")),
]
Host = Annotated[str, typer.Option(help=say("监听地址", "address to listen on"))]
Port = Annotated[int, typer.Option(help=say("端口", "port to listen on"))]


class Alike(StrEnum):
    FILL = "fill"
    CREATE = "create"
    LEAVE = "leave"


def settings_for(data: Path | None) -> Settings:
    settings = Settings.from_environment()
    return replace(settings, data=data) if data else settings


def show(answer: "Answer") -> None:
    """Print what was done, or refuse with it."""
    if not answer.done:
        sys.exit(answer.text)
    print(answer.text)


@app.command(help=say("启动服务器", "Run the server"))
def serve(data: Data = None, host: Host = "127.0.0.1", port: Port = 8000) -> None:
    from server.commands import serve

    serve.serve(settings_for(data), host, port)


@app.command(help=say("带虚构村庄的演示", "Run the server with an invented village"))
def demo(
    data: Data = None,
    host: Host = "127.0.0.1",
    port: Port = 8000,
    reset: Annotated[
        bool, typer.Option("--reset", help=say("从头开始", "throw the demo's data away first"))
    ] = False,
    evening: Annotated[
        bool,
        typer.Option(
            "--evening",
            help=say(
                "再演一个晚上：八部手机回来，十五处对不上",
                "and an evening on which fifteen things disagree",
            ),
        ),
    ] = False,
) -> None:
    from server.commands import demo

    demo.run(settings_for(data or Path("demo-data")), host, port, reset=reset, evening=evening)


@app.command("add-village", help=say("建立一个村", "Make a village"))
def add_village(code: str, name: str, data: Data = None) -> None:
    from server.commands import duties

    show(duties.carry_out(settings_for(data), "add-village", code=code, name=name))


@app.command("add-user", help=say("建立一个账号", "Make an account"))
def add_user(
    login: str,
    name: Annotated[str, typer.Option(help=say("姓名", "the person's name"))],
    role: Annotated[
        str, typer.Option(help="official, clerk, surveyor, volunteer, supervisor, admin")
    ],
    grid: Annotated[
        list[str] | None, typer.Option(help=say("网格代码，可多次", "grid code; may be repeated"))
    ] = None,
    phone_only: Annotated[
        bool, typer.Option(help=say("不设密码，只用手机", "no password: for phones only"))
    ] = False,
    village: Village = None,
    data: Data = None,
) -> None:
    from server.commands import duties

    answer = duties.carry_out(
        settings_for(data),
        "add-user",
        village=village,
        login=login,
        name=name,
        role=role,
        password="" if phone_only else ask_password(),
        grids=grid or [],
    )
    show(answer)


def ask_password() -> str:
    """From the keyboard, or one line of standard input when that is not a terminal."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    text = say("密码", "Password")
    return str(typer.prompt(text, hide_input=True, confirmation_prompt=True, err=True))


@app.command("enrol-code", help=say("为一部手机出登记码", "A code that enrols one phone"))
def enrol_code(login: str, village: Village = None, data: Data = None) -> None:
    from server.commands import duties

    show(duties.carry_out(settings_for(data), "enrol-code", village=village, login=login))


@app.command("import", help=say("导入名册；不加 --apply 只预览", "Preview a roster, or import it"))
def import_roster(
    file: Path,
    apply: Annotated[
        bool, typer.Option("--apply", help=say("真正导入，全部或全不", "import it, all or nothing"))
    ] = False,
    refused: Annotated[
        Path | None,
        typer.Option(metavar="OUT.xlsx", help=say("不收的行另存为", "where refused rows go")),
    ] = None,
    grid: Annotated[
        str, typer.Option(help=say("没写网格的行归入哪个网格", "grid of rows that name none"))
    ] = "",
    create_grids: Annotated[
        bool, typer.Option("--create-grids", help=say("建立没有的网格", "make unknown grids"))
    ] = False,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help=say("也改已填的格", "change filled fields too"))
    ] = False,
    as_of: Annotated[
        str, typer.Option(metavar="YYYY-MM-DD", help=say("名册截至哪天", "the roster's own day"))
    ] = "",
    alike: Annotated[
        Alike,
        typer.Option(help=say("像已有的人：补上、新建、不动", "rows that look like somebody")),
    ] = Alike.LEAVE,
    village: Village = None,
    data: Data = None,
) -> None:
    from server.commands import duties

    answer = duties.carry_out(
        settings_for(data),
        "import",
        village=village,
        content=duties.content_of(file),
        name=file.name,
        do_apply=apply,
        options={
            "grid": grid,
            "create_grids": create_grids,
            "overwrite": overwrite,
            "as_of": as_of,
            "alike": alike.value,
        },
    )
    if refused and "refused" in answer.files:
        refused.write_bytes(answer.files["refused"])
    show(answer)


@app.command(help=say("检查安装和数据库", "Examine the installation and the database"))
def doctor(data: Data = None) -> None:
    from server.commands import doctor

    lines, well = doctor.examine(settings_for(data))
    print("\n".join(lines))
    sys.exit(0 if well else 1)


@app.command(help=say("备份到一个文件，服务器可继续运行", "Back up to a file; the server goes on"))
def backup(file: Path, data: Data = None) -> None:
    from server.commands import backup, duties, restore

    settings = settings_for(data)
    size = backup.copy(restore.database_file(settings), file)
    held = backup.held(file)
    duties.carry_out(settings, "note-backup", held=held, name=file.name, size=size)
    print(say(f"{file}：{size} 字节，已校验", f"{file}: {size} bytes, verified"))


@app.command(
    help=say(
        "全部数据导出到一个新目录，不用走访也能读",
        "All data out into a new folder, readable without Zoufang",
    )
)
def export(folder: Path, data: Data = None) -> None:
    from server.commands import export, restore

    print("\n".join(export.export(restore.database_file(settings_for(data)), folder)))


@app.command(help=say("把备份恢复到空的数据目录", "Bring a backup back into an empty data folder"))
def restore(file: Path, data: Data = None) -> None:
    from server.commands import restore

    database = restore.restore(settings_for(data), file)
    print(say(f"已恢复到 {database}。", f"Restored to {database}."))


def main() -> None:
    os.umask(0o077)  # databases, backups and lists of children are for their owner alone
    try:
        app(prog_name="zoufang")
    except Refusal as refusal:
        sys.exit(str(refusal))


if __name__ == "__main__":
    main()
