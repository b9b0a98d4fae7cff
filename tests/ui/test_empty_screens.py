"""A home with nothing in it: every screen says what there is to do next."""

from __future__ import annotations

import re
from pathlib import Path

from harvest_tui.keys import GivenKeys
from harvest_tui.session.choices import Choices
from harvest_tui.session.run import Session
from harvest_tui.settings import Settings, locate
from harvest_tui.ui.app import HarvestApp
from harvest_tui.ui.places import PLACES
from support.on_screen import shown, until

NEXT = re.compile(
    r"(?m)^\s+(?:esc|[a-z1-9!]|\[ \])\s{3,}\S|: [a-z] {3}\w|\ba connects|, [A-Z] the"
    r"|harvest-tui (?:import|profile)|table in config\.toml"
)
"""A key with what it does, or a command."""
WALK = {
    "lots": ((), ()),
    "planner": (("p",), ("p",)),
    **{place.name: ((place.key,), ("escape",)) for place in PLACES if place.key and place.name != "settings"},
    "way back": (("2", "tab"), ("escape",)),
    "chart of a price": (("v", "1"), ("escape",)),
    "chart of losses": (("v", "2"), ("escape",)),
    "ladder": (("v", "3"), ("escape",)),
    "calendar": (("v", "4"), ("escape",)),
}


async def test_every_empty_screen_says_what_to_do(tmp_path: Path) -> None:
    locations = locate(str(tmp_path))
    locations.create()
    session = await Session.open(Choices(locations, Settings(), GivenKeys({})))
    silent = []
    app = HarvestApp(session)
    async with app.run_test(size=(100, 30)) as pilot:
        for name, (keys, back) in WALK.items():
            await pilot.press(*keys)

            def says() -> bool:
                app.tick()
                # Without the keys at the bottom, which are there whatever the screen holds.
                return bool(NEXT.search("\n".join(shown(app)[2:-1])))

            try:
                await until(pilot, says)
            except AssertionError:
                silent.append(name)
            await pilot.press(*back)
    assert silent == []
