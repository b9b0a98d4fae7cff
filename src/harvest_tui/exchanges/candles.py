"""Past prices in US dollars from exchanges' candles, by as few requests as they allow."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from itertools import chain
from typing import Any, Protocol

from harvest_tui.core.money import ROUNDED, parse_decimal
from harvest_tui.core.records import USD, Asset, Candle
from harvest_tui.errors import ExchangeUnreachable, HarvestError, RateLimited
from harvest_tui.exchanges.price_routes import (
    ONE,
    QUOTE_ORDER,
    STABLECOINS,
    Conversion,
    Route,
    choose_routes,
    joined_source,
)

HOUR, DAY = 3600, 86_400
Need = tuple[Asset, datetime]
Row = tuple[int, str, str, str, str]
Progress = Callable[[int, int], None]
_FRAMES = {HOUR: "1h", DAY: "1d"}
_PAGE = {"kraken": 720, "coinbase": 300, "binance": 1000, "binanceus": 1000}
_SMALL_PAGE = 300
_LATEST_ONLY = {"kraken": 720}
"""Exchanges that serve so many newest candles of a length and none before, whatever they are asked."""
_QUIET = {HOUR: 24, DAY: 3}
"""Candles without a trade that the last trade before them still prices; some exchanges leave such candles out."""


class CandleSource(Protocol):
    """What past prices need of an exchange's client."""

    async def fetch_ohlcv(self, symbol: str, timeframe: str, since_ms: int, limit: int) -> Sequence[Row]:
        """At most `limit` candles from `since_ms` on: start in ms, open, high, low, close as text."""
        ...


class PastPrice(Protocol):
    """The prices that are known already."""

    def price_at(self, asset: Asset, at: datetime) -> Decimal | None:
        """US dollars for one unit at that time; None where nobody knows."""
        ...


@dataclass(frozen=True, slots=True)
class CandleVenue:
    """An exchange to ask, with its unified ccxt markets."""

    exchange: str
    client: CandleSource
    markets: Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class PastPrices:
    """Dollar candles, those that others were converted by included, what nobody could price, and why."""

    candles: tuple[Candle, ...]
    missing: tuple[Need, ...]
    problems: tuple[str, ...]


async def historical_prices(
    venues: Sequence[CandleVenue],
    needed: Iterable[Need],
    known: PastPrice,
    now: datetime,
    progress: Progress | None = None,
    came: Callable[[Candle], object] = lambda _: None,
) -> PastPrices:
    """A finished candle that holds each needed instant: hourly where the exchange reaches back that far, else daily.

    `venues` are asked in their order, each only for what the ones before it could not tell. A market in USDC,
    USDT, BTC or ETH is converted by that currency's own candle; a stablecoin without any counts as $1 and the
    source says so. A candle that is not over yet is not used: its hour is missing until then. `progress` hears after
    each answer how many hours of how many are settled, those of currencies to convert by included, and `came` each
    candle as soon as it is known, some of them twice.
    """
    wanted: dict[Asset, set[int]] = {}
    needs = [need for need in dict.fromkeys(needed) if need[0] != USD and known.price_at(*need) is None]
    for asset, at in needs:
        wanted.setdefault(asset, set()).add(_bucket(_seconds(at), HOUR))
    search = _Search(venues, int(now.timestamp()), came)
    search.collect_conversions(wanted)
    search.count(wanted, progress)
    rank = {asset: index for index, asset in enumerate(QUOTE_ORDER)}
    for asset in sorted(wanted, key=lambda asset: (rank.get(asset, len(rank)), asset)):
        await search.price(asset, wanted[asset])
    missing = tuple(need for need in needs if search.found_for(need[0], _bucket(_seconds(need[1]), HOUR)) is None)
    return PastPrices(search.all_found(), missing, tuple(dict.fromkeys(search.problems)))


@dataclass(frozen=True, slots=True)
class _Bar:
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal


@dataclass(slots=True)
class _Series:
    """Bars of one market and length by start second, and the spans that were asked for."""

    bars: dict[int, _Bar] = field(default_factory=dict)
    asked: list[tuple[int, int]] = field(default_factory=list)

    def is_asked(self, start: int) -> bool:
        return any(first <= start <= last for first, last in self.asked)

    def holding(self, start: int, seconds: int) -> tuple[_Bar, int] | None:
        """The bar of that start, or the last trade shortly before it as a flat bar; and how many bars before."""
        if start in self.bars:
            return self.bars[start], 0
        for back in range(1, _QUIET[seconds] + 1):
            bar = self.bars.get(start - back * seconds)
            if bar is not None:
                return _Bar(bar.close, bar.close, bar.close, bar.close), back
        return None


class _Search:
    """One search over all venues; never asks for the same candle twice."""

    def __init__(self, venues: Sequence[CandleVenue], now: int, came: Callable[[Candle], object]) -> None:
        self.problems: list[str] = []
        self._venues = venues
        self._now = now
        self._came = came
        self._routes: dict[tuple[str, Asset], list[Route]] = {}
        self._series: dict[tuple[str, str, int], _Series] = {}
        self._found: dict[Asset, dict[int, Candle]] = {}
        self._tried: dict[Asset, set[int]] = {}
        self._down: set[str] = set()
        self._refused: set[tuple[str, str, int]] = set()
        self._open: dict[Asset, set[int]] = {}
        self._settled = self._of = 0
        self._progress: Progress | None = None

    def found_for(self, asset: Asset, hour: int) -> Candle | None:
        return self._found.get(asset, {}).get(hour)

    def all_found(self) -> tuple[Candle, ...]:
        unique = {
            (candle.asset, candle.start, candle.seconds): candle
            for by_hour in self._found.values()
            for candle in by_hour.values()
        }
        return tuple(sorted(unique.values(), key=lambda candle: (candle.asset, candle.start, candle.seconds)))

    def collect_conversions(self, wanted: dict[Asset, set[int]]) -> None:
        """Adds the hours of the currencies that the first choice of market is quoted in, so that all are asked at once.

        Coins first, then BTC and ETH, then stablecoins: each may need the ones after it.
        """
        pending = [asset for asset in wanted if asset not in QUOTE_ORDER]
        for asset in [*pending, *reversed(QUOTE_ORDER)]:
            hours = wanted.get(asset, set())
            route = next((way for venue in self._venues for way in self._ways(venue, asset) if way.symbol), None)
            if hours and route is not None and route.currency != USD:
                seconds = {hour: HOUR if self._reaches(route.venue, HOUR, hour) else DAY for hour in hours}
                ends = {_last_hour(_bucket(hour, length), length) for hour, length in seconds.items()}
                wanted.setdefault(route.currency, set()).update(ends)

    def count(self, wanted: Mapping[Asset, set[int]], progress: Progress | None) -> None:
        """From here on tells how many of these hours are settled."""
        self._open = {asset: set(hours) for asset, hours in wanted.items()}
        self._of = sum(map(len, self._open.values()))
        self._progress = progress

    def _settle(self, asset: Asset, hours: Iterable[int]) -> None:
        """These are found, or nobody has them."""
        settled = self._open.get(asset, set()).intersection(hours)
        if settled and self._progress is not None:
            self._open[asset] -= settled
            self._settled += len(settled)
            self._progress(self._settled, self._of)

    async def price(self, asset: Asset, hours: Iterable[int]) -> None:
        """Finds candles for these hours of an asset, as far as any venue has them."""
        found, tried = self._found.setdefault(asset, {}), self._tried.setdefault(asset, set())
        left = set(hours) - tried
        tried.update(left)
        for venue in self._venues:
            for route in self._ways(venue, asset):
                for seconds in (HOUR, DAY):
                    left -= found.keys()
                    if left and route.symbol:
                        await self._price_on(venue, route, seconds, left)
        if asset in STABLECOINS and not self._could_not_ask(asset):
            for hour in left - found.keys():
                if hour + HOUR <= self._now:
                    found[hour] = Candle(asset, _time(hour), HOUR, ONE, ONE, ONE, ONE, f"{asset} taken as $1")
                    self._came(found[hour])
        self._settle(asset, tried)

    def _could_not_ask(self, asset: Asset) -> bool:
        """Some venue has a market of the asset but gave no answer: what it would have said must not be assumed."""
        silent = self._down | {exchange for exchange, _, _ in self._refused}
        return any(way.symbol for venue in self._venues if venue.exchange in silent for way in self._ways(venue, asset))

    async def _price_on(self, venue: CandleVenue, route: Route, seconds: int, hours: set[int]) -> None:
        buckets: dict[int, list[int]] = {}
        for hour in hours:
            start = _bucket(hour, seconds)
            if start + seconds <= self._now and self._reaches(venue.exchange, seconds, start):
                buckets.setdefault(start, []).append(hour)
        series = await self._ask(venue, route, seconds, buckets)
        held = {start: known for start in buckets if (known := series.holding(start, seconds)) is not None}
        if route.currency != USD and held:
            await self.price(route.currency, [_last_hour(start, seconds) for start in held])
        for start, (bar, back) in held.items():
            words = (
                f"{route.source}, no trade since {_time(start - (back - 1) * seconds):%Y-%m-%d %H:%M}" if back else ""
            )
            candle = self._in_dollars(route, start, seconds, bar, words or route.source)
            if candle is not None:
                self._found[route.asset].update(dict.fromkeys(buckets[start], candle))
                self._came(candle)

    def _in_dollars(self, route: Route, start: int, seconds: int, bar: _Bar, source: str) -> Candle | None:
        """The bar as a dollar candle, converted price by price, or by the close of a rate of another length."""
        if route.currency == USD:
            return Candle(route.asset, _time(start), seconds, bar.open, bar.high, bar.low, bar.close, source)
        rate = self.found_for(route.currency, _last_hour(start, seconds))
        if rate is None:
            return None
        is_same_span = rate.seconds == seconds
        return Candle(
            route.asset,
            _time(start),
            seconds,
            ROUNDED.multiply(bar.open, rate.open if is_same_span else rate.close),
            ROUNDED.multiply(bar.high, rate.high if is_same_span else rate.close),
            ROUNDED.multiply(bar.low, rate.low if is_same_span else rate.close),
            ROUNDED.multiply(bar.close, rate.close),
            joined_source(source, Conversion(rate.close, rate.source, rate.start)),
        )

    async def _ask(
        self, venue: CandleVenue, route: Route, seconds: int, buckets: Mapping[int, Sequence[int]]
    ) -> _Series:
        """The market's bars with these starts among those asked for; `buckets` has the hours of each start."""
        key = (venue.exchange, route.symbol, seconds)
        series = self._series.setdefault(key, _Series())
        new = sorted(start for start in buckets if not series.is_asked(start))
        for first, last in _spans(new, seconds, _PAGE.get(venue.exchange, _SMALL_PAGE)):
            if venue.exchange in self._down or key in self._refused:
                break
            first = max(first, self._earliest(venue.exchange, seconds))
            limit = (last - first) // seconds + 1
            try:
                rows = await venue.client.fetch_ohlcv(route.symbol, _FRAMES[seconds], first * 1000, limit)
            except HarvestError as error:
                self.problems.append(error.happened)
                if isinstance(error, ExchangeUnreachable | RateLimited):
                    self._down.add(venue.exchange)
                else:
                    self._refused.add(key)
                break
            series.asked.append((first, last))
            self._keep(series, rows, seconds)
            held = (one for one in _between(new, first, last) if series.holding(one, seconds) is not None)
            self._settle(route.asset, chain.from_iterable(buckets[start] for start in held))
        return series

    def _keep(self, series: _Series, rows: Sequence[Row], seconds: int) -> None:
        """Keeps finished, sane bars."""
        for start_ms, *texts in rows:
            start = start_ms // 1000
            try:
                bar = _Bar(*(parse_decimal(text) for text in texts))
            except ValueError:
                continue
            is_sane = 0 < bar.low <= min(bar.open, bar.close) and max(bar.open, bar.close) <= bar.high
            if is_sane and not start % seconds and start + seconds <= self._now:
                series.bars[start] = bar

    def _ways(self, venue: CandleVenue, asset: Asset) -> list[Route]:
        """The route over open markets, then the one over closed markets where that is another."""
        key = (venue.exchange, asset)
        if key not in self._routes:
            ways: list[Route] = []
            for with_closed in (False, True):
                way = choose_routes(venue.exchange, [asset], venue.markets, with_closed=with_closed).by_asset.get(asset)
                if way is not None and way not in ways:
                    ways.append(way)
            self._routes[key] = ways
        return self._routes[key]

    def _reaches(self, exchange: str, seconds: int, start: int) -> bool:
        return start >= self._earliest(exchange, seconds)

    def _earliest(self, exchange: str, seconds: int) -> int:
        """The first start the exchange still serves."""
        served = _LATEST_ONLY.get(exchange)
        return 0 if served is None else _bucket(self._now, seconds) - (served - 1) * seconds


def _spans(starts: Sequence[int], seconds: int, page: int) -> list[tuple[int, int]]:
    """The least number of spans of at most `page` candles that hold all starts (sorted), as (first, last) start.

    A span with room to spare begins earlier, so that a quiet hour finds the last trade before it.
    """
    spans: list[tuple[int, int]] = []
    index = 0
    while index < len(starts):
        first = last = starts[index]
        while index < len(starts) and starts[index] - first < page * seconds:
            last = starts[index]
            index += 1
        spare = page - ((last - first) // seconds + 1)
        spans.append((max(0, first - min(spare, _QUIET[seconds]) * seconds), last))
    return spans


def _between(starts: Sequence[int], first: int, last: int) -> Sequence[int]:
    return starts[bisect_left(starts, first) : bisect_right(starts, last)]


def _bucket(second: int, seconds: int) -> int:
    return second - second % seconds


def _last_hour(start: int, seconds: int) -> int:
    """The hour in which a candle closes."""
    return start + seconds - HOUR


def _seconds(at: datetime) -> int:
    return int(at.timestamp())


def _time(second: int) -> datetime:
    return datetime.fromtimestamp(second, UTC)
