"""处理进度: a person's long work with how far it is; stopping it, and fetching what came of it."""

from starlette.requests import Request
from starlette.responses import Response

from server.errors import Problem
from server.office.backup_state import size_words
from server.office.pages import is_fragment, redirect, render
from server.office.security import account_of, page
from server.office.text import language_of, translate
from server.office.work.beginning import works_of
from server.office.work.works import Work
from server.office.work.writing import file_of

UNEXPECTED = "出了意外，没有做完；什么也没改。请再试一次。"
UNEXPECTED_IN_PART = "出了意外，没有做完；可能已经存了一部分。请先看一看，再试一次。"


@page()
async def all_works(request: Request) -> Response:
    """What I have under way, and what became of it."""
    return _shown(request, works_of(request).of(account_of(request)))


@page()
async def one(request: Request) -> Response:
    """One work; from here it goes on by itself to where it leads."""
    work = _work(request)
    if work.state == "ready" and work.leads_to and is_fragment(request):
        return redirect(request, work.leads_to, work.flash)
    return _shown(request, [work])


@page()
async def stop(request: Request) -> Response:
    """Stop it, or forget one that is over. Who pressed 停下 as it ended keeps what came of it."""
    work, works = _work(request), works_of(request)
    if work.is_over and (await request.form(max_fields=5)).get("forget"):
        works.drop(work)
        return redirect(request, "/office/progress")
    await works.stop(work)
    return redirect(request, f"/office/progress/{work.id}")


@page()
async def fetch(request: Request) -> Response:
    """The file it made. Whether this person may have it is asked again: that can change within a day."""
    work = _work(request)
    if work.state != "ready" or not work.filename:
        raise Problem("not_found")
    if not request.state.can[work.action]:
        raise Problem("not_allowed")
    return file_of(work)


def _work(request: Request) -> Work:
    work = works_of(request).find(account_of(request), request.path_params["work"])
    if work is None:
        raise Problem("not_found")
    return work


def _shown(request: Request, works: list[Work]) -> Response:
    language = language_of(request)
    lines = [
        {
            "it": it,
            "words": translate(language, it.words, **it.values),
            "size": size_words(it.file.stat().st_size)
            if it.filename and it.state == "ready"
            else "",
            "problem": _said(it, language),
            "at": int(it.begun_at * 1000),
        }
        for it in works
    ]
    moving = any(not it.is_over for it in works)
    return render(request, "work", {"lines": lines, "moving": moving, "path": request.url.path})


def _said(work: Work, language: str) -> str:
    """Why it failed: the refusal's own sentence, or that nobody expected it."""
    if work.problem is None:
        return ""
    known = getattr(work.problem, "message", None)
    if known:
        return str(known(language))
    return translate(language, UNEXPECTED if work.may_stop else UNEXPECTED_IN_PART)
