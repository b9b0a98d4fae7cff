"""Portfolios and sessions for tests of the screen: made by hand, the same every time, no network."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from harvest_tui.core.lots.explanation import Explanation
from harvest_tui.core.lots.ledger import BasisGap, Ledger, Lot, Mismatch, Provenance, UnmatchedMove, Unpriced
from harvest_tui.core.portfolio import Portfolio, PositionKey, positions_of
from harvest_tui.core.records import Account, AccountId, Asset, Balance, EventId, LotId, Quote
from harvest_tui.errors import HarvestError, InputError
from harvest_tui.session import FeedState, FeedStatus, SyncPhase, SyncState
from harvest_tui.session.alerting import Alerting
from harvest_tui.session.charting import Charts
from harvest_tui.session.harvesting import Harvesting
from harvest_tui.session.planner import Planner
from harvest_tui.session.profile_watch import ProfileWatch
from harvest_tui.session.results import Results

NOW = datetime(2026, 10, 14, 15, 30, tzinfo=UTC)
EXCHANGES = {AccountId("kraken"): "kraken", AccountId("coinbase"): "coinbase", AccountId("binance"): "binance"}

PRICES = {
    "BTC": "61240", "ETH": "2388.4", "SOL": "141.22", "AVAX": "24.1", "DOT": "4.31", "LINK": "13.05", "ADA": "0.392",
    "ATOM": "6.02", "UNI": "7.11", "DOGE": "0.11", "LTC": "66.4", "XRP": "0.521",
}  # fmt: skip

ROWS = (
    ("ETH", "coinbase", "12.4", "38440", 122), ("SOL", "kraken", "180", "31050", 344),
    ("BTC", "kraken", "0.5", "36110", 291), ("ETH", "kraken", "6.00250125", "19820.17", 401),
    ("AVAX", "coinbase", "410", "13120", 88), ("DOT", "binance", "1500", "8600", 530),
    ("LINK", "kraken", "600", "9900", 212), ("ADA", "kraken", "12000", "6100", 61),
    ("ATOM", "coinbase", "420", "3610", 358), ("UNI", "binance", "300", "2950", 190),
    ("DOGE", "binance", "21000", "2700", 140), ("LTC", "kraken", "20", "1510", 700),
    ("XRP", "coinbase", "4000", "1980", 610), ("ETH", "kraken", "3", "4410", 955),
    ("BTC", "coinbase", "0.25000017", "9420.05", 820), ("BTC", "binance", "0.00412", "251.02", 12),
)  # fmt: skip


def one_year_later(day: date) -> date:
    """The first long-term day of units acquired on `day`."""
    try:
        anniversary = day.replace(year=day.year + 1)
    except ValueError:
        anniversary = date(day.year + 1, 2, 28)
    return anniversary + timedelta(days=1)


def make_lot(
    number: int = 1,
    asset: str = "BTC",
    account: str = "kraken",
    quantity: str = "0.5",
    cost_basis: str | None = "36110",
    held_days: int = 291,
    lot_id: str = "",
) -> Lot:
    """A lot held for so many days as of `NOW`."""
    acquired = NOW - timedelta(days=held_days)
    return Lot(
        lot_id=LotId(lot_id or f"{account}:{number}"),
        origin_id=EventId(f"{account}:{number}"),
        account=AccountId(account),
        asset=Asset(asset),
        acquired_at=acquired,
        long_term_on=one_year_later(acquired.date()),
        quantity=Decimal(quantity),
        cost_basis=None if cost_basis is None else Decimal(cost_basis),
        provenance=Provenance.PROVEN if cost_basis is not None else Provenance.UNKNOWN,
    )


def sample_lots() -> tuple[Lot, ...]:
    """Sixteen lots of twelve assets in three accounts, gains and losses, short and long."""
    return tuple(
        make_lot(number, asset, account, quantity, basis, held)
        for number, (asset, account, quantity, basis, held) in enumerate(ROWS, 1)
    )


def many_lots(amount: int, positions: int = 300) -> tuple[Lot, ...]:
    """`amount` lots spread over `positions` assets and three accounts."""
    accounts = ("kraken", "coinbase", "binance")
    return tuple(
        make_lot(
            number,
            f"C{number % positions:03d}",
            accounts[number % positions % 3],
            f"{number % 97 + 1}.{number % 1000:03d}",
            f"{(number * 7919) % 50_000 + 10}.{number % 100:02d}",
            number % 1_000 + 1,
        )
        for number in range(amount)
    )


def quote(asset: str, price: str, at: datetime = NOW, source: str = "kraken") -> Quote:
    """A price made at `at`."""
    return Quote(Asset(asset), Decimal(price), at, f"{source} {asset}/USD")


def quotes_for(lots: Sequence[Lot], prices: Mapping[str, str] = PRICES) -> dict[PositionKey, Quote]:
    """A quote for each position whose asset has a price; unlisted `C...` assets are worth 100 dollars."""
    quotes = {}
    for lot in lots:
        price = prices.get(lot.asset) or ("100" if lot.asset.startswith("C") else None)
        if price is not None:
            quotes[lot.account, lot.asset] = quote(lot.asset, price, source=lot.account)
    return quotes


def make_portfolio(
    lots: Sequence[Lot] | None = None,
    quotes: Mapping[PositionKey, Quote] | None = None,
    *,
    ledger: Ledger | None = None,
    mismatches: tuple[Mismatch, ...] = (),
    balances: tuple[Balance, ...] = (),
) -> Portfolio:
    """A portfolio as of `NOW`."""
    held = sample_lots() if lots is None else tuple(lots)
    facts = replace(ledger, lots=held) if ledger is not None else Ledger(lots=held)
    return Portfolio(
        ledger=facts,
        positions=positions_of(facts, NOW.date()),
        mismatches=mismatches,
        balances=balances,
        quotes=quotes_for(held) if quotes is None else quotes,
        as_of=NOW,
        tax_day=NOW.date(),
        exchanges=EXCHANGES,
    )


def troubled_portfolio() -> Portfolio:
    """The sample with one of every problem the facts can have."""
    btc, kraken, at = Asset("BTC"), AccountId("kraken"), datetime(2024, 3, 5, 9, tzinfo=UTC)
    ledger = Ledger(
        gaps=(BasisGap(kraken, btc, Decimal("0.125"), at, EventId("kraken:L1")),),
        unpriced=(Unpriced(EventId("coinbase:R9"), AccountId("coinbase"), Asset("SOL"), at),),
        unmatched=(
            UnmatchedMove(EventId("binance:D4"), AccountId("binance"), Asset("XRP"), Decimal("510.5"), at, True),
        ),
    )
    mismatch = Mismatch(kraken, Asset("ADA"), Decimal("12250.5"), Decimal("12000"), ("staking rewards not yet synced",))
    lots = (*sample_lots(), make_lot(17, "WEIRD", "kraken", "9000", None, 33))
    return make_portfolio(lots, ledger=ledger, mismatches=(mismatch,))


def sample_accounts() -> tuple[Account, ...]:
    """Three connected accounts and an imported book."""
    added = datetime(2026, 1, 2, tzinfo=UTC)
    rights = {"kraken": "read", "coinbase": "unknown", "binance": "trade"}
    connected = tuple(Account(account, name, added, rights[name], "hifo") for account, name in EXCHANGES.items())
    return (*connected, Account(AccountId("ledger"), "", added, "unknown", "hifo"))


def synced(minutes: int = 2) -> dict[AccountId, SyncState]:
    """Every account done."""
    return {
        account: SyncState(account, name, SyncPhase.DONE, rows=4_210, finished_at=NOW - timedelta(minutes=minutes))
        for account, name in EXCHANGES.items()
    }


def first_sync() -> dict[AccountId, SyncState]:
    """One account half way, one without a known end, one that failed."""
    kraken, coinbase, binance = EXCHANGES
    return {
        kraken: SyncState(kraken, "kraken", SyncPhase.SYNCING, "ledger", 6_350, 10_000, True),
        coinbase: SyncState(coinbase, "coinbase", SyncPhase.SYNCING, "transactions", 1_200, None, True),
        binance: SyncState(
            binance,
            "binance",
            SyncPhase.FAILED,
            message="the key is not accepted; make a new read-only key and connect again",
        ),
    }


def live_feeds() -> dict[str, FeedState]:
    """Every feed live."""
    return {name: FeedState(name, FeedStatus.LIVE, NOW) for name in EXCHANGES.values()}


def mixed_feeds() -> dict[str, FeedState]:
    """One live, one polled, one stale."""
    return {
        "kraken": FeedState("kraken", FeedStatus.LIVE, NOW),
        "coinbase": FeedState("coinbase", FeedStatus.POLLING, NOW - timedelta(seconds=4)),
        "binance": FeedState("binance", FeedStatus.STALE, NOW - timedelta(minutes=12), "the socket is silent"),
    }


@dataclass
class SampleSession:
    """A session whose facts the test sets by hand; it records what the screens ask for."""

    held: Portfolio = field(default_factory=make_portfolio)
    known: tuple[Account, ...] = field(default_factory=sample_accounts)
    states: dict[AccountId, SyncState] = field(default_factory=synced)
    price_feeds: dict[str, FeedState] = field(default_factory=live_feeds)
    clock: datetime = NOW
    is_read_only: bool = False
    is_simulated: bool = False
    facts_version: int = 1
    quotes_version: int = 1
    status_version: int = 1
    refusal: HarvestError | None = None
    started: int = 0
    closed: int = 0
    synced: list[AccountId | None] = field(default_factory=list)
    stopped: int = 0
    connected: list[tuple[str, str, str, str, bool]] = field(default_factory=list)
    stories: dict[str, Explanation] = field(default_factory=dict)
    explained: list[str] = field(default_factory=list)

    @property
    def alerting(self) -> Alerting:
        """None: this session keeps no journal."""
        raise InputError("the cache is still being opened", "press the key again in a moment")

    @property
    def charts(self) -> Charts:
        """None: this session keeps no past prices."""
        raise InputError("the cache is still being opened", "press the key again in a moment")

    @property
    def planner(self) -> Planner:
        """None: this session keeps no books of a year."""
        raise InputError("the cache is still being opened", "press the key again in a moment")

    @property
    def results(self) -> Results:
        """None: this session keeps no sales."""
        raise InputError("the cache is still being opened", "press the key again in a moment")

    @property
    def profile_watch(self) -> ProfileWatch:
        """None: this session has no file of choices."""
        raise InputError("the cache is still being opened", "press the key again in a moment")

    @property
    def harvesting(self) -> Harvesting:
        """None: this session keeps no marks."""
        raise InputError("the cache is still being opened", "press the key again in a moment")

    def now(self) -> datetime:
        """The test's clock."""
        return self.clock

    def portfolio(self) -> Portfolio:
        """What the test set."""
        return self.held

    def accounts(self) -> tuple[Account, ...]:
        """What the test set."""
        return self.known

    def sync_states(self) -> Mapping[AccountId, SyncState]:
        """What the test set."""
        return self.states

    def feeds(self) -> Mapping[str, FeedState]:
        """What the test set."""
        return self.price_feeds

    def price(self, asset: str, price: str, account: str | None = None) -> None:
        """A tick: a new price of the asset, in one account or all."""
        quotes = dict(self.held.quotes)
        for holder, held in self.held.positions:
            if held == asset and account in (None, holder):
                quotes[holder, held] = quote(asset, price, self.clock, holder)
        self.held = self.held.with_quotes(quotes, self.clock)
        self.quotes_version += 1

    def hold(self, portfolio: Portfolio) -> None:
        """New facts."""
        self.held = portfolio
        self.facts_version += 1

    async def start(self) -> None:
        """Counts."""
        self.started += 1

    def stop_sync(self) -> bool:
        """Counts; there is none to be stopped."""
        self.stopped += 1
        return False

    async def sync(self, account: AccountId | None = None) -> None:
        """Records what was asked for."""
        self.synced.append(account)

    async def explain(self, name: str) -> Explanation:
        """The story the test wrote for that lot; InputError where it wrote none."""
        self.explained.append(name)
        await asyncio.sleep(0)
        if name not in self.stories:
            raise InputError(f"no lot or disposal is called {name!r}", "look at the lots")
        return self.stories[name]

    async def connect(
        self, exchange: str, account: str, key: str, secret: str, *, allow_trade_key: bool = False
    ) -> Account:
        """Records what was asked for, and refuses with `refusal` unless the user insists."""
        self.connected.append((exchange, account, key, secret, allow_trade_key))
        if self.refusal is not None and not allow_trade_key:
            raise self.refusal
        added = Account(AccountId(account), exchange, self.clock, "trade" if allow_trade_key else "read")
        self.known = (*self.known, added)
        self.facts_version += 1
        return added

    async def close(self) -> None:
        """Counts."""
        self.closed += 1


def empty_session() -> SampleSession:
    """Nothing connected, nothing imported."""
    return SampleSession(held=make_portfolio(()), known=(), states={}, price_feeds={})


def troubled_session() -> SampleSession:
    """Everything that can be wrong at once."""
    session = SampleSession(
        held=troubled_portfolio(), states=first_sync(), price_feeds=mixed_feeds(), is_simulated=True
    )
    old = NOW - timedelta(minutes=12)
    quotes = {
        key: value._replace(at=old) if key[0] == "binance" else value for key, value in session.held.quotes.items()
    }
    session.held = session.held.with_quotes(quotes, NOW)
    return session
