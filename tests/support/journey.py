"""Waiting for states, and what a home, a ledger and a screen hold, for tests that run the whole program."""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from decimal import Decimal
from hashlib import sha256
from pathlib import Path

from harvest_tui.core.money import EXACT, ZERO
from harvest_tui.core.portfolio import Portfolio
from harvest_tui.core.records import AccountId, Amount, Asset, Event, EventKind
from harvest_tui.exchanges.retry import Pacing
from harvest_tui.session.choices import Choices, utc_now
from harvest_tui.session.run import Session
from harvest_tui.simulator.process import SimulatorProcess
from support.simulated import choices_for, impatient

Holdings = dict[tuple[AccountId, Asset], Decimal]


async def until(is_so: Callable[[], object], what: str, seconds: float = 60.0) -> float:
    """The seconds until it is so; fails where it is not in time."""
    began = time.monotonic()
    while not is_so():
        assert time.monotonic() - began < seconds, f"not within {seconds:.0f} s: {what}"
        await asyncio.sleep(0.02)
    return time.monotonic() - began


async def until_told(ask: Callable[[], Awaitable[bool]], what: str, seconds: float = 60.0) -> None:
    """As `until`, where somebody has to be asked."""
    began = time.monotonic()
    while not await ask():
        assert time.monotonic() - began < seconds, f"not within {seconds:.0f} s: {what}"
        await asyncio.sleep(0.05)


class Gate:
    """Waits for an exchange's limit last until the gate is opened; from then on they cost no time."""

    def __init__(self) -> None:
        self._opened = asyncio.Event()
        self._ahead = 0.0

    def clock(self) -> float:
        """Seconds that passed by waiting; it stands still before the gate."""
        return self._ahead

    async def sleep(self, seconds: float) -> None:
        """Returns once the gate is open."""
        await self._opened.wait()
        self._ahead += seconds
        await asyncio.sleep(0)

    def open(self) -> None:
        """Lets everybody through, now and later."""
        self._opened.set()

    def pacing(self) -> Pacing:
        """For a session whose limits are this gate."""
        return Pacing(clock=self.clock, sleep=self.sleep, timeout_seconds=10)


def lots_held(portfolio: Portfolio) -> Holdings:
    """Units in lots by account and asset."""
    sums: Holdings = defaultdict(lambda: ZERO)
    for lot in portfolio.ledger.lots:
        sums[lot.account, lot.asset] = EXACT.add(sums[lot.account, lot.asset], lot.quantity)
    return {key: held for key, held in sums.items() if held}


def events_held(events: Iterable[Event]) -> Holdings:
    """What the events leave in each account, dollars too: received less sent less fees."""
    sums: Holdings = defaultdict(lambda: ZERO)

    def book(account: AccountId, amount: Amount | None, sign: int) -> None:
        if amount is not None:
            key = (account, amount.asset)
            sums[key] = EXACT.add(sums[key], EXACT.multiply(amount.quantity, Decimal(sign)))

    for event in events:
        assert event.kind is not EventKind.TRANSFER, "an exchange tells one end of a move"
        book(event.account, event.received, 1)
        book(event.account, event.sent, -1)
        book(event.account, event.fee, -1)
    return {key: held for key, held in sums.items() if held}


def true_holdings(balances: Mapping[str, Mapping[str, str]], *, with_dollars: bool) -> Holdings:
    """The simulator's balances by venue, as `lots_held` and `events_held` tell them."""
    return {
        (AccountId(venue), Asset(asset)): Decimal(held)
        for venue, held_there in balances.items()
        for asset, held in held_there.items()
        if with_dollars or asset != "USD"
    }


async def synced(session: Session) -> None:
    """Syncs every account; fails where one could not."""
    for result in await session.sync_results():
        assert result.error is None, result.state.message


def files_of(home: Path) -> dict[str, str]:
    """Every file under `home` by its name, with the digest of its bytes. SQLite's shared memory is left out: readers
    mark their place in it."""
    return {
        str(path.relative_to(home)): sha256(path.read_bytes()).hexdigest()
        for path in sorted(home.rglob("*"))
        if path.is_file() and not path.name.endswith("-shm")
    }


@asynccontextmanager
async def opened_again(
    simulator: SimulatorProcess, home: Path, clock: Callable[[], datetime] = utc_now
) -> AsyncIterator[Session]:
    """A run on a home as the one before left it."""
    usual = choices_for(simulator, home, impatient(10))
    choices = Choices(usual.locations, usual.settings, usual.keys, usual.loopback, clock, usual.pacing)
    session = await Session.open(choices)
    try:
        yield session
    finally:
        await session.close()
