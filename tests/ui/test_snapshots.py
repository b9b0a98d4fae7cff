"""What the screens look like, at both sizes the README promises."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from harvest_tui.ui.app import HarvestApp
from harvest_tui.ui.theme import BLUE_ORANGE, LIGHT
from support.sample_portfolio import SampleSession, empty_session, troubled_session

SIZES = [(80, 24), (140, 40)]
SCREENS: dict[str, tuple[Callable[[], SampleSession], list[str]]] = {
    "monitor": (SampleSession, ["j"]),
    "trouble": (troubled_session, []),
    "problems": (troubled_session, ["exclamation_mark", "j", "j"]),
    "accounts": (troubled_session, ["c", "j", "j"]),
    "add account": (SampleSession, ["a", "down"]),
    "lot": (SampleSession, ["j", "enter"]),
    "help": (SampleSession, ["question_mark"]),
    "empty": (empty_session, []),
}


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Colours and themes as nobody set them."""
    for name in ("NO_COLOR", "TEXTUAL_THEME"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize("size", SIZES, ids=["80x24", "140x40"])
@pytest.mark.parametrize("screen", SCREENS)
def test_the_screen_looks_as_it_did(screen: str, size: tuple[int, int], snap_compare: Callable[..., bool]) -> None:
    make, keys = SCREENS[screen]
    assert snap_compare(HarvestApp(make()), press=keys, terminal_size=size)


@pytest.mark.parametrize("theme", [LIGHT, BLUE_ORANGE])
def test_the_monitor_in_the_other_themes(theme: str, snap_compare: Callable[..., bool]) -> None:
    app = HarvestApp(troubled_session())
    app.theme = theme
    assert snap_compare(app, terminal_size=(140, 40))
