"""A session with past prices: figures for charts, made by the real rules from a path that is the same every time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from harvest_tui.core.harvest.closes import days_of_year
from harvest_tui.core.harvest.ladder import ladder
from harvest_tui.core.harvest.levels import levels_of
from harvest_tui.core.harvest.missed import losses_taken, missed_losses
from harvest_tui.core.lots.calendar import Week, weeks_ahead
from harvest_tui.core.lots.holdings import changes_of
from harvest_tui.core.lots.ledger import Lot, Term
from harvest_tui.core.lots.matching import Scope, ledger_of, match_books
from harvest_tui.core.lots.orders import Method, MethodTable
from harvest_tui.core.records import USD, Amount, Asset, Candle, Event, EventId, EventKind
from harvest_tui.core.valuation import NoPrices
from harvest_tui.session.charting import Ladders, LossYear, PricePath
from support.harvest_words import bill_of, person
from support.sample_portfolio import NOW, PRICES, SampleSession

UTC_ZONE = ZoneInfo("UTC")


def path_to(price: str, seed: int, days: int = 365) -> list[Decimal]:
    """Closes of so many days that end near `price`: a walk that the seed alone decides."""
    value, state, found = Decimal(price), seed * 7919 + 17, []
    for _ in range(days):
        state = (state * 1_103_515_245 + 12_345) % 2**31
        value = (value * (1 + Decimal(state % 801 - 395) / 10_000)).quantize(Decimal("0.0001"))
        found.append(value)
    return found[::-1]


def candles_of(asset: Asset, days: int = 365, source: str = "kraken") -> dict[date, Candle]:
    """A daily candle for each of the days before `NOW`."""
    closes = path_to(PRICES.get(asset, "100"), sum(map(ord, asset)) % 97, days)
    first = NOW.date() - timedelta(days=days)
    found = {}
    for number, close in enumerate(closes):
        day = first + timedelta(days=number)
        start = datetime.combine(day, time(), UTC)
        found[day] = Candle(asset, start, 86_400, close, close, close, close, f"{source} {asset}/USD")
    return found


def history_of(lots: Iterable[Lot]) -> list[Event]:
    """A purchase of each lot when it was acquired, and one sale at a loss in April."""
    bought = [
        Event(
            EventId(f"{lot.account}:{number}"),
            lot.account,
            EventKind.TRADE,
            lot.acquired_at,
            sent=Amount(lot.cost_basis, USD),
            received=Amount(lot.quantity, lot.asset),
        )
        for number, lot in enumerate(lots)
        if lot.cost_basis is not None
    ]
    first = bought[0]
    april, june = datetime(2026, 4, 8, 12, tzinfo=UTC), datetime(2026, 6, 18, 12, tzinfo=UTC)
    early = Event(
        EventId(f"{first.account}:early"),
        first.account,
        EventKind.TRADE,
        april,
        sent=Amount(Decimal(30_000), USD),
        received=Amount(Decimal(8), Asset("ETH")),
    )
    late = Event(
        EventId(f"{first.account}:late"),
        first.account,
        EventKind.TRADE,
        june,
        sent=Amount(Decimal(8), Asset("ETH")),
        received=Amount(Decimal(18_400), USD),
    )
    return [*bought, early, late]


@dataclass
class SampleCharts:
    """Answers as the real charts do, from the session's lots and made-up candles; `without` assets have none."""

    session: SampleSession
    without: frozenset[str] = frozenset()
    asked: list[str] = field(default_factory=list)
    fetched: list[list[str]] = field(default_factory=list)
    person: dict[str, Any] = field(default_factory=lambda: {"wages": 150_000, "short_gain": 6000, "long_gain": 9000})

    def _candles(self, asset: Asset) -> dict[date, Candle]:
        return {} if asset in self.without else candles_of(asset)

    async def price(self, asset: Asset) -> PricePath:
        self.asked.append(f"price {asset}")
        lots = [lot for lot in self.session.held.ledger.lots if lot.asset == asset]
        days = tuple(NOW.date() - timedelta(days=back) for back in range(365, 0, -1))
        return PricePath(asset, self._candles(asset), levels_of(lots, UTC_ZONE), days)

    async def losses(self) -> LossYear:
        self.asked.append("losses")
        lots = self.session.held.ledger.lots
        books = _books(history_of(lots) if lots else [])
        days = days_of_year(2026, UTC_ZONE, self.session.now())
        assets = {lot.asset for lot in lots}
        closes = {asset: {day: one.close for day, one in self._candles(asset).items()} for asset in assets}
        sources = ("kraken BTC/USD",) if any(closes.values()) else ()
        taken = losses_taken(ledger_of(books, UTC_ZONE).disposals, 2026, UTC_ZONE)
        return LossYear(missed_losses(changes_of(books.replay), closes, days, taken, 2026), sources)

    async def ladders(self) -> Ladders:
        self.asked.append("ladders")
        bill, short, long = bill_of(person(**self.person), 2026)
        steps = (ladder(bill, short, long, term) for term in (Term.SHORT, Term.LONG))
        return Ladders(2026, *steps, ("Losses carried in from last year are not told: none are counted.",))

    async def calendar(self) -> tuple[Week, ...]:
        self.asked.append("calendar")
        return weeks_ahead(self.session.held)

    async def fetch(self, assets: Iterable[Asset]) -> int:
        self.fetched.append(sorted(assets))
        self.without = frozenset()
        return 365


def _books(events: list[Event]) -> Any:
    return match_books(
        events, methods=MethodTable(Method("fifo")), scope=Scope("account"), zone=UTC_ZONE, values=NoPrices()
    )


@dataclass
class ChartedSession(SampleSession):
    """A sample session whose charts have figures."""

    without: frozenset[str] = frozenset()
    _charts: SampleCharts | None = None

    @property
    def charts(self) -> SampleCharts:  # type: ignore[override]
        """Figures of this session's lots."""
        if self._charts is None:
            self._charts = SampleCharts(self, self.without)
        return self._charts
