"""The lot table under keys, ticks and new facts."""

from __future__ import annotations

from datetime import timedelta

import pytest

from harvest_tui.ui.app import HarvestApp
from harvest_tui.ui.widgets.lot_table import IDLE_SECONDS, SLOW_SORT
from support.on_screen import lot_table, shown, until
from support.sample_portfolio import (
    SampleSession,
    make_lot,
    make_portfolio,
    many_lots,
    sample_lots,
    troubled_session,
)


def lots_on(app: HarvestApp) -> list[str]:
    table = lot_table(app)
    return [table.lot_at(row).lot_id for row in range(table.row_count)]  # type: ignore[union-attr]


def titles(app: HarvestApp) -> str:
    return shown(app)[lot_table(app).region.y]


def line_below_titles(app: HarvestApp) -> str:
    return shown(app)[lot_table(app).region.y + 1]


async def test_the_largest_loss_is_on_top_and_every_figure_is_the_exact_one() -> None:
    app = HarvestApp(SampleSession())
    async with app.run_test(size=(140, 40)):
        top = shown(app)[4]
        assert "ETH" in top
        assert "38,440.00" in top  # basis
        assert "29,616.16" in top  # 12.4 x 2,388.40
        assert "−8,823.84▼" in top
        assert "−23.0%" in top
        assert "short 122d" in top


async def test_vim_and_arrow_keys_move_and_stop_at_both_ends() -> None:
    app = HarvestApp(SampleSession(held=make_portfolio(many_lots(500))))
    async with app.run_test(size=(100, 24)) as pilot:
        table = lot_table(app)
        await pilot.press("j", "down", "k")
        assert table.cursor == 1
        await pilot.press("up", "up", "up")
        assert table.cursor == 0
        await pilot.press("pagedown")
        page = table.view_rows - 1
        assert table.cursor == page
        await pilot.press("G")
        assert table.cursor == 499
        assert table.scroll_offset.y == 500 - table.view_rows
        await pilot.press("down", "pageup", "home")
        assert table.cursor == 0
        await until(pilot, lambda: table.scroll_offset.y == 0)


async def test_a_tick_repaints_only_the_visible_lines_whose_price_moved() -> None:
    session = SampleSession()
    app = HarvestApp(session)
    async with app.run_test(size=(140, 40)) as pilot:
        table = lot_table(app)
        table.fading = None
        await pilot.pause(0.1)
        before = table.lines_drawn
        session.price("BTC", "61250")
        app.tick()
        await until(pilot, lambda: any("61,250.00" in line for line in shown(app)))
        bitcoin_lots = sum(lot.asset == "BTC" for lot in sample_lots())
        assert table.lines_drawn - before == bitcoin_lots == 3
        await pilot.pause(0.3)
        assert table.lines_drawn - before == 3


async def test_a_tick_out_of_view_repaints_nothing() -> None:
    session = SampleSession(held=make_portfolio(many_lots(3_000)))
    app = HarvestApp(session)
    async with app.run_test(size=(140, 24)) as pilot:
        table = lot_table(app)
        visible = {table.lot_at(row).asset for row in range(table.view_rows)}  # type: ignore[union-attr]
        elsewhere = next(asset for _, asset in session.held.positions if asset not in visible)
        await pilot.pause(0.1)
        before = table.lines_drawn
        session.price(elsewhere, "101")
        app.tick()
        await pilot.pause(0.3)
        assert table.lines_drawn == before
        assert table.is_sort_pending


async def test_rows_never_change_places_while_the_user_moves_but_do_after_a_rest() -> None:
    session = SampleSession()
    app = HarvestApp(session)
    async with app.run_test(size=(140, 40)) as pilot:
        table = lot_table(app)
        now = 1e9
        table._clock = lambda: now
        await pilot.press("j")
        before = lots_on(app)
        session.price("AVAX", "1")
        app.tick()
        now += IDLE_SECONDS - 0.1
        app.tick()
        assert lots_on(app) == before
        now += 0.2
        app.tick()
        assert lots_on(app) != before
        assert table.lot_at(0).asset == "AVAX"  # type: ignore[union-attr]


async def test_r_sorts_now_and_the_cursor_stays_on_its_lot() -> None:
    session = SampleSession()
    app = HarvestApp(session)
    async with app.run_test(size=(140, 40)) as pilot:
        table = lot_table(app)
        await pilot.press("j", "j", "j", "j")
        held = table.lot_at(table.cursor)
        assert held is not None and held.asset == "AVAX"
        session.price("AVAX", "1")
        app.tick()
        assert table.cursor == 4
        await pilot.press("r")
        assert table.cursor == 0
        assert table.lot_at(0) is held


async def test_the_cursors_lot_stays_at_its_place_on_screen_when_thousands_change_order() -> None:
    app = HarvestApp(SampleSession(held=make_portfolio(many_lots(3_000))))
    async with app.run_test(size=(140, 24)) as pilot:
        table = lot_table(app)
        await pilot.press("pagedown", "pagedown", "pagedown", "up", "up")
        held, height = table.lot_at(table.cursor), table.cursor - table.scroll_offset.y
        table.sort_by("asset")
        await pilot.pause()
        assert table.lot_at(table.cursor) is held
        assert table.cursor - table.scroll_offset.y == height


async def test_the_cursor_stays_on_its_lot_when_new_facts_come_in() -> None:
    session = SampleSession()
    app = HarvestApp(session)
    async with app.run_test(size=(140, 40)) as pilot:
        table = lot_table(app)
        await pilot.press("j", "j")
        held = table.lot_at(table.cursor)
        assert held is not None
        worse = make_lot(80, "ETH", "kraken", "10", "99000", 20)
        session.hold(make_portfolio((worse, *sample_lots())))
        app.tick()
        assert table.lot_at(0) is worse
        assert table.cursor == 3
        assert table.lot_at(3).lot_id == held.lot_id  # type: ignore[union-attr]


async def test_when_the_cursors_lot_is_sold_the_cursor_stays_within_the_table() -> None:
    session = SampleSession()
    app = HarvestApp(session)
    async with app.run_test(size=(140, 40)) as pilot:
        table = lot_table(app)
        await pilot.press("G")
        session.hold(make_portfolio(sample_lots()[:2]))
        app.tick()
        await pilot.pause()
        assert 0 <= table.cursor < 2
        session.hold(make_portfolio(()))
        app.tick()
        await pilot.press("j", "enter", "G")
        assert table.cursor == 0
        assert len(app.screen_stack) == 1


async def test_header_clicks_and_keys_choose_the_sort_column() -> None:
    app = HarvestApp(SampleSession())
    async with app.run_test(size=(140, 40)) as pilot:
        table = lot_table(app)
        place = next(place for place in table.placed if place.column.key == "quantity")
        await pilot.click(table, offset=(place.x + place.width - 1, 0))
        assert (table.sorting.column, table.sorting.descending) == ("quantity", False)
        await pilot.click(table, offset=(place.x + place.width - 1, 0))
        assert (table.sorting.column, table.sorting.descending) == ("quantity", True)
        assert table.lot_at(0).asset == "DOGE"  # type: ignore[union-attr]
        assert "Quantity↓" in shown(app)[3]
        await pilot.press("greater_than_sign")
        assert (table.sorting.column, table.sorting.descending) == ("unit_cost", False)
        await pilot.press("less_than_sign", "less_than_sign", "i")
        assert (table.sorting.column, table.sorting.descending) == ("held", True)


async def test_all_columns_can_be_scrolled_to_on_a_narrow_screen() -> None:
    app = HarvestApp(SampleSession())
    async with app.run_test(size=(80, 24)) as pilot:
        assert not any("Term" in line for line in shown(app))
        await pilot.press("w")
        for _ in range(12):
            await pilot.press("l")
        await until(pilot, lambda: "Term" in shown(app)[4])
        await pilot.press("w")
        await until(pilot, lambda: "Account" in shown(app)[4] and "Term" not in shown(app)[4])


async def test_a_stale_price_shows_its_age_where_the_number_stands() -> None:
    app = HarvestApp(troubled_session())
    async with app.run_test(size=(140, 40)):
        line = next(line for line in shown(app) if "DOGE" in line)
        assert "0.11   12m" in line


async def test_a_price_grows_stale_without_any_message_from_the_session() -> None:
    session = SampleSession()
    app = HarvestApp(session)
    async with app.run_test(size=(140, 40)) as pilot:
        assert not any("11m" in line for line in shown(app))
        session.clock += timedelta(minutes=11)
        app.tick()
        await until(pilot, lambda: sum("11m" in line for line in shown(app)) == len(sample_lots()))


async def test_unknown_basis_and_price_are_dashes_never_zero() -> None:
    app = HarvestApp(troubled_session())
    async with app.run_test(size=(140, 40)):
        line = next(line for line in shown(app) if "WEIRD" in line)
        assert line.count(" - ") == 6
        assert "0.00" not in line


async def test_a_click_moves_the_cursor_and_a_double_click_opens_the_lot() -> None:
    app = HarvestApp(SampleSession())
    async with app.run_test(size=(140, 40)) as pilot:
        table = lot_table(app)
        await pilot.click(table, offset=(10, 3))
        assert table.cursor == 2
        await pilot.click(table, offset=(10, 3), times=2)
        await until(pilot, lambda: len(app.screen_stack) == 2)


@pytest.mark.parametrize("size", [(1, 1), (3, 2), (20, 5), (59, 14), (300, 80)])
async def test_any_size_of_terminal_is_survived(size: tuple[int, int]) -> None:
    app = HarvestApp(troubled_session())
    async with app.run_test(size=size) as pilot:
        await pilot.press(
            "j", "G", "w", "l", "exclamation_mark", "escape", "c", "escape", "a", "escape", "question_mark"
        )
        await pilot.resize_terminal(80, 24)
        await pilot.press("escape", "home")
        assert lot_table(app).cursor == 0


async def test_a_hundred_thousand_lots_are_sorted_beside_the_screen_and_drawn_as_fast_as_few() -> None:
    session = SampleSession(held=make_portfolio(many_lots(100_000)))
    assert len(session.held.ledger.lots) > SLOW_SORT
    app = HarvestApp(session)
    async with app.run_test(size=(140, 40)) as pilot:
        table = lot_table(app)
        await until(pilot, lambda: table.lot_at(0) is not session.held.ledger.lots[0])
        losses = [session.held.value_of(table.lot_at(row)).unrealized for row in (0, 1, 50_000, 99_999)]  # type: ignore[arg-type]
        assert losses == sorted(losses)  # type: ignore[type-var]
        await pilot.pause()
        before = table.lines_drawn
        session.price(table.lot_at(0).asset, "99")  # type: ignore[union-attr]
        app.tick()
        await until(pilot, lambda: table.lines_drawn > before)
        assert table.lines_drawn - before < table.view_rows
