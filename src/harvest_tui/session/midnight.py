"""The taxpayer's new day: terms, days left and the tax year follow the clock where nothing else happens."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from harvest_tui.core.tax_days import tax_day
from harvest_tui.errors import HarvestError

if TYPE_CHECKING:
    from harvest_tui.session.home import Home

LOOK_SECONDS = 5.0
"""Between two looks at the clock. A machine that slept over midnight is caught up with as soon as it wakes."""
_log = logging.getLogger("harvest_tui.session")


async def turn_days(home: Home, sleep: Callable[[float], Awaitable[object]] = asyncio.sleep) -> None:
    """Derives the facts anew whenever it is another day for the taxpayer than the one they are of; until cancelled."""
    while True:
        await sleep(LOOK_SECONDS)
        try:
            await turn_day(home)
        except HarvestError as error:
            # The disk may be full or busy for a while; the next look tries again.
            _log.error("new day: %s", error)


async def turn_day(home: Home) -> bool:
    """One look: whether the day was another, and facts were derived anew for it."""
    if tax_day(home.now(), home.rules().zone) == home.facts().tax_day:
        return False
    await home.reload_facts()
    return True
