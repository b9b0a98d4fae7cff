"""The price of each past day: the close of the candle that ends with the day, in UTC as exchanges cut their days."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from harvest_tui.core.records import Candle
from harvest_tui.core.tax_days import ONE_DAY, year_window

_MOMENT = timedelta(microseconds=1)


def end_of(day: date) -> datetime:
    """The instant at which the UTC day is over and its candle closes."""
    return datetime.combine(day + ONE_DAY, time(), UTC)


def days_of_year(year: int, zone: ZoneInfo, now: datetime) -> list[date]:
    """The finished UTC days whose close falls into the taxpayer's own tax year, in order of time."""
    start, end = year_window(year, zone)
    day = start.date() - ONE_DAY
    found = []
    while (closing := end_of(day)) <= now and closing - _MOMENT < end:
        if closing - _MOMENT >= start:
            found.append(day)
        day += ONE_DAY
    return found


def daily_closes(candles: Iterable[Candle], now: datetime) -> dict[date, Candle]:
    """The candle that tells the close of each finished day, in order of time.

    A daily candle comes first, then the shorter one that ends with the day. A candle that ends after `now` still moves
    and tells nothing.
    """
    found: dict[date, Candle] = {}
    for candle in candles:
        ends = candle.start + timedelta(seconds=candle.seconds)
        day = (ends - _MOMENT).astimezone(UTC).date()
        if ends > now or ends != end_of(day) or candle.close <= 0:
            continue
        known = found.get(day)
        if known is None or (-candle.seconds, candle.source) < (-known.seconds, known.source):
            found[day] = candle
    return dict(sorted(found.items()))
