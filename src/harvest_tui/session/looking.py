"""Looking for alerts beside the screen as prices, lots and days change; once a day the closes they are judged by."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple, Protocol

from harvest_tui.core.harvest.closes import daily_closes, end_of
from harvest_tui.core.harvest.observations import RebuyClock
from harvest_tui.core.lots.kept import KeptLots
from harvest_tui.core.records import USD, AccountId, Asset
from harvest_tui.errors import HarvestError
from harvest_tui.session import SyncPhase, SyncState
from harvest_tui.session.home import Home
from harvest_tui.session.past_prices import PAST_PRICES

if TYPE_CHECKING:
    from harvest_tui.core.records import Balance
    from harvest_tui.session.alerting import Alerting
    from harvest_tui.session.charting import Charts
    from harvest_tui.session.harvesting import Harvesting
    from harvest_tui.store.alert_book import Announced

_SOON = 15
"""So many times as often is glanced whether a first look can be taken."""
_PATIENCE_SECONDS = 60.0
"""So long is waited for syncs and prices at the start; then what is known is looked at."""
_PAST_PRICES_SECONDS = 20.0
"""So long a basis that a past price may still tell is waited for; some are never found."""
_SHARE = 20.0
"""And not before so many times as long as the last look took: keys and prices come first."""
_ANYWAY = timedelta(minutes=5)
"""Time alone makes prices old, turns lots long-term and ends a snooze: a look is due that often though nothing came."""
_FRESH = timedelta(minutes=10)
_CLOSES_AFTER_SECONDS = 30.0
_CLOSES_AGAIN_SECONDS = 600.0
_BUSY = {SyncPhase.WAITING, SyncPhase.CONNECTING, SyncPhase.SYNCING, SyncPhase.STOPPED}
"""Who was stopped is no more at the end of its history than who is still reading."""

_log = logging.getLogger("harvest_tui.session")


class WatchedHome(Home, Protocol):
    """A home with its syncs, charts and harvests."""

    @property
    def harvesting(self) -> Harvesting:
        """Verdicts and rebuys."""
        ...

    @property
    def charts(self) -> Charts:
        """Past prices."""
        ...

    def sync_states(self) -> Mapping[AccountId, SyncState]:
        """One for each connected account."""
        ...


class _Looked(NamedTuple):
    """What a look was taken at."""

    facts: int
    prices: int
    wishes: int
    day: date
    are_balances_settled: bool


class Looking:
    """Decides when a look is worth it. It waits for the first sync, since half a history tells of losses that are
    none, and, at the start and not for long, for fresh prices. Later syncs hold up no look, but until one is done, and
    lots are derived of what it stored, no balance is held against them."""

    def __init__(self, home: WatchedHome, alerting: Alerting, clock: Callable[[], float] = time.monotonic) -> None:
        self._home = home
        self._alerting = alerting
        self._clock = clock
        self._began = clock()
        self._looked: _Looked | None = None
        self._looked_at: datetime | None = None
        self._took = 0.0
        self._clocks: tuple[RebuyClock, ...] = ()
        self._stored: frozenset[Balance] = frozenset()

    async def look(self) -> tuple[Announced, ...]:
        """What is told now; nothing where no look is due or none can be taken."""
        if not self._is_ready():
            return ()
        self._stored = frozenset(await self._home.store.balances())
        if not self._is_due():
            return ()
        looked, at, began = self._seen_now(), self._home.now(), self._clock()
        self._clocks = await rebuy_clocks(self._home.harvesting)
        told = await self._alerting.check(self._clocks, self._are_balances_settled)
        self._looked, self._looked_at = looked._replace(wishes=self._alerting.version), at
        self._took = self._clock() - began
        return told

    @property
    def seconds(self) -> float:
        """How long until it makes sense to ask again."""
        seconds = self._alerting.seconds_between_looks
        return seconds / _SOON if self._looked is None else max(seconds, _SHARE * self._took)

    def _seen_now(self) -> _Looked:
        home = self._home
        day = home.now().astimezone(home.rules().zone).date()
        is_settled = self._are_balances_settled()
        return _Looked(home.facts_version, home.quotes_version, self._alerting.version, day, is_settled)

    def _are_balances_settled(self) -> bool:
        """Whether lots and balances are of the same moment: no sync is storing rows, and lots were derived since the
        last one stored its balances, which it does after all rows."""
        states = self._home.sync_states().values()
        is_storing = any(state.phase in _BUSY and state.stream != PAST_PRICES for state in states)
        return not is_storing and self._stored == frozenset(self._home.facts().balances)

    def _is_ready(self) -> bool:
        home = self._home
        if isinstance(home.facts().ledger.lots, KeptLots):
            return False  # the picture of the last run has no sales in it: the year is not known yet
        busy = [state for state in home.sync_states().values() if state.phase in _BUSY]
        if any(state.is_first or state.stream == PAST_PRICES for state in busy):
            self._began = self._clock()
            return self._looked is not None and not any(state.is_first for state in busy)
        waited = self._clock() - self._began
        if self._looked is not None or waited >= _PATIENCE_SECONDS:
            return True
        if home.facts().missing_prices and waited < _PAST_PRICES_SECONDS:
            return False
        return not busy and self._is_priced()

    def _is_priced(self) -> bool:
        portfolio, now = self._home.portfolio(), self._home.now()
        return all(key in portfolio.quotes and now - portfolio.quotes[key].at < _FRESH for key in portfolio.positions)

    def _is_due(self) -> bool:
        before, at, now, seen = self._looked, self._looked_at, self._home.now(), self._seen_now()
        if before is None or at is None or abs(now - at) >= _ANYWAY:
            return True
        # That a sync has begun is nothing to look at; that it is done is.
        if before != seen._replace(are_balances_settled=seen.are_balances_settled or before.are_balances_settled):
            return True
        return any(at < clock.ends_at <= now for clock in self._clocks)


async def rebuy_clocks(harvesting: Harvesting) -> tuple[RebuyClock, ...]:
    """The waits before a rebuy that the user chose, each until everything is bought back."""
    waits = await harvesting.waits()
    if not waits:
        return ()
    judged = await harvesting.judged(waits)
    return tuple(
        RebuyClock(f"{one.record} {one.account} {one.asset}", one.account, one.asset, one.left, one.ends_at)
        for one in judged.rebuys
        if one.wait and one.left
    )


class DailyCloses:
    """Once a day, after the first sync: the closes of the last year that are missing, for how much each asset moves."""

    def __init__(self, home: WatchedHome) -> None:
        self._home = home
        self._asked: dict[Asset, date] = {}

    async def fetch(self) -> int:
        """How many closes came; 0 where none is missing, nobody can be asked or the first sync is not done."""
        home = self._home
        states = home.sync_states().values()
        if not home.store.writable or not states or any(state.phase in _BUSY for state in states):
            return 0
        today = home.now().astimezone(UTC).date()
        wanted = [asset for asset in await self._missing(today) if self._asked.get(asset) != today]
        if not wanted:
            return 0
        found = await home.charts.fetch(wanted)
        self._asked.update(dict.fromkeys(wanted, today))
        if found:
            home.facts_version += 1  # how much an asset moves is read with the facts
        return found

    async def _missing(self, today: date) -> list[Asset]:
        """The assets held of which yesterday's close is not kept."""
        home, last = self._home, today - timedelta(days=1)
        missing = []
        for asset in dict.fromkeys(asset for _, asset in home.facts().positions if asset != USD):
            candles = await home.store.candles(asset, end_of(last - timedelta(days=1)), end_of(last))
            if last not in daily_closes(candles, home.now()):
                missing.append(asset)
        return missing


async def look_on(home: WatchedHome, alerting: Alerting) -> None:
    """Looks, and fetches closes, until it is cancelled; what the world refuses is tried again later."""
    await asyncio.gather(_look_again(Looking(home, alerting)), _fetch_again(DailyCloses(home)))


async def _look_again(looking: Looking) -> None:
    while True:
        await asyncio.sleep(looking.seconds)
        try:
            await looking.look()
        except (HarvestError, ValueError) as error:
            _log.error("alerts: %s", error)


async def _fetch_again(closes: DailyCloses) -> None:
    await asyncio.sleep(_CLOSES_AFTER_SECONDS)
    while True:
        try:
            await closes.fetch()
        except HarvestError as error:
            _log.warning("daily closes: %s", error)
        await asyncio.sleep(_CLOSES_AGAIN_SECONDS)
