"""Frame: what one drawing of the screen is made of, read from the session on the tick."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from harvest_tui.core.portfolio import Portfolio, PositionKey, Totals
from harvest_tui.core.records import Account, AccountId
from harvest_tui.errors import InputError
from harvest_tui.session import FeedState, FeedStatus, SessionView, SyncState
from harvest_tui.ui.format import age
from harvest_tui.ui.problems import Problem, problems_of_facts, problems_of_world

if TYPE_CHECKING:
    from harvest_tui.session.planner import PlannerView

_QUIET_MARKET = timedelta(minutes=10)
_NO_FEED = timedelta(seconds=60)


class Frame(NamedTuple):
    """Values of one instant. `stale` holds the age of every price that is too old to trust."""

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
    """Reads frames from a session, doing again only what a version says has changed."""

    def __init__(self, session: SessionView) -> None:
        self._session = session
        self._versions = (-1, -1, -1)
        self._totals = Totals()
        self._facts: tuple[Problem, ...] = ()

    def read(self) -> Frame:
        """The frame of this instant."""
        session = self._session
        versions = (session.facts_version, session.quotes_version, session.status_version)
        portfolio, now = session.portfolio(), session.now()
        if versions[:2] != self._versions[:2]:
            self._totals = portfolio.totals()
        if versions[0] != self._versions[0]:
            self._facts = problems_of_facts(portfolio)
        self._versions = versions
        feeds, states = session.feeds(), session.sync_states()
        stale = stale_prices(portfolio, feeds, now)
        return Frame(
            portfolio=portfolio,
            totals=self._totals,
            accounts=session.accounts(),
            sync_states=states,
            feeds=feeds,
            stale=stale,
            problems=problems_of_world(portfolio, feeds, states, stale) + self._facts,
            now=now,
            is_read_only=session.is_read_only,
            is_simulated=session.is_simulated,
            facts_version=versions[0],
            planner=_planned(session),
        )


def _planned(session: SessionView) -> PlannerView | None:
    try:
        return session.planner.view()
    except InputError:
        return None
