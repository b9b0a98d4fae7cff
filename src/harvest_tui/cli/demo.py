"""`harvest-tui demo`: the real program on simulated exchanges, in a home that is thrown away."""

from __future__ import annotations

import asyncio
import tempfile
from argparse import Namespace
from pathlib import Path

from harvest_tui.cli.home import start_log
from harvest_tui.core.credentials import Credentials, Secret
from harvest_tui.core.records import Account, AccountId
from harvest_tui.keys import GivenKeys
from harvest_tui.session.connections import Loopback, utc_now
from harvest_tui.session.run import Choices, Session
from harvest_tui.settings import Settings, locate
from harvest_tui.simulator.process import SimulatorProcess
from harvest_tui.ui.app import HarvestApp

VENUES = ("kraken", "coinbase", "binanceus")
_CRASH_AFTER_SECONDS = 20.0


def run(arguments: Namespace) -> int:
    """Start the simulator, connect three accounts, open the monitor; leave nothing behind."""
    with tempfile.TemporaryDirectory(prefix="harvest-demo-") as home:
        return asyncio.run(_run(arguments, Path(home)))


def demo_choices(simulator: SimulatorProcess, home: Path) -> Choices:
    """A home whose accounts live on the simulator; their keys exist in memory only."""
    keys = {
        venue: Credentials(Secret(account["key"]), Secret(account["secret"]))
        for venue, account in simulator.accounts.items()
    }
    locations = locate(str(home))
    locations.create()
    start_log(locations)
    loopback = Loopback({host: simulator.port for host in simulator.hosts}, Path(simulator.ca_file))
    return Choices(locations, Settings(timezone="America/New_York"), GivenKeys(keys), loopback)


async def _run(arguments: Namespace, home: Path) -> int:
    simulator = SimulatorProcess(seed=arguments.seed, venues=VENUES, rows=arguments.rows, tick_rate=arguments.tick_rate)
    async with simulator:
        session = await Session.open(demo_choices(simulator, home))
        crash: asyncio.Task[None] | None = None
        try:
            for venue in VENUES:
                await session.store.add_account(Account(AccountId(venue), venue, utc_now(), "read", tier="pro"))
            await session.accounts_changed()
            if arguments.crash is not None:
                crash = asyncio.create_task(_crash_later(simulator, arguments.crash))
            app = HarvestApp(session)
            await app.run_async()
            return app.return_code or 0
        finally:
            if crash is not None:
                crash.cancel()
            await session.close()


async def _crash_later(simulator: SimulatorProcess, percent: float) -> None:
    await asyncio.sleep(_CRASH_AFTER_SECONDS)
    await simulator.crash(percent)
