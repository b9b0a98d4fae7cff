"""Live prices of all exchanges, the newest quote of each, and which one prices a position."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from harvest_tui.core.portfolio import PositionKey
from harvest_tui.core.records import USD, AccountId, Asset, Candle, Quote
from harvest_tui.errors import HarvestError
from harvest_tui.session import FeedState, FeedStatus
from harvest_tui.session.connections import Connections
from harvest_tui.session.facts import QuoteKey

if TYPE_CHECKING:
    from harvest_tui.core.quote_guard import QuoteGuard
    from harvest_tui.exchanges.client import ExchangeClient
    from harvest_tui.exchanges.live_prices import LivePrices
    from harvest_tui.exchanges.price_routes import DollarBoard
    from harvest_tui.store import Store

_REACH = ("binance", "binanceus", "coinbase", "kraken")
"""Who serves hourly candles furthest back first; Kraken keeps only the last 720 of any length."""
_KEEP_SECONDS = 10.0
_END_SECONDS = 5.0
"""So long a feed may take to close its socket."""
_RETRY_SECONDS = (1.0, 2.0, 4.0, 8.0, 16.0, 30.0)


class Pricing:
    """Quotes by (exchange, asset), stored on arrival; feeds are tasks that come back by themselves."""

    def __init__(self, store: Store, connections: Connections, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._connections = connections
        self._clock = clock
        self.quotes: dict[QuoteKey, Quote] = {}
        self.version = 0
        self._arrived: set[QuoteKey] = set()
        self._unsaved: dict[QuoteKey, Quote] = {}
        self._feeds: dict[str, LivePrices] = {}
        self._states: dict[str, FeedState] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._wanted: dict[str, frozenset[Asset]] = {}
        self._beliefs: tuple[QuoteGuard, DollarBoard] | None = None

    async def load_cached(self) -> None:
        """The last prices of the home, each with its old time."""
        self.quotes.update(await self._store.quotes())
        self.version += 1

    def arrived(self, quotes: Mapping[QuoteKey, Quote]) -> None:
        """Take newer quotes in; drawing happens elsewhere, on a timer."""
        self.quotes.update(quotes)
        self._unsaved.update(quotes)
        self._arrived.update(quotes)
        self.version += 1

    def taken(self) -> set[QuoteKey]:
        """Which quotes came in since this was asked last."""
        arrived, self._arrived = self._arrived, set()
        return arrived

    def states(self) -> dict[str, FeedState]:
        """How each exchange's prices arrive right now."""
        states = dict(self._states)
        for exchange, feed in self._feeds.items():
            report = feed.state
            status = FeedStatus(report.status)
            states[exchange] = FeedState(exchange, status, report.last_at, report.message, feed.unpriced)
        return states

    def want(self, wanted: Mapping[str, frozenset[Asset]]) -> None:
        """Start, widen or narrow the feeds to these assets by exchange."""
        self._wanted = dict(wanted)
        for exchange, assets in wanted.items():
            if exchange in self._feeds:
                self._feeds[exchange].set_assets(assets)
            elif exchange not in self._tasks:
                self._tasks[exchange] = asyncio.create_task(self._run(exchange), name=f"prices {exchange}")
        if "save" not in self._tasks:
            self._tasks["save"] = asyncio.create_task(self._save_often(), name="save prices")

    def reconnect(self) -> None:
        """Begins every feed anew: after a sleep the old sockets are dead, and none of them says so."""
        for exchange, feed in list(self._tasks.items()):
            if exchange in self._wanted:
                self._feeds.pop(exchange, None)
                self._states[exchange] = FeedState(exchange, FeedStatus.STALE, None, "connecting")
                task = self._run_after(feed, exchange)
                self._tasks[exchange] = asyncio.create_task(task, name=f"prices {exchange}")

    async def refresh_once(self, wanted: Mapping[str, frozenset[Asset]]) -> None:
        """One round of tickers from each exchange, kept in the cache. A failing exchange is left out."""
        from harvest_tui.exchanges.live_prices import fetch_once

        for exchange, assets in wanted.items():
            try:
                client = await self._connections.public(exchange)
                markets = await self._connections.markets(exchange)
                self.arrived(await fetch_once(exchange, client, markets, assets, self._clock))
            except HarvestError as error:
                self._states[exchange] = FeedState(exchange, FeedStatus.OFFLINE, None, str(error))
        await self._save()

    @property
    def is_running(self) -> bool:
        """Feeds have been started."""
        return bool(self._tasks)

    async def fetch_history(
        self,
        needed: Sequence[tuple[Asset, datetime]],
        exchanges: Iterable[str],
        progress: Callable[[int, int], None] | None = None,
    ) -> bool:
        """Ask the exchanges for past prices and keep them as candles; whether any came. `progress` as in the search.

        Those that came before it was cancelled are kept.
        """
        from harvest_tui.core.valuation import PriceHistory
        from harvest_tui.exchanges.candles import CandleVenue, historical_prices

        venues = []
        for exchange in sorted(set(exchanges), key=_REACH.index):
            try:
                client = await self._connections.public(exchange)
            except HarvestError:
                continue
            venues.append(CandleVenue(exchange, client, await self._connections.markets(exchange)))
        came: list[Candle] = []
        try:
            await historical_prices(venues, needed, PriceHistory(()), self._clock(), progress, came.append)
        finally:
            if came:
                await self._store.save_candles(came)
        return bool(came)

    async def _run(self, exchange: str) -> None:
        from harvest_tui.exchanges.live_prices import LivePrices

        client = await self._connect(exchange)
        markets = await self._connections.markets(exchange)
        guard, board = self._shared_beliefs()
        feed = LivePrices(
            exchange,
            client,
            markets,
            self._wanted[exchange],
            self.arrived,
            self._clock,
            guard=guard,
            board=board,
        )
        self._feeds[exchange] = feed
        await feed.run()

    async def _run_after(self, old: asyncio.Task[None], exchange: str) -> None:
        old.cancel()
        await asyncio.wait([old], timeout=_END_SECONDS)
        await self._run(exchange)

    def _shared_beliefs(self) -> tuple[QuoteGuard, DollarBoard]:
        """One guard and one board for all feeds, so that a second source can confirm a jump of the first."""
        from harvest_tui.core.quote_guard import QuoteGuard
        from harvest_tui.exchanges.price_routes import DollarBoard

        if self._beliefs is None:
            self._beliefs = (QuoteGuard(), DollarBoard())
        return self._beliefs

    async def _connect(self, exchange: str) -> ExchangeClient:
        failures = 0
        while True:
            try:
                return await self._connections.public(exchange)
            except HarvestError as error:
                self._states[exchange] = FeedState(exchange, FeedStatus.OFFLINE, None, str(error))
            await asyncio.sleep(_RETRY_SECONDS[min(failures, len(_RETRY_SECONDS) - 1)])
            failures += 1

    async def _save_often(self) -> None:
        while True:
            await asyncio.sleep(_KEEP_SECONDS)
            await self._save()

    async def _save(self) -> None:
        unsaved, self._unsaved = self._unsaved, {}
        if unsaved and self._store.writable:
            await self._store.save_quotes(unsaved)

    async def close(self) -> None:
        """End all feeds and keep the last prices."""
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)
        await self._save()


def wanted_prices(
    held: Iterable[PositionKey], exchanges: Mapping[AccountId, str], connected: Sequence[str]
) -> dict[str, frozenset[Asset]]:
    """Which assets each exchange shall price: its own accounts', and those of accounts without an exchange."""
    wanted: dict[str, set[Asset]] = {exchange: set() for exchange in connected}
    for account, asset in held:
        exchange = exchanges.get(account, "")
        for target in [exchange] if exchange in wanted else wanted:
            wanted[target].add(asset)
    return {exchange: frozenset(assets - {USD}) for exchange, assets in wanted.items()}
