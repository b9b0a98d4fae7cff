"""A Coinbase account read by the genuine client from the simulator."""

from __future__ import annotations

import asyncio
import json
from collections import defaultdict
from collections.abc import AsyncIterator
from decimal import Decimal
from math import ceil
from typing import Any

import pytest
import pytest_asyncio

from harvest_tui.core.credentials import Credentials, Secret
from harvest_tui.core.money import EXACT, plain
from harvest_tui.core.records import Event, EventKind
from harvest_tui.errors import HarvestError, KeyRefused
from harvest_tui.exchanges.strategies.coinbase import FILLS_PAGE, WALLET_PAGE
from harvest_tui.simulator.process import SimulatorProcess
from support.coinbase_shelf import Shelf, client_of, synced

pytestmark = pytest.mark.asyncio(loop_scope="module")

FILLS_PATH = "GET /api/v3/brokerage/orders/historical/fills"
ROWS_PATH = "GET /v2/accounts/{id}/transactions"


def sums_of(events: list[Event]) -> dict[str, str]:
    """What is left of each asset after all events."""
    held: dict[str, Decimal] = defaultdict(Decimal)
    for event in events:
        for amount, sign in ((event.received, 1), (event.sent, -1), (event.fee, -1)):
            if amount is not None:
                held[amount.asset] = EXACT.add(held[amount.asset], sign * amount.quantity)
    return {asset: plain(quantity) for asset, quantity in held.items() if quantity}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def simulator() -> AsyncIterator[SimulatorProcess]:
    async with SimulatorProcess(seed=11, venues=("coinbase",), rows=2400, tick_rate=20) as running:
        yield running


@pytest_asyncio.fixture(loop_scope="module", autouse=True)
async def calm(simulator: SimulatorProcess) -> AsyncIterator[None]:
    yield
    await simulator.clear_faults()
    await simulator.skew(0)
    await simulator.set_key_rights("coinbase", can_read=True, can_trade=False, can_withdraw=False)
    await simulator.limits("coinbase", "real")


def least_requests(truth: dict[str, list[dict[str, Any]]]) -> int:
    wallets: dict[str, int] = {row["id"]: 0 for row in truth["accounts"] if row["created_at"]}
    for row in truth["transactions"]:
        wallets[row["resource_path"].split("/")[3]] += 1
    pages = sum(max(1, ceil(count / WALLET_PAGE)) for count in wallets.values())
    return ceil(len(truth["fills"]) / FILLS_PAGE) + ceil(len(truth["accounts"]) / WALLET_PAGE) + pages


async def test_a_first_sync_keeps_every_row_once_and_to_the_last_digit(simulator: SimulatorProcess) -> None:
    truth, shelf = await simulator.truth("coinbase"), Shelf()
    async with client_of(simulator) as client:
        outcome = await synced(client, shelf)
    assert outcome.is_complete
    assert shelf.told("fills") == {row["entry_id"]: row for row in truth["fills"]}
    assert shelf.told("transactions") == {row["id"]: row for row in truth["transactions"]}
    assert shelf.told("accounts") == {row["id"]: row for row in truth["accounts"]}
    assert outcome.new == sum(map(len, truth.values()))
    assert len(truth["fills"]) > 2 * FILLS_PAGE
    assert outcome.requests == least_requests(truth)


async def test_a_second_sync_asks_the_least_and_adds_nothing(simulator: SimulatorProcess) -> None:
    shelf = Shelf()
    async with client_of(simulator) as client:
        await synced(client, shelf)
        before = dict(shelf.rows)
        outcome = await synced(client, shelf)
    accounts = len(shelf.told("accounts"))
    assert (outcome.new, outcome.changed) == (0, 0)
    assert outcome.requests == 1 + ceil(accounts / WALLET_PAGE)
    assert shelf.rows == before


async def test_events_add_up_to_the_balance_of_every_asset(simulator: SimulatorProcess) -> None:
    shelf = Shelf()
    async with client_of(simulator) as client:
        outcome = await synced(client, shelf)
    events = shelf.events()
    held = {asset: plain(Decimal(text)) for asset, text in (await simulator.balances("coinbase")).items()}
    assert sums_of(events) == held
    assert {str(each.asset): plain(each.quantity) for each in outcome.balances if each.quantity} == held
    assert len({event.event_id for event in events}) == len(events)
    kinds = {event.kind for event in events}
    assert kinds == {EventKind.TRADE, EventKind.DEPOSIT, EventKind.WITHDRAWAL, EventKind.INCOME}


async def test_fills_sized_in_quote_get_their_base_from_the_wallet(simulator: SimulatorProcess) -> None:
    shelf = Shelf()
    async with client_of(simulator) as client:
        await synced(client, shelf)
    in_quote = {name for name, row in shelf.told("fills").items() if row["size_in_quote"]}
    trades = {event.event_id.removeprefix("cb:"): event for event in shelf.events()}
    moved = {
        (row["advanced_trade_fill"]["order_id"], plain(abs(Decimal(row["amount"]["amount"]))))
        for row in shelf.told("transactions").values()
        if row["type"] == "advanced_trade_fill"
    }
    orders = {name: row["order_id"] for name, row in shelf.told("fills").items()}
    assert len(in_quote) > 10
    for name in in_quote:
        received = trades[name].received
        assert received is not None and (orders[name], plain(received.quantity)) in moved


@pytest.mark.parametrize("kept", [0, 1, 2, 3, 4, 6, 9, 15])
async def test_a_walk_that_was_cut_short_goes_on_without_loss(simulator: SimulatorProcess, kept: int) -> None:
    truth, shelf = await simulator.truth("coinbase"), Shelf()
    shelf.breaks_at = kept
    async with client_of(simulator) as client:
        with pytest.raises(OSError, match="disk"):
            await synced(client, shelf)
        stored = len(shelf.rows)
        shelf.breaks_at = None
        outcome = await synced(client, shelf)
        # Re-read at most: the account list, and one page of the stream that was cut.
        assert outcome.known <= len(truth["accounts"]) + FILLS_PAGE
        assert outcome.new + stored == sum(map(len, truth.values())) and outcome.changed == 0
        third = await synced(client, shelf)
    assert third.new == 0 and third.requests == 1 + ceil(len(truth["accounts"]) / WALLET_PAGE)


async def test_only_wallets_that_moved_are_read_again(simulator: SimulatorProcess) -> None:
    shelf = Shelf()
    async with client_of(simulator) as client:
        await synced(client, shelf)
        sell = {"kind": "sell", "market": "BTC/USD", "sent": ["0.00000213", "BTC"], "received": ["0.1704", "USD"]}
        await simulator.happen("coinbase", sell)
        await simulator.reset_stats()
        outcome = await synced(client, shelf)
        asked = (await simulator.stats("coinbase"))["requests"]
    assert (asked[FILLS_PATH], asked[ROWS_PATH]) == (1, 2)
    assert outcome.new == 3
    newest = max(shelf.events(), key=lambda event: event.executed_at)
    assert newest.sent is not None and newest.received is not None
    assert (plain(newest.sent.quantity), plain(newest.received.quantity)) == ("0.00000213", "0.1704")
    held = {asset: plain(Decimal(text)) for asset, text in (await simulator.balances("coinbase")).items()}
    assert sums_of(shelf.events()) == held


async def test_a_wallet_whose_last_row_is_gone_is_read_anew(simulator: SimulatorProcess) -> None:
    shelf = Shelf()
    async with client_of(simulator) as client:
        await synced(client, shelf)
        marks = json.loads(shelf.cursors["transactions"])
        dollars = next(name for name, row in shelf.told("accounts").items() if row["name"] == "USD Wallet")
        marks["wallets"][dollars][:2] = ["moved", "00000000-0000-4000-8000-000000000000"]
        shelf.cursors["transactions"] = json.dumps(marks)
        rows = dict(shelf.rows)
        outcome = await synced(client, shelf)
        assert outcome.is_complete and shelf.rows == rows
        assert outcome.known > sum(dollars in row.payload for row in rows.values())
        third = await synced(client, shelf)
    assert third.requests == 1 + ceil(len(shelf.told("accounts")) / WALLET_PAGE)


async def test_rows_listed_late_are_found_by_the_next_sync(simulator: SimulatorProcess) -> None:
    truth, shelf = await simulator.truth("coinbase"), Shelf()
    await simulator.fault("coinbase", "page_shift")
    async with client_of(simulator) as client:
        await synced(client, shelf)
        late = sum(map(len, truth.values())) - len(shelf.rows)
        await synced(client, shelf)
    assert late > 3
    assert shelf.told("fills") == {row["entry_id"]: row for row in truth["fills"]}
    assert shelf.told("transactions") == {row["id"]: row for row in truth["transactions"]}


async def test_rows_told_twice_or_out_of_order_are_kept_once(simulator: SimulatorProcess) -> None:
    truth, shelf = await simulator.truth("coinbase"), Shelf()
    await simulator.fault("coinbase", "out_of_order")
    await simulator.fault("coinbase", "duplicate_rows")
    async with client_of(simulator) as client:
        outcome = await synced(client, shelf)
    assert outcome.is_complete
    assert shelf.told("fills") == {row["entry_id"]: row for row in truth["fills"]}
    assert shelf.told("transactions") == {row["id"]: row for row in truth["transactions"]}


async def test_limits_are_kept_without_being_hit(simulator: SimulatorProcess) -> None:
    shelf = Shelf()
    await simulator.reset_stats()
    async with client_of(simulator) as client:
        await synced(client, shelf)
    assert (await simulator.stats("coinbase"))["limit_hits"] == 0


async def test_rights_are_read_from_the_key(simulator: SimulatorProcess) -> None:
    async with client_of(simulator) as client:
        rights = await client.rights()
        assert (rights.can_read, rights.can_trade, rights.can_withdraw) == (True, False, False)
        await simulator.set_key_rights("coinbase", can_read=True, can_trade=True, can_withdraw=True)
        rights = await client.rights()
        assert (rights.can_trade, rights.can_withdraw) == (True, True)


async def test_a_key_without_the_view_right_stops_the_streams(simulator: SimulatorProcess) -> None:
    await simulator.set_key_rights("coinbase", can_read=False)
    shelf = Shelf()
    async with client_of(simulator) as client:
        outcome = await synced(client, shelf)
    assert {stream for stream, _ in outcome.failed} == {"accounts", "fills", "transactions", "balances"}
    assert not shelf.rows and not shelf.cursors


async def test_a_clock_that_is_off_is_put_right_by_the_exchanges_time(simulator: SimulatorProcess) -> None:
    for seconds in (300, -300):
        await simulator.skew(seconds)
        async with client_of(simulator) as client:
            with pytest.raises(HarvestError):
                await client.rights()
            assert round(await client.sync_clock()) == pytest.approx(-seconds, abs=1)
            assert (await client.rights()).can_read is True


async def test_another_keys_secret_is_refused(simulator: SimulatorProcess) -> None:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    form = serialization.PrivateFormat.TraditionalOpenSSL
    other = ec.generate_private_key(ec.SECP256R1())
    pem = other.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()).decode()
    wrong = Credentials(simulator.credentials("coinbase").key, Secret(pem))
    async with client_of(simulator, wrong) as client:
        with pytest.raises(KeyRefused):
            await client.rights()


async def test_prices_stream_and_are_polled(simulator: SimulatorProcess) -> None:
    async with client_of(simulator) as client:
        polled = await client.fetch_tickers(["BTC/USD", "ETH/BTC"])
        assert set(polled) == {"BTC/USD", "ETH/BTC"}
        await simulator.set_price("ETH", "4321.5")
        async with asyncio.timeout(20):
            while (ticker := client.tickers.get("ETH/USD")) is None or not ticker.last or ticker.last < 4200:
                await client.watch_tickers(["BTC/USD", "ETH/USD"])
        assert ticker.bid is not None and ticker.ask is not None and ticker.at_ms is not None
        assert ticker.bid <= ticker.last <= ticker.ask


async def test_candles_are_those_of_the_market(simulator: SimulatorProcess) -> None:
    async with client_of(simulator) as client:
        candles = await client.fetch_ohlcv("BTC/USD", "1d", 1_704_067_200_000, 5)
    days = [start // 86_400_000 for start, *_ in candles]
    assert days == list(range(days[0], days[0] + 5))
    for _, opening, high, low, close in candles:
        assert Decimal(low) <= min(Decimal(opening), Decimal(close)) <= max(Decimal(opening), Decimal(close))
        assert Decimal(high) >= max(Decimal(opening), Decimal(close))
