"""A year of daily prices: one candle a day, no hourly ones, converted where the market is not in dollars."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from harvest_tui.core.harvest.closes import daily_closes
from harvest_tui.core.records import Asset
from harvest_tui.exchanges.candles import CandleVenue
from harvest_tui.exchanges.daily_candles import daily_prices

NOW = datetime(2026, 3, 4, 12, 34, tzinfo=UTC)
BTC, SOL, XYZ = Asset("BTC"), Asset("SOL"), Asset("XYZ")
DAY = 86_400


@dataclass
class Daily:
    """An exchange whose close of a day is the number of the day since 1970, times what the market is worth."""

    scale: dict[str, int]
    requests: list[tuple[str, str]] = field(default_factory=list)

    async def fetch_ohlcv(
        self, symbol: str, timeframe: str, since_ms: int, limit: int
    ) -> list[tuple[int, str, str, str, str]]:
        self.requests.append((symbol, timeframe))
        first = since_ms // 1000 // DAY
        last = min(first + limit, int(NOW.timestamp()) // DAY + 1)
        return [(day * DAY * 1000, *[str(day * self.scale[symbol])] * 4) for day in range(first, last)]


def market(symbol: str) -> dict[str, object]:
    base, quote = symbol.split("/")
    return {"symbol": symbol, "base": base, "quote": quote, "spot": True, "type": "spot", "active": True}


def year(count: int = 365) -> list[date]:
    return [NOW.date() - timedelta(days=back) for back in range(count, -1, -1)]


def number(day: date) -> int:
    return (day - date(1970, 1, 1)).days


async def test_a_year_of_days_takes_a_few_requests_for_days_alone() -> None:
    far = Daily({"BTC/USD": 3, "SOL/BTC": 2})
    venue = CandleVenue("binance", far, [market(symbol) for symbol in far.scale])
    found = await daily_prices([venue], {BTC: year(), SOL: year(10)}, NOW)
    bitcoin = daily_closes([one for one in found.candles if one.asset == BTC], NOW)
    assert list(bitcoin) == year()[:-1], "today is not over"
    assert all(one.close == number(day) * 3 for day, one in bitcoin.items())
    solana = daily_closes([one for one in found.candles if one.asset == SOL], NOW)
    assert {day: one.close for day, one in solana.items()} == {
        day: Decimal(number(day) * 2) * number(day) * 3 for day in year(10)[:-1]
    }
    assert {frame for _, frame in far.requests} == {"1d"}
    assert len(far.requests) <= 3


async def test_an_asset_without_a_market_is_missing_and_nothing_is_made_up() -> None:
    far = Daily({"BTC/USD": 3})
    venue = CandleVenue("kraken", far, [market("BTC/USD")])
    found = await daily_prices([venue], {XYZ: year(3)}, NOW)
    assert found.candles == () and len(found.missing) == 4 and far.requests == []
