"""The smallest order and the step of each venue: as its own list of markets tells them, to the digit."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from harvest_tui.core.harvest.order_limits import OrderLimits
from harvest_tui.core.records import Account, AccountId, Asset
from harvest_tui.session.order_limits import OrderLimitBook, limits_by_asset
from harvest_tui.simulator.process import SimulatorProcess
from harvest_tui.store import Store
from simulator.genuine_client import genuine
from support.simulated import connected, impatient

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
COINS = ("BTC", "ETH", "DOGE", "ADA", "LINK")
VENUES = {
    "kraken": ("BTC", "ETH", "ADA", "LINK"),
    "coinbase": ("BTC", "ETH", "DOGE", "LINK"),
    "binance": ("BTC", "ETH", "ADA"),
    "binanceus": ("BTC", "ETH", "DOGE", "ADA"),
}
Figures = tuple[str, str, str]
"""Step, least quantity and least cost, as the wire has them."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def simulator() -> AsyncIterator[SimulatorProcess]:
    async with SimulatorProcess(seed=7, venues=tuple(VENUES), rows=60, limits="off", tick_rate=0) as running:
        yield running


async def at_kraken(client: Any, coin: str) -> Figures:
    names = {"BTC": "XBT"}
    told = await client.publicGetAssetPairs({"pair": f"{names.get(coin, coin)}USD"})
    (row,) = told["result"].values()
    return f"1e-{row['lot_decimals']}", row["ordermin"], row["costmin"]


async def at_coinbase(client: Any, coin: str) -> Figures:
    told = await client.v3PublicGetBrokerageMarketProducts({"product_ids": [f"{coin}-USD"]})
    (row,) = told["products"]
    return row["base_increment"], row["base_min_size"], row["quote_min_size"]


async def at_binance(client: Any, coin: str) -> Figures:
    quote = "USDT" if client.id == "binance" else "USD"
    told = {row["symbol"]: row for row in (await client.publicGetExchangeInfo())["symbols"]}
    filters = {row["filterType"]: row for row in told[coin + quote]["filters"]}
    return filters["LOT_SIZE"]["stepSize"], filters["LOT_SIZE"]["minQty"], filters["NOTIONAL"]["minNotional"]


TRUTH: Mapping[str, Callable[[Any, str], Any]] = {
    "kraken": at_kraken,
    "coinbase": at_coinbase,
    "binance": at_binance,
    "binanceus": at_binance,
}


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("venue", VENUES)
async def test_the_limits_are_the_venues_own(venue: str, simulator: SimulatorProcess, tmp_path: Path) -> None:
    account = AccountId(venue)
    async with connected(simulator, tmp_path, [venue], impatient(20)) as session:
        await session.sync()
        await session.refresh_prices()
        keys = [(account, Asset(coin)) for coin in COINS]
        told = await OrderLimitBook(session.store).load(keys, session.facts().exchanges)
    assert told.keys() == set(keys)
    quote = "USDT" if venue == "binance" else "USD"
    async with genuine(simulator, venue) as client:
        for coin in COINS:
            limits = told[account, Asset(coin)]
            if coin not in VENUES[venue]:
                assert limits is None
                continue
            step, least, cost = await TRUTH[venue](client, coin)
            assert limits == OrderLimits(Decimal(step), Decimal(least), Decimal(cost), f"{coin}/{quote}")


def market(base: str, quote: str, step: str, **changes: Any) -> dict[str, Any]:
    """A row as the cache keeps it: figures are text."""
    return {
        "symbol": f"{base}/{quote}",
        "base": base,
        "quote": quote,
        "baseId": base,
        "active": True,
        "spot": True,
        "precision": {"amount": step},
        "limits": {"amount": {"min": "0.002"}, "cost": {"min": "5.00000000"}},
        **changes,
    }


def steps(exchange: str, rows: Sequence[Mapping[str, Any]]) -> dict[str, tuple[str, str]]:
    """(market, step) by asset."""
    return {asset: (one.market, str(one.step)) for asset, one in limits_by_asset(exchange, rows).items()}


def test_dollars_come_before_stablecoins_and_closed_markets_do_not_count() -> None:
    rows = [
        market("BTC", "USDT", "0.1"),
        market("BTC", "EUR", "0.2"),
        market("BTC", "USD", "0.3"),
        market("BTC", "USDC", "0.4"),
        market("SOL", "USDT", "0.5"),
        market("SOL", "USD", "0.6", active=False),
        market("SOL", "USDC", "0.7", active=None),
        market("ADA", "BTC", "0.8"),
        market("ETH", "USD", "0.9", symbol="ETH/USD:USD", spot=False),
        market("XRP", "FDUSD", "0.11"),
    ]
    assert steps("binance", rows) == {
        "BTC": ("BTC/USD", "0.3"),
        "SOL": ("SOL/USDC", "0.7"),
        "XRP": ("XRP/FDUSD", "0.11"),
    }


def test_a_coin_is_found_by_the_exchanges_own_code_before_the_name_ccxt_gives_it() -> None:
    rows = [
        market("LUNA", "USD", "0.1", baseId="LUNA2"),
        market("LUNC", "USD", "0.2", baseId="LUNA"),
        market("BTC", "USD", "0.3", baseId="XXBT"),
    ]
    assert steps("kraken", rows) == {
        "BTC": ("BTC/USD", "0.3"),
        "LUNA": ("LUNC/USD", "0.2"),
        "LUNA2": ("LUNA/USD", "0.1"),
        "LUNC": ("LUNC/USD", "0.2"),
    }


@pytest.mark.parametrize("nothing", [None, "0", "0.00000000", "", "many", "-1", True])
def test_a_limit_that_is_not_told_is_unknown_and_never_zero(nothing: object) -> None:
    row = market("BTC", "USD", "0.1", precision={"amount": nothing}, limits={"amount": {"min": nothing}, "cost": None})
    assert limits_by_asset("kraken", [row]) == {Asset("BTC"): OrderLimits(None, None, None, "BTC/USD")}


async def test_positions_of_which_nothing_is_known_are_left_out(tmp_path: Path) -> None:
    kraken, wallet, coinbase = AccountId("main"), AccountId("cold wallet"), AccountId("cb")
    btc, nft = Asset("BTC"), Asset("apes#7")
    exchanges = {kraken: "kraken", wallet: "", coinbase: "coinbase"}
    async with await Store.open(tmp_path / "facts.sqlite3") as store:
        await store.add_account(Account(kraken, "kraken", NOW))
        await store.save_markets("kraken", [market("BTC", "USD", "0.00000001")], NOW)
        book = OrderLimitBook(store)
        keys = [(kraken, btc), (kraken, nft), (wallet, btc), (coinbase, btc), (AccountId("gone"), btc)]
        first = await book.load(keys, exchanges)
        assert first == {
            (kraken, btc): OrderLimits(Decimal("1E-8"), Decimal("0.002"), Decimal(5), "BTC/USD"),
            (kraken, nft): None,
        }
        await store.save_markets("kraken", [market("BTC", "USD", "0.05")], NOW + timedelta(days=1))
        renewed = (await book.load(keys, exchanges))[kraken, btc]
        assert renewed is not None and renewed.step == Decimal("0.05")
