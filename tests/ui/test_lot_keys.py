"""Filtering, grouping, finding and choosing columns in the running app."""

from __future__ import annotations

from pathlib import Path

from harvest_tui.settings import load_settings
from harvest_tui.table_settings import TableChoices
from harvest_tui.ui.app import HarvestApp
from harvest_tui.ui.table_memory import TableMemory
from harvest_tui.ui.widgets.lot_table import IDLE_SECONDS, SLOW_SORT
from support.on_screen import lot_table, shown, until
from support.sample_portfolio import SampleSession, make_lot, make_portfolio, many_lots, sample_lots


def text_of(app: HarvestApp) -> str:
    return "\n".join(shown(app))


def assets_on(app: HarvestApp) -> list[str]:
    table = lot_table(app)
    return [lot.asset if (lot := table.lot_at(row)) else f"[{table.group_at(row)}]" for row in range(table.row_count)]


# Filter.


async def test_every_letter_filters_and_the_line_below_says_what_is_seen() -> None:
    app = HarvestApp(SampleSession())
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("slash", *"eth")
        await until(pilot, lambda: assets_on(app) == ["ETH", "ETH", "ETH"])
        # 29,616.16 + 14,336.37... + 7,165.20 less 38,440, 19,820.17 and 4,410
        await until(pilot, lambda: "3 of 16 lots, unrealized −11,552.44" in text_of(app))
        await pilot.press("space", *"loss", "enter")
        assert assets_on(app) == ["ETH", "ETH"]
        await until(pilot, lambda: "/ eth loss" in text_of(app))
        await pilot.press("j")
        assert lot_table(app).cursor == 1
        await pilot.press("escape")
        assert len(assets_on(app)) == 16
        assert "of 16 lots" not in text_of(app)


async def test_escape_while_typing_shows_all_lots_and_the_next_filter_starts_from_the_kept_one() -> None:
    app = HarvestApp(SampleSession())
    async with app.run_test(size=(100, 24)) as pilot:
        await pilot.press("slash", *"btc", "escape")
        await until(pilot, lambda: len(assets_on(app)) == 16 and app.focused is lot_table(app))
        await pilot.press("slash", *"btc", "enter", "slash", *" long")
        await until(pilot, lambda: assets_on(app) == ["BTC"])
        await pilot.press("backspace", "backspace", "backspace", "backspace", "backspace")
        await until(pilot, lambda: assets_on(app) == ["BTC", "BTC", "BTC"])


async def test_letters_of_a_filter_are_no_commands() -> None:
    session = SampleSession()
    app = HarvestApp(session)
    async with app.run_test(size=(100, 24)) as pilot:
        await pilot.press("slash", *"sqpca?H")
        await until(pilot, lambda: app.focused is not None and getattr(app.focused, "value", "") == "sqpca?H")
        assert session.synced == [] and len(app.screen_stack) == 1 and assets_on(app) == []
        assert "No lot is like that." in text_of(app)


async def test_what_cannot_be_read_is_said_beside_the_field() -> None:
    app = HarvestApp(SampleSession())
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("slash", *"foo>5")
        await until(pilot, lambda: "foo is no figure" in text_of(app))
        assert len(assets_on(app)) == 16


async def test_the_totals_of_a_filter_follow_the_price_and_its_lots_follow_at_rest() -> None:
    session = SampleSession()
    app = HarvestApp(session)
    async with app.run_test(size=(100, 24)) as pilot:
        table, now = lot_table(app), 1e9
        table._clock = lambda: now
        await pilot.press("slash", *"eth gain", "enter", "j")
        await until(pilot, lambda: "1 of 16 lots, unrealized +2,755.20" in text_of(app))
        session.price("ETH", "9000.5")
        app.tick()
        await until(pilot, lambda: "1 of 16 lots, unrealized +22,591.50" in text_of(app))
        assert table.is_sort_pending
        now += IDLE_SECONDS + 0.1
        app.tick()
        await until(pilot, lambda: "3 of 16 lots" in text_of(app))


async def test_the_cursor_stays_on_its_lot_when_others_are_filtered_out() -> None:
    app = HarvestApp(SampleSession())
    async with app.run_test(size=(140, 40)) as pilot:
        table = lot_table(app)
        await pilot.press("G", "k", "k")
        held = table.lot_at(table.cursor)
        assert held is not None and held.asset == "XRP"
        await pilot.press("slash", *"!kraken", "enter")
        await until(pilot, lambda: len(assets_on(app)) == 9)
        assert table.lot_at(table.cursor) is held
        await pilot.press("escape")
        assert table.lot_at(table.cursor) is held


async def test_a_hundred_thousand_lots_are_filtered_beside_the_screen_and_the_last_wish_wins() -> None:
    session = SampleSession(held=make_portfolio(many_lots(100_000)))
    assert len(session.held.ledger.lots) > SLOW_SORT
    app = HarvestApp(session)
    async with app.run_test(size=(100, 24)) as pilot:
        await pilot.press("slash", *"c01 loss>500")
        await until(pilot, lambda: "of 100,000 lots" in text_of(app) and 0 < lot_table(app).row_count < 5_000)
        table = lot_table(app)
        lots = [table.lot_at(row) for row in range(table.row_count)]
        assert all("C01" in lot.asset for lot in lots if lot)
        gains = [session.held.value_of(lot).unrealized for lot in lots if lot]
        assert gains == sorted(gains) and gains[-1] < -500  # type: ignore[type-var, operator]
        await pilot.press("escape")
        await until(pilot, lambda: table.row_count == 100_000)


# Groups.


async def test_g_groups_by_asset_account_and_term_and_ends_after_them() -> None:
    app = HarvestApp(SampleSession())
    async with app.run_test(size=(140, 40)) as pilot:
        await pilot.press("g")
        line = next(line for line in shown(app) if "ETH" in line)
        assert "▸ ETH  3 lots" in line and "−11,552.44▼" in line and "62,670.17" in line
        await pilot.press("g")
        assert sorted(assets_on(app)) == ["[binance]", "[coinbase]", "[kraken]"]
        await pilot.press("g")
        assert sorted(assets_on(app)) == ["[long]", "[short]"]
        await until(pilot, lambda: "16 lots by term" in text_of(app))
        await pilot.press("g")
        assert len(assets_on(app)) == 16 and "[" not in "".join(assets_on(app))


async def test_groups_unfold_and_fold_under_the_cursor() -> None:
    app = HarvestApp(SampleSession())
    async with app.run_test(size=(140, 40)) as pilot:
        table = lot_table(app)
        await pilot.press("g", "enter")
        assert assets_on(app)[:4] == ["[ETH]", "ETH", "ETH", "ETH"]
        await pilot.press("j", "j", "minus")
        assert table.group_at(table.cursor) == "ETH" and len(assets_on(app)) == 12
        await pilot.press("plus", "down", "enter")
        await until(pilot, lambda: len(app.screen_stack) == 2)
        await pilot.press("escape", "asterisk")
        assert len(assets_on(app)) == 12
        assert table.group_at(table.cursor) == "ETH"
        await pilot.press("asterisk")
        assert len(assets_on(app)) == 12 + 16


async def test_a_tick_redraws_the_line_of_its_group_and_no_other() -> None:
    session = SampleSession()
    app = HarvestApp(session)
    async with app.run_test(size=(140, 40)) as pilot:
        await pilot.press("g")
        await pilot.pause(0.1)
        table = lot_table(app)
        before = table.lines_drawn
        session.price("ETH", "2500")
        app.tick()
        # 21.40250125 x 2,500 less 62,670.17
        await until(pilot, lambda: "−9,163.92▼" in text_of(app))
        assert table.lines_drawn - before == 1


async def test_a_group_says_what_its_figures_leave_out() -> None:
    lots = (*sample_lots(), make_lot(17, "NEW", "kraken", "4", "90", 5), make_lot(18, "ETH", "kraken", "1", None, 5))
    app = HarvestApp(SampleSession(held=make_portfolio(lots)))
    async with app.run_test(size=(140, 40)) as pilot:
        await pilot.press("g")
        new = next(line for line in shown(app) if "NEW" in line)
        assert "1 lot, 1 lot without price" in new and new.count(" - ") >= 3 and "0.00" not in new.replace("90.00", "")
        ether = next(line for line in shown(app) if "▸ ETH" in line)
        assert "some without basis" in ether and "−11,552.44▼" in ether


async def test_new_facts_keep_the_groups_that_are_open_and_the_cursor_on_its_group() -> None:
    session = SampleSession()
    app = HarvestApp(session)
    async with app.run_test(size=(140, 40)) as pilot:
        table = lot_table(app)
        await pilot.press("g", "enter", "j", "j", "j", "j")
        held = table.group_at(table.cursor)
        assert held is not None
        session.hold(make_portfolio((make_lot(80, "ETH", "kraken", "1", "9000", 20), *sample_lots())))
        app.tick()
        assert assets_on(app)[:5] == ["[ETH]", "ETH", "ETH", "ETH", "ETH"]
        assert table.group_at(table.cursor) == held


# Finding.


async def test_letters_after_f_find_the_next_lot_whose_asset_begins_so() -> None:
    app = HarvestApp(SampleSession())
    async with app.run_test(size=(100, 24)) as pilot:
        table = lot_table(app)
        await pilot.press("f", "a")
        assert table.lot_at(table.cursor).asset == "AVAX"  # type: ignore[union-attr]
        await until(pilot, lambda: " f a" in text_of(app))
        await pilot.press("d")
        assert table.lot_at(table.cursor).asset == "ADA"  # type: ignore[union-attr]
        await pilot.press("z")
        await until(pilot, lambda: "none begins so" in text_of(app))
        assert table.lot_at(table.cursor).asset == "ADA"  # type: ignore[union-attr]
        await pilot.press("escape", "f", *"eth", "enter")
        places = [table.cursor]
        for _ in range(3):
            await pilot.press("semicolon")
            places.append(table.cursor)
        assert len(set(places[:3])) == 3 and places[3] == places[0]
        assert len(app.screen_stack) == 1


async def test_finding_ends_with_any_other_key_which_then_does_what_it_does() -> None:
    app = HarvestApp(SampleSession())
    async with app.run_test(size=(100, 24)) as pilot:
        table = lot_table(app)
        await pilot.press("f", "s", "down", "down")
        assert table.cursor == 3
        await pilot.press("G")
        assert table.cursor == 15


# Columns, and what is remembered.


async def test_columns_are_left_out_moved_and_brought_back() -> None:
    app = HarvestApp(SampleSession())
    async with app.run_test(size=(140, 40)) as pilot:
        await pilot.press("W")
        await until(pilot, lambda: "columns: 12 of 12" in text_of(app))
        await pilot.press("space", "j", "J", "escape")
        await until(pilot, lambda: len(app.screen_stack) == 1)
        keys = [place.column.key for place in lot_table(app).placed]
        assert keys[:3] == ["acquired", "asset", "held"] and "account" not in keys
        await pilot.press("W", "0", "escape")
        assert [place.column.key for place in lot_table(app).placed][:2] == ["account", "asset"]


async def test_the_last_column_cannot_be_left_out() -> None:
    memory = TableMemory(Path("unused"), TableChoices(columns=("value",)))
    app = HarvestApp(SampleSession(), memory)
    async with app.run_test(size=(20, 10)) as pilot:
        await pilot.press("W", "space", "escape")
        assert [place.column.key for place in lot_table(app).placed] == ["value"]


async def test_columns_order_and_grouping_are_as_they_were_left(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text('# mine\nmethod = "hifo"  # as on paper\n')
    app = HarvestApp(SampleSession(), TableMemory(path))
    async with app.run_test(size=(140, 40)) as pilot:
        lot_table(app).sort_by("value", True)
        await pilot.press("g", "g", "W", "space", "escape")
    assert path.read_text().startswith('# mine\nmethod = "hifo"  # as on paper\n')
    choices = load_settings(path).table
    assert (choices.sort, choices.descending, choices.group) == ("value", True, "account")
    assert choices.columns[0] == "asset" and "account" not in choices.columns
    app = HarvestApp(SampleSession(), TableMemory(path, choices))
    async with app.run_test(size=(140, 40)) as pilot:
        assert lot_table(app).choices == choices
        assert len(assets_on(app)) == 3
        await pilot.press("g", "g", "W", "0", "escape")
        lot_table(app).sort_by("unrealized", False)
        await pilot.pause()
    assert "table" not in path.read_text().replace("[table]", "")
    assert load_settings(path).table == TableChoices()


async def test_a_file_that_only_a_hand_can_change_is_told_of_once_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text('table = { sort = "value" }\n')
    app = HarvestApp(SampleSession(), TableMemory(path, load_settings(path).table))
    async with app.run_test(size=(140, 40), notifications=True) as pilot:
        assert lot_table(app).sorting.column == "value"
        await pilot.press("i")
        await until(pilot, lambda: "laid out in a way" in text_of(app))
        await pilot.press("i", "i")
        assert app.memory is None
    assert path.read_text() == 'table = { sort = "value" }\n'


# Everything by name.


async def test_every_key_of_the_table_is_in_the_palette_and_in_the_help() -> None:
    app = HarvestApp(SampleSession())
    async with app.run_test(size=(140, 60)) as pilot:
        titles = {command.title for command in app.get_system_commands(app.screen)}
        assert {
            "Filter lots", "Clear filter", "Group by asset", "Group by account", "Group by term", "Do not group",
            "Fold group", "Unfold group", "Fold or unfold all", "Find lot", "Find again", "Choose columns", "Copy row",
            "Copy table", "Copy cell", "Hide figures", "Re-sort", "Invert order", "All columns",
        } <= titles  # fmt: skip
        await pilot.press("question_mark")
        await until(pilot, lambda: "help: lots" in text_of(app))
        for words in (
            "Filter as you type",
            "Group by asset, account",
            "Fold the group",
            "Find: next lot",
            "Copy the row",
        ):
            assert words in text_of(app)
