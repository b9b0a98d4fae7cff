"""What a test reads off the screen of a running app."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from textual.app import App
from textual.pilot import Pilot

from harvest_tui.ui.app import HarvestApp
from harvest_tui.ui.widgets.lot_table import LotTable


def shown(app: App[Any]) -> list[str]:
    """The lines of the screen on top, as text."""
    return ["".join(segment.text for segment in strip) for strip in app.screen._compositor.render_strips()]


def lot_table(app: HarvestApp) -> LotTable:
    """The table of the monitor."""
    return app.screen_stack[0].query_one(LotTable)


async def until(pilot: Pilot[Any], happened: Callable[[], bool]) -> None:
    """Lets the app work until `happened`; fails where it never does."""
    for _ in range(400):
        if happened():
            return
        await pilot.pause(0.01)
    raise AssertionError("it never happened; on screen:\n" + "\n".join(shown(pilot.app)))
