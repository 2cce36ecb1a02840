"""Fill `dist/` with all that an installation takes: the wheel, and the list of what to install.

    python deploy/wheel.py      then, on the server, inside dist/: pip install -r install.txt

The list is deploy/runtime.txt with our own wheel at its end, by hash as all the others.
"""

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DIST = ROOT / "dist"


def main() -> None:
    for leftover in (DIST, ROOT / "build"):  # or files of an earlier build would go in
        shutil.rmtree(leftover, ignore_errors=True)
    options = ["--quiet", "--no-index", "--no-deps", "--no-build-isolation", "--wheel-dir"]
    subprocess.run([sys.executable, "-m", "pip", "wheel", *options, DIST, ROOT], check=True)
    (wheel,) = DIST.glob("*.whl")
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    locked = (ROOT / "deploy" / "runtime.txt").read_text()
    (DIST / "install.txt").write_text(f"{locked}./{wheel.name} --hash=sha256:{digest}\n")
    print(f"dist/ is ready; on the server, inside it: pip install -r install.txt ({wheel.name})")


if __name__ == "__main__":
    main()
