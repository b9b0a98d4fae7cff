"""Units that left and never arrived are disposed of: the price of that hour is asked for, and used once it is kept."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

from harvest_tui.core.lots.transfers import PairChoices
from harvest_tui.core.records import USD, AccountId, Amount, Asset, Candle, Event, EventId, EventKind
from harvest_tui.core.valuation import PriceHistory, hours_of_withdrawals
from harvest_tui.session.facts import derive, rules_of
from harvest_tui.settings import Settings

BTC = Asset("BTC")
HOUR = datetime(2026, 3, 4, 15, tzinfo=UTC)
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
RULES = rules_of(Settings(timezone="UTC"), ())


def event(account: str, name: str, kind: EventKind, at: datetime, **told: Amount) -> Event:
    return Event(EventId(f"{account}:{name}"), AccountId(account), kind, at, **told)


EVENTS = [
    event("a", "b", EventKind.TRADE, datetime(2025, 1, 2, tzinfo=UTC),
          sent=Amount(Decimal(2000), USD), received=Amount(Decimal(2), BTC)),
    event("a", "w", EventKind.WITHDRAWAL, HOUR.replace(minute=20), sent=Amount(Decimal("1.5"), BTC)),
    event("b", "d", EventKind.DEPOSIT, HOUR.replace(minute=50), received=Amount(Decimal("1.1"), BTC)),
]  # fmt: skip
PAIRS = PairChoices(confirmed={EventId("a:w"): EventId("b:d")})


def test_the_hour_of_units_that_never_arrived_is_asked_for() -> None:
    facts = derive(EVENTS, [], [], PriceHistory(()), RULES, NOW, PAIRS)
    assert facts.missing_prices == ((BTC, HOUR),)
    assert derive(EVENTS, [], [], PriceHistory(()), RULES, NOW).missing_prices == ()


def test_a_kept_price_of_that_hour_gives_their_proceeds() -> None:
    assert list(hours_of_withdrawals(EVENTS)) == [(BTC, HOUR)]
    price = Decimal(3000)
    candle = Candle(BTC, HOUR, 3600, price, price, price, price, "kraken BTC/USD")
    facts = derive(EVENTS, [], [], PriceHistory([candle]), RULES, NOW, PAIRS)
    [part] = facts.ledger.disposals
    assert (part.quantity, part.proceeds, part.cost_basis) == (Decimal("0.4"), Decimal(1200), Decimal(400))
    assert facts.missing_prices == ()
