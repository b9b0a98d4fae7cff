"""Real prices of two years, dips planted into them, and a home of a few lots looked at bar by bar."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

from harvest_tui.core.harvest.alert_rules import AlertKind, AlertRules
from harvest_tui.core.harvest.alerts import Alert, AlertState, judge
from harvest_tui.core.harvest.bill import ExpectedBill, expected_bill
from harvest_tui.core.harvest.observations import Background, Observations, background_of, observe
from harvest_tui.core.lots.ledger import Ledger, Lot, Provenance
from harvest_tui.core.portfolio import Portfolio, positions_of
from harvest_tui.core.records import AccountId, Asset, EventId, LotId, Quote
from harvest_tui.core.tax.profile import Profile
from harvest_tui.core.tax.taxpayer import FilingStatus
from harvest_tui.core.tax_days import long_term_on, tax_day

ZONE = ZoneInfo("America/New_York")
KRAKEN, BTC = AccountId("kraken"), Asset("BTC")
BARS_4H = Path(__file__).parents[1] / "core" / "harvest" / "data" / "btc_4h_2024_2025.csv"
PROFILE = Profile(
    status=FilingStatus.SINGLE,
    wages=Decimal(120_000),
    short_gain=Decimal(60_000),
    stated=frozenset({"status", "wages", "short_gain"}),
)


class Bar(NamedTuple):
    """The close of one bar and when it was known."""

    at: datetime
    close: Decimal


class Dip(NamedTuple):
    """Prices that take the place of the real ones from the first bar at or after `begins` on."""

    begins: datetime
    prices: Sequence[str]


def four_hours() -> list[Bar]:
    """BTC every four hours, 2024-01-01 to 2025-12-25."""
    with BARS_4H.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    width = timedelta(hours=4)
    return [
        Bar(datetime.fromisoformat(row["time_utc"]).replace(tzinfo=UTC) + width, Decimal(row["close"])) for row in rows
    ]


def daily() -> list[Bar]:
    """BTC every day of the same two years, from the prices the simulator ships."""
    text = (files("harvest_tui.simulator") / "data" / "prices.csv").read_text("utf-8")
    rows = [row for row in csv.DictReader(text.splitlines()) if row["asset"] == "BTC" and row["date"] >= "2024"]
    width = timedelta(days=1)
    return [Bar(datetime.fromisoformat(row["date"]).replace(tzinfo=UTC) + width, Decimal(row["close"])) for row in rows]


def planted(bars: Sequence[Bar], dips: Iterable[Dip]) -> list[Bar]:
    """The bars with the dips in them."""
    found = list(bars)
    for dip in dips:
        first = next(number for number, bar in enumerate(found) if bar.at >= dip.begins)
        for number, price in enumerate(dip.prices, first):
            found[number] = Bar(found[number].at, Decimal(price))
    return found


def lot(number: int, acquired_at: datetime, quantity: str, cost: str) -> Lot:
    """A lot of BTC at Kraken with a proven basis."""
    return Lot(
        LotId(f"kraken:{number}"),
        EventId(f"kraken:{number}"),
        KRAKEN,
        BTC,
        acquired_at,
        long_term_on(acquired_at, ZONE),
        Decimal(quantity),
        Decimal(cost),
        Provenance.PROVEN,
    )


def bill_of(year: int, profile: Profile = PROFILE) -> ExpectedBill:
    """The bill of a year without results of lots."""
    return expected_bill(profile, profile.inputs(year))


class Looker:
    """Observes lots at a price; what does not depend on it is made once a tax day."""

    def __init__(self, lots: Callable[[datetime], Sequence[Lot]], profile: Profile = PROFILE) -> None:
        self._lots = lots
        self._profile = profile
        self._made: tuple[object, Portfolio, Background] | None = None
        self._bills: dict[int, ExpectedBill] = {}

    def at(self, bar: Bar) -> Observations:
        """The home at that bar."""
        day, lots = tax_day(bar.at, ZONE), self._lots(bar.at)
        if self._made is None or self._made[0] != (day, len(lots)):
            if day.year not in self._bills:
                self._bills[day.year] = bill_of(day.year, self._profile)
            ledger = Ledger(lots=tuple(lots))
            portfolio = Portfolio(ledger, positions_of(ledger, day), (), (), {}, bar.at, day)
            background = background_of(portfolio, self._bills[day.year], self._profile, day)
            self._made = (day, len(lots)), portfolio, background
        _, portfolio, background = self._made
        quotes = {key: Quote(key[1], bar.close, bar.at, "kraken BTC/USD") for key in portfolio.positions}
        return observe(portfolio.with_quotes(quotes, bar.at), background, bar.at, ZONE)


def replayed(
    seen: Iterable[Observations], rules: AlertRules, state: AlertState | None = None
) -> Iterator[tuple[Observations, tuple[Alert, ...]]]:
    """Each look with what it told."""
    state = state or AlertState()
    for look in seen:
        state, alerts = judge(state, look, rules)
        yield look, alerts


def times_told(seen: Iterable[Observations], rules: AlertRules, *kinds: AlertKind) -> list[tuple[datetime, AlertKind]]:
    """When alerts of these kinds were told."""
    return [(look.at, alert.kind) for look, alerts in replayed(seen, rules) for alert in alerts if alert.kind in kinds]
