"""Charts as SVG, drawn here: no script, no library, the same on paper. Pure.

Each has a title and, as its text alternative, every value in words. Colours come from classes, because the office's
policy lets no style into a page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from xml.sax.saxutils import escape, quoteattr

from markupsafe import Markup

ROW, GAP, WIDTH, LABEL, VALUE = 22, 6, 680, 150, 140
HIGH, COLUMN = 120, 34
MOST_COLUMNS = 26
MOST_WIDE = 20
APART = 76
"""Between two days of a curve that both have words."""


@dataclass(frozen=True, slots=True)
class Bar:
    """`part` of `whole` fills the bar; `text` stands at its end."""

    label: str
    part: int
    whole: int
    text: str
    href: str = ""


def bars(title: str, lines: Sequence[Bar]) -> Markup:
    """Lying bars, one a group."""
    most = _most(lines)
    room = WIDTH - LABEL - VALUE
    drawn = []
    for n, it in enumerate(lines):
        y = n * (ROW + GAP)
        whole, part = room * it.whole // most, room * it.part // most
        body = (
            f'<text x="{LABEL - 8}" y="{y + 16}" class="chart-label">{escape(_short(it.label))}</text>'
            f'<rect x="{LABEL}" y="{y}" width="{whole}" height="{ROW}" class="chart-whole"/>'
            f'<rect x="{LABEL}" y="{y}" width="{part}" height="{ROW}" class="chart-part"/>'
            f'<text x="{LABEL + max(whole, part) + 8}" y="{y + 16}" class="chart-value">{escape(it.text)}</text>'
        )
        drawn.append(_linked(it, body))
    return _svg(title, lines, WIDTH, max(1, len(lines)) * (ROW + GAP), "".join(drawn))


def columns(title: str, lines: Sequence[Bar]) -> Markup:
    """Standing columns for what has an order in time; the last ones when there are many."""
    shown = lines[-MOST_COLUMNS:]
    most = _most(shown)
    drawn = []
    for n, it in enumerate(shown):
        x = n * COLUMN + 4
        whole, part = HIGH * it.whole // most, HIGH * it.part // most
        middle = x + (COLUMN - 8) // 2
        body = (
            f'<rect x="{x}" y="{20 + HIGH - whole}" width="{COLUMN - 8}" height="{whole}" class="chart-whole"/>'
            f'<rect x="{x}" y="{20 + HIGH - part}" width="{COLUMN - 8}" height="{part}" class="chart-part"/>'
            f'<text x="{middle}" y="{16 + HIGH - max(whole, part)}" class="chart-top">{it.part}</text>'
            f'<text x="{middle}" y="{HIGH + 36}" class="chart-top">{escape(_last(it.label))}</text>'
        )
        drawn.append(_linked(it, body))
    return _svg(title, shown, max(1, len(shown)) * COLUMN + 4, HIGH + 44, "".join(drawn))


@dataclass(frozen=True, slots=True)
class Point:
    """A value on a day (`YYYY-MM-DD`), and what it is called."""

    on: str
    value: Decimal
    text: str


def curve(
    title: str, points: Sequence[Point], ends: tuple[Decimal, Decimal] | None = None
) -> Markup:
    """A line through values in order of time, as far apart as their days. The axis goes from the lowest value to the
    highest, or between `ends`."""
    days = [date.fromisoformat(it.on).toordinal() for it in points]
    span = (max(days) - min(days)) or 1
    low, top = ends or (min(it.value for it in points), max(it.value for it in points))
    room = (top - low) or 1
    across, high, left = 560, 90, 60
    spots = [
        (left + across * (day - min(days)) // span, 30 + high - int(high * (it.value - low) / room))
        for day, it in zip(days, points, strict=True)
    ]
    line = " ".join(f"{x},{y}" for x, y in spots)
    drawn = [f'<polyline points="{line}" class="chart-line"/>']
    taken = -LABEL
    for (x, y), it in zip(spots, points, strict=True):
        drawn.append(f'<circle cx="{x}" cy="{y}" r="4" class="chart-dot"/>')
        # Words that would lie over one another stand in the table beside the chart.
        if x - taken >= APART:
            taken = x
            drawn.append(
                f'<text x="{x}" y="{y - 10}" class="chart-top">{escape(_short(it.text))}</text>'
            )
            drawn.append(f'<text x="{x}" y="{high + 54}" class="chart-top">{it.on}</text>')
    lines = [Bar(it.on, 0, 0, it.text) for it in points]
    return _svg(title, lines, WIDTH, high + 64, "".join(drawn))


def spark(title: str, values: Sequence[tuple[str, int]]) -> Markup:
    """A small chart of a few values in a row, for the first page."""
    most = max((n for _, n in values), default=0) or 1
    step = 120 // max(1, len(values))
    drawn = "".join(
        f'<rect x="{n * step}" y="{28 - 28 * value // most}" width="{max(2, step - 2)}" '
        f'height="{28 * value // most}" class="chart-part"/>'
        for n, (_, value) in enumerate(values)
    )
    lines = [Bar(name, value, value, str(value)) for name, value in values]
    return _svg(title, lines, 120, 28, drawn, "spark")


def _most(lines: Sequence[Bar]) -> int:
    """What the longest bar stands for: of a share above the whole, the part."""
    return max((max(it.whole, it.part) for it in lines), default=0) or 1


def _linked(it: Bar, body: str) -> str:
    return f"<a href={quoteattr(it.href)}>{body}</a>" if it.href else body


def _svg(
    title: str, lines: Sequence[Bar], width: int, height: int, body: str, name: str = "chart"
) -> Markup:
    # A picture may hold nothing to operate; with links inside it is a group.
    role = "group" if any(it.href for it in lines) else "img"
    said = " · ".join(f"{it.label} {it.text}" for it in lines)
    return Markup(
        f'<svg class="{name}" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'role="{role}" aria-label={quoteattr(title)}><title>{escape(title)}</title><desc>{escape(said)}</desc>{body}</svg>'
    )


def _last(label: str) -> str:
    """What fits under a column: of `2026-11` the 11, of `2026-W47` the W47."""
    return _short(label.rpartition("-")[2])


def _short(label: str) -> str:
    """What fits beside a bar: nine characters of Chinese, or twice as many of others."""
    wide = [2 if ord(it) > 0x2E80 else 1 for it in label]
    if sum(wide) <= MOST_WIDE:
        return label
    kept, room = "", MOST_WIDE - 1
    for letter, width in zip(label, wide, strict=True):
        room -= width
        if room < 0:
            break
        kept += letter
    return f"{kept}…"
