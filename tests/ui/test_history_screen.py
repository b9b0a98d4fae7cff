"""The history on screen: years, filter, groups, stories, copies and files, by keys only."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from textual.app import App, ComposeResult
from textual.pilot import Pilot
from textual.widgets import Input

from harvest_tui.core.lots.realized import Realized
from harvest_tui.ui.app import HarvestApp
from harvest_tui.ui.screens.explanation import ExplanationScreen
from harvest_tui.ui.screens.history import HistoryScreen
from harvest_tui.ui.screens.monitor import MonitorScreen
from harvest_tui.ui.widgets.history_entries import arrange, entries_of
from harvest_tui.ui.widgets.history_rows import HistoryRows, widths_of
from support.hostile_names import HOSTILE_NAMES, is_harmless
from support.on_screen import shown, until
from support.planner_home import PlannerHome
from support.sold_home import sold_home
from ui.test_history_entries import DISPOSALS, ZONE


def text_of(app: HarvestApp) -> str:
    return "\n".join(shown(app))


@asynccontextmanager
async def opened(home: PlannerHome, size: tuple[int, int] = (140, 40)) -> AsyncIterator[tuple[HarvestApp, Pilot[Any]]]:
    """The history of a home, read."""
    app = HarvestApp(home.opening())
    async with app.run_test(size=size) as pilot:
        await pilot.press("4")
        await says(app, pilot, "tax year 2026")
        yield app, pilot


async def says(app: HarvestApp, pilot: Pilot[Any], words: str) -> None:
    def does() -> bool:
        app.tick()
        return words in text_of(app)

    await until(pilot, does)


async def test_a_year_is_read_walked_filtered_and_grouped_by_keys(tmp_path: Path) -> None:
    home = await sold_home(tmp_path)
    async with opened(home) as (app, pilot):
        title = shown(app)[0]
        for words in ("short −14,481.41", "long +2,590.00", "net −11,891.41", "5 parts", "1 gap"):
            assert words in title
        lines = shown(app)[2:8]
        assert "no lot covers these units" in lines[0] and "7.6" in lines[0]
        assert all(word in lines[1] for word in ("2026-07-04", "12.4", "38,440.00", "−13,020.00▼", "short", "proven"))
        assert lines[3].split()[-3:] == ["long", "L", "proven"]

        await pilot.press("left_square_bracket")
        await says(app, pilot, "tax year 2025")
        assert "2025-12-31" in shown(app)[2], "half past eleven in New York, the next year in UTC"
        await pilot.press("left_square_bracket", "right_square_bracket")
        await says(app, pilot, "tax year 2026")

        await pilot.press("slash", *"loss>1k")
        await says(app, pilot, "2 parts")
        assert "net −18,831.91" in shown(app)[0]
        await pilot.press("enter", "g")
        await says(app, pilot, "by asset")
        assert shown(app)[2].split()[:4] == ["▾", "ETH", "2", "lines"]
        await pilot.press("slash", "escape")
        await says(app, pilot, "▾ PAXG  2 lines")
        await pilot.press("g", "g")
        await says(app, pilot, "▾ 2026-07  2 lines, 1 in no sum")
        await pilot.press("escape")
        assert isinstance(app.screen, MonitorScreen)


async def test_a_sale_tells_its_story_is_copied_and_goes_into_a_file(tmp_path: Path) -> None:
    home = await sold_home(tmp_path)
    async with opened(home, (80, 24)) as (app, pilot):
        await pilot.press("y")
        assert app.clipboard.split("\t")[:2] == ["2026-07-04", "coinbase"] and app.clipboard.endswith("coinbase:S4")
        await pilot.press("Y")
        assert app.clipboard.count("\n") == 7
        await pilot.press("H", "y", "down")
        assert app.clipboard.count("\n") == 7, "what is hidden is not copied"
        assert "25,420.00" not in text_of(app) and "•••••" in text_of(app)
        await pilot.press("H")

        await pilot.press("e")
        await until(pilot, lambda: "Sold 20 ETH" in text_of(app))
        assert isinstance(app.screen, ExplanationScreen)
        await pilot.press("escape")

        there = tmp_path / "there.csv"
        there.write_text("mine")
        await pilot.press("x")
        await says(app, pilot, "6 lines as CSV")
        field = app.screen.query_one("#prompt-field", Input)
        field.value = str(there)
        await pilot.press("enter")
        await says(app, pilot, "exists already")
        field.value = str(tmp_path / "new.csv")
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.focused, HistoryRows))
        rows = (tmp_path / "new.csv").read_text().splitlines()
        assert len(rows) == 7 and rows[1].endswith(",gap,coinbase:S4,,")
        assert there.read_text() == "mine"
        assert isinstance(app.screen, HistoryScreen) and isinstance(app.focused, HistoryRows)


async def test_many_sales_cost_what_is_in_view_and_hostile_names_are_text() -> None:
    sales = tuple(
        DISPOSALS[n % 4]._replace(asset=HOSTILE_NAMES[n % len(HOSTILE_NAMES)], account=HOSTILE_NAMES[n // 2 % 7])  # type: ignore[arg-type]
        for n in range(12_000)
    )
    year = Realized(2026, sales, ("J",) * len(sales), (), (), DISPOSALS[0].quantity, DISPOSALS[0].quantity, ZONE)
    entries = entries_of(year)
    rows = HistoryRows()

    class Host(App[None]):
        """Nothing but the list."""

        def compose(self) -> ComposeResult:
            yield rows

    app = Host()
    async with app.run_test(size=(80, 24)) as pilot:
        rows.focus()
        rows.show(arrange(entries, "", "asset"), widths_of(entries), ())
        await pilot.pause()
        before = rows.lines_drawn
        for _ in range(12):
            await pilot.press("down")
        await pilot.press("end", "pageup", "pageup")
        await pilot.pause()
        assert 0 < rows.lines_drawn - before < 30 * 24
        assert rows.row_count > 12_000
        assert all(is_harmless(line) for line in shown(app))
