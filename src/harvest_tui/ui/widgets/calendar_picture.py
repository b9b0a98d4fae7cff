"""The holding-period calendar: which lots turn long-term in which week, gains upward and losses downward."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from harvest_tui.core.lots.calendar import Week
from harvest_tui.core.money import EXACT, ROUNDED, ZERO
from harvest_tui.ui.format import arrow_of, clean, count, money, result_role, signed
from harvest_tui.ui.frame import Frame
from harvest_tui.ui.widgets.chart import Canvas, Curve, Drawing, Mark, Painter
from harvest_tui.ui.widgets.chart_scale import month_ticks, row_values, ticks
from harvest_tui.ui.widgets.line_list import Line
from harvest_tui.ui.widgets.paragraph import Part
from harvest_tui.ui.widgets.picture import Picture, listed

HEADER: Line = ((" Week from    Lots         Value    Unrealized      of it loss  Assets", "header"),)
_HALF = Decimal("0.5")


def calendar_picture(weeks: tuple[Week, ...], frame: Frame) -> Picture:
    """The picture of the coming weeks."""
    full = [week for week in weeks if week.lots]
    if not full:
        return Picture(
            ("calendar", None),
            None,
            ("No lot turns long-term in the next 12 months.",),
            (),
            empty=(
                "Every lot is long-term already, or there is none yet.",
                "",
                "esc   back to the lots    a   connects an exchange",
            ),
        )
    return Picture(
        ("calendar", weeks),
        _painter(weeks) if any(week.gains or week.losses for week in full) else None,
        _sentence(full),
        tuple(_notes(weeks, full, frame)),
        HEADER,
        tuple(_row(week) for week in full),
        ("No price is known, so that gain and loss cannot be drawn: the weeks are listed below.",),
    )


def _sentence(full: Sequence[Week]) -> tuple[Part, ...]:
    lots, losing = sum(week.lots for week in full), sum(week.losing for week in full)
    parts: list[Part] = [f"In the next 12 months {count(lots, 'lot')} {'turns' if lots == 1 else 'turn'} long-term"]
    if not losing:
        known = "known " if any(week.unknown for week in full) else ""
        return (*parts, f", none of them at a {known}loss.")
    losses = ZERO
    for week in full:
        losses = EXACT.add(losses, week.losses)
    first = next(week for week in full if week.losing)
    parts += [", ", (f"{losing} of them at a loss of {money(losses)}▼", "$loss")]
    return (*parts, ", the first in the week from ", (f"{first.starts_on}", "bold $soon"), ".")


def _notes(weeks: Sequence[Week], full: Sequence[Week], frame: Frame) -> list[str]:
    unknown = sum(week.unknown for week in full)
    notes = [
        f"US dollars at the latest prices, {frame.portfolio.tax_day} to {weeks[-1].ends_on}; weeks from Monday, by the"
        " first day a sale is long-term.",
        "█ gain, ▒ loss. ! a loss turns long-term: it no longer meets short-term gains first.",
    ]
    if unknown:
        notes.append(f"In no sum: {count(unknown, 'lot')} without a price or a known basis.")
    return notes


def _row(week: Week) -> Line:
    names = [f"{clean(asset, 16)}" + (f" {number}" if number > 1 else "") for asset, number in week.assets[:4]]
    more = len(week.assets) - len(names)
    # Where no lot is in the sums, these are unknown and not zero; a lot with a price but no basis has a value.
    is_unknown = week.unknown == week.lots
    value = None if is_unknown and not week.value else week.value
    unrealized = None if is_unknown else week.unrealized
    return (
        (f" {week.starts_on} ", "title"),
        (f"{week.lots:,}".rjust(6) + " ", "plain"),
        (money(value).rjust(13) + " ", "plain"),
        (signed(unrealized).rjust(13) + arrow_of(unrealized), result_role(unrealized)),
        (("! " + money(week.losses) if week.losing else "").rjust(15) + "  ", "soon"),
        (listed(names, 4) + (f" and {more} more" if more else ""), "plain"),
    )


def _painter(weeks: Sequence[Week]) -> Painter:
    most = max(week.gains for week in weeks)
    least = max(week.losses for week in weeks)
    first, last = weeks[0].starts_on, weeks[-1].ends_on
    x_range = (first.toordinal(), last.toordinal())

    def paint(canvas: Canvas) -> Drawing:
        low, high = EXACT.minus(least), most
        y_ticks = ticks(low, high, max(3, canvas.rows // 4))
        inner = canvas.inner(y_ticks)
        ys = row_values((low, high), max(2, inner.rows))
        wide = max(1, inner.columns // len(weeks) - (inner.columns // len(weeks) > 1))
        rise, fall = _bars(weeks, ys, wide, (x_range, inner.columns))
        zero = Curve([x_range[0], x_range[1]], [ZERO, ZERO], Mark.LEVEL, "muted", is_joined=True)
        return Drawing(
            x_range, (low, high), month_ticks(first, last, max(2, inner.columns // 12)), y_ticks, [zero, rise, fall]
        )

    return paint


def _bars(
    weeks: Sequence[Week], ys: Sequence[Decimal], wide: int, across: tuple[tuple[int, int], int]
) -> tuple[Curve, Curve]:
    """The cells of the bars; even a small amount fills one."""
    (start, end), columns = across
    step = ROUNDED.divide(Decimal(end - start), Decimal(max(1, columns - 1)))
    height = ROUNDED.subtract(ys[1], ys[0])
    rise: list[tuple[Decimal, Decimal]] = []
    fall: list[tuple[Decimal, Decimal]] = []
    for week in weeks:
        xs = [
            ROUNDED.add(Decimal(week.starts_on.toordinal()), ROUNDED.multiply(step, Decimal(one)))
            for one in range(wide)
        ]
        for cells, amount, sign in ((rise, week.gains, 1), (fall, week.losses, -1)):
            if not amount:
                continue
            reach = max(ROUNDED.fma(height, _HALF, amount), height)
            side = [y for y in ys if ZERO < (y if sign > 0 else EXACT.minus(y)) <= reach]
            cells += [(x, y) for y in side for x in xs]
    return _curve(rise, Mark.RISE, "gain"), _curve(fall, Mark.FALL, "loss")


def _curve(cells: Sequence[tuple[Decimal, Decimal]], mark: Mark, role: str) -> Curve:
    return Curve([x for x, _ in cells], [y for _, y in cells], mark, role)
