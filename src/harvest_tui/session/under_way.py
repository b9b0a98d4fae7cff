"""The syncs and searches for past prices under way, and their end by hand."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from harvest_tui.core.records import AccountId
from harvest_tui.session.syncing import AccountSync, SyncResult, is_cancelled


class UnderWay:
    """At most one sync an account; who asks for another waits for that one."""

    def __init__(self) -> None:
        self._syncs: dict[AccountId, tuple[AccountSync, asyncio.Task[SyncResult]]] = {}
        self._searches: set[asyncio.Task[bool]] = set()
        self.stops = 0
        """How often all of it was stopped."""

    async def sync(self, account: AccountId, begin: Callable[[], AccountSync]) -> SyncResult:
        """What the account's sync brought: of the one under way, or of a new one."""
        known = self._syncs.get(account)
        if known is None or known[1].done():
            sync = begin()
            known = self._syncs[account] = sync, asyncio.create_task(sync.run(), name=f"sync {account}")
        return await asyncio.shield(known[1])

    async def search(self, work: Coroutine[Any, Any, bool]) -> bool:
        """What the search answers; True where it was stopped, since some prices may have come before."""
        task = asyncio.create_task(work, name="past prices")
        self._searches.add(task)
        task.add_done_callback(self._searches.discard)
        try:
            return await task
        except asyncio.CancelledError:
            if is_cancelled():
                raise
            return True

    def stop(self) -> bool:
        """Ends all of it; whether there was any."""
        self.stops += 1
        syncs = [sync for sync, task in self._syncs.values() if not task.done()]
        for sync in syncs:
            sync.stop()
        for search in self._searches:
            search.cancel()
        return bool(syncs or self._searches)

    def tasks(self) -> list[asyncio.Task[Any]]:
        """All of it, for whoever ends the session."""
        return [*(task for _, task in self._syncs.values()), *self._searches]
