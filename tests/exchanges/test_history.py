"""One sync of an account: what stops a stream, what stops the account, and what is told about both."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from harvest_tui.core.pages import Page, PageOutcome, RawRow
from harvest_tui.core.records import AccountId, Asset, Balance
from harvest_tui.errors import BadReply, ExchangeUnreachable, HarvestError, KeyRefused, RightMissing, StoreError
from harvest_tui.exchanges.history import SyncOutcome, sync_account
from harvest_tui.exchanges.side_loop import run_beside
from harvest_tui.exchanges.strategies.base import BucketRule, Caller, Endpoint, KeyRights

ACCOUNT = AccountId("a")
NOW = datetime(2026, 4, 1, tzinfo=UTC)


class Told:
    """An exchange with three streams of two pages each; a stream or the balances may fail."""

    exchange = "told"
    streams = ("trades", "transfers", "rewards")
    endpoints: tuple[Endpoint, ...] = ()
    is_serial = False
    ccxt_options: Mapping[str, Any] = {}

    def __init__(self, **failures: HarvestError) -> None:
        self.failures = failures
        self.asked: list[tuple[str, str | None]] = []
        self.requests = 0

    def bucket(self, tier: str) -> BucketRule:
        return BucketRule(1, 1)

    async def call(self, endpoint: Endpoint, params: Mapping[str, str | int], check: Any) -> Any:
        raise AssertionError("not asked here")

    async def rights(self, caller: Caller) -> KeyRights:
        return KeyRights(True, False, False)

    async def pages(
        self, caller: Caller, account: AccountId, stream: str, cursor: str | None, now: datetime
    ) -> AsyncIterator[Page]:
        self.asked.append((stream, cursor))
        for number in (1, 2):
            self.requests += 1
            if number == 2 and stream in self.failures:
                raise self.failures[stream]
            rows = tuple(RawRow(f"{stream}-{number}-{row}", "g", "{}") for row in range(3))
            yield Page(account, stream, rows, f"after {number}", number == 2, "Endpoint", now, 6)

    async def balances(self, caller: Caller, account: AccountId, now: datetime) -> Sequence[Balance]:
        self.requests += 1
        if "balances" in self.failures:
            raise self.failures["balances"]
        return [Balance(account, Asset("SOL"), Decimal("7.5"), now)]

    def parse_group(self, account: AccountId, group: str, rows: Sequence[Any]) -> Sequence[Any]:
        return []


async def sync(
    told: Told, cursors: Mapping[str, str] | None = None, sink: Any = None
) -> tuple[SyncOutcome, list[Page]]:
    pages: list[Page] = []

    async def take(page: Page) -> PageOutcome:
        pages.append(page)
        return PageOutcome(new=2, known=1, changed=0)

    progress = lambda stream, rows, expected: None  # noqa: E731
    return await sync_account(told, told, ACCOUNT, cursors or {}, sink or take, NOW, progress), pages


async def test_streams_are_walked_in_order_from_their_own_cursors_and_balances_are_read_last() -> None:
    told = Told()
    outcome, pages = await sync(told, {"transfers": "after 9"})
    assert told.asked == [("trades", None), ("transfers", "after 9"), ("rewards", None)]
    assert (outcome.new, outcome.known, outcome.changed, outcome.requests) == (12, 6, 0, 7)
    assert [balance.quantity for balance in outcome.balances] == [Decimal("7.5")]
    assert outcome.is_complete
    assert len(pages) == 6


@pytest.mark.parametrize("error", [RightMissing("no right", "add it"), BadReply("nonsense", "again")])
async def test_a_stream_that_cannot_be_read_is_listed_and_the_others_go_on(error: HarvestError) -> None:
    outcome, pages = await sync(Told(transfers=error))
    assert outcome.failed == (("transfers", error),)
    assert outcome.stopped is None
    assert [page.stream for page in pages] == ["trades", "trades", "transfers", "rewards", "rewards"]
    assert outcome.has_balances
    assert not outcome.is_complete


@pytest.mark.parametrize("error", [KeyRefused("refused", "new key"), ExchangeUnreachable("gone", "later")])
async def test_trouble_of_the_whole_account_ends_the_sync_and_keeps_what_came(error: HarvestError) -> None:
    outcome, pages = await sync(Told(transfers=error))
    assert outcome.stopped is error
    assert [page.stream for page in pages] == ["trades", "trades", "transfers"]
    assert (outcome.new, outcome.has_balances) == (6, False)


async def test_balances_that_cannot_be_read_are_not_empty_balances() -> None:
    outcome, _ = await sync(Told(balances=BadReply("nonsense", "again")))
    assert (outcome.balances, outcome.has_balances) == ((), False)
    assert outcome.failed[0][0] == "balances"


async def test_an_error_of_the_store_is_raised_and_nothing_more_is_asked() -> None:
    told = Told()

    async def full(page: Page) -> PageOutcome:
        raise StoreError("disk full", "free some space")

    with pytest.raises(StoreError, match="disk full"):
        await sync(told, sink=full)
    assert told.requests == 1


async def test_progress_counts_rows_of_each_stream_against_what_is_expected() -> None:
    told, seen = Told(), []

    async def take(page: Page) -> PageOutcome:
        return PageOutcome(3, 0, 0)

    await sync_account(told, told, ACCOUNT, {}, take, NOW, lambda *words: seen.append(words))
    assert seen[:4] == [("trades", 0, None), ("trades", 3, 6), ("trades", 6, 6), ("transfers", 0, None)]


async def test_work_beside_answers_raises_and_stops_when_cancelled() -> None:
    async def answer() -> int:
        await asyncio.sleep(0)
        return 42

    async def fail() -> int:
        raise BadReply("nonsense", "again")

    assert await run_beside(answer) == 42
    with pytest.raises(BadReply):
        await run_beside(fail)
    home, started, stopped = asyncio.get_running_loop(), asyncio.Event(), asyncio.Event()

    async def endless() -> int:
        home.call_soon_threadsafe(started.set)
        try:
            await asyncio.Event().wait()
        finally:
            home.call_soon_threadsafe(stopped.set)
        return 0

    task = asyncio.create_task(run_beside(endless))
    await started.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await asyncio.wait_for(stopped.wait(), 5)
