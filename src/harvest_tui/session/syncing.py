"""One sync of one account: key, rights, clock, history, balances; every step a state for the screen."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from harvest_tui.core.pages import Page, PageOutcome
from harvest_tui.core.records import Account, AccountId
from harvest_tui.errors import HarvestError, KeyRefused, KeyTooPowerful, KeyUnavailable
from harvest_tui.session import SyncPhase, SyncState
from harvest_tui.session.connections import Connections

if TYPE_CHECKING:
    from harvest_tui.exchanges.client import ExchangeClient
    from harvest_tui.exchanges.history import SyncOutcome
    from harvest_tui.exchanges.strategies.base import Strategy
    from harvest_tui.store import Store

Report = Callable[[SyncState], None]
STOPPED = "stopped: s goes on where it ended"


class SyncResult(NamedTuple):
    """What one sync brought: rows by fate, requests used, streams that failed, and the last state shown."""

    state: SyncState
    new: int = 0
    known: int = 0
    changed: int = 0
    requests: int = 0
    error: HarvestError | None = None


class AccountSync:
    """A sync of one account under way. `run` never raises for troubles of the world: they are the state."""

    def __init__(
        self, store: Store, connections: Connections, account: Account, report: Report, clock: Callable[[], datetime]
    ) -> None:
        self._store = store
        self._connections = connections
        self._account = account
        self._report = report
        self._clock = clock
        self._state = SyncState(account.account, account.exchange, SyncPhase.WAITING)
        self._work: asyncio.Task[SyncResult] | None = None
        self._storing: asyncio.Task[PageOutcome] | None = None
        self._is_stopped = False
        self._rows = 0

    def _show(self, **changes: object) -> None:
        self._state = replace(self._state, **changes)  # type: ignore[arg-type]
        self._report(self._state)

    def stop(self) -> None:
        """Ends it by hand: `run` then returns as soon as the client is closed. A second call does nothing."""
        if not self._is_stopped and self._work is not None:
            self._work.cancel()
        self._is_stopped = True

    async def run(self) -> SyncResult:
        """Sync once from the stored cursors on."""
        cursors = await self._store.cursors(self._account.account)
        last = await last_synced(self._store, self._account.account)
        self._show(phase=SyncPhase.CONNECTING, is_first=last is None, message="", finished_at=last)
        self._work = asyncio.create_task(self._sync(dict(cursors)), name=f"read {self._account.account}")
        if self._is_stopped:
            self._work.cancel()
        try:
            return await self._work
        except asyncio.CancelledError:
            if not self._is_stopped or is_cancelled():
                raise
        return await self._stopped()

    async def _stopped(self) -> SyncResult:
        if self._storing is not None:
            # A page on its way to the disk arrives there: what is shown after the stop must have it.
            await asyncio.wait([self._storing])
        self._show(phase=SyncPhase.STOPPED, stream="", rows=self._rows, expected_rows=None, message=STOPPED)
        return SyncResult(self._state)

    async def _sync(self, cursors: dict[str, str]) -> SyncResult:
        try:
            return await self._connect_and_walk(cursors)
        except (KeyUnavailable, KeyRefused, KeyTooPowerful) as error:
            self._show(phase=SyncPhase.NEEDS_KEY, message=str(error))
            return SyncResult(self._state, error=error)
        except HarvestError as error:
            self._show(phase=SyncPhase.FAILED, message=str(error))
            return SyncResult(self._state, error=error)

    async def _connect_and_walk(self, cursors: dict[str, str]) -> SyncResult:
        strategy = self._connections.strategy(self._account.exchange)
        client = await self._connections.keyed(self._account, strategy)
        try:
            await self._check_rights(client)
            outcome = await self._walk(client, strategy, cursors)
            if outcome.balances is not None:
                await self._store.save_balances(self._account.account, outcome.balances, self._clock())
        finally:
            await client.close()
        return self._finish(outcome)

    async def _check_rights(self, client: ExchangeClient) -> None:
        from harvest_tui.exchanges.rights import judge

        rights = judge(await client.rights(), allow_trade_key=self._account.rights == "trade")
        if rights != self._account.rights:
            self._account = replace(self._account, rights=rights)
            await self._store.update_account(self._account)

    async def _walk(self, client: ExchangeClient, strategy: Strategy, cursors: dict[str, str]) -> SyncOutcome:
        from harvest_tui.exchanges.history import sync_account

        async def keep(page: Page) -> PageOutcome:
            self._storing = asyncio.create_task(self._save(page, strategy))
            return await asyncio.shield(self._storing)

        def progress(stream: str, rows: int, expected: int | None) -> None:
            self._show(phase=SyncPhase.SYNCING, stream=stream, rows=rows, expected_rows=expected)

        return await sync_account(client, strategy, self._account.account, cursors, keep, self._clock(), progress)

    async def _save(self, page: Page, strategy: Strategy) -> PageOutcome:
        outcome = await self._store.save_page(page, strategy.parse_group)
        self._rows += len(page.rows)
        return outcome

    def _finish(self, outcome: SyncOutcome) -> SyncResult:
        errors = [error for _, error in outcome.failed] + ([outcome.stopped] if outcome.stopped else [])
        message = "; ".join(str(error) for error in errors)
        phase = SyncPhase.DONE
        if errors:
            phase = SyncPhase.NEEDS_KEY if isinstance(outcome.stopped, KeyRefused) else SyncPhase.FAILED
        rows = outcome.new + outcome.known + outcome.changed
        at = self._state.finished_at if errors else self._clock()
        self._show(phase=phase, stream="", rows=rows, message=message, is_first=bool(errors), finished_at=at)
        error = errors[0] if errors else None
        return SyncResult(self._state, outcome.new, outcome.known, outcome.changed, outcome.requests, error)


def is_cancelled() -> bool:
    """Whether whoever asks is being ended itself, and not only what it waits for."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


async def cached_state(store: Store, account: Account) -> SyncState:
    """An account before this run has synced it, with the last sync of an earlier one; who only reads never will."""
    phase = SyncPhase.WAITING if store.writable else SyncPhase.DONE
    return SyncState(account.account, account.exchange, phase, finished_at=await last_synced(store, account.account))


async def last_synced(store: Store, account: AccountId) -> datetime | None:
    """When the account was last read to the end: the oldest of its streams counts. None before all of them were."""
    ends = [stream.completed_at for stream in (await store.stream_states(account)).values()]
    known = [end for end in ends if end is not None]
    return min(known) if known and len(known) == len(ends) else None
