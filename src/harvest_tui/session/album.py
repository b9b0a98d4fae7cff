"""The picture for the next start, saved behind what is shown: once things are quiet, and before the home is closed."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING

from harvest_tui.core.records import Quote
from harvest_tui.session.facts import QuoteKey
from harvest_tui.session.snapshot import Picture, save_picture, save_quotes

if TYPE_CHECKING:
    from harvest_tui.settings import Locations

QUIET_SECONDS = 5.0


class Album:
    """Holds the last picture. Writing it takes the longer the more lots there are, and nobody waits for it.

    Where it is not `is_ours`, another instance writes the picture of this home, and nothing is written here.
    """

    def __init__(self, locations: Locations, *, is_ours: bool = True, quiet_seconds: float = QUIET_SECONDS) -> None:
        self._locations = locations
        self._is_ours = is_ours
        self._quiet_seconds = quiet_seconds
        self._picture: Picture | None = None
        self._is_saved = True
        self._is_closing = asyncio.Event()
        self._saving: asyncio.Task[None] | None = None

    def found(self, picture: Picture) -> None:
        """Takes a picture that is on disk already."""
        self._picture, self._is_saved = picture, True

    def keep(self, picture: Picture) -> None:
        """Takes a newer picture; it is saved once none has come for a while, and the ones before it never are."""
        if not self._is_ours:
            return
        self._picture, self._is_saved = picture, False
        if self._saving is None or self._saving.done():
            self._saving = asyncio.create_task(self._save_when_quiet(), name="save picture")

    async def close(self, quotes: Mapping[QuoteKey, Quote]) -> None:
        """Saves what is not saved yet, with the last prices."""
        self._is_closing.set()
        if self._saving is not None:
            await asyncio.wait([self._saving])
        picture = self._picture
        if not self._is_ours or picture is None or (self._is_saved and quotes == picture.quotes):
            return
        self._picture = picture = picture._replace(quotes=dict(quotes))
        if self._is_saved:
            save_quotes(self._locations, picture)
        else:
            await self._save()

    async def _save_when_quiet(self) -> None:
        while not self._is_saved:
            seen = self._picture
            try:
                await asyncio.wait_for(self._is_closing.wait(), self._quiet_seconds)
            except TimeoutError:
                if seen is self._picture:
                    await self._save()
            else:
                return

    async def _save(self) -> None:
        picture, self._is_saved = self._picture, True
        if picture is not None:
            await asyncio.to_thread(save_picture, self._locations, picture)
