"""The running app over a home in which lots were written down and sold: what is imported is what a sync would store."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from textual.pilot import Pilot

from harvest_tui.core.records import AccountId, Amount, Asset, Event, EventId, EventKind, LotId
from harvest_tui.session import FeedState, FeedStatus
from harvest_tui.session.plan_sums import shares_of_benefit
from harvest_tui.session.run import Session
from harvest_tui.ui.app import HarvestApp
from support.on_screen import shown, until
from support.planner_home import PlannerHome, opening_rows
from support.sample_portfolio import NOW

WIDE, NARROW = (140, 40), (80, 24)
_BOUGHT = (NOW - timedelta(days=200)).isoformat()
DEAD = (
    f"N1,{_BOUGHT},binance,opening,,,1,punks#4412,,{_BOUGHT},5400",
    f"N2,{_BOUGHT},kraken,opening,,,9000,DEADCOIN,,{_BOUGHT},1210.55",
    f"N3,{_BOUGHT},kraken,opening,,,1,apes#9,,{_BOUGHT},2100",
)
"""Two tokens of their own and a coin without a price."""
MARKS = (("ETH", "coinbase", None), ("SOL", "kraken", "100"), ("AVAX", "coinbase", None))
"""12.4 ETH that cost 38,440, 100 of 180 SOL that cost 31,050, and 410 AVAX that cost 13,120."""


class HarvestStage:
    """The app, its session and what is on screen."""

    def __init__(self, home: PlannerHome, session: Session, app: HarvestApp, pilot: Pilot[Any]) -> None:
        self.home, self.session, self.app, self.pilot = home, session, app, pilot

    @property
    def lines(self) -> list[str]:
        return shown(self.app)

    @property
    def text(self) -> str:
        """What is on screen, lines that were folded put together."""
        return " ".join(" ".join(self.lines).split())

    @property
    def toasts(self) -> list[str]:
        """What is told at the edge of the screen."""
        return [one.message for one in self.app._notifications]

    def line(self, words: str) -> str:
        """The first line with these words; fails where there is none."""
        return next(line for line in self.lines if words in line)

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        self.app.tick()
        await self.pilot.pause()

    async def see(self, words: str) -> None:
        """Waits until the words are on screen."""

        def is_seen() -> bool:
            self.app.tick()
            return words in self.text

        await until(self.pilot, is_seen)

    async def tell(self, *events: Event) -> None:
        """What a sync would have stored."""
        await self.session.store.import_events(events, "test", events[0].event_id)
        await self.session.accounts_changed()

    async def commit(self, marks: Sequence[tuple[str, str, str | None]] = MARKS) -> None:
        """Marks the first lot of each asset in its account, or units of it, and writes them down."""
        harvesting = self.session.harvesting
        lots = {(lot.asset, lot.account): lot for lot in reversed(self.session.facts().ledger.lots)}
        chosen: dict[LotId, Decimal | None] = {
            lots[Asset(asset), AccountId(account)].lot_id: None if units is None else Decimal(units)
            for asset, account, units in marks
        }
        await harvesting.mark_only(chosen)
        shares = shares_of_benefit(self.session.planner, harvesting.marked(), self.session.portfolio())
        await harvesting.commit(benefits=shares)

    def event(
        self,
        name: str,
        account: str,
        sent: tuple[str, str] | None,
        received: tuple[str, str] | None,
        fee: tuple[str, str] | None = None,
        *,
        kind: str = "trade",
        value: str | None = None,
        minutes_ago: int = 0,
    ) -> Event:
        """Something that happens now in an account."""
        return Event(
            EventId(f"{account}:{name}"),
            AccountId(account),
            EventKind(kind),
            self.home.clock() - timedelta(minutes=minutes_ago),
            _amount(sent),
            _amount(received),
            _amount(fee),
            value=None if value is None else Decimal(value),
        )

    def ask_in_vain(self, *assets: str) -> None:
        """Live prices of an exchange that has no market for these."""
        names = tuple(Asset(name) for name in assets)
        self.session._pricing._states["kraken"] = FeedState("kraken", FeedStatus.LIVE, self.home.clock(), "", names)

    async def sell_all(self) -> None:
        """An hour later all ETH and 40 of the SOL are sold, two hours later all AVAX."""
        self.home.clock.pass_by(hours=1)
        await self.tell(
            self.event("f1", "coinbase", ("12.4", "ETH"), ("29500.10", "USD"), ("44.25", "USD")),
            self.event("f2", "kraken", ("40", "SOL"), ("5640", "USD"), ("9", "USD")),
        )
        self.home.clock.pass_by(hours=1)
        await self.tell(self.event("f3", "coinbase", ("410", "AVAX"), ("9890", "USD"), ("20", "USD")))


def _amount(told: tuple[str, str] | None) -> Amount | None:
    return None if told is None else Amount(Decimal(told[0]), Asset(told[1]))


@asynccontextmanager
async def harvest_stage(
    folder: Path, size: tuple[int, int] = WIDE, rows: Sequence[str] = DEAD
) -> AsyncIterator[HarvestStage]:
    """The app on the home of the planner's tests and what nobody prices; nothing is written down yet."""
    home = PlannerHome(folder / "home")
    await home.fill([*opening_rows(), *rows])
    async with running(home, size) as stage:
        yield stage


@asynccontextmanager
async def running(home: PlannerHome, size: tuple[int, int] = WIDE) -> AsyncIterator[HarvestStage]:
    """One run on a home."""
    async with home.session() as session:
        await session.planner.weighed()
        await session.harvesting.load()
        app = HarvestApp(session)
        async with app.run_test(size=size) as pilot:
            await pilot.pause()
            yield HarvestStage(home, session, app, pilot)
