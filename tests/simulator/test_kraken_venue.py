"""A genuine ccxt client meets the simulated Kraken."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import ccxt
import pytest
import pytest_asyncio

from harvest_tui.simulator.process import SimulatorProcess
from simulator.genuine_client import genuine

pytestmark = pytest.mark.asyncio(loop_scope="module")

ASSETS = {
    "XXBT": "BTC",
    "XETH": "ETH",
    "XLTC": "LTC",
    "XXRP": "XRP",
    "ZUSD": "USD",
    "ETH.B": "ETH",
    "SOL.S": "SOL",
    "DOT28.S": "DOT",
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def simulator() -> AsyncIterator[SimulatorProcess]:
    async with SimulatorProcess(seed=11, venues=["kraken"], rows=260, tick_rate=20, limits="off") as process:
        yield process


@pytest_asyncio.fixture(loop_scope="module")
async def kraken(simulator: SimulatorProcess) -> AsyncIterator[Any]:
    await simulator.clear_faults()
    await simulator.limits("kraken", "off")
    await simulator.set_key_rights("kraken", can_read=True, can_trade=False, can_withdraw=False)
    async with genuine(simulator, "kraken") as client:
        yield client


async def every_page(client: Any, call: str, stream: str, **asked: Any) -> tuple[dict[str, Any], list[int]]:
    """Rows by id of all pages, and the length of each page."""
    rows: dict[str, Any] = {}
    lengths: list[int] = []
    while True:
        reply = await getattr(client, call)({**asked, "ofs": len(rows)})
        page, count = reply["result"][stream], reply["result"]["count"]
        lengths.append(len(page))
        rows.update(page)
        if len(rows) >= count:
            return rows, lengths


async def test_markets_load_under_their_unified_symbols(kraken: Any) -> None:
    markets = await kraken.load_markets()

    assert {"BTC/USD", "ETH/BTC", "SOL/ETH", "ADA/USD", "USDT/USD"} <= set(markets)
    assert markets["BTC/USD"]["id"] == "XXBTZUSD"
    assert kraken.commonCurrencies["XXBT" if "XXBT" in kraken.commonCurrencies else "XBT"] == "BTC"


async def test_all_ledger_pages_together_are_the_truth_to_the_last_digit(
    simulator: SimulatorProcess, kraken: Any
) -> None:
    truth = await simulator.truth("kraken")

    rows, lengths = await every_page(kraken, "privatePostLedgers", "ledger")

    assert len(truth["ledger"]) > 200
    assert lengths[:-1] == [50] * (len(lengths) - 1)
    assert list(rows) == [row["id"] for row in truth["ledger"]]
    assert [{"id": name, **row} for name, row in rows.items()] == truth["ledger"]


async def test_all_trade_pages_together_are_the_truth(simulator: SimulatorProcess, kraken: Any) -> None:
    truth = await simulator.truth("kraken")

    rows, _ = await every_page(kraken, "privatePostTradesHistory", "trades")

    assert [{"id": name, **row} for name, row in rows.items()] == truth["trades"]


async def test_the_ledger_adds_up_to_every_wallets_balance(simulator: SimulatorProcess, kraken: Any) -> None:
    rows, _ = await every_page(kraken, "privatePostLedgers", "ledger")
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for row in rows.values():
        sums[row["asset"]] += Decimal(row["amount"]) - Decimal(row["fee"])

    balances = (await kraken.privatePostBalanceEx())["result"]

    assert {code: Decimal(wallet["balance"]) for code, wallet in balances.items()} == sums
    held: dict[str, Decimal] = defaultdict(Decimal)
    for code, wallet in balances.items():
        held[ASSETS.get(code, code)] += Decimal(wallet["balance"])
    true = await simulator.balances("kraken")
    assert {asset: quantity for asset, quantity in held.items() if quantity} == {a: Decimal(q) for a, q in true.items()}


async def test_a_ledger_row_tells_the_balance_of_its_own_wallet_after_it(kraken: Any) -> None:
    rows, _ = await every_page(kraken, "privatePostLedgers", "ledger")
    running: dict[str, Decimal] = defaultdict(Decimal)
    for row in reversed(rows.values()):
        running[row["asset"]] += Decimal(row["amount"]) - Decimal(row["fee"])
        assert running[row["asset"]] == Decimal(row["balance"])
        assert running[row["asset"]] >= 0


async def test_both_legs_of_a_trade_share_the_reference_that_is_the_trades_id(kraken: Any) -> None:
    ledger, _ = await every_page(kraken, "privatePostLedgers", "ledger", type="trade")
    trades, _ = await every_page(kraken, "privatePostTradesHistory", "trades")
    legs: dict[str, list[Any]] = defaultdict(list)
    for row in ledger.values():
        legs[row["refid"]].append(row)

    assert set(legs) == set(trades)
    assert {len(rows) for rows in legs.values()} == {2}
    for name, trade in trades.items():
        cost, volume = legs[name]
        assert abs(Decimal(volume["amount"])) == Decimal(trade["vol"])
        assert abs(abs(Decimal(cost["amount"])) - Decimal(trade["cost"])) < Decimal("0.00011")


async def test_every_kind_of_row_is_there(kraken: Any) -> None:
    rows, _ = await every_page(kraken, "privatePostLedgers", "ledger")

    kinds = {(row["type"], row["subtype"]) for row in rows.values()}

    assert kinds >= {
        ("trade", ""),
        ("spend", ""),
        ("receive", ""),
        ("deposit", ""),
        ("withdrawal", ""),
        ("staking", ""),
        ("transfer", "spottostaking"),
        ("transfer", "stakingfromspot"),
    }


async def test_start_is_exclusive_and_end_is_inclusive(simulator: SimulatorProcess, kraken: Any) -> None:
    ledger = (await simulator.truth("kraken"))["ledger"]
    newer, older = ledger[3]["time"], ledger[40]["time"]
    expected = [row["id"] for row in ledger if older < row["time"] <= newer]

    reply = await kraken.privatePostLedgers({"start": repr(older), "end": repr(newer)})

    assert ledger[40]["id"] not in expected
    assert ledger[3]["id"] in expected
    assert list(reply["result"]["ledger"]) == expected
    assert reply["result"]["count"] == len(expected)


async def test_states_carry_what_the_ledger_leaves_out(simulator: SimulatorProcess, kraken: Any) -> None:
    truth = await simulator.truth("kraken")
    booked = {row["refid"]: row for row in truth["ledger"] if row["type"] == "withdrawal"}

    states = (await kraken.privatePostWithdrawStatus())["result"]

    assert states
    assert {state["refid"] for state in states} == set(booked)
    for state in states:
        row = booked[state["refid"]]
        assert (Decimal(row["amount"]), Decimal(row["fee"])) == (-Decimal(state["amount"]), Decimal(state["fee"]))
        assert state["txid"]


async def test_states_come_in_pages_by_cursor(simulator: SimulatorProcess, kraken: Any) -> None:
    expected = [row["refid"] for row in (await simulator.truth("kraken"))["deposits"]]
    found: list[str] = []
    cursor: str | None = "true"
    while cursor:
        result = (await kraken.privatePostDepositStatus({"cursor": cursor, "limit": 3}))["result"]
        found += [state["refid"] for state in result["deposit"]]
        cursor = result["next_cursor"]

    assert len(expected) > 3
    assert found == expected


async def test_a_wrong_secret_is_refused(simulator: SimulatorProcess, kraken: Any) -> None:
    kraken.secret = simulator.accounts["kraken"]["secret"].swapcase()

    with pytest.raises(ccxt.ExchangeError, match="Invalid signature"):
        await kraken.privatePostBalanceEx()


async def test_an_unknown_key_is_refused(kraken: Any) -> None:
    kraken.apiKey = "nobody"

    with pytest.raises(ccxt.AuthenticationError, match="Invalid key"):
        await kraken.privatePostBalanceEx()


async def test_a_nonce_that_does_not_rise_is_refused(kraken: Any) -> None:
    nonce = kraken.incrementing_nonce()
    kraken.incrementing_nonce = lambda: nonce
    await kraken.privatePostBalanceEx()

    with pytest.raises(ccxt.InvalidNonce):
        await kraken.privatePostBalanceEx()


async def test_the_counter_refuses_the_eighth_history_call_of_a_starter(
    simulator: SimulatorProcess, kraken: Any
) -> None:
    await simulator.limits("kraken", "starter")
    await simulator.reset_stats()
    for _ in range(7):
        await kraken.privatePostLedgers()

    with pytest.raises(ccxt.DDoSProtection, match="EAPI:Rate limit exceeded"):
        await kraken.privatePostLedgers()

    stats = await simulator.stats("kraken")
    assert stats["requests"] == {"POST /0/private/Ledgers": 8}
    assert stats["limit_hits"] == 1


async def test_rights_are_told_and_kept(simulator: SimulatorProcess, kraken: Any) -> None:
    info = (await kraken.privatePostGetApiKeyInfo())["result"]
    assert info["permissions"] == ["query-funds", "query-open-trades", "query-closed-trades", "query-ledger"]

    await simulator.set_key_rights("kraken", can_withdraw=True)
    assert "withdraw-funds" in (await kraken.privatePostGetApiKeyInfo())["result"]["permissions"]

    await simulator.set_key_rights("kraken", can_read=False)
    with pytest.raises(ccxt.PermissionDenied):
        await kraken.privatePostLedgers()


async def test_nothing_can_be_ordered_with_a_reading_key(kraken: Any) -> None:
    with pytest.raises(ccxt.PermissionDenied):
        await kraken.privatePostAddOrder({"pair": "XBTUSD", "type": "buy", "ordertype": "market", "volume": "1"})


async def test_daily_candles_follow_the_real_history_and_stop_at_720(kraken: Any) -> None:
    await kraken.load_markets()

    bars = await kraken.fetch_ohlcv("BTC/USD", "1d", 1_640_995_200_000)

    assert 719 <= len(bars) <= 720
    by_day = {bar[0]: bar for bar in bars}
    christmas = by_day[1_766_620_800_000]
    assert christmas[1:5] == ["87669.44", "88592.74", "86934.72", "87225.27"]


async def test_watched_tickers_move(kraken: Any) -> None:
    seen: dict[str, set[str]] = defaultdict(set)
    async with asyncio.timeout(10):
        while len(seen) < 2 or min(len(prices) for prices in seen.values()) < 3:
            for symbol, ticker in (await kraken.watch_tickers(["BTC/USD", "ETH/BTC"])).items():
                assert Decimal(ticker["bid"]) < Decimal(ticker["last"]) < Decimal(ticker["ask"])
                seen[symbol].add(ticker["last"])


async def test_what_happens_now_shows_in_ledger_and_balance(simulator: SimulatorProcess, kraken: Any) -> None:
    before = {code: Decimal(text) for code, text in (await kraken.privatePostBalance())["result"].items()}
    sale = {
        "kind": "sell",
        "market": "BTC/USD",
        "sent": ["0.00100000", "BTC"],
        "received": ["81.5", "USD"],
        "fee": ["0.2119", "USD"],
    }

    await simulator.happen("kraken", sale)

    after = {code: Decimal(text) for code, text in (await kraken.privatePostBalance())["result"].items()}
    assert after["XXBT"] - before["XXBT"] == Decimal("-0.001")
    assert after["ZUSD"] - before["ZUSD"] == Decimal("81.2881")
    newest = list((await kraken.privatePostLedgers())["result"]["ledger"].values())[:2]
    assert {row["asset"] for row in newest} == {"XXBT", "ZUSD"}
    with pytest.raises(ValueError, match="not enough BTC"):
        await simulator.happen("kraken", sale | {"sent": ["1000", "BTC"]})
