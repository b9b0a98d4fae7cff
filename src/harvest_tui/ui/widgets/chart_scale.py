"""Round numbers for an axis, in exact figures, and days and months along it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import ROUND_CEILING, Decimal

from harvest_tui.core.money import EXACT, ROUNDED
from harvest_tui.ui.format import number

_STEPS = (Decimal(1), Decimal(2), Decimal("2.5"), Decimal(5), Decimal(10))
Tick = tuple[Decimal, str]


def ticks(low: Decimal, high: Decimal, most: int) -> list[Tick]:
    """Round values from `low` to `high`, about so many and never more than one above, each with its label."""
    if high <= low:
        return [(low, label_of(low, low))]
    rough = ROUNDED.divide(EXACT.subtract(high, low), Decimal(max(1, most)))
    power = EXACT.scaleb(Decimal(1), rough.adjusted())
    step = next(EXACT.multiply(power, one) for one in _STEPS if EXACT.multiply(power, one) >= rough)
    first = ROUNDED.divide(low, step).to_integral_value(rounding=ROUND_CEILING)
    values = []
    value = EXACT.multiply(first, step)
    while value <= high:
        values.append(value)
        value = EXACT.add(value, step)
    return [(value, label_of(value, step)) for value in values]


def label_of(value: Decimal, step: Decimal) -> str:
    """The value with as many decimals as the step needs."""
    exponent = ROUNDED.normalize(step).as_tuple().exponent
    return number(value, max(0, -exponent) if isinstance(exponent, int) else 0)


def padded(values: Iterable[Decimal]) -> tuple[Decimal, Decimal]:
    """The least and the largest value with a little room around them."""
    told = list(values)
    low, high = min(told), max(told)
    room = ROUNDED.divide(EXACT.subtract(high, low) or abs(high) or Decimal(1), Decimal(20))
    return ROUNDED.subtract(low, room), ROUNDED.add(high, room)


def month_ticks(first: date, last: date, most: int) -> list[tuple[int, str]]:
    """The first day of each month between the days, or of every second, third, ... where those are too many."""
    months = (last.year - first.year) * 12 + last.month - first.month + 1
    every = next(step for step in (1, 2, 3, 4, 6, 12, months + 1) if months // step <= max(1, most))
    found = []
    for number_ in range(months + 1):
        year, month = divmod(first.year * 12 + first.month - 1 + number_, 12)
        day = date(year, month + 1, 1)
        if first <= day <= last and not month % every:
            found.append((day.toordinal(), f"{day:%Y-%m}"))
    return found or [(first.toordinal(), first.isoformat())]


def at_column(x_range: tuple[int, int], columns: int, column: int) -> Decimal:
    """The value whose point falls into the middle of that column."""
    along = Decimal((x_range[1] - x_range[0]) * column)
    return ROUNDED.add(Decimal(x_range[0]), ROUNDED.divide(along, Decimal(max(1, columns - 1))))


def column_of(x_range: tuple[int, int], columns: int, x: int) -> int:
    """The column that the value falls into, outside the picture where it is."""
    span = max(1, x_range[1] - x_range[0])
    return ((x - x_range[0]) * 2 * (columns - 1) + span) // (2 * span)


def row_values(y_range: tuple[Decimal, Decimal], rows: int) -> list[Decimal]:
    """The values in the middle of each row, from the lowest."""
    span = ROUNDED.subtract(y_range[1], y_range[0])
    return [
        ROUNDED.add(y_range[0], ROUNDED.divide(ROUNDED.multiply(span, Decimal(row)), Decimal(max(1, rows - 1))))
        for row in range(rows)
    ]
