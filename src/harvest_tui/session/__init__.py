"""One run of the program: asks exchanges, keeps the store, holds the clock and the latest quotes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple, Protocol

from harvest_tui.core.portfolio import Portfolio
from harvest_tui.core.records import Account, AccountId, Asset

if TYPE_CHECKING:
    from harvest_tui.core.lots.explanation import Explanation
    from harvest_tui.session.alerting import Alerting
    from harvest_tui.session.charting import Charts
    from harvest_tui.session.deciding import Decisions
    from harvest_tui.session.harvesting import Harvesting
    from harvest_tui.session.importing import Importing
    from harvest_tui.session.planner import Planner
    from harvest_tui.session.profile_watch import ProfileWatch
    from harvest_tui.session.results import Results


class SyncPhase(StrEnum):
    """Where an account's sync stands."""

    WAITING = "waiting"
    CONNECTING = "connecting"
    SYNCING = "syncing"
    DONE = "done"
    FAILED = "failed"
    NEEDS_KEY = "needs key"
    STOPPED = "stopped"
    """By hand: no failure, and the next sync goes on from what is stored."""


@dataclass(frozen=True, slots=True)
class SyncState:
    """Progress of one account. `rows` of `expected_rows` (None: not told) in the stream under way;
    `is_first` until one sync has completed; `finished_at` is when the last that succeeded ended, and `rows` are all of
    it once it is done. `message` is for people and says what to do on failure."""

    account: AccountId
    exchange: str
    phase: SyncPhase
    stream: str = ""
    rows: int = 0
    expected_rows: int | None = None
    is_first: bool = False
    finished_at: datetime | None = None
    message: str = ""


class FeedStatus(StrEnum):
    """How prices of one exchange arrive."""

    LIVE = "live"
    POLLING = "polling"
    STALE = "stale"
    OFFLINE = "offline"


class FeedState(NamedTuple):
    """The price feed of one exchange; `last_at` is when the newest price came in, and for what is `unpriced` it was
    asked in vain: it has no market."""

    exchange: str
    status: FeedStatus
    last_at: datetime | None = None
    message: str = ""
    unpriced: tuple[Asset, ...] = ()


class SessionView(Protocol):
    """What the screens may know and ask of the session. Everything is read on a timer, nothing is pushed."""

    @property
    def is_read_only(self) -> bool:
        """Another instance holds the cache; nothing can be synced or connected here."""
        ...

    @property
    def is_simulated(self) -> bool:
        """The exchanges are the simulator's: the screen says so."""
        ...

    @property
    def facts_version(self) -> int:
        """Grows when lots, balances or accounts changed: draw everything anew."""
        ...

    @property
    def quotes_version(self) -> int:
        """Grows when a price changed: draw prices anew."""
        ...

    @property
    def status_version(self) -> int:
        """Grows when a sync or feed state changed."""
        ...

    @property
    def decisions(self) -> Decisions:
        """The user's word on moves and missing basis; each verb derives lots anew."""
        ...

    @property
    def importing(self) -> Importing:
        """Files of trades. Raises InputError before the session is open."""
        ...

    @property
    def harvesting(self) -> Harvesting:
        """Marks, records, tickets and verdicts. Raises InputError before the session is open."""
        ...

    @property
    def alerting(self) -> Alerting:
        """What was told and is watched. Raises InputError before the session is open."""
        ...

    @property
    def charts(self) -> Charts:
        """What charts are drawn from. Raises InputError before the session is open."""
        ...

    @property
    def planner(self) -> Planner:
        """What a harvest would do for the year. Raises InputError before the session is open."""
        ...

    @property
    def results(self) -> Results:
        """What was realized, year by year. Raises InputError before the session is open."""
        ...

    @property
    def profile_watch(self) -> ProfileWatch:
        """The user's own choices and where they are kept. Raises InputError before the session is open."""
        ...

    def now(self) -> datetime:
        """The session's clock, aware UTC."""
        ...

    def portfolio(self) -> Portfolio:
        """The latest facts under the latest quotes. Cheap: costs nothing where nothing changed."""
        ...

    def accounts(self) -> tuple[Account, ...]:
        """Connected and imported accounts."""
        ...

    def sync_states(self) -> Mapping[AccountId, SyncState]:
        """One for each connected account."""
        ...

    def feeds(self) -> Mapping[str, FeedState]:
        """One for each exchange with live prices, by ccxt id."""
        ...

    async def start(self) -> None:
        """Loads the exchange library in a thread, then starts price feeds and the first sync. Returns at once
        after starting; failures become states, never exceptions."""
        ...

    async def sync(self, account: AccountId | None = None) -> None:
        """Syncs one or all accounts and returns when they are done or failed (see `sync_states`)."""
        ...

    def stop_sync(self) -> bool:
        """Ends every sync and search for past prices under way; whether there was one. What came is kept, the next
        sync goes on where this one ended, and the accounts are STOPPED as soon as their clients are closed."""
        ...

    async def explain(self, name: str) -> Explanation:
        """How a lot, or what an event took, came about. Raises InputError where the name means nothing or several."""
        ...

    async def connect(
        self, exchange: str, account: str, key: str, secret: str, *, allow_trade_key: bool = False
    ) -> Account:
        """Reads the key's rights, keeps the key in the keyring and adds the account.

        Raises KeyTooPowerful, KeyRefused, ExchangeUnreachable, InputError, KeyUnavailable: the message is for people.
        """
        ...

    async def close(self) -> None:
        """Ends feeds and syncs and closes the store."""
        ...
