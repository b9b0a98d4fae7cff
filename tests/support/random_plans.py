"""Random homes to plan for: histories of several accounts, taxpayers, prices and whatever stands around a position."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random
from zoneinfo import ZoneInfo

from harvest_tui.core.harvest.circumstances import Circumstances, Reach
from harvest_tui.core.harvest.order_limits import OrderLimits
from harvest_tui.core.harvest.plan import Occasion, Plan
from harvest_tui.core.harvest.volatility import Volatility
from harvest_tui.core.lots.ledger import Ledger
from harvest_tui.core.lots.matching import match
from harvest_tui.core.lots.orders import Method, MethodTable
from harvest_tui.core.portfolio import Portfolio, PositionKey, positions_of
from harvest_tui.core.records import USD, AccountId, Amount, Asset, Event, EventId, EventKind, NamedLot, Quote
from harvest_tui.core.tax.profile import Profile
from harvest_tui.core.tax.taxpayer import FilingStatus
from harvest_tui.core.tax.year_so_far import YearSoFar, year_so_far

ZONE = ZoneInfo("America/New_York")
ACCOUNTS = (AccountId("kraken"), AccountId("coinbase"), AccountId("cold"))
ASSETS = (Asset("BTC"), Asset("ETH"), Asset("SOL"))


@dataclass(frozen=True)
class RandomHome:
    """A history, and the plan's occasion made of it."""

    events: tuple[Event, ...]
    methods: MethodTable
    occasion: Occasion

    def ledger_with(self, sales: Sequence[Event]) -> Ledger:
        """The history matched with these sales really made."""
        return match([*self.events, *sales], method=self.methods, zone=ZONE)

    def sold(self, plan: Plan) -> Ledger:
        """The history with the plan carried out: at the quotes, less the fee of the profile.

        Lots are named as the marks name them; where the venue's own order holds, one order tells nothing but its units.
        """
        in_order: dict[PositionKey, Decimal] = {}
        sales: list[Event] = []
        for number, mark in enumerate(plan.marks):
            key = mark.lot.account, mark.lot.asset
            if self.occasion.surroundings[key].reach is Reach.IN_ORDER:
                in_order[key] = in_order.get(key, Decimal(0)) + mark.quantity
            else:
                sales.append(self._sale(key, f"plan{number}", mark.quantity, mark.lot.origin_id))
        sales += [self._sale(key, "order", units, None) for key, units in in_order.items()]
        return self.ledger_with(sales)

    def _sale(self, key: PositionKey, name: str, units: Decimal, origin: EventId | None) -> Event:
        account, asset = key
        value = units * self.occasion.portfolio.quotes[key].price
        return Event(
            event_id=EventId(f"{account}:{name}-{asset}"),
            account=account,
            kind=EventKind.TRADE,
            executed_at=self.occasion.portfolio.as_of,
            sent=Amount(units, asset),
            received=Amount(value, USD),
            fee=Amount(value * self.occasion.profile.fee_of(account), USD),
            lots=() if origin is None else (NamedLot(origin, units),),
        )

    def year_after(self, ledger: Ledger) -> YearSoFar:
        """The year of the plan as a ledger tells it."""
        return year_so_far(ledger, self.occasion.profile, self.occasion.so_far.year, ZONE)

    def shuffled(self, seed: int) -> Occasion:
        """The same occasion told in another order."""
        chance = Random(seed)
        events = list(self.events)
        chance.shuffle(events)
        old = self.occasion
        ledger = match(events, method=self.methods, zone=ZONE)
        quotes = dict(sorted(old.portfolio.quotes.items(), reverse=True))
        portfolio = portfolio_of(ledger, old.portfolio.as_of, quotes)
        around = dict(sorted(old.surroundings.items(), reverse=True))
        so_far = year_so_far(ledger, old.profile, old.so_far.year, ZONE)
        return Occasion(portfolio, so_far, old.profile, around, ZONE)


def portfolio_of(ledger: Ledger, as_of: datetime, quotes: dict[PositionKey, Quote]) -> Portfolio:
    """Lots under quotes, without balances."""
    day = as_of.astimezone(ZONE).date()
    return Portfolio(ledger, positions_of(ledger, day), (), (), quotes, as_of, day)


def random_home(seed: int) -> RandomHome:
    """A home whose losses and gains are of the size of what a year can use."""
    chance = Random(seed)
    year = chance.choice((2023, 2024, 2025, 2026, 2026, 2027, 2027))
    as_of = datetime(year, chance.randrange(1, 13), chance.randrange(1, 29), 15, tzinfo=UTC)
    methods = MethodTable(by_account={account: chance.choice(list(Method)) for account in ACCOUNTS})
    events = tuple(_history(chance, as_of))
    ledger = match(events, method=methods, zone=ZONE)
    positions = positions_of(ledger, as_of.astimezone(ZONE).date())
    quotes = {
        key: Quote(key[1], price, as_of, "file")
        for key in positions
        if (price := _price(chance, key[1])) is not None or chance.random() < 0.5
    }
    around = {key: _around(chance, year, methods, key, positions[key].quantity) for key in positions}
    profile = _profile(chance)
    return RandomHome(
        events,
        methods,
        Occasion(
            portfolio_of(ledger, as_of, {key: quote for key, quote in quotes.items() if quote.price is not None}),
            year_so_far(ledger, profile, year, ZONE),
            profile,
            around,
            ZONE,
        ),
    )


def _price(chance: Random, asset: Asset) -> Decimal | None:
    if chance.random() < 0.05:
        return None
    if chance.random() < 0.03:
        return Decimal(0)
    return Decimal(chance.randrange(6_000, 16_000)) * {"BTC": 4, "ETH": 1}.get(asset, Decimal("0.25")) / 4


def _history(chance: Random, as_of: datetime) -> list[Event]:
    events: list[Event] = []
    for number in range(chance.randrange(1, 26)):
        at = as_of - timedelta(days=chance.randrange(1, 800), minutes=chance.randrange(1440))
        events.append(_event(chance, number, at))
    return events


def _event(chance: Random, number: int, at: datetime) -> Event:
    account, asset = chance.choice(ACCOUNTS), chance.choice(ASSETS)
    units = Decimal(chance.randrange(1, 5_000_000)).scaleb(-6)
    price = Decimal(chance.randrange(3_000, 20_000)) * {"BTC": 4, "ETH": 1}.get(asset, Decimal("0.25")) / 4
    worth = (units * price).quantize(Decimal("0.01"))
    event = Event(EventId(f"{account}:e{number}"), account, EventKind.TRADE, at, sequence=number)
    kind = chance.random()
    if kind < 0.62:
        return replace(event, sent=Amount(worth, USD), received=Amount(units, asset), fee=Amount(worth / 250, USD))
    if kind < 0.72:
        return replace(event, sent=Amount(units / 3, asset), received=Amount(worth / 3, USD))
    if kind < 0.80:
        other = chance.choice([one for one in ACCOUNTS if one != account])
        fee = Amount(units / 1000, asset)
        return replace(
            event,
            kind=EventKind.TRANSFER,
            sent=Amount(units / 2, asset),
            counter_account=other,
            fee=fee,
            fee_value=worth / 1000,
        )
    if kind < 0.85:
        return replace(event, kind=EventKind.DEPOSIT, received=Amount(units, asset))
    given = replace(
        event,
        kind=EventKind.GIFT_IN,
        received=Amount(units, asset),
        acquired_at=at - timedelta(days=chance.randrange(1, 900)),
        cost_basis=worth,
        value=(worth * chance.randrange(50, 130) / 100).quantize(Decimal("0.01")),
    )
    return given if kind < 0.94 else replace(given, kind=EventKind.OPENING, value=None)


def _around(chance: Random, year: int, methods: MethodTable, key: PositionKey, held: Decimal) -> Circumstances:
    limits = None
    if chance.random() < 0.5:
        limits = OrderLimits(
            step=chance.choice((None, Decimal("0.0001"), Decimal("0.01"))),
            least_quantity=chance.choice((None, Decimal("0.002"))),
            least_cost=chance.choice((None, Decimal(5), Decimal(2_000))),
        )
    is_bound = year == 2027 and key[0] != "cold"
    return Circumstances(
        reach=Reach.IN_ORDER if is_bound else Reach.ANY,
        lot_order=methods.method(key[0], year).value,
        is_sellable=chance.random() > 0.04,
        limits=limits,
        locked=(held * chance.randrange(1, 11) / 10).quantize(Decimal("0.000001"))
        if chance.random() < 0.2
        else Decimal(0),
        is_mismatched=chance.random() < 0.04,
        wash_sale_rule=chance.random() < 0.04,
        volatility=Volatility(Decimal(chance.randrange(30, 140)).scaleb(-2), 90),
    )


def _money(chance: Random, most: int) -> Decimal | None:
    return None if chance.random() < 0.4 else Decimal(chance.randrange(most * 100)).scaleb(-2)


def _profile(chance: Random) -> Profile:
    wages = chance.choice((None, Decimal(0), Decimal(30_000), Decimal(80_000), Decimal(210_000), Decimal(700_000)))
    knows_next = chance.random() < 0.4
    fees = {"kraken": Decimal("0.0026")} if chance.random() < 0.5 else {}
    signs = [chance.choice((1, 1, -1)) for _ in range(2)]
    gains = [None if (told := _money(chance, 30_000)) is None else told * sign for sign in signs]
    return Profile(
        status=chance.choice(list(FilingStatus)),
        wages=wages,
        interest=_money(chance, 5_000),
        qualified_dividends=_money(chance, 8_000),
        short_gain=gains[0],
        long_gain=gains[1],
        collectibles_gain=_money(chance, 6_000) if chance.random() < 0.2 else None,
        carry_short=_money(chance, 9_000) if chance.random() < 0.4 else None,
        carry_long=_money(chance, 9_000) if chance.random() < 0.4 else None,
        planned_short_gain=_money(chance, 20_000) if chance.random() < 0.3 else None,
        planned_long_gain=_money(chance, 20_000) if chance.random() < 0.3 else None,
        next_short_gain=_money(chance, 20_000) if knows_next else None,
        next_long_gain=Decimal(4_000) if knows_next else None,
        later_rate=Decimal("0.15") if chance.random() < 0.3 else None,
        state_rate=chance.choice((Decimal(0), Decimal("0.05"))),
        state_allows_carryover=chance.random() < 0.6,
        fees=fees,
        wait_days=chance.choice((0, 0, 1, 31)),
    )
