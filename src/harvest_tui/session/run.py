"""Session: one run of the program. Facts are derived here, intent from the screens ends here."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from harvest_tui.core.credentials import Credentials, Secret
from harvest_tui.core.portfolio import Portfolio
from harvest_tui.core.records import Account, AccountId, Asset, Event
from harvest_tui.errors import InputError, ReadOnlyStore
from harvest_tui.session import FeedState, SyncPhase, SyncState
from harvest_tui.session.album import Album
from harvest_tui.session.alerting import Alerting
from harvest_tui.session.charting import Charts
from harvest_tui.session.choices import Choices
from harvest_tui.session.connections import Connections, account_named, check_new
from harvest_tui.session.deciding import Decisions
from harvest_tui.session.facts import Facts, Rules, in_use, load_facts, quotes_of, rules_of
from harvest_tui.session.harvesting import Harvesting
from harvest_tui.session.importing import Importing
from harvest_tui.session.libraries import import_exchange_library
from harvest_tui.session.loading import FactLoader
from harvest_tui.session.past_prices import PastPricesShown
from harvest_tui.session.planner import Planner
from harvest_tui.session.pricing import Pricing, wanted_prices
from harvest_tui.session.profile_watch import ProfileWatch
from harvest_tui.session.quoting import Quoting
from harvest_tui.session.results import Results
from harvest_tui.session.snapshot import Picture, load_picture
from harvest_tui.session.syncing import AccountSync, SyncResult, cached_state
from harvest_tui.session.under_way import UnderWay
from harvest_tui.session.upkeep import keep_up
from harvest_tui.store import Store

if TYPE_CHECKING:
    from harvest_tui.core.lots.explanation import Explanation
    from harvest_tui.session.account_check import AccountCheck
    from harvest_tui.settings import Settings
    from harvest_tui.store import ImportOutcome

_log = logging.getLogger("harvest_tui.session")


class Session:
    """Implements `SessionView` for the screens and the same verbs for commands without a screen."""

    def __init__(self, store: Store, choices: Choices) -> None:
        self._store = store
        self._choices = choices
        self._connections = Connections(store, choices.keys, choices.loopback, choices.clock, choices.pacing)
        self._pricing = Pricing(store, self._connections, choices.clock)
        self._accounts: tuple[Account, ...] = ()
        self._states: dict[AccountId, SyncState] = {}
        self._under_way = UnderWay()
        self._background: set[asyncio.Task[None]] = set()
        self._facts: Facts | None = None
        self._drawn: tuple[int, int, Portfolio] | None = None
        self._quoting = Quoting()
        self._ruled: tuple[Settings, tuple[Account, ...], Rules] | None = None
        self._album = Album(choices.locations, is_ours=store.writable)
        self._loader = FactLoader(store)
        self._facts_lock = asyncio.Lock()
        self.decisions = Decisions(self)
        self.importing = Importing(self)
        self.charts = Charts(self, choices.settings, self._connections)
        self.harvesting = Harvesting(self, choices.settings, self._connections.clock_ahead, self._spawn)
        self.planner = Planner(self, choices.settings, self._spawn)
        self.alerting = Alerting(self, choices.settings)
        self.profile_watch = ProfileWatch(choices.locations, choices.settings, self.take_settings)
        self.results = Results(self)
        self._is_closed = False
        self.is_simulated = bool(choices.loopback.hosts)
        self.facts_version = 0
        self.status_version = 0

    @classmethod
    async def open(cls, choices: Choices, picture: Picture | None = None) -> Session:
        """A session over the home's cache, with the lots as last drawn and the last prices. No network.

        `picture` is what was drawn already, where somebody did: it is kept if the facts have not changed since.
        """
        choices.locations.create()
        session = cls(await Store.open(choices.locations.database), choices)
        try:
            await session._load_cached(picture)
        except BaseException:
            # An open store keeps the process alive: its thread is no daemon.
            await session.close()
            raise
        return session

    @property
    def is_read_only(self) -> bool:
        """Another instance holds the cache."""
        return not self._store.writable

    @property
    def quotes_version(self) -> int:
        """Grows when a price changed."""
        return self._pricing.version

    @property
    def store(self) -> Store:
        """The cache of facts."""
        return self._store

    def now(self) -> datetime:
        """The session's clock, aware UTC."""
        return self._choices.clock()

    def rules(self) -> Rules:
        """How lots are consumed, from settings and accounts."""
        # Asked in every frame, and the machine's time zone is read from a file.
        if self._ruled is None or self._ruled[:2] != (self._choices.settings, self._accounts):
            settings, accounts = self._choices.settings, self._accounts
            self._ruled = settings, accounts, rules_of(settings, accounts)
        return self._ruled[2]

    async def take_settings(self, settings: Settings) -> None:
        """Goes on with other choices of the user; lots are derived anew where those decide over them."""
        before, self._choices = self.rules(), self._choices._replace(settings=settings)
        self.alerting.settings = self.charts.settings = self.harvesting.settings = self.planner.settings = settings
        self.facts_version += 1
        if self.rules() != before:
            await self.reload_facts()

    async def _load_cached(self, picture: Picture | None) -> None:
        self._accounts = tuple(await self._store.accounts())
        for account in self._connected():
            self._states[account.account] = await cached_state(self._store, account)
        await self._pricing.load_cached()
        rules = self.rules()
        picture = picture or load_picture(self._choices.locations, self._choices.settings, self.now())
        if picture is not None and picture.fits(self._store.facts_version, rules, self.now()):
            self._facts = picture.facts
            self._album.found(picture)
        else:
            await self.reload_facts()
        self.facts_version += 1

    def _connected(self) -> list[Account]:
        return [account for account in self._accounts if account.exchange]

    async def reload_facts(self) -> None:
        """Derive lots anew from the stored facts, as far as those changed, and keep the picture for the next start."""
        async with self._facts_lock:
            version, rules = self._store.facts_version, self.rules()
            self._facts = facts = await self._loader.load(rules, self.now())
            self.facts_version += 1
            self._album.keep(Picture(facts, self._accounts, dict(self._pricing.quotes), version, rules))

    def facts(self) -> Facts:
        """Everything derived from stored facts."""
        if self._facts is None:
            raise RuntimeError("a session has facts once it is open")
        return self._facts

    def portfolio(self) -> Portfolio:
        """The latest facts under the latest quotes."""
        key = (self.facts_version, self._pricing.version)
        if self._drawn is None or self._drawn[:2] != key:
            facts, pricing, arrived = self.facts(), self._pricing, self._pricing.taken()
            if self._drawn is not None and self._quoting.stands_on(self.facts_version):
                quotes = self._quoting.take(pricing.quotes, arrived)
            else:
                keys = [*facts.positions, *self.harvesting.watch.to_restore]
                quotes = self._quoting.begin(self.facts_version, pricing.quotes, keys, facts.exchanges)
            self._drawn = (*key, facts.portfolio(self.now()).with_quotes(quotes, self.now()))
        return self._drawn[2]

    def accounts(self) -> tuple[Account, ...]:
        """Connected and imported accounts, with the lot order that holds for each in this tax year."""
        rules = self.rules()
        return in_use(self._accounts, rules, self.now().astimezone(rules.zone).year)

    def sync_states(self) -> Mapping[AccountId, SyncState]:
        """One for each connected account."""
        return self._states

    def feeds(self) -> Mapping[str, FeedState]:
        """One for each exchange with live prices."""
        return self._pricing.states()

    async def start(self) -> None:
        """Load the exchange library in a thread, then start price feeds and syncs."""
        await asyncio.to_thread(import_exchange_library)
        self.planner.is_awake = self._loader.stays_open = True
        self._spawn(self.profile_watch.run(), "profile")
        keep_up(self, self._pricing.reconnect, self._spawn)
        if not self.facts().ledger.disposals:
            self._spawn(self.reload_facts(), "load facts")
        self._pricing.want(self._wanted_prices())
        self._spawn(self.alerting.look_on(self), "look for alerts")
        if self.is_read_only:
            self._spawn(self._follow_writer(), "follow")

    def _spawn(self, work: Coroutine[None, None, None], name: str) -> None:
        task = asyncio.create_task(work, name=name)
        self._background.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._background.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.error("%s ended with %s", task.get_name(), type(error).__name__, exc_info=error)

    async def _follow_writer(self) -> None:
        """A second instance reads what the first one stores."""
        while True:
            await asyncio.sleep(2.0)
            before = self._store.facts_version
            await self._store.refresh_version()
            if self._store.facts_version != before:
                self._accounts = tuple(await self._store.accounts())
                self._states = {one.account: await cached_state(self._store, one) for one in self._connected()}
                self.status_version += 1
                await self.reload_facts()
                self._pricing.want(self._wanted_prices())

    def want_prices(self) -> None:
        """Asks for live prices of everything held or to be bought back."""
        self._drawn = None
        if self._pricing.is_running:
            self._pricing.want(self._wanted_prices())

    def _wanted_prices(self) -> dict[str, frozenset[Asset]]:
        facts = self.facts()
        keys = (*facts.positions, *self.harvesting.watch.to_restore)
        return wanted_prices(keys, facts.exchanges, [account.exchange for account in self._connected()])

    async def sync(self, account: AccountId | None = None) -> None:
        """Sync one or all connected accounts side by side."""
        await self.sync_results(account)

    async def sync_results(self, account: AccountId | None = None) -> list[SyncResult]:
        """As `sync`, with what each account brought."""
        if not self._store.writable:
            raise ReadOnlyStore("another instance is syncing this home", "use that one, or close it first")
        chosen = self._connected()
        if account is not None:
            found = account_named(chosen, account)
            if found is None:
                raise InputError(f"no connected account {account!r}", "see: harvest-tui accounts")
            chosen = [found]
        stops = self._under_way.stops
        results = await asyncio.gather(*(self._sync_and_show(one) for one in chosen))
        if self._under_way.stops == stops:
            await self._fill_missing_prices()
        return list(results)

    def stop_sync(self) -> bool:
        """Ends every sync and search for past prices under way; whether there was one. What came is kept."""
        return self._under_way.stop()

    async def _sync_and_show(self, account: Account) -> SyncResult:
        """Each account's lots are shown as soon as it is done; it does not wait for slower ones."""
        before = self._store.facts_version
        result = await self._sync_one(account)
        if self._store.facts_version != before:
            self._accounts = tuple(await self._store.accounts())
            await self.reload_facts()
            self.want_prices()
        return result

    async def _sync_one(self, account: Account) -> SyncResult:
        def begin() -> AccountSync:
            return AccountSync(self._store, self._connections, account, self._note_state, self._choices.clock)

        return await self._under_way.sync(account.account, begin)

    def _note_state(self, state: SyncState) -> None:
        self._states[state.account] = state
        self.status_version += 1

    async def _fill_missing_prices(self) -> None:
        missing, exchanges = self.facts().missing_prices, [account.exchange for account in self._connected()]
        if not missing or not exchanges:
            return
        with PastPricesShown(self._states, self._note_state, len(missing)) as progress:
            found = await self._under_way.search(self._pricing.fetch_history(missing, exchanges, progress))
        if found:
            await self.reload_facts()

    async def refresh_prices(self) -> None:
        """One round of tickers, kept in the cache, for commands that end right after."""
        await self._pricing.refresh_once(self._wanted_prices())

    async def connect(
        self, exchange: str, account: str, key: str, secret: str, *, allow_trade_key: bool = False, tier: str = ""
    ) -> Account:
        """Read the key's rights, keep the key, add the account."""
        from harvest_tui.exchanges.rights import judge

        self.check_new_account(exchange, account)
        added = Account(AccountId(account), exchange, self.now(), tier=tier)
        credentials = Credentials(Secret(key.strip()), Secret(secret.strip()))
        client = await self._connections.keyed(added, self._connections.strategy(exchange), credentials)
        try:
            rights = judge(await client.rights(), allow_trade_key=allow_trade_key)
        finally:
            await client.close()
        await self._choices.keys.save(account, credentials)
        added = replace(added, rights=rights)
        await self._store.add_account(added)
        self._accounts = tuple(await self._store.accounts())
        self._states[added.account] = SyncState(added.account, exchange, SyncPhase.WAITING, is_first=True)
        self.status_version += 1
        self.facts_version += 1
        return added

    def check_new_account(self, exchange: str, account: str) -> None:
        """Whether such an account could be added, before anybody is asked for a key.

        Raises InputError and ReadOnlyStore where not.
        """
        check_new(exchange, account, self._accounts)
        if not self._store.writable:
            raise ReadOnlyStore("another instance holds this home", "add the account there")

    async def disconnect(self, account: AccountId) -> None:
        """Forget an account, its key and its facts. An imported one has no key: it needs no keyring."""
        if account_named(self._connected(), account):
            await self._choices.keys.forget(account)
        await self._store.remove_account(account)
        self._accounts = tuple(await self._store.accounts())
        self._states.pop(account, None)
        await self.reload_facts()

    async def import_events(
        self, events: Sequence[Event], source: str, source_sha256: str, *, dry_run: bool = False
    ) -> ImportOutcome:
        """Keep the events of a file, all or none, and derive lots anew."""
        outcome = await self._store.import_events(events, source, source_sha256, dry_run=dry_run)
        if outcome.new and not dry_run:
            await self.accounts_changed()
        return outcome

    async def accounts_changed(self) -> None:
        """Read accounts and facts anew after the store was changed from outside."""
        self._accounts = tuple(await self._store.accounts())
        for account in self._connected():
            state = SyncState(account.account, account.exchange, SyncPhase.WAITING, is_first=True)
            self._states.setdefault(account.account, state)
        self.status_version += 1
        await self.reload_facts()

    async def facts_under(
        self, method: str | None = None, scope: str | None = None, as_of: datetime | None = None
    ) -> tuple[Facts, Portfolio]:
        """Facts with all disposals, and the portfolio, under another lot order or at another time.

        A quote newer than that time is not used.
        """
        at = as_of or self.now()
        facts = await load_facts(self._store, self.rules().under(method, scope), at, until=as_of)
        quotes = quotes_of(self._pricing.quotes, facts.positions, facts.exchanges)
        return facts, facts.portfolio(at).with_quotes({key: q for key, q in quotes.items() if q.at <= at}, at)

    async def explain(self, name: str) -> Explanation:
        """The story of a lot or a disposal; InputError where the name means nothing or several."""
        from harvest_tui.session.explaining import load_explanation

        return await load_explanation(self._store, self.rules(), name)

    async def check_account(self, account: Account) -> AccountCheck:
        """What the key may do, and how far our clock is ahead of the exchange's."""
        from harvest_tui.session.account_check import check_account

        return await check_account(self._connections, account)

    def key_origin(self, account: Account) -> str:
        """Where the account's key comes from; never the key."""
        return self._choices.keys.origin(account.account)

    async def close(self) -> None:
        """End feeds and syncs and close the store. A second call does nothing."""
        if self._is_closed:
            return
        self._is_closed = True
        tasks = [*self._background, *self._under_way.tasks()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self.alerting.close()
        await self._pricing.close()
        await self._album.close(self._pricing.quotes)
        await self._connections.close()
        await self._store.close()
