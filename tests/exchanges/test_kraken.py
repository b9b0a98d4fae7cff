"""Kraken's whole history through the real client, from a simulated exchange in a process of its own."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from decimal import Decimal
from math import ceil
from pathlib import Path

import pytest
import pytest_asyncio

from harvest_tui.core.records import AccountId, EventKind
from harvest_tui.errors import BadReply, ExchangeUnreachable, HarvestError, KeyRefused, RateLimited, RightMissing
from harvest_tui.exchanges.client import ExchangeClient
from harvest_tui.exchanges.retry import Pacing
from harvest_tui.exchanges.rights import judge
from harvest_tui.exchanges.strategies.kraken import KrakenStrategy
from harvest_tui.exchanges.transport import Transport
from harvest_tui.simulator.process import SimulatorProcess
from support.sync_store import SyncStore

pytestmark = pytest.mark.asyncio(loop_scope="module")
ACCOUNT = AccountId("kraken")
STREAMS = ("ledger", "deposits", "withdrawals")


async def no_nap(seconds: float) -> None:
    await asyncio.sleep(0)


QUICK = Pacing(sleep=no_nap, keeps_limits=False, timeout_seconds=3.0)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def simulator() -> AsyncIterator[SimulatorProcess]:
    async with SimulatorProcess(seed=11, venues=("kraken",), rows=400, limits="off") as running:
        yield running


@pytest_asyncio.fixture(loop_scope="module")
async def client(simulator: SimulatorProcess) -> AsyncIterator[ExchangeClient]:
    await simulator.clear_faults()
    await simulator.set_key_rights("kraken", can_read=True, can_trade=False, can_withdraw=False)
    opened = await open_client(simulator)
    yield opened
    await opened.close()


async def open_client(simulator: SimulatorProcess, pacing: Pacing = QUICK) -> ExchangeClient:
    return await ExchangeClient.open(
        KrakenStrategy(),
        credentials=simulator.credentials("kraken"),
        transport=Transport(loopback=simulator.routes, ca_file=Path(simulator.ca_file)),
        pacing=pacing,
    )


def as_text(told: object) -> object:
    """A row with its fractional numbers as the text JSON carries."""
    return {name: repr(value) if isinstance(value, float) else value for name, value in dict(told).items()}  # type: ignore[call-overload]


async def assert_equals_truth(store: SyncStore, simulator: SimulatorProcess) -> None:
    truth = await simulator.truth("kraken")
    for stream in STREAMS:
        told = {row["id"]: as_text({name: row[name] for name in row if name != "id"}) for row in truth[stream]}
        assert {key: json.loads(payload) for key, payload in store.stream(stream).items()} == told


async def test_a_full_sync_has_every_row_once_to_the_last_digit_with_the_fewest_requests(
    simulator: SimulatorProcess, client: ExchangeClient
) -> None:
    store = SyncStore(ACCOUNT)
    outcome = await store.sync(client, KrakenStrategy())
    truth = await simulator.truth("kraken")
    rows = {stream: len(truth[stream]) for stream in STREAMS}
    assert rows["ledger"] > 350
    assert outcome.is_complete
    assert (outcome.new, outcome.known, outcome.changed) == (sum(rows.values()), 0, 0)
    await assert_equals_truth(store, simulator)
    least = ceil(rows["ledger"] / 50) + 1 + 1 + 1
    assert outcome.requests == least
    assert store.progress[-1][1] <= rows["ledger"]
    assert [page.is_last for page in store.pages if page.stream == "ledger"][-2:] == [False, True]


async def test_the_second_sync_is_two_requests_and_adds_nothing(
    simulator: SimulatorProcess, client: ExchangeClient
) -> None:
    store = SyncStore(ACCOUNT)
    await store.sync(client, KrakenStrategy())
    await simulator.reset_stats()
    outcome = await store.sync(client, KrakenStrategy())
    stats = await simulator.stats("kraken")
    assert (outcome.new, outcome.changed, outcome.requests) == (0, 0, 2)
    assert stats["requests"] == {"POST /0/private/Ledgers": 1, "POST /0/private/BalanceEx": 1}


async def test_events_add_up_to_the_true_balances(simulator: SimulatorProcess, client: ExchangeClient) -> None:
    store = SyncStore(ACCOUNT)
    outcome = await store.sync(client, KrakenStrategy())
    sums: dict[str, Decimal] = {}
    events = store.events(KrakenStrategy())
    for event in events:
        for leg, sign in ((event.received, 1), (event.sent, -1), (event.fee, -1)):
            if leg is not None:
                assert leg.quantity >= 0
                sums[leg.asset] = sums.get(leg.asset, Decimal(0)) + sign * leg.quantity
    true = {asset: Decimal(held) for asset, held in (await simulator.balances("kraken")).items()}
    assert {asset: held for asset, held in sums.items() if held} == {a: held for a, held in true.items() if held}
    assert {b.asset: b.quantity for b in outcome.balances if b.quantity} == {a: h for a, h in true.items() if h}
    assert len({event.event_id for event in events}) == len(events)
    assert {event.kind for event in events} == {
        EventKind.TRADE,
        EventKind.DEPOSIT,
        EventKind.WITHDRAWAL,
        EventKind.INCOME,
    }


async def test_transfers_have_their_transaction_ids(simulator: SimulatorProcess, client: ExchangeClient) -> None:
    store = SyncStore(ACCOUNT)
    await store.sync(client, KrakenStrategy())
    truth = await simulator.truth("kraken")
    moves = [e for e in store.events(KrakenStrategy()) if e.kind in (EventKind.DEPOSIT, EventKind.WITHDRAWAL)]
    assert sorted(event.txid for event in moves) == sorted(
        str(row["txid"]) for stream in ("deposits", "withdrawals") for row in truth[stream]
    )


async def test_a_cancelled_sync_goes_on_where_it_was(simulator: SimulatorProcess, client: ExchangeClient) -> None:
    store, third_page = SyncStore(ACCOUNT), asyncio.Event()
    take = store.take

    async def take_three(page):  # type: ignore[no-untyped-def]
        outcome = await take(page)
        if len(store.pages) == 3:
            third_page.set()
            await asyncio.Event().wait()
        return outcome

    store.take = take_three  # type: ignore[method-assign]
    task = asyncio.create_task(store.sync(client, KrakenStrategy()))
    await third_page.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert len(store.stream("ledger")) == 150
    store.take = take  # type: ignore[method-assign]
    outcome = await store.sync(client, KrakenStrategy())
    assert outcome.is_complete
    await assert_equals_truth(store, simulator)
    assert outcome.known <= 50


async def test_what_happens_between_two_syncs_is_all_that_the_second_one_brings(
    simulator: SimulatorProcess, client: ExchangeClient
) -> None:
    store = SyncStore(ACCOUNT)
    await store.sync(client, KrakenStrategy())
    await simulator.happen(
        "kraken", {"kind": "deposit", "received": ["0.7654321", "BTC"], "txid": "feed01", "address": "bc1qnew"}
    )
    await simulator.happen(
        "kraken",
        {
            "kind": "sell",
            "market": "BTC/USD",
            "sent": ["0.1234567", "BTC"],
            "received": ["9876.5432", "USD"],
            "fee": ["25.6790", "USD"],
        },
    )
    outcome = await store.sync(client, KrakenStrategy())
    assert outcome.new == 3 + 1
    assert outcome.requests == 3
    await assert_equals_truth(store, simulator)
    deposit, sale = store.events(KrakenStrategy())[-2:]
    assert (deposit.txid, deposit.address) == ("feed01", "bc1qnew")
    assert sale.sent is not None and sale.received is not None and sale.fee is not None
    assert [str(leg.quantity) for leg in (sale.sent, sale.received, sale.fee)] == [
        "0.1234567000",
        "9876.5432",
        "25.6790",
    ]


FAULTS = {
    "too_many_requests": RateLimited,
    "banned_418": RateLimited,
    "forbidden_html": ExchangeUnreachable,
    "unavailable_503": ExchangeUnreachable,
    "captcha_200": BadReply,
    "cut_json": BadReply,
    "empty_body": BadReply,
    "null": BadReply,
    "bare_string": BadReply,
    "list_body": BadReply,
    "wrong_types": BadReply,
    "nan": BadReply,
    "bad_key": KeyRefused,
    "permission": RightMissing,
    "rate_limit": RateLimited,
    "reset": ExchangeUnreachable,
    "short_body": ExchangeUnreachable,
    "redirect": BadReply,
    "huge_reply": BadReply,
    "tls_failure": ExchangeUnreachable,
    "dns_failure": ExchangeUnreachable,
}


@pytest.mark.parametrize("call", ["Ledgers", "BalanceEx"])
@pytest.mark.parametrize("fault", FAULTS)
async def test_no_fault_is_taken_as_data_and_the_next_sync_completes(
    fault: str, call: str, simulator: SimulatorProcess
) -> None:
    await simulator.clear_faults()
    store, client = SyncStore(ACCOUNT), await open_client(simulator)
    try:
        await simulator.fault("kraken", fault, call)
        outcome = await store.sync(client, KrakenStrategy())
        errors: list[HarvestError] = [error for _, error in outcome.failed]
        errors += [outcome.stopped] if outcome.stopped else []
        assert errors
        assert {type(error) for error in errors} == {FAULTS[fault]}
        if call == "Ledgers" or fault in ("tls_failure", "dns_failure"):
            assert "ledger" not in store.cursors
            assert store.stream("ledger") == {}
        else:
            assert not outcome.has_balances
        await simulator.clear_faults()
        assert (await store.sync(client, KrakenStrategy())).is_complete
        await assert_equals_truth(store, simulator)
        assert await simulator.astray() == []
    finally:
        await simulator.clear_faults()
        await client.close()


async def test_one_fault_on_each_page_is_repaired_within_the_sync(
    simulator: SimulatorProcess, client: ExchangeClient
) -> None:
    for fault in ("captcha_200", "cut_json", "reset", "unavailable_503"):
        await simulator.fault("kraken", fault, "", 1)
    store = SyncStore(ACCOUNT)
    assert (await store.sync(client, KrakenStrategy())).is_complete
    await assert_equals_truth(store, simulator)


async def test_a_clock_an_hour_off_is_put_right_after_the_first_refusal(simulator: SimulatorProcess) -> None:
    await simulator.clear_faults()
    client = await open_client(simulator, Pacing(sleep=no_nap, keeps_limits=False))
    await simulator.fault("kraken", "invalid_nonce", "Ledgers", 1)
    store = SyncStore(ACCOUNT)
    assert (await store.sync(client, KrakenStrategy())).is_complete
    assert abs(await client.sync_clock()) < 2
    await client.close()


@pytest.mark.parametrize(
    ("trade", "withdraw", "verdict"), [(False, False, "read"), (True, False, "trade"), (True, True, None)]
)
async def test_key_rights_are_read_from_the_key_itself(
    trade: bool, withdraw: bool, verdict: str | None, simulator: SimulatorProcess, client: ExchangeClient
) -> None:
    await simulator.set_key_rights("kraken", can_read=True, can_trade=trade, can_withdraw=withdraw)
    rights = await client.rights()
    assert (rights.can_read, rights.can_trade, rights.can_withdraw) == (True, trade, withdraw)
    if verdict:
        assert judge(rights, allow_trade_key=True) == verdict


async def test_a_missing_ledger_right_stops_that_stream_and_says_what_to_add(
    simulator: SimulatorProcess, client: ExchangeClient
) -> None:
    await simulator.fault("kraken", "permission", "Ledgers")
    outcome = await SyncStore(ACCOUNT).sync(client, KrakenStrategy())
    ((stream, error),) = outcome.failed
    assert (stream, outcome.stopped) == ("ledger", None)
    assert "add the missing read right" in error.hint
    assert outcome.has_balances


async def test_the_exchanges_own_limit_is_never_hit(simulator: SimulatorProcess) -> None:
    await simulator.clear_faults()
    await simulator.limits("kraken", "starter")
    await simulator.reset_stats()
    client = await ExchangeClient.open(
        KrakenStrategy(),
        credentials=simulator.credentials("kraken"),
        transport=Transport(loopback=simulator.routes, ca_file=Path(simulator.ca_file)),
        tier="starter",
    )
    try:
        pages = 0
        async for _ in KrakenStrategy().pages(client, ACCOUNT, "ledger", None, datetime.now(UTC)):
            pages += 1
            if pages == 8:
                break
        stats = await simulator.stats("kraken")
    finally:
        await client.close()
        await simulator.limits("kraken", "off")
    assert (pages, stats["limit_hits"]) == (8, 0)


async def test_market_data_needs_no_key_and_no_second_request_once_cached(simulator: SimulatorProcess) -> None:
    await simulator.clear_faults()
    client = await ExchangeClient.open(
        KrakenStrategy(),
        credentials=None,
        transport=Transport(loopback=simulator.routes, ca_file=Path(simulator.ca_file)),
        pacing=QUICK,
    )
    try:
        markets = json.loads(json.dumps(await client.load_markets()))
        assert {"BTC/USD", "ETH/USD"} <= {market["symbol"] for market in markets}
        held = [market for market in markets if market["symbol"] in ("BTC/USD", "ETH/USD")]
        client.use_markets(held)
        await simulator.reset_stats()
        told = await client.fetch_tickers(["BTC/USD", "ETH/USD"])
        assert set(told) == {"BTC/USD", "ETH/USD"}
        assert told["BTC/USD"].bid is not None and told["BTC/USD"].bid > 0
        await simulator.set_price("BTC", "51234.5")
        async with asyncio.timeout(20):
            while (ticker := client.tickers.get("BTC/USD")) is None or round(ticker.last or 0) not in range(
                50_000, 52_500
            ):
                await client.watch_tickers(["BTC/USD", "ETH/USD"])
        candles = await client.fetch_ohlcv("BTC/USD", "1d", 1_700_000_000_000, 5)
        assert all(isinstance(part, str) for part in candles[0][1:])
        stats = await simulator.stats("kraken")
        assert (stats["total"], stats["websockets"]) == (2, 1)
    finally:
        await client.close()
