"""What the charts look like, at both sizes the README promises, with prices and without."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from textual.pilot import Pilot

from harvest_tui.ui.app import HarvestApp
from harvest_tui.ui.theme import BLUE_ORANGE, LIGHT
from support.charted import ChartedSession
from support.on_screen import shown, until

SIZES = [(80, 24), (140, 40)]
TABS = {
    "price": ("1", "US dollars a unit"),
    "losses": ("2", "US dollars of loss"),
    "ladder": ("3", "tax saved by one of loss"),
    "calendar": ("4", "at the latest prices"),
}


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Colours and themes as nobody set them."""
    for name in ("NO_COLOR", "TEXTUAL_THEME"):
        monkeypatch.delenv(name, raising=False)


def opening(key: str, words: str, *before: str) -> Callable[[Pilot[Any]], Any]:
    """Opens the chart and waits for its notes."""

    async def open_it(pilot: Pilot[Any]) -> None:
        await pilot.press("j", "j", "v", key, *before)
        await until(pilot, lambda: words in " ".join(" ".join(shown(pilot.app)).split()))
        await pilot.pause(0.1)

    return open_it


@pytest.mark.parametrize("size", SIZES, ids=["80x24", "140x40"])
@pytest.mark.parametrize("tab", TABS)
def test_the_chart_looks_as_it_did(tab: str, size: tuple[int, int], snap_compare: Callable[..., bool]) -> None:
    assert snap_compare(HarvestApp(ChartedSession()), run_before=opening(*TABS[tab]), terminal_size=size)


def test_a_year_of_the_price(snap_compare: Callable[..., bool]) -> None:
    app = HarvestApp(ChartedSession())
    assert snap_compare(app, run_before=opening("1", "2025-10-14 to", "r"), terminal_size=(140, 40))


def test_no_past_price_yet(snap_compare: Callable[..., bool]) -> None:
    app = HarvestApp(ChartedSession(without=frozenset({"BTC", "ETH", "SOL"})))
    assert snap_compare(app, run_before=opening("1", "f asks your exchanges"), terminal_size=(80, 24))


@pytest.mark.parametrize("theme", [LIGHT, BLUE_ORANGE])
def test_the_price_in_the_other_themes(theme: str, snap_compare: Callable[..., bool]) -> None:
    app = HarvestApp(ChartedSession())
    app.theme = theme
    assert snap_compare(app, run_before=opening(*TABS["price"]), terminal_size=(140, 40))
