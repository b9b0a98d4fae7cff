"""What history, asset and settings look like, at both sizes the README promises."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from textual.pilot import Pilot

from harvest_tui.ui.app import HarvestApp
from support.on_screen import shown, until
from support.told_session import ToldSession, one_asset

SCREENS: dict[str, tuple[Callable[[], ToldSession], tuple[str, ...], str]] = {
    "history": (ToldSession, ("4", "down", "down"), "coinbase:T6"),
    "history by account": (ToldSession, ("4", "g", "g", "home"), "▾ binance"),
    "asset": (one_asset, ("7", "end", "up"), "uses 3 lots"),
    "settings": (ToldSession, ("8", "down"), "They set the rate"),
}


@pytest.mark.parametrize("size", [(80, 24), (140, 40)], ids=["80x24", "140x40"])
@pytest.mark.parametrize("screen", SCREENS)
def test_the_screen_looks_as_it_did(
    screen: str, size: tuple[int, int], snap_compare: Callable[..., bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("NO_COLOR", "TEXTUAL_THEME"):
        monkeypatch.delenv(name, raising=False)
    make, keys, words = SCREENS[screen]
    app = HarvestApp(make())

    async def play(pilot: Pilot[Any]) -> None:
        for key in keys:
            await pilot.press(key)
            await pilot.pause(0.05)
        await until(pilot, lambda: words in "\n".join(shown(app)))

    assert snap_compare(app, run_before=play, terminal_size=size)
