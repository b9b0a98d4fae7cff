"""Sleep noticed: a closed lid, or a program stopped in its terminal, holds up every timer and not the world."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime, timedelta

LOOK_SECONDS = 2.0
"""Between two looks at the clock."""
SLEPT = timedelta(seconds=30)
"""Where so much went by between two looks, nothing ran meanwhile."""
Rest = Callable[[float], Awaitable[bool]]
"""Waits so many seconds, or until there was a sleep; tells whether there was one."""


class Wakes:
    """Tells whoever rests that the clock on the wall went on without the program. `count` is how often it did.

    Timers do not tell: they stand still while a machine sleeps.
    """

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._looked_at = now()
        self._woken = asyncio.Event()
        self.count = 0

    def look(self) -> bool:
        """Whether there was a sleep since the last look. A clock that was set back is no sleep."""
        before, self._looked_at = self._looked_at, self._now()
        if self._looked_at - before < SLEPT:
            return False
        self.count += 1
        self._woken.set()
        self._woken.clear()
        return True

    async def rest(self, seconds: float) -> None:
        """Waits so long, or until there was a sleep."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._woken.wait()

    def rests_between_work(self) -> Rest:
        """As `rest`, for one who works between two rests: a sleep during the work ends the next rest at once."""
        seen = self.count

        async def rest(seconds: float) -> bool:
            nonlocal seen
            if self.count == seen:
                await self.rest(seconds)
            is_woken, seen = self.count != seen, self.count
            return is_woken

        return rest


async def watch_sleep(
    wakes: Wakes, woke: Callable[[], None], sleep: Callable[[float], Awaitable[object]] = asyncio.sleep
) -> None:
    """Calls `woke` after every sleep; until cancelled."""
    while True:
        await sleep(LOOK_SECONDS)
        if wakes.look():
            woke()
