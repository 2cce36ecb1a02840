"""The house as it stands: who imports whom, what sync may touch, what may not leak out of it."""

import ast
import importlib.metadata
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import server
import sync

ROOT = Path(__file__).resolve().parent.parent

# A room, and the rooms it may import. The leaves are for anyone in server.
LEAVES = {"amounts", "disk", "errors", "names", "settings", "typed"}
MAY_IMPORT = {
    "__main__": {"commands"},
    "commands": {"app", "office", "demo", "registry", "auth", "programme"},
    "app": {"api", "docs", "office", "likeness", "registry", "auth", "database", "programme"},
    "demo": {"registry", "auth", "programme", "forms", "sync"},
    "api": {
        "blobs",
        "carry",
        "checking",
        "gzipped",
        "registry",
        "auth",
        "programme",
        "forms",
        "sync",
    },
    "office": {
        "blobs",
        "carry",
        "documents",
        "filing",
        "likeness",
        "registry",
        "auth",
        "programme",
        "forms",
        "workers",
        "sync",
    },
    "docs": set(),
    "documents": {"workers"},
    "blobs": {"database", "forms"},
    "filing": {"database"},
    "gzipped": set(),
    "carry": {"checking", "gzipped", "registry", "auth", "database", "programme", "sync"},
    "checking": {"registry", "programme", "forms", "sync"},
    "likeness": {"database"},
    "auth": {"registry", "database", "sync"},
    "registry": {"database", "programme", "forms", "sync"},
    "database": set(),
    "programme": {"forms"},
    "forms": {"workers"},
    "workers": set(),
    "amounts": set(),
    "disk": set(),
    "errors": set(),
    "names": set(),
    "settings": set(),
    "typed": set(),
    "sync": set(),
}
# Standard-library modules that only compute, and msgspec (which takes typing_extensions where it is there).
SYNC_MAY_LOAD = {"msgspec", "sync", "typing_extensions"}
SYNC_NEVER = {"asyncio", "socket", "sqlite3", "random", "secrets", "ssl", "selectors", "server"}


def sources(folder: str) -> list[Path]:
    return sorted((ROOT / folder).rglob("*.py"))


def module_of(path: Path) -> list[str]:
    """server/registry/ids.py -> ["server", "registry", "ids"]; a package is its folder's name."""
    parts = list(path.relative_to(ROOT).with_suffix("").parts)
    return parts[:-1] if parts[-1] == "__init__" else parts


def imports(path: Path) -> Iterator[tuple[int, list[str]]]:
    """(line, module) of every import, those inside functions too."""
    package = module_of(path) if path.name == "__init__.py" else module_of(path)[:-1]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            for name in node.names:
                yield node.lineno, name.name.split(".")
        elif isinstance(node, ast.ImportFrom):
            start = package[: len(package) - node.level + 1] if node.level else []
            module = start + (node.module.split(".") if node.module else [])
            for name in node.names:
                yield node.lineno, [*module, name.name]


def room_of(module: list[str]) -> str | None:
    """None for modules that aren't ours and for the bare package."""
    if module[0] == "sync":
        return "sync"
    if module[0] == "server" and len(module) > 1:
        return module[1]
    return None


@cache
def tracked() -> list[Path]:
    listing = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    return [ROOT / name for name in listing.split("\0") if name and (ROOT / name).is_file()]


@pytest.mark.parametrize("room", MAY_IMPORT)
def test_imports_point_down_the_picture(room: str) -> None:
    allowed = MAY_IMPORT[room] | {room} | (set() if room in LEAVES | {"sync"} else LEAVES)
    files = [
        path for path in sources("server") + sources("sync") if room_of(module_of(path)) == room
    ]

    wrong = [
        f"{path.relative_to(ROOT)}:{line} imports {'.'.join(module)}"
        for path in files
        for line, module in imports(path)
        if (other := room_of(module)) is not None and other not in allowed
    ]

    assert files != []
    assert wrong == []


def test_every_room_is_in_the_picture() -> None:
    rooms = {room_of(module_of(path)) for path in sources("server") + sources("sync")}

    assert rooms - {None} == set(MAY_IMPORT)


def test_sync_loads_nothing_that_acts() -> None:
    program = (
        "import sys; before = set(sys.modules); import pkgutil, sync; before |= {'pkgutil'};\n"
        "for module in pkgutil.iter_modules(sync.__path__): __import__('sync.' + module.name)\n"
        "print(*sorted({name.split('.')[0] for name in set(sys.modules) - before}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    loaded = set(done.stdout.split())

    assert loaded & SYNC_NEVER == set()
    assert {name for name in loaded if name not in sys.stdlib_module_names} <= SYNC_MAY_LOAD


def test_our_packages_are_those_of_this_folder() -> None:
    """Another distribution could bring a `server` or `sync` of its own."""
    assert Path(server.__file__).parent == ROOT / "server"
    assert Path(sync.__file__).parent == ROOT / "sync"


# Each is cut in two, so that this file doesn't name what it looks for.
LEAKS = {
    "the address of a package registry": r"py[p]i\.org|python[h]osted|np[m]js\.org|np[m]mirror"
    r"|de[b]ian\.org/debian",
    "a path of one machine": r"(?<![\w.])/(?:wo[r]k|ro[o]t|home/[a-z]+|Us[e]rs/\w+)/",
}


@pytest.mark.parametrize("leak", LEAKS)
def test_tracked_files_name_no(leak: str) -> None:
    pattern = re.compile(LEAKS[leak].encode())

    found = [
        f"{path.relative_to(ROOT)}: {match.group().decode()}"
        for path in tracked()
        if (match := pattern.search(path.read_bytes()))
    ]

    assert found == []


# Named in pyproject.toml though no line of ours imports them, each for the reason beside it.
UNIMPORTED = {
    "greenlet": "SQLAlchemy's bridge between the two kinds of functions",
    "python-multipart": "Starlette reads forms with it",
    "mypy": "a command",
    "ruff": "a command",
    "pytest-rerunfailures": "a plugin of pytest; tests/conftest.py marks what may run twice",
    "setuptools": "builds the wheel",
}


def test_every_dependency_is_imported_somewhere() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wanted = project["project"]["dependencies"] + project["dependency-groups"]["dev"]
    names = {re.match(r"[\w.-]+", line).group() for line in wanted}  # type: ignore[union-attr]
    modules = importlib.metadata.packages_distributions()
    imported = {
        distribution.lower().replace("_", "-")
        for path in tracked()
        if path.suffix == ".py"
        for _, module in imports(path)
        for distribution in modules.get(module[0], [])
    }

    idle = {name for name in names - imported if not name.startswith("types-")}

    assert idle == set(UNIMPORTED)


def locked(name: str) -> set[str]:
    """The entries of a lock file: version, marker and hashes of each package."""
    text = (ROOT / "deploy" / name).read_text(encoding="utf-8")
    return {entry for entry in re.split(r"\n(?=\S)", text) if entry.strip()}


@pytest.mark.parametrize("name", ["constraints.txt", "runtime.txt", "uv.txt"])
def test_every_locked_package_has_one_version_and_its_hashes(name: str) -> None:
    entries = locked(name)

    assert entries != set()
    assert [entry for entry in entries if "==" not in entry or "--hash=sha256:" not in entry] == []


def test_a_server_gets_the_versions_that_were_tested() -> None:
    def versions(name: str) -> set[str]:
        return {re.split(r"[ ;]", entry)[0] for entry in locked(name)}

    assert versions("runtime.txt") <= versions("constraints.txt")
