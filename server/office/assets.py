"""The office's static files. The palette and the emblem are the phone's own files, not copies: in a
checkout they are read where the phone app keeps them, in an installed package from its build. The
script that reads codes is built with the phone app, which shows them.
"""

from hashlib import sha256
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, Response

from server.errors import Problem
from server.office.security import page

STATIC = Path(__file__).parent / "static"
_SERVER = Path(__file__).parent.parent
SHARED = {
    "tokens.css": (_SERVER.parent / "pwa/src/tokens.css", _SERVER / "pwa/tokens.css"),
    "icon.svg": (_SERVER.parent / "pwa/public/icon.svg", _SERVER / "pwa/icon.svg"),
    "camera.js": (_SERVER / "pwa/camera.js",),
}
TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


def path_of(name: str) -> Path | None:
    """The file behind a name; None for anything but our few files."""
    if name in SHARED:
        return next((path for path in SHARED[name] if path.is_file()), None)
    path = STATIC / name
    return path if path.parent == STATIC and path.suffix in TYPES and path.is_file() else None


@page(needs_session=False)
async def asset(request: Request) -> Response:
    """A static file. Browsers ask again each time and get 304, so a new version shows at once."""
    path = path_of(request.path_params["name"])
    if path is None:
        raise Problem("not_found")
    etag = f'"{sha256(path.read_bytes()).hexdigest()[:20]}"'
    headers = {"ETag": etag, "Cache-Control": "no-cache"}
    if request.headers.get("if-none-match") == etag:
        return Response(status_code=304, headers=headers)
    return FileResponse(path, media_type=TYPES[path.suffix], headers=headers)
