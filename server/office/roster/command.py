"""`zoufang import FILE`: the preview as text, and with `apply` the import itself.

Knows no terminal and no files: it is handed bytes and answers with text and bytes, so that the
running server can do it for a command in another process.
"""

from datetime import date

import msgspec

from server.auth import Auth
from server.office.roster import text
from server.office.roster.apply import apply, preview_for
from server.office.roster.errors import RosterRefused
from server.office.roster.preview import Options
from server.office.roster.reader import read
from server.office.roster.refused import refused_sheet
from server.office.roster.render import as_text
from server.programme import programme
from server.registry import Registry


class Outcome(msgspec.Struct, frozen=True):
    """What to print, whether it was done, and the refused rows as .xlsx when there are some."""

    text: str
    done: bool = True
    refused: bytes = b""


async def run(
    registry: Registry,
    auth: Auth,
    *,
    village: str,
    data: bytes,
    filename: str,
    author: str,
    today: date,
    options: Options | None = None,
    do_apply: bool = False,
    lang: str = "zh",
) -> Outcome:
    """Previews a roster, and with `do_apply` imports it. A refusal is an outcome with its sentence."""
    try:
        planned = await preview_for(registry, village, data, filename, today, options)
        lines = [as_text(planned, programme(), lang), ""]
        if planned.counts()["left"]:
            lines.append(text.word("decide", lang))
        if not planned.changes():
            lines.append(text.word("nothing", lang))
        elif do_apply:
            await apply(
                registry, auth, village, data, filename, today, base=planned.base,
                digest=planned.digest, author=author, options=options,
            )  # fmt: skip
            lines.append(text.word("applied", lang))
        else:
            lines.append(text.word("not_applied", lang))
    except RosterRefused as refusal:
        return Outcome(refusal.message(lang), done=False)
    rows = refused_sheet(read(data, filename), planned, lang) if planned.refused else b""
    return Outcome("\n".join(lines), refused=rows)
