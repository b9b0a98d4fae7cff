"""A real session over the real clients, on the simulator's loopback."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from harvest_tui.core.records import Account, AccountId
from harvest_tui.exchanges.retry import Pacing
from harvest_tui.keys import GivenKeys
from harvest_tui.session.choices import Choices, Loopback
from harvest_tui.session.run import Session
from harvest_tui.settings import Settings, locate
from harvest_tui.simulator.process import SimulatorProcess


class Hurried:
    """A clock that jumps ahead whenever somebody sleeps, so that waits cost nothing and buckets still refill."""

    def __init__(self) -> None:
        self._ahead = 0.0

    def clock(self) -> float:
        """Seconds, real ones and skipped ones."""
        return time.monotonic() + self._ahead

    async def sleep(self, seconds: float) -> None:
        """Skips the time and lets other tasks run."""
        self._ahead += seconds
        await asyncio.sleep(0)


def impatient(timeout_seconds: float = 5.0) -> Pacing:
    """Waits cost no time; only a request that gets no answer takes real seconds."""
    hurried = Hurried()
    return Pacing(clock=hurried.clock, sleep=hurried.sleep, timeout_seconds=timeout_seconds, keeps_limits=False)


def choices_for(simulator: SimulatorProcess, home: Path, pacing: Pacing | None = None) -> Choices:
    """A home under `home` whose exchanges are the simulator's."""
    locations = locate(str(home))
    locations.create()
    keys = GivenKeys({venue: simulator.credentials(venue) for venue in simulator.accounts})
    loopback = Loopback(simulator.routes, Path(simulator.ca_file))
    return Choices(locations, Settings(timezone="America/New_York"), keys, loopback, pacing=pacing)


@asynccontextmanager
async def connected(
    simulator: SimulatorProcess, home: Path, venues: Sequence[str], pacing: Pacing | None = None
) -> AsyncIterator[Session]:
    """An open session with one account a venue, named like it; nothing synced yet."""
    session = await Session.open(choices_for(simulator, home, pacing))
    try:
        known = {account.account for account in session.accounts()}
        for venue in venues:
            if venue not in known:
                await session.store.add_account(Account(AccountId(venue), venue, datetime.now(UTC), "read"))
        await session.accounts_changed()
        yield session
    finally:
        await session.close()
