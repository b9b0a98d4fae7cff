"""The cursor of a window that gets the focus."""

from __future__ import annotations

from textual.events import AppBlur, AppFocus
from textual.widgets import Input

from harvest_tui.ui.app import HarvestApp
from support.on_screen import lot_table, until
from support.sample_portfolio import SampleSession


async def test_a_window_that_was_never_looked_at_has_a_cursor_once_it_is() -> None:
    app = HarvestApp(SampleSession())
    async with app.run_test() as pilot:
        app.screen.set_focus(None)
        app.post_message(AppBlur())
        await pilot.pause()
        assert app.focused is None
        app.post_message(AppFocus())
        await until(pilot, lambda: lot_table(app).has_focus)


async def test_a_field_that_was_left_is_where_one_goes_on() -> None:
    app = HarvestApp(SampleSession())
    async with app.run_test() as pilot:
        await pilot.press("slash", "b")
        assert isinstance(app.focused, Input)
        app.post_message(AppBlur())
        await pilot.pause()
        assert app.focused is None
        app.post_message(AppFocus())
        await until(pilot, lambda: isinstance(app.focused, Input))
        await pilot.pause()
        assert isinstance(app.focused, Input)
