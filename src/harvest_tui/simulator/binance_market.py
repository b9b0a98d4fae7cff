"""Binance's market side: symbols, tickers, klines, and the WebSocket that streams them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from decimal import Decimal

from aiohttp import WSMsgType, web

from harvest_tui.core.money import ROUNDED, plain
from harvest_tui.simulator.binance_queries import Query, Refusal
from harvest_tui.simulator.binance_rows import wire
from harvest_tui.simulator.world import Tick, World

_DAY_US = 86_400_000_000
_INTERVALS = {"1m": 60, "5m": 300, "15m": 900, "1h": 3600, "4h": 14400, "1d": 86400}
_STREAMS = ("miniTicker", "ticker", "bookTicker")
_STEPS: Mapping[str, str] = {"BTC": "0.00001000", "ETH": "0.00010000", "BNB": "0.00100000", "SOL": "0.00100000"}
_STEP = "0.01000000"


def _symbol_info(base: str, quote: str, status: str) -> dict[str, object]:
    step = _STEPS.get(base, _STEP)
    return {
        "symbol": base + quote,
        "status": status,
        "baseAsset": base,
        "baseAssetPrecision": 8,
        "quoteAsset": quote,
        "quotePrecision": 8,
        "quoteAssetPrecision": 8,
        "baseCommissionPrecision": 8,
        "quoteCommissionPrecision": 8,
        "orderTypes": ["LIMIT", "LIMIT_MAKER", "MARKET", "STOP_LOSS_LIMIT", "TAKE_PROFIT_LIMIT"],
        "icebergAllowed": True,
        "ocoAllowed": True,
        "quoteOrderQtyMarketAllowed": True,
        "allowTrailingStop": True,
        "cancelReplaceAllowed": True,
        "isSpotTradingAllowed": True,
        "isMarginTradingAllowed": False,
        "filters": [
            {"filterType": "PRICE_FILTER", "minPrice": "0.00000100", "maxPrice": "1000000", "tickSize": "0.00000100"},
            {"filterType": "LOT_SIZE", "minQty": step, "maxQty": "9000.00000000", "stepSize": step},
            {"filterType": "NOTIONAL", "minNotional": "5.00000000", "applyMinToMarket": True, "avgPriceMins": 5},
        ],
        "permissions": [],
        "permissionSets": [["SPOT"]],
        "defaultSelfTradePreventionMode": "EXPIRE_MAKER",
        "allowedSelfTradePreventionModes": ["EXPIRE_MAKER"],
    }


class Market:
    """Everything public. `closed` are (base, quote) of symbols that no longer trade but are still listed."""

    def __init__(self, world: World, venue: str, weight_limit: int, closed: Sequence[tuple[str, str]] = ()) -> None:
        self._world = world
        self._venue = venue
        self._weight_limit = weight_limit
        self._closed = tuple(closed)

    def symbols(self) -> dict[str, tuple[str, str]]:
        """(base, quote) by symbol, closed ones included."""
        return {base + quote: (base, quote) for base, quote in (*self._world.markets(self._venue), *self._closed)}

    def exchange_info(self, query: Query) -> dict[str, object]:
        """`exchangeInfo`: limits and every symbol."""
        listed = [_symbol_info(base, quote, "TRADING") for base, quote in self._world.markets(self._venue)]
        listed += [_symbol_info(base, quote, "BREAK") for base, quote in self._closed]
        limits = {"rateLimitType": "REQUEST_WEIGHT", "interval": "MINUTE", "intervalNum": 1}
        return {
            "timezone": "UTC",
            "serverTime": query.now_ms,
            "rateLimits": [limits | {"limit": self._weight_limit}],
            "exchangeFilters": [],
            "symbols": listed,
        }

    def tickers(self, query: Query, form: str) -> object:
        """`ticker/24hr`, `ticker/price` or `ticker/bookTicker`: of one symbol, of several, or of all that trade."""
        asked = self._asked(query)
        told = [_REST_FORMS[form](self, self._world.tick(base, quote)) for base, quote in asked]
        return told[0] if "symbol" in query.params else told

    def klines(self, query: Query) -> list[list[object]]:
        """Candles of one symbol, oldest first."""
        base, quote = self._market(query.text("symbol"))
        seconds = _INTERVALS.get(query.text("interval"))
        if seconds is None:
            raise Refusal(-1120, "Invalid interval.")
        limit = query.limit(500, 1000)
        end_ms = query.number("endTime", query.now_ms)
        start_ms = query.number("startTime", end_ms - limit * seconds * 1000)
        end_us = min(end_ms * 1000 + 1, (start_ms + (limit + 1) * seconds * 1000) * 1000)
        bars = self._world.candles(base, quote, seconds, start_ms * 1000, end_us)[:limit]
        return [
            [
                bar.start_us // 1000,
                *(wire(price) for price in (bar.open, bar.high, bar.low, bar.close)),
                wire(bar.volume),
                bar.start_us // 1000 + seconds * 1000 - 1,
                wire(ROUNDED.multiply(bar.volume, bar.close).quantize(Decimal("1e-8"), context=ROUNDED)),
                120,
                "0.00000000",
                "0.00000000",
                "0",
            ]
            for bar in bars
        ]

    async def stream(self, request: web.Request) -> web.StreamResponse:
        """The WebSocket of raw streams: SUBSCRIBE and UNSUBSCRIBE, then one message an event."""
        socket = web.WebSocketResponse(heartbeat=20)
        await socket.prepare(request)
        wanted: set[str] = set()
        feed = asyncio.create_task(self._feed(socket, wanted))
        try:
            async for message in socket:
                if message.type is WSMsgType.TEXT:
                    await self._obey(socket, wanted, message.data)
        finally:
            feed.cancel()
            with suppress(asyncio.CancelledError, ConnectionError):
                await feed
        return socket

    async def _obey(self, socket: web.WebSocketResponse, wanted: set[str], text: str) -> None:
        try:
            order = json.loads(text)
            method, names, number = order["method"], list(order["params"]), order["id"]
        except (ValueError, KeyError, TypeError):
            await socket.send_json({"error": {"code": 3, "msg": "Invalid JSON"}})
            return
        if method == "SUBSCRIBE":
            wanted.update(str(name) for name in names)
        elif method == "UNSUBSCRIBE":
            wanted.difference_update(names)
        else:
            await socket.send_json({"error": {"code": 1, "msg": "Invalid value type"}, "id": number})
            return
        await socket.send_json({"result": None, "id": number})

    async def _feed(self, socket: web.WebSocketResponse, wanted: set[str]) -> None:
        async for batch in self._world.ticks(self._venue):
            for message in self._messages(batch, wanted):
                await socket.send_json(message)

    def _messages(self, batch: Sequence[Tick], wanted: set[str]) -> list[object]:
        found: list[object] = []
        for kind in _STREAMS:
            told = {f"{tick.base}{tick.quote}".lower(): _WS_FORMS[kind](self, tick) for tick in batch}
            found += [row for symbol, row in told.items() if f"{symbol}@{kind}" in wanted]
            if f"!{kind}@arr" in wanted:
                found.append(list(told.values()))
        return found

    def _market(self, symbol: str) -> tuple[str, str]:
        if symbol not in self.symbols():
            raise Refusal(-1121, "Invalid symbol.")
        return self.symbols()[symbol]

    def _asked(self, query: Query) -> list[tuple[str, str]]:
        if "symbol" in query.params:
            return [self._market(query.params["symbol"])]
        if "symbols" in query.params:
            try:
                return [self._market(str(symbol)) for symbol in json.loads(query.params["symbols"])]
            except (ValueError, TypeError):
                raise Refusal(-1100, "Illegal characters found in parameter 'symbols'.") from None
        return self._world.markets(self._venue)

    def day(self, tick: Tick) -> tuple[Decimal, Decimal, Decimal]:
        """Open, high and low of the last 24 hours."""
        before = tick.at_us - _DAY_US
        then = ROUNDED.divide(self._world.price(tick.base, before), self._world.price(tick.quote, before))
        opened = then.quantize(tick.last, context=ROUNDED)
        return opened, max(opened, tick.last), min(opened, tick.last)


_VOLUME = Decimal("8913.30000000")


def _full(market: Market, tick: Tick) -> dict[str, object]:
    opened, high, low = market.day(tick)
    change = ROUNDED.subtract(tick.last, opened)
    percent = ROUNDED.divide(ROUNDED.multiply(change, Decimal(100)), opened).quantize(Decimal("0.001"), context=ROUNDED)
    return {
        "symbol": tick.base + tick.quote,
        "priceChange": wire(change),
        "priceChangePercent": plain(percent),
        "weightedAvgPrice": wire(tick.last),
        "prevClosePrice": wire(opened),
        "lastPrice": wire(tick.last),
        "lastQty": "0.10000000",
        "bidPrice": wire(tick.bid),
        "bidQty": "4.00000000",
        "askPrice": wire(tick.ask),
        "askQty": "5.00000000",
        "openPrice": wire(opened),
        "highPrice": wire(high),
        "lowPrice": wire(low),
        "volume": wire(_VOLUME),
        "quoteVolume": wire(ROUNDED.multiply(_VOLUME, tick.last).quantize(Decimal("1e-8"), context=ROUNDED)),
        "openTime": (tick.at_us - _DAY_US) // 1000,
        "closeTime": tick.at_us // 1000,
        "firstId": 28385,
        "lastId": 28460,
        "count": 76,
    }


def _price(_: Market, tick: Tick) -> dict[str, object]:
    return {"symbol": tick.base + tick.quote, "price": wire(tick.last)}


def _book(_: Market, tick: Tick) -> dict[str, object]:
    return {
        "symbol": tick.base + tick.quote,
        "bidPrice": wire(tick.bid),
        "bidQty": "4.00000000",
        "askPrice": wire(tick.ask),
        "askQty": "5.00000000",
    }


def _ws_full(market: Market, tick: Tick) -> dict[str, object]:
    row = _full(market, tick)
    letters: Mapping[str, str] = {
        "p": "priceChange",
        "P": "priceChangePercent",
        "w": "weightedAvgPrice",
        "x": "prevClosePrice",
        "c": "lastPrice",
        "Q": "lastQty",
        "b": "bidPrice",
        "B": "bidQty",
        "a": "askPrice",
        "A": "askQty",
        "o": "openPrice",
        "h": "highPrice",
        "l": "lowPrice",
        "v": "volume",
        "q": "quoteVolume",
        "O": "openTime",
        "C": "closeTime",
        "F": "firstId",
        "L": "lastId",
        "n": "count",
    }
    head = {"e": "24hrTicker", "E": tick.at_us // 1000, "s": row["symbol"]}
    return head | {letter: row[name] for letter, name in letters.items()}


def _ws_mini(market: Market, tick: Tick) -> dict[str, object]:
    full = _ws_full(market, tick)
    return {"e": "24hrMiniTicker"} | {letter: full[letter] for letter in "Escohlvq"}


def _ws_book(_: Market, tick: Tick) -> dict[str, object]:
    return {
        "u": tick.at_us // 1000,
        "s": tick.base + tick.quote,
        "b": wire(tick.bid),
        "B": "4.00000000",
        "a": wire(tick.ask),
        "A": "5.00000000",
    }


_REST_FORMS = {"24hr": _full, "price": _price, "bookTicker": _book}
_WS_FORMS = {"ticker": _ws_full, "miniTicker": _ws_mini, "bookTicker": _ws_book}
