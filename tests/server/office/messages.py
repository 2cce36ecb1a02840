"""Which Chinese sentences the office can say: read out of its templates and its Python."""

import ast
import re
from pathlib import Path

OFFICE = Path(__file__).resolve().parents[3] / "server" / "office"
DOCUMENTS = {"figures.py", "working.py"}
CHINESE = re.compile(r"[\u4e00-\u9fff]")
MARK = re.compile("[：、，。；（）！？]")
CALL = re.compile(r"""_\(\s*(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)')""")


def of_templates() -> set[str]:
    """Every message of a template."""
    found = set()
    for path in OFFICE.glob("templates/*.html"):
        for double, single in CALL.findall(path.read_text(encoding="utf-8")):
            found.add(double or single)
    return found


def of_code() -> set[str]:
    """Every Chinese string of the office's own modules that isn't a docstring: they are messages all."""
    found = set()
    for path in [
        *OFFICE.glob("*.py"),
        *OFFICE.glob("lists/*.py"),
        *OFFICE.glob("prints/*.py"),
        *OFFICE.glob("statistics/*.py"),
        *OFFICE.glob("reports/*.py"),
        *OFFICE.glob("rights/*.py"),
        *OFFICE.glob("work/*.py"),
        *OFFICE.glob("texts/*.py"),
    ]:
        # An Excel names its own language; the words of a report are those of a Chinese document.
        if path.name == "export.py" or (path.parent.name == "reports" and path.name in DOCUMENTS):
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        docs = {
            id(node.value)
            for node in ast.walk(tree)
            if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        }
        pieces = {
            id(part)
            for node in ast.walk(tree)
            if isinstance(node, ast.JoinedStr)
            for part in node.values
        }
        for node in ast.walk(tree):
            if (
                isinstance(node, ast.Constant)
                and isinstance(node.value, str)
                and id(node) not in docs | pieces
                and CHINESE.search(node.value)
            ):
                found.add(node.value)
    return found


def outside_calls() -> list[str]:
    """Chinese in a template that isn't handed to `_`: nobody could read it in English."""
    wrong = []
    for path in OFFICE.glob("templates/*.html"):
        text = re.sub(r"\{#.*?#\}", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
        rest = CALL.sub("", text)
        for line in rest.splitlines():
            # The name of a language stands in that language.
            if (CHINESE.search(line) or MARK.search(line)) and "中文" not in line:
                wrong.append(f"{path.name}: {line.strip()}")
    return wrong
