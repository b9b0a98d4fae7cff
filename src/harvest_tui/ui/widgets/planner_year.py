"""The year in the planner: as it stands, and with the marked lots sold."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import NamedTuple

from harvest_tui.core.harvest.marks import PlanTotals
from harvest_tui.core.harvest.outlook import Outlook
from harvest_tui.core.lots.ledger import Term
from harvest_tui.core.money import EXACT, ZERO
from harvest_tui.core.tax.taxpayer import FederalReturn
from harvest_tui.core.tax.year_so_far import Room, room_steps
from harvest_tui.core.tax.year_table import year_table
from harvest_tui.session.planner import PlannerView
from harvest_tui.ui.format import UNKNOWN, clip, count, money, number, result_role, signed
from harvest_tui.ui.widgets.line_list import Line
from harvest_tui.ui.widgets.row_view import Piece

_FIGURE, _LABEL = 14, 19


class Marked(NamedTuple):
    """The marks of the active plan together. `after` is the return with them sold and `totals` what that brings, in US
    dollars, both None until they are known; `left_out` are marks in none of these figures; `losses` are by term."""

    plan: str
    marks: int
    after: FederalReturn | None = None
    totals: PlanTotals | None = None
    left_out: int = 0
    losses: Mapping[Term, Decimal] = {}


def time_left(left: timedelta) -> str:
    """`78 days 8 h`, in the last day `8 h 12 m`."""
    hours, minutes = divmod(max(0, int(left.total_seconds())) // 60, 60)
    if hours < 24:
        return f"{hours} h {minutes:02d} m"
    return f"{count(hours // 24, 'day')} {hours % 24} h"


def deadline_text(view: PlannerView) -> str:
    """`78 days 8 h left, to 31 Dec 23:59 EST`."""
    outlook = view.outlook
    if outlook is None or view.left is None:
        return ""
    end = outlook.deadline
    return f"{time_left(view.left)} left, to {end:%Y-%m-%d %H:%M} {end.tzname() or ''}".rstrip()


def year_lines(view: PlannerView, outlook: Outlook, marked: Marked, width: int, is_roomy: bool) -> list[Line]:
    """The figures of the year before and after, the room left, and what the marks bring."""
    rows = _figures(outlook, marked)
    table = _downwards(outlook, marked, rows) if is_roomy else _sideways(outlook, marked, rows, width)
    sums = _sums(marked, width)
    if is_roomy or not sums:
        return [*table, *sums, (("  ", "plain"), (deadline_text(view), "muted"))]
    left = f"  {time_left(view.left)} left" if view.left is not None else ""
    return [*table, *sums[:-1], (*sums[-1], (left, "muted"))]


class _Row(NamedTuple):
    name: str
    short_name: str
    before: Decimal
    after: Decimal | None
    is_result: bool = False


def _figures(outlook: Outlook, marked: Marked) -> list[_Row]:
    before, after = outlook.so_far.federal, marked.after
    year = outlook.so_far.year

    def row(name: str, short: str, field: str, is_result: bool = False) -> _Row:
        later = None if after is None else getattr(after, field)
        return _Row(name, short, getattr(before, field), later, is_result)

    rows = [
        row("net short-term", "net short", "net_short", True),
        row("net long-term", "net long", "net_long", True),
        _Row("both together", "together", _net(before), None if after is None else _net(after), True),
        row("federal tax", "tax", "total_tax"),
    ]
    limit = year_table(year).of(outlook.so_far.inputs.status).loss_limit
    for room, name, short in ((Room.GAINS, "room: gains", "gains"), (Room.DEDUCTION, "room: deduction", "deduction")):
        later = None if after is None else _room(after, limit, room)
        rows.append(_Row(name, short, _room(before, limit, room), later))
    later = None if after is None else _carried(after)
    return [*rows, _Row(f"carried to {year + 1}", "carried", _carried(before), later)]


def _carried(told: FederalReturn) -> Decimal:
    return EXACT.add(told.carry_short_out, told.carry_long_out)


def _net(told: FederalReturn) -> Decimal:
    return EXACT.add(told.net_short, told.net_long)


def _room(told: FederalReturn, limit: Decimal, room: Room) -> Decimal:
    """What losses beyond that return still meet."""
    return next((step.amount or ZERO for step in room_steps(_net(told), limit) if step.room is room), ZERO)


def _text(row: _Row, value: Decimal | None, places: int = 2) -> tuple[str, str]:
    if value is None:
        return UNKNOWN, "muted"
    if row.is_result:
        return signed(value, places), result_role(value, places)
    return number(value, places), "plain"


def _change(row: _Row) -> tuple[str, str]:
    if row.after is None or row.after == row.before:
        return "", "muted"
    change = EXACT.subtract(row.after, row.before)
    return signed(change, 2), "muted"


def _downwards(outlook: Outlook, marked: Marked, rows: list[_Row]) -> list[Line]:
    with_marks = f"{marked.marks:,} sold" if marked.marks else ""
    titles = ("so far", with_marks, "change" if marked.marks else "")
    head: Line = (
        (clip(f" Year {outlook.so_far.year}", _LABEL), "title"),
        *((title.rjust(_FIGURE), "muted") for title in titles),
    )
    lines = [head]
    for row in rows:
        cells = [_text(row, row.before)]
        if marked.marks:
            cells += [_text(row, row.after), _change(row)]
        lines.append(((clip(f"  {row.name}", _LABEL), "muted"), *((text.rjust(_FIGURE), role) for text, role in cells)))
    return lines


def _sideways(outlook: Outlook, marked: Marked, rows: list[_Row], width: int) -> list[Line]:
    room = max(9, (width - 9) // len(rows))
    head: Line = (
        (clip(f" {outlook.so_far.year}", 9), "title"),
        *((row.short_name.rjust(room), "muted") for row in rows),
    )
    told: list[tuple[str, list[Decimal | None]]] = [("so far", [row.before for row in rows])]
    if marked.marks:
        told.append((count(marked.marks, "mark"), [row.after for row in rows]))
    cells = [[_text(row, value) for row, value in zip(rows, values, strict=True)] for _, values in told]
    if any(len(text) >= room for line in cells for text, _ in line):
        cells = [[_text(row, value, 0) for row, value in zip(rows, values, strict=True)] for _, values in told]
    lines = [head]
    for (name, _), line in zip(told, cells, strict=True):
        lines.append(((clip(f" {name}", 9), "muted"), *((text.rjust(room), role) for text, role in line)))
    return lines


def _folded(named: list[tuple[str, str]], width: int) -> list[Line]:
    """Names and figures beside each other, on as many lines as they need."""
    lines: list[list[Piece]] = [[]]
    cells = 0
    for name, figure in named:
        more = len(name) + len(figure) + 3
        if cells + more > width and lines[-1]:
            lines.append([])
            cells = 0
        cells += more
        lines[-1] += [(f"  {name} ", "muted"), (figure, "plain")]
    return [tuple(line) for line in lines if line]


def _sums(marked: Marked, width: int) -> list[Line]:
    if not marked.marks:
        return [((clip("  Nothing is marked: space marks a lot, A the best set", width).rstrip(), "muted"),)]
    totals = marked.totals
    if totals is None:
        return [(("  marked lots: being weighed", "muted"),)]
    net = totals.net
    parts: list[tuple[str, Decimal]] = [
        ("saved", totals.saved_now),
        ("hoped", totals.saved_hoped),
        ("later", EXACT.minus(totals.owed_later)),
        ("fees", EXACT.minus(totals.fees)),
        ("risks", EXACT.minus(totals.risks)),
    ]
    lines: list[Line] = [
        *_folded([(name, signed(value, 2)) for name, value in parts if value], width),
        (
            ("  net benefit ", "muted"),
            (signed(net, 2), result_role(net)),
            (f" of {money(totals.loss)} loss", "muted"),
        ),
    ]
    if marked.left_out:
        lines.insert(0, ((f"  ! {count(marked.left_out, 'mark')} in no figure: no basis, no price or gone", "soon"),))
    return lines
