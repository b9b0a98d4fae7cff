"""Prices of past days: one candle a day and asset, by far fewer requests than hourly ones would take."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time
from typing import NamedTuple

from harvest_tui.core.records import Asset
from harvest_tui.core.valuation import NoPrices
from harvest_tui.exchanges.candles import CandleSource, CandleVenue, PastPrices, Row, historical_prices

_LAST_HOUR = time(23, tzinfo=UTC)


class _DaysOnly(NamedTuple):
    """An exchange that is never asked for a shorter candle."""

    client: CandleSource

    async def fetch_ohlcv(self, symbol: str, timeframe: str, since_ms: int, limit: int) -> Sequence[Row]:
        """Daily candles; none of any other length."""
        if timeframe != "1d":
            return ()
        return await self.client.fetch_ohlcv(symbol, timeframe, since_ms, limit)


async def daily_prices(
    venues: Iterable[CandleVenue], wanted: Mapping[Asset, Iterable[date]], now: datetime
) -> PastPrices:
    """The candle of each finished UTC day wanted of each asset, converted to dollars as `historical_prices` does."""
    needed = [(asset, datetime.combine(day, _LAST_HOUR)) for asset, days in wanted.items() for day in days]
    asked = [CandleVenue(venue.exchange, _DaysOnly(venue.client), venue.markets) for venue in venues]
    return await historical_prices(asked, needed, NoPrices(), now)
