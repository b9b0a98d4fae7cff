"""What a monitor does by itself all year: syncs, new days, feeds after a sleep, memory given back."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from harvest_tui.errors import ExchangeUnreachable, HarvestError
from harvest_tui.session.home import Home
from harvest_tui.session.memory import MANY, give_back
from harvest_tui.session.midnight import turn_days
from harvest_tui.session.sleeping import Rest, Wakes, watch_sleep

if TYPE_CHECKING:
    from harvest_tui.session.syncing import SyncResult

SYNC_SECONDS = 900.0
"""Between two syncs."""
RETRY_SECONDS = 30.0
"""After a sync that could not reach an exchange, and twice as long each further time: a network often comes back later
than the machine."""
TIDY_SECONDS = 30.0
_log = logging.getLogger("harvest_tui.session")


class Syncing(Protocol):
    """What can be synced whole."""

    async def sync_results(self) -> Sequence[SyncResult]:
        """One sync of all accounts. Raises HarvestError where nothing can be stored."""
        ...


class Running(Home, Syncing, Protocol):
    """A home that is open for long."""

    @property
    def is_read_only(self) -> bool:
        """Another instance syncs it."""
        ...


def keep_up(
    home: Running, restart_feeds: Callable[[], None], spawn: Callable[[Coroutine[Any, Any, None], str], None]
) -> None:
    """Starts all of it, each as a task of its own."""
    wakes = Wakes(home.now)
    spawn(watch_sleep(wakes, restart_feeds), "watch sleep")
    spawn(turn_days(home, wakes.rest), "turn days")
    spawn(_tidy(home), "tidy")
    if not home.is_read_only:
        spawn(sync_all_year(home, wakes.rests_between_work()), "sync")


async def sync_all_year(home: Syncing, rest: Rest) -> None:
    """Syncs every quarter of an hour and after every sleep, sooner where an exchange could not be reached."""
    failures = 0
    while True:
        try:
            results = await home.sync_results()
        except HarvestError as error:
            # The disk may be full for a while; the monitor goes on and tries again.
            _log.error("sync: %s", error)
            results = []
        is_cut_off = any(isinstance(one.error, ExchangeUnreachable) for one in results)
        failures = failures + 1 if is_cut_off else 0
        if await rest(_seconds_to_next(failures)):
            # Failures from before the sleep say nothing about the network there is now.
            failures = 0


def _seconds_to_next(failures: int) -> float:
    # A network that is away for weeks would double beyond every number.
    return min(SYNC_SECONDS, RETRY_SECONDS * 2.0 ** min(failures - 1, 8)) if failures else SYNC_SECONDS


async def _tidy(home: Home) -> None:
    """What loads and plans of many lots leave behind is not kept."""
    while True:
        await asyncio.sleep(TIDY_SECONDS)
        if len(home.facts().ledger.lots) >= MANY:
            await asyncio.to_thread(give_back)
