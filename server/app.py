"""The application: one Starlette for phones and office. This file is the map of the server."""

from __future__ import annotations

import asyncio
import gzip
import mimetypes
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import lru_cache
from pathlib import Path
from sqlite3 import OperationalError

import structlog
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import (
    FileResponse,
    JSONResponse,
    PlainTextResponse,
    RedirectResponse,
    Response,
)
from starlette.routing import Mount, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server import api, disk, docs, office
from server.auth import Auth
from server.database import Busy
from server.errors import Problem, language_of
from server.likeness import Likeness
from server.programme import programme
from server.registry import Registry
from server.settings import Settings

PHONE_APP = Path(__file__).parent / "pwa"
# The kill switch: a service worker that takes itself and the shell away. IndexedDB is not its business.
NO_WORKER = """self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil((async () => {
  for (const name of await caches.keys()) await caches.delete(name);
  await self.registration.unregister();
})()));
"""
ZIPPED = {".js", ".css", ".html", ".svg", ".webmanifest"}
structlog.configure(
    processors=[
        structlog.processors.TimeStamper(fmt="iso"),
        structlog.processors.add_log_level,
        structlog.processors.format_exc_info,  # the lines of a traceback, never its values: they may be a child's
        structlog.processors.KeyValueRenderer(key_order=["timestamp", "level", "event"]),
    ]
)
log = structlog.get_logger()


def create_app(settings: Settings | None = None, *, registry: Registry | None = None) -> Starlette:
    """The application. A registry that is handed in stays open when the application ends."""
    chosen = settings or Settings.from_environment()

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        programme()  # read the forms before the first phone asks
        opened = registry or await Registry.open(chosen.database_url)
        app.state.settings = chosen
        app.state.registry = opened
        opened.prepare_kept(office.prepare)
        app.state.auth = Auth(opened.database)
        app.state.likeness = Likeness(opened.database)
        app.state.works = office.Works(chosen.data)
        yield
        await app.state.works.close()
        if registry is None:
            await opened.close()

    return Starlette(
        routes=[
            Route("/", home),
            Route("/healthz", healthz),
            *api.routes,
            Mount("/office", routes=office.routes),
            Mount("/docs", routes=docs.routes),
            Route("/app", lambda request: RedirectResponse("/app/")),
            Route("/app/{path:path}", phone_app),
        ],
        middleware=[Middleware(SecurityHeaders)],
        exception_handlers={
            Problem: refuse,
            HTTPException: not_routed,
            Busy: busy,
            OperationalError: storage_failed,
            Exception: failed,
        },
        lifespan=lifespan,
    )


async def home(request: Request) -> Response:
    return RedirectResponse("/office/")


async def healthz(request: Request) -> Response:
    """For whoever watches the server: it answers when the database can be read."""
    await request.app.state.registry.villages()
    return PlainTextResponse("ok\n", headers={"Cache-Control": "no-store"})


async def phone_app(request: Request) -> Response:
    """The built phone app: hashed files for ever, the rest always asked for anew."""
    name = request.path_params["path"] or "index.html"
    file = PHONE_APP / name
    if not (PHONE_APP / "index.html").is_file():
        return PlainTextResponse(
            "手机端还没有构建：请在项目目录运行 make pwa。\n"
            "The phone app is not built yet: run `make pwa` in the project's folder.\n",
            status_code=503,
        )
    if "/" in name or name.startswith(".") or not file.is_file():
        raise Problem("not_found")
    if name == "sw.js" and request.app.state.settings.reset_phone_app:
        return Response(
            NO_WORKER, media_type="text/javascript", headers={"Cache-Control": "no-cache"}
        )
    hashed = len(name.split(".")) > 2
    headers = {"Cache-Control": "public, max-age=31536000, immutable" if hashed else "no-cache"}
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    if file.suffix in ZIPPED and "gzip" in request.headers.get("accept-encoding", ""):
        headers |= {"Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
        return Response(zipped(file, file.stat().st_mtime_ns), media_type=kind, headers=headers)
    return FileResponse(file, headers=headers)


@lru_cache(maxsize=16)
def zipped(file: Path, changed_ns: int) -> bytes:
    """A file as gzip, once for each build: the first load goes over a link of a few kB a second."""
    return gzip.compress(file.read_bytes(), 9)


# Refusals: one shape for phones, a page for people.


async def refuse(request: Request, problem: Exception) -> Response:
    assert isinstance(problem, Problem)
    if request.url.path.startswith(("/office", "/docs")):
        return await office.problem_page(request, problem)
    headers = {"Cache-Control": "no-store"}
    if "retry_after" in problem.details:
        headers["Retry-After"] = str(problem.details["retry_after"])
    language = language_of(request.headers.get("accept-language", ""))
    return JSONResponse(problem.body(language), problem.status, headers=headers)


async def not_routed(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    code = {404: "not_found", 405: "wrong_method", 413: "too_large"}.get(
        error.status_code, "bad_json"
    )
    return await refuse(request, Problem(code))


async def busy(request: Request, error: Exception) -> Response:
    return await refuse(request, Problem("busy", retry_after=secrets.randbelow(20) + 5))


async def storage_failed(request: Request, error: Exception) -> Response:
    """SQLite's own words. Only what passes by itself is worth another try; nothing of the request was kept."""
    words = str(error)
    log.error("storage_failed", path=request.url.path, error=words)
    if "full" in words or "disk I/O" in words:  # a quota and a read-only disk show as the latter
        why = await asyncio.to_thread(disk.trouble, request.app.state.settings.data)
        return await refuse(
            request, Problem("disk_unwritable" if disk.is_unwritable(why) else "disk_full")
        )
    if "locked" in words or "busy" in words:
        return await busy(request, error)
    return await failed(request, error)


async def failed(request: Request, error: Exception) -> Response:
    number = secrets.token_hex(4)
    log.error("request_failed", request=number, path=request.url.path, exc_info=error)
    return await refuse(request, Problem("internal", request=number))


class SecurityHeaders:
    """Strict headers on everything: nothing from elsewhere, nothing inline, no framing. A room that sets one
    of them itself is stricter, and its own counts."""

    HEADERS = (
        (
            b"content-security-policy",
            b"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
            b"media-src 'self' blob:; connect-src 'self'; worker-src 'self'; manifest-src 'self'; form-action 'self'; "
            b"frame-ancestors 'none'; base-uri 'none'",
        ),
        (b"x-content-type-options", b"nosniff"),
        (b"referrer-policy", b"no-referrer"),
        (b"cross-origin-opener-policy", b"same-origin"),
        (b"permissions-policy", b"geolocation=(self), camera=(), microphone=(self)"),
    )

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                own = {name for name, _ in message["headers"]}
                message["headers"] = [
                    *message["headers"],
                    *(header for header in self.HEADERS if header[0] not in own),
                ]
                if scope.get("scheme") == "https":
                    message["headers"].append(
                        (b"strict-transport-security", b"max-age=31536000; includeSubDomains")
                    )
            await send(message)

        await self._app(scope, receive, send_with_headers if scope["type"] == "http" else send)
