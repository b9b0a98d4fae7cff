"""Prices of a whole session while each exchange's stream breaks in its own way."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from harvest_tui.core.records import Account, AccountId, Amount, Asset, Event, EventId, EventKind
from harvest_tui.keys import GivenKeys
from harvest_tui.session import FeedStatus, SyncPhase
from harvest_tui.session.choices import Choices, Loopback
from harvest_tui.session.run import Session
from harvest_tui.settings import Settings, locate
from harvest_tui.simulator.process import SimulatorProcess
from support.journey import until, until_told
from support.simulated import impatient

FAULTS = {"kraken": "ws_silent", "coinbase": "ws_half_open", "binance": "ws_cut_frame", "binanceus": "ws_html_frame"}
VENUES = tuple(FAULTS)
NOT_LIVE = {FeedStatus.STALE, FeedStatus.POLLING, FeedStatus.OFFLINE}
BITCOIN = Asset("BTC")


def vault_of(asset: Asset) -> Event:
    """A lot in a wallet without an exchange: every connected exchange may price it."""
    bought = datetime(2024, 3, 1, tzinfo=UTC)
    return Event(
        EventId("vault:1"),
        AccountId("vault"),
        EventKind.OPENING,
        bought,
        received=Amount(Decimal("0.5"), asset),
        acquired_at=bought,
        cost_basis=Decimal("31000"),
    )


async def test_a_broken_stream_is_told_within_twenty_seconds_and_heals_while_the_keys_do_not_even_work(
    tmp_path: Path,
) -> None:
    async with SimulatorProcess(seed=4, venues=VENUES, rows=20, limits="off", tick_rate=5) as simulator:
        locations = locate(str(tmp_path))
        loopback = Loopback(simulator.routes, Path(simulator.ca_file))
        choices = Choices(locations, Settings(timezone="UTC"), GivenKeys({}), loopback, pacing=impatient(8))
        session = await Session.open(choices)
        try:
            for venue in VENUES:
                await session.store.add_account(Account(AccountId(venue), venue, session.now(), "read"))
            await session.accounts_changed()
            await session.import_events([vault_of(BITCOIN)], "vault.csv", "0" * 64)
            await session.start()
            live = [FeedStatus.LIVE] * len(VENUES)
            await until(lambda: [feed.status for feed in session.feeds().values()] == live, "all live")
            assert {state.phase for state in session.sync_states().values()} == {SyncPhase.NEEDS_KEY}
            await asyncio.gather(*(broken_but_polled(session, simulator, *fault) for fault in FAULTS.items()))
            await simulator.clear_faults()
            await until(lambda: [feed.status for feed in session.feeds().values()] == live, "live again", 90)
            await closed_and_dialled_anew(session, simulator, "kraken")
        finally:
            await session.close()


async def broken_but_polled(session: Session, simulator: SimulatorProcess, venue: str, fault: str) -> None:
    before = time.monotonic()
    await simulator.fault(venue, fault)
    await until(lambda: session.feeds()[venue].status in NOT_LIVE, f"{venue} not live under {fault}", 25)
    assert time.monotonic() - before <= 20, (venue, fault)
    await until(lambda: session.feeds()[venue].status is FeedStatus.POLLING, f"{venue} polls under {fault}", 25)
    asked, last = await simulator.stats(venue), session.feeds()[venue].last_at
    await until(lambda: session.feeds()[venue].last_at != last, f"{venue} has news by asking", 25)
    assert (await simulator.stats(venue))["total"] > asked["total"]


async def closed_and_dialled_anew(session: Session, simulator: SimulatorProcess, venue: str) -> None:
    dialled = (await simulator.stats(venue))["websockets"]
    await simulator.fault(venue, "ws_close")
    await simulator.set_price(BITCOIN, "70123")
    vault = (AccountId("vault"), BITCOIN)
    await until(lambda: abs(session.portfolio().quotes[vault].price - 70123) < 700, "the new price")

    async def has_dialled() -> bool:
        return bool((await simulator.stats(venue))["websockets"] > dialled)

    await until_told(has_dialled, "a new socket")
    await until(lambda: session.feeds()[venue].status is FeedStatus.LIVE, "live on the new socket", 30)
