"""What an exchange holds fast: staked, earning, in a vault or in open orders; the sums count it all the same."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from harvest_tui.core.portfolio import PositionKey
from harvest_tui.core.records import AccountId, Asset
from harvest_tui.errors import BadReply
from harvest_tui.exchanges.assets import is_locked_wallet
from harvest_tui.exchanges.client import ExchangeClient
from harvest_tui.exchanges.strategies.base import Check, Endpoint, Strategy
from harvest_tui.exchanges.strategies.binance import BinanceStrategy
from harvest_tui.exchanges.strategies.coinbase import CoinbaseStrategy
from harvest_tui.exchanges.strategies.kraken import KrakenStrategy
from harvest_tui.exchanges.strategies.registry import strategy_class
from harvest_tui.exchanges.transport import Transport
from harvest_tui.simulator.process import SimulatorProcess
from simulator.genuine_client import genuine
from support.simulated import connected, impatient

VENUES = ("kraken", "coinbase", "binance", "binanceus")
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
Locked = dict[str, Decimal]


def summed(parts: Iterable[tuple[str, str]]) -> Locked:
    """Units by asset, those without any left out."""
    sums: Locked = defaultdict(Decimal)
    for asset, units in parts:
        sums[asset] += Decimal(units)
    return {asset: units for asset, units in sums.items() if units}


async def at_kraken(simulator: SimulatorProcess) -> Locked:
    names = {"XXBT": "BTC", "XETH": "ETH", "XLTC": "LTC", "XXRP": "XRP", "ZUSD": "USD"}
    staking = {"SOL.S": "SOL", "DOT28.S": "DOT", "ETH.B": "ETH"}
    async with genuine(simulator, "kraken") as client:
        wallets = (await client.privatePostBalanceEx())["result"]
    staked = [(staking[code], wallet["balance"]) for code, wallet in wallets.items() if code in staking]
    held = [(names.get(code, code), wallet["hold_trade"]) for code, wallet in wallets.items() if code not in staking]
    return summed(staked + held)


async def at_coinbase(simulator: SimulatorProcess) -> Locked:
    rows = (await simulator.truth("coinbase"))["accounts"]
    staked = [row["balance"] for row in rows if row["name"] in {"Staked ETH", "Staked SOL"}]
    return summed((balance["currency"], balance["amount"]) for balance in staked)


async def at_binance(simulator: SimulatorProcess) -> Locked:
    async with genuine(simulator, "binance") as client:
        spot = [row for row in (await client.privateGetAccount())["balances"] if not row["asset"].startswith("LD")]
        flexible = (await client.sapiGetSimpleEarnFlexiblePosition())["rows"]
        locked = (await client.sapiGetSimpleEarnLockedPosition())["rows"]
    assert flexible and locked
    earning = [(row["asset"], row["totalAmount"]) for row in flexible]
    earning += [(row["asset"], row["amount"]) for row in locked]
    return summed([(row["asset"], row["locked"]) for row in spot] + earning)


async def at_binance_us(simulator: SimulatorProcess) -> Locked:
    async with genuine(simulator, "binanceus") as client:
        spot = (await client.privateGetAccount())["balances"]
        staked = (await client.request("staking/stakingBalance", ["sapi"], "GET"))["data"]
    assert len(staked) == 2
    ordered = [(row["asset"], row["locked"]) for row in spot]
    return summed(ordered + [(row["asset"], row["stakingAmount"]) for row in staked])


TRUTH: Mapping[str, Callable[[SimulatorProcess], Awaitable[Locked]]] = {
    "kraken": at_kraken,
    "coinbase": at_coinbase,
    "binance": at_binance,
    "binanceus": at_binance_us,
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def simulator() -> AsyncIterator[SimulatorProcess]:
    async with SimulatorProcess(seed=5, venues=VENUES, limits="off") as running:
        yield running


def staked_in(locked: Locked, true: Locked) -> list[str]:
    """Assets of which more is locked than the simulator's orders hold, a tenth of the spot wallet."""
    return [asset for asset, units in locked.items() if units > true[asset] / 10]


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("venue", VENUES)
async def test_each_exchange_tells_what_it_holds_fast_within_the_whole(venue: str, simulator: SimulatorProcess) -> None:
    strategy = strategy_class(venue)()
    transport = Transport(loopback=simulator.routes, ca_file=Path(simulator.ca_file))
    credentials = simulator.credentials(venue)
    client = await ExchangeClient.open(strategy, credentials=credentials, transport=transport, pacing=impatient(20))
    try:
        balances = await strategy.balances(client, AccountId(venue), NOW)
    finally:
        await client.close()
    true = {asset: Decimal(units) for asset, units in (await simulator.balances(venue)).items()}
    assert {one.asset: one.quantity for one in balances if one.quantity} == true
    locked = {str(one.asset): one.locked for one in balances if one.locked}
    assert locked == await TRUTH[venue](simulator)
    assert len(staked_in(locked, true)) >= 2
    assert all(0 <= one.locked <= one.quantity for one in balances)


@pytest.mark.asyncio(loop_scope="module")
async def test_after_a_sync_the_cache_tells_what_is_locked(simulator: SimulatorProcess, tmp_path: Path) -> None:
    async with connected(simulator, tmp_path, ["kraken"], impatient(20)) as session:
        await session.sync()
        told = {(one.account, one.asset): one.locked for one in await session.store.balances() if one.locked}
        assert {asset: units for (_, asset), units in told.items()} == await at_kraken(simulator)
        assert {account for account, _ in told} == {"kraken"}
        assert session.portfolio().mismatches == ()


class Answering:
    """An exchange that gives one reply to whatever it is asked."""

    def __init__(self, reply: Any) -> None:
        self._reply = reply

    async def call(self, endpoint: Endpoint, params: Mapping[str, str | int], check: Check) -> Any:
        reply = json.loads(json.dumps(self._reply))
        check(reply)
        return reply


async def told_by(strategy: Strategy, reply: Any) -> dict[PositionKey, tuple[Decimal, Decimal]]:
    """(held, locked) of each position that the reply tells."""
    found = await strategy.balances(Answering(reply), AccountId("main"), NOW)
    return {(one.account, one.asset): (one.quantity, one.locked) for one in found}


def kraken_reply(**wallets: tuple[str, str]) -> Any:
    rows = {code.replace("_", "."): {"balance": held, "hold_trade": hold} for code, (held, hold) in wallets.items()}
    return {"error": [], "result": rows}


def of(asset: str) -> PositionKey:
    return AccountId("main"), Asset(asset)


async def test_krakens_automatic_rewards_can_be_sold_and_a_hold_may_lie_over_both_wallets() -> None:
    reply = kraken_reply(
        XXBT=("0.25", "0.75"), XBT_F=("1.5", "0"), ETH2_S=("3.5", "0"), XETH=("1.25", "0.5"), ADA_M=("70", "0")
    )
    assert await told_by(KrakenStrategy(), reply) == {
        of("BTC"): (Decimal("1.75"), Decimal("0.75")),
        of("ETH"): (Decimal("4.75"), Decimal("4.0")),
        of("ADA"): (Decimal("70"), Decimal("70")),
    }


async def test_no_more_is_locked_than_is_held() -> None:
    reply = kraken_reply(SOL=("2.5", "4"), ZUSD=("-3.5", "1"))
    told = await told_by(KrakenStrategy(), reply)
    assert told == {of("SOL"): (Decimal("2.5"), Decimal("2.5")), of("USD"): (Decimal("-3.5"), Decimal(0))}


async def test_a_hold_that_is_no_number_is_no_answer() -> None:
    with pytest.raises(BadReply, match="hold_trade"):
        await told_by(KrakenStrategy(), kraken_reply(SOL=("2.5", "much")))


@pytest.mark.parametrize(
    ("code", "is_locked"),
    [
        ("XXBT", False),
        ("XBT.F", False),
        ("SPY.T", False),
        ("XBT.M", True),
        ("DOT.S", True),
        ("DOT28.S", True),
        ("DOT.28S", True),
        ("SOL03.S", True),
        ("ETH.B", True),
        ("DOT.P", True),
        ("USD.HOLD", True),
        ("ETH2", True),
        ("ETH2.S", True),
    ],
)
def test_krakens_wallet_codes_say_what_is_locked(code: str, is_locked: bool) -> None:
    assert is_locked_wallet("kraken", code) is is_locked
    assert not is_locked_wallet("binance", code)


async def test_coinbase_vaults_and_staked_wallets_are_locked_and_the_others_are_not() -> None:
    def wallet(number: int, name: str, kind: str, amount: str, code: str) -> dict[str, Any]:
        at = "2025-04-05T06:07:08Z"
        balance = {"amount": amount, "currency": code}
        return {"id": f"w-{number}", "name": name, "type": kind, "balance": balance, "created_at": at, "updated_at": at}

    rows = [
        wallet(1, "BTC Wallet", "wallet", "0.5", "BTC"),
        wallet(2, "My house", "vault", "1.25", "BTC"),
        wallet(3, "SOL Wallet", "wallet", "7.5", "SOL"),
        wallet(4, "Staked SOL", "wallet", "20.125", "SOL"),
        wallet(5, "ETH2 Wallet", "wallet", "3.5", "ETH2"),
        wallet(6, "ETH Wallet", "wallet", "0.25", "ETH"),
    ]
    reply = {"pagination": {"next_uri": None}, "data": rows}
    assert await told_by(CoinbaseStrategy(), reply) == {
        of("BTC"): (Decimal("1.75"), Decimal("1.25")),
        of("SOL"): (Decimal("27.625"), Decimal("20.125")),
        of("ETH"): (Decimal("3.75"), Decimal("3.5")),
    }


class Binance:
    """Spot with an `LD` twin, a flexible and a locked product."""

    async def call(self, endpoint: Endpoint, params: Mapping[str, str | int], check: Check) -> Any:
        if "account" in endpoint.path:
            coins = [("ETH", "1.5", "0.25"), ("LDETH", "4.5", "0"), ("SOL", "2.5", "0")]
            rows = [{"asset": asset, "free": free, "locked": locked} for asset, free, locked in coins]
            reply: Any = {"canTrade": True, "updateTime": 7, "balances": rows}
        elif "flexible" in endpoint.path:
            reply = {"rows": [{"asset": "ETH", "totalAmount": "4.5"}], "total": 1}
        else:
            reply = {"rows": [{"asset": "SOL", "amount": "30.75"}], "total": 1}
        check(reply)
        return reply


async def test_flexible_earn_must_be_redeemed_before_it_is_sold_and_its_twin_counts_once() -> None:
    found = await BinanceStrategy().balances(Binance(), AccountId("main"), NOW)
    assert {one.asset: (one.quantity, one.locked) for one in found} == {
        "ETH": (Decimal("6.25"), Decimal("4.75")),
        "SOL": (Decimal("33.25"), Decimal("30.75")),
    }
