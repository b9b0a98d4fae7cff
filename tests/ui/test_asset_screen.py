"""One asset on a page: accounts, lots in the order of sales, running results at live prices, and the ways out of it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from textual.pilot import Pilot

from harvest_tui.core.records import AccountId, Asset, Balance
from harvest_tui.ui.app import HarvestApp
from harvest_tui.ui.screens.asset import AssetScreen
from harvest_tui.ui.screens.charts import ChartsScreen
from harvest_tui.ui.screens.explanation import ExplanationScreen
from harvest_tui.ui.screens.monitor import MonitorScreen
from harvest_tui.ui.widgets.asset_page import Choices, assets_of, page_of
from harvest_tui.ui.widgets.asset_rows import AssetRows
from support.charted import ChartedSession
from support.hostile_names import hostile_session, is_harmless
from support.on_screen import lot_table, shown, until
from support.sample_portfolio import NOW, SampleSession, make_lot, make_portfolio

ZONE = ZoneInfo("UTC")
ETH = Asset("ETH")


def text_of(app: HarvestApp) -> str:
    return "\n".join(shown(app))


def words_of(parts: tuple[object, ...]) -> str:
    return "".join(part if isinstance(part, str) else part[0] for part in parts)  # type: ignore[index]


@asynccontextmanager
async def on_eth(
    session: SampleSession, size: tuple[int, int] = (140, 40)
) -> AsyncIterator[tuple[HarvestApp, Pilot[Any]]]:
    """The page of ETH, opened from a lot of it."""
    app = HarvestApp(session)
    async with app.run_test(size=size) as pilot:
        table = lot_table(app)
        table.move_to(next(n for n in range(table.row_count) if (lot := table.lot_at(n)) and lot.asset == ETH))
        await pilot.press("7")
        await until(pilot, lambda: "harvest › ETH" in text_of(app))
        yield app, pilot


async def test_the_page_follows_prices_and_says_what_a_sale_up_to_a_lot_consumes() -> None:
    session = SampleSession()
    async with on_eth(session) as (app, pilot):
        lines = shown(app)
        assert lines[2].split()[:4] == ["coinbase", "HIFO", "1", "12.4"]
        assert lines[4].split()[:3] == ["in", "all", "3"]
        heading = "▾ kraken: a sale uses the highest cost first (HIFO)"
        kraken = next(n for n, line in enumerate(lines) if heading in line)
        assert lines[kraken + 1].split()[-4:] == ["3,301.99", "−5,483.80▼", "6.00250125", "−5,483.80▼"]
        assert lines[kraken + 2].split()[-4:] == ["1,470.00", "+2,755.20▲", "9.00250125", "−2,728.60▼"]
        await pilot.press("end")
        await until(pilot, lambda: "Selling 9.00250125 in this account uses 2 lots" in text_of(app))
        session.price("ETH", "4000")
        app.tick()
        await until(pilot, lambda: "+7,590.00▲" in text_of(app))
        assert "4,000 USD" in shown(app)[0]


async def test_other_assets_the_chart_the_story_and_the_lots_are_a_key_away() -> None:
    session = ChartedSession()
    async with on_eth(session, (80, 24)) as (app, pilot):
        assert isinstance(app.screen, AssetScreen)
        names = assets_of(session.portfolio())
        await pilot.press("right_square_bracket")
        await until(pilot, lambda: f"harvest › {names[names.index(ETH) + 1]} " in text_of(app))
        await pilot.press("left_square_bracket", "v")
        await until(pilot, lambda: "price of ETH" in text_of(app))
        assert isinstance(app.screen, ChartsScreen)
        await pilot.press("escape")
        await until(pilot, lambda: "harvest › ETH" in text_of(app))
        await pilot.press("e")
        assert isinstance(app.screen, ExplanationScreen)
        await pilot.press("escape", "right_square_bracket", "left_square_bracket", "enter")
        await until(pilot, lambda: isinstance(app.screen, MonitorScreen))
        assert lot_table(app).row_count == 3
        await pilot.press("7")
        await until(pilot, lambda: "harvest › ETH" in text_of(app))


async def test_hostile_names_and_an_empty_home_are_shown_as_they_are() -> None:
    app = HarvestApp(hostile_session())
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("7")
        for _ in range(8):
            assert all(is_harmless(line) for line in shown(app))
            await pilot.press("right_square_bracket")
    empty = HarvestApp(SampleSession(held=make_portfolio(())))
    async with empty.run_test(size=(80, 24)) as pilot:
        await pilot.press("7", "v", "e", "enter", "right_square_bracket")
        assert "Nothing is held yet." in text_of(empty)


def test_facts_name_the_days_ahead_what_is_locked_and_the_shadow_of_the_wash_sale_rule() -> None:
    lots = (
        make_lot(1, "ETH", "kraken", "2", "5000", 350),
        make_lot(2, "ETH", "coinbase", "3", "7000", 20),
        make_lot(3, "ETH", "coinbase", "1", "2000", 400),
    )
    portfolio = replace(
        make_portfolio(lots), balances=(Balance(AccountId("kraken"), ETH, Decimal(2), NOW, Decimal("1.5")),)
    )
    words = words_of(page_of(ETH, portfolio, {}, Choices(ZONE)).facts)
    assert f"2 from {lots[0].long_term_on} in 16d, 3 from {lots[1].long_term_on} in 346d" in words
    assert "1.5 in kraken staked" in words
    assert "3 in 1 lot, the last on 2026-09-24. Coins know no wash sales" in words
    assert "securities would not before 2026-10-25." in words
    bound = words_of(page_of(ETH, portfolio, {}, Choices(ZONE, securities=("ETH",))).facts)
    assert "A wash sale before 2026-10-25: a loss on so many units is deferred" in bound


def test_one_pool_is_one_order_over_all_accounts() -> None:
    lots = (make_lot(1, "ETH", "kraken", "2", "5000", 350), make_lot(2, "ETH", "coinbase", "3", "9000", 20))
    portfolio = make_portfolio(lots)
    pooled = page_of(ETH, portfolio, {AccountId("kraken"): "lifo"}, Choices(ZONE, "universal", "hifo"))
    [group] = pooled.groups
    assert [lot.account for lot in group.use.lots] == ["coinbase", "kraken"]
    apart = page_of(ETH, portfolio, {AccountId("kraken"): "lifo"}, Choices(ZONE, "account", "hifo"))
    assert [(one.account, one.use.order) for one in apart.groups] == [("coinbase", "hifo"), ("kraken", "lifo")]


async def test_ten_thousand_lots_cost_what_is_in_view() -> None:
    lots = tuple(make_lot(n, "ETH", "kraken", "0.5", str(1000 + n % 700), 10 + n % 900) for n in range(10_000))
    session = SampleSession(held=make_portfolio(lots))
    app = HarvestApp(session)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("7", "end")
        await until(pilot, lambda: "uses 10,000 lots" in text_of(app))
        rows = app.screen.query_one(AssetRows)
        before = rows.lines_drawn
        session.price("ETH", "2500")
        app.tick()
        await pilot.pause()
        assert 0 < rows.lines_drawn - before <= 2 * 24
