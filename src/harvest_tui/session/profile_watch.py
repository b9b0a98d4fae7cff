"""The user's own choices while the program runs: what is changed in config.toml counts a few seconds later."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from harvest_tui.errors import HarvestError

if TYPE_CHECKING:
    from harvest_tui.settings import Locations, Settings
    from harvest_tui.settings_file import Place, Value

LOOK_SECONDS = 3.0
"""A look asks the disk for the file's time and size, and reads it only where they are others."""
_log = logging.getLogger("harvest_tui.session")


def read_choices(locations: Locations) -> Settings:
    """The settings of that home, with the rows of the allocation file they name, if any; it lies beside them.

    Raises InputError naming what is off.
    """
    from harvest_tui.settings import load_settings

    settings = load_settings(locations.config_file)
    choice = settings.allocation
    if not choice.file:
        return settings
    from harvest_tui.imports.allocation_file import read_allocation

    table = read_allocation(locations.config / Path(choice.file).expanduser())
    return replace(settings, allocation=replace(choice, table=table))


class ProfileWatch:
    """Looks at the file and hands over what it says anew. Theme and columns are the screen's own and no news.

    A file that cannot be read as settings changes nothing: what was known before goes on, and `trouble` says why.
    """

    def __init__(self, locations: Locations, settings: Settings, take: Callable[[Settings], Awaitable[None]]) -> None:
        """`settings` are those the session began with."""
        from harvest_tui.settings import Settings

        self._locations = locations
        self._take = take
        # A session may be made with choices that no file tells: then only what a file says from now on is news.
        self._said = settings if locations.config_file.exists() else Settings()
        self._seen: tuple[int, int, int] | None = None
        self.settings = settings
        """What counts now."""
        self._lock = asyncio.Lock()
        self.trouble = ""

    @property
    def path(self) -> Path:
        """Where the choices are kept."""
        return self._locations.config_file

    async def keep(self, place: Place, value: Value | None) -> None:
        """Writes one choice into the file and goes on with it at once; None takes it out.

        Raises InputError where the value or the file is not right, StoreError where the disk refuses.
        """
        await asyncio.to_thread(_keep, self.path, self.settings, place, value)
        self._seen = None  # a clock that is coarse may give two versions of the file one time
        await self.look()

    async def run(self) -> None:
        """Looks again and again until cancelled."""
        while True:
            try:
                await self.look()
            except HarvestError as error:
                # The disk may be full or busy for a while; the monitor goes on.
                _log.error("settings: %s", error)
            await asyncio.sleep(LOOK_SECONDS)

    async def look(self) -> bool:
        """Takes over what the file says, if that is news; whether it was."""
        async with self._lock:
            seen = await asyncio.to_thread(_stamp, self._locations.config_file)
            if seen == self._seen:
                return False
            self._seen = seen
            try:
                said = await asyncio.to_thread(read_choices, self._locations)
            except HarvestError as error:
                self.trouble = str(error)
                _log.warning("config.toml was changed and cannot be used: %s", error.hint)
                return False
            self.trouble = ""
            before, self._said = self._said, said
            if _told(said) == _told(before):
                self.settings = replace(self.settings, table=said.table, theme=said.theme)
                return False
            self.settings = said
            await self._take(said)
            return True


def _keep(path: Path, settings: Settings, place: Place, value: Value | None) -> None:
    """Where no file tells the choices that count, they are written down first: it would else tell this one alone."""
    from harvest_tui.session.adjusting import adjustables, answer
    from harvest_tui.settings_file import set_choice

    if not path.exists():
        for one in adjustables(settings):
            if one.is_told:
                set_choice(path, one.place, answer(one, one.shown))
    set_choice(path, place, value)


def _stamp(path: Path) -> tuple[int, int, int] | None:
    """What differs when a file was written or replaced; None where there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


def _told(settings: Settings) -> Settings:
    """The settings without what the screen itself writes down."""
    from harvest_tui.table_settings import UNTOUCHED

    return replace(settings, table=UNTOUCHED, theme="")
