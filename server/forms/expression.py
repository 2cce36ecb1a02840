"""XPath text of an XLSForm cell -> the small JSON tree both evaluators run.

elementpath parses; this module only walks its tokens. A tree is a literal (string, number,
boolean) or a list `[op, *arguments]`; `["field", name]` reads a field of the form, `["."]` the
value of the question itself. Whatever is not in `FUNCTIONS` or `OPERATORS` is refused here, so
that no form can reach a phone which the phone cannot run.

Imported only while a form is being compiled: a running server reads trees, never text.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any

from elementpath import ElementPathError, XPath1Parser
from elementpath.xpath_tokens import XPathToken

from server.forms.errors import MESSAGES, ExpressionError
from server.forms.label import Label

Expr = Any  # None | bool | int | float | str | list[Expr]

OPERATORS = frozenset({"=", "!=", "<", "<=", ">", ">=", "+", "-", "*", "div", "mod", "and", "or"})

# name in the form -> (fewest, most arguments); None = any number
FUNCTIONS: dict[str, tuple[int, int | None]] = {
    "not": (1, 1),
    "if": (3, 3),
    "coalesce": (2, None),
    "selected": (2, 2),
    "selected-at": (2, 2),
    "count-selected": (1, 1),
    "count-non-empty": (1, None),
    "join": (2, None),
    "string-length": (1, 1),
    "substr": (2, 3),
    "concat": (1, None),
    "contains": (2, 2),
    "starts-with": (2, 2),
    "regex": (2, 2),
    "int": (1, 1),
    "round": (1, 2),
    "number": (1, 1),
    "string": (1, 1),
    "date": (1, 1),
    "abs": (1, 1),
    "pow": (2, 2),
    "today": (0, 0),
    "now": (0, 0),
    "format-date": (2, 2),
    "decimal-date-time": (1, 1),
    "age": (1, 2),
    "count": (1, 1),
    "sum": (1, None),
    "min": (1, None),
    "max": (1, None),
    "once": (1, 1),
    "uuid": (0, 0),
    "choice-name": (2, 2),
    "position": (1, 1),
    "pulldata": (4, 4),
    "true": (0, 0),
    "false": (0, 0),
}

INSTEAD = {
    "substring": Label("请改用 substr(文本, 起, 止)。", "Use substr(text, start, end)."),
    "string-join": Label("请改用 join(分隔符, 值…)。", "Use join(separator, value…)."),
    "date-time": Label("请改用 date()。", "Use date()."),
    "format-date-time": Label("请改用 format-date()。", "Use format-date()."),
}
OTHERWISE = Label("可用函数见表单说明。", "The form guide lists the functions that can be used.")

_QUOTED = re.compile(r"('[^']*'|\"[^\"]*\")")
_REFERENCE = re.compile(r"\$\{\s*([A-Za-z_][\w.-]*)\s*\}")
_CALL = re.compile(r"(?<![\w.-])(?:(?:jr|zf):)?([A-Za-z][\w.-]*)\s*\(")
_PREFIX = "zf-"  # our names are parsed under a prefix: XPath reserves `if` and fixes arities
_LONGEST = 4_000
_DEEPEST = 60


class FormParser(XPath1Parser):
    """XPath 1.0's grammar with the functions of XLSForm in place of XPath's own."""

    def parse(self, source: str) -> XPathToken:
        # The grammar alone: XPath1Parser would also evaluate what it has read.
        if self.tokenizer is None:
            self.tokenizer = self.create_tokenizer(self.symbol_table)
        return super(XPath1Parser, self).parse(source)


for _name, (_fewest, _most) in FUNCTIONS.items():
    FormParser.function(_PREFIX + _name, nargs=_fewest if _fewest == _most else (_fewest, _most))


def parse(
    text: str,
    fields: Collection[str] | None = None,
    *,
    lists: dict[str, str] | None = None,
    records: Mapping[str, Collection[str]] | None = None,
) -> Expr:
    """The tree of an expression.

    `fields` are the names it may read (None: any); `lists` says which choice list a field uses,
    for `jr:choice-name`; `records` the fields of the records `pulldata` may read (None: any). Raises ExpressionError with code unknown_function, bad_expression,
    no_paths, unknown_field, unknown_record or bad_regex.
    """
    if len(text) > _LONGEST:
        raise _error("bad_expression", detail="> 4000")
    pieces = []
    for piece in _QUOTED.split(text):
        if piece[:1] in {"'", '"'}:
            pieces.append(piece)
            continue
        for name in _CALL.findall(piece):
            if name not in FUNCTIONS and name not in {"and", "or", "div", "mod"}:
                instead = INSTEAD.get(name, OTHERWISE)
                label = MESSAGES["unknown_function"]
                raise ExpressionError(
                    "unknown_function",
                    Label(
                        label.zh.format(name=name, instead=instead.zh),
                        label.en.format(name=name, instead=instead.en),
                    ),
                )
        piece = _CALL.sub(_under_prefix, piece)
        pieces.append(_REFERENCE.sub(r"$\1", piece))
    try:
        token = FormParser().parse("".join(pieces))
    except ElementPathError as refusal:
        raise _error("bad_expression", detail=_tidy(refusal)) from refusal
    except RecursionError as refusal:
        raise _error("bad_expression", detail="too deep") from refusal
    tree = _walk(token, fields, lists or {}, 0)
    _check_records(tree, records)
    return tree


def fields_of(tree: Expr) -> set[str]:
    """The names a tree reads."""
    if not isinstance(tree, list):
        return set()
    if tree[0] == "field":
        return {tree[1]}
    return set().union(*(fields_of(argument) for argument in tree[1:]))


def both(first: Expr, second: Expr) -> Expr:
    """The conjunction of two conditions, either of which may be absent (None)."""
    if first is None or second is None:
        return second if first is None else first
    return ["and", first, second]


def _under_prefix(match: re.Match[str]) -> str:
    name = match[1]
    return match[0] if name in {"and", "or", "div", "mod"} else f"{_PREFIX}{name}("


def _walk(
    token: XPathToken, fields: Collection[str] | None, lists: dict[str, str], depth: int
) -> Expr:
    if depth > _DEEPEST:
        raise _error("bad_expression", detail="too deep")
    symbol = token.symbol
    if symbol == "(string)":
        return str(token.value)
    if symbol in {"(integer)", "(decimal)", "(float)"}:
        number = float(str(token.value))
        return int(number) if number.is_integer() else number
    if symbol == "$":
        return ["field", _known(str(token[0].value), fields)]
    if symbol == ".":
        return ["."]
    if symbol == _PREFIX + "position" and len(token) == 1 and token[0].symbol == "..":
        return ["position"]
    if symbol == "(":
        return _walk(token[0], fields, lists, depth + 1)
    arguments = [_walk(child, fields, lists, depth + 1) for child in token]
    if symbol in OPERATORS and arguments:
        if len(arguments) == 1:
            return arguments[0] if symbol == "+" else ["neg", arguments[0]]
        return [symbol, *arguments]
    if symbol.startswith(_PREFIX):
        return _call(symbol.removeprefix(_PREFIX), arguments, fields, lists)
    raise _error("no_paths", name=token.source)


def _call(
    name: str, arguments: list[Expr], fields: Collection[str] | None, lists: dict[str, str]
) -> Expr:
    fewest, most = FUNCTIONS[name]
    if len(arguments) < fewest or (most is not None and len(arguments) > most):
        raise _error("bad_expression", detail=f"{name}(): {len(arguments)}")
    if name in {"true", "false"}:
        return name == "true"
    if name == "position":
        raise _error("bad_expression", detail="position(..)")
    if name == "pulldata":
        record, column, key, value = arguments
        if not (isinstance(record, str) and isinstance(column, str) and key == "id"):
            raise _error("bad_expression", detail="pulldata('child', 'birth_date', 'id', ${child})")
        return [name, record, column, value]
    if name == "regex":
        if not isinstance(arguments[1], str):
            raise _error("bad_regex", name="?", detail="a pattern must be written out")
        check_pattern(arguments[1])
    if name == "choice-name":
        reference = _REFERENCE.fullmatch(arguments[1]) if isinstance(arguments[1], str) else None
        field = _known(reference[1] if reference else str(arguments[1]), fields)
        return [name, arguments[0], lists.get(field, field)]
    return [name, *arguments]


def _check_records(tree: Expr, records: Mapping[str, Collection[str]] | None) -> None:
    if not isinstance(tree, list) or records is None:
        return
    if tree[0] == "pulldata":
        if tree[1] not in records:
            raise _error("unknown_record", name=tree[1], known="、".join(sorted(records)) or "-")
        _known(tree[2], records[tree[1]])
    for part in tree[1:]:
        _check_records(part, records)


def check_pattern(pattern: str) -> None:
    """Refuses patterns that Python and JavaScript could read differently, or that could run
    for ever: escapes other than of punctuation, digits and words; groups with `?`; back
    references; a repeated group that itself repeats."""
    if len(pattern) > 200:
        raise _error("bad_regex", name=pattern[:20], detail="> 200")
    stray = re.search(r"\\(?![dw^$\\.*+?()\[\]{}|/])", pattern)
    if stray or "(?" in pattern:
        raise _error(
            "bad_regex", name=pattern, detail=pattern[stray.start() :][:2] if stray else "(?"
        )
    if re.search(r"[*+}][^()]*\)[*+{]", pattern):
        raise _error(
            "bad_regex", name=pattern, detail="重复里又有重复，可能永远算不完 nested repetition"
        )
    try:
        re.compile(pattern, re.ASCII)
    except re.error as refusal:
        raise _error("bad_regex", name=pattern, detail=str(refusal)) from refusal


def _known(name: str, fields: Collection[str] | None) -> str:
    if fields is not None and name not in fields:
        raise _error("unknown_field", name=name)
    return name


def _tidy(refusal: Exception) -> str:
    return re.sub(r"\[err:\w+\]\s*", "", str(refusal)).replace(_PREFIX, "").replace("fn:", "")


def _error(code: str, **values: str) -> ExpressionError:
    return ExpressionError(code, MESSAGES[code].filled(**values))
