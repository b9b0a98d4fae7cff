"""Past prices through the real clients on the simulator's market, told by four exchanges alike."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from harvest_tui.core.records import Asset
from harvest_tui.core.valuation import NoPrices, PriceHistory
from harvest_tui.exchanges.candles import DAY, HOUR, CandleVenue, historical_prices
from harvest_tui.exchanges.client import ExchangeClient
from harvest_tui.exchanges.strategies.registry import strategy_class
from harvest_tui.exchanges.transport import Transport
from harvest_tui.simulator.process import SimulatorProcess

VENUES = ("kraken", "coinbase", "binance", "binanceus")
BTC = Asset("BTC")


@asynccontextmanager
async def exchanges(simulator: SimulatorProcess) -> AsyncIterator[dict[str, CandleVenue]]:
    transport = Transport(loopback=simulator.routes, ca_file=Path(simulator.ca_file))
    async with AsyncExitStack() as stack:
        opened = {}
        for name in VENUES:
            client = await ExchangeClient.open(strategy_class(name)(), credentials=None, transport=transport)
            stack.push_async_callback(client.close)
            markets = await client.load_markets()
            client.use_markets(markets)
            opened[name] = CandleVenue(name, client, markets)
        await simulator.reset_stats()
        yield opened


async def test_a_year_of_weekly_swaps_is_priced_alike_by_four_exchanges_in_the_fewest_requests() -> None:
    now = datetime.now(UTC)
    swaps = [(BTC, now - timedelta(hours=3, days=7 * week)) for week in range(53)]
    async with SimulatorProcess(rows=20, venues=VENUES, limits="off") as simulator, exchanges(simulator) as venues:
        told = {}
        for name in VENUES:
            found = await historical_prices([venues[name]], swaps, NoPrices(), now)
            assert (found.missing, found.problems) == ((), ())
            told[name] = found
        requests = {name: (await simulator.stats(name))["total"] for name in VENUES}
        assert requests == {"kraken": 2, "coinbase": 27, "binance": 9, "binanceus": 9}
        histories = {name: PriceHistory(found.candles) for name, found in told.items()}
        lengths = {candle.seconds for candle in told["kraken"].candles}
        assert lengths == {HOUR, DAY}
        for swap in swaps:
            prices = {name: history.price_at(*swap) for name, history in histories.items()}
            coinbase = prices["coinbase"]
            assert coinbase is not None
            is_hourly_at_kraken = now - swap[1] < timedelta(hours=719)
            for name, price in prices.items():
                tolerance = Decimal("0.002") if name != "kraken" or is_hourly_at_kraken else Decimal("0.10")
                assert price is not None
                assert abs(price - coinbase) <= coinbase * tolerance


async def test_tether_of_binance_is_converted_by_the_dollar_market_of_another_exchange() -> None:
    now = datetime.now(UTC)
    need = (BTC, now - timedelta(days=40))
    async with SimulatorProcess(rows=20, venues=VENUES, limits="off") as simulator, exchanges(simulator) as venues:
        found = await historical_prices([venues["binance"], venues["coinbase"]], [need], NoPrices(), now)
        bitcoin = next(candle for candle in found.candles if candle.asset == BTC)
        tether = next(candle for candle in found.candles if candle.asset == "USDT")
        assert bitcoin.source == "binance BTC/USDT (coinbase USDT/USD)"
        assert (bitcoin.start, tether.start) == (need[1].replace(minute=0, second=0, microsecond=0),) * 2
        assert tether.source == "coinbase USDT/USD"
        assert Decimal("0.98") < tether.close < Decimal("1.02")


async def test_an_exchange_that_fails_leaves_the_price_missing_and_says_why() -> None:
    now = datetime.now(UTC)
    need = (BTC, now - timedelta(days=40))
    async with SimulatorProcess(rows=20, venues=VENUES, limits="off") as simulator, exchanges(simulator) as venues:
        await simulator.fault("kraken", "permission", "OHLC")
        found = await historical_prices([venues["kraken"]], [need], NoPrices(), now)
        assert (found.candles, found.missing) == ((), (need,))
        assert len(found.problems) == 1
        found = await historical_prices([venues["kraken"], venues["coinbase"]], [need], NoPrices(), now)
        assert found.missing == ()
