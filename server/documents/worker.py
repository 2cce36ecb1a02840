"""The process that reads a template: a JSON request on the first line of stdin, the file after it, JSON on stdout.

`build` makes a .docx of an outline, `fill` fills one, `outline` does both. Whatever is wrong with the template comes
back as faults with the paragraph where it stands; a status other than 0 says the file is broken altogether."""

from __future__ import annotations

import base64
import io
import re
import sys
import zipfile
from collections.abc import Iterator, Mapping
from typing import Any

from server.workers import MB, serve

MEMORY = 1024 * MB
MOST_UNPACKED = 64 * MB
CPU_SECONDS = 25
TAG = re.compile(r"\{[{%#].*?[}%#]\}", re.S)
LINKED = re.compile(r'<Relationship\b[^>]*TargetMode="External"[^>]*>')


def _answer(asked: dict[str, Any], content: bytes) -> dict[str, Any]:
    if asked["what"] == "build":
        from server.documents.outline import build

        return {"content": _text(build(content.decode()))}
    if asked["what"] == "outline":
        from server.documents.outline import build

        return _fill(build(content.decode()), asked["values"])
    return _fill(content, asked["values"])


def _fill(content: bytes, values: Mapping[str, Any]) -> dict[str, Any]:
    if not _is_safe(content):
        return {"faults": [{"code": "file", "name": "", "where": ""}]}
    from docxtpl import DocxTemplate
    from jinja2 import StrictUndefined, TemplateError
    from jinja2.sandbox import SandboxedEnvironment

    env = SandboxedEnvironment(undefined=StrictUndefined, autoescape=True)
    faults = list(_faults(content, env, frozenset(values)))
    if faults:
        return {"faults": faults}
    template = DocxTemplate(io.BytesIO(content))
    try:
        template.render(dict(values), jinja_env=env, autoescape=True)
    except (TemplateError, TypeError, ValueError, ArithmeticError, AttributeError) as wrong:
        return {"faults": [{"code": "broken", "name": str(wrong)[:200], "where": ""}]}
    out = io.BytesIO()
    template.save(out)
    return {"content": _text(out.getvalue()), "blocks": list(_blocks(out.getvalue()))}


def _is_safe(content: bytes) -> bool:
    """A .docx that unpacks to something sensible, without macros, and that fetches nothing from elsewhere."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            names = package.namelist()
            if "word/document.xml" not in names or any("vbaProject" in name for name in names):
                return False
            if sum(it.file_size for it in package.infolist()) > MOST_UNPACKED:
                return False
            for name in names:
                if name.endswith(".rels"):
                    linked = LINKED.findall(package.read(name).decode("utf-8", "replace"))
                    if any("/hyperlink" not in it for it in linked):
                        return False
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError):
        return False
    return True


def _faults(content: bytes, env: Any, known: frozenset[str]) -> Iterator[dict[str, str]]:
    """Names nobody fills, and tags that are no tags, paragraph by paragraph."""
    from jinja2 import TemplateSyntaxError, meta

    pieces: list[tuple[str, str]] = []
    for number, text in enumerate(_paragraphs(content), start=1):
        where = f"{number}: {text.strip()[:60]}"
        bare = TAG.sub("", text)
        if any(brace in bare for brace in ("{{", "}}", "{%", "%}")):
            yield {"code": "broken", "name": text.strip()[:60], "where": where}
            continue
        pieces += [(tag, where) for tag in TAG.findall(text)]
    tags = [(re.sub(r"^\{([{%])(p|tr|tc|r) ", r"{\1 ", tag), where) for tag, where in pieces]
    whole = "\n".join(tag for tag, _ in tags)
    try:
        tree = env.parse(whole)
    except TemplateSyntaxError as wrong:
        line = min(max(wrong.lineno, 1), len(tags)) - 1
        tag, where = tags[line] if tags else ("", "")
        yield {"code": "broken", "name": tag or str(wrong), "where": where}
        return
    for name in sorted(meta.find_undeclared_variables(tree) - known):
        where = next((at for tag, at in tags if re.search(rf"\b{re.escape(name)}\b", tag)), "")
        yield {"code": "unknown", "name": name, "where": where}


def _paragraphs(content: bytes) -> Iterator[str]:
    """The text of every paragraph, those of tables, headers and footers too."""
    from docx import Document
    from docx.oxml.ns import qn

    made = Document(io.BytesIO(content))
    parts = [made.element.body]
    for section in made.sections:
        parts += [section.header._element, section.footer._element]
    for part in parts:
        for paragraph in part.iter(qn("w:p")):
            yield "".join(it.text or "" for it in paragraph.iter(qn("w:t")))


def _blocks(content: bytes) -> Iterator[dict[str, Any]]:
    """What a page shows of a document: its paragraphs by style, its tables by rows."""
    from docx import Document
    from docx.table import Table
    from docx.text.paragraph import Paragraph

    for it in Document(io.BytesIO(content)).iter_inner_content():
        if isinstance(it, Paragraph):
            style = str(it.style.name) if it.style is not None else ""
            if 'w:type="page"' in it._p.xml:
                yield {"style": "break", "text": ""}
            if it.text.strip():
                yield {"style": style, "text": it.text}
        elif isinstance(it, Table):
            yield {"rows": [[cell.text for cell in row.cells] for row in it.rows]}


def _text(content: bytes) -> str:
    return base64.b64encode(content).decode()


if __name__ == "__main__":
    sys.exit(serve(_answer, memory=MEMORY, cpu_seconds=CPU_SECONDS))
