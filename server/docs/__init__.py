"""The documentation, served at /docs so that help works without internet: Markdown of this program, nothing personal.

The pages lie where they belong: guides and pictures in this folder, the programme's and the forms' own pages
beside the code they describe. What is not listed in PAGES is not served.
"""

from __future__ import annotations

from functools import lru_cache
from html import escape
from pathlib import Path
from string import Template
from typing import NamedTuple

from markdown_it import MarkdownIt
from markdown_it.token import Token
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from server.errors import Problem

HERE = Path(__file__).parent
SERVER = HERE.parent
PICTURES = HERE / "pictures"


class Page(NamedTuple):
    """`about` says in both languages what the page is for."""

    file: Path
    title: str
    about: str


PAGES = {
    "forms-out": Page(HERE / "forms-out.md", "空白表与导出", "空白表、填好的表、XForm、Excel 怎么拿 · Paper, XForm, Excel"),
    "odd-values": Page(HERE / "odd-values.md", "数据疑点", "手机和村里各自核对什么、在哪里看 · What is checked at both ends"),
    "faults": Page(HERE / "faults.md", "出了毛病会怎样", "断网、停电、磁盘满：会怎样，哪条测试证明 · Each fault, what is seen, which test shows it"),
    "checklist": Page(HERE / "checklist.md", "逐条对照", "170 条做法各在哪里 · Where each of 170 practices is done"),
    "own-forms": Page(HERE / "own-forms.md", "自己的表单", "用 Excel 写、上传、发布、停用 · Forms a village writes in Excel"),
    "information-model": Page(HERE / "information-model.md", "信息模型", "每种档案和记录有哪些项 · Every entity and event with its fields"),
    "what-leaves": Page(SERVER / "programme" / "what-leaves.md", "哪些内容会离开服务器", "每种角色的手机能收到哪些项 · What each role's phone is sent"),
    "roles": Page(SERVER / "programme" / "roles.md", "谁能做什么", "角色、动作、档案 · Roles, actions, records"),
    "rules": Page(SERVER / "programme" / "rules.md", "走访频次", "多久走访一次，从哪天算起 · How often, and from when"),
    "expressions": Page(SERVER / "forms" / "README.md", "表单里能用的函数", "自编表单可用的函数和题型 · Functions and types of own forms"),
    "protocol": Page(SERVER.parent / "sync" / "PROTOCOL.md", "同步协议", "手机和服务器怎么对上 · How phones and the server agree"),
}  # fmt: skip
_LAYOUT = Template((HERE / "layout.html").read_text(encoding="utf-8"))
_markdown = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])


async def index(request: Request) -> Response:
    """What there is to read."""
    items = "".join(
        f'<li><a href="/docs/{name}"><strong>{escape(page.title)}</strong></a>'
        f'<div class="soft">{escape(page.about)}</div></li>'
        for name, page in PAGES.items()
    )
    return _answer("说明 · Documentation", f"<h1>说明</h1><ul class='plain'>{items}</ul>", [])


async def page(request: Request) -> Response:
    name = request.path_params["name"]
    if name.endswith(".md"):
        return RedirectResponse(f"/docs/{name.removesuffix('.md')}")
    if name not in PAGES:
        raise Problem("not_found")
    found = PAGES[name]
    body, headings = rendered(name, found.file.stat().st_mtime_ns)
    return _answer(found.title, body, headings)


async def picture(request: Request) -> Response:
    file = PICTURES / request.path_params["name"]
    if file.parent != PICTURES or file.suffix != ".png" or not file.is_file():
        raise Problem("not_found")
    return FileResponse(file, headers={"Cache-Control": "no-cache"})


routes = [
    Route("/", index),
    Route("/pictures/{name}", picture),
    Route("/{name}", page),
]


@lru_cache(maxsize=len(PAGES))
def rendered(name: str, changed_ns: int) -> tuple[str, list[tuple[str, str]]]:
    """A page as HTML, and its second-level headings as (anchor, words)."""
    tokens = _markdown.parse(PAGES[name].file.read_text(encoding="utf-8"))
    headings: list[tuple[str, str]] = []
    for at, token in enumerate(tokens):
        if token.type == "heading_open":
            words = tokens[at + 1].content
            token.attrSet("id", f"s{at}")
            if token.tag == "h2":
                headings.append((f"s{at}", words))
        if token.attrs.pop("style", ""):  # columns of figures; the policy allows no inline style
            token.attrSet("class", "number")
        for child in token.children or []:
            _redirect(child)
    html: str = _markdown.renderer.render(tokens, _markdown.options, {})
    html = html.replace("<table>", '<div class="table-wrap" tabindex="0"><table>')
    return html.replace("</table>", "</table></div>"), headings


def _redirect(token: Token) -> None:
    """Links between the files lead to the served pages; one to a file that is not served leads nowhere."""
    target = str(token.attrGet("href") or "")
    if token.type != "link_open" or "://" in target or target.startswith("#"):
        return
    path, hash_, anchor = target.partition("#")
    served = next((name for name, page in PAGES.items() if page.file.name == Path(path).name), "")
    token.attrSet("href", f"/docs/{served}{hash_}{anchor}" if served else "/docs/")


def _answer(title: str, body: str, headings: list[tuple[str, str]]) -> Response:
    listed = "".join(f'<li><a href="#{id}">{escape(words)}</a></li>' for id, words in headings)
    contents = (
        f'<details class="no-print"><summary>本页目录 · On this page</summary><ul>{listed}</ul></details>'
        if len(headings) > 2
        else ""
    )
    html = _LAYOUT.substitute(title=escape(title), contents=contents, body=body)
    return HTMLResponse(html, headers={"Cache-Control": "no-cache"})
