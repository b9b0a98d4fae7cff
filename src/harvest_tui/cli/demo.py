"""`harvest-tui demo`: the real program on simulated exchanges, in a home that is thrown away."""

from __future__ import annotations

import asyncio
import tempfile
from argparse import Namespace
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path

from harvest_tui.cli.home import start_log
from harvest_tui.cli.output import say
from harvest_tui.core.money import ZERO
from harvest_tui.core.records import Account, AccountId
from harvest_tui.core.tax.profile import Profile
from harvest_tui.core.tax.taxpayer import FilingStatus
from harvest_tui.keys import GivenKeys
from harvest_tui.session.choices import Choices, Loopback, utc_now
from harvest_tui.session.run import Session
from harvest_tui.settings import Settings, locate
from harvest_tui.simulator.process import SimulatorProcess
from harvest_tui.ui.app import HarvestApp

VENUES = ("kraken", "coinbase", "binanceus")
_CRASH_AFTER_SECONDS = 20.0
TAXPAYER = Profile(
    status=FilingStatus.SINGLE,
    wages=Decimal(140_000),
    short_gain=Decimal(6_000),
    long_gain=ZERO,
    carry_short=ZERO,
    carry_long=ZERO,
    fee=Decimal("0.0025"),
)
"""Invented like everything else here, so that the planner has a return to work on."""


def run(arguments: Namespace) -> int:
    """Start the simulator, connect three accounts, open the monitor; leave nothing behind."""
    with tempfile.TemporaryDirectory(prefix="harvest-demo-") as home:
        return asyncio.run(_run(arguments, Path(home)))


async def _run(arguments: Namespace, home: Path) -> int:
    say("Starting three simulated exchanges on this machine; nothing leaves it and nothing is kept.")
    say("The taxpayer is invented too: single, wages of $140,000, $6,000 of short-term gains made elsewhere.")
    simulator = SimulatorProcess(seed=arguments.seed, venues=VENUES, rows=arguments.rows, tick_rate=arguments.tick_rate)
    async with simulator, demo_session(simulator, home) as session:
        crash = asyncio.create_task(_crash_later(simulator, arguments.crash))
        try:
            app = HarvestApp(session)
            await app.run_async()
            return app.return_code or 0
        finally:
            crash.cancel()


@asynccontextmanager
async def demo_session(simulator: SimulatorProcess, home: Path) -> AsyncIterator[Session]:
    """A session with one account on each simulated exchange; the keys exist in memory only."""
    locations = locate(str(home))
    locations.create()
    start_log(locations)
    if "kraken" in simulator.accounts:
        await simulator.limits("kraken", "pro")
    keys = GivenKeys({venue: simulator.credentials(venue) for venue in simulator.accounts})
    loopback = Loopback(simulator.routes, Path(simulator.ca_file))
    session = await Session.open(
        Choices(locations, Settings(timezone="America/New_York", profile=TAXPAYER), keys, loopback)
    )
    try:
        for venue in simulator.accounts:
            await session.store.add_account(Account(AccountId(venue), venue, utc_now(), "read", tier="pro"))
        await session.accounts_changed()
        yield session
    finally:
        await session.close()


async def _crash_later(simulator: SimulatorProcess, percent: float | None) -> None:
    if percent is not None:
        await asyncio.sleep(_CRASH_AFTER_SECONDS)
        await simulator.crash(percent)
