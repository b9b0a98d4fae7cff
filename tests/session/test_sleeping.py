"""After a sleep feeds begin anew and a sync runs at once; a clock that is set back is no sleep."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

import pytest

from harvest_tui.core.records import Account, AccountId, Asset
from harvest_tui.errors import ExchangeUnreachable, HarvestError, KeyRefused, StoreError
from harvest_tui.session import FeedStatus, SyncPhase, SyncState
from harvest_tui.session.run import Session
from harvest_tui.session.sleeping import LOOK_SECONDS, SLEPT, Wakes, watch_sleep
from harvest_tui.session.syncing import SyncResult
from harvest_tui.session.upkeep import RETRY_SECONDS, SYNC_SECONDS, sync_all_year
from harvest_tui.simulator.process import SimulatorProcess
from harvest_tui.ui.frame import FrameReader
from support.journey import synced, until
from support.planner_home import Clock
from support.simulated import choices_for, impatient

KRAKEN, BITCOIN = AccountId("kraken"), Asset("BTC")
VENUE, ACCOUNT = "kraken", AccountId("kraken")
BOUGHT, NEW_PRICE = Decimal("0.00061327"), Decimal("68123.45")
DOWN = {FeedStatus.STALE, FeedStatus.OFFLINE}
LONG = 3600.0
"""Seconds of a rest that only a sleep can end within a test."""


class Slept(NamedTuple):
    """A moment between two looks: what the clock went on by, and whether that was a sleep."""

    seconds: float
    is_sleep: bool


@pytest.mark.parametrize(
    "moment",
    [
        Slept(LOOK_SECONDS, False),
        Slept(SLEPT.total_seconds() - 0.001, False),
        Slept(SLEPT.total_seconds(), True),
        Slept(7200, True),
        Slept(-1, False),
        Slept(-7200, False),
    ],
)
def test_thirty_seconds_between_two_looks_are_a_sleep_and_a_clock_set_back_is_none(moment: Slept) -> None:
    clock = Clock()
    wakes = Wakes(clock)
    clock.pass_by(seconds=moment.seconds)
    assert wakes.look() is moment.is_sleep
    assert wakes.count == int(moment.is_sleep)
    assert not wakes.look(), "told once"


def test_a_sleep_counts_from_the_last_look_and_not_from_the_first() -> None:
    clock = Clock()
    wakes = Wakes(clock)
    for _ in range(40):
        clock.pass_by(seconds=LOOK_SECONDS)
        assert not wakes.look()


def test_after_a_clock_set_back_the_next_sleep_is_noticed_from_the_new_time_on() -> None:
    clock = Clock()
    wakes = Wakes(clock)
    clock.pass_by(hours=-3)
    assert not wakes.look()
    clock.pass_by(seconds=31)
    assert wakes.look(), "it is not made up for the three hours first"


async def begun(work: Awaitable[object]) -> asyncio.Task[object]:
    """The work, up to where it waits."""
    task = asyncio.ensure_future(work)
    for _ in range(3):
        await asyncio.sleep(0)
    assert isinstance(task, asyncio.Task) and not task.done()
    return task


async def ended(task: asyncio.Task[object]) -> None:
    """Cancels what still waits; fails where it does not."""
    assert not task.done()
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def test_a_sleep_ends_the_rest_of_everybody_who_rests_then_and_of_nobody_later() -> None:
    clock = Clock()
    wakes = Wakes(clock)
    resting = [await begun(wakes.rest(LONG)) for _ in range(2)]
    clock.pass_by(hours=2)
    assert wakes.look()
    await asyncio.gather(*resting)
    later = await begun(wakes.rest(LONG))
    await ended(later)


async def test_a_rest_without_a_sleep_ends_with_its_time() -> None:
    wakes = Wakes(Clock())
    await asyncio.wait_for(wakes.rest(0.001), 30)
    assert not await asyncio.wait_for(wakes.rests_between_work()(0.001), 30)


async def test_a_sleep_during_the_work_ends_the_next_rest_at_once_but_only_that_one() -> None:
    clock = Clock()
    wakes = Wakes(clock)
    rest = wakes.rests_between_work()
    clock.pass_by(hours=2)
    wakes.look()
    assert await asyncio.wait_for(rest(LONG), 30)
    resting = await begun(rest(LONG))
    clock.pass_by(hours=1)
    wakes.look()
    assert await resting is True
    await ended(await begun(rest(LONG)))


async def test_the_watch_looks_every_two_seconds_and_calls_once_for_each_sleep() -> None:
    clock, asked, woken = Clock(), list[float](), list[datetime]()
    passes = iter([2.0, 7200.0, 2.0, -7200.0, 2.0, 45.0])

    async def sleep(seconds: float) -> None:
        asked.append(seconds)
        clock.pass_by(seconds=next(passes, 0.0))
        if len(asked) > 6:
            raise asyncio.CancelledError

    start = clock.at
    with pytest.raises(asyncio.CancelledError):
        await watch_sleep(Wakes(clock), lambda: woken.append(clock.at), sleep)
    assert [at - start for at in woken] == [timedelta(seconds=7202), timedelta(seconds=51)]
    assert set(asked) == {LOOK_SECONDS}


def result(error: HarvestError | None) -> SyncResult:
    """What a sync of one account came to."""
    return SyncResult(SyncState(KRAKEN, "kraken", SyncPhase.DONE), error=error)


UNREACHABLE = ExchangeUnreachable("no answer from kraken", "it is tried again")


class Exchange:
    """Syncs with these outcomes, one after the other, the last one for ever."""

    def __init__(self, *outcomes: HarvestError | None) -> None:
        self._outcomes = list(outcomes)

    async def sync_results(self) -> Sequence[SyncResult]:
        outcome = self._outcomes.pop(0) if len(self._outcomes) > 1 else self._outcomes[0]
        if isinstance(outcome, StoreError):
            raise outcome
        return [result(None), result(outcome)]


async def rests_of(exchange: Exchange, times: int, woken: Sequence[int] = ()) -> list[float]:
    """The seconds rested between syncs, so many times; those of these numbers are ended by a sleep."""
    asked: list[float] = []

    async def rest(seconds: float) -> bool:
        asked.append(seconds)
        if len(asked) == times:
            raise asyncio.CancelledError
        return len(asked) in woken

    with pytest.raises(asyncio.CancelledError):
        await sync_all_year(exchange, rest)
    return asked


async def test_a_sync_that_could_not_reach_an_exchange_is_tried_again_sooner_and_sooner_no_more() -> None:
    waits = await rests_of(Exchange(*[UNREACHABLE] * 7, None), 9)
    assert waits == [30, 60, 120, 240, 480, 900, 900, SYNC_SECONDS, SYNC_SECONDS]
    assert RETRY_SECONDS == 30


@pytest.mark.parametrize(
    "outcome", [None, KeyRefused("the key is refused", "make another"), StoreError("full", "free")]
)
async def test_what_trying_sooner_does_not_heal_waits_its_quarter_of_an_hour(outcome: HarvestError | None) -> None:
    assert await rests_of(Exchange(outcome), 3) == [SYNC_SECONDS] * 3


async def test_a_full_disk_between_two_failures_does_not_end_the_syncs() -> None:
    waits = await rests_of(Exchange(UNREACHABLE, StoreError("the disk is full", "free some"), UNREACHABLE), 3)
    assert waits == [30, SYNC_SECONDS, 30]


async def test_after_a_sleep_the_failures_before_it_no_longer_count() -> None:
    assert await rests_of(Exchange(UNREACHABLE), 8, woken=(5,)) == [30, 60, 120, 240, 480, 30, 60, 120]


async def test_a_network_that_is_away_for_months_is_still_asked_every_quarter_of_an_hour() -> None:
    assert (await rests_of(Exchange(UNREACHABLE), 3000))[-1] == SYNC_SECONDS


class Ahead:
    """The machine's clock, put ahead by the hours that the machine slept."""

    def __init__(self) -> None:
        self.slept = timedelta(0)

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.slept


async def test_after_two_hours_asleep_old_prices_are_marked_until_new_ones_come_and_a_sync_brings_the_news(
    tmp_path: Path,
) -> None:
    clock = Ahead()
    async with SimulatorProcess(seed=6, venues=(VENUE,), rows=20, limits="off", tick_rate=5) as simulator:
        session = await Session.open(choices_for(simulator, tmp_path, impatient())._replace(clock=clock))
        try:
            await session.store.add_account(Account(ACCOUNT, VENUE, clock(), "read"))
            await session.accounts_changed()
            await synced(session)
            frames = FrameReader(session)
            await session.start()
            await until(lambda: status(session) is FeedStatus.LIVE, "live")
            await until(lambda: not frames.read().stale, "no price is old")
            first = session._pricing._feeds[VENUE]
            await asleep(simulator, clock)
            await until(lambda: session._pricing._feeds.get(VENUE) not in (None, first), "the feed is begun anew")
            await until(lambda: status(session) in DOWN, "and has no price yet")
            await until(lambda: frames.read().stale.get((ACCOUNT, BITCOIN)) == "2h", "the price is marked with its age")
            await until(lambda: has_synced(session, clock), "synced")
            assert any(lot.quantity == BOUGHT for lot in session.portfolio().ledger.lots)
            assert frames.read().stale[ACCOUNT, BITCOIN] == "2h"
            await simulator.clear_faults()
            await until(lambda: status(session) is FeedStatus.LIVE, "live again")
            await until(lambda: not frames.read().stale, "no price is old any more")
            quote = session.portfolio().quotes[ACCOUNT, BITCOIN]
            assert abs(quote.price / NEW_PRICE - 1) < Decimal("0.02")
            assert clock() - quote.at < timedelta(minutes=1)
        finally:
            await session.close()


async def asleep(simulator: SimulatorProcess, clock: Ahead) -> None:
    """Two hours pass: the world goes on, and prices cannot be had yet when the machine wakes."""
    await simulator.fault(VENUE, "ws_silent")
    await simulator.fault(VENUE, "unavailable_503", "icker")
    await simulator.set_price(BITCOIN, str(NEW_PRICE))
    clock.slept = timedelta(hours=2)
    await simulator.skew(clock.slept.total_seconds())
    bought = {"kind": "buy", "market": "BTC/USD", "sent": ["40", "USD"], "received": [str(BOUGHT), "BTC"], "fee": None}
    await simulator.happen(VENUE, bought)


def has_synced(session: Session, clock: Ahead) -> bool:
    finished = session.sync_states()[ACCOUNT].finished_at
    return finished is not None and clock() - finished < timedelta(hours=1)


def status(session: Session) -> FeedStatus | None:
    feed = session.feeds().get(VENUE)
    return feed and feed.status
