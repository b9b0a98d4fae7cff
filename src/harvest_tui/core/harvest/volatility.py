"""How much a coin's price moves in a year, as realized over the last quarter."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import NamedTuple

from harvest_tui.core.money import EXACT, ROUNDED, ZERO, rounded
from harvest_tui.core.records import Candle

WINDOW_DAYS = 90
_FEWEST_RETURNS = 30
_DAY_SECONDS = 86_400
_DAYS_A_YEAR = Decimal(365)
_PLACES = 6

UNMEASURED = Decimal("0.8")
"""Yearly volatility where the closes do not tell: that of a large coin other than the largest. A judgement."""


class Volatility(NamedTuple):
    """Yearly, as a part of one; `returns` counts the daily changes it was measured from, 0 where it is assumed."""

    yearly: Decimal
    returns: int

    @property
    def daily_variance(self) -> Decimal:
        """The variance of one day's change, good to 60 digits."""
        return ROUNDED.divide(EXACT.multiply(self.yearly, self.yearly), _DAYS_A_YEAR)


def realized_volatility(candles: Iterable[Candle], now: datetime, floor: Decimal) -> Volatility:
    """Square root of 365 times the variance of the last 90 daily log changes of closes, never below `floor`.

    Only finished daily candles count: one that ends after `now` still has the price of the moment for its close, and
    would show a change that the day may not have. A missing day breaks the chain, it is not bridged. Fewer than 30
    changes tell nothing: `UNMEASURED` stands in.
    """
    closes: dict[datetime, Decimal] = {}
    for candle in candles:
        ends = candle.start + timedelta(seconds=candle.seconds)
        if candle.seconds == _DAY_SECONDS and ends <= now and candle.close > 0:
            closes[candle.start] = candle.close
    days = sorted(closes)[-(WINDOW_DAYS + 1) :]
    changes = [
        ROUNDED.ln(ROUNDED.divide(closes[day], closes[before]))
        for before, day in pairwise(days)
        if (day - before).total_seconds() == _DAY_SECONDS
    ]
    if len(changes) < _FEWEST_RETURNS:
        return Volatility(max(floor, UNMEASURED), 0)
    return Volatility(max(floor, _yearly(changes)), len(changes))


def _yearly(changes: list[Decimal]) -> Decimal:
    count = Decimal(len(changes))
    total = squares = ZERO
    for change in changes:
        total = ROUNDED.add(total, change)
        squares = ROUNDED.fma(change, change, squares)
    spread = ROUNDED.subtract(squares, ROUNDED.divide(ROUNDED.multiply(total, total), count))
    variance = ROUNDED.divide(max(ZERO, spread), ROUNDED.subtract(count, Decimal(1)))
    return rounded(ROUNDED.sqrt(ROUNDED.multiply(variance, _DAYS_A_YEAR)), _PLACES)
