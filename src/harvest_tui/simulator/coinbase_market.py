"""Coinbase's public side: products, candles, currencies and the WebSocket tickers."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from decimal import Decimal

from aiohttp import WSMsgType, web

from harvest_tui.simulator.coinbase_coins import currency_object, never_used, title_of
from harvest_tui.simulator.coinbase_rows import Row, stamp, wire
from harvest_tui.simulator.world import Tick, World

NAME = "coinbase"
LONGEST_CANDLES = 350
GRANULARITIES: Mapping[str, int] = {
    "ONE_MINUTE": 60,
    "FIVE_MINUTE": 300,
    "FIFTEEN_MINUTE": 900,
    "THIRTY_MINUTE": 1800,
    "ONE_HOUR": 3600,
    "TWO_HOUR": 7200,
    "SIX_HOUR": 21600,
    "ONE_DAY": 86400,
}
_STEPS: Mapping[str, str] = {"DOGE": "0.1", "LINK": "0.01", "XRP": "0.000001"}
_STEP = "0.00000001"
_FLAGS = "watched is_disabled new cancel_only limit_only post_only trading_disabled auction_mode view_only"
_TICKERS = ("ticker", "ticker_batch")
_FIRST_WORD_SECONDS = 5.0
"""A connection that subscribes to nothing for so long is closed."""


class CoinbaseMarket:
    """What needs no key, told from the world's live market."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._pairs = {f"{base}-{quote}": (base, quote) for base, quote in world.markets(NAME)}

    def has(self, product_id: str) -> bool:
        """Whether the product is traded."""
        return product_id in self._pairs

    def products(self, wanted: Sequence[str] = (), kind: str = "SPOT") -> list[Row]:
        """Products with their price; of futures there are none."""
        if kind not in ("SPOT", "UNKNOWN_PRODUCT_TYPE", ""):
            return []
        return [self._product(name) for name in self._pairs if not wanted or name in wanted]

    def _product(self, name: str) -> Row:
        base, quote = self._pairs[name]
        tick = self._world.tick(base, quote)
        step = f"{Decimal(1).scaleb(int(tick.last.as_tuple().exponent)):f}"
        row: Row = {
            "product_id": name,
            "price": f"{tick.last:f}",
            "price_percentage_change_24h": "0.51877281561",
            "volume_24h": "10967.87426597",
            "volume_percentage_change_24h": "12.73048325503",
            "base_increment": _STEPS.get(base, _STEP),
            "quote_increment": step,
            "quote_min_size": "1",
            "quote_max_size": "50000000",
            "base_min_size": _STEPS.get(base, _STEP),
            "base_max_size": "1000000",
            "base_name": title_of(base),
            "quote_name": title_of(quote),
            "status": "online",
            "product_type": "SPOT",
            "quote_currency_id": quote,
            "base_currency_id": base,
            "fcm_trading_session_details": None,
            "mid_market_price": "",
            "alias": "",
            "alias_to": [],
            "base_display_symbol": base,
            "quote_display_symbol": quote,
            "price_increment": step,
            "display_name": name,
            "product_venue": "CBE",
        }
        return {**row, **dict.fromkeys(_FLAGS.split(), False)}

    def ticker(self, name: str) -> Row:
        """The latest trade and the best prices of a product."""
        tick = self._world.tick(*self._pairs[name])
        trade = {
            "trade_id": str(tick.at_us // 1000),
            "product_id": name,
            "price": f"{tick.last:f}",
            "size": "0.00659179",
            "time": stamp(tick.at_us, 6),
            "side": "BUY",
            "bid": "",
            "ask": "",
        }
        return {"trades": [trade], "best_bid": f"{tick.bid:f}", "best_ask": f"{tick.ask:f}"}

    def books(self, wanted: Sequence[str]) -> list[Row]:
        """Best bid and ask of products."""
        told: list[Row] = []
        for name in wanted or list(self._pairs):
            if name in self._pairs:
                tick = self._world.tick(*self._pairs[name])
                bids, asks = ([{"price": f"{price:f}", "size": "0.42"}] for price in (tick.bid, tick.ask))
                told.append({"product_id": name, "bids": bids, "asks": asks, "time": stamp(tick.at_us, 6)})
        return told

    def candles(self, name: str, start_s: int, end_s: int, seconds: int) -> list[Row]:
        """Bars from start to end (both inclusive), newest first."""
        bars = self._world.candles(*self._pairs[name], seconds, start_s * 1_000_000, end_s * 1_000_000 + 1)
        return [
            {
                "start": str(bar.start_us // 1_000_000),
                "low": f"{bar.low:f}",
                "high": f"{bar.high:f}",
                "open": f"{bar.open:f}",
                "close": f"{bar.close:f}",
                "volume": f"{bar.volume:f}",
            }
            for bar in reversed(bars)
        ]

    def coins(self) -> list[str]:
        """Every coin that is listed."""
        traded = list(dict.fromkeys(coin for pair in self._pairs.values() for coin in pair if coin != "USD"))
        return traded + never_used(traded)

    def crypto_currencies(self) -> list[Row]:
        """The list of coins."""
        return [currency_object(coin) for coin in self.coins()]

    def rates(self) -> dict[str, str]:
        """Units of a coin for one dollar, of the coins that have a price."""
        priced = [base for base, quote in self._pairs.values() if quote == "USD"]
        return {"USD": "1.0", **{coin: wire(1 / self._world.live_price(coin), 8)[:24] for coin in priced}}

    async def stream(self, request: web.Request) -> web.WebSocketResponse:
        """The market WebSocket: ticker, ticker_batch and heartbeats on subscription."""
        socket = web.WebSocketResponse(heartbeat=30)
        await socket.prepare(request)
        feed = _Feed(self, self._world, socket)
        try:
            await feed.listen()
        finally:
            await feed.stop()
        return socket

    def tickers(self, ticks: Sequence[Tick], names: Sequence[str]) -> Iterator[Row]:
        """The rows of a ticker message."""
        for tick in ticks:
            name = f"{tick.base}-{tick.quote}"
            if name in names:
                price = f"{tick.last:f}"
                yield {
                    "type": "ticker",
                    "product_id": name,
                    "price": price,
                    "volume_24_h": "16038.28770938",
                    "low_24_h": price,
                    "high_24_h": price,
                    "low_52_w": price,
                    "high_52_w": price,
                    "price_percent_chg_24_h": "0.5187",
                    "best_bid": f"{tick.bid:f}",
                    "best_bid_quantity": "0.42",
                    "best_ask": f"{tick.ask:f}",
                    "best_ask_quantity": "0.17",
                }


class _Feed:
    """One connection and what it is subscribed to."""

    def __init__(self, market: CoinbaseMarket, world: World, socket: web.WebSocketResponse) -> None:
        self._market = market
        self._world = world
        self._socket = socket
        self._subscribed: dict[str, list[str]] = {}
        self._sent = 0
        self._tasks: list[asyncio.Task[None]] = []

    async def listen(self) -> None:
        """Follows subscriptions until the other side goes."""
        wait: float | None = _FIRST_WORD_SECONDS
        while not self._socket.closed:
            with suppress(asyncio.TimeoutError):
                message = await self._socket.receive(timeout=wait)
                if message.type is not WSMsgType.TEXT:
                    return
                await self._obey(message.data)
                wait = None
                continue
            await self._socket.close()

    async def stop(self) -> None:
        """Ends the streams."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _obey(self, text: str) -> None:
        try:
            asked = json.loads(text)
            kind, channel, names = asked["type"], asked["channel"], asked.get("product_ids") or []
        except (ValueError, KeyError, TypeError):
            await self._socket.send_json({"type": "error", "message": "failed to parse message"})
            return
        if channel not in (*_TICKERS, "heartbeats") or kind not in ("subscribe", "unsubscribe"):
            await self._socket.send_json({"type": "error", "message": "channel not supported"})
            return
        known = [name for name in self._subscribed.get(channel, []) if name not in names]
        added = [name for name in names if self._market.has(name)] if kind == "subscribe" else []
        if kind == "unsubscribe" and not known:
            self._subscribed.pop(channel, None)
        else:
            self._subscribed[channel] = [*known, *added]
        ticks = [self._world.tick(*name.split("-")) for name in added]
        if channel in _TICKERS and ticks:
            await self._tell(channel, "snapshot", ticks)
        await self._say("subscriptions", {"subscriptions": self._subscribed})
        if not self._tasks:
            self._tasks = [asyncio.create_task(self._stream()), asyncio.create_task(self._beat())]

    async def _stream(self) -> None:
        with suppress(ConnectionError):
            async for ticks in self._world.ticks(NAME):
                for channel in _TICKERS:
                    if self._subscribed.get(channel):
                        await self._tell(channel, "update", ticks)

    async def _beat(self) -> None:
        counter = 0
        with suppress(ConnectionError):
            while True:
                await asyncio.sleep(1)
                counter += 1
                if "heartbeats" in self._subscribed:
                    told = {"current_time": stamp(self._world.now_us(), 9), "heartbeat_counter": counter}
                    await self._say("heartbeats", told)

    async def _tell(self, channel: str, kind: str, ticks: Sequence[Tick]) -> None:
        rows = list(self._market.tickers(ticks, self._subscribed[channel]))
        bundles = [rows] if channel == "ticker_batch" else [[row] for row in rows]
        for bundle in bundles:
            if bundle:
                await self._say(channel, {"type": kind, "tickers": bundle})

    async def _say(self, channel: str, event: Row) -> None:
        told = {
            "channel": channel,
            "client_id": "",
            "timestamp": stamp(self._world.now_us(), 9),
            "sequence_num": self._sent,
            "events": [event],
        }
        self._sent += 1
        await self._socket.send_json(told)
