"""The planner and the marks under keys alone, over a real session: a home with a year behind it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from harvest_tui.core.identification.record import RecordKind
from harvest_tui.core.tax.profile import Profile
from harvest_tui.session.run import Session
from harvest_tui.ui.app import HarvestApp
from harvest_tui.ui.widgets.candidate_list import CandidateList
from support.hostile_names import HOSTILE_NAMES, is_harmless
from support.on_screen import lot_table, shown, until
from support.planner_home import TAXPAYER, PlannerHome, opening_rows, tick

WIDE, NARROW = (140, 40), (80, 24)
KEYS = {"$": "dollar_sign", "%": "percent_sign", ".": "full_stop"}


class Stage:
    """The running app, its session, and what is on screen."""

    def __init__(self, app: HarvestApp, session: Session, pilot: Pilot[Any]) -> None:
        self.app, self.session, self.pilot = app, session, pilot

    @property
    def text(self) -> str:
        return "\n".join(shown(self.app))

    @property
    def candidates(self) -> CandidateList:
        return self.app.screen.query_one(CandidateList)

    def line(self, words: str) -> str:
        """The first line with these words; fails where there is none."""
        return next(line for line in shown(self.app) if words in line)

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

    async def see_no(self, words: str) -> None:
        """Waits until the words are gone."""

        def is_gone() -> bool:
            self.app.tick()
            return words not in self.text

        await until(self.pilot, is_gone)


@asynccontextmanager
async def stage(
    folder: Path, size: tuple[int, int] = WIDE, profile: Profile = TAXPAYER, rows: list[str] | None = None
) -> AsyncIterator[Stage]:
    home = PlannerHome(folder / "home", profile)
    await home.fill(rows)
    async with home.session() as session:
        await session.planner.weighed()
        app = HarvestApp(session)
        async with app.run_test(size=size) as pilot:
            await pilot.pause()
            yield Stage(app, session, pilot)


async def test_the_header_says_what_can_be_harvested_and_what_it_saves(tmp_path: Path) -> None:
    async with stage(tmp_path) as seen:
        line = shown(seen.app)[2]
        assert "Harvestable now short −28,938 long −7,801" in line
        assert "best set saves +2,940" in line
        assert "room: gains 9,650 deduction 3,000" in line
        assert "78 days to 31 Dec" in line


async def test_p_opens_the_planner_beside_the_lots_and_closes_it(tmp_path: Path) -> None:
    async with stage(tmp_path) as seen:
        await seen.press("p")
        await seen.see("Year 2026")
        assert "+10,850.50" in seen.line("net short-term")
        assert "−1,200.50" in seen.line("net long-term")
        assert "+9,650.00" in seen.line("both together")
        assert "78 days 13 h left, to 2026-12-31 23:59 EST" in seen.text
        assert "not told: next year's gains" in seen.text
        assert "harvest-tui profile set next-long-gain" in seen.text
        assert lot_table(seen.app).has_focus and "Unrealized" in seen.text
        await seen.press("p")
        await seen.see_no("Year 2026")


async def test_the_ladder_is_drawn_with_the_step_that_the_marks_have_reached(tmp_path: Path) -> None:
    async with stage(tmp_path) as seen:
        await seen.press("p")
        await seen.see("Next dollar of short-term loss saves")
        assert "◂ short-term gains of this year" in seen.line("24.0¢")
        assert "█" in seen.line("24.0¢")
        await seen.press("space")
        await seen.see("1 sold")
        assert "24.0¢" in seen.text and "◂" not in seen.line("24.0¢") and "◂" in seen.line("to 9,650")


async def test_space_marks_and_unmarks_and_the_totals_follow(tmp_path: Path) -> None:
    async with stage(tmp_path) as seen:
        await seen.press("p", "space")
        await seen.see("1 sold")
        row = next(line for line in shown(seen.app) if "−8,823.84" in line)
        assert row.startswith("●")
        # 12.4 ETH: proceeds after 0.4 % less 38,440 is 8,942.30 of short-term loss: 10,850.50 becomes 1,908.20
        assert "+1,908.20" in seen.line("net short-term") and "−8,942.30" in seen.line("net short-term")
        await seen.press("space")
        await seen.see("Nothing is marked")
        assert not any(line.startswith("●") for line in shown(seen.app))


async def test_marks_can_be_undone_made_again_and_survive_a_restart(tmp_path: Path) -> None:
    home = PlannerHome(tmp_path / "home")
    await home.fill()
    async with home.session() as session:
        app = HarvestApp(session)
        async with app.run_test(size=WIDE) as pilot:
            await pilot.press("space", "j", "space")
            await until(pilot, lambda: len(session.harvesting.plans.current.marks) == 2)
            await pilot.press("u")
            await until(pilot, lambda: len(session.harvesting.plans.current.marks) == 1)
            await pilot.press("ctrl+r")
            await until(pilot, lambda: len(session.harvesting.plans.current.marks) == 2)
    async with home.session() as session:
        app = HarvestApp(session)
        async with app.run_test(size=WIDE) as pilot:
            app.tick()
            await until(pilot, lambda: sum(line.startswith("●") for line in shown(app)) == 2)


@pytest.mark.parametrize(("words", "units"), [("0.5", "0.5"), ("25%", "3.1"), ("$1200", "1.664000"), ("max", "12.4")])
async def test_m_marks_a_part_as_it_is_typed(tmp_path: Path, words: str, units: str) -> None:
    async with stage(tmp_path) as seen:
        await seen.press("m")
        await seen.see("How much of 12.4 ETH in coinbase?")
        await seen.press(
            *({"$": "dollar_sign", "%": "percent_sign", ".": "full_stop"}.get(c, c) for c in words), "enter"
        )
        await until(seen.pilot, lambda: bool(seen.session.harvesting.marked()))
        (marked,) = seen.session.harvesting.marked()
        assert str(marked.quantity).startswith(units)
        await seen.see_no("How much of")
        assert lot_table(seen.app).has_focus
        sign = "●" if units == "12.4" else "◐"
        await until(seen.pilot, lambda: any(line.startswith(sign) for line in shown(seen.app)))


async def test_a_part_that_is_not_there_is_refused_and_can_be_mended(tmp_path: Path) -> None:
    async with stage(tmp_path) as seen:
        await seen.press("m", "9", "9", "enter")
        await seen.see("the lot has 12.4 units: write that or less, above zero")
        assert seen.session.harvesting.marked() == ()
        await seen.press("backspace", "backspace", "2", "enter")
        await until(seen.pilot, lambda: [one.quantity for one in seen.session.harvesting.marked()] == [Decimal(2)])
        await seen.press("m", "escape")
        await seen.see_no("How much of")
        assert lot_table(seen.app).has_focus and len(seen.session.harvesting.marked()) == 1


async def test_capital_m_marks_every_losing_lot_of_the_asset(tmp_path: Path) -> None:
    async with stage(tmp_path) as seen:
        await seen.press("M")
        await until(seen.pilot, lambda: len(seen.session.harvesting.marked()) == 2)
        marked = seen.session.harvesting.marked()
        assert {(one.mark.asset, one.mark.account) for one in marked} == {("ETH", "coinbase"), ("ETH", "kraken")}
        assert all(one.lot is not None and one.lot.cost_basis > one.quantity * Decimal("2388.4") for one in marked)
        await seen.press("u")
        await until(seen.pilot, lambda: seen.session.harvesting.marked() == ())


async def test_capital_a_marks_the_best_set_and_nothing_else(tmp_path: Path) -> None:
    async with stage(tmp_path) as seen:
        await seen.press("p", "G", "space")
        await until(seen.pilot, lambda: len(seen.session.harvesting.marked()) == 1)
        await seen.press("A")
        outlook = seen.app.frame.planner.outlook  # type: ignore[union-attr]
        best = {mark.lot.lot_id: mark.quantity for mark in outlook.plan.marks}  # type: ignore[union-attr]
        await until(seen.pilot, lambda: {m.mark.lot_id: m.quantity for m in seen.session.harvesting.marked()} == best)
        await seen.see(f"{len(best)} sold")
        assert "16,910.00" in seen.line("federal tax") and "−2,940.00" in seen.line("federal tax")
        await seen.press("u")
        await until(seen.pilot, lambda: len(seen.session.harvesting.marked()) == 1)


async def test_capital_t_chooses_the_best_set_for_the_next_target(tmp_path: Path) -> None:
    async with stage(tmp_path) as seen:
        await seen.press("p")
        await seen.see("Best set for largest net benefit")
        await seen.press("T")
        await seen.see("Best set for offset this year's gains")
        await seen.see("loss 9,650.00, saves 2,280.00")
        await seen.press("T")
        await seen.see("Best set for gains and the yearly deduction")
        await seen.press("T", "T")
        await seen.see("Best set for largest net benefit")


async def test_tab_moves_between_the_two_cursors_and_each_keeps_its_place(tmp_path: Path) -> None:
    async with stage(tmp_path) as seen:
        await seen.press("j", "j", "p", "tab", "j")
        assert seen.candidates.has_focus and seen.candidates.cursor == 1
        await seen.press("space")
        under = seen.candidates.lot_here
        await until(seen.pilot, lambda: [one.mark.lot_id for one in seen.session.harvesting.marked()] == [under])
        await seen.press("tab", "j")
        assert lot_table(seen.app).has_focus and lot_table(seen.app).cursor == 3
        assert seen.candidates.cursor == 1


async def test_nothing_jumps_under_the_cursor_until_it_is_asked_for(tmp_path: Path) -> None:
    async with stage(tmp_path) as seen:
        await seen.press("p", "tab", "j", "j")
        before = list(seen.candidates._order)
        under = seen.candidates.lot_here
        tick(seen.session, "SOL", "60")
        seen.session.planner.refresh()
        await seen.see("20,293")  # 31,050 less 180 x 60 x 0.996
        assert seen.candidates._order == before and seen.candidates.lot_here == under
        await seen.press("r")
        assert seen.candidates._order != before and seen.candidates.lot_here == under
        assert seen.candidates._order[0] != before[0]


async def test_the_planner_tells_of_the_lot_under_the_cursor_with_both_clocks(tmp_path: Path) -> None:
    async with stage(tmp_path) as seen:
        await seen.press("p")
        await seen.see("ETH coinbase, 12.4 bought 2026-06-14")
        assert "in 244 days (2027-06-15): saves as much then" in seen.line("in 244 days")
        assert "2,124.31 saved this year is lost" in seen.line("after 31 Dec")
        # 12.4 x 2,388.40 x 1.004, long-term a year and a day after today
        assert "basis 29,734.62, long-term 2027-10-15 (+122 d)" in seen.line("buy back")
        assert "a rise of +6.3 % while out" in seen.line("break-even")
        await seen.press("G")
        await seen.see("no loss to harvest")


async def test_a_lot_that_asks_for_a_reason_is_marked_only_with_one(tmp_path: Path) -> None:
    rows = [*opening_rows(), "W1,2026-05-05T10:00:00Z,kraken,deposit,,,9,ETH,,,"]
    async with stage(tmp_path, rows=rows) as seen:
        await seen.press("G")
        under = lot_table(seen.app).lot_at(lot_table(seen.app).cursor)
        assert under is not None and under.cost_basis is None
        await seen.press("space")
        await seen.see("its cost basis is unknown, so nobody knows what a sale loses")
        await seen.press("enter")
        await seen.see("a reason is asked for")
        assert seen.session.harvesting.marked() == ()
        await seen.press(*"gift", "enter")
        await until(seen.pilot, lambda: [one.mark.reason for one in seen.session.harvesting.marked()] == ["gift"])
        await seen.press("p")
        await seen.see("1 mark in no figure: no basis, no price or gone")


async def test_a_plan_is_written_down_after_a_yes_and_the_ticket_can_be_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    async with stage(tmp_path) as seen:
        await seen.press("C")
        assert await seen.session.harvesting.records() == []
        await seen.press("space", "C")
        await seen.see("Write down plan: 1 lot of ETH in coinbase, for good.")
        await seen.see("from 2027-01-01 the broker must be told")
        await seen.press("escape")
        assert await seen.session.harvesting.records() == []
        await seen.press("C")
        await seen.see("Write down plan")
        await seen.press("enter")
        await seen.see("harvest › ticket: record 1")
        (record,) = await seen.session.harvesting.records()
        assert record.kind is RecordKind.IDENTIFY and [lot.quantity for lot in record.lots] == [Decimal("12.4")]
        assert record.lots[0].net_benefit is not None and record.lots[0].net_benefit > 600
        assert "coinbase: sell 12.4 ETH" in seen.text
        await seen.press("y")
        assert "coinbase: sell 12.4 ETH" in seen.app.clipboard
        await seen.press("w")
        await seen.see("Write the ticket into which new file?")
        await seen.press("enter")
        written = tmp_path / "harvest-ticket-1.txt"
        await until(seen.pilot, written.exists)
        await seen.see_no("Write the ticket into which")
        assert written.read_text("utf-8") == seen.app.clipboard
        await seen.press("w", "enter")
        await seen.see("exists already")
        await seen.press("escape", "escape")
        await seen.see("Unrealized")
        assert seen.session.harvesting.marked() == ()


async def test_on_a_narrow_screen_the_planner_takes_the_place_of_the_lots(tmp_path: Path) -> None:
    async with stage(tmp_path, NARROW) as seen:
        await seen.press("p")
        await seen.see("2026     net short")
        assert seen.candidates.has_focus and "Unrealized" not in seen.text
        await seen.press("space")
        await seen.see("1 mark ")
        await seen.press("tab")
        await seen.see("Unrealized")
        assert lot_table(seen.app).has_focus and "net short" not in seen.text
        await seen.press("tab")
        await seen.see("net short")
        await seen.pilot.resize_terminal(140, 40)
        await seen.see("Unrealized")
        assert "Year 2026" in seen.text
        await seen.pilot.resize_terminal(80, 24)
        await seen.see("net short")


async def test_what_was_not_told_is_all_named(tmp_path: Path) -> None:
    async with stage(tmp_path, profile=Profile()) as seen:
        await seen.press("p")
        await seen.see("not told: ")
        told = " ".join(line.partition("│")[2].strip() for line in shown(seen.app))
        for name in ("wages", "gains made elsewhere", "filing status", "losses carried in", "next year's gains"):
            assert name in told
        assert "→ harvest-tui profile set wages 85000" in seen.text


@pytest.mark.parametrize("size", [WIDE, NARROW])
async def test_hostile_names_are_literal_and_harmless_in_planner_prompt_and_ticket(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    names = [name for name in HOSTILE_NAMES if name.isprintable() and not set(name) & set(' ,"')][:6]
    assert len(names) > 2
    at = "2026-06-14T10:00:00Z"
    rows = [f"L{n},{at},kraken,opening,,,{n + 1},{name},,{at},{9000 + n}" for n, name in enumerate(names)]
    home = PlannerHome(tmp_path / "home")
    await home.fill(rows, dict.fromkeys(names, "10.5"))
    async with home.session() as session:
        await session.planner.weighed()
        app = HarvestApp(session)
        async with app.run_test(size=size) as pilot:
            seen = Stage(app, session, pilot)
            for keys in (["p"], ["space"], ["m"], ["escape"], ["A"], ["C"], ["enter"]):
                await seen.press(*keys)
                await pilot.pause(0.05)
                assert all(is_harmless(line) for line in shown(app))
            await seen.see("ticket")
            assert all(is_harmless(line) for line in shown(app))


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["140x40", "80x24"])
@pytest.mark.parametrize("screen", ["planner", "candidates", "ticket"])
def test_the_planner_looks_as_it_did(
    screen: str,
    size: tuple[int, int],
    tmp_path: Path,
    snap_compare: Callable[..., bool],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("NO_COLOR", "TEXTUAL_THEME"):
        monkeypatch.delenv(name, raising=False)
    home = PlannerHome(tmp_path / "home")
    asyncio.run(home.fill())
    app = HarvestApp(home.opening())
    keys = {
        "planner": ["p", "A"],
        "candidates": ["p", *(["tab"] if size == WIDE else []), "space", "j"],
        "ticket": ["A", "C", "enter"],
    }[screen]
    unit = "sold" if size == WIDE else "mark"
    words = {"planner": f"5 {unit}", "candidates": f"1 {unit}", "ticket": "harvest › ticket"}[screen]

    async def play(pilot: Pilot[Any]) -> None:
        def is_weighed() -> bool:
            app.tick()
            return app.frame.planner is not None and app.frame.planner.outlook is not None

        await until(pilot, is_weighed)
        for key in keys:
            await pilot.press(key)
            await pilot.pause(0.2)
        await until(pilot, lambda: words in "\n".join(shown(app)))
        app.clear_notifications()
        app.tick()
        await pilot.pause()

    assert snap_compare(app, run_before=play, terminal_size=size)
