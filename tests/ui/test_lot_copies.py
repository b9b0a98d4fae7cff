"""What goes to the clipboard, and figures that are hidden while the screen is shared."""

from __future__ import annotations

import pytest

from harvest_tui.ui.app import HarvestApp
from harvest_tui.ui.widgets.lot_copy import MOST_BYTES
from support.hostile_names import HOSTILE_NAMES, hostile_session, is_harmless
from support.on_screen import shown, until
from support.sample_portfolio import SampleSession, make_lot, make_portfolio, many_lots, troubled_session


def text_of(app: HarvestApp) -> str:
    return "\n".join(shown(app))


async def test_a_row_a_cell_and_the_table_go_to_the_clipboard_with_every_digit() -> None:
    app = HarvestApp(SampleSession())
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await pilot.press("j", "j", "j", "y")
        await until(pilot, lambda: bool(app.clipboard))
        cells = app.clipboard.split("\t")
        assert cells == [
            "kraken", "ETH", "2025-09-08", "401", "6.00250125", "3301.9851516066", "19820.17", "2388.4",
            "14336.3739855", "-5483.7960145", "-27.6678", "long",
        ]  # fmt: skip
        await pilot.press("ctrl+y")
        await until(pilot, lambda: app.clipboard == "-5483.7960145")
        await pilot.press("slash", *"btc", "enter", "Y")
        await until(pilot, lambda: "\n" in app.clipboard)
        lines = app.clipboard.splitlines()
        assert lines[0].split("\t")[6] == "Cost basis USD"
        assert [line.split("\t")[1] for line in lines[1:]] == ["BTC", "BTC", "BTC"]
        await until(pilot, lambda: "Copied 3 rows." in text_of(app))


async def test_folded_groups_are_copied_as_their_subtotals() -> None:
    app = HarvestApp(SampleSession())
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("g", "Y")
        await until(pilot, lambda: "\n" in app.clipboard)
        rows = {line.split("\t")[0]: line.split("\t") for line in app.clipboard.splitlines()}
        assert len(rows) == 13
        titles = rows["Asset"]
        assert rows["ETH"][titles.index("Cost basis USD")] == "62670.17"
        assert rows["ETH"][titles.index("Quantity")] == "21.40250125"


async def test_no_name_of_a_copied_table_is_a_formula_or_is_obeyed() -> None:
    names = ("=1+2", "+SUM(A1)", "-2", "@cmd", "  =1", "\uff1d1", "A\tB", "'x")
    lots = tuple(make_lot(n, name, name, "1", "30", 9) for n, name in enumerate(names))
    app = HarvestApp(SampleSession(held=make_portfolio(lots)))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("Y")
        await until(pilot, lambda: bool(app.clipboard))
        lines = app.clipboard.splitlines()[1:]
        assert len(lines) == len(names)
        for line in lines:
            cells = line.split("\t")
            assert len(cells) == 12
            assert all(cell.lstrip()[:1] not in tuple("=+-@\uff1d") for cell in cells[:2])
    app = HarvestApp(hostile_session())
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("Y")
        await until(pilot, lambda: bool(app.clipboard))
        assert len(app.clipboard.splitlines()) == len(HOSTILE_NAMES) + 1
        assert is_harmless(app.clipboard.replace("\t", "").replace("\n", ""))


async def test_a_table_too_large_for_a_clipboard_is_refused_with_what_to_do() -> None:
    app = HarvestApp(SampleSession(held=make_portfolio(many_lots(8_000))))
    async with app.run_test(size=(140, 24), notifications=True) as pilot:
        await pilot.press("Y")
        await until(pilot, lambda: "more than a clipboard takes" in text_of(app))
        assert app.clipboard == ""
        await pilot.press("slash", *"c00", "enter", "Y")
        await until(pilot, lambda: bool(app.clipboard))
        assert len(app.clipboard.encode()) < MOST_BYTES


# Figures as dots.


@pytest.mark.parametrize("size", [(80, 24), (140, 40)])
async def test_hidden_figures_are_nowhere_on_any_screen(size: tuple[int, int]) -> None:
    app = HarvestApp(troubled_session())
    amounts = ("27,988", "8,823", "38,440", "12.4", "2,388", "29,616", "23.0%", "0.125", "510.5", "12,250")
    async with app.run_test(size=size) as pilot:
        for key in ("", "exclamation_mark", "c", "enter", "e", "g"):
            if key:
                await pilot.press(key)
                await pilot.pause(0.1)
            await pilot.press("H")
            await until(pilot, lambda: not any(amount in text_of(app) for amount in amounts))
            await pilot.press("escape", "escape")
            await until(pilot, lambda: "•••••" in text_of(app))
            assert not any(amount in text_of(app) for amount in amounts), key
            assert "tax year 2026" in text_of(app)
            await pilot.press("H")
            await until(pilot, lambda: "27,988" in text_of(app))


async def test_while_figures_are_hidden_none_is_copied_and_prices_stay_hidden_when_they_move() -> None:
    session = SampleSession()
    app = HarvestApp(session)
    async with app.run_test(size=(140, 40), notifications=True) as pilot:
        await pilot.press("H", "y")
        await until(pilot, lambda: "H shows them" in text_of(app))
        assert app.clipboard == ""
        session.price("ETH", "2501.75")
        app.tick()
        await pilot.pause(0.1)
        assert "2,501" not in text_of(app)
