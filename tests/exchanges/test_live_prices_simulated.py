"""The feed over the real clients and real sockets, on the simulator; injected time runs ten times as fast."""

from __future__ import annotations

import asyncio
import gc
import os
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
import pytest_asyncio

from harvest_tui.core.records import Asset, Quote
from harvest_tui.exchanges.client import ExchangeClient
from harvest_tui.exchanges.live_prices import FeedReport, LivePrices, Pace, Status
from harvest_tui.exchanges.strategies.registry import strategy_class
from harvest_tui.exchanges.transport import Transport
from harvest_tui.simulator.process import SimulatorProcess
from harvest_tui.simulator.wires import WEBSOCKET_FAULTS

pytestmark = pytest.mark.asyncio(loop_scope="module")
VENUES = ("kraken", "coinbase", "binance", "binanceus")
HASTE = 10
BTC, ETH = Asset("BTC"), Asset("ETH")


def elapsed() -> float:
    return time.monotonic() * HASTE


async def sleep(seconds: float) -> None:
    await asyncio.sleep(seconds / HASTE)


@dataclass
class Heard:
    """One feed and all it said."""

    venue: str
    feed: LivePrices
    client: ExchangeClient
    quotes: dict[tuple[str, Asset], Quote] = field(default_factory=dict)
    reports: list[FeedReport] = field(default_factory=list)

    @property
    def status(self) -> Status:
        return self.feed.state.status

    def price(self, asset: Asset) -> Decimal:
        return self.quotes[self.venue, asset].price


@asynccontextmanager
async def heard_from(simulator: SimulatorProcess, venue: str, pace: Pace | None = None) -> AsyncIterator[Heard]:
    transport = Transport(loopback=simulator.routes, ca_file=Path(simulator.ca_file))
    client = await ExchangeClient.open(strategy_class(venue)(), credentials=None, transport=transport)
    try:
        markets = await client.load_markets()
        client.use_markets(markets)
        quotes: dict[tuple[str, Asset], Quote] = {}
        reports: list[FeedReport] = []
        feed = LivePrices(
            venue,
            client,
            markets,
            [BTC, ETH],
            quotes.update,
            lambda: datetime.now(UTC),
            sleep=sleep,
            elapsed=elapsed,
            pace=pace,
            on_report=reports.append,
        )
        running = asyncio.create_task(feed.run())
        try:
            yield Heard(venue, feed, client, quotes, reports)
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
    finally:
        await client.close()


@asynccontextmanager
async def heard_from_all(simulator: SimulatorProcess, venues: Sequence[str] = VENUES) -> AsyncIterator[list[Heard]]:
    async with AsyncExitStack() as stack:
        yield [await stack.enter_async_context(heard_from(simulator, venue)) for venue in venues]


async def until(is_so: Callable[[], bool], within: float) -> float:
    """Injected seconds until it is so."""
    began = elapsed()
    while not is_so():
        assert elapsed() - began < within, f"not within {within:.0f} s"
        await asyncio.sleep(0.01)
    return elapsed() - began


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def running() -> AsyncIterator[SimulatorProcess]:
    async with SimulatorProcess(rows=20, tick_rate=5, venues=VENUES, limits="off") as process:
        yield process


@pytest_asyncio.fixture(loop_scope="module")
async def simulator(running: SimulatorProcess) -> AsyncIterator[SimulatorProcess]:
    """In order; its prices are where the test before left them."""
    yield running
    await running.clear_faults()


async def test_prices_of_four_exchanges_stream_and_follow_the_market(simulator: SimulatorProcess) -> None:
    async with heard_from_all(simulator) as feeds:
        for heard in feeds:
            await until(lambda heard=heard: heard.status is Status.LIVE, within=100)  # type: ignore[misc]
        await simulator.set_price("BTC", "99000")
        for heard in feeds:
            await until(lambda heard=heard: abs(heard.price(BTC) - 99000) < 1500, within=100)  # type: ignore[misc]
            assert heard.quotes[heard.venue, BTC].source.startswith(f"{heard.venue} BTC/USD")
            assert heard.status is Status.LIVE


async def test_a_quote_in_tether_says_how_tether_was_taken(simulator: SimulatorProcess) -> None:
    async with heard_from(simulator, "binance") as binance:
        await until(lambda: ("binance", BTC) in binance.quotes, within=100)
        assert binance.quotes["binance", BTC].source == "binance BTC/USDT (USDT taken as $1)"


@pytest.mark.parametrize("fault", [fault for fault in WEBSOCKET_FAULTS if fault != "ws_close"])
async def test_a_broken_socket_is_not_live_after_twenty_seconds_is_replaced_and_comes_back(
    simulator: SimulatorProcess, fault: str
) -> None:
    async with heard_from_all(simulator) as feeds:
        for heard in feeds:
            await until(lambda heard=heard: heard.status is Status.LIVE, within=100)  # type: ignore[misc]
            heard.reports.clear()
            await simulator.fault(heard.venue, fault)
        broken_at = elapsed()
        for heard in feeds:
            await until(lambda heard=heard: bool(heard.reports), within=20 - (elapsed() - broken_at))  # type: ignore[misc]
            assert heard.reports[0].status is Status.STALE
            await until(lambda heard=heard: len(heard.reports) > 1, within=20)  # type: ignore[misc]
            assert heard.reports[1].status is Status.POLLING
        await simulator.set_price("ETH", "3100")
        for heard in feeds:
            await until(lambda heard=heard: abs(heard.price(ETH) - 3100) < 60, within=100)  # type: ignore[misc]
        await simulator.clear_faults()
        for heard in feeds:
            await until(lambda heard=heard: heard.status is Status.LIVE, within=200)  # type: ignore[misc]


async def test_with_the_network_gone_feeds_are_offline_and_come_back_by_themselves(
    simulator: SimulatorProcess,
) -> None:
    async with heard_from_all(simulator) as feeds:
        for heard in feeds:
            await until(lambda heard=heard: heard.status is Status.LIVE, within=100)  # type: ignore[misc]
        for heard in feeds:
            await simulator.fault(heard.venue, "dns_failure")
        for heard in feeds:
            await until(lambda heard=heard: heard.status is Status.OFFLINE, within=40)  # type: ignore[misc]
        await simulator.clear_faults()
        for heard in feeds:
            await until(lambda heard=heard: heard.status is Status.LIVE, within=200)  # type: ignore[misc]


async def _reconnect(simulator: SimulatorProcess, heard: Heard, times: int) -> None:
    """A socket may be closed while nobody waits on it: then the next one opens without a gap."""
    for _ in range(times):
        before = (await simulator.stats(heard.venue))["websockets"]
        await simulator.fault(heard.venue, "ws_close")
        async with asyncio.timeout(20):
            while (await simulator.stats(heard.venue))["websockets"] == before:  # noqa: ASYNC110 - in another process
                await asyncio.sleep(0.01)
        await until(lambda: heard.status is Status.LIVE, within=200)


def _open_files() -> int:
    return len(os.listdir("/proc/self/fd"))  # noqa: PTH208 - a count, in a folder that is no real one


def _resident_mib() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


@pytest.mark.parametrize(
    ("venue", "times"),
    [("kraken", 15), ("coinbase", 15), ("binance", 15), pytest.param("kraken", 1000, marks=pytest.mark.campaign)],
)
async def test_reconnects_leave_no_task_socket_or_memory_behind(
    simulator: SimulatorProcess, venue: str, times: int
) -> None:
    async with heard_from(simulator, venue, Pace(last_retry=1.0)) as heard:
        await until(lambda: heard.status is Status.LIVE, within=100)
        await _reconnect(simulator, heard, 5)
        gc.collect()
        tasks, files, memory = len(asyncio.all_tasks()), _open_files(), _resident_mib()
        await _reconnect(simulator, heard, times)
        gc.collect()
        assert len(asyncio.all_tasks()) <= tasks + 2
        assert _open_files() <= files + 2
        assert _resident_mib() <= memory + 10
        assert (await simulator.stats(venue))["open_sockets"] == 1
    assert (await simulator.stats(venue))["open_sockets"] == 0
