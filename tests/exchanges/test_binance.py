"""Whole accounts of Binance and Binance.US read by the real client from the simulator, compared to the last digit."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from harvest_tui.core.credentials import Credentials, Secret
from harvest_tui.core.money import EXACT
from harvest_tui.core.pages import Page, PageOutcome
from harvest_tui.core.records import AccountId, Event
from harvest_tui.errors import ClockSkewed, HarvestError, KeyRefused, RateLimited
from harvest_tui.exchanges.client import ExchangeClient
from harvest_tui.exchanges.retry import Pacing
from harvest_tui.exchanges.strategies.base import Strategy
from harvest_tui.exchanges.strategies.binance_symbols import unproved
from harvest_tui.exchanges.strategies.registry import strategy_class
from harvest_tui.exchanges.transport import Transport
from harvest_tui.simulator.process import SimulatorProcess
from support.sync_store import SyncStore

pytestmark = pytest.mark.asyncio(loop_scope="module")
VENUES = ("binance", "binanceus")
LEAST_AGAIN = {"binance": 9 + 3, "binanceus": 9 + 2}
"""Requests besides those for trades when nothing is new: the last window of each history, then the balances."""
GARBAGE = ("captcha_200", "cut_json", "empty_body", "null", "bare_string", "list_body")
RESHAPED = ("wrong_types", "nan")
"""Faults that change numbers only: an empty window has none, so its cursor may move."""


async def no_wait(seconds: float) -> None:
    """Lets other tasks run instead of sleeping."""
    await asyncio.sleep(0)


IMPATIENT = Pacing(sleep=no_wait, timeout_seconds=2.0)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def running() -> AsyncIterator[SimulatorProcess]:
    async with SimulatorProcess(venues=VENUES, limits="off") as process:
        yield process


@pytest_asyncio.fixture(loop_scope="module")
async def simulator(running: SimulatorProcess) -> AsyncIterator[SimulatorProcess]:
    """Both exchanges, in order and with a key that only reads; what a test made happen there stays."""
    await running.reset_stats()
    yield running
    await running.clear_faults()
    await running.skew(0)
    for venue in VENUES:
        await running.set_key_rights(venue, can_read=True, can_trade=False, can_withdraw=False)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def large() -> AsyncIterator[SimulatorProcess]:
    async with SimulatorProcess(venues=["binance"], rows=4_000, limits="off") as process:
        yield process


@asynccontextmanager
async def opened(
    simulator: SimulatorProcess, venue: str, credentials: Credentials | None = None, **settings: Any
) -> AsyncIterator[tuple[ExchangeClient, Strategy]]:
    """The real client with a fresh strategy, as one sync has them."""
    strategy = strategy_class(venue)()
    transport = Transport(loopback=simulator.routes, ca_file=Path(simulator.ca_file))
    client = await ExchangeClient.open(
        strategy, credentials=credentials or simulator.credentials(venue), transport=transport, **settings
    )
    try:
        yield client, strategy
    finally:
        await client.close()


async def synced(simulator: SimulatorProcess, venue: str, store: SyncStore) -> int:
    """One whole sync into the store; the requests it used."""
    async with opened(simulator, venue) as (client, strategy):
        outcome = await store.sync(client, strategy)
    assert outcome.is_complete, (outcome.failed, outcome.stopped)
    return outcome.requests


def as_text(value: Any) -> Any:
    """JSON with every number as text, so that both sides of the wire can be compared by their digits."""
    if isinstance(value, Mapping):
        return {key: as_text(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [as_text(inner) for inner in value]
    return value if isinstance(value, bool) else str(value)


def counted(rows: list[Any]) -> Counter[str]:
    return Counter(json.dumps(as_text(row), sort_keys=True) for row in rows)


def sums(events: list[Event]) -> dict[str, Decimal]:
    """What all events together leave of each asset."""
    found: dict[str, Decimal] = {}
    for event in events:
        for amount, sign in ((event.sent, -1), (event.received, 1), (event.fee, -1)):
            if amount is not None:
                change = EXACT.multiply(amount.quantity, Decimal(sign))
                found[amount.asset] = EXACT.add(found.get(amount.asset, Decimal(0)), change)
    return {asset: units for asset, units in found.items() if units}


async def assert_stored_whole(store: SyncStore, simulator: SimulatorProcess, venue: str) -> None:
    """Every row of the exchange's own account is stored once, with its own digits."""
    truth = await simulator.truth(venue)
    for stream, rows in truth.items():
        late = [payload for (name, key), payload in store.rows.items() if name == "rest" and _is_of(key, stream)]
        stored = [json.loads(payload) for payload in [*store.stream(stream).values(), *late]]
        assert counted(stored) == counted(rows), stream
        assert sum(counted(rows).values()) == len(rows)


def _is_of(native_id: str, stream: str) -> bool:
    return stream == "trades" and ":" in native_id


@pytest.mark.parametrize("venue", VENUES)
async def test_every_row_comes_once_and_the_events_add_up_to_the_balance(
    simulator: SimulatorProcess, venue: str
) -> None:
    store = SyncStore(AccountId(venue))
    async with opened(simulator, venue) as (client, strategy):
        outcome = await store.sync(client, strategy)
        assert outcome.is_complete, (outcome.failed, outcome.stopped)
    await assert_stored_whole(store, simulator, venue)
    held = {asset: Decimal(units) for asset, units in (await simulator.balances(venue)).items()}
    assert {balance.asset: balance.quantity for balance in outcome.balances} == held
    assert sums(store.events(strategy)) == held
    assert {event.kind.value for event in store.events(strategy)} >= {"trade", "deposit", "withdrawal", "income"}


@pytest.mark.parametrize("venue", VENUES)
async def test_the_same_sync_again_asks_the_least_and_adds_nothing(simulator: SimulatorProcess, venue: str) -> None:
    store = SyncStore(AccountId(venue))
    await synced(simulator, venue, store)
    before = dict(store.rows)
    markets = len(json.loads(store.cursors["trades"])["last"])
    await simulator.reset_stats()
    used = await synced(simulator, venue, store)
    assert store.rows == before
    least = LEAST_AGAIN[venue] + markets
    # One request more proves a window of the time before the account's first sign of life.
    assert used <= least + 1
    assert used / least <= 1.05
    assert (await simulator.stats(venue))["total"] == used


@pytest.mark.parametrize("venue", VENUES)
async def test_ten_thousand_rows_take_hardly_more_requests_than_the_exchange_s_pages_need(venue: str) -> None:
    store = SyncStore(AccountId(venue))
    async with SimulatorProcess(venues=[venue], rows=10_000, limits="off") as simulator:
        await synced(simulator, venue, store)
        await assert_stored_whole(store, simulator, venue)
        stats = await simulator.stats(venue)
        trades = Counter(row["symbol"] for row in (await simulator.truth(venue))["trades"])
    assert trades.total() > 5_000
    asked = stats["requests"]["GET /api/v3/myTrades"]
    markets = len(json.loads(store.cursors["markets"])["pairs"])
    assert asked == markets + sum(number // 1000 for number in trades.values())
    windows = sum(len({page.cursor for page in store.pages if page.stream == stream}) for stream in _windowed(store))
    assert stats["total"] <= 1.05 * (asked + windows + 5)


def _windowed(store: SyncStore) -> set[str]:
    return {page.stream for page in store.pages} - {"markets", "trades", "rest"}


@pytest.mark.parametrize("venue", VENUES)
async def test_what_happens_later_is_found_and_booked_exactly(simulator: SimulatorProcess, venue: str) -> None:
    store = SyncStore(AccountId(venue))
    await synced(simulator, venue, store)
    rows = len(store.rows)
    quote = "USDT" if venue == "binance" else "USD"
    happened: list[dict[str, Any]] = [
        {
            "kind": "sell",
            "sent": ["0.00012", "BTC"],
            "received": ["7.12345678", quote],
            "fee": ["0.00000123", "BNB"],
            "market": f"BTC/{quote}",
        },
        {"kind": "deposit", "received": ["0.123456789012345678", "ETH"], "txid": "0xabc"},
    ]
    for happening in happened:
        await simulator.happen(venue, happening)
    async with opened(simulator, venue) as (client, strategy):
        outcome = await store.sync(client, strategy)
    assert outcome.new == len(store.rows) - rows == 2
    held = {asset: Decimal(units) for asset, units in (await simulator.balances(venue)).items()}
    assert sums(store.events(strategy)) == held == {told.asset: told.quantity for told in outcome.balances}


class Cut(Exception):
    """The power went."""


@pytest.mark.parametrize("venue", VENUES)
async def test_a_sync_that_is_cut_again_and_again_loses_nothing_and_repeats_little(
    simulator: SimulatorProcess, venue: str
) -> None:
    store = SyncStore(AccountId(venue))
    pages_at_once = await _pages_of_whole_sync(simulator, venue)
    cuts = 0
    while not await _sync_cut_after(37, simulator, venue, store):
        cuts += 1
    await assert_stored_whole(store, simulator, venue)
    assert cuts >= 3
    # A cut walk goes on where it was; only streams that were complete ask for their last window again.
    assert len(store.pages) <= pages_at_once + cuts * len(strategy_class(venue)().streams) * 2


async def _pages_of_whole_sync(simulator: SimulatorProcess, venue: str) -> int:
    store = SyncStore(AccountId(venue))
    await synced(simulator, venue, store)
    return len(store.pages)


async def _sync_cut_after(count: int, simulator: SimulatorProcess, venue: str, store: SyncStore) -> bool:
    """True where the sync came to its end within `count` pages. The page at the cut is lost."""
    before = len(store.pages)
    stored = store.take

    async def sink(page: Page) -> PageOutcome:
        if len(store.pages) - before >= count:
            raise Cut
        return await stored(page)

    cut_store = SyncStore(store.account, store.rows, store.groups, store.cursors, store.pages, store.progress)
    cut_store.take = sink  # type: ignore[method-assign]
    try:
        return bool(await synced(simulator, venue, cut_store))
    except Cut:
        return False


@pytest.mark.parametrize("venue", VENUES)
async def test_a_wrong_secret_stops_the_account_and_stores_nothing(simulator: SimulatorProcess, venue: str) -> None:
    wrong = Credentials(Secret(simulator.accounts[venue]["key"]), Secret("not the secret"))
    async with opened(simulator, venue, wrong, pacing=IMPATIENT) as (client, strategy):
        with pytest.raises(KeyRefused):
            await client.rights()
        store = SyncStore(AccountId(venue))
        outcome = await store.sync(client, strategy)
    assert isinstance(outcome.stopped, KeyRefused)
    assert store.rows == {}


@pytest.mark.parametrize("venue", VENUES)
@pytest.mark.parametrize("seconds", [40.0, -40.0])
async def test_a_wrong_clock_is_measured_and_the_sync_goes_on(
    simulator: SimulatorProcess, venue: str, seconds: float
) -> None:
    store = SyncStore(AccountId(venue))
    await simulator.skew(seconds)
    await synced(simulator, venue, store)
    assert len(store.stream("trades")) == len((await simulator.truth(venue))["trades"])


async def test_a_clock_that_cannot_be_put_right_says_so(simulator: SimulatorProcess) -> None:
    await simulator.fault("binance", "invalid_nonce")
    async with opened(simulator, "binance", pacing=IMPATIENT) as (client, _):
        with pytest.raises(HarvestError) as failure:
            await client.rights()
    assert isinstance(failure.value, ClockSkewed)


@pytest.mark.parametrize("venue", VENUES)
async def test_too_many_requests_are_waited_out_as_told_and_a_ban_stops_the_sync(
    simulator: SimulatorProcess, venue: str
) -> None:
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    pacing = Pacing(sleep=sleep, timeout_seconds=2.0)
    await simulator.fault(venue, "too_many_requests", "account", 1)
    async with opened(simulator, venue, pacing=pacing) as (client, _):
        await client.rights()
        assert max(waits) >= 2
    await simulator.fault(venue, "banned_418", "account")
    async with opened(simulator, venue, pacing=pacing) as (client, _):
        with pytest.raises(RateLimited, match="banned") as failure:
            await client.rights()
        assert failure.value.retry_after == 120


@pytest.mark.parametrize("venue", VENUES)
async def test_garbage_is_never_taken_for_balances_trades_or_deposits(simulator: SimulatorProcess, venue: str) -> None:
    store = SyncStore(AccountId(venue))
    for fault in (*GARBAGE, *RESHAPED):
        async with opened(simulator, venue, pacing=IMPATIENT) as (client, strategy):
            await client.sync_clock()
            await simulator.fault(venue, fault)
            broken = await store.sync(client, strategy)
        assert not broken.is_complete, fault
        assert broken.balances == (), fault
        assert store.rows == {}, fault
        assert fault in RESHAPED or store.cursors == {}, fault
        await simulator.clear_faults()
    await synced(simulator, venue, store)
    await assert_stored_whole(store, simulator, venue)


@pytest.mark.parametrize("fault", ["out_of_order", "duplicate_rows", "same_ms", "page_shift"])
async def test_a_history_told_badly_is_still_told_whole_after_two_syncs(large: SimulatorProcess, fault: str) -> None:
    venue = "binance"
    store = SyncStore(AccountId(venue))
    trades = {f"{row['symbol']}:{row['id']}" for row in (await large.truth(venue))["trades"]}
    await large.clear_faults()
    await large.fault(venue, fault)
    await synced(large, venue, store)
    await synced(large, venue, store)
    assert set(store.stream("trades")) == trades


async def test_the_rights_of_a_key_are_read_and_what_is_missing_counts_as_granted(simulator: SimulatorProcess) -> None:
    async with opened(simulator, "binance") as (client, _):
        rights = await client.rights()
        assert (rights.can_read, rights.can_trade, rights.can_withdraw) == (True, False, False)
    await simulator.set_key_rights("binance", can_withdraw=True, can_trade=True)
    async with opened(simulator, "binance") as (client, _):
        rights = await client.rights()
        assert (rights.can_trade, rights.can_withdraw) == (True, True)
    async with opened(simulator, "binanceus") as (client, _):
        rights = await client.rights()
        assert (rights.can_read, rights.can_trade, rights.can_withdraw) == (True, None, None)


class Told:
    """A caller that answers one reply to everything."""

    def __init__(self, reply: Any) -> None:
        self._reply = reply

    async def call(self, endpoint: Any, params: Any, check: Any) -> Any:
        check(self._reply)
        return self._reply


@pytest.mark.parametrize("told", [None, "false", 0, []])
async def test_an_odd_right_counts_as_granted(told: object) -> None:
    reply = {"enableReading": True, "enableWithdrawals": told, "enableSpotAndMarginTrading": False}
    rights = await strategy_class("binance")().rights(Told(reply))
    assert rights.can_withdraw is True
    assert rights.can_trade is False


async def test_what_is_still_unproved_is_told_and_comes_down_to_nothing(simulator: SimulatorProcess) -> None:
    assert unproved(None) is None
    store = SyncStore(AccountId("binanceus"))
    seen: list[int] = []
    while len(seen) < 12 and 0 not in seen:
        await synced(simulator, "binanceus", store)
        left = unproved(store.cursors["rest"])
        assert left is not None
        seen.append(left.windows)
    assert left.markets == 0
    assert seen == sorted(seen, reverse=True)
    assert seen[0] > 0
    assert seen[-1] == 0
