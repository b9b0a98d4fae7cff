"""A price feed on stage: injected time, a far exchange that breaks as told, and everything the feed said."""

from __future__ import annotations

import asyncio
import gc
import heapq
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count

from harvest_tui.core.records import Asset, Quote
from harvest_tui.errors import ExchangeUnreachable
from harvest_tui.exchanges.live_prices import FeedReport, LivePrices, Pace, Status

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
BTC, ETH, USDT = Asset("BTC"), Asset("ETH"), Asset("USDT")
GONE = ExchangeUnreachable("Kraken gave no usable answer", "later")


class Time:
    """Time that passes only when told to, everything that is due then having run."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.asleep = 0.0
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._order = count()

    def elapsed(self) -> float:
        return self.seconds

    def clock(self) -> datetime:
        return NOON + timedelta(seconds=self.seconds + self.asleep)

    async def sleep(self, seconds: float) -> None:
        wake = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self.seconds + seconds, next(self._order), wake))
        await wake

    async def pass_by(self, seconds: float) -> None:
        until = self.seconds + seconds
        await settle()
        while self._sleepers and self._sleepers[0][0] <= until:
            self.seconds, _, wake = heapq.heappop(self._sleepers)
            if not wake.done():
                wake.set_result(None)
            await settle()
        self.seconds = until


async def settle() -> None:
    for _ in range(12):
        await asyncio.sleep(0)


@dataclass(frozen=True)
class Told:
    symbol: str
    last: Decimal | None
    bid: Decimal | None = None
    ask: Decimal | None = None
    at_ms: int | None = None


@dataclass
class FarExchange:
    """The far side: streams what the test ticks, answers polls with the same prices, breaks as told."""

    time: Time
    can_watch: bool = True
    prices: dict[str, str] = field(default_factory=lambda: {"BTC/USD": "61000", "ETH/USD": "2500"})
    streamed: dict[str, Told] = field(default_factory=dict)
    is_silent: bool = False
    socket_error: BaseException | None = None
    poll_error: BaseException | None = None
    polls_hang: bool = False
    polled_at: list[float] = field(default_factory=list)
    dialled: list[tuple[float, tuple[str, ...]]] = field(default_factory=list)
    open_sockets: int = 0
    _waiting: list[asyncio.Future[None]] = field(default_factory=list)

    @property
    def tickers(self) -> Mapping[str, Told]:
        return dict(self.streamed)

    def tick(self, symbol: str, price: str) -> None:
        self.prices[symbol] = price
        if not self.is_silent and self.open_sockets:
            self.streamed[symbol] = self._told(symbol)
            for waiting in self._waiting:
                if not waiting.done():
                    waiting.set_result(None)
            self._waiting.clear()

    def cut(self, error: BaseException) -> None:
        self.socket_error = error
        for waiting in self._waiting:
            if not waiting.done():
                waiting.set_exception(error)
        self._waiting.clear()

    async def fetch_tickers(self, symbols: Sequence[str]) -> dict[str, Told]:
        self.polled_at.append(self.time.elapsed())
        if self.polls_hang:
            await asyncio.get_running_loop().create_future()
        if self.poll_error is not None:
            raise self.poll_error
        return {symbol: self._told(symbol) for symbol in symbols if symbol in self.prices}

    async def watch_tickers(self, symbols: Sequence[str]) -> None:
        if not self.open_sockets:
            self.dialled.append((self.time.elapsed(), tuple(symbols)))
            if self.socket_error is not None:
                raise self.socket_error
            self.open_sockets = 1
        waiting: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(waiting)
        await waiting

    async def drop_socket(self) -> None:
        self.open_sockets = 0
        self._waiting.clear()

    def _told(self, symbol: str) -> Told:
        return Told(symbol, Decimal(self.prices[symbol]), at_ms=int(self.time.clock().timestamp() * 1000))


MARKETS = [
    {"symbol": symbol, "base": symbol.split("/")[0], "quote": symbol.split("/")[1], "spot": True, "active": True}
    for symbol in ("BTC/USD", "ETH/USD", "SOL/USD", "XYZ/USDT", "ABC/BTC")
]


@dataclass
class Stage:
    """A running feed and everything it said."""

    time: Time
    far: FarExchange
    feed: LivePrices
    published: list[dict[tuple[str, Asset], Quote]]
    reports: list[FeedReport]

    def price(self, asset: Asset) -> Decimal | None:
        quotes = {key: quote for batch in self.published for key, quote in batch.items()}
        quote = quotes.get(("kraken", asset))
        return None if quote is None else quote.price

    async def tick_for(self, seconds: int, price: str = "61000") -> None:
        """One price a second, each a cent above the one before."""
        for second in range(seconds):
            self.far.tick("BTC/USD", str(Decimal(price) + Decimal(second) / 100))
            await self.time.pass_by(1)

    async def until(self, is_so: Callable[[], bool], within: float) -> float:
        """Seconds until it is so."""
        began = self.time.elapsed()
        while not is_so():
            assert self.time.elapsed() - began <= within, f"not within {within} s: {self.feed.state}"
            await self.time.pass_by(0.25)
        return self.time.elapsed() - began

    @property
    def status(self) -> Status:
        return self.feed.state.status


@asynccontextmanager
async def feed_of(
    assets: Sequence[Asset] = (BTC, ETH), pace: Pace | None = None, **traits: object
) -> AsyncIterator[Stage]:
    time = Time()
    far = FarExchange(time, **traits)  # type: ignore[arg-type]
    published: list[dict[tuple[str, Asset], Quote]] = []
    reports: list[FeedReport] = []
    feed = LivePrices(
        "kraken",
        far,
        MARKETS,
        assets,
        lambda quotes: published.append(dict(quotes)),
        time.clock,
        sleep=time.sleep,
        elapsed=time.elapsed,
        pace=pace,
        on_report=reports.append,
    )
    before = asyncio.all_tasks()
    unheard: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: unheard.append(context))
    running = asyncio.create_task(feed.run())
    try:
        yield Stage(time, far, feed, published, reports)
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        await settle()
        assert asyncio.all_tasks() == before
        assert far.open_sockets == 0
        del running
        gc.collect()
        assert unheard == []
