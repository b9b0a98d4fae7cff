"""`harvest-tui`: the monitor."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING

from harvest_tui.cli.home import choices_of, settled
from harvest_tui.session import SessionView
from harvest_tui.session.choices import Choices, utc_now
from harvest_tui.session.opening import Opening
from harvest_tui.session.snapshot import load_picture
from harvest_tui.settings import Locations, Settings
from harvest_tui.ui.app import HarvestApp
from harvest_tui.ui.looks import looks_for
from harvest_tui.ui.table_memory import TableMemory

if TYPE_CHECKING:
    from argparse import Namespace


def run(arguments: Namespace) -> int:
    """Open the monitor on the home that was named."""
    return open_monitor(arguments.home)


def open_monitor(home: str | None) -> int:
    """Open the monitor on the user's home and return its exit status.

    Where the last run left a picture, it is painted before the cache is opened.
    """
    # Nothing made before the first frame is garbage; the app turns the collector on again after it.
    gc.disable()
    locations, settings = settled(home)
    memory = TableMemory(locations.config_file, settings.table, settings.theme)
    looks = looks_for(settings.theme, settings.glyphs, _keys(settings, locations))
    make = partial(HarvestApp, memory=memory, is_first_run=settings.is_untouched, looks=looks)
    picture = load_picture(locations, settings, utc_now())
    if picture is None or not picture.accounts:
        # Nothing to paint early; and whether there is an account by now decides what is shown first.
        return asyncio.run(_show_session(choices_of(locations, settings), make))
    opening = Opening(picture, partial(choices_of, locations, settings), utc_now)
    del picture  # it is let go of when the session is open
    return asyncio.run(_show_picture(opening, make))


def _keys(settings: Settings, locations: Locations) -> Mapping[str, str]:
    """The user's keys, checked. Raises InputError; a home without any loads nothing for it."""
    if not settings.keys:
        return settings.keys
    from harvest_tui.ui.keymap import checked

    return checked(settings.keys, locations.config_file)


async def _show_session(choices: Choices, make: Callable[[SessionView], HarvestApp]) -> int:
    from harvest_tui.session.run import Session

    return await _show(await Session.open(choices), make)


async def _show_picture(opening: Opening, make: Callable[[SessionView], HarvestApp]) -> int:
    status = await _show(opening, make)
    if opening.failure is not None:
        raise opening.failure
    return status


async def _show(session: SessionView, make: Callable[[SessionView], HarvestApp]) -> int:
    """The monitor until it is quit. Ends with the session closed and the terminal restored."""
    try:
        app = make(session)
        await app.run_async()
        return app.return_code or 0
    finally:
        await session.close()
