"""The price of an asset with its lots as levels: from a level down to the price reaches the loss of that lot."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from itertools import accumulate, pairwise
from operator import add
from typing import NamedTuple

from harvest_tui.core.harvest.levels import Level, Levels
from harvest_tui.core.money import EXACT, ROUNDED, plain
from harvest_tui.core.records import Quote
from harvest_tui.session.charting import PricePath
from harvest_tui.ui.format import age, clean, count, money, trimmed
from harvest_tui.ui.frame import Frame
from harvest_tui.ui.widgets.chart import Canvas, Curve, Drawing, Label, Mark, Painter
from harvest_tui.ui.widgets.chart_scale import at_column, column_of, month_ticks, padded, row_values, ticks
from harvest_tui.ui.widgets.picture import Picture, listed

_HALF = Decimal("0.5")
_BELOW = Decimal("0.25")
_MANY = 3
"""So many shades there are; as many lots under water can be told apart one by one."""
_TICK_COLUMNS = 4


class _Price(NamedTuple):
    """Closes within the picture, by ordinal day, and the latest price last."""

    days: tuple[int, ...]
    closes: tuple[Decimal, ...]

    def at(self, x: Decimal) -> Decimal:
        """The last close by then; the first one before it."""
        return self.closes[max(0, bisect_right(self.days, x) - 1)]


def price_picture(path: PricePath, frame: Frame, quote: Quote | None, days: int) -> Picture:
    """The picture of the last `days` days."""
    today = frame.now.date()
    since = today - timedelta(days=days)
    closes = {day: one for day, one in path.closes.items() if since <= day < today}
    name = clean(path.asset, 30)
    if not closes and quote is None:
        return Picture(
            ("price", path.asset, None), None, (f"No price of {name} is known.",), (), empty=_what_to_do(frame)
        )
    price = _Price(
        tuple(day.toordinal() for day in closes) + ((today.toordinal(),) if quote else ()),
        tuple(one.close for one in closes.values()) + ((quote.price,) if quote else ()),
    )
    # A band that is told by the price alone does not jump about with every level.
    shown, above, below = _within(path.levels, price.closes)
    painter = _painter(price, shown, (since, today)) if closes else None
    outside = (above, below) if closes else None
    notes = _notes(path, frame, (since, days), sorted({one.source for one in closes.values()}), outside)
    missing = days - len(closes)
    if closes and missing:
        notes.insert(1, f"{count(missing, 'day')} of these {days} without a kept price: f asks the exchanges for them.")
    return Picture(
        ("price", path.asset, days, price.closes[-1], len(closes), path.levels, today),
        painter,
        _sentence(path, frame, quote, price.closes[-1]),
        tuple(notes),
        empty=() if closes else (f"No past price of {name} is kept.", *_what_to_do(frame)),
    )


def _what_to_do(frame: Frame) -> tuple[str, ...]:
    if any(account.exchange for account in frame.accounts):
        return ("", "f   asks your exchanges for a year of daily prices and keeps them")
    return ("", "a   connects an exchange, which tells prices; then f asks it for a year of daily ones")


def _sentence(path: PricePath, frame: Frame, quote: Quote | None, price: Decimal) -> tuple[str | tuple[str, str], ...]:
    losing = path.levels.losing_at(price)
    gaining = len(path.levels.levels) - losing.lots
    source = f" ({clean(quote.source, 40)}, {age(frame.now - quote.at)} ago)" if quote else " (the last close)"
    parts: list[str | tuple[str, str]] = [f"at {trimmed(price, 8, 2)}{source}: "]
    if losing.lots:
        verb = "loses" if losing.lots == 1 else "lose"
        parts.append((f"{count(losing.lots, 'lot')} {verb} {money(losing.loss)}▼", "$loss"))
    else:
        parts.append("no lot loses")
    if gaining:
        parts.append(f", {gaining} {'does' if gaining == 1 else 'do'} not")
    if path.levels.unknown:
        parts.append((f", {path.levels.unknown} without a known basis", "$soon"))
    return tuple(parts)


def _notes(
    path: PricePath, frame: Frame, window: tuple[date, int], sources: list[str], outside: tuple[int, int] | None
) -> list[str]:
    since, _ = window
    told = listed([clean(source, 40) for source in sources]) or "none kept"
    notes = [f"US dollars a unit, {since} to {frame.now.date()}. Daily closes (UTC): {told}."]
    if outside is not None and path.levels.levels:
        notes.append("Lots by unit cost: ═ loses, ─ does not; · ░ ▒ few, more, most are under water at that price.")
    above, below = outside or (0, 0)
    if above or below:
        words = [f"{number} {side}" for number, side in ((above, "above"), (below, "below")) if number]
        notes.append(f"Not drawn, too far from the price: {count(above + below, 'lot')} ({', '.join(words)}).")
    prices = {quote.price for (_, asset), quote in frame.portfolio.quotes.items() if asset == path.asset}
    if len(prices) > 1:
        notes.append(f"Accounts have prices of their own ({plain(min(prices))} to {plain(max(prices))}); one is drawn.")
    return notes


def _within(levels: Levels, closes: Sequence[Decimal]) -> tuple[tuple[Level, ...], int, int]:
    """The levels no farther from the price than it moved itself, and how many are above and below those.

    Below, where nothing loses, less room is given.
    """
    span = EXACT.subtract(max(closes), min(closes))
    low = EXACT.subtract(min(closes), EXACT.multiply(span, _BELOW))
    high = EXACT.add(max(closes), span)
    below, shown, above = levels.between(low, high)
    return shown, above, below


def _painter(price: _Price, levels: Sequence[Level], window: tuple[date, date]) -> Painter:
    y_range = padded([*price.closes, *(level.unit_cost for level in (*levels[:1], *levels[-1:]))])
    x_range = (window[0].toordinal(), window[1].toordinal())

    def paint(canvas: Canvas) -> Drawing:
        y_ticks = ticks(*y_range, max(3, canvas.rows // 4))
        inner = canvas.inner(y_ticks)
        grid = _Grid(price, levels, x_range, y_range, inner)
        line = [Curve(xs, ys, Mark.LINE, "title", is_joined=True) for xs, ys in _unbroken(price)]
        now = (Decimal(x_range[1]), price.closes[-1])
        return Drawing(
            x_range,
            y_range,
            month_ticks(*window, max(2, inner.columns // 12)),
            y_ticks,
            [*grid.shades(), *grid.levels(), *line, Curve([now[0]], [now[1]], Mark.POINT, "title")],
            grid.counts(),
        )

    return paint


def _unbroken(price: _Price) -> list[tuple[list[int], list[Decimal]]]:
    """The price in stretches without a missing week: a longer hole is left open."""
    stretches = [([price.days[0]], [price.closes[0]])]
    for (before, _), (day, close) in pairwise(zip(price.days, price.closes, strict=True)):
        if day - before > 7:
            stretches.append(([], []))
        stretches[-1][0].append(day)
        stretches[-1][1].append(close)
    return stretches


class _Grid:
    """The cells of the picture: which level lies in which row from which column on."""

    def __init__(
        self,
        price: _Price,
        levels: Sequence[Level],
        x_range: tuple[int, int],
        y_range: tuple[Decimal, Decimal],
        canvas: Canvas,
    ) -> None:
        columns, rows = max(1, canvas.columns), max(1, canvas.rows)
        self._now = price.closes[-1]
        self._xs = [at_column(x_range, columns, column) for column in range(columns)]
        self._ys = row_values(y_range, rows)
        self._price_rows = [self._row(price.at(x)) for x in self._xs]
        self._starts = [[0] * columns for _ in range(rows)]
        self._first: dict[tuple[int, bool], int] = {}
        self._lots: dict[tuple[int, bool], int] = {}
        for row, of_row in enumerate(self._by_row(levels)):
            for level in of_row:
                column = max(0, column_of(x_range, columns, level.since.toordinal()))
                side = (row, level.unit_cost > self._now)
                self._starts[row][min(column, columns - 1)] += 1
                self._first[side] = min(self._first.get(side, column), column)
                self._lots[side] = self._lots.get(side, 0) + 1
        self._is_crowded = len(self._first) > rows // 2

    def _by_row(self, levels: Sequence[Level]) -> Iterator[Sequence[Level]]:
        """The levels of each row, found by its edges: they lie by rising unit cost."""
        costs = [level.unit_cost for level in levels]
        edges = [ROUNDED.multiply(ROUNDED.add(low, high), _HALF) for low, high in pairwise(self._ys)]
        places = [0, *(bisect_left(costs, edge) for edge in edges), len(costs)]
        return (levels[start:end] for start, end in pairwise(places))

    def _row(self, value: Decimal) -> int:
        span = ROUNDED.subtract(self._ys[-1], self._ys[0]) or Decimal(1)
        part = ROUNDED.divide(ROUNDED.subtract(value, self._ys[0]), span)
        row = int(ROUNDED.add(ROUNDED.multiply(part, Decimal(len(self._ys) - 1)), _HALF))
        return max(0, min(row, len(self._ys) - 1))

    def shades(self) -> list[Curve]:
        """A cell above the price is shaded by how many lots held then cost more than it shows."""
        depth: list[list[int]] = [[] for _ in self._ys]
        coming = [0] * len(self._xs)
        for row in range(len(self._ys) - 1, -1, -1):
            coming = list(map(add, coming, self._starts[row]))
            depth[row] = list(accumulate(coming))
        most = max((max(row) for row in depth), default=0)
        points: dict[Mark, tuple[list[Decimal], list[Decimal]]] = {}
        for row, counts in enumerate(depth):
            for column, number in enumerate(counts):
                if number and row > self._price_rows[column]:
                    xs, ys = points.setdefault(_shade(number, most), ([], []))
                    xs.append(self._xs[column])
                    ys.append(self._ys[row])
        return [Curve(xs, ys, mark, "loss") for mark, (xs, ys) in points.items()]

    def levels(self) -> list[Curve]:
        """A line for each row with a level, or only its end where there are too many."""
        last = len(self._xs)
        curves = []
        for (row, is_losing), first in sorted(self._first.items()):
            start = max(first, last - _TICK_COLUMNS) if self._is_crowded else first
            xs = self._xs[min(start, last - 1) :]
            mark, role = (Mark.DEEP_LEVEL, "loss") if is_losing else (Mark.LEVEL, "gain")
            curves.append(Curve(xs, [self._ys[row]] * len(xs), mark, role))
        return curves

    def counts(self) -> list[Label]:
        """How many lots share a line, where more than one does."""
        column = max(0, len(self._xs) - 2 - _TICK_COLUMNS * self._is_crowded)
        return [
            Label(f"{lots}x", self._xs[column], self._ys[row], "loss" if is_losing else "gain", "right")
            for (row, is_losing), lots in sorted(self._lots.items())
            if lots > 1 and row != self._price_rows[-1]
        ]


def _shade(number: int, most: int) -> Mark:
    step = number if most <= _MANY else -(-number * _MANY // most)
    return (Mark.FEW, Mark.SOME, Mark.MANY)[step - 1]
