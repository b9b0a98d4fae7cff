"""The charts on the screen: opened by keys, told in words, alive under prices, plain where the terminal is."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from harvest_tui.core.records import Account, AccountId, Quote
from harvest_tui.errors import InputError
from harvest_tui.keys import GivenKeys
from harvest_tui.session.charting import Charts
from harvest_tui.session.choices import Choices
from harvest_tui.session.run import Session
from harvest_tui.settings import Settings, locate
from harvest_tui.ui.app import HarvestApp
from harvest_tui.ui.screens.charts import LOADING, ChartsScreen
from harvest_tui.ui.widgets.chart import Chart
from harvest_tui.ui.widgets.ladder_picture import ladder_picture
from support.charted import ChartedSession, candles_of
from support.hostile_names import HOSTILE_NAMES, hostile_session, is_harmless
from support.lot_events import buy
from support.on_screen import lot_table, shown, until
from support.sample_portfolio import NOW, SampleSession, make_lot, make_portfolio

BRAILLE = {chr(code) for code in range(0x2801, 0x2900)}
SOURCE = Path(__file__).parents[2] / "src" / "harvest_tui"


def text_of(app: HarvestApp) -> str:
    return "\n".join(shown(app))


def words_of(app: HarvestApp) -> str:
    """What is on screen with its line ends taken out."""
    return " ".join(" ".join(shown(app)).split())


async def drawn(pilot: Pilot[Any], words: str) -> None:
    """The screen says `words` and its chart has a line."""
    app = pilot.app
    assert isinstance(app, HarvestApp)
    await until(pilot, lambda: words in words_of(app) and bool(BRAILLE & set(text_of(app))))


async def test_v_opens_the_chart_of_the_asset_under_the_cursor_and_escape_goes_back() -> None:
    session = ChartedSession()
    app = HarvestApp(session)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("j")
        lot = lot_table(app).lot_at(lot_table(app).cursor)
        assert lot is not None
        await pilot.press("v")
        await drawn(pilot, f"harvest › charts › price of {lot.asset}, 90 days")
        assert session.charts.asked == [f"price {lot.asset}"]
        await pilot.press("escape")
        assert len(app.screen_stack) == 1


async def test_numbers_and_tab_turn_the_pages() -> None:
    session = ChartedSession()
    app = HarvestApp(session)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("v", "2")
        await drawn(pilot, "Best day missed: 2026-09-03 closed with 43,081.85 of losses in 12 lots")
        assert "[2 losses]" in shown(app)[1]
        await pilot.press("tab")
        await drawn(pilot, "The next dollar of short-term loss saves 0.24 now, of long-term loss 0.15.")
        await pilot.press("4")
        await until(pilot, lambda: "10 lots turn long-term, 9 of them at a loss of 28,937.84▼" in words_of(app))
        assert "[4 calendar]" in shown(app)[1]
        await pilot.press("shift+tab")
        await drawn(pilot, "From 18,000 on it saves nothing in 2026.")
        await pilot.press("1")
        await drawn(pilot, "charts › price of")


async def test_what_the_ladder_lacks_is_said_with_what_helps() -> None:
    session = ChartedSession()
    app = HarvestApp(session)
    async with app.run_test(size=(80, 24)):
        ladders = await session.charts.ladders()
        untold = ladder_picture(ladders, app.frame).notes[-1]
        assert untold.endswith("none are counted. To tell: harvest-tui profile set.")
        ladders = ladders._replace(limits=("1 sale with no purchase known.", *ladders.limits), gaps=1)
        assert ladder_picture(ladders, app.frame).notes[-1] == "1 sale with no purchase known. ! shows what to do."


async def test_a_click_on_a_tab_shows_it() -> None:
    app = HarvestApp(ChartedSession())
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("v")
        await drawn(pilot, "charts › price of")
        await pilot.click(offset=(shown(app)[1].index("3 ladder"), 1))
        await drawn(pilot, "marginal ladder")


async def test_the_sentence_counts_what_loses_at_the_latest_price_and_follows_it() -> None:
    session = ChartedSession()
    app = HarvestApp(session)
    async with app.run_test(size=(140, 40)) as pilot:
        await pilot.press("v")
        screen = app.screen
        assert isinstance(screen, ChartsScreen)
        screen.position = (AccountId("kraken"), session.held.ledger.lots[0].asset)
        screen.draw(app.frame)
        await drawn(pilot, "at 2,388.40 (kraken ETH/USD, 0s ago): 2 lots lose 14,307.64▼, 1 does not")
        session.price("ETH", "1000.5")
        app.tick()
        await until(pilot, lambda: "at 1,000.50" in words_of(app))
        losses = [
            lot.cost_basis - lot.quantity * Decimal("1000.5") for lot in session.held.ledger.lots if lot.asset == "ETH"
        ]
        assert all(loss > 0 for loss in losses)
        assert f"3 lots lose {sum(losses):,.2f}▼" in words_of(app)


async def test_brackets_go_through_the_assets_and_r_changes_the_range() -> None:
    session = ChartedSession()
    app = HarvestApp(session)
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.press("v", "right_square_bracket")
        assets = sorted({lot.asset for lot in session.held.ledger.lots})
        first = str(session.charts.asked[-1]).removeprefix("price ")
        await until(pilot, lambda: len(session.charts.asked) > 1 or first in assets)
        screen = app.screen
        assert isinstance(screen, ChartsScreen) and screen.position is not None
        asset = screen.position[1]
        await drawn(pilot, f"price of {asset}, 90 days")
        await pilot.press("r")
        await drawn(pilot, f"price of {asset}, 365 days")
        assert "2025-10-14 to 2026-10-14" in words_of(app)
        seen = [asset]
        for _ in range(len(assets) - 1):
            await pilot.press("right_square_bracket")
            seen.append(screen.position[1])
        assert sorted(seen) == assets
        await pilot.press("left_square_bracket")
        assert screen.position[1] == seen[-2]


async def test_every_chart_says_its_unit_its_days_and_its_source() -> None:
    app = HarvestApp(ChartedSession(without=frozenset({"SOL", "ADA"})))
    async with app.run_test(size=(140, 40)) as pilot:
        await pilot.press("v")
        await drawn(pilot, "US dollars a unit, 2026-07-16 to 2026-10-14. Daily closes (UTC): kraken")
        await pilot.press("2")
        await drawn(pilot, "US dollars of loss (not of tax), 2026-01-01 to 2026-10-13")
        assert "Left out for want of a price, of 286 days: SOL (286 days), ADA (61 days)" in words_of(app)
        await pilot.press("3")
        await drawn(pilot, "US dollars of 2026's tax saved by one of loss, from your lots and profile as of today")
        await pilot.press("4")
        await until(pilot, lambda: "US dollars at the latest prices, 2026-10-14 to 2027-10-17" in words_of(app))


async def test_without_past_prices_the_screen_says_what_to_do_and_f_does_it() -> None:
    session = ChartedSession(without=frozenset(lot.asset for lot in SampleSession().held.ledger.lots))
    app = HarvestApp(session)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await pilot.press("v", "2")
        await until(pilot, lambda: "No past price of 12 assets held this year is kept." in words_of(app))
        assert "f asks your exchanges for a year of daily prices and keeps them" in words_of(app)
        assert "36,738.64 of losses stand open at the latest prices." in words_of(app)
        await pilot.press("1")
        await until(pilot, lambda: "is kept." in words_of(app) and "No past price of" in words_of(app))
        await pilot.press("f")
        await drawn(pilot, "365 past prices kept.")
        assert len(session.charts.fetched) == 1 and len(session.charts.fetched[0]) == 1
        session.charts.without = frozenset({"BTC"})
        await pilot.press("2", "f")
        await until(pilot, lambda: len(session.charts.fetched) == 2)
        assert len(session.charts.fetched[1]) == 12


async def test_without_an_exchange_the_way_begins_with_one() -> None:
    session = ChartedSession(without=frozenset({"BTC", "ETH"}))
    session.known = (Account(AccountId("ledger"), "", NOW),)
    session.hold(make_portfolio([make_lot(1, "BTC")]))
    app = HarvestApp(session)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("v")
        await until(pilot, lambda: "a connects an exchange, which tells prices; then f asks" in words_of(app))


async def test_an_empty_portfolio_has_something_to_read_on_every_page() -> None:
    session = ChartedSession(held=make_portfolio(()), known=(), states={}, price_feeds={})
    app = HarvestApp(session)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("v")
        await until(pilot, lambda: "There is no lot yet." in words_of(app))
        await pilot.press("2")
        await until(pilot, lambda: "No lot with a known basis was held this year." in words_of(app))
        await pilot.press("4")
        await until(pilot, lambda: "No lot turns long-term in the next 12 months." in words_of(app))
        await pilot.press("1", "right_square_bracket", "r")
        await until(pilot, lambda: "There is no lot yet." in words_of(app))


async def test_what_cannot_be_told_is_said_in_its_own_words() -> None:
    app = HarvestApp(SampleSession())
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await pilot.press("v")
        await until(pilot, lambda: "the cache is still being opened" in words_of(app))
        await pilot.press("f")
        await until(pilot, lambda: words_of(app).count("the cache is still being opened") == 2)


async def test_standing_still_draws_nothing_and_a_storm_of_prices_draws_once_a_second() -> None:
    session = ChartedSession()
    app = HarvestApp(session)
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.press("v")
        await drawn(pilot, "charts › price of")
        screen, chart = app.screen, app.screen.query_one(Chart)
        assert isinstance(screen, ChartsScreen) and screen.position is not None
        clock = [screen._drawn_at + 10]
        screen._clock = lambda: clock[0]
        before, asset = chart.drawings, screen.position[1]
        for _ in range(20):
            app.tick()
            await pilot.pause()
        assert chart.drawings == before
        for number in range(12):
            session.price(asset, str(100 + number))
            clock[0] += 0.25
            app.tick()
            await pilot.pause()
        assert chart.drawings == before + 3
        assert session.charts.asked == [f"price {asset}"]


async def test_new_facts_are_read_and_drawn() -> None:
    session = ChartedSession()
    app = HarvestApp(session)
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.press("v", "4")
        await until(pilot, lambda: "10 lots turn long-term" in words_of(app))
        session.hold(make_portfolio([make_lot(1, "BTC", held_days=20)]))
        app.tick()
        await until(pilot, lambda: "1 lot turns long-term" in words_of(app))


@pytest.mark.parametrize("size", [(80, 24), (140, 40)])
async def test_hostile_names_are_shown_as_text_and_never_obeyed(size: tuple[int, int]) -> None:
    held = hostile_session()
    session = ChartedSession(held=held.held, known=held.known, states=held.states, price_feeds=held.price_feeds)
    app = HarvestApp(session)
    async with app.run_test(size=size) as pilot:
        await pilot.press("v")
        for name in HOSTILE_NAMES:
            screen = app.screen
            assert isinstance(screen, ChartsScreen)
            screen.position = next(key for key in session.held.positions if key[1] == name)
            screen.draw(app.frame)
            await until(pilot, lambda: "US dollars a unit" in words_of(app))
            assert all(is_harmless(line) for line in shown(app)), name
        for tab, words in (("2", "US dollars of loss"), ("4", "turn long-term")):
            await pilot.press(tab)
            await until(pilot, lambda words=words: words in words_of(app))  # type: ignore[misc]
            assert all(is_harmless(line) for line in shown(app))


async def test_a_plain_terminal_gets_ascii_marks_and_no_less_to_read() -> None:
    app = HarvestApp(ChartedSession())
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("v")
        await drawn(pilot, "charts › price of")
        chart = app.screen.query_one(Chart)
        chart.is_plain = True
        for tab, sign in (("1", "*"), ("2", "v"), ("3", "|"), ("4", "x")):
            await pilot.press(tab)
            await until(pilot, lambda: LOADING not in text_of(app) and chart.drawings > 0)
            await pilot.pause(0.1)
            top, bottom = chart.region.y, chart.region.bottom
            lines = shown(app)[top:bottom]
            assert all(line.isascii() for line in lines), lines
            assert any(sign in line for line in lines), (tab, lines)


async def test_without_colours_none_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    app = HarvestApp(ChartedSession())
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("v")
        await drawn(pilot, "charts › price of")
        chart = app.screen.query_one(Chart)
        assert not {span.style for span in chart.render().spans if "color" in str(span.style) or "#" in str(span.style)}
        assert {chart._colour(role) for role in ("gain", "loss", "muted")} == {"default"}


@pytest.mark.parametrize("size", [(1, 1), (12, 4), (30, 8), (60, 12), (200, 60)])
async def test_any_size_is_drawn_without_harm(size: tuple[int, int]) -> None:
    app = HarvestApp(ChartedSession())
    async with app.run_test(size=size) as pilot:
        await pilot.press("v")
        for tab in "1234":
            await pilot.press(tab)
            await pilot.pause(0.1)
        assert app.screen.TITLE == "charts"


def test_the_first_paint_loads_no_plotting_and_one_file_alone_asks_for_it() -> None:
    code = (
        "import sys, harvest_tui.ui.app, harvest_tui.cli.monitor, harvest_tui.session.run;"
        " sys.exit(any(name.split('.')[0] in ('plotext', 'textual_plotext') for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
    doors = [
        path
        for path in SOURCE.rglob("*.py")
        if "plotext import" in path.read_text() or "import textual_plotext" in path.read_text()
    ]
    assert [path.relative_to(SOURCE).as_posix() for path in doors] == ["ui/widgets/chart.py"]


async def test_the_whole_way_on_a_real_home(tmp_path: Path) -> None:
    locations = locate(str(tmp_path))
    locations.create()
    session = await Session.open(
        Choices(locations, Settings(timezone="America/New_York"), GivenKeys({}), clock=lambda: NOW)
    )
    bought = [
        replace(buy("b1", 0, 2, "BTC", 190_000), executed_at=NOW - timedelta(days=200)),
        replace(buy("b2", 0, 1, "BTC", 20_000), executed_at=NOW - timedelta(days=100)),
    ]
    await session.import_events(bought, "ledger.csv", "00")
    candles = candles_of(bought[0].received.asset)  # type: ignore[union-attr]
    await session.store.save_candles(list(candles.values()))
    session._pricing.arrived({("kraken", "BTC"): Quote("BTC", Decimal(61_240), NOW, "kraken BTC/USD")})  # type: ignore[dict-item,arg-type]
    assert isinstance(session.charts, Charts)
    app = HarvestApp(session)
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.press("v")
        await drawn(pilot, "at 61,240.00 (kraken BTC/USD, 0s ago): 1 lot loses 67,520.00▼, 1 does not")
        await pilot.press("2")
        worst = min(
            (candle.close, day)
            for day, candle in candles.items()
            if candle.start >= NOW - timedelta(days=200, hours=16)
        )
        await drawn(pilot, f"Best day missed: {worst[1]} closed with {190_000 - 2 * worst[0]:,.2f} of losses in 1 lot")
        await pilot.press("3")
        await drawn(pilot, "The next dollar of short-term loss saves")
        await pilot.press("4")
        await until(pilot, lambda: "2 lots turn long-term, 1 of them at a loss of 67,520.00▼" in words_of(app))
        await pilot.press("f")
        with pytest.raises(InputError):
            await session.charts.fetch([candles[worst[1]].asset])
