"""The settings on screen: asked, checked, kept in the file and counting at once, by keys only."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from textual.pilot import Pilot
from textual.widgets import Input

from harvest_tui.settings import load_settings
from harvest_tui.ui.app import HarvestApp
from harvest_tui.ui.screens.settings import SettingsScreen
from harvest_tui.ui.theme import BLUE_ORANGE
from support.on_screen import shown, until
from support.sample_portfolio import SampleSession
from support.sold_home import sold_home


def text_of(app: HarvestApp) -> str:
    return "\n".join(shown(app))


async def says(app: HarvestApp, pilot: Pilot[Any], words: str) -> None:
    def does() -> bool:
        app.tick()
        return words in " ".join(text_of(app).split())

    await until(pilot, does)


async def go_to(pilot: Pilot[Any], app: HarvestApp, name: str) -> None:
    """Puts the cursor on the setting."""
    screen = app.screen
    assert isinstance(screen, SettingsScreen)
    names = [one if isinstance(one, str) else one.name for one in screen._rows]
    screen._list.move_to(names.index(name))
    await pilot.pause()


async def type_answer(pilot: Pilot[Any], text: str) -> None:
    """Types over what the field holds, and presses enter."""
    pilot.app.screen.query_one("#prompt-field", Input).value = text
    await pilot.press("enter")


async def test_an_answer_is_asked_for_checked_kept_and_taken_out_again(tmp_path: Path) -> None:
    home = await sold_home(tmp_path)
    path = home.choices.locations.config_file
    app = HarvestApp(home.opening())
    async with app.run_test(size=(140, 40)) as pilot:
        await pilot.press("8")
        await says(app, pilot, "single yours")
        assert str(path) in text_of(app) and "120,000" in text_of(app)
        await says(app, pilot, "without an answer: single")

        await pilot.press("down", "enter")
        await type_answer(pilot, "lots")
        await says(app, pilot, "not an amount in dollars: 'lots'")
        assert not path.exists(), "nothing is written on a bad answer"
        await type_answer(pilot, "$95,000")
        await says(app, pilot, "wages 95,000 yours")
        assert app.session.profile_watch.settings.taxpayer.wages == 95_000
        assert load_settings(path).taxpayer.carry_long == home.profile.carry_long

        await pilot.press("x")
        await says(app, pilot, "wages - not told")
        assert load_settings(path).taxpayer.wages is None

        await go_to(pilot, app, "shrinking")
        await pilot.press("enter")
        await type_answer(pilot, "150%")
        await says(app, pilot, "alerts.shrinking is too high a rate")
        await pilot.press("escape")
        assert load_settings(path).alert_rules.shrinking == home.choices.settings.alert_rules.shrinking

        await go_to(pilot, app, "theme")
        await pilot.press("enter")
        await type_answer(pilot, "harvest-blue-orange")
        await until(pilot, lambda: app.theme == BLUE_ORANGE)
        await go_to(pilot, app, "method")
        await pilot.press("enter")
        await type_answer(pilot, "lifo")
        await says(app, pilot, "method lifo yours")
        app.tick()
        assert app.frame.lot_orders == ("LIFO",)

        await pilot.press("tab")
        await says(app, pilot, "In which order does this venue itself use lots up?")
        await pilot.press("H")
        await pilot.press(*["tab"] * 3)
        await pilot.pause()
        assert "95,000" not in text_of(app) and "6,500" not in text_of(app)


async def test_a_broken_file_says_what_is_wrong_and_changes_nothing(tmp_path: Path) -> None:
    home = await sold_home(tmp_path)
    path = home.choices.locations.config_file
    app = HarvestApp(home.opening())
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("8")
        await says(app, pilot, "single yours")
        path.write_text("[profile]\nwagse = 5\n", "utf-8")
        await app.session.profile_watch.look()
        await says(app, pilot, "did you mean wages?")
        assert "cannot be used" in text_of(app)
        await pilot.press("down", "enter", *"5", "enter")
        await says(app, pilot, "unknown setting profile.wagse")
        assert path.read_text("utf-8") == "[profile]\nwagse = 5\n"


async def test_before_the_session_is_open_it_says_so() -> None:
    app = HarvestApp(SampleSession())
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("8", "enter", "x", "tab")
        assert "The settings are being read." in text_of(app)
