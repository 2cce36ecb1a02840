"""The pages of figures: the table by grid, one indicator by its groupings, and the list behind every number."""

from collections.abc import Callable
from typing import Any

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response

from server.errors import Problem
from server.office import export, values
from server.office.pages import render
from server.office.register import Register, text_of
from server.office.rule_words import in_words
from server.office.security import account_of, auth_of, page, registry_of
from server.office.statistics import sheets
from server.office.statistics.asking import SCOPES, Asked, about, asked, book_of, new_year
from server.office.statistics.book import Book
from server.office.statistics.charts import Bar, bars, columns
from server.office.statistics.children import term_start
from server.office.statistics.indicators import (
    COUNTED,
    GROUP_WORDS,
    marks_of,
    said,
    table_of,
    value_words,
)
from server.office.statistics.marks import TOTAL, Line, Mark, Measure, Table, figure, in_group
from server.office.statistics.matrix import Matrix, matrix
from server.office.statistics.owed import as_counted
from server.office.text import language_of, translate
from server.office.work.writing import answer_with
from server.programme import Indicator, programme

COMPARES = frozenset({"movement", "retention"})
IN_TIME = frozenset({"month", "week"})
MOST_LINES = 2000


@page("read_records")
async def table_by_grid(request: Request) -> Response:
    """统计表."""
    wanted, language = asked(request.query_params), language_of(request)
    book = await book_of(registry_of(request), account_of(request).village, wanted)
    made = book.register.once(("matrix", wanted), lambda: matrix(book))
    return render(
        request,
        "statistics",
        {
            **_everywhere(wanted, book, language),
            "matrix": made,
            "grids": [value_words("", "grid", it, book.register, language) for it in made.grids],
            "indicators": {
                name: as_counted(it, book.register.rules)
                for name, it in programme().indicators.items()
            },
            "checks": [_check(it, book.register, language) for it in made.checks],
            "link": lambda name, measure, grid="", part="n": _list_link(
                wanted, name, measure, part, "grid" if grid else "", grid
            ),
        },
    )


def _check(check: Any, register: Register, language: str) -> dict[str, Any]:
    parts = [
        (value_words("", check.by, value, register, language), n) for value, n in check.parts if n
    ]
    return {"by": GROUP_WORDS[check.by], "parts": parts, "total": check.total, "holds": check.holds}


@page("read_records")
async def indicator(request: Request) -> Response:
    """One indicator by one of its groupings, with its chart."""
    known = _known(request)
    wanted, language = _asked_for(request, known), language_of(request)
    by = request.query_params.get("by") or (known.groups[0] if known.groups else "")
    if by and by not in known.groups:
        raise Problem("bad_field", field="by")
    book = await _book(request, known, wanted)
    marks = marks_of(known.name, book)
    made = table_of(known.name, by, book, marks)
    counted = COUNTED[known.name]
    lines = made.lines

    def words(value: str) -> str:
        return value_words(known.name, by, value, book.register, language)

    def link(measure: str, value: str = "", part: str = "n") -> str:
        return _list_link(wanted, known.name, measure, part, by if value else "", value)

    chart = None if known.name == "movement" else _chart(known, by, made, words, link, language)
    return render(
        request,
        "indicator",
        {
            **_everywhere(wanted, book, language),
            "indicator": as_counted(known, book.register.rules),
            "by": by,
            "groups": [(it, GROUP_WORDS[it], wanted.query(by=it)) for it in known.groups],
            "measures": counted.measures,
            "lines": [(words(it.value), it) for it in lines],
            "total": made.total if counted.is_summed else None,
            "faults": made.faults,
            "chart": chart,
            "link": link,
            "balance": _balance(made.total) if known.name == "movement" else None,
        },
    )


def _chart(
    known: Indicator,
    by: str,
    made: Table,
    words: Callable[[str], str],
    link: Callable[..., str],
    language: str,
) -> Markup | None:
    """The first measure by group; of a structure (all measures shares of one whole) its parts."""
    first, *others = made.measures
    title = f"{values.label(known, language)} · {translate(language, first.words)}"
    if len(others) > 2 and all(it.unit == "rate" and it.of is first.of for it in others):
        parts = [(translate(language, it.words), it.name, "", made.total) for it in made.measures]
        title = values.label(known, language)
    else:
        parts = [(words(it.value), first.name, it.value, it) for it in made.lines]
    drawn = []
    for label, measure, value, line in parts:
        it = line.figures[measure]
        whole = it.n if it.d is None or it.unit != "rate" else it.d
        text = f"{it.text} ({it.parts})" if it.parts else it.text
        drawn.append(Bar(label, it.n, whole, text, link(measure, value)))
    if not any(it.whole for it in drawn):
        return None
    return (columns if by in IN_TIME else bars)(title, drawn)


def _balance(total: Line) -> dict[str, int]:
    return {name: it.n for name, it in total.figures.items()}


@page("read_records")
async def behind(request: Request) -> Response:
    """The list behind a number: the very marks it was counted from."""
    known = _known(request)
    wanted, language = _asked_for(request, known), language_of(request)
    query = request.query_params
    by, value, part = query.get("by", ""), query.get("value", ""), query.get("part", "n")
    measure = _measure(known, query.get("measure", ""))
    if by and by not in GROUP_WORDS:
        raise Problem("bad_field", field="by")
    book = await _book(request, known, wanted)
    marks = in_group(marks_of(known.name, book), by, value if by else TOTAL)
    picks = measure.picks if part != "d" or measure.of is None else measure.of
    if part == "rest" and measure.of is not None:
        of = measure.of
        shown = [it for it in marks if of(it) and not measure.picks(it)]
    else:
        shown = [it for it in marks if picks(it)]
    lines = [_line(it, book, language) for it in shown[:MOST_LINES]]
    return render(
        request,
        "behind",
        {
            **_everywhere(wanted, book, language),
            "indicator": as_counted(known, book.register.rules),
            "measure": measure,
            "figure": figure(measure, marks),
            "part": part,
            "group": _group(known.name, by, value, book.register, language),
            "lines": lines,
            "count": len(shown),
            "links": {
                it: _list_link(wanted, known.name, measure.name, it, by, value)
                for it in ("n", "d", "rest")
            },
        },
    )


def _group(name: str, by: str, value: str, register: Register, language: str) -> str:
    if not by:
        return ""
    of = translate(language, GROUP_WORDS[by])
    return f"{of} · {value_words(name, by, value, register, language)}"


def _line(mark: Mark, book: Book, language: str) -> dict[str, Any]:
    """A mark as a row: who, what, when, and what is said of it."""
    row, child = book.register.rows.get(mark.record), book.register.rows.get(mark.child)
    about = row if row is not None else child
    kind = values.type_words(row.type, language) if row is not None else ""
    name = book.register.name_of(row) or text_of(row.fields, "title") if row is not None else ""
    if child is not None and (row is None or row.id != child.id):
        name = " · ".join(filter(None, [book.register.name_of(child), name]))
    grid = mark.groups.get("grid", "")
    return {
        "id": about.id if about is not None else "",
        "name": name or kind or mark.words or "—",
        "kind": kind,
        "grid": value_words("", "grid", grid, book.register, language) if grid else "",
        "on": mark.on,
        "words": said(mark.words, language),
        "hit": mark.hit,
    }


@page("export")
async def excel(request: Request) -> Response:
    """The table by grid, or an indicator by one grouping, as Excel. Noted in the audit."""
    form, language, account = await request.form(), language_of(request), account_of(request)
    name = request.path_params["name"]
    if name != "matrix" and name not in COUNTED:
        raise Problem("not_found")
    known = programme().indicators.get(name)
    wanted = asked(form, _begins(name))
    book = await book_of(registry_of(request), account.village, wanted, compares=name in COMPARES)
    if known is None:
        made = _matrix_sheet(matrix(book), wanted, book.register, language)
    else:
        made = _indicator_sheet(known, str(form.get("by", "")), wanted, book, language)
    rows = list(made.rows)
    await auth_of(request).note(
        account.village, account.id, "export", f"statistics/{name}", f"{len(rows)}"
    )
    return await answer_with(request, f"zoufang-{name}-{wanted.on}.xlsx", [made])


def _matrix_sheet(made: Matrix, wanted: Asked, register: Register, language: str) -> export.Sheet:
    grids = [value_words("", "grid", it, register, language) for it in made.grids]
    rows: list[list[Any]] = [
        [
            " · ".join(
                [
                    values.label(programme().indicators[row.indicator], language),
                    translate(language, row.measure.words),
                ]
            ),
            *map(sheets.cell, row.cells),
            sheets.cell(row.total),
        ]
        for row in made.rows
    ]
    said = about(wanted, register.rules, language)
    if not made.is_final:
        said = f"{translate(language, '草稿：勾稽不平，不能作为定稿')}{translate(language, '；')}{said}"
    headings = [translate(language, "指标"), *grids, translate(language, "合计")]
    return sheets.sheet(translate(language, "统计表"), said, headings, rows)


def _indicator_sheet(
    known: Indicator, by: str, wanted: Asked, book: Book, language: str
) -> export.Sheet:
    by = by if by in known.groups else (known.groups[0] if known.groups else "")
    counted = COUNTED[known.name]
    made = table_of(known.name, by, book, marks_of(known.name, book))
    named = [
        (value_words(known.name, by, line.value, book.register, language), line)
        for line in made.lines
    ]
    if counted.is_summed:
        named.append((translate(language, "合计"), made.total))
    rows = [
        [words, *(sheets.cell(line.figures[it.name]) for it in counted.measures)]
        for words, line in named
    ]
    formula = values.label(as_counted(known, book.register.rules).formula, language)
    said = f"{about(wanted, book.register.rules, language)}{translate(language, '；')}{formula}"
    if made.faults:
        said = f"{translate(language, '草稿：勾稽不平，不能作为定稿')}；{said}"
    headings = [
        translate(language, GROUP_WORDS.get(by, "合计")),
        *(translate(language, it.words) for it in counted.measures),
    ]
    return sheets.sheet(values.label(known, language), said, headings, rows)


def _everywhere(wanted: Asked, book: Book, language: str) -> dict[str, Any]:
    return {
        "asked": wanted,
        "scopes": [(name, translate(language, words)) for name, words in SCOPES.items()],
        "about": about(wanted, book.register.rules, language),
        "rules": in_words(book.register.rules, language),
    }


def _known(request: Request) -> Indicator:
    name = request.path_params["name"]
    found = programme().indicators.get(name)
    if found is None or name not in COUNTED:
        raise Problem("not_found")
    return found


def _measure(known: Indicator, name: str) -> Measure:
    for it in COUNTED[known.name].measures:
        if it.name == name:
            return it
    raise Problem("bad_field", field="measure")


def _asked_for(request: Request, known: Indicator) -> Asked:
    return asked(request.query_params, _begins(known.name))


def _begins(name: str) -> Callable[[str], str]:
    """Retention is a term's figure: without a period it begins with the term."""
    return term_start if name == "retention" else new_year


async def _book(request: Request, known: Indicator, wanted: Asked) -> Book:
    return await book_of(
        registry_of(request), account_of(request).village, wanted, compares=known.name in COMPARES
    )


def _list_link(
    wanted: Asked, name: str, measure: str, part: str = "n", by: str = "", value: str = ""
) -> str:
    query = wanted.query(measure=measure, part=part, by=by, value=value if by else "")
    return f"/office/statistics/{name}/list{query}"
