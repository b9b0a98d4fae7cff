"""After the taxpayer's midnight terms, days and the year are those of the new day, though nothing else happens."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime
from pathlib import Path

from harvest_tui.core.lots.ledger import Term
from harvest_tui.core.portfolio import term_on
from harvest_tui.core.tax_days import days_left_in_year
from harvest_tui.errors import StoreError
from harvest_tui.session.midnight import LOOK_SECONDS, turn_day, turn_days
from support.planner_home import TAXPAYER, Clock, PlannerHome

EVE = datetime(2027, 1, 1, 4, 59, 30, tzinfo=UTC)
"""Half a minute to midnight in New York, on 31 December 2026."""
ROWS = [
    "L1,2025-12-31T20:00:00Z,kraken,trade,60000,USD,1,BTC,,,",
    "L2,2026-01-01T20:00:00Z,kraken,trade,7000,USD,2,ETH,,,",
]


class Sleep:
    """Waits for the test between two looks."""

    def __init__(self) -> None:
        self.asked: list[float] = []
        self.begun = asyncio.Event()
        self._goes_on = asyncio.Event()

    async def __call__(self, seconds: float) -> None:
        self.asked.append(seconds)
        self.begun.set()
        await self._goes_on.wait()
        self._goes_on.clear()

    async def pass_by(self) -> None:
        """One sleep is over, and the look after it is done."""
        self.begun.clear()
        self._goes_on.set()
        await self.begun.wait()


async def test_at_new_year_a_lot_turns_long_the_year_is_new_and_its_days_are_counted_anew(tmp_path: Path) -> None:
    home = PlannerHome(tmp_path / "home", TAXPAYER, Clock(EVE))
    await home.fill(ROWS, {"BTC": "50000", "ETH": "2000"})
    async with home.session() as session:
        sleep = Sleep()
        turning = asyncio.create_task(turn_days(session, sleep))
        await sleep.begun.wait()
        version = session.facts_version
        await sleep.pass_by()
        assert session.facts_version == version, "the same day"
        old = session.portfolio()
        assert (old.tax_day, days_left_in_year(old.tax_day)) == (date(2026, 12, 31), 0)
        assert [term_on(lot, old.tax_day) for lot in old.ledger.lots] == [Term.SHORT, Term.SHORT]
        assert (old.totals().harvestable_short, old.totals().harvestable_long) == (-13_000, 0)

        home.clock.pass_by(seconds=30)
        await sleep.pass_by()
        new = session.portfolio()
        assert (new.tax_day, days_left_in_year(new.tax_day)) == (date(2027, 1, 1), 364)
        assert [term_on(lot, new.tax_day) for lot in new.ledger.lots] == [Term.LONG, Term.SHORT]
        assert (new.totals().harvestable_short, new.totals().harvestable_long) == (-3_000, -10_000)
        assert session.facts_version == version + 1
        assert set(sleep.asked) == {LOOK_SECONDS}
        turning.cancel()
        await asyncio.gather(turning, return_exceptions=True)


async def test_a_full_disk_is_tried_again_and_a_clock_set_back_counts_too(tmp_path: Path) -> None:
    home = PlannerHome(tmp_path / "home", TAXPAYER, Clock(EVE))
    await home.fill(ROWS, {"BTC": "50000"})
    async with home.session() as session:

        class Failing:
            """The session, whose first load fails."""

            fails = True

            def __getattr__(self, name: str) -> object:
                return getattr(session, name)

            async def reload_facts(self) -> None:
                if self.fails:
                    self.fails = False
                    raise StoreError("the disk is full", "free some space")
                await session.reload_facts()

        home.clock.pass_by(minutes=1)
        sleep = Sleep()
        turning = asyncio.create_task(turn_days(Failing(), sleep))  # type: ignore[arg-type]
        await sleep.begun.wait()
        await sleep.pass_by()
        assert session.portfolio().tax_day == date(2026, 12, 31)
        await sleep.pass_by()
        assert session.portfolio().tax_day == date(2027, 1, 1)
        turning.cancel()
        await asyncio.gather(turning, return_exceptions=True)

        home.clock.pass_by(minutes=-5)
        assert await turn_day(session)
        assert session.portfolio().tax_day == date(2026, 12, 31)
        assert not await turn_day(session)


async def test_a_started_session_turns_its_days(tmp_path: Path) -> None:
    home = PlannerHome(tmp_path / "home", TAXPAYER, Clock(EVE))
    await home.fill(ROWS, {"BTC": "50000"})
    async with home.session() as session:
        await session.start()
        assert "turn days" in {task.get_name() for task in asyncio.all_tasks()}
