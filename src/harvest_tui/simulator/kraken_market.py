"""Kraken's public calls: time, assets, pairs, tickers and candles."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from harvest_tui.core.money import ROUNDED
from harvest_tui.simulator.kraken_codes import (
    altname_of,
    code_of,
    pair_altname,
    pair_key,
    rounded,
    staking_wallet,
)
from harvest_tui.simulator.prices import DAY_US
from harvest_tui.simulator.world import Bar, Tick, World

VENUE = "kraken"
_MOST_CANDLES = 720
"""Kraken hands out the newest 720 bars, whatever `since` says."""
_INTERVALS = frozenset({1, 5, 15, 30, 60, 240, 1440, 10080, 21600})
_FEES = [[0, 0.26], [50_000, 0.24], [100_000, 0.22]]
_MAKER_FEES = [[0, 0.16], [50_000, 0.14], [100_000, 0.12]]


class UnknownName(Exception):
    """Kraken's error text for a pair, asset or argument that it does not have."""


class KrakenMarket:
    """Answers the public calls of a world's market."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._pairs = {pair_key(base, quote): (base, quote) for base, quote in world.markets(VENUE)}
        self._names = {name: key for key, market in self._pairs.items() for name in _names_of(key, *market)}
        self._days: dict[str, tuple[int, Bar]] = {}

    def answer(self, call: str, query: Mapping[str, str]) -> Any:
        """The `result` of a public call. Raises UnknownName."""
        if call == "Time":
            now = self._world.now_us() // 1_000_000
            return {"unixtime": now, "rfc1123": f"{datetime.fromtimestamp(now, UTC):%a, %d %b %y %H:%M:%S +0000}"}
        if call == "SystemStatus":
            now_text = f"{datetime.fromtimestamp(self._world.now_us() // 1_000_000, UTC):%Y-%m-%dT%H:%M:%SZ}"
            return {"status": "online", "timestamp": now_text}
        if call == "Assets":
            return self._assets()
        if call == "AssetPairs":
            return {key: self._pair(*self._pairs[key]) for key in self._asked(query.get("pair", ""))}
        if call == "Ticker":
            return {key: self._ticker(*self._pairs[key]) for key in self._asked(query.get("pair", ""))}
        if call == "OHLC":
            return self._candles(query)
        raise UnknownName("EGeneral:Unknown method")

    def ticker_v2(self, tick: Tick) -> dict[str, Any]:
        """A market as the second WebSocket version tells it: JSON numbers."""
        day = self._day(tick)
        change = ROUNDED.subtract(tick.last, day.open)
        percent = ROUNDED.divide(ROUNDED.multiply(change, Decimal(100)), day.open)
        return {
            "symbol": f"{tick.base}/{tick.quote}",
            "bid": float(tick.bid),
            "bid_qty": 1.51862603,
            "ask": float(tick.ask),
            "ask_qty": 2.17988863,
            "last": float(tick.last),
            "volume": float(day.volume),
            "vwap": float(day.close),
            "low": float(min(day.low, tick.last)),
            "high": float(max(day.high, tick.last)),
            "change": float(change),
            "change_pct": float(rounded(percent, 2)),
        }

    def _asked(self, names: str) -> list[str]:
        if not names:
            return list(self._pairs)
        unknown = [name for name in names.split(",") if name not in self._names]
        if unknown:
            raise UnknownName("EQuery:Unknown asset pair")
        return [self._names[name] for name in names.split(",")]

    def _assets(self) -> dict[str, Any]:
        coins = sorted({coin for market in self._pairs.values() for coin in market})
        assets = {code_of(coin): _asset(altname_of(coin), 4 if coin == "USD" else 10) for coin in coins}
        for coin in ("SOL", "DOT", "ETH"):
            assets[staking_wallet(coin)] = _asset(staking_wallet(coin), 10)
        return assets

    def _pair(self, base: str, quote: str) -> dict[str, Any]:
        last = self._world.tick(base, quote).last
        return {
            "altname": pair_altname(base, quote),
            "wsname": f"{altname_of(base)}/{altname_of(quote)}",
            "aclass_base": "currency",
            "base": code_of(base),
            "aclass_quote": "currency",
            "quote": code_of(quote),
            "lot": "unit",
            "cost_decimals": 5,
            "pair_decimals": 1 if last >= 10_000 else 2 if last >= 100 else 4 if last >= 1 else 6,
            "lot_decimals": 8,
            "lot_multiplier": 1,
            "leverage_buy": [2, 3],
            "leverage_sell": [2, 3],
            "fees": _FEES,
            "fees_maker": _MAKER_FEES,
            "fee_volume_currency": "ZUSD",
            "margin_call": 80,
            "margin_stop": 40,
            "ordermin": "0.0001" if last >= 10_000 else "0.01" if last >= 100 else "1",
            "costmin": "0.5",
            "tick_size": "0.01",
            "status": "online",
        }

    def _ticker(self, base: str, quote: str) -> dict[str, Any]:
        tick = self._world.tick(base, quote)
        day = self._day(tick)
        volume, low, high = str(day.volume), str(min(day.low, tick.last)), str(max(day.high, tick.last))
        return {
            "a": [str(tick.ask), "1", "1.000"],
            "b": [str(tick.bid), "1", "1.000"],
            "c": [str(tick.last), "0.01000000"],
            "v": [volume, volume],
            "p": [str(day.close), str(day.close)],
            "t": [4_321, 9_876],
            "l": [low, low],
            "h": [high, high],
            "o": str(day.open),
        }

    def _day(self, tick: Tick) -> Bar:
        """The last 24 hours, looked up again once a minute."""
        name = f"{tick.base}/{tick.quote}"
        at, bar = self._days.get(name, (0, None))
        if bar is None or tick.at_us - at > 60_000_000:
            bars = self._world.candles(tick.base, tick.quote, 14_400, tick.at_us - DAY_US, tick.at_us)
            highest, lowest = max(bar.high for bar in bars), min(bar.low for bar in bars)
            bar = Bar(bars[0].start_us, bars[0].open, highest, lowest, bars[-1].close, bars[0].volume)
            self._days[name] = tick.at_us, bar
        return bar

    def _candles(self, query: Mapping[str, str]) -> dict[str, Any]:
        (key,) = self._asked(query.get("pair", "-"))
        text, since = query.get("interval", "1"), query.get("since", "0")
        if not text.isdecimal() or int(text) not in _INTERVALS or not since.isdecimal():
            raise UnknownName("EGeneral:Invalid arguments")
        width, now = int(text) * 60, self._world.now_us()
        start = max(now - _MOST_CANDLES * width * 1_000_000, (int(since) + 1) * 1_000_000)
        bars = self._world.candles(*self._pairs[key], width, start, now)
        rows = [_candle_row(bar) for bar in bars]
        return {key: rows, "last": rows[-2][0] if len(rows) > 1 else int(since)}


def _names_of(key: str, base: str, quote: str) -> tuple[str, ...]:
    alternative = pair_altname(base, quote)
    return key, alternative, f"{altname_of(base)}/{altname_of(quote)}", f"{base}/{quote}"


def _asset(altname: str, decimals: int) -> dict[str, Any]:
    return {
        "aclass": "currency",
        "altname": altname,
        "decimals": decimals,
        "display_decimals": min(decimals, 5),
        "status": "enabled",
    }


def _candle_row(bar: Bar) -> list[Any]:
    prices = [str(price) for price in (bar.open, bar.high, bar.low, bar.close, bar.close)]
    return [bar.start_us // 1_000_000, *prices, str(bar.volume), 321]
