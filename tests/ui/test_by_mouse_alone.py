"""The whole app by mouse alone, on a narrow screen: what has no room on the line of keys is behind its last entry."""

from __future__ import annotations

from pathlib import Path

import pytest

from harvest_tui.ui.theme import DARK, LIGHT
from support.harvest_stage import NARROW, HarvestStage, harvest_stage
from support.mouse import Mouse
from support.on_screen import lot_table, until

SCREENS = {
    "Harvests": "harvest › harvests",
    "Alerts": "harvest › 0 alerts",
    "History": "harvest › tax year 2026",
    "Problems": "problems",
    "Accounts": "harvest › 3 accounts",
    "Asset": "kraken BTC/USD",
    "Settings": "harvest › settings",
    "Add account": "harvest › add account",
    "Explain lot": "harvest › why: ",
    "Chart: Marginal ladder": "[3 ladder]",
    "Plans": "harvest › 1 plan",
    "Choose columns": "harvest › lots › columns",
    "Help": "harvest › help: lots",
}


async def back(mouse: Mouse) -> None:
    """Leaves the screen by its line of keys."""
    depth = len(mouse.app.screen_stack)
    await mouse.key("esc back")
    await until(mouse.pilot, lambda: len(mouse.app.screen_stack) == depth - 1)


async def marked(stage: HarvestStage) -> set[str]:
    return {mark.lot_id for mark in stage.session.harvesting.plans.current.marks}


async def test_every_screen_is_reached_and_left_by_clicks(tmp_path: Path) -> None:
    async with harvest_stage(tmp_path, NARROW) as stage:
        mouse = Mouse(stage.app, stage.pilot)
        await mouse.click(" BTC ")
        for command, words in SCREENS.items():
            await mouse.command(command)
            await mouse.see(words)
            await back(mouse)
        assert len(stage.app.screen_stack) == 1


async def test_lots_are_sorted_grouped_found_and_opened_by_clicks(tmp_path: Path) -> None:
    async with harvest_stage(tmp_path, NARROW) as stage:
        mouse, table = Mouse(stage.app, stage.pilot), lot_table(stage.app)
        await mouse.click("Quantity")
        await until(stage.pilot, lambda: (table.sorting.column, table.sorting.descending) == ("quantity", False))
        await mouse.click("Quantity")
        await until(stage.pilot, lambda: table.sorting.descending)
        await mouse.click("Unrealized")
        await until(stage.pilot, lambda: table.sorting.column == "unrealized")
        await mouse.key("g group")
        await mouse.see("▸ SOL 1 lot")
        await mouse.click("▸ SOL", times=2)
        await mouse.see("▾ SOL 1 lot")
        for _ in range(3):
            await mouse.key("g group")
        await until(stage.pilot, lambda: not table.wish.group)
        await mouse.key("/ filter")
        await until(stage.pilot, lambda: stage.app.focused is not table)
        await mouse.click(" AVAX ")
        await until(stage.pilot, lambda: stage.app.focused is table)
        top = table.scroll_offset.y
        await mouse.turn((20, 12), 2)
        await until(stage.pilot, lambda: table.scroll_offset.y > top)
        await mouse.turn((20, 12), -4)
        await mouse.click(" AVAX ", times=2)
        await mouse.see("harvest › AVAX in coinbase")
        await mouse.key("e explain")
        await mouse.see("harvest › why: AVAX in coinbase")
        await back(mouse)
        await back(mouse)
        await mouse.command("Next theme")
        await until(stage.pilot, lambda: stage.app.theme == LIGHT)
        assert stage.app.theme != DARK


async def test_lots_are_marked_planned_and_written_down_by_clicks(tmp_path: Path) -> None:
    async with harvest_stage(tmp_path, NARROW) as stage:
        mouse = Mouse(stage.app, stage.pilot)
        await until(stage.pilot, lambda: not stage.session.planner.view().is_weighing)
        await mouse.click(" AVAX ")
        await mouse.key("space mark")
        await until(stage.pilot, lambda: len(stage.session.harvesting.plans.current.marks) == 1)
        await mouse.key("p planner")
        await mouse.see("Best set for")
        await mouse.click("ETH ", below=11)
        await mouse.key("space mark")
        await until(stage.pilot, lambda: len(stage.session.harvesting.plans.current.marks) == 2)
        await mouse.key("p planner")
        await until(stage.pilot, lambda: mouse.sees("● coinbase AVAX"))
        await mouse.command("Mark part")
        await mouse.see("How much of")
        await mouse.click("esc no")
        await until(stage.pilot, lambda: not mouse.sees("How much of"))
        await mouse.command("Commit plan")
        await mouse.see("Write down plan")
        await mouse.click("enter ok")
        await mouse.see("harvest › ticket: record 1")
        assert len(await stage.session.harvesting.records()) == 1
        await back(mouse)
        await mouse.command("Harvests")
        await mouse.see("[verdicts 2]")
        await mouse.click("way back")
        await mouse.see("[way back")
        await mouse.click("no market")
        await mouse.see("[no market")
        await mouse.click("verdicts")
        await mouse.see("[verdicts 2]")


async def test_the_tabs_of_the_charts_and_the_end_by_clicks(tmp_path: Path) -> None:
    async with harvest_stage(tmp_path, NARROW) as stage:
        mouse = Mouse(stage.app, stage.pilot)
        await mouse.command("Chart: Price of the asset")
        await mouse.see("[1 price]")
        for tab in ("2 losses", "3 ladder", "4 calendar", "1 price"):
            await mouse.click(tab)
            await mouse.see(f"[{tab}]")
        await back(mouse)
        await mouse.command("Quit")
        await until(stage.pilot, lambda: not stage.app.is_running or stage.app._exit)
        assert stage.app.return_code == 0


@pytest.mark.parametrize("width", [80, 100, 140, 200])
async def test_a_line_of_keys_that_leaves_some_out_ends_in_the_way_to_all(tmp_path: Path, width: int) -> None:
    from harvest_tui.ui.app import HarvestApp
    from support.on_screen import shown
    from support.sample_portfolio import SampleSession

    app = HarvestApp(SampleSession())
    async with app.run_test(size=(width, 24)) as pilot:
        bar = shown(app)[-1]
        assert bar.rstrip().endswith("^p …" if "^p commands" not in bar else "^p commands")
        await Mouse(app, pilot).key("^p ")
        await until(pilot, lambda: len(app.screen_stack) == 2)
