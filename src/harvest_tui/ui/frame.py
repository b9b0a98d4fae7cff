"""Frame: what one drawing of the screen is made of, read from the session on the tick."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from harvest_tui.core.portfolio import Portfolio, PositionKey, Totals
from harvest_tui.core.records import Account, AccountId
from harvest_tui.core.running_totals import RunningTotals
from harvest_tui.errors import InputError
from harvest_tui.session import FeedState, FeedStatus, SessionView, SyncState
from harvest_tui.ui.format import age
from harvest_tui.ui.problems import Problem, problems_of_facts, problems_of_world

if TYPE_CHECKING:
    from harvest_tui.session.alerting import Unseen
    from harvest_tui.session.planner import PlannerView

_QUIET_MARKET = timedelta(minutes=10)
_NO_FEED = timedelta(seconds=60)
_LOOK_AGAIN = timedelta(seconds=1)
"""Ages of prices are looked at so often while nothing but prices changes."""


class Frame(NamedTuple):
    """Values of one instant. `stale` holds the age of every price that is too old to trust.

    Sums and words are those of the last beat, a few frames ago at most; `beat` counts these.
    """

    portfolio: Portfolio
    totals: Totals
    accounts: tuple[Account, ...]
    sync_states: Mapping[AccountId, SyncState]
    feeds: Mapping[str, FeedState]
    stale: Mapping[PositionKey, str]
    problems: tuple[Problem, ...]
    now: datetime
    is_read_only: bool
    is_simulated: bool
    facts_version: int
    planner: PlannerView | None = None
    """None before the session is open."""
    beat: int = 0
    unseen: Unseen | None = None
    """Alerts nobody has looked at; None before the session is open."""

    @property
    def year_end(self) -> date:
        """The last day on which a sale counts for this tax year."""
        return date(self.portfolio.tax_day.year, 12, 31)

    @property
    def lot_orders(self) -> tuple[str, ...]:
        """The methods in use, in the order of the accounts."""
        return tuple(dict.fromkeys(account.lot_order.upper() for account in self.accounts))


def stale_prices(portfolio: Portfolio, feeds: Mapping[str, FeedState], now: datetime) -> dict[PositionKey, str]:
    """The age of each held price that should not be trusted: its feed is down, or it is too old."""
    stale = {}
    for key in portfolio.positions:
        quote = portfolio.quotes.get(key)
        if quote is None:
            continue
        feed = feeds.get(portfolio.exchanges.get(key[0], ""))
        is_fed = feed is not None and feed.status in {FeedStatus.LIVE, FeedStatus.POLLING}
        passed = now - quote.at
        if passed > (_QUIET_MARKET if is_fed else _NO_FEED):
            stale[key] = age(passed)
    return stale


class FrameReader:
    """Reads frames from a session, doing again only what has changed.

    Prices are those of the instant. Sums and words, which nobody reads faster, change with every `beat`th frame.
    """

    def __init__(self, session: SessionView, beat: int = 1) -> None:
        self._session = session
        self._frames_a_beat = beat
        self._frames = 0
        self._last: Frame | None = None
        self._facts_version = -1
        self._totals = RunningTotals()
        self._facts: tuple[Problem, ...] = ()
        self._stale: Mapping[PositionKey, str] = {}
        self._looked: tuple[object, datetime] | None = None
        self._world: tuple[object, tuple[Problem, ...]] | None = None

    def read(self) -> Frame:
        """The frame of this instant."""
        session, last = self._session, self._last
        version, portfolio, now = session.facts_version, session.portfolio(), session.now()
        self._frames += 1
        if last is not None and version == last.facts_version and self._frames % self._frames_a_beat:
            return last._replace(portfolio=portfolio, now=now)
        if version != self._facts_version:
            self._facts = problems_of_facts(portfolio)
            self._facts_version = version
        feeds, states = session.feeds(), session.sync_states()
        self._look_for_stale(portfolio, feeds, now)
        self._last = Frame(
            portfolio=portfolio,
            totals=self._totals.of(portfolio),
            accounts=session.accounts(),
            sync_states=states,
            feeds=feeds,
            stale=self._stale,
            problems=self._problems_of_world(portfolio, feeds, states) + self._facts,
            now=now,
            is_read_only=session.is_read_only,
            is_simulated=session.is_simulated,
            facts_version=version,
            planner=_planned(session),
            unseen=_unseen(session),
            beat=self._frames,
        )
        return self._last

    def _look_for_stale(self, portfolio: Portfolio, feeds: Mapping[str, FeedState], now: datetime) -> None:
        seen = self._facts_version, [feed.status for feed in feeds.values()], len(portfolio.quotes)
        last = self._looked
        if last is not None and last[0] == seen and not self._stale and timedelta(0) <= now - last[1] < _LOOK_AGAIN:
            return
        self._looked = seen, now
        stale = stale_prices(portfolio, feeds, now)
        if stale != self._stale:
            self._stale = stale

    def _problems_of_world(
        self, portfolio: Portfolio, feeds: Mapping[str, FeedState], states: Mapping[AccountId, SyncState]
    ) -> tuple[Problem, ...]:
        told = [(feed.exchange, feed.status, feed.message) for feed in feeds.values()]
        seen = self._facts_version, self._session.status_version, told, len(portfolio.quotes), self._stale
        if self._world is None or self._world[0] != seen:
            self._world = seen, problems_of_world(portfolio, feeds, states, self._stale)
        return self._world[1]


def _planned(session: SessionView) -> PlannerView | None:
    try:
        return session.planner.view()
    except InputError:
        return None


def _unseen(session: SessionView) -> Unseen | None:
    try:
        return session.alerting.unseen
    except InputError:
        return None
