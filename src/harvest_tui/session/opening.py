"""The picture of the last run until the session is open behind it: the first paint waits for no database."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import TYPE_CHECKING

from harvest_tui.core.portfolio import Portfolio
from harvest_tui.core.records import Account, AccountId
from harvest_tui.errors import InputError
from harvest_tui.session import FeedState, SyncPhase, SyncState
from harvest_tui.session.facts import in_use, quotes_of
from harvest_tui.session.snapshot import Picture

if TYPE_CHECKING:
    from harvest_tui.core.lots.explanation import Explanation
    from harvest_tui.session.alerting import Alerting
    from harvest_tui.session.charting import Charts
    from harvest_tui.session.choices import Choices
    from harvest_tui.session.deciding import Decisions
    from harvest_tui.session.harvesting import Harvesting
    from harvest_tui.session.importing import Importing
    from harvest_tui.session.planner import Planner
    from harvest_tui.session.profile_watch import ProfileWatch
    from harvest_tui.session.results import Results
    from harvest_tui.session.run import Session


class Opening:
    """A `SessionView` that shows a picture until `start` has opened the session, and that session from then on.

    What is asked of it meanwhile waits for the session. Where that cannot be opened, `failure` says why.
    """

    def __init__(self, picture: Picture, choices: Callable[[], Choices], now: Callable[[], datetime]) -> None:
        self._picture: Picture | None = picture
        self._choices = choices
        self._now = now
        self._session: Session | None = None
        self._opening: asyncio.Task[Session] | None = None
        facts = picture.facts
        quotes = quotes_of(picture.quotes, facts.positions, facts.exchanges)
        self._portfolio: Portfolio | None = facts.portfolio(now()).with_quotes(MappingProxyType(quotes), now())
        self._accounts = in_use(picture.accounts, picture.rules, facts.tax_day.year)
        self._states = {
            account.account: SyncState(account.account, account.exchange, SyncPhase.WAITING)
            for account in picture.accounts
            if account.exchange
        }
        self.failure: BaseException | None = None

    async def _open(self) -> Session:
        from harvest_tui.session.run import Session

        self._session = await Session.open(await asyncio.to_thread(self._choices), self._picture)
        # A hundred thousand lots twice over would outweigh the rest of the program.
        self._picture = self._portfolio = None
        return self._session

    async def opened(self) -> Session:
        """The session, once it is open. Raises StoreError and the like where the cache cannot be opened."""
        if self._session is not None:
            return self._session
        if self._opening is None:
            self._opening = asyncio.create_task(self._open(), name="open session")
        try:
            return await asyncio.shield(self._opening)
        except Exception as error:
            self.failure = error
            raise

    def _now_open(self) -> Session:
        if self._session is None:
            raise InputError("the cache is still being opened", "press the key again in a moment")
        return self._session

    # What is drawn.

    @property
    def is_read_only(self) -> bool:
        """Not known before the session is open."""
        return self._session is not None and self._session.is_read_only

    @property
    def is_simulated(self) -> bool:
        """Not known before the session is open."""
        return self._session is not None and self._session.is_simulated

    @property
    def facts_version(self) -> int:
        """0 while it is the picture's."""
        return 0 if self._session is None else self._session.facts_version

    @property
    def quotes_version(self) -> int:
        """0 while it is the picture's."""
        return 0 if self._session is None else self._session.quotes_version

    @property
    def status_version(self) -> int:
        """0 while it is the picture's."""
        return 0 if self._session is None else self._session.status_version

    def now(self) -> datetime:
        """The clock, aware UTC."""
        return self._now()

    def portfolio(self) -> Portfolio:
        """The picture's lots and last prices, then the session's."""
        return self._portfolio or self._now_open().portfolio()

    def accounts(self) -> tuple[Account, ...]:
        """The picture's accounts, then the session's."""
        return self._accounts if self._session is None else self._session.accounts()

    def sync_states(self) -> Mapping[AccountId, SyncState]:
        """All waiting, then the session's."""
        return self._states if self._session is None else self._session.sync_states()

    def feeds(self) -> Mapping[str, FeedState]:
        """None, then the session's."""
        return {} if self._session is None else self._session.feeds()

    # What is asked for.

    async def start(self) -> None:
        """Opens the session and starts it."""
        await (await self.opened()).start()

    async def sync(self, account: AccountId | None = None) -> None:
        """As the session does."""
        await (await self.opened()).sync(account)

    def stop_sync(self) -> bool:
        """As the session does; before it is open there is none."""
        return self._session is not None and self._session.stop_sync()

    async def explain(self, name: str) -> Explanation:
        """As the session does."""
        return await (await self.opened()).explain(name)

    @property
    def decisions(self) -> Decisions:
        """As the session's. Raises InputError before it is open."""
        return self._now_open().decisions

    @property
    def importing(self) -> Importing:
        """As the session's. Raises InputError before it is open."""
        return self._now_open().importing

    @property
    def harvesting(self) -> Harvesting:
        """As the session's. Raises InputError before it is open."""
        return self._now_open().harvesting

    @property
    def alerting(self) -> Alerting:
        """As the session's. Raises InputError before it is open."""
        return self._now_open().alerting

    @property
    def charts(self) -> Charts:
        """As the session's. Raises InputError before it is open."""
        return self._now_open().charts

    @property
    def planner(self) -> Planner:
        """As the session's. Raises InputError before it is open."""
        return self._now_open().planner

    @property
    def results(self) -> Results:
        """As the session's. Raises InputError before it is open."""
        return self._now_open().results

    @property
    def profile_watch(self) -> ProfileWatch:
        """As the session's. Raises InputError before it is open."""
        return self._now_open().profile_watch

    async def connect(
        self, exchange: str, account: str, key: str, secret: str, *, allow_trade_key: bool = False
    ) -> Account:
        """As the session does."""
        return await (await self.opened()).connect(exchange, account, key, secret, allow_trade_key=allow_trade_key)

    async def close(self) -> None:
        """Ends the session, if one was opened or is about to be."""
        if self._opening is not None:
            await asyncio.wait([self._opening])
        if self._session is not None:
            await self._session.close()
