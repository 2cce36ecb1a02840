"""Make `.venv` from a bare Python and a package registry, or renew what is locked.

    python3 deploy/bootstrap.py        .venv with what deploy/constraints.txt names, and ourselves
    python3 deploy/bootstrap.py lock   write deploy/constraints.txt, runtime.txt and uv.txt anew

Standard library only, because it runs before anything is installed; an old Python must be able to
parse it, to reach the sentence that refuses it. Packages are installed by uv, which the new
environment's own pip installs by hash: a quarter of the time pip would take. uv doesn't read
pip's settings, so a machine whose registry is named there has them handed over in the environment.
"""

import ast
import os
import subprocess
import sys
from pathlib import Path

OLDEST = (3, 11)
if sys.version_info < OLDEST:
    sys.exit(
        "Zoufang needs Python 3.11 or newer; this is {}.{}. With a newer one elsewhere: "
        "make PYTHON=/path/to/python3 ...".format(*sys.version_info)
    )

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
CONSTRAINTS = ROOT / "deploy" / "constraints.txt"
RUNTIME = ROOT / "deploy" / "runtime.txt"
UV_PIN = ROOT / "deploy" / "uv.txt"
STAMP = VENV / "ready"

# pip's setting -> uv's variable. pip searches all indexes for the best version, so uv must as well;
# every file is checked by its hash, which is what makes that safe.
UV_NAMES = {
    "index-url": "UV_DEFAULT_INDEX",
    "extra-index-url": "UV_INDEX",
    "find-links": "UV_FIND_LINKS",
    "no-index": "UV_NO_INDEX",
    "trusted-host": "UV_INSECURE_HOST",
    "timeout": "UV_HTTP_TIMEOUT",
    "default-timeout": "UV_HTTP_TIMEOUT",
    "cert": "SSL_CERT_FILE",
    "proxy": "ALL_PROXY",
}


def main(arguments: list[str]) -> None:
    if arguments not in ([], ["lock"]):
        sys.exit(__doc__)
    try:
        make_venv()
        settings = uv_settings()
        if arguments:
            lock(settings)
        else:
            install(settings)
            STAMP.touch()
    except subprocess.CalledProcessError as error:
        command = " ".join(map(str, error.cmd[:5]))
        sys.exit(f"The lines above say what went wrong with: {command} …")


def make_venv() -> None:
    """A working .venv of a fit Python is kept; one that moved or lost its Python is made anew."""
    if is_fit(PYTHON):
        return
    try:
        import ensurepip  # noqa: F401 - Debian splits it off into a package of its own
        import venv
    except ImportError:
        sys.exit(
            "This Python comes without its venv module. On Debian and Ubuntu: "
            "apt-get install python3-venv"
        )
    say("Making .venv with Python {}.{}".format(*sys.version_info))
    venv.create(VENV, clear=True, with_pip=True, symlinks=True)


def is_fit(python: Path) -> bool:
    probe = "import pip, sys; print(sys.version_info >= (3, 11) and sys.prefix)"
    try:
        answer = subprocess.run([python, "-c", probe], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return False
    return answer.stdout.strip() == str(VENV)


def install(settings: dict[str, str]) -> None:
    say("Installing the locked packages")
    if install_uv():
        uv("pip", "install", "--quiet", "--require-hashes", "-r", CONSTRAINTS, settings=settings)
    else:
        say("uv can't be had for this machine; pip does the same, more slowly")
        pip("install", "--quiet", "--require-hashes", "-r", CONSTRAINTS)
    pip("install", "--quiet", "--no-index", "--no-deps", "--no-build-isolation", "-e", ROOT)


def install_uv() -> bool:
    try:
        pip("install", "--quiet", "--no-deps", "--require-hashes", "-r", UV_PIN)
    except subprocess.CalledProcessError:
        return False
    return True


def lock(settings: dict[str, str]) -> None:
    """Newest versions that pyproject.toml allows, with the hashes for every platform, no address.

    Packages that only this machine's extra indexes hold must not get in: the lock is for everybody.
    """
    everybody = {
        name: value
        for name, value in settings.items()
        if name not in ("UV_INDEX", "UV_FIND_LINKS", "UV_INDEX_STRATEGY")
    }
    if not (UV_PIN.exists() and install_uv()):
        pip("install", "--quiet", "uv")
    options = ["--quiet", "--upgrade", "--universal", "--python-version=3.11"]
    options += ["--generate-hashes", "--no-header", "--no-annotate"]
    options += ["--no-emit-index-url", "--no-emit-find-links"]
    compile_lock = ("pip", "compile", *options, "-o")
    uv(*compile_lock, CONSTRAINTS, "--group", "dev", "pyproject.toml", settings=everybody)
    uv(*compile_lock, RUNTIME, "-c", CONSTRAINTS, "pyproject.toml", settings=everybody)
    uv(*compile_lock, UV_PIN, "-", settings=everybody, text="uv\n")


def uv_settings() -> dict[str, str]:
    """pip's settings in uv's words. What the environment says to uv already stays as it is."""
    listing = subprocess.run(
        [PYTHON, "-m", "pip", "config", "list"], capture_output=True, text=True, check=True
    ).stdout
    found: dict[tuple[int, str], str] = {}
    for line in listing.splitlines():
        key, _, quoted = line.partition("=")
        section, _, name = key.rpartition(".")
        rank = {"global": 0, "install": 1, ":env:": 2}.get(section)
        if rank is not None and name in UV_NAMES:
            found[rank, name] = str(ast.literal_eval(quoted))
    settings = {}
    for (_, name), value in sorted(found.items()):
        # pip separates lists by spaces or lines; uv's find-links wants commas.
        separator = "," if name == "find-links" else " "
        settings[UV_NAMES[name]] = separator.join(value.split())
    if "UV_INDEX" in settings:
        settings["UV_INDEX_STRATEGY"] = "unsafe-best-match"
    return {name: value for name, value in settings.items() if name not in os.environ}


def pip(*arguments: object) -> None:
    run([PYTHON, "-m", "pip", "--disable-pip-version-check", *arguments], {})


def uv(*arguments: object, settings: dict[str, str], text: str | None = None) -> None:
    run([VENV / "bin" / "uv", *arguments], {"VIRTUAL_ENV": str(VENV), **settings}, text)


def run(command: list[object], settings: dict[str, str], text: str | None = None) -> None:
    subprocess.run(
        [str(part) for part in command],
        env={**os.environ, **settings},
        cwd=ROOT,
        check=True,
        text=True,
        input="" if text is None else text,
    )


def say(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
