"""Somebody in front of the whole program, with accounts at simulated venues and a taxpayer's figures: keys and eyes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

from textual.pilot import Pilot

from harvest_tui.core.identification.verdict import Verdict
from harvest_tui.core.lots.ledger import Lot
from harvest_tui.core.records import Account, AccountId, LotId
from harvest_tui.core.tax.profile import Profile
from harvest_tui.core.tax.taxpayer import FilingStatus
from harvest_tui.session import SyncPhase
from harvest_tui.session.run import Session
from harvest_tui.settings import Settings
from harvest_tui.simulator.process import SimulatorProcess
from harvest_tui.ui.app import HarvestApp
from harvest_tui.ui.screens.ticket import TicketScreen
from support.journey import until, until_told
from support.on_screen import lot_table, shown
from support.simulated import choices_for, impatient

VENUES = ("kraken", "coinbase")
ZONE = ZoneInfo("America/New_York")
TAXPAYER = Profile(
    status=FilingStatus.SINGLE,
    wages=Decimal(140_000),
    short_gain=Decimal(6_000),
    long_gain=Decimal(0),
    fee=Decimal("0.0025"),
)


@asynccontextmanager
async def opened(simulator: SimulatorProcess, home: Path) -> AsyncIterator[Session]:
    """A home of a taxpayer with one account a venue; nothing synced yet."""
    settings = Settings(timezone=str(ZONE), profile=TAXPAYER)
    session = await Session.open(choices_for(simulator, home, impatient(20))._replace(settings=settings))
    try:
        for venue in VENUES:
            await session.store.add_account(Account(AccountId(venue), venue, datetime.now(UTC), "read"))
        await session.accounts_changed()
        yield session
    finally:
        await session.close()


@dataclass
class Seat:
    """Somebody in front of the app: presses keys and looks."""

    app: HarvestApp
    pilot: Pilot[None]
    session: Session

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)

    async def see(self, words: str) -> None:
        async def is_seen() -> bool:
            return words in "\n".join(shown(self.app))

        await until_told(is_seen, f"{words!r} on the screen", 120)

    async def sync(self) -> None:
        """Presses `s` once no other sync is under way, and waits until every account is done."""
        await until(
            lambda: not any(worker.group == "sync" and worker.is_running for worker in self.app.workers),
            "the end of the sync before",
        )
        began = {name: state.finished_at for name, state in self.session.sync_states().items()}
        await self.press("s")
        await until(
            lambda: all(
                state.phase is SyncPhase.DONE and state.finished_at != began[name]
                for name, state in self.session.sync_states().items()
            ),
            "synced",
            120,
        )

    async def go_to(self, lot: Lot) -> None:
        """Filters the lots to those of its position, and moves the cursor onto it."""
        await self.press("slash", "ctrl+u", *f"account:{lot.account} asset:{lot.asset}", "enter")
        table = lot_table(self.app)
        held = [one for one in self.session.facts().ledger.lots if (one.account, one.asset) == (lot.account, lot.asset)]
        await until(lambda: table.row_count == len(held), f"the lots of {lot.asset} alone")
        await self.press("home")
        for _ in held:
            here = table.lot_at(table.cursor)
            if here is not None and here.lot_id == lot.lot_id:
                return
            await self.press("j")
        raise AssertionError(f"{lot.lot_id} is not in the table")

    async def mark_best(self) -> tuple[frozenset[LotId], set[frozenset[LotId]]]:
        """Presses `A`; what is marked then, and every best set that there was meanwhile: prices move."""
        best: set[frozenset[LotId]] = set()

        def is_marked() -> bool:
            view = self.app.frame.planner
            if view is not None and view.outlook is not None:
                best.add(frozenset(mark.lot.lot_id for mark in view.outlook.plan.marks))
            return bool(self.session.harvesting.plans.current.marks)

        is_marked()
        await self.press("A")
        await until(is_marked, "the best set marked")
        return frozenset(mark.lot_id for mark in self.session.harvesting.plans.current.marks), best

    async def look(self, key: str, title: str, words: str) -> str:
        """Opens a screen by its key, waits for words on it, and leaves it again; what was seen."""
        await self.press(key)
        await until(lambda: self.app.screen.title == title or title == self.app.screen.TITLE, f"the {title}")
        await self.see(words)
        seen = "\n".join(shown(self.app))
        await self.press("escape")
        await until(lambda: len(self.app.screen_stack) == 1, "back at the lots")
        return seen

    async def write_down(self, lot: Lot) -> int:
        """Marks the lot, commits, and leaves the ticket again; the number of the record."""
        harvesting = self.session.harvesting
        before = len(await harvesting.records())
        await self.go_to(lot)
        await self.press("space")
        await until(lambda: harvesting.plans.current.mark_of(lot.lot_id) is not None, "marked")
        await self.press("C")
        await self.see("Write down plan")
        await self.press("enter")
        await until(lambda: isinstance(self.app.screen, TicketScreen), "the ticket")
        await self.see(f"{lot.account}: sell")
        record = (await harvesting.records())[before]
        # Exchanges cut times to whole seconds: what comes after this one is told as later than the record.
        stands = record.stands_from(lot.account) + timedelta(seconds=1)
        await until(lambda: self.session.now() > stands, "the record stands at the venue")
        await self.press("escape")
        await until(lambda: len(self.app.screen_stack) == 1, "back at the lots")
        return before + 1

    def lots(self, account: str, asset: str) -> list[Lot]:
        """Of the position, the oldest first."""
        held = [one for one in self.session.facts().ledger.lots if (one.account, one.asset) == (account, asset)]
        return sorted(held, key=lambda lot: lot.acquired_at)

    async def verdict(self, record: int) -> Verdict:
        """Of the record's only lot."""
        (found,) = [one for one in (await self.session.harvesting.judged()).verdicts if one.record == record]
        return found
