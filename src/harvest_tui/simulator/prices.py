"""Daily US-dollar prices of the simulated market: real ones for BTC and ETH as far as they go, else invented.

BTC and ETH follow the packaged history (`data/NOTICE`). After its end, and for every other coin, the
path is a seeded walk that passes near rough yearly levels: invented, and no statement on any market.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from importlib.resources import files
from itertools import pairwise
from math import exp, log, sqrt
from random import Random
from zlib import crc32

DAY_US = 86_400_000_000
_EPOCH = date(1970, 1, 1).toordinal()
_FIRST = date(2021, 10, 1).toordinal() - _EPOCH
_LAST = date(2031, 12, 31).toordinal() - _EPOCH
_DATES = (
    "2021-10-01",
    "2022-07-01",
    "2023-01-01",
    "2024-01-01",
    "2025-01-01",
    "2026-01-01",
    "2026-11-01",
    "2027-10-01",
)
_LEVELS: Mapping[str, tuple[float, ...]] = {
    "BTC": (43000, 20000, 16600, 42300, 93500, 86500, 79000, 98000),
    "ETH": (3000, 1080, 1200, 2300, 3350, 2950, 2450, 3300),
    "SOL": (140, 34, 10, 102, 190, 125, 98, 150),
    "ADA": (2.1, 0.46, 0.25, 0.6, 0.85, 0.36, 0.27, 0.4),
    "DOT": (29, 7, 4.3, 8.2, 6.6, 1.9, 1.45, 2.1),
    "LINK": (24, 6.2, 5.6, 15, 20, 12.4, 11.1, 15),
    "AVAX": (66, 17, 11, 39, 36, 12.6, 9.8, 14),
    "DOGE": (0.2, 0.067, 0.07, 0.09, 0.32, 0.12, 0.094, 0.13),
    "BNB": (390, 219, 245, 312, 700, 860, 802, 900),
    "LTC": (153, 53, 68, 73, 103, 78, 69, 85),
    "XRP": (0.96, 0.32, 0.34, 0.62, 2.1, 1.85, 1.62, 2.2),
    "ATOM": (35, 7.6, 9.3, 10.6, 6.3, 2.1, 1.8, 2.4),
    "POL": (1.13, 0.48, 0.76, 0.97, 0.46, 0.11, 0.09, 0.12),
}
_DAILY_SPREAD = {"BTC": 0.021, "ETH": 0.026, "BNB": 0.018, "LTC": 0.022}
_PEGGED = {"USDC": 0.00008, "USDT": 0.0002}
COINS: tuple[str, ...] = (*_LEVELS, *_PEGGED)
"""Every coin that has a price."""


@dataclass(frozen=True, slots=True)
class DayPrice:
    """One UTC day in US dollars a unit."""

    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal


def sensible(price: float) -> Decimal:
    """The price with as many decimals as markets of that size quote."""
    digits = 2 if price >= 100 else 4 if price >= 1 else 6
    return Decimal(f"{price:.{digits}f}")


def noise(text: str, place: int) -> float:
    """A fixed number from -1 to 1 for this name and place; the same in every process."""
    value = (place * 2654435761 ^ _salt(text)) & 0xFFFFFFFF
    value ^= value >> 15
    value = value * 2246822519 & 0xFFFFFFFF
    value ^= value >> 13
    return value / 0x7FFFFFFF - 1.0


@cache
def _salt(text: str) -> int:
    return crc32(text.encode()) * 16777619


class PriceHistory:
    """Prices of every coin from October 2021 to the end of 2031, the same for the same seed."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._told = _packaged()
        self._closes: dict[str, dict[int, float]] = {}
        self._days: dict[tuple[str, int], DayPrice] = {}
        self._quick: dict[tuple[str, int], tuple[float, float, float, float]] = {}
        leader = self._walk("BTC", {})
        moves = {day: log(leader[day] / leader[day - 1]) for day in range(_FIRST + 1, _LAST + 1)}
        for coin in _LEVELS:
            self._closes[coin] = leader if coin == "BTC" else self._walk(coin, moves)

    def at(self, asset: str, at_us: int) -> Decimal:
        """The price at an instant: between the day's open and close, never beyond its high and low."""
        if asset == "USD":
            return Decimal(1)
        if asset in _PEGGED:
            return sensible(1 + _PEGGED[asset] * noise(asset, at_us // 3_600_000_000))
        number, within = divmod(at_us, DAY_US)
        share = within / DAY_US
        hour, part = divmod(within, 3_600_000_000)
        first, second = (noise(asset, number * 24 + hour + step) for step in (0, 1))
        sway = first + (second - first) * part / 3_600_000_000
        opened, closed, high, low = self._floats(asset, number)
        reach = (high - low) * sqrt(share * (1 - share))
        return sensible(min(high, max(low, opened + (closed - opened) * share + reach * sway)))

    def day(self, asset: str, number: int) -> DayPrice:
        """The whole UTC day, counted from 1970-01-01."""
        if asset == "USD" or asset in _PEGGED:
            ends = [self.at(asset, number * DAY_US), self.at(asset, (number + 1) * DAY_US - 1)]
            return DayPrice(ends[0], max(ends), min(ends), ends[1])
        number = max(_FIRST, min(_LAST, number))
        day = self._days.get((asset, number))
        if day is None:
            day = self._days[asset, number] = self._build(asset, number)
        return day

    def _walk(self, coin: str, leader: Mapping[int, float]) -> dict[int, float]:
        """Daily closes: bridges between the levels, then free; real closes replace their days."""
        random = Random(f"{self._seed}:{coin}")
        known = self._told.get(coin, {})
        real_end = max(known, default=_FIRST)
        stops = [
            (date.fromisoformat(text).toordinal() - _EPOCH, level)
            for text, level in zip(_DATES, _LEVELS[coin], strict=True)
        ]
        stops = [(day, level * exp(random.gauss(0, 0.04))) for day, level in stops]
        if known:
            stops = [(real_end, float(known[real_end][3]))] + [stop for stop in stops if stop[0] > real_end + 20]
        closes = {day: float(price[3]) for day, price in known.items() if day >= _FIRST}
        closes[stops[0][0]] = stops[0][1]
        for start, end in pairwise(stops):
            closes.update(_bridge(start, end, self._steps(random, coin, leader, start[0] + 1, end[0])))
        day, level = stops[-1]
        for following, step in enumerate(self._steps(random, coin, leader, day + 1, _LAST), start=day + 1):
            level *= exp(step - 0.002 * log(level / stops[-1][1]))
            closes[following] = level
        return closes

    def _steps(self, random: Random, coin: str, leader: Mapping[int, float], first: int, last: int) -> list[float]:
        spread = _DAILY_SPREAD.get(coin, 0.03)
        return [random.gauss(0, spread) + 0.75 * leader.get(day, 0.0) for day in range(first, last + 1)]

    def _floats(self, asset: str, number: int) -> tuple[float, float, float, float]:
        known = self._quick.get((asset, number))
        if known is None:
            day = self.day(asset, number)
            known = float(day.open), float(day.close), float(day.high), float(day.low)
            self._quick[asset, number] = known
        return known

    def _build(self, coin: str, number: int) -> DayPrice:
        told = self._told.get(coin, {}).get(number)
        if told is not None:
            return DayPrice(*(Decimal(price) for price in told))
        close = self._closes[coin][number]
        opened = self._closes[coin].get(number - 1, close)
        high = max(opened, close) * (1 + 0.015 * abs(noise(coin + "high", number)))
        low = min(opened, close) * (1 - 0.015 * abs(noise(coin + "low", number)))
        return DayPrice(sensible(opened), sensible(high), sensible(low), sensible(close))


def _bridge(start: tuple[int, float], end: tuple[int, float], steps: Sequence[float]) -> dict[int, float]:
    """The walk of `steps`, bent so that it ends on `end`."""
    missing = log(end[1] / start[1]) - sum(steps)
    closes, height = {}, log(start[1])
    for number, step in enumerate(steps, start=start[0] + 1):
        height += step + missing / len(steps)
        closes[number] = exp(height)
    return closes


def _packaged() -> dict[str, dict[int, list[str]]]:
    """Open, high, low and close as text, by coin and day."""
    text = files("harvest_tui.simulator").joinpath("data", "prices.csv").read_text(encoding="ascii")
    days: dict[str, dict[int, list[str]]] = {}
    for line in text.splitlines()[1:]:
        day, coin, *prices = line.split(",")
        days.setdefault(coin, {})[date.fromisoformat(day).toordinal() - _EPOCH] = prices
    return days
