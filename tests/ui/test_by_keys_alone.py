"""The whole app by keys alone, on a narrow screen: sort, filter, group, mark, plan, write down, and every screen."""

from __future__ import annotations

from pathlib import Path

import pytest

from harvest_tui.core.identification.marks import Plan
from harvest_tui.ui.theme import BLUE_ORANGE, DARK, LIGHT
from support.harvest_stage import NARROW, HarvestStage, harvest_stage
from support.on_screen import lot_table, shown, until

SCREENS = {
    "2": "harvest › harvests",
    "3": "harvest › 0 alerts",
    "4": "harvest › tax year 2026",
    "5": "harvest › 3 problems",
    "6": "harvest › 3 accounts",
    "7": "harvest › ETH",
    "8": "harvest › settings",
    "exclamation_mark": "harvest › 3 problems",
    "c": "harvest › 3 accounts",
    "a": "harvest › add account",
    "e": "harvest › why: ETH in coinbase",
    "v": "harvest › charts",
    "P": "harvest › 1 plan",
    "W": "harvest › lots › columns",
    "enter": "harvest › ETH in coinbase",
    "question_mark": "harvest › help: lots",
    "f1": "harvest › help: lots",
}


def plan_of(stage: HarvestStage) -> Plan:
    return stage.session.harvesting.plans.current


async def test_every_screen_has_a_key_and_escape_leads_back_to_the_lots(tmp_path: Path) -> None:
    async with harvest_stage(tmp_path, NARROW) as stage:
        for key, words in SCREENS.items():
            await stage.press(key)
            await stage.see(words)
            assert stage.lines[0].startswith(f" {words}"), "the title says where one is"
            await stage.press("escape")
            await until(stage.pilot, lambda: len(stage.app.screen_stack) == 1)
        await stage.press("8", "4", "2", "1")
        assert len(stage.app.screen_stack) == 1, "1 leads back to the lots from anywhere"


async def test_lots_are_sorted_grouped_filtered_found_and_moved_over(tmp_path: Path) -> None:
    async with harvest_stage(tmp_path, NARROW) as stage:
        table = lot_table(stage.app)
        await stage.press("greater_than_sign")
        assert table.sorting.column == "percent"
        await stage.press("less_than_sign", "i")
        assert (table.sorting.column, table.sorting.descending) == ("unrealized", True)
        await stage.press("i", "j", "down", "k", "end", "home", "pagedown", "pageup", "G")
        assert table.cursor == table.row_count - 1 == 18
        await stage.press("home", "f", *"sol")
        here = table.lot_at(table.cursor)
        assert here is not None and here.asset == "SOL"
        await stage.press("escape", "g")
        await stage.see("19 lots by asset")
        await stage.press("home", "plus")
        await stage.see("▾ ETH 3 lots")
        await until(stage.pilot, lambda: any("▾ ETH  3 lots" in line and "−18.4%" in line for line in stage.lines))
        await stage.press("minus", "g", "g", "g")
        await stage.press("slash", *"loss>5000 short", "enter")
        await stage.see("/ loss>5000 short 3 of 19 lots")
        await stage.press("escape")
        await until(stage.pilot, lambda: table.row_count == 19)


async def test_lots_are_marked_planned_and_written_down(tmp_path: Path) -> None:
    async with harvest_stage(tmp_path, NARROW) as stage:
        await stage.press("space", "j", "space")
        await until(stage.pilot, lambda: len(plan_of(stage).marks) == 2)
        await stage.press("m", *"50%", "enter")
        await until(stage.pilot, lambda: [mark.quantity is None for mark in plan_of(stage).marks].count(False) == 1)
        await stage.press("u", "u")
        await until(stage.pilot, lambda: len(plan_of(stage).marks) == 1)
        await stage.press("ctrl+r")
        await until(stage.pilot, lambda: len(plan_of(stage).marks) == 2)
        await stage.press("p")
        await stage.see("Best set for largest net benefit")
        await stage.press("T")
        await stage.see("Best set for")
        before = {mark.lot_id for mark in plan_of(stage).marks}
        await stage.press("home", "j", "j", "space")
        await until(stage.pilot, lambda: {mark.lot_id for mark in plan_of(stage).marks} != before)
        await stage.press("ctrl+t", *"loss 5000", "enter")
        await stage.see("5,000")
        await stage.press("A")
        outlook = stage.session.planner.view().outlook
        assert outlook is not None
        best = {mark.lot.lot_id for mark in outlook.plan.marks}
        await until(stage.pilot, lambda: bool(best) and {mark.lot_id for mark in plan_of(stage).marks} == best)
        await stage.press("tab", "tab", "p", "C")
        await stage.see("Write down plan")
        await stage.press("escape")
        assert await stage.session.harvesting.records() == []
        await stage.press("C")
        await stage.see("Write down plan")
        await stage.press("enter")
        await stage.see("harvest › ticket: record 1")
        await stage.press("escape", "2", "tab")
        await stage.see("[way back")
        await stage.press("tab")
        await stage.see("[no market")
        await stage.press("shift+tab", "shift+tab")
        await stage.see("[verdicts")


async def test_themes_palette_figures_and_the_end(tmp_path: Path) -> None:
    async with harvest_stage(tmp_path, NARROW) as stage:
        seen = []
        for _ in range(3):
            await stage.press("t")
            seen.append(stage.app.theme)
        assert seen == [LIGHT, BLUE_ORANGE, DARK]
        await stage.press("H")
        await stage.see("•••••")
        await stage.press("H", "colon")
        await until(stage.pilot, lambda: len(stage.app.screen_stack) == 2)
        await stage.pilot.press(*"invert order")
        await until(stage.pilot, lambda: any("Turn the order round" in line for line in shown(stage.app)))
        await stage.pilot.press("enter", "enter")
        await until(stage.pilot, lambda: lot_table(stage.app).sorting.descending)
        await stage.pilot.press("q")
        await until(stage.pilot, lambda: stage.app._exit)
        assert stage.app.return_code == 0


@pytest.mark.parametrize("tab", ["1", "2", "3", "4"])
async def test_each_chart_has_a_key(tmp_path: Path, tab: str) -> None:
    from harvest_tui.ui.app import HarvestApp
    from support.charted import ChartedSession

    app = HarvestApp(ChartedSession())
    async with app.run_test(size=NARROW) as pilot:
        await pilot.press("v", tab)
        await until(pilot, lambda: f"[{tab} " in shown(app)[1])
